//! The optimiser's pass: weights, gradient and moments, each read and written once.

use super::Lanes;
use super::lanes::NATIVE;
use wide::{f32x4, f32x8, f32x16};

/// What an optimiser does to one weight that remembers `M` moments: `(w, gradient, moments) → w`.
pub trait Rule<const M: usize> {
    /// The new weight; the new moments replace the old ones.
    fn apply<V: Lanes>(&self, w: V, gradient: V, moments: &mut [V; M]) -> V;
}

/// One pass of `rule` along the gradient `g`. All slices have the length of `w`; the shortest decides.
#[inline]
pub fn update<const M: usize, R: Rule<M>>(rule: &R, w: &mut [f32], g: &[f32], moments: [&mut [f32]; M]) {
    match (NATIVE, w.len()) {
        (1, _) => pass::<f32, 1, M, R>(rule, w, g, moments),
        (4, _) | (_, ..=4) => pass::<f32x4, 4, M, R>(rule, w, g, moments),
        (8, _) | (_, ..=8) => pass::<f32x8, 8, M, R>(rule, w, g, moments),
        _ => pass::<f32x16, 16, M, R>(rule, w, g, moments),
    }
}

#[inline(always)]
fn pass<V: Lanes, const L: usize, const M: usize, R: Rule<M>>(
    rule: &R,
    w: &mut [f32],
    g: &[f32],
    moments: [&mut [f32]; M],
) {
    let mut moments = moments.map(|m| m.chunks_mut(L));
    for (w, g) in w.chunks_mut(L).zip(g.chunks(L)) {
        let mut slots: [&mut [f32]; M] = moments.each_mut().map(|m| m.next().unwrap_or_default());
        let mut vectors: [V; M] = slots.each_ref().map(|m| V::load(m));
        rule.apply(V::load(w), V::load(g), &mut vectors).store(w);
        for (slot, vector) in slots.iter_mut().zip(vectors) {
            vector.store(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Follow;
    impl Rule<2> for Follow {
        fn apply<V: Lanes>(&self, w: V, g: V, [m, v]: &mut [V; 2]) -> V {
            *m = *m + g;
            *v = *v + g * g;
            w - *m + *v
        }
    }

    #[test]
    fn every_length_is_covered() {
        for n in 0..68_usize {
            let (mut w, mut m, mut v) = ([1.0; 68], [2.0; 68], [3.0; 68]);
            let g: [f32; 68] = core::array::from_fn(|i| i as f32);
            update(&Follow, &mut w[..n], &g[..n], [&mut m[..n], &mut v[..n]]);
            for i in 0..68 {
                let g = g[i];
                let expected =
                    if i < n { (1.0 - (2.0 + g) + (3.0 + g * g), 2.0 + g, 3.0 + g * g) } else { (1.0, 2.0, 3.0) };
                assert_eq!((w[i], m[i], v[i]), expected, "length {n}, element {i}");
            }
        }
    }
}

//! The optimiser's pass: weights, gradient and moments, each read and written once.

use super::Lanes;
use super::lanes::NATIVE;
use wide::{f32x4, f32x8, f32x16};

/// What an optimiser does to one weight that remembers `M` moments: `(w, gradient, moments) → w`.
pub trait Rule<const M: usize> {
    /// The new weight; the new moments replace the old ones.
    fn apply<V: Lanes>(&self, w: V, gradient: V, moments: &mut [V; M]) -> V;
}

/// One pass of `rule` along the gradient `g`. All slices have the length of `w`.
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
pub(super) fn pass<V: Lanes, const L: usize, const M: usize, R: Rule<M>>(
    rule: &R,
    w: &mut [f32],
    g: &[f32],
    moments: [&mut [f32]; M],
) {
    let body = w.len() - w.len() % L;
    let (w, w_tail) = w.split_at_mut(body);
    let (g, g_tail) = g.split_at_checked(body).unwrap_or_default();
    let mut tails = moments.map(|m| m.split_at_mut_checked(body).unwrap_or_default());
    let mut bodies = tails.each_mut().map(|(m, _)| m.as_chunks_mut::<L>().0.iter_mut());
    for (w, g) in w.as_chunks_mut::<L>().0.iter_mut().zip(g.as_chunks::<L>().0) {
        step::<V, M, R>(rule, w, g, bodies.each_mut().map(|m| m.next().map_or(&mut [][..], |m| m)));
    }
    if !w_tail.is_empty() {
        step::<V, M, R>(rule, w_tail, g_tail, tails.map(|(_, tail)| tail));
    }
}

/// One vector.
#[inline(always)]
fn step<V: Lanes, const M: usize, R: Rule<M>>(rule: &R, w: &mut [f32], g: &[f32], mut moments: [&mut [f32]; M]) {
    let mut vectors: [V; M] = moments.each_ref().map(|m| V::load(m));
    rule.apply(V::load(w), V::load(g), &mut vectors).store(w);
    for (slot, vector) in moments.iter_mut().zip(vectors) {
        vector.store(slot);
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

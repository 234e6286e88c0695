//! The optimiser's pass: reads and writes each weight, gradient and moment once.

use super::lanes::NATIVE;
use super::machine::{self, Machine, dispatch};
use super::{Lanes, part_of_callers, written_out};

mod adam;
pub mod one_lane;
pub use adam::{Adam, flush, flush_square};

/// An optimiser's rule for one weight with `M` moments: `(w, gradient, moments) → w`.
pub trait Rule<const M: usize>: Clone {
    /// Returns the new weight, and replaces the moments by the new ones.
    fn apply<V: Lanes>(&self, w: V, gradient: V, moments: &mut [V; M]) -> V;

    /// The same, if neither the square of the gradient nor a mean of such squares can overflow. A gradient of 0 may have
    /// either sign here, and is positive elsewhere.
    #[inline(always)]
    fn apply_tame<V: Lanes>(&self, w: V, gradient: V, moments: &mut [V; M]) -> V {
        self.apply(w, gradient + w.splat(0.0), moments)
    }
}

/// The gradient of adjacent weights: value `i · b.len() + j` is `a[i] · b[j]`.
///
/// The gradient of one sample is such a product, and need not be stored. Any other gradient has `a = [1]`, and is made
/// `from` a slice.
#[derive(Clone, Copy)]
pub struct Gradient<'a> {
    /// A factor per row.
    pub a: &'a [f32],
    /// A factor per column.
    pub b: &'a [f32],
}

/// Number of values that are copied at a time.
pub const PIECE: usize = 64;

impl Gradient<'_> {
    /// The number of weights.
    pub fn count(&self) -> usize {
        self.a.len() * self.b.len()
    }

    /// Calls `visit` with copies of some values at a time, and the index of the first of them. The copies may be changed.
    #[inline]
    pub fn pieces(&self, mut visit: impl FnMut(usize, &mut [f32])) {
        let (mut piece, mut place) = ([0.0; PIECE], 0);
        for a in self.a {
            for b in self.b.chunks(PIECE) {
                let values = piece.get_mut(..b.len()).unwrap_or_default();
                // Rounded as in `step`.
                values.iter_mut().zip(b).for_each(|(value, b)| *value = a * b + 0.0);
                visit(place, values);
                place += b.len();
            }
        }
    }
}

impl<'a> From<&'a [f32]> for Gradient<'a> {
    #[inline(always)]
    fn from(b: &'a [f32]) -> Self {
        Gradient { a: &[1.0], b }
    }
}

impl<'a, const N: usize> From<&'a [f32; N]> for Gradient<'a> {
    #[inline(always)]
    fn from(b: &'a [f32; N]) -> Self {
        b.as_slice().into()
    }
}

/// Up to this many weights are treated as one row. Short rows would leave vectors half empty, and each would take a square
/// root and a division of its own.
const FEW: usize = 16;

/// Whether the weights are treated as one row.
#[inline(always)]
fn is_one_row(gradient: Gradient<'_>) -> bool {
    NATIVE > 1 && gradient.a.len() > 1 && gradient.count() <= FEW
}

part_of_callers! { inline;
    /// One pass of `rule` along a gradient of weights that belong to a tensor of `length` numbers. `w` and the moments must have
    /// as many values as the gradient.
    pub fn update<const M: usize, R: Rule<M>>(
        rule: &R,
        length: usize,
        w: &mut [f32],
        gradient: Gradient<'_>,
        moments: [&mut [f32]; M],
    ) {
        let columns = if is_one_row(gradient) { gradient.count() } else { gradient.b.len() };
        dispatch!(machine if length > machine::FEW => update_on(machine, columns, rule, w, gradient, moments))
    }
}

#[inline(always)]
fn update_on<C: Machine, const M: usize, R: Rule<M>>(
    machine: C,
    columns: usize,
    rule: &R,
    w: &mut [f32],
    gradient: Gradient<'_>,
    moments: [&mut [f32]; M],
) {
    match columns {
        _ if const { C::LANES == 1 } => one_lane::update_all(rule, w, gradient, moments),
        9.. if const { C::LANES == 16 } => rows::<C::V16, 16, M, R>(machine, rule, w, gradient, moments),
        5.. if const { C::LANES >= 8 } => rows::<C::V8, 8, M, R>(machine, rule, w, gradient, moments),
        _ => rows::<C::V4, 4, M, R>(machine, rule, w, gradient, moments),
    }
}

#[inline(always)]
pub(super) fn rows<V: Lanes, const L: usize, const M: usize, R: Rule<M>>(
    machine: V::Machine,
    rule: &R,
    w: &mut [f32],
    gradient: Gradient<'_>,
    mut moments: [&mut [f32]; M],
) {
    // The compiler keeps a copy in registers. The original might change with each store to the weights, as far as it knows.
    let rule = &rule.clone();
    if is_one_row(gradient) {
        let [a, b] = factors(gradient);
        let a = |i: usize| V::load(machine, a.get(i * L..).unwrap_or_default());
        return row::<V, L, M, R>(machine, rule, w, a, b.get(..gradient.count()).unwrap_or_default(), moments);
    }
    let mut place = 0..gradient.b.len();
    for a in gradient.a {
        let Some(w) = w.get_mut(place.clone()) else { return };
        let moments = moments.each_mut().map(|m| m.get_mut(place.clone()).unwrap_or_default());
        row::<V, L, M, R>(machine, rule, w, |_| V::broadcast(machine, *a), gradient.b, moments);
        place = place.end..place.end + gradient.b.len();
    }
}

/// Returns the two factors of each value of a gradient of at most `FEW` values.
#[inline(always)]
fn factors(gradient: Gradient<'_>) -> [[f32; FEW]; 2] {
    // The rest of the first factors may be anything, because it meets a padding of zeros.
    let mut factors = [[1.0; FEW]; 2];
    let [first, second] = &mut factors;
    let mut places = first.iter_mut().zip(second);
    for a in gradient.a {
        // `places` comes second: otherwise `zip` would drop a place each time `b` ends.
        for (b, (first, second)) in gradient.b.iter().zip(&mut places) {
            (*first, *second) = (*a, *b);
        }
    }
    factors
}

/// Updates adjacent weights; `a(i)` is the first factor of the gradient of vector `i`.
#[inline(always)]
fn row<V: Lanes, const L: usize, const M: usize, R: Rule<M>>(
    machine: V::Machine,
    rule: &R,
    w: &mut [f32],
    a: impl Fn(usize) -> V,
    b: &[f32],
    moments: [&mut [f32]; M],
) {
    // Less than a vector needs no loop. The compiler then sees what a small net has just stored, and need not load it.
    if w.len() < L {
        return step::<V, M, R>(machine, rule, w, a(0), b, moments);
    }
    let (w, w_tail) = w.as_chunks_mut::<L>();
    let (b, b_tail) = b.as_chunks::<L>();
    // All slices have the same length, so that the compiler checks one index for all.
    let count = w.len();
    let Some(b) = b.get(..count) else { return };
    let mut moments = moments.map(|m| m.as_chunks_mut::<L>());
    // Written out here and below, so that the compiler knows the lengths before it looks at the loop.
    let mut bodies = [const { None }; M];
    written_out!(m in M {
        let Some(chunks) = core::mem::take(&mut moments[m].0).get_mut(..count) else { return };
        bodies[m] = Some(chunks);
    });
    for i in 0..count {
        let (Some(w), Some(b)) = (w.get_mut(i), b.get(i)) else { return };
        let gradient = product(a(i), V::load(machine, b));
        let mut vectors = [gradient; M];
        written_out!(m in M {
            let Some(chunk) = bodies[m].as_ref().and_then(|chunks| chunks.get(i)) else { return };
            vectors[m] = V::load(machine, chunk);
        });
        rule.apply(V::load(machine, w), gradient, &mut vectors).store(w);
        written_out!(m in M {
            let Some(chunk) = bodies[m].as_mut().and_then(|chunks| chunks.get_mut(i)) else { return };
            vectors[m].store(chunk);
        });
    }
    if !w_tail.is_empty() {
        step::<V, M, R>(machine, rule, w_tail, a(count), b_tail, moments.map(|(_, tail)| tail));
    }
}

/// Updates one vector of weights.
#[inline(always)]
fn step<V: Lanes, const M: usize, R: Rule<M>>(
    machine: V::Machine,
    rule: &R,
    w: &mut [f32],
    a: V,
    b: &[f32],
    mut moments: [&mut [f32]; M],
) {
    let gradient = product(a, V::load(machine, b));
    let mut vectors: [V; M] = moments.each_ref().map(|m| V::load(machine, m));
    rule.apply(V::load(machine, w), gradient, &mut vectors).store(w);
    for (slot, vector) in moments.iter_mut().zip(vectors) {
        vector.store(slot);
    }
}

/// Returns a · b, rounded like a sum that starts at 0, which turns −0 into 0.
#[inline(always)]
fn product<V: Lanes>(a: V, b: V) -> V {
    a.mul_add(b, a.splat(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
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
            update(&Follow, n, &mut w[..n], g[..n].into(), [&mut m[..n], &mut v[..n]]);
            for i in 0..68 {
                let g = g[i];
                let expected =
                    if i < n { (1.0 - (2.0 + g) + (3.0 + g * g), 2.0 + g, 3.0 + g * g) } else { (1.0, 2.0, 3.0) };
                assert_eq!((w[i], m[i], v[i]), expected, "length {n}, element {i}");
            }
        }
    }
}

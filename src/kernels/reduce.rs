//! Sums and extremes of slices.
//!
//! The order of a sum: value `i` goes to partial sum `i mod 16`, each starting at 0; then the partial sums are added by
//! halves (8 + 8, 4 + 4, 2 + 2, 1 + 1). This order is the same on every target.

use super::elementwise::Zip;
use super::four::Four;
use super::lanes::NATIVE;
use super::machine::{Build, FEW, Machine, dispatch};
use super::{Lanes, no_unrolling, part_of_callers};

const PARTIAL: usize = 16;
const INDICES: [f32; PARTIAL] = [0., 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12., 13., 14., 15.];

part_of_callers! { inline;
    /// The sum of `f(x[i], y[i])`, as far as the shorter slice goes.
    pub fn sum<F: Zip>(f: &F, x: &[f32], y: &[f32]) -> f32 {
        dispatch!(machine if x.len() > FEW => sum_on(machine, f, x, y))
    }

    /// The largest value; −∞ if the slice is empty. NaN is ignored unless it comes first. If the largest values are +0 and −0,
    /// it returns either.
    pub fn max(x: &[f32]) -> f32 {
        dispatch!(machine if x.len() > FEW => max_on(machine, x))
    }
}

#[inline(always)]
fn sum_on<M: Machine, F: Zip>(machine: M, f: &F, x: &[f32], y: &[f32]) -> f32 {
    match const { M::LANES } {
        1 => sum_of_singles(f, x, y),
        4 => sum_lanes::<M::V4, 4, F>(machine, f, x, y),
        8 => sum_lanes::<M::V8, 2, F>(machine, f, x, y),
        _ => sum_lanes::<M::V16, 1, F>(machine, f, x, y),
    }
}

/// One copy for all lengths; its partial sums lie in memory.
#[inline(never)]
fn sum_of_singles<F: Zip>(f: &F, x: &[f32], y: &[f32]) -> f32 {
    let mut sums = [0.0; PARTIAL];
    for (i, x) in x.iter().enumerate() {
        let Some(y) = y.get(i) else { break };
        sums[i % PARTIAL] += f.zip(*x, *y);
        no_unrolling();
    }
    by_halves(&sums)
}

/// Adds the partial sums, on machines without vectors.
#[inline(never)]
fn by_halves(sums: &[f32; PARTIAL]) -> f32 {
    let ([a, b, c, d], _) = sums.as_chunks::<4>() else { return 0.0 };
    let mut four = [0.0; 4];
    ((Four::load(Build, a) + Four::load(Build, c)) + (Four::load(Build, b) + Four::load(Build, d))).store(&mut four);
    (four[0] + four[2]) + (four[1] + four[3])
}

/// Computes the sum with the partial sums in `P` vectors.
#[inline(always)]
pub(super) fn sum_lanes<V: Lanes, const P: usize, F: Zip>(machine: V::Machine, f: &F, x: &[f32], y: &[f32]) -> f32 {
    let mut vectors = [V::broadcast(machine, 0.0); P];
    let n = x.len().min(y.len());
    let (x, x_tail) = x.get(..n).unwrap_or_default().as_chunks::<PARTIAL>();
    let (y, y_tail) = y.get(..n).unwrap_or_default().as_chunks::<PARTIAL>();
    for (x, y) in x.iter().zip(y) {
        for ((sum, x), y) in vectors.iter_mut().zip(x.chunks_exact(V::LANES)).zip(y.chunks_exact(V::LANES)) {
            *sum = *sum + f.zip(V::load(machine, x), V::load(machine, y));
        }
    }
    for (i, sum) in vectors.iter_mut().enumerate() {
        let (Some(x), Some(y)) = (x_tail.get(i * V::LANES..), y_tail.get(i * V::LANES..)) else { break };
        let terms = f.zip(V::load(machine, x), V::load(machine, y));
        // The padding's values of f are not part of the sum.
        let count = sum.splat(x.len() as f32);
        *sum = *sum + V::load(machine, &INDICES).value_if_less(count, terms);
    }
    let mut sums = [0.0; PARTIAL];
    for (vector, sums) in vectors.iter().zip(sums.chunks_exact_mut(V::LANES)) {
        vector.store(sums);
    }
    let four: [f32; 4] = if V::LANES > 1 {
        halves::<<V::Machine as Machine>::V4, 4>(machine, &halves::<<V::Machine as Machine>::V8, 8>(machine, &sums))
    } else {
        halves::<f32, 4>(Build, &halves::<f32, 8>(Build, &sums))
    };
    (four[0] + four[2]) + (four[1] + four[3])
}

/// Adds the first `N` sums to the other `N`, as one vector: on its own, the compiler would split it.
#[inline(always)]
fn halves<V: Lanes, const N: usize>(machine: V::Machine, sums: &[f32]) -> [f32; N] {
    let mut added = [0.0; N];
    let (low, high) = sums.split_at_checked(N).unwrap_or_default();
    if const { V::LANES == N } {
        (V::load(machine, low) + V::load(machine, high)).store(&mut added);
    } else {
        added.iter_mut().zip(low).zip(high).for_each(|((added, low), high)| *added = low + high);
    }
    added
}

#[inline(always)]
fn max_on<M: Machine>(machine: M, x: &[f32]) -> f32 {
    match const { M::LANES } {
        16 if x.len() >= 16 => max_lanes::<M::V16, 16>(machine, x),
        8 if x.len() >= 16 => max_lanes::<M::V8, 8>(machine, x),
        4 if x.len() >= 16 => max_lanes::<M::V4, 4>(machine, x),
        _ => max_lanes::<f32, 1>(Build, x),
    }
}

#[inline(always)]
fn max_lanes<V: Lanes, const L: usize>(machine: V::Machine, x: &[f32]) -> f32 {
    let first = x.first().copied().unwrap_or(f32::NEG_INFINITY);
    let (x, tail) = x.as_chunks::<L>();
    let mut largest = V::broadcast(machine, first);
    for x in x {
        largest = largest.max(V::load(machine, x));
    }
    let mut lanes = [first; 16];
    largest.store(&mut lanes);
    let mut count = L;
    while count > 1 {
        count /= 2;
        for i in 0..count {
            lanes[i] = Lanes::max(lanes[i], lanes[i + count]);
        }
    }
    tail.iter().fold(lanes[0], |largest, x| Lanes::max(largest, *x))
}

/// The index of the first largest value; 0 if the slice is empty.
pub fn argmax(x: &[f32]) -> usize {
    let mut best = (0, x.first().copied().unwrap_or(f32::NEG_INFINITY));
    for (i, x) in x.iter().enumerate() {
        if best.1 < *x {
            best = (i, *x);
        }
    }
    best.0
}

/// Returns x, so that [`sum`] adds the values of the first slice.
pub struct First;

impl Zip for First {
    #[inline(always)]
    fn zip<V: Lanes>(&self, x: V, _: V) -> V {
        x
    }
}

/// Σ |x|: infinite or NaN if any number is. Only its order of magnitude matters, so that few numbers, or all where there are no
/// vectors, are one plain loop.
#[inline(always)]
pub fn absolute_sum(x: &[f32]) -> f32 {
    match (NATIVE, x.len()) {
        (1, _) => absolute_sum_of_singles(x),
        (_, ..=8) => x.iter().fold(0.0, |sum, x| sum + x.abs()),
        _ => sum(&Absolute, x, x),
    }
}

#[inline(never)]
fn absolute_sum_of_singles(x: &[f32]) -> f32 {
    let mut sum = 0.0;
    let (fours, ones) = x.as_chunks::<4>();
    for [a, b, c, d] in fours {
        sum = sum + a.abs() + b.abs() + c.abs() + d.abs();
        no_unrolling();
    }
    for x in ones {
        sum += x.abs();
        no_unrolling();
    }
    sum
}

/// Returns |x|, for [`sum`].
struct Absolute;

impl Zip for Absolute {
    #[inline(always)]
    fn zip<V: Lanes>(&self, x: V, _: V) -> V {
        x.abs()
    }
}

/// Returns x · y, so that [`sum`] is a dot product.
pub struct Product;

impl Zip for Product {
    #[inline(always)]
    fn zip<V: Lanes>(&self, x: V, y: V) -> V {
        x * y
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wide::{f32x4, f32x8, f32x16};

    #[test]
    fn sums_have_the_documented_order() {
        for n in 0..68_usize {
            let x: [f32; 68] = core::array::from_fn(|i| libm::sinf(i as f32) * 3.0);
            let mut sums = [0.0_f32; PARTIAL];
            for i in 0..n {
                sums[i % PARTIAL] += x[i] * x[i];
            }
            let mut count = n.min(PARTIAL).next_power_of_two();
            while count > 1 {
                count /= 2;
                for i in 0..count {
                    sums[i] += sums[i + count];
                }
            }
            assert_eq!(sum(&Product, &x[..n], &x[..n]), sums[0], "length {n}");
            assert_eq!(sum_of_singles(&Product, &x[..n], &x[..n]), sums[0], "length {n}");
        }
    }

    #[test]
    fn the_largest_is_the_same_at_all_widths() {
        let mut x: [f32; 68] = core::array::from_fn(|i| libm::sinf(i as f32) * 3.0);
        x[5] = f32::NAN;
        for n in 0..68 {
            let (one, x) = (max_lanes::<f32, 1>(Build, &x[..n]), &x[..n]);
            let wider =
                [max_lanes::<f32x4, 4>(Build, x), max_lanes::<f32x8, 8>(Build, x), max_lanes::<f32x16, 16>(Build, x)];
            assert_eq!(wider, [one; 3], "length {n}");
            assert_eq!(max(x), one, "length {n}");
        }
    }

    #[test]
    fn extremes() {
        assert_eq!(max(&[]), f32::NEG_INFINITY);
        assert_eq!((max(&[-3.0, 2.0, 2.0, 1.0]), argmax(&[-3.0, 2.0, 2.0, 1.0])), (2.0, 1));
    }
}

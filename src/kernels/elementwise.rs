//! One pass over slices, vector by vector, as far as the shorter slice goes. A tail is padded and takes the same path.
//!
//! One or two numbers are handled singly: a vector load that covers a recent, narrower store would have to wait until the
//! store has reached the cache.

use super::lanes::{NATIVE, Narrow, of_narrow};
use super::machine::{Build, FEW, Machine, dispatch};
use super::{Lanes, no_unrolling, part_of_callers};

/// A function of one vector, for [`map`].
pub trait Map {
    /// Returns the function of `x`.
    fn map<V: Lanes>(&self, x: V) -> V;
}

/// A function of two vectors, for [`zip`] and [sums](super::reduce::sum).
pub trait Zip {
    /// Returns the function of `x` and `y`.
    fn zip<V: Lanes>(&self, x: V, y: V) -> V;
}

part_of_callers! { inline;
    /// `y[i] = f(y[i])`.
    pub fn map<F: Map>(f: &F, y: &mut [f32]) {
        dispatch!(machine if y.len() > FEW => map_on(machine, f, y))
    }

    /// `y[i] = f(x[i])`.
    pub fn map_into<F: Map>(f: &F, x: &[f32], y: &mut [f32]) {
        zip(&OfFirst(f), x, y);
    }

    /// The same for samples of `length` numbers: the bits do not depend on the number of samples.
    pub fn map_samples<F: Map>(f: &F, length: usize, x: &[f32], y: &mut [f32]) {
        dispatch!(machine if length > FEW => zip_on(machine, &OfFirst(f), x, y))
    }

    /// `y[i] = f(x[i], y[i])`.
    pub fn zip<F: Zip>(f: &F, x: &[f32], y: &mut [f32]) {
        dispatch!(machine if y.len() > FEW => zip_on(machine, f, x, y))
    }

    /// `out[i] = f(x[i], y[i])`; without `y`, its values lie in `out`.
    pub fn zip_from<F: Zip>(f: &F, x: &[f32], y: Option<&[f32]>, out: &mut [f32]) {
        match y {
            Some(y) => dispatch!(machine if out.len() > FEW => zip_into_on(machine, f, x, y, out)),
            None => zip(f, x, out),
        }
    }
}

#[inline(always)]
pub(super) fn map_on<M: Machine, F: Map>(machine: M, f: &F, y: &mut [f32]) {
    match y.len() {
        9.. if const { M::LANES == 16 } => map_pass::<M::V16, 16, F>(machine, f, y),
        5.. if const { M::LANES >= 8 } => map_pass::<M::V8, 8, F>(machine, f, y),
        3.. if const { M::LANES >= 4 } => map_pass::<M::V4, 4, F>(machine, f, y),
        _ => map_pass::<f32, 1, F>(Build, f, y),
    }
}

#[inline(always)]
fn zip_on<M: Machine, F: Zip>(machine: M, f: &F, x: &[f32], y: &mut [f32]) {
    let n = x.len().min(y.len());
    let (x, y) = (x.get(..n).unwrap_or_default(), y.get_mut(..n).unwrap_or_default());
    match n {
        9.. if const { M::LANES == 16 } => zip_pass::<M::V16, 16, F>(machine, f, x, y),
        5.. if const { M::LANES >= 8 } => zip_pass::<M::V8, 8, F>(machine, f, x, y),
        3.. if const { M::LANES >= 4 } => zip_pass::<M::V4, 4, F>(machine, f, x, y),
        _ => zip_pass::<f32, 1, F>(Build, f, x, y),
    }
}

#[inline(always)]
fn zip_into_on<M: Machine, F: Zip>(machine: M, f: &F, x: &[f32], y: &[f32], out: &mut [f32]) {
    let n = x.len().min(y.len()).min(out.len());
    let (x, y) = (x.get(..n).unwrap_or_default(), y.get(..n).unwrap_or_default());
    let out = out.get_mut(..n).unwrap_or_default();
    match n {
        9.. if const { M::LANES == 16 } => zip_into_pass::<M::V16, 16, F>(machine, f, x, y, out),
        5.. if const { M::LANES >= 8 } => zip_into_pass::<M::V8, 8, F>(machine, f, x, y, out),
        3.. if const { M::LANES >= 4 } => zip_into_pass::<M::V4, 4, F>(machine, f, x, y, out),
        _ => zip_into_pass::<f32, 1, F>(Build, f, x, y, out),
    }
}

/// `f(x, y)` of two numbers. If multiply-adds are fused, it goes through a vector, which alone has the instruction.
#[inline(always)]
pub fn one<F: Zip>(f: &F, x: f32, y: f32) -> f32 {
    if NATIVE == 1 {
        f.zip(x, y)
    } else {
        of_narrow(f.zip(Narrow::broadcast(Build, x), Narrow::broadcast(Build, y)))[0]
    }
}

/// `y[i] = x[i]`.
#[inline(always)]
pub fn copy(x: &[f32], y: &mut [f32]) {
    if NATIVE == 1 {
        // The function below would not be inlined, and has a panic.
        return y.iter_mut().zip(x).for_each(|(y, x)| *y = *x);
    }
    let n = x.len().min(y.len());
    y.get_mut(..n).unwrap_or_default().copy_from_slice(x.get(..n).unwrap_or_default());
}

/// `f(x)` of two numbers, in one vector if there are any.
#[inline(always)]
pub fn two<F: Map>(f: &F, [a, b]: [f32; 2]) -> [f32; 2] {
    if NATIVE == 1 {
        return [f.map(a), f.map(b)];
    }
    let [a, b, ..] = of_narrow(f.map(Narrow::load(Build, &[a, b, 1.0, 1.0])));
    [a, b]
}

/// `y[i] += x[i]`.
#[inline]
pub fn add(x: &[f32], y: &mut [f32]) {
    zip(&Sum, x, y);
}

struct Sum;

impl Zip for Sum {
    #[inline(always)]
    fn zip<V: Lanes>(&self, x: V, y: V) -> V {
        x + y
    }
}

struct OfFirst<'a, F>(&'a F);

impl<F: Map> Zip for OfFirst<'_, F> {
    #[inline(always)]
    fn zip<V: Lanes>(&self, x: V, _: V) -> V {
        self.0.map(x)
    }
}

#[inline(always)]
pub(super) fn map_pass<V: Lanes, const L: usize, F: Map>(machine: V::Machine, f: &F, y: &mut [f32]) {
    let (y, tail) = y.as_chunks_mut::<L>();
    for y in y {
        f.map(V::load(machine, y)).store(y);
        no_unrolling();
    }
    if !tail.is_empty() {
        f.map(V::load(machine, tail)).store(tail);
    }
}

/// Both slices have the same length.
#[inline(always)]
pub(super) fn zip_pass<V: Lanes, const L: usize, F: Zip>(machine: V::Machine, f: &F, x: &[f32], y: &mut [f32]) {
    if const { V::LANES == 1 } {
        // A build for size would make functions of `zip`.
        for (i, y) in y.iter_mut().enumerate() {
            let Some(x) = x.get(i..) else { break };
            let y = core::slice::from_mut(y);
            f.zip(V::load(machine, x), V::load(machine, y)).store(y);
            no_unrolling();
        }
        return;
    }
    let (x, x_tail) = x.as_chunks::<L>();
    let (y, y_tail) = y.as_chunks_mut::<L>();
    for (x, y) in x.iter().zip(y) {
        f.zip(V::load(machine, x), V::load(machine, y)).store(y);
        no_unrolling();
    }
    if !y_tail.is_empty() {
        f.zip(V::load(machine, x_tail), V::load(machine, y_tail)).store(y_tail);
    }
}

/// All slices have the same length.
#[inline(always)]
pub(super) fn zip_into_pass<V: Lanes, const L: usize, F: Zip>(
    machine: V::Machine,
    f: &F,
    x: &[f32],
    y: &[f32],
    out: &mut [f32],
) {
    let (x, x_tail) = x.as_chunks::<L>();
    let (y, y_tail) = y.as_chunks::<L>();
    let (out, out_tail) = out.as_chunks_mut::<L>();
    let ((x_pairs, x), (y_pairs, y), (out_pairs, out)) = (x.as_chunks(), y.as_chunks(), out.as_chunks_mut());
    for (([x, x2], [y, y2]), [out, out2]) in x_pairs.iter().zip(y_pairs).zip(out_pairs) {
        let (a, b) =
            (f.zip(V::load(machine, x), V::load(machine, y)), f.zip(V::load(machine, x2), V::load(machine, y2)));
        a.store(out);
        b.store(out2);
    }
    for ((x, y), out) in x.iter().zip(y).zip(out) {
        f.zip(V::load(machine, x), V::load(machine, y)).store(out);
    }
    if !out_tail.is_empty() {
        f.zip(V::load(machine, x_tail), V::load(machine, y_tail)).store(out_tail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_covered() {
        for n in 0..68_usize {
            let x: [f32; 68] = core::array::from_fn(|i| i as f32);
            let mut y = x;
            add(&x[..n], &mut y);
            for i in 0..68 {
                let times = if i < n { 2.0 } else { 1.0 };
                assert_eq!(y[i], times * x[i], "length {n}, element {i}");
            }
        }
    }
}

//! One pass over slices, vector by vector; the shorter slice decides. A tail takes the body's path, padded.

use super::Lanes;
use super::lanes::NATIVE;
use wide::{f32x4, f32x8, f32x16};

/// A function of one vector.
pub trait Map {
    /// The function.
    fn map<V: Lanes>(&self, x: V) -> V;
}

/// A function of two vectors.
pub trait Zip {
    /// The function.
    fn zip<V: Lanes>(&self, x: V, y: V) -> V;
}

/// `y[i] = f(y[i])`.
#[inline]
pub fn map<F: Map>(f: &F, y: &mut [f32]) {
    zip(&Unary(f), &[], y);
}

/// `y[i] = f(x[i], y[i])`; an empty `x` stands for zeros.
#[inline]
pub fn zip<F: Zip>(f: &F, x: &[f32], y: &mut [f32]) {
    match (NATIVE, y.len()) {
        (1, _) => pass::<f32, 1, F>(f, x, y),
        (4, _) | (_, ..=4) => pass::<f32x4, 4, F>(f, x, y),
        (8, _) | (_, ..=8) => pass::<f32x8, 8, F>(f, x, y),
        _ => pass::<f32x16, 16, F>(f, x, y),
    }
}

/// `y[i] += x[i]`.
#[inline]
pub fn add(x: &[f32], y: &mut [f32]) {
    // A longer y keeps its tail.
    zip(&Sum, x, y.get_mut(..x.len()).unwrap_or_default());
}

struct Sum;

impl Zip for Sum {
    #[inline(always)]
    fn zip<V: Lanes>(&self, x: V, y: V) -> V {
        x + y
    }
}

struct Unary<'a, F>(&'a F);

impl<F: Map> Zip for Unary<'_, F> {
    #[inline(always)]
    fn zip<V: Lanes>(&self, _: V, y: V) -> V {
        self.0.map(y)
    }
}

#[inline(always)]
pub(super) fn pass<V: Lanes, const L: usize, F: Zip>(f: &F, x: &[f32], y: &mut [f32]) {
    let (x, x_tail) = x.as_chunks::<L>();
    let (y, y_tail) = y.as_chunks_mut::<L>();
    let mut xs = x.iter();
    for y in y {
        f.zip(V::load(xs.next().map_or(&[], |x| x)), V::load(y)).store(y);
    }
    if !y_tail.is_empty() {
        f.zip(V::load(x_tail), V::load(y_tail)).store(y_tail);
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

use super::Initializer;
use crate::kernels::{no_unrolling, sqrt::sqrt};
use crate::tensor::rng::normal;
use rand_core::Rng;

/// Orthonormal rows times a gain, or orthonormal columns if there are fewer columns (Saxe et al. 2014): Keras' `Orthogonal`.
///
/// The tensor is taken as the matrix `[fan_in][w.len() / fan_in]`, so the kernel of a convolution has one row per input and
/// tap, as in Keras. If `fan_in` does not divide the length, it is taken as `[w.len() / fan_out][fan_out]`, and the rest is 0.
///
/// Every such matrix is equally likely. One row, or column, after another is filled with normal numbers and made orthonormal
/// to the ones before. This gives the Q of a QR decomposition whose R has a positive diagonal. `n` vectors of `m` numbers
/// take about `2 n² m` multiplications.
///
/// ```
/// use baregrad::{init::{Initializer, Orthogonal}, Sfc32};
///
/// let mut w = [0.0; 6];
/// Orthogonal::default().fill(&mut w, 3, 2, &mut Sfc32::NEW.clone());
/// let [a, b, c, d, e, f] = w;
/// assert!((a * b + c * d + e * f).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Orthogonal {
    /// The factor of all numbers: 1, or √2 for rectifiers.
    pub gain: f32,
}

impl Default for Orthogonal {
    fn default() -> Self {
        Orthogonal { gain: 1.0 }
    }
}

impl Initializer for Orthogonal {
    fn fill<R: Rng + ?Sized>(&self, w: &mut [f32], fan_in: usize, fan_out: usize, rng: &mut R) {
        let columns = match w.len().checked_rem(fan_in) {
            Some(0) => w.len().checked_div(fan_in),
            _ => Some(fan_out.min(w.len())),
        };
        let columns = columns.unwrap_or(0);
        let rows = w.len().checked_div(columns).unwrap_or(0);
        w.fill(0.0);
        let mut vectors = if rows <= columns {
            Vectors { w: &mut *w, length: columns, apart: columns, step: 1 }
        } else {
            Vectors { w: &mut *w, length: rows, apart: 1, step: columns }
        };
        for v in 0..rows.min(columns) {
            vectors.draw(v, rng);
        }
        for w in w {
            *w *= self.gain;
            no_unrolling();
        }
    }
}

/// Rows or columns of a matrix.
struct Vectors<'a> {
    w: &'a mut [f32],
    /// Numbers per vector.
    length: usize,
    /// The distance from one vector to the next.
    apart: usize,
    /// The distance from one number to the next of the same vector.
    step: usize,
}

impl Vectors<'_> {
    /// Fills vector `v` with a vector of length 1 that is orthogonal to all vectors before it.
    fn draw<R: Rng + ?Sized>(&mut self, v: usize, rng: &mut R) {
        // A vector that is nearly a sum of the vectors before it loses its digits, so it is drawn again. This happens in one
        // of a thousand square matrices, at the last vector.
        for _ in 0..8 {
            for i in 0..self.length {
                let number = normal(rng);
                self.change(v, i, |w| *w = number);
            }
            // The second pass removes what rounding left.
            for before in (0..v).chain(0..v) {
                let share = self.product(before, v);
                for i in 0..self.length {
                    let part = self.number(before, i) * share;
                    self.change(v, i, |w| *w -= part);
                    no_unrolling();
                }
            }
            let square = self.product(v, v);
            if square > 1e-6 {
                let length = sqrt(square);
                for i in 0..self.length {
                    self.change(v, i, |w| *w /= length);
                }
                return;
            }
        }
    }

    /// Σ a · b, in order.
    fn product(&self, a: usize, b: usize) -> f32 {
        let mut sum = 0.0;
        for i in 0..self.length {
            sum += self.number(a, i) * self.number(b, i);
            no_unrolling();
        }
        sum
    }

    #[inline(always)]
    fn number(&self, v: usize, i: usize) -> f32 {
        self.w.get(v * self.apart + i * self.step).copied().unwrap_or(0.0)
    }

    #[inline(always)]
    fn change(&mut self, v: usize, i: usize, change: impl FnOnce(&mut f32)) {
        if let Some(w) = self.w.get_mut(v * self.apart + i * self.step) {
            change(w);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::rng::Sfc32;
    use rand_core::SeedableRng;
    use std::vec::Vec;

    fn drawn(length: usize, fan_in: usize, fan_out: usize, gain: f32, seed: u64) -> Vec<f32> {
        let mut w = std::vec![f32::NAN; length];
        Orthogonal { gain }.fill(&mut w, fan_in, fan_out, &mut Sfc32::seed_from_u64(seed));
        w
    }

    /// The rows, or the columns if there are fewer, have the `gain` as length, and right angles between them.
    #[track_caller]
    fn assert_orthogonal(w: &[f32], rows: usize, columns: usize, gain: f64) {
        assert_eq!(w.len(), rows * columns);
        let number = |row: usize, column: usize| f64::from(w[row * columns + column]);
        for a in 0..rows.min(columns) {
            for b in 0..=a {
                let product: f64 = if rows <= columns {
                    (0..columns).map(|i| number(a, i) * number(b, i)).sum()
                } else {
                    (0..rows).map(|i| number(i, a) * number(i, b)).sum()
                };
                let want = if a == b { gain * gain } else { 0.0 };
                assert!((product - want).abs() < 1e-6 * gain * gain, "{rows} × {columns}: {a}, {b}: {product}");
            }
        }
    }

    #[test]
    fn vectors_are_orthonormal() {
        for (rows, columns) in [(1, 1), (1, 7), (3, 5), (5, 3), (8, 8), (16, 4), (33, 65), (64, 64)] {
            for seed in 0..20 {
                assert_orthogonal(&drawn(rows * columns, rows, columns, 1.0, seed), rows, columns, 1.0);
            }
            assert_orthogonal(&drawn(rows * columns, rows, columns, 3.0, 20), rows, columns, 3.0);
        }
    }

    #[test]
    fn a_square_of_two_is_orthonormal_for_many_seeds() {
        for seed in 0..20_000 {
            assert_orthogonal(&drawn(4, 2, 2, 1.0, seed), 2, 2, 1.0);
        }
    }

    #[test]
    fn kernels_of_convolutions_have_a_row_per_input_and_tap() {
        // 3 taps, 4 channels, 8 filters.
        assert_orthogonal(&drawn(96, 12, 24, 1.0, 1), 12, 8, 1.0);
    }

    #[test]
    fn any_shape_is_filled() {
        assert_orthogonal(&drawn(15, 4, 5, 1.0, 1), 3, 5, 1.0);
        let odd = drawn(17, 4, 5, 1.0, 1);
        assert_orthogonal(&odd[..15], 3, 5, 1.0);
        assert_eq!(odd[15..], [0.0; 2]);
        assert_eq!(drawn(3, 0, 0, 1.0, 1), [0.0; 3]);
        assert_orthogonal(&drawn(3, 5, 5, 1.0, 1), 1, 3, 1.0);
        assert!(drawn(0, 0, 4, 1.0, 1).is_empty());
    }

    #[test]
    fn signs_and_spread_are_those_of_a_uniform_draw() {
        // Each number of an orthogonal matrix of n rows has mean 0 and variance 1 / n.
        let all: Vec<f32> = (0..400).flat_map(|seed| drawn(64, 8, 8, 1.0, seed)).collect();
        for place in 0..64 {
            let numbers = all.iter().skip(place).step_by(64);
            let mean = numbers.clone().sum::<f32>() / 400.0;
            let square = numbers.map(|w| w * w).sum::<f32>() / 400.0;
            // Four standard deviations of a mean over 400 numbers.
            assert!(mean.abs() < 4.0 * (0.125_f32 / 400.0).sqrt(), "place {place}: mean {mean}");
            assert!((square - 0.125).abs() < 0.04, "place {place}: variance {square}");
        }
    }
}

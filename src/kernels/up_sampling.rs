//! Each place of an image several times, and the way back.

use super::no_unrolling;

/// A small image, and how often each of its places stands in a larger one.
#[derive(Clone, Copy)]
pub struct UpSampling {
    /// Number of rows of the small image.
    pub rows: usize,
    /// Number of places per row of the small image.
    pub columns: usize,
    /// Number of floats per place.
    pub channels: usize,
    /// Number of rows of the large image per row of the small one.
    pub down: usize,
    /// The same for columns.
    pub across: usize,
}

impl UpSampling {
    /// Copies each place of `x` to its places in `y`.
    #[inline]
    pub fn repeat(self, x: &[f32], y: &mut [f32]) {
        let mut at = 0;
        for row in 0..self.rows {
            for _ in 0..self.down {
                for column in 0..self.columns {
                    let x = x.get((row * self.columns + column) * self.channels..).unwrap_or_default();
                    for _ in 0..self.across {
                        for (y, x) in y.get_mut(at..).unwrap_or_default().iter_mut().zip(x).take(self.channels) {
                            *y = *x;
                        }
                        at += self.channels;
                        no_unrolling();
                    }
                }
            }
        }
    }

    /// Computes the gradient of each place of `x`: the sum over its places in `y`, row by row.
    #[inline]
    pub fn sum(self, dy: &[f32], dx: &mut [f32]) {
        dx.fill(0.0);
        let mut at = 0;
        for row in 0..self.rows {
            for _ in 0..self.down {
                for column in 0..self.columns {
                    let dx = dx.get_mut((row * self.columns + column) * self.channels..).unwrap_or_default();
                    for _ in 0..self.across {
                        let dy = dy.get(at..).unwrap_or_default();
                        for (dx, dy) in dx.iter_mut().zip(dy).take(self.channels) {
                            *dx += *dy;
                        }
                        at += self.channels;
                        no_unrolling();
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let shape = UpSampling { rows: 1, columns: 2, channels: 2, down: 2, across: 3 };
        let (mut y, mut dx) = ([f32::NAN; 24], [f32::NAN; 4]);
        shape.repeat(&[1.0, 2.0, 3.0, 4.0], &mut y);
        let (a, b) = ([1.0, 2.0], [3.0, 4.0]);
        assert_eq!(y.as_chunks().0, [a, a, a, b, b, b, a, a, a, b, b, b]);
        shape.sum(&y, &mut dx);
        assert_eq!(dx, [6.0, 12.0, 18.0, 24.0]);
    }
}

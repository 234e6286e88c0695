//! A rectangle in a matrix, for padding and cropping.

use super::no_unrolling;

/// A rectangle of floats in a larger matrix. Both are stored row by row.
#[derive(Clone, Copy)]
pub struct Rectangle {
    /// Number of rows of the rectangle.
    pub rows: usize,
    /// Floats per row of the rectangle.
    pub width: usize,
    /// Floats of the matrix before the rectangle.
    pub start: usize,
    /// Floats per row of the matrix.
    pub stride: usize,
}

impl Rectangle {
    /// Copies the rectangle out of the matrix.
    #[inline]
    pub fn read(self, matrix: &[f32], out: &mut [f32]) {
        for row in 0..self.rows {
            let from = matrix.get(self.start + row * self.stride..).unwrap_or_default();
            copy(self.width, from, out.get_mut(row * self.width..).unwrap_or_default());
            no_unrolling();
        }
    }

    /// Copies the values into the rectangle, and fills the matrix around it with zeros.
    #[inline]
    pub fn write(self, values: &[f32], matrix: &mut [f32]) {
        matrix.fill(0.0);
        for row in 0..self.rows {
            let to = matrix.get_mut(self.start + row * self.stride..).unwrap_or_default();
            copy(self.width, values.get(row * self.width..).unwrap_or_default(), to);
            no_unrolling();
        }
    }
}

/// Copies `count` floats, or as many as both slices have.
#[inline(always)]
fn copy(count: usize, from: &[f32], to: &mut [f32]) {
    for (to, from) in to.iter_mut().zip(from).take(count) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        // In a matrix of 4 rows of 5: 2 rows of 3, from row 1 and column 2.
        let rectangle = Rectangle { rows: 2, width: 3, start: 7, stride: 5 };
        let (values, mut matrix, mut read) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [f32::NAN; 20], [f32::NAN; 6]);
        rectangle.write(&values, &mut matrix);
        let (first, second) = ([0.0, 0.0, 1.0, 2.0, 3.0], [0.0, 0.0, 4.0, 5.0, 6.0]);
        assert_eq!(matrix.as_chunks().0, [[0.0; 5], first, second, [0.0; 5]]);
        rectangle.read(&matrix, &mut read);
        assert_eq!(read, values);
    }
}

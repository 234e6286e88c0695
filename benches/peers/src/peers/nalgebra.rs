//! Matrices of static shape, in columns.

use crate::plain::Dense;
use crate::rows::{Peer, Run, buffer, keep};
use nalgebra::{SMatrix, SVector};

pub struct Nalgebra;

impl Peer for Nalgebra {
    fn column() -> String {
        super::version("nalgebra")
    }

    fn matmul<const N: usize>(a: &'static [[f32; N]; N], b: &'static [[f32; N]; N]) -> Option<Run> {
        let matrix = |rows: &[[f32; N]; N]| keep(SMatrix::<f32, N, N>::from_row_slice(rows.as_flattened()));
        Run::repeated(
            (matrix(a), matrix(b), buffer(SMatrix::<f32, N, N>::zeros())),
            |(a, b, c)| a.mul_to(b, c),
            |(.., c), ()| c.transpose().as_slice().to_vec(),
        )
    }

    fn v64(x: &'static [f32; 64], layer: &'static Dense<64, 64>) -> Option<Run> {
        // The weights are [in][out] in rows, which is [out][in] in columns.
        let w = SMatrix::<f32, 64, 64>::from_column_slice(layer.w.as_flattened());
        let (x, b) = (SVector::from(*x), SVector::from(layer.b));
        Run::repeated(
            (keep(w), keep(x), keep(b), buffer(SVector::<f32, 64>::zeros())),
            |(w, x, b, y)| {
                y.copy_from(b);
                y.gemv(1.0, w, x, 1.0);
            },
            |(.., y), ()| y.as_slice().to_vec(),
        )
    }
}

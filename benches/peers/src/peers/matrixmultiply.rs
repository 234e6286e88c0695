//! The product under ndarray and, for large matrices, nalgebra.

use crate::rows::{Peer, Run, buffer};

pub struct MatrixMultiply;

impl Peer for MatrixMultiply {
    fn column() -> String {
        super::version("matrixmultiply")
    }

    fn matmul<const N: usize>(a: &'static [[f32; N]; N], b: &'static [[f32; N]; N]) -> Option<Run> {
        let rows = N as isize;
        Run::repeated(
            (a, b, buffer([[0.0_f32; N]; N])),
            move |(a, b, c)| {
                let (a, b, c) =
                    (a.as_flattened().as_ptr(), b.as_flattened().as_ptr(), c.as_flattened_mut().as_mut_ptr());
                // SAFETY: each is N × N floats, with the strides given.
                unsafe {
                    matrixmultiply::sgemm(N, N, N, 1.0, a, rows, 1, b, rows, 1, 0.0, c, rows, 1);
                }
            },
            |(.., c), ()| c.as_flattened().to_vec(),
        )
    }
}

//! The product under ndarray and, for large matrices, nalgebra.

use crate::rows::{Peer, Run};

pub struct MatrixMultiply;

impl Peer for MatrixMultiply {
    fn column() -> String {
        super::version("matrixmultiply")
    }

    fn matmul<const N: usize>(a: &'static [[f32; N]; N], b: &'static [[f32; N]; N]) -> Option<Run> {
        let rows = N as isize;
        Run::repeated(
            Box::new((a, b, [[0.0_f32; N]; N])),
            move |state| {
                let (a, b, c) = &mut **state;
                let (a, b, c) =
                    (a.as_flattened().as_ptr(), b.as_flattened().as_ptr(), c.as_flattened_mut().as_mut_ptr());
                // SAFETY: each is N × N floats, with the strides given.
                unsafe {
                    matrixmultiply::sgemm(N, N, N, 1.0, a, rows, 1, b, rows, 1, 0.0, c, rows, 1);
                }
            },
            |state, ()| state.2.as_flattened().to_vec(),
        )
    }
}

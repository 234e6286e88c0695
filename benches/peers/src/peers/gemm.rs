//! The product under faer and candle, on one thread.

use crate::rows::{Peer, Run, buffer};
use gemm::Parallelism;

pub struct Gemm;

impl Peer for Gemm {
    fn column() -> String {
        super::version("gemm")
    }

    fn matmul<const N: usize>(a: &'static [[f32; N]; N], b: &'static [[f32; N]; N]) -> Option<Run> {
        let rows = N as isize;
        Run::repeated(
            (a, b, buffer([[0.0_f32; N]; N])),
            move |(a, b, c)| {
                let (a, b, c) =
                    (a.as_flattened().as_ptr(), b.as_flattened().as_ptr(), c.as_flattened_mut().as_mut_ptr());
                let one = Parallelism::None;
                // SAFETY: each is N × N floats, with the strides given.
                unsafe {
                    gemm::gemm(
                        N, N, N, c, 1, rows, false, a, 1, rows, b, 1, rows, 0.0_f32, 1.0_f32, false, false, false, one,
                    );
                }
            },
            |(.., c), ()| c.as_flattened().to_vec(),
        )
    }
}

//! Small products by plans made once a shape. It likes columns: c = a · b in rows is cᵀ = bᵀ · aᵀ in columns.

use crate::rows::{Peer, Run, buffer};
use nano_gemm::Plan;

pub struct NanoGemm;

impl Peer for NanoGemm {
    fn column() -> String {
        super::version("nano-gemm")
    }

    fn matmul<const N: usize>(a: &'static [[f32; N]; N], b: &'static [[f32; N]; N]) -> Option<Run> {
        let plan = Plan::new_colmajor_lhs_and_dst_f32(N, N, N);
        let stride = N as isize;
        Run::repeated(
            (a, b, buffer([[0.0_f32; N]; N])),
            move |(a, b, c)| {
                let (a, b, c) =
                    (a.as_flattened().as_ptr(), b.as_flattened().as_ptr(), c.as_flattened_mut().as_mut_ptr());
                // SAFETY: each is N × N floats, with the strides given.
                unsafe {
                    plan.execute_unchecked(N, N, N, c, 1, stride, b, 1, stride, a, 1, stride, 0.0, 1.0, false, false);
                }
            },
            |(.., c), ()| c.as_flattened().to_vec(),
        )
    }
}

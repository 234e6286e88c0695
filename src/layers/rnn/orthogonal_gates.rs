use crate::tensor::init::{Initializer, Orthogonal};
use rand_core::Rng;

/// Draws the weights of the state, `[gate][in][out]`: Keras draws one matrix `[in][gate · out]` with orthonormal rows.
pub struct OrthogonalGates;

impl Initializer for OrthogonalGates {
    fn fill<R: Rng + ?Sized>(&self, u: &mut [f32], fan_in: usize, n: usize, rng: &mut R) {
        // The columns of `[gate · in][out]` are orthonormal. Each gate is transposed, so that rows of all gates are.
        Orthogonal::default().fill(u, fan_in, n, rng);
        for gate in u.chunks_exact_mut((n * n).max(1)) {
            for (i, o) in (0..n).flat_map(|i| (0..i).map(move |o| (i, o))) {
                if let Ok([a, b]) = gate.get_disjoint_mut([i * n + o, o * n + i]) {
                    core::mem::swap(a, b);
                }
            }
        }
    }
}

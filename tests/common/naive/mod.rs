//! The same mathematics in f64, as plainly as it can be written: a file per layer, and the functions that they share.

use baregrad::net::Layer;
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

mod activation;
mod activations;
mod alpha_dropout;
mod average_pool;
pub mod batch_norm;
mod bias_only;
pub mod branches;
mod chain;
mod concat;
pub mod conv;
mod cropping;
mod dense;
mod depthwise_conv;
mod dropout;
mod embedding;
mod frozen;
mod gaussian_dropout;
mod gaussian_noise;
mod global_average_pool;
mod global_max_pool;
mod in_flash;
mod in_place;
mod keep_padding;
mod layer_norm;
pub mod losses;
mod max_pool;
pub mod optimizers;
mod random;
mod recompute;
mod rescale;
mod reshape;
mod residual;
pub mod rnn;
mod spatial_dropout;
mod sum;
mod up_sampling;
mod windows;
mod zero_padding;

pub use activations::{activate, chain_rule, slope, value};
pub use dense::{affine, input_gradient, weight_gradient};
pub use layer_norm::layer_norm;

/// The naive twin of a layer.
pub trait Twin<X: Tensor>: Layer<X> {
    /// The outputs for a batch, with `weights` in the place of the layer's own. Each sample is flat.
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>>;
}

// Twins are compiled for each layer and size. What they share is not.

/// What a function makes of each sample.
pub fn of_each(x: &[Vec<f64>], function: &dyn Fn(&[f64]) -> Vec<f64>) -> Vec<Vec<f64>> {
    x.iter().map(|x| function(x)).collect()
}

/// An activation of the channels of each place of a sample.
pub fn activate_places(activation: &str, z: &[f64], channels: usize) -> Vec<f64> {
    z.chunks(channels).flat_map(|z| activate(activation, z)).collect()
}

/// What the sizes of weights add to the loss.
pub fn penalty<P: Penalty>(w: &[f64]) -> f64 {
    w.iter().map(|w| f64::from(P::L1) * w.abs() + f64::from(P::L2) * w * w).sum()
}

/// One pass of a twin through a batch.
#[derive(Default)]
pub struct Pass {
    /// While training: where random layers draw from.
    pub rng: Option<Sfc32>,
    /// What the sizes of weights add to the loss.
    pub penalty: f64,
    /// What `settle` makes of weights that no optimiser moves: the place of the first among all weights, and the new values.
    pub settled: Vec<(usize, Vec<f64>)>,
}

impl Pass {
    pub fn training(rng: Sfc32) -> Self {
        Pass { rng: Some(rng), ..Pass::default() }
    }
}

/// All weights of a net in the order of its tensors, near its own: each twin takes those of its tensors.
pub struct Weights<'a> {
    rest: &'a [f64],
    taken: usize,
}

impl<'a> Weights<'a> {
    pub fn new(all: &'a [f64]) -> Self {
        Weights { rest: all, taken: 0 }
    }

    /// Takes the next weights, which must be those of `tensor`.
    pub fn of<T: Tensor>(&mut self, tensor: &T) -> &'a [f64] {
        let next = self.ahead(tensor);
        self.rest = &self.rest[T::LEN..];
        self.taken += T::LEN;
        next
    }

    /// How many have been taken: the place of the next one.
    pub fn taken(&self) -> usize {
        self.taken
    }

    /// The next weights, which must be those of `tensor`, without taking them.
    pub fn ahead<T: Tensor>(&self, tensor: &T) -> &'a [f64] {
        let next = &self.rest[..T::LEN];
        let near = next.iter().zip(tensor.flat()).all(|(a, b)| (a - f64::from(*b)).abs() < 1e-4);
        assert!(near, "the layer lists its tensors in another order than its twin takes them");
        next
    }

    pub fn assert_all_taken(&self) {
        assert!(self.rest.is_empty(), "the twin leaves {} weights", self.rest.len());
    }
}

//! Every gradient against the slope of the f64 twin: one checker for all layers, one for activations, one for losses.

use crate::common::catalogue::*;
use crate::common::checker::{check, loss};
use crate::common::naive::losses::differences;
use crate::common::naive::{self, Twin};
use crate::common::numbers::{assert_close, uniform, widen};
use baregrad::activations::Activation;
use baregrad::losses::Loss;
use baregrad::prelude::*;
use baregrad::tensor::{Sequence, Tensor};

/// A single number, two vectors of 4 lanes or one of 8, and one number beyond those of 4, 8 or 16. The kernels are tested at all
/// sizes of 0 to 67. The tests in `ways` and `tensors` take sizes of these, for which the layers are compiled anyway.
macro_rules! for_sizes {
    ($run:ident) => {
        $run::<1>();
        $run::<8>();
        $run::<17>();
    };
}

#[track_caller]
fn assert_gradients<X: Tensor, L: Twin<X>>(what: &str) {
    check::<X, L>().unwrap_or_else(|complaints| panic!("{what}: {complaints}"));
}

struct Layers;

impl LayerVisitor for Layers {
    fn visit<X: Tensor, L: Twin<X>>(&mut self, stem: &'static str) {
        assert_gradients::<X, L>(stem);
    }
}

fn layers<const N: usize>() {
    for_each_layer::<N>(&mut Layers);
}

// A test each, so that they run side by side: these take the longest.

#[test]
fn layers_of_size_1() {
    layers::<1>();
}

#[test]
fn layers_of_size_8() {
    layers::<8>();
}

#[test]
fn layers_of_size_17() {
    layers::<17>();
}

/// A softmax of a sample with places takes the channels of each place.
#[test]
fn softmax_of_channels() {
    type Softmaxes = DepthwiseConv1d<Sequence<3, 4>, Sequence<3, 4>, 3, 1, Softmax>;
    assert_gradients::<Sequence<3, 4>, Softmaxes>("depthwise_conv1d");
    assert_gradients::<Sequence<3, 4>, Activate<Softmax>>("activation");
    assert_gradients::<Sequence<3, 4>, BatchNorm<4, LogSoftmax>>("batch_norm");
}

/// Their layers have been checked at all sizes.
#[test]
fn compositions() {
    for_each_composition::<8>(&mut Layers);
}

struct Activations<const N: usize>;

impl<const N: usize> ActivationVisitor for Activations<N> {
    fn visit<A: Activation>(&mut self, stem: &'static str) {
        assert_gradients::<[f32; N], Activate<A>>(stem);
    }
}

#[test]
fn activations_as_layers() {
    fn run<const N: usize>() {
        for_each_activation(&mut Activations::<N>);
    }
    for_sizes!(run);
}

/// A dense layer of `I` inputs with every activation.
struct DenseWith<const I: usize, const O: usize>;

impl<const I: usize, const O: usize> ActivationVisitor for DenseWith<I, O> {
    fn visit<A: Activation>(&mut self, stem: &'static str) {
        assert_gradients::<[f32; I], Dense<I, O, A>>(stem);
    }
}

#[test]
fn dense_with_every_activation() {
    for_each_activation(&mut DenseWith::<3, 5>);
    for_each_activation(&mut DenseWith::<33, 4>);
}

/// Value and slope of an activation at many points, kinks apart.
struct Slopes;

impl ActivationVisitor for Slopes {
    fn visit<A: Activation>(&mut self, _: &'static str) {
        for seed in 0..20 {
            for size in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33] {
                let z = uniform(size, -6.0, 6.0, seed);
                let twin = widen(&z);
                let dy = widen(&uniform(size, -1.0, 1.0, seed + 100));
                let loss = |z: &[f64]| naive::activate(A::NAME, z).iter().zip(&dy).map(|(y, dy)| y * dy).sum();
                let slopes = differences(loss, &twin);
                let analytic: Vec<f32> = naive::chain_rule(A::NAME, &twin, &dy).iter().map(|d| *d as f32).collect();
                assert_close(&analytic, &slopes, 1e-7, &format!("the twin's slope of {}", A::NAME));
            }
        }
    }
}

/// The twins' own slopes, which other tests lean on.
#[test]
fn twins_of_activations() {
    for_each_activation(&mut Slopes);
}

/// Value and gradient of every loss.
struct Losses;

impl<const N: usize> LossVisitor<N> for Losses {
    fn visit<L: Loss<[f32; N], [f32; N]> + Default>(&mut self, stem: &'static str, outputs: Outputs, targets: Targets) {
        let complaints = loss::complaints::<N, L>(stem, outputs, targets);
        assert!(complaints.is_empty(), "{stem}, {} on {N}: {complaints:?}", L::NAME);
    }
}

#[test]
fn losses() {
    fn run<const N: usize>() {
        for_each_loss::<N>(&mut Losses);
    }
    for_sizes!(run);
}

//! Every gradient against the slope of the f64 twin: one checker for all layers, one for activations, one for losses.

use crate::common::catalogue::*;
use crate::common::checker::{check, loss};
use crate::common::naive::losses::differences;
use crate::common::naive::{self, Twin};
use crate::common::numbers::{assert_close, uniform, widen};
use baregrad::activations::{Activation, Want};
use baregrad::losses::Loss;
use baregrad::prelude::*;
use baregrad::tensor::{Sequence, Tensor};

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

/// A single number, two vectors of 4 lanes or one of 8, and one number beyond those of 4, 8 or 16. The kernels are tested at all
/// sizes of 0 to 67. The tests in `ways` and `tensors` take sizes of these, for which the layers are compiled anyway.
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

struct Activations;

impl ActivationVisitor for Activations {
    fn visit<A: Activation>(&mut self, stem: &'static str) {
        assert_gradients::<[f32; 17], Activate<A>>(stem);
    }
}

#[test]
fn activations_as_layers() {
    for_each_activation(&mut Activations);
}

/// An activation behind a product. The kernels are tested at all shapes.
struct DenseWith;

impl ActivationVisitor for DenseWith {
    fn visit<A: Activation>(&mut self, stem: &'static str) {
        assert_gradients::<[f32; 33], Dense<33, 5, A>>(stem);
    }
}

#[test]
fn dense_with_every_activation() {
    for_each_activation(&mut DenseWith);
}

/// Value and slope of an activation at many points, kinks apart: those of its twin, and its own beside them.
struct Slopes;

impl ActivationVisitor for Slopes {
    fn visit<A: Activation>(&mut self, _: &'static str) {
        for seed in 0..20 {
            for size in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33] {
                let z = uniform(size, -6.0, 6.0, seed);
                let twin = widen(&z);
                let of_y = uniform(size, -1.0, 1.0, seed + 100);
                let dy = widen(&of_y);
                let loss = |z: &[f64]| naive::activate(A::NAME, z).iter().zip(&dy).map(|(y, dy)| y * dy).sum();
                let slopes = differences(loss, &twin);
                let analytic: Vec<f32> = naive::chain_rule(A::NAME, &twin, &dy).iter().map(|d| *d as f32).collect();
                assert_close(&analytic, &slopes, 1e-7, &format!("the twin's slope of {}", A::NAME));

                let (mut y, mut dx) = (z.clone(), vec![f32::NAN; size]);
                y.iter_mut().for_each(|z| *z = A::value(*z));
                A::finish_row(&mut y);
                A::chain_rule(if A::FromInput::YES { &z } else { &y }, Some(&of_y), &mut dx);
                assert_close(&y, &naive::activate(A::NAME, &twin), 1e-6, &format!("{} of {size} numbers", A::NAME));
                assert_close(&dx, &slopes, 1e-5, &format!("the slope of {} of {size} numbers", A::NAME));
            }
        }
    }
}

/// At many sizes. Other tests lean on the twins.
#[test]
fn activations_and_their_twins() {
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
    for_each_loss::<1>(&mut Losses);
    for_each_loss::<8>(&mut Losses);
    for_each_loss::<17>(&mut Losses);
}

//! Convolutions, pools and what goes with them beside Keras' and PyTorch's.

use crate::beside;
use baregrad::net::Layer;
use baregrad::prelude::*;
use baregrad::tensor::{Image, Sequence, Tensor};

/// The names of the tensors of a convolution.
const CONV: &[&str] = &["kernel", "bias"];

#[track_caller]
fn check<X: Tensor, L: Layer<X>>(library: &str, name: &str, tensors: &[&str]) {
    beside::check::<X, L>("convolutions", library, name, tensors);
}

#[test]
fn padding_cropping_and_up_sampling() {
    check::<_, ZeroPadding1d<Sequence<3, 2>, Sequence<6, 2>, 2>>("keras", "zero_padding1d", &[]);
    check::<_, ZeroPadding2d<Image<2, 3, 2>, Image<5, 4, 2>, 1, 0>>("keras", "zero_padding2d", &[]);
    check::<_, Cropping1d<Sequence<6, 2>, Sequence<3, 2>, 1>>("keras", "cropping1d", &[]);
    check::<_, Cropping2d<Image<3, 5, 2>, Image<2, 3, 2>, 1, 0>>("keras", "cropping2d", &[]);
    check::<_, UpSampling1d<Sequence<3, 2>, Sequence<9, 2>>>("keras", "up_sampling1d", &[]);
    check::<_, UpSampling2d<Image<2, 3, 2>, Image<4, 9, 2>>>("keras", "up_sampling2d", &[]);
}

#[test]
fn max_pools() {
    check::<_, MaxPool1d<Sequence<7, 3>, Sequence<3, 3>, 2>>("keras", "max_pool1d_valid", &[]);
    check::<_, MaxPool1d<Sequence<8, 3>, Sequence<4, 3>, 3, 2>>("keras", "max_pool1d_same", &[]);
    check::<_, MaxPool2d<Image<5, 4, 3>, Image<2, 2, 3>, 2, 2>>("keras", "max_pool2d_valid", &[]);
    check::<_, MaxPool2d<Image<4, 5, 2>, Image<2, 4, 2>, 3, 2, 1, 1>>("keras", "max_pool2d_overlap", &[]);
    check::<_, MaxPool2d<Image<6, 5, 2>, Image<3, 3, 2>, 3, 3, 2, 2>>("keras", "max_pool2d_same", &[]);
    check::<_, MaxPool2d<Image<4, 4, 2>, Image<2, 2, 2>, 2, 2>>("keras", "max_pool2d_ties", &[]);
}

#[test]
fn average_pools() {
    check::<_, AveragePool1d<Sequence<7, 3>, Sequence<3, 3>, 2>>("keras", "average_pool1d_valid", &[]);
    check::<_, AveragePool1d<Sequence<8, 3>, Sequence<4, 3>, 3, 2>>("keras", "average_pool1d_same", &[]);
    check::<_, AveragePool2d<Image<5, 6, 2>, Image<2, 2, 2>, 2, 3>>("keras", "average_pool2d_valid", &[]);
    check::<_, AveragePool2d<Image<6, 5, 2>, Image<3, 3, 2>, 3, 3, 2, 2>>("keras", "average_pool2d_same", &[]);
}

#[test]
fn global_pools() {
    check::<Sequence<6, 3>, GlobalAveragePool>("keras", "global_average_pool1d", &[]);
    check::<Image<3, 4, 3>, GlobalAveragePool>("keras", "global_average_pool2d", &[]);
    check::<Sequence<6, 3>, GlobalMaxPool>("keras", "global_max_pool1d", &[]);
    check::<Image<3, 4, 3>, GlobalMaxPool>("keras", "global_max_pool2d", &[]);
}

#[test]
fn convolutions_of_sequences() {
    type S<const L: usize> = Sequence<L, 2>;
    type T<const L: usize> = Sequence<L, 3>;
    check::<_, Conv1d<Sequence<7, 3>, Sequence<7, 4>, 3, 1, Tanh>>("keras", "conv1d_same", CONV);
    check::<_, Conv1d<T<6>, S<6>, 4>>("keras", "conv1d_even_same", CONV);
    check::<_, Conv1d<S<7>, Sequence<5, 5>, 3>>("keras", "conv1d_valid", CONV);
    check::<_, CausalConv1d<Sequence<5, 3>, Sequence<5, 4>, 3>>("keras", "conv1d_causal", CONV);
    check::<_, Conv1d<S<8>, T<4>, 3, 2>>("keras", "conv1d_stride", CONV);
    check::<_, Conv1d<S<9>, T<5>, 3, 2>>("keras", "conv1d_odd_stride", CONV);
    check::<_, Conv1d<S<12>, S<3>, 4, 3>>("keras", "conv1d_stride_valid", CONV);
    check::<_, CausalConv1d<S<7>, S<4>, 3, 2>>("keras", "conv1d_stride_causal", CONV);
    check::<_, Conv1d<S<7>, T<7>, 3, 1, Linear, 2>>("keras", "conv1d_dilated", CONV);
    check::<_, Conv1d<S<7>, T<4>, 2, 1, Linear, 3>>("keras", "conv1d_dilated_valid", CONV);
    check::<_, CausalConv1d<S<8>, T<8>, 3, 1, Linear, 2>>("keras", "conv1d_dilated_causal", CONV);
    check::<_, Conv1d<S<3>, S<3>, 5>>("keras", "conv1d_short", CONV);
}

#[test]
fn convolutions_of_images() {
    check::<_, Conv2d<Image<9, 7, 1>, Image<5, 4, 3>, 10, 4, 2>>("keras", "conv2d_mfcc", CONV);
    check::<_, Conv2d<Image<4, 5, 2>, Image<4, 5, 3>, 3, 3, 1, Relu>>("keras", "conv2d_same", CONV);
    check::<_, Conv2d<Image<4, 5, 3>, Image<2, 4, 2>, 3, 2>>("keras", "conv2d_valid", CONV);
    check::<_, Conv2d<Image<6, 5, 2>, Image<3, 3, 2>, 3, 3, 2>>("keras", "conv2d_stride", CONV);
    check::<_, Conv2d<Image<5, 6, 1>, Image<2, 3, 3>, 2, 2, 2>>("keras", "conv2d_stride_valid", CONV);
    check::<_, Conv2d<Image<5, 6, 2>, Image<5, 6, 2>, 3, 3, 1, Linear, 2>>("keras", "conv2d_dilated", CONV);
    check::<_, Conv2d<Image<4, 6, 2>, Image<2, 2, 2>, 2, 3, 1, Linear, 2>>("keras", "conv2d_dilated_valid", CONV);
    check::<_, Conv2d<Image<3, 3, 5>, Image<3, 3, 4>, 1, 1>>("keras", "conv2d_1x1", CONV);
    check::<_, Conv2d<Image<5, 4, 2>, Image<3, 2, 3>, 1, 1, 2>>("keras", "conv2d_1x1_stride", CONV);
}

#[test]
fn depthwise_convolutions() {
    type S<const L: usize> = Sequence<L, 3>;
    check::<_, DepthwiseConv1d<Sequence<7, 5>, Sequence<7, 5>, 3>>("keras", "depthwise1d_same", CONV);
    check::<_, DepthwiseConv1d<S<7>, S<4>, 4>>("keras", "depthwise1d_valid", CONV);
    check::<_, DepthwiseConv1d<S<8>, S<4>, 3, 2>>("keras", "depthwise1d_stride", CONV);
    check::<_, DepthwiseConv1d<S<7>, S<7>, 3, 1, Linear, 2>>("keras", "depthwise1d_dilated", CONV);
    check::<_, DepthwiseConv2d<Image<4, 5, 3>, Image<4, 5, 3>, 3, 3, 1, Relu>>("keras", "depthwise2d_same", CONV);
    check::<_, DepthwiseConv2d<Image<4, 5, 2>, Image<2, 4, 2>, 3, 2>>("keras", "depthwise2d_valid", CONV);
    check::<_, DepthwiseConv2d<Image<5, 6, 3>, Image<3, 3, 3>, 3, 3, 2>>("keras", "depthwise2d_stride", CONV);
    type Dilated = DepthwiseConv2d<Image<5, 4, 2>, Image<5, 4, 2>, 3, 3, 1, Linear, 2>;
    check::<_, Dilated>("keras", "depthwise2d_dilated", CONV);
}

/// A depthwise convolution without biases, and one of 1 or 1 × 1.
#[test]
fn separable_convolutions() {
    const TENSORS: &[&str] = &["depthwise_kernel", "", "pointwise_kernel", "bias"];
    check::<_, SeparableConv1d<Sequence<5, 2>, Sequence<5, 2>, Sequence<5, 4>, 3>>("keras", "separable1d", TENSORS);
    type Halving = SeparableConv2d<Image<4, 5, 2>, Image<2, 3, 2>, Image<2, 3, 4>, 3, 3, 2>;
    check::<_, Halving>("keras", "separable2d", TENSORS);
}

#[test]
fn transposed_convolutions() {
    type S<const L: usize> = Sequence<L, 2>;
    type T<const L: usize> = Sequence<L, 3>;
    type I<const H: usize, const W: usize> = Image<H, W, 2>;
    type J<const H: usize, const W: usize> = Image<H, W, 3>;
    check::<_, Conv1dTranspose<S<4>, T<8>, 4, 2, Tanh>>("keras", "transposed1d_same", CONV);
    check::<_, Conv1dTranspose<T<4>, S<8>, 3, 2>>("keras", "transposed1d_odd_same", CONV);
    check::<_, Conv1dTranspose<S<5>, S<5>, 4>>("keras", "transposed1d_even_same", CONV);
    check::<_, Conv1dTranspose<S<4>, T<11>, 5, 2>>("keras", "transposed1d_valid", CONV);
    check::<_, Conv1dTranspose<T<4>, S<12>, 2, 3>>("keras", "transposed1d_gaps", CONV);
    check::<_, Conv1dTranspose<S<4>, S<7>, 3, 2>>("keras", "transposed1d_output_padding", CONV);
    check::<_, Conv2dTranspose<J<3, 2>, I<6, 4>, 3, 3, 2, Relu>>("keras", "transposed2d_same", CONV);
    check::<_, Conv2dTranspose<I<2, 3>, J<4, 7>, 2, 3, 2>>("keras", "transposed2d_valid", CONV);
    check::<_, Conv2dTranspose<Image<2, 3, 1>, I<6, 9>, 5, 4, 3>>("keras", "transposed2d_wide", CONV);
    check::<_, Conv1dTranspose<S<4>, T<7>, 3, 2>>("torch", "transposed1d_padding1_stride2", CONV);
    check::<_, Conv1dTranspose<S<4>, T<11>, 3, 2, Linear, 2>>("torch", "transposed1d_dilated", CONV);
    check::<_, Conv2dTranspose<I<3, 2>, J<6, 4>, 4, 4, 2>>("torch", "transposed2d_padding1_stride2", CONV);
    check::<_, Conv2dTranspose<J<2, 3>, I<4, 5>, 2, 2, 1, Linear, 2>>("torch", "transposed2d_dilated", CONV);
}

/// Padding 1 with stride 2 in PyTorch is a layer of zero padding and a "valid" one.
#[test]
fn pytorch_pads_on_both_sides() {
    type Padding<const C: usize> = ZeroPadding2d<Image<6, 5, C>, Image<8, 7, C>, 1, 1>;
    type Average = chain![Padding<2>, AveragePool2d<Image<8, 7, 2>, Image<3, 3, 2>, 3, 3, 2, 2>];
    check::<_, Average>("torch", "average_pool2d_padding1_stride2", &[]);
    type OfSequence =
        chain![ZeroPadding1d<Sequence<8, 2>, Sequence<10, 2>, 1>, Conv1d<Sequence<10, 2>, Sequence<4, 3>, 3, 2>];
    check::<_, OfSequence>("torch", "conv1d_padding1_stride2", CONV);
    type OfImage = chain![Padding<2>, Conv2d<Image<8, 7, 2>, Image<3, 3, 3>, 3, 3, 2>];
    check::<_, OfImage>("torch", "conv2d_padding1_stride2", CONV);
    type Depthwise = chain![
        ZeroPadding2d<Image<6, 4, 3>, Image<8, 6, 3>, 1, 1>,
        DepthwiseConv2d<Image<8, 6, 3>, Image<3, 2, 3>, 3, 3, 2>
    ];
    check::<_, Depthwise>("torch", "depthwise2d_padding1_stride2", CONV);
}

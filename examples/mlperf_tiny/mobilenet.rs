//! MobileNetV1 (Howard et al. 2017) at a quarter of its width: is there a person in a colour image of 96 by 96 pixels?

use baregrad::prelude::*;

/// A depthwise convolution of stride `S`, and a convolution of single places: from `X` over `M` to `Y`.
type Block<X, M, Y, const S: usize> = chain![DepthwiseConv2d<X, M, 3, 3, S, Relu>, Conv2d<M, Y, 1, 1, 1, Relu>];

type A = Image<48, 48, 8>;
type B = Image<48, 48, 16>;
type B2 = Image<24, 24, 16>;
type C = Image<24, 24, 32>;
type C2 = Image<12, 12, 32>;
type D = Image<12, 12, 64>;
type D2 = Image<6, 6, 64>;
type E = Image<6, 6, 128>;
type E2 = Image<3, 3, 128>;
type F = Image<3, 3, 256>;

/// Batch normalisations are folded into the convolutions before them.
pub type MobileNet = chain![
    Conv2d<Image<96, 96, 3>, A, 3, 3, 2, Relu>,
    Block<A, A, B, 1>,
    Block<B, B2, C, 2>,
    Block<C, C, C, 1>,
    Block<C, C2, D, 2>,
    Block<D, D, D, 1>,
    Block<D, D2, E, 2>,
    Block<E, E, E, 1>,
    Block<E, E, E, 1>,
    Block<E, E, E, 1>,
    Block<E, E, E, 1>,
    Block<E, E, E, 1>,
    Block<E, E2, F, 2>,
    Block<F, F, F, 1>,
    GlobalAveragePool,
    Dense<256, 2, Softmax>
];

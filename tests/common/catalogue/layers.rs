use super::super::naive::Twin;
use baregrad::net::{Flash, InFlash, Recompute};
use baregrad::prelude::*;
use baregrad::tensor::{Image, Sequence, Tensor};

/// Sees every layer, each with a type of samples that it takes. A layer without a naive twin does not compile.
pub trait LayerVisitor {
    fn visit<X: Tensor, L: Twin<X>>(&mut self, stem: &'static str);
}

/// The width `N` is where a vector, a tile or a group of partial sums may end: the number of features, or of channels.
#[rustfmt::skip]
pub fn for_each_layer<const N: usize>(v: &mut impl LayerVisitor) {
    v.visit::<[f32; N], Activate<Gelu>>("activation");
    v.visit::<[[f32; N]; 2], Activate<Tanh>>("activation");
    v.visit::<[f32; N], AlphaDropout<30>>("alpha_dropout");
    v.visit::<Sequence<5, N>, AveragePool1d<Sequence<5, N>, Sequence<4, N>, 2, 1>>("average_pool");
    v.visit::<Image<4, 5, N>, AveragePool2d<Image<4, 5, N>, Image<2, 3, N>, 3, 2, 2>>("average_pool");
    v.visit::<[f32; N], BatchNorm<N>>("batch_norm");
    v.visit::<[[f32; N]; 4], BatchNorm<N, Relu>>("batch_norm");
    v.visit::<[[[f32; N]; 3]; 2], BatchNorm<N, Gelu>>("batch_norm");
    v.visit::<[f32; N], BiasOnly<Dense<N, 3, Tanh>>>("bias_only");
    v.visit::<Sequence<3, N>, Bidirectional<SimpleRnn<Sequence<3, N>, Sequence<3, 2>>, 4>>("bidirectional");
    v.visit::<[[f32; N]; 5], Conv1d<[[f32; N]; 5], [[f32; 3]; 5], 3, 1, Softmax>>("conv1d");
    v.visit::<[[f32; 3]; 20], Conv1d<[[f32; 3]; 20], [[f32; N]; 9], 4, 2, Gelu>>("conv1d");
    v.visit::<[[f32; 2]; 9], CausalConv1d<[[f32; 2]; 9], [[f32; N]; 5], 3, 2, Tanh, 2, L1L2<3_000, 10_000>>>("conv1d");
    v.visit::<Sequence<4, 3>, Conv1dTranspose<Sequence<4, 3>, Sequence<8, N>, 3, 2, Gelu, 2, L1L2<3_000, 10_000>>>("conv1d_transpose");
    v.visit::<[[[f32; N]; 4]; 5], Conv2d<[[[f32; N]; 4]; 5], [[[f32; 2]; 4]; 5], 3, 3, 1, Tanh>>("conv2d");
    v.visit::<[[[f32; 1]; 7]; 6], Conv2d<[[[f32; 1]; 7]; 6], [[[f32; N]; 4]; 3], 3, 4, 2>>("conv2d");
    v.visit::<[[[f32; 3]; 8]; 3], Conv2d<[[[f32; 3]; 8]; 3], [[[f32; N]; 4]; 3], 2, 3, 1, Tanh, 2>>("conv2d");
    v.visit::<[[[f32; N]; 2]; 2], Conv2d<[[[f32; N]; 2]; 2], [[[f32; 3]; 2]; 2], 1, 1, 1, Tanh>>("conv2d");
    v.visit::<Image<2, 3, N>, Conv2dTranspose<Image<2, 3, N>, Image<5, 6, 3>, 3, 4, 2, Softmax>>("conv2d_transpose");
    v.visit::<Sequence<5, N>, Cropping1d<Sequence<5, N>, Sequence<3, N>, 1>>("cropping");
    v.visit::<Image<3, 4, N>, Cropping2d<Image<3, 4, N>, Image<2, 3, N>, 0, 1>>("cropping");
    v.visit::<[f32; N], Dense<N, 3, Tanh>>("dense");
    v.visit::<[f32; 5], Dense<5, N, Tanh>>("dense");
    v.visit::<[f32; N], Dense<N, 3, Tanh, L1L2<3_000, 10_000>>>("dense");
    v.visit::<Sequence<7, N>, DepthwiseConv1d<Sequence<7, N>, Sequence<4, N>, 4, 2, Gelu>>("depthwise_conv1d");
    v.visit::<Sequence<5, N>, CausalDepthwiseConv1d<Sequence<5, N>, Sequence<5, N>, 2, 1, Linear, 2>>("depthwise_conv1d");
    v.visit::<Image<5, 4, N>, DepthwiseConv2d<Image<5, 4, N>, Image<2, 2, N>, 2, 3, 2, Tanh, 2>>("depthwise_conv2d");
    v.visit::<Image<3, 5, N>, DepthwiseConv2d<Image<3, 5, N>, Image<3, 5, N>, 3, 3>>("depthwise_conv2d");
    v.visit::<[f32; N], Dropout<30>>("dropout");
    v.visit::<[[f32; N]; 2], Dropout<30>>("dropout");
    v.visit::<[f32; N], chain![Frozen<Dense<N, 5>>, Embedding<[f32; 5], Sequence<5, N>, 2>]>("embedding");
    v.visit::<[f32; N], GaussianDropout<30>>("gaussian_dropout");
    v.visit::<[f32; N], GaussianNoise<30>>("gaussian_noise");
    v.visit::<Image<2, 3, N>, GlobalAveragePool>("global_average_pool");
    v.visit::<Sequence<4, N>, GlobalMaxPool>("global_max_pool");
    v.visit::<Sequence<4, N>, Gru<Sequence<4, N>, [f32; 3]>>("gru");
    v.visit::<Sequence<3, 2>, chain![ZeroPadding1d<Sequence<3, 2>, Sequence<5, 2>, 0>, Gru<Sequence<5, 2>, Sequence<5, N>, (Masked, Backwards), 0, 1>]>("gru");
    v.visit::<Sequence<3, 2>, GruResetBefore<Sequence<3, 2>, [f32; N]>>("gru_reset_before");
    v.visit::<[f32; N], LayerNorm<N>>("layer_norm");
    v.visit::<Sequence<4, 2>, Lstm<Sequence<4, 2>, Sequence<4, N>>>("lstm");
    v.visit::<Sequence<4, 2>, chain![SpatialDropout<30>, Lstm<Sequence<4, 2>, Sequence<4, N>, RecurrentDropout<30>>]>("lstm");
    v.visit::<Sequence<7, N>, MaxPool1d<Sequence<7, N>, Sequence<4, N>, 2>>("max_pool");
    v.visit::<Image<5, 4, N>, MaxPool2d<Image<5, 4, N>, Image<2, 2, N>, 3, 3, 2, 2>>("max_pool");
    v.visit::<[f32; N], Rescale<N>>("rescale");
    v.visit::<[f32; N], chain![Dense<N, 6>, Reshape<[[f32; 2]; 3]>, Activate<Tanh>, Flatten<6>, Dense<6, 2>]>("reshape");
    v.visit::<Sequence<4, N>, SimpleRnn<Sequence<4, N>, [f32; N], Gelu>>("simple_rnn");
    v.visit::<[[f32; N]; 3], SpatialDropout<30>>("spatial_dropout");
    v.visit::<[[[f32; N]; 2]; 3], SpatialDropout<30>>("spatial_dropout");
    v.visit::<[f32; N], chain![Dense<N, 6>, Reshape<[[f32; 2]; 3]>, SpatialDropout<30>, Flatten<6>]>("spatial_dropout");
    v.visit::<Sequence<2, N>, UpSampling1d<Sequence<2, N>, Sequence<6, N>>>("up_sampling");
    v.visit::<Image<2, 3, N>, UpSampling2d<Image<2, 3, N>, Image<6, 6, N>>>("up_sampling");
    v.visit::<Sequence<3, N>, ZeroPadding1d<Sequence<3, N>, Sequence<6, N>, 2>>("zero_padding");
    v.visit::<Image<2, 3, N>, ZeroPadding2d<Image<2, 3, N>, Image<5, 4, N>, 2, 0>>("zero_padding");
}

type Body = chain![Dense<3, 2, Tanh>, Dense<2, 2>];
static BODY: Body = Chain(
    Dense::from_weights([[0.5, -0.3], [-0.7, 0.2], [0.1, 0.9]], [0.1, -0.2]),
    Dense::from_weights([[0.4, 0.8], [-0.6, 0.3]], [-0.1, 0.3]),
);

/// A net in flash.
pub struct InBody;

impl Flash for InBody {
    type Net = Body;
    fn net() -> &'static Body {
        &BODY
    }
}

/// The same for every composition.
#[rustfmt::skip]
pub fn for_each_composition<const N: usize>(v: &mut impl LayerVisitor) {
    v.visit::<[f32; N], Sum<Concat<Dense<N, 2, Gelu>, chain![LayerNorm<N>, Dropout<40>, Dense<N, 1>], 3>, chain![Residual<Dense<N, N, Tanh>>, Dense<N, 3>]>>("branches");
    v.visit::<[f32; N], chain![Dense<N, 3, Tanh>, LayerNorm<3>, Dropout<40>, Dense<3, 2, Softmax>]>("chain");
    v.visit::<[f32; N], chain![Frozen<chain![Dense<N, 3, Tanh>, LayerNorm<3>]>, Activate<Elu>, Frozen<Dense<3, 5>>, Dense<5, 2>]>("chain");
    v.visit::<[f32; N], Concat<chain![Dense<N, 4, Tanh>, Dense<4, 2>], Dense<N, 3, Gelu>, 5>>("concat");
    v.visit::<[f32; N], Frozen<Dense<N, 3, Tanh>>>("frozen");
    v.visit::<[f32; 3], chain![InFlash<InBody>, Dense<2, N>]>("in_flash");
    v.visit::<Image<5, 3, N>, InPlace<chain![DepthwiseConv2d<Image<5, 3, N>, Image<5, 3, N>, 4, 3, 1, Gelu>, Conv2d<Image<5, 3, N>, Image<5, 3, N>, 1, 1, 1, Tanh>]>>("in_place");
    v.visit::<Sequence<14, N>, chain![InPlace<chain![CausalDepthwiseConv1d<Sequence<14, N>, Sequence<14, N>, 3>, Activate<Softmax>, Conv1d<Sequence<14, N>, Sequence<14, N>, 1>]>, InPlace<DepthwiseConv1d<Sequence<14, N>, Sequence<14, N>, 3, 1, LogSoftmax>>]>("in_place");
    v.visit::<Sequence<3, N>, chain![ZeroPadding1d<Sequence<3, N>, Sequence<5, N>, 0>, KeepPadding<chain![Conv1d<Sequence<5, N>, Sequence<5, 2>, 3, 1, Tanh>, Conv1d<Sequence<5, 2>, Sequence<5, 3>, 3>]>]>("keep_padding");
    v.visit::<[f32; N], chain![Dense<N, 3>, Recompute<chain![Dense<3, 4, Tanh>, Dropout<40>, BatchNorm<4, Tanh>, Dense<4, 3, Gelu>]>]>("recompute");
    v.visit::<[f32; N], Residual<chain![Dense<N, 3, Tanh>, Dense<3, N, Gelu>]>>("residual");
    v.visit::<[[f32; N]; 2], Residual<Activate<Silu>>>("residual");
    v.visit::<[f32; N], Sum<Dense<N, 3, Tanh>, Frozen<Dense<N, 3>>>>("sum");
}

/// Layers and compositions.
pub fn for_each_layer_and_composition<const N: usize>(v: &mut impl LayerVisitor) {
    for_each_layer::<N>(v);
    for_each_composition::<N>(v);
}

//! Nets that Keras 3 has trained (`python/train_keras.py`) give what they gave in Keras.
//!
//! ```text
//! cargo run --example import_keras
//! ```

mod digits;

use baregrad::prelude::*;
use baregrad_convert::Model;
use digits::{Result, agree, compare_on, models, test_set};
use std::fs;

// Sequential([Input((64,)), Dense(32, activation="relu"), Dropout(0.2), Dense(10, activation="softmax")])
type Digits = chain![Dense<64, 32, Relu>, Dropout<20>, Dense<32, 10, Softmax>];

// A Normalization before the first layer is folded into it.
type Normalised = chain![Dense<64, 16, Tanh>, Dense<16, 12, Softsign>, Dense<12, 12, Elu>, Dense<12, 12, Selu>, Dense<12, 10, Sigmoid>];

type Smooth = chain![
    Dense<64, 16, Gelu>,
    Dense<16, 12, Silu>,
    Dense<12, 12, Softplus>,
    Dense<12, 10, Softmax>,
];

// A functional model.
type Kinked = chain![
    Dense<64, 16>,
    LayerNorm<16>,
    Activate<Relu>,
    Dense<16, 12, LeakyRelu>,
    Dense<12, 12, LeakyRelu<10>>,
    Dense<12, 12, HardSwish>,
    LayerNorm<12>,
    Activate<Elu>,
    Dense<12, 12, HardSigmoid>,
    Dense<12, 12, LogSoftmax>,
    Dense<12, 10, Softmax>,
];

// Keras' legacy `.h5`, of Keras 2 and of Keras 3. A Normalization that no Dense follows is a layer.
type Keras2 = chain![Dense<64, 16, LeakyRelu<30>>, Dropout<10>, LayerNorm<16>, Dense<16, 10, Softmax>];
type Keras3 = chain![Rescale<64>, Activate<Tanh>, Dense<64, 12, Silu>, Dense<12, 10, Softmax>];

// Images. The first `ZeroPadding2D` is part of the convolution behind it, whose "same" padding it is; a `Dense` at each place is a
// convolution. What Keras gives for a `Conv2D` without a bias has a bias of zeros.
type Small = Image<4, 4, 6>;
type Wide = Image<8, 12, 6>;
type Padded = Image<9, 11, 6>;
type Map<const C: usize> = Image<4, 5, C>;
type Pooled<const C: usize> = Image<4, 3, C>;
type Images = chain![
    Conv2d<Image<8, 8, 1>, Small, 3, 3, 2>,
    BatchNorm<6, Relu>,
    SpatialDropout<10>,
    DepthwiseConv2d<Small, Small, 3, 3>,
    BatchNorm<6, Silu>,
    UpSampling2d<Small, Wide>,
    Cropping2d<Wide, Image<7, 9, 6>, 1, 2>,
    ZeroPadding2d<Image<7, 9, 6>, Padded, 1, 1>,
    SeparableConv2d<Padded, Map<6>, Map<10>, 3, 2, 2, Relu>,
    MaxPool2d<Map<10>, Pooled<10>, 2, 3, 1, 2>,
    AveragePool2d<Pooled<10>, Pooled<10>, 2, 2, 1, 1>,
    Conv2d<Pooled<10>, Pooled<8>, 1, 1, 1, Tanh>,
    Conv2d<Pooled<8>, Pooled<8>, 2, 2, 1, Softmax, 2>,
    Flatten<96>,
    Dropout<10>,
    Dense<96, 10, Softmax>,
];

// Sequences, with a residual block, a sum of two convolutions, and the two global pools joined.
type Row = Sequence<8, 8>;
type HalfRow = Sequence<4, 12>;
type Long = Sequence<9, 12>;
type Sequences = chain![
    CausalConv1d<Row, Row, 3, 1, Relu, 2>,
    Residual<chain![Conv1d<Row, Row, 3>, BatchNorm<8, Relu>, DepthwiseConv1d<Row, Row, 5>]>,
    Activate<Relu>,
    Sum<Conv1d<Row, HalfRow, 3, 2>, Conv1d<Row, HalfRow, 1, 2>>,
    SpatialDropout<10>,
    UpSampling1d<HalfRow, Sequence<12, 12>>,
    Cropping1d<Sequence<12, 12>, Long, 2>,
    MaxPool1d<Long, HalfRow, 2>,
    SeparableConv1d<HalfRow, HalfRow, HalfRow, 3, 1, Elu>,
    ZeroPadding1d<HalfRow, Sequence<7, 12>, 1>,
    AveragePool1d<Sequence<7, 12>, Sequence<7, 12>, 3, 1>,
    Concat<GlobalMaxPool, GlobalAveragePool, 24>,
    Dense<24, 10, Softmax>,
];

// Keras 2.
type Keras2Images = chain![
    Conv2d<Image<8, 8, 1>, Image<8, 8, 6>, 3, 2>,
    BatchNorm<6, Relu>,
    DepthwiseConv2d<Image<8, 8, 6>, Small, 3, 3, 2, Relu>,
    SpatialDropout<10>,
    SeparableConv2d<Small, Image<2, 2, 6>, Image<2, 2, 8>, 3, 3, 1, Relu>,
    GlobalAveragePool,
    Dense<8, 10, Softmax>,
];

// Transposed convolutions, whose padding follows from the lengths, and relu6.
type Half<const C: usize> = Image<4, 4, C>;
type Transposed = chain![
    Conv2d<Image<8, 8, 1>, Half<6>, 3, 3, 2, Relu6>,
    Conv2dTranspose<Half<6>, Image<8, 8, 5>, 3, 4, 2>,
    BatchNorm<5, Relu6>,
    AveragePool2d<Image<8, 8, 5>, Half<5>, 2, 2>,
    Conv2dTranspose<Half<5>, Image<8, 9, 4>, 1, 3, 2, Tanh>,
    MaxPool2d<Image<8, 9, 4>, Half<4>, 2, 2>,
    Conv2dTranspose<Half<4>, Image<12, 12, 4>, 3, 3, 3, Relu>,
    MaxPool2d<Image<12, 12, 4>, Image<6, 6, 4>, 2, 2>,
    Conv2dTranspose<Image<6, 6, 4>, Image<6, 6, 6>, 3, 2, 1, Relu6>,
    Conv2dTranspose<Image<6, 6, 6>, Image<7, 7, 6>, 2, 2, 1, Elu>,
    Flatten<294>,
    Dense<294, 10, Softmax>,
];
type Transposed3 = chain![
    Conv1d<Row, Sequence<2, 6>, 4, 4, Relu6>,
    Conv1dTranspose<Sequence<2, 6>, Row, 5, 4, Relu6>,
    Conv1dTranspose<Row, Sequence<24, 4>, 2, 3, Tanh>,
    MaxPool1d<Sequence<24, 4>, Sequence<8, 4>, 3>,
    Conv1dTranspose<Sequence<8, 4>, Sequence<10, 5>, 3, 1, Relu6>,
    Flatten<50>,
    Dense<50, 10, Softmax>,
];
// An `output_padding` is a longer output.
type Keras2Transposed = chain![
    Conv2d<Image<8, 8, 1>, Half<4>, 3, 3, 2, Relu6>,
    Conv2dTranspose<Half<4>, Image<7, 7, 5>, 3, 4, 2, Relu6>,
    Reshape<Sequence<7, 35>>,
    Conv1dTranspose<Sequence<7, 35>, Sequence<16, 6>, 3, 2>,
    GlobalMaxPool,
    Dense<6, 10, Softmax>,
];

// Depthwise convolutions of several filters per channel, which see each channel as often, and rescalings of images.
type Multiplied = chain![
    Conv2d<Image<8, 8, 1>, Image<8, 8, 1>, 1, 1>,
    Conv2d<Image<8, 8, 1>, Half<4>, 3, 3, 2, Relu>,
    Reshape<Sequence<64, 1>>,
    UpSampling1d<Sequence<64, 1>, Sequence<128, 1>>,
    Reshape<Half<8>>,
    DepthwiseConv2d<Half<8>, Half<8>, 3, 2>,
    BatchNorm<8, Relu6>,
    Reshape<Sequence<128, 1>>,
    UpSampling1d<Sequence<128, 1>, Sequence<384, 1>>,
    Reshape<Half<24>>,
    DepthwiseConv2d<Half<24>, Image<3, 3, 24>, 2, 2>,
    Conv2d<Image<3, 3, 24>, Image<3, 3, 5>, 1, 1, 1, Relu>,
    DepthwiseConv2d<Image<3, 3, 5>, Image<3, 3, 5>, 1, 1>,
    Reshape<Sequence<45, 1>>,
    UpSampling1d<Sequence<45, 1>, Sequence<90, 1>>,
    Reshape<Image<3, 3, 10>>,
    DepthwiseConv2d<Image<3, 3, 10>, Image<2, 2, 10>, 2, 2>,
    Flatten<40>,
    Rescale<40>,
    Dense<40, 10, Softmax>,
];

// Recurrent layers, whose padding is zeros at the end of a sequence. Keras' `merge_mode="sum"` is a `Sum`.
type Steps<const H: usize> = Sequence<8, H>;
type Recurrent = chain![
    Gru<Steps<8>, Steps<12>, Masked>,
    Bidirectional<Lstm<Steps<12>, Steps<5>, Masked>, 10>,
    Dropout<10>,
    Sum<SimpleRnn<Steps<10>, [f32; 8], Relu, Masked>, SimpleRnn<Steps<10>, [f32; 8], Relu, (Masked, Backwards)>>,
    Dense<8, 10, Softmax>,
];
type Recurrent3 = chain![
    SimpleRnn<Steps<8>, Steps<10>, Softsign>,
    Dense<10, 8, Tanh>,
    GruResetBefore<Steps<8>, [f32; 12], Backwards>,
    Dense<12, 10, Softmax>,
];
// Each pixel is a token.
type Tokens = chain![
    Rescale<64>,
    Embedding<[f32; 64], Sequence<64, 3>, 17>,
    Gru<Sequence<64, 3>, [f32; 12]>,
    Dense<12, 10, Softmax>,
];

fn main() -> Result<()> {
    // Large nets belong into a `static`, or a box.
    let mut net = Digits::NEW;
    for name in ["digits", "float16", "bfloat16"] {
        model(name)?.load_into(&mut net)?;
        agree(name, &net)?;
    }

    let mut net = Normalised::NEW;
    model("normalised")?.load_into(&mut net)?;
    agree("normalised", &net)?;

    let mut net = Smooth::NEW;
    model("smooth")?.load_into(&mut net)?;
    agree("smooth", &net)?;

    let mut net = Kinked::NEW;
    model("kinked")?.load_into(&mut net)?;
    // LayerNormalization(epsilon=1e-5): no tensor, so that the program says it.
    net.1.1.1.1.1.1.0.epsilon = 1e-5;
    agree("kinked", &net)?;

    let mut net = Keras2::NEW;
    Model::of_h5(&fs::read(models().join("keras2.h5"))?)?.load_into(&mut net)?;
    agree("keras2", &net)?;

    let mut net = Keras3::NEW;
    Model::of_h5(&fs::read(models().join("keras3.h5"))?)?.load_into(&mut net)?;
    agree("keras3", &net)?;

    let mut net = Images::NEW;
    model("images")?.load_into(&mut net)?;
    net.1.1.1.1.0.epsilon = 1e-4; // of the second normalisation
    agree("images", &net)?;

    let mut net = Sequences::NEW;
    model("sequences")?.load_into(&mut net)?;
    agree("sequences", &net)?;
    Model::of_h5(&fs::read(models().join("sequences3.h5"))?)?.load_into(&mut net)?;
    agree("sequences3", &net)?;

    let mut net = Keras2Images::NEW;
    Model::of_h5(&fs::read(models().join("keras2_images.h5"))?)?.load_into(&mut net)?;
    agree("keras2_images", &net)?;

    let mut net = Transposed::NEW;
    model("transposed")?.load_into(&mut net)?;
    agree("transposed", &net)?;
    let mut net = Transposed3::NEW;
    Model::of_h5(&fs::read(models().join("transposed3.h5"))?)?.load_into(&mut net)?;
    agree("transposed3", &net)?;
    let mut net = Keras2Transposed::NEW;
    Model::of_h5(&fs::read(models().join("keras2_transposed.h5"))?)?.load_into(&mut net)?;
    agree("keras2_transposed", &net)?;

    let mut net = Multiplied::NEW;
    model("multiplied")?.load_into(&mut net)?;
    agree("multiplied", &net)?;

    let mut net = Recurrent::NEW;
    model("recurrent")?.load_into(&mut net)?;
    agree("recurrent", &net)?;
    // Digits whose last two rows are padding.
    let mut cut = test_set()?;
    cut.iter_mut().for_each(|x| x[48..].fill(0.0));
    assert!(compare_on("masked", &net, &cut)? < 2e-6);

    let mut net = Recurrent3::NEW;
    Model::of_h5(&fs::read(models().join("recurrent3.h5"))?)?.load_into(&mut net)?;
    agree("recurrent3", &net)?;

    let mut net = Tokens::NEW;
    model("tokens")?.load_into(&mut net)?;
    agree("tokens", &net)
}

fn model(name: &str) -> Result<Model> {
    Ok(Model::of_keras(&fs::read(models().join(format!("{name}.keras")))?)?)
}

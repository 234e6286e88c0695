//! Nets that PyTorch has trained (`python/train_pytorch.py`) give what they gave in PyTorch: from state dicts as safetensors,
//! and from ONNX.
//!
//! ```text
//! cargo run --example import_pytorch
//! ```

mod digits;

use baregrad::prelude::*;
use baregrad_convert::{Model, NameMap, load_safetensors};
use digits::{Result, agree, models};
use std::fs;

// Sequential(Linear(64, 32), ReLU(), Dropout(0.2), Linear(32, 10), Softmax(dim=1))
type Mlp = chain![Dense<64, 32, Relu>, Dropout<20>, Dense<32, 10, Softmax>];

// A module whose layers have names of their own, and GELU in its tanh form.
type Named = chain![
    Dense<64, 24>,
    LayerNorm<24>,
    Activate<GeluTanh>,
    Dense<24, 16, Silu>,
    Dense<16, 16, HardSwish>,
    Dense<16, 10, Sigmoid>,
];

// Paddings that are not Keras' "same" are layers. What is flattened has its channels last here: rows of the weights behind it are
// in that order, which an import sees to.
type Map = Image<8, 8, 6>;
type Padded = Image<10, 10, 6>;
type Small = Image<2, 2, 8>;
type Picture = chain![
    Conv2d<Image<8, 8, 1>, Map, 3, 3>,
    BatchNorm<6, Relu>,
    ZeroPadding2d<Map, Padded, 1, 1>,
    MaxPool2d<Padded, Image<4, 4, 6>, 3, 3, 2, 2>,
    ZeroPadding2d<Image<4, 4, 6>, Image<6, 6, 6>, 1, 1>,
    Conv2d<Image<6, 6, 6>, Small, 3, 3, 2, Silu>,
    DepthwiseConv2d<Small, Small, 2, 2, 1, Linear, 2>,
    ZeroPadding2d<Small, Image<4, 4, 8>, 1, 1>,
    AveragePool2d<Image<4, 4, 8>, Image<3, 3, 8>, 2, 2, 1, 1>,
    Flatten<72>,
    BatchNorm<72>,
    Dense<72, 10, Softmax>,
];
/// The same as text, for a state dict.
const PICTURE: &str = "Conv2d<Image<8, 8, 1>, Image<8, 8, 6>, 3, 3>, BatchNorm<6, Relu, 1e-5>,
    ZeroPadding2d<Image<8, 8, 6>, Image<10, 10, 6>, 1, 1>, MaxPool2d<Image<10, 10, 6>, Image<4, 4, 6>, 3, 3, 2, 2>,
    ZeroPadding2d<Image<4, 4, 6>, Image<6, 6, 6>, 1, 1>, Conv2d<Image<6, 6, 6>, Image<2, 2, 8>, 3, 3, 2, Silu>,
    DepthwiseConv2d<Image<2, 2, 8>, Image<2, 2, 8>, 2, 2, 1, Linear, 2>,
    ZeroPadding2d<Image<2, 2, 8>, Image<4, 4, 8>, 1, 1>,
    AveragePool2d<Image<4, 4, 8>, Image<3, 3, 8>, 2, 2, 1, 1>, Flatten<72>, BatchNorm<72, 1e-5>, Dense<72, 10, Softmax>";

// A module with a residual block, and a sum of two convolutions that halve the length.
type Row = Sequence<8, 12>;
type Half = Sequence<4, 16>;
type Long = chain![
    ZeroPadding1d<Row, Sequence<12, 12>, 2>,
    Conv1d<Sequence<12, 12>, Sequence<5, 16>, 4, 2>,
    Cropping1d<Sequence<5, 16>, Half, 0>,
];
type Rows = chain![
    CausalConv1d<Sequence<8, 8>, Row, 3, 1, Relu, 2>,
    Residual<chain![DepthwiseConv1d<Row, Row, 3>, BatchNorm<12, Relu>, Conv1d<Row, Row, 1>]>,
    Activate<Relu>,
    Sum<Long, Conv1d<Row, Half, 1, 2>>,
    UpSampling1d<Half, Sequence<8, 16>>,
    Activate<Tanh>,
    GlobalAveragePool,
    Dense<16, 10, Softmax>,
];

// PyTorch's output padding keeps the last place, where Keras keeps the first: a cropping does so here.
type Quarter<const C: usize> = Image<4, 4, C>;
type Transposed = chain![
    ZeroPadding2d<Image<8, 8, 1>, Image<10, 10, 1>, 1, 1>,
    Conv2d<Image<10, 10, 1>, Quarter<6>, 3, 3, 2, Relu6>,
    Conv2dTranspose<Quarter<6>, Image<9, 9, 5>, 3, 3, 2>,
    Cropping2d<Image<9, 9, 5>, Image<8, 8, 5>, 1, 1>,
    Activate<Relu6>,
    MaxPool2d<Image<8, 8, 5>, Quarter<5>, 2, 2>,
    Conv2dTranspose<Quarter<5>, Image<8, 8, 4>, 4, 4, 2>,
    BatchNorm<4, Relu6>,
    MaxPool2d<Image<8, 8, 4>, Quarter<4>, 2, 2>,
    Conv2dTranspose<Quarter<4>, Image<8, 9, 6>, 2, 3, 2>,
    Cropping2d<Image<8, 9, 6>, Image<8, 8, 6>, 0, 1>,
    Activate<Silu>,
    Conv2dTranspose<Image<8, 8, 6>, Image<10, 10, 3>, 2, 2, 1, Linear, 2>,
    Flatten<300>,
    Dense<300, 10, Softmax>,
];
type TransposedSteps = chain![
    Conv1d<Sequence<8, 8>, Sequence<2, 6>, 4, 4, Relu6>,
    Conv1dTranspose<Sequence<2, 6>, Sequence<8, 8>, 6, 4, Relu6>,
    Conv1dTranspose<Sequence<8, 8>, Sequence<24, 5>, 2, 3>,
    Flatten<120>,
    Dense<120, 10, Softmax>,
];

// A module of recurrent layers, in which PyTorch has several layers and both directions in one.
type Recurrent = chain![
    SimpleRnn<Sequence<8, 8>, Sequence<8, 10>, Relu>,
    Bidirectional<Lstm<Sequence<8, 10>, Sequence<8, 6>>, 12>,
    Bidirectional<Lstm<Sequence<8, 12>, Sequence<8, 6>>, 12>,
    Dense<12, 8, Tanh>,
    Bidirectional<Gru<Sequence<8, 8>, [f32; 6]>, 12>,
    Dense<12, 10, Softmax>,
];
// The last step of two layers.
type LastStep = chain![Gru<Sequence<8, 8>, Sequence<8, 12>>, Gru<Sequence<8, 12>, [f32; 12]>, Dense<12, 10, Softmax>];

fn main() -> Result<()> {
    let mut net = Mlp::NEW;
    load_safetensors(&mut net, &read("mlp.safetensors")?, &NameMap::pytorch())?;
    agree("mlp", &net)?;

    let names = NameMap::pytorch().layers(["inward", "norm", "hidden.0", "hidden.2", "outward"]);
    let mut net = Named::NEW;
    net.1.0.epsilon = 1e-5; // PyTorch's
    for name in ["named", "named_f16", "named_bf16"] {
        load_safetensors(&mut net, &read(&format!("{name}.safetensors"))?, &names)?;
        agree(name, &net)?;
    }

    // The same from ONNX.
    Model::of_onnx(&read("named.onnx")?)?.load_into(&mut net)?;
    agree("named", &net)?;
    let mut net = Mlp::NEW;
    Model::of_onnx(&read("mlp.onnx")?)?.load_into(&mut net)?;
    agree("mlp", &net)?;

    let mut net = Picture::NEW;
    Model::of_onnx(&read("image.onnx")?)?.load_into(&mut net)?;
    (net.1.0.epsilon, net.1.1.1.1.1.1.1.1.1.1.0.epsilon) = (1e-5, 1e-5);
    agree("image", &net)?;
    Model::of_safetensors(&read("image.safetensors")?, Some(PICTURE), &NameMap::pytorch())?.load_into(&mut net)?;
    agree("image", &net)?;

    let mut net = Rows::NEW;
    net.1.0.0.1.0.epsilon = 1e-5;
    Model::of_onnx(&read("sequence.onnx")?)?.load_into(&mut net)?;
    agree("sequence", &net)?;
    // No image is flattened: the type says it all.
    let names = ["inward", "block.0", "block.1", "block.3", "long", "short", "outward"];
    load_safetensors(&mut net, &read("sequence.safetensors")?, &NameMap::pytorch().layers(names))?;
    agree("sequence", &net)?;

    let mut net = Transposed::NEW;
    net.1.1.1.1.1.1.1.0.epsilon = 1e-5;
    let from_onnx = Model::of_onnx(&read("transposed_torch.onnx")?)?;
    from_onnx.load_into(&mut net)?;
    agree("transposed_torch", &net)?;
    // One of its layers has no bias.
    let (bytes, names) = (read("transposed_torch.safetensors")?, NameMap::pytorch().zero_bias());
    Model::of_safetensors(&bytes, Some(&from_onnx.types()), &names)?.load_into(&mut net)?;
    agree("transposed_torch", &net)?;
    let mut net = TransposedSteps::NEW;
    let from_onnx = Model::of_onnx(&read("transposed_steps.onnx")?)?;
    from_onnx.load_into(&mut net)?;
    agree("transposed_steps", &net)?;
    let bytes = read("transposed_steps.safetensors")?;
    Model::of_safetensors(&bytes, Some(&from_onnx.types()), &NameMap::pytorch())?.load_into(&mut net)?;
    agree("transposed_steps", &net)?;

    let mut net = Recurrent::NEW;
    Model::of_onnx(&read("recurrent_torch.onnx")?)?.load_into(&mut net)?;
    agree("recurrent_torch", &net)?;
    let names = NameMap::pytorch().layers(["inward", "deep", "each", "both", "outward"]);
    load_safetensors(&mut net, &read("recurrent_torch.safetensors")?, &names)?;
    agree("recurrent_torch", &net)?;
    let mut net = LastStep::NEW;
    Model::of_onnx(&read("steps.onnx")?)?.load_into(&mut net)?;
    agree("steps", &net)?;
    load_safetensors(&mut net, &read("steps.safetensors")?, &NameMap::pytorch().layers(["steps", "outward"]))?;
    agree("steps", &net)
}

fn read(file: &str) -> Result<Vec<u8>> {
    Ok(fs::read(models().join(file))?)
}

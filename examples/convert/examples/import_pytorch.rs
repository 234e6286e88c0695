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
    agree("mlp", &net)
}

fn read(file: &str) -> Result<Vec<u8>> {
    Ok(fs::read(models().join(file))?)
}

//! Nets that Keras 3 has trained (`python/train_keras.py`) give what they gave in Keras.
//!
//! ```text
//! cargo run --example import_keras
//! ```

mod digits;

use baregrad::prelude::*;
use baregrad_convert::Model;
use digits::{Result, agree, models};
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
    agree("keras3", &net)
}

fn model(name: &str) -> Result<Model> {
    Ok(Model::of_keras(&fs::read(models().join(format!("{name}.keras")))?)?)
}

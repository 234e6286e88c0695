//! A net as Rust source.

use crate::activation::Activation;
use crate::model::{Layer, Model};
use crate::types::EPSILON;

impl Model {
    /// Its type's layers, as between the brackets of `chain![…]`.
    pub fn layer_types(&self) -> Vec<String> {
        let text = |layer: &Layer| match layer {
            Layer::Dense { inputs, outputs, activation: Activation::Linear, .. } => {
                format!("Dense<{inputs}, {outputs}>")
            }
            Layer::Dense { inputs, outputs, activation, .. } => {
                format!("Dense<{inputs}, {outputs}, {}>", activation.rust())
            }
            Layer::Activate(activation) => format!("Activate<{}>", activation.rust()),
            Layer::LayerNorm { gamma, .. } => format!("LayerNorm<{}>", gamma.len()),
            Layer::Rescale { offset, .. } => format!("Rescale<{}>", offset.len()),
            Layer::Dropout(percent) => format!("Dropout<{percent}>"),
        };
        self.layers.iter().map(text).collect()
    }

    /// A source file with the net's type and its weights as a `static`, which lies in flash.
    ///
    /// `origin` is said in a comment; `file` is the path from the source to what [`Model::to_bytes`] gives; a sample goes into
    /// a `static` of its own. Whatever these names are, they stay text: they are written as literals of Rust.
    pub fn to_rust(&self, origin: &str, file: &str, sample: Option<&[f32]>) -> String {
        let mut text = format!(
            "//! Made by baregrad-convert from {origin:?}: make it again instead of changing it.\n\nuse baregrad::prelude::*;\n\n\
             /// {} numbers to {}.\npub type Net = chain![\n",
            self.inputs,
            self.outputs()
        );
        for layer in self.layer_types() {
            text += &format!("    {layer},\n");
        }
        text += "];\n\n/// With its weights, in flash.\n#[allow(long_running_const_eval)]\npub static NET: Net = ";
        let include = format!("baregrad::include_model!(Net, {file:?})");
        let epsilons = self.epsilons();
        if epsilons.is_empty() {
            text += &format!("{include};\n");
        } else {
            text += &format!("{{\n    let mut net = {include};\n{}    net\n}};\n", epsilons.concat());
        }
        if let Some(sample) = sample {
            let numbers = sample.chunks(10).map(|row| row.iter().map(|x| literal(*x) + ", ").collect::<String>());
            let rows: String = numbers.map(|row| format!("    {}\n", row.trim_end())).collect();
            text +=
                &format!("\n/// A sample to try it with.\npub static SAMPLE: [f32; {}] = [\n{rows}];\n", sample.len());
        }
        text
    }

    /// A line for each ε, which is no part of the file of weights.
    fn epsilons(&self) -> Vec<String> {
        let field = |at: usize| {
            let last = at + 1 == self.layers.len();
            format!("net{}{}", ".1".repeat(at), if last { "" } else { ".0" })
        };
        let line = |(at, layer): (usize, &Layer)| match layer {
            Layer::LayerNorm { epsilon, .. } if *epsilon != EPSILON => {
                Some(format!("    {}.epsilon = {};\n", field(at), literal(*epsilon)))
            }
            _ => None,
        };
        self.layers.iter().enumerate().filter_map(line).collect()
    }
}

fn literal(x: f32) -> String {
    match x {
        _ if x.is_finite() => format!("{x:?}"),
        _ if x.is_nan() => "f32::NAN".into(),
        _ => format!("{}f32::INFINITY", if x < 0.0 { "-" } else { "" }),
    }
}

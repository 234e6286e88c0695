//! A net as Rust source, and its type read from there.

use crate::activation::Activation;
use crate::error::Error;
use crate::model::{Layer, Model, Room};

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
            Layer::Dropout(percent) => format!("Dropout<{percent}>"),
        };
        self.layers.iter().map(text).collect()
    }

    /// A source file with the net's type and its weights as a `static`, which lies in flash.
    ///
    /// `origin` is said in a comment; `file` is the path from the source to what [`Model::to_bytes`] gives; a sample goes into
    /// a `static` of its own.
    pub fn to_rust(&self, origin: &str, file: &str, sample: Option<&[f32]>) -> String {
        let mut text = format!(
            "//! Made by baregrad-convert from `{origin}`: make it again instead of changing it.\n\nuse baregrad::prelude::*;\n\n\
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
            let numbers = sample.chunks(10).map(|row| row.iter().map(|x| format!("{x:?}, ")).collect::<String>());
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
            Layer::LayerNorm { epsilon, .. } if *epsilon != 1e-3 => {
                Some(format!("    {}.epsilon = {epsilon:?};\n", field(at)))
            }
            _ => None,
        };
        self.layers.iter().enumerate().filter_map(line).collect()
    }

    /// A net of zeros from its type's layers, such as `Dense<64, 32, Relu>, Dropout<20>, Dense<32, 10>`.
    ///
    /// ε of `LayerNorm` is PyTorch's 1e-5 in `LayerNorm<24, 1e-5>`, say, and 1e-3 without the second argument.
    ///
    /// # Errors
    /// A layer that is not known, or one whose inputs are not the outputs of the layer before it; more than `limit` weights.
    pub fn of_types(text: &str, limit: usize) -> Result<Self, Error> {
        let mut room = Room::of_file(limit);
        let text = text.trim().strip_prefix("chain![").and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        let layers = split(text);
        let (first, _) = parts(layers.first().copied().unwrap_or_default());
        let mut model = Model::new(0);
        for (number, text) in layers.into_iter().enumerate() {
            let unknown = || Error::unsupported(format!("layer {number}"), format!("`{text}`"));
            let (name, arguments) = parts(text);
            let size = |at: usize| arguments.get(at).and_then(|text| text.parse::<usize>().ok()).ok_or_else(unknown);
            if number == 0 {
                model.inputs = if first == "Dense" || first == "LayerNorm" { size(0)? } else { return Err(unknown()) };
            }
            let mut zeros = |count: Option<usize>| room.fill(text, 0.0, count);
            let layer = match (name, arguments.as_slice()) {
                ("Dense", [_, _] | [_, _, _]) => {
                    let (inputs, outputs) = (size(0)?, size(1)?);
                    let activation = match arguments.get(2) {
                        Some(text) => Activation::of_rust(text).ok_or_else(unknown)?,
                        None => Activation::Linear,
                    };
                    let (w, b) = (zeros(inputs.checked_mul(outputs))?, zeros(Some(outputs))?);
                    Layer::Dense { inputs, outputs, activation, w, b }
                }
                ("LayerNorm", [_] | [_, _]) => {
                    let epsilon = match arguments.get(1) {
                        Some(text) => text.parse().ok().ok_or_else(unknown)?,
                        None => 1e-3,
                    };
                    Layer::LayerNorm { epsilon, gamma: zeros(Some(size(0)?))?, beta: zeros(Some(size(0)?))? }
                }
                ("Activate", [activation]) => Layer::Activate(Activation::of_rust(activation).ok_or_else(unknown)?),
                ("Dropout", [_]) => {
                    Layer::Dropout(u32::try_from(size(0)?).ok().filter(|p| *p < 100).ok_or_else(unknown)?)
                }
                _ => return Err(unknown()),
            };
            // Not fused: tensors are named by the number of their layer.
            let mut one = Model::new(model.outputs());
            one.push(text, layer)?;
            model.layers.append(&mut one.layers);
        }
        Ok(model)
    }
}

/// At the commas that are not between angle brackets.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let parts = text.split(|c: char| {
        depth += match c {
            '<' => 1,
            '>' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// `Dense<2, 3>` as `Dense` and `["2", "3"]`.
fn parts(text: &str) -> (&str, Vec<&str>) {
    match text.split_once('<').and_then(|(name, rest)| Some((name.trim(), rest.strip_suffix('>')?))) {
        Some((name, arguments)) => (name, split(arguments)),
        None => (text, Vec::new()),
    }
}

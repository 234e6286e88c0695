//! A net's layers as text: what `--net` takes, and what a file of weights notes.

use crate::activation::Activation;
use crate::builder::Builder;
use crate::error::Error;
use crate::model::{Layer, Model};

/// ε of `LayerNorm`, unless something else says it.
pub(crate) const EPSILON: f32 = 1e-3;

impl Model {
    /// Its layers as [`Model::of_types`] reads them: those of `chain![…]`, and ε of `LayerNorm` as a second argument.
    pub fn types(&self) -> String {
        self.types_each().join(", ")
    }

    fn types_each(&self) -> Vec<String> {
        let text = |(layer, rust): (&Layer, String)| match layer {
            Layer::LayerNorm { epsilon, gamma, .. } if *epsilon != EPSILON => {
                format!("LayerNorm<{}, {epsilon:?}>", gamma.len())
            }
            _ => rust,
        };
        self.layers.iter().zip(self.layer_types()).map(text).collect()
    }

    /// A net of zeros from its type's layers, such as `Dense<64, 32, Relu>, Dropout<20>, Dense<32, 10>`.
    ///
    /// ε of `LayerNorm` is PyTorch's 1e-5 in `LayerNorm<24, 1e-5>`, say, and 1e-3 without the second argument.
    ///
    /// # Errors
    /// A layer that is not known, or one whose inputs are not the outputs of the layer before it; more than `limit` weights,
    /// and 16,384.
    pub fn of_types(text: &str, limit: usize) -> Result<Self, Error> {
        let text = text.trim().strip_prefix("chain![").and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        let layers = split(text);
        let Some(inputs) = layers.first().and_then(|first| inputs(first)) else {
            let what = "a first layer that does not say how many numbers it takes, as Dense, LayerNorm and Rescale do,";
            return Err(Error::unsupported(format!("`{text}`"), what));
        };
        let mut builder = Builder::new(inputs, limit);
        for (number, text) in layers.into_iter().enumerate() {
            let layer = layer(text, &mut builder)?;
            let unknown = || Error::unsupported(format!("layer {number}"), format!("`{text}`"));
            // An activation stays a layer of its own: tensors are named by the number of their layer.
            builder.push(text, layer.ok_or_else(unknown)?)?;
        }
        builder.finish()
    }

    /// The first layer that differs in a net of which only the table of layers is known: its number, its type here, and its
    /// type there, which is known if only the activation differs.
    pub(crate) fn first_other(&self, rows: &[u32]) -> (usize, String, String) {
        let own = self.rows();
        let same = own.iter().zip(rows).take_while(|((_, own), other)| own == *other).count();
        let Some(number) = own.get(same).map(|(number, _)| *number) else {
            return (self.layers.len(), "no layer".into(), "another layer".into());
        };
        let type_of = |net: &Model| net.types_each().swap_remove(number);
        let with = |other| {
            let mut net = self.clone();
            if let Layer::Dense { activation, .. } | Layer::Activate(activation) = &mut net.layers[number] {
                *activation = other;
            }
            net
        };
        let there = rows.get(same).map_or("no layer".into(), |row| {
            let found = Activation::all().map(with).find(|net| net.layers[number].row() == Some(*row));
            found.map_or("another layer".into(), |net| type_of(&net))
        });
        (number, type_of(self), there)
    }

    /// The first layer that another net does not have.
    pub(crate) fn difference(&self, net: &Model) -> Option<Error> {
        let (found, needed) = (self.types_each(), net.types_each());
        let at = |all: &[String], layer: usize| all.get(layer).cloned().unwrap_or_else(|| "no layer".into());
        let layer = (0..found.len().max(needed.len())).find(|layer| found.get(*layer) != needed.get(*layer))?;
        Some(Error::Layer { layer, found: at(&found, layer), needed: at(&needed, layer) })
    }
}

fn inputs(first: &str) -> Option<usize> {
    match parts(first) {
        ("Dense" | "LayerNorm" | "Rescale", arguments) => arguments.first()?.parse().ok(),
        _ => None,
    }
}

/// A layer of zeros, if its type is known.
fn layer(text: &str, builder: &mut Builder) -> Result<Option<Layer>, Error> {
    let (name, arguments) = parts(text);
    let size = |at: usize| arguments.get(at)?.parse::<usize>().ok();
    let mut zeros = |count: Option<usize>| builder.fill(text, 0.0, count);
    let activation = |at: usize| arguments.get(at).map_or(Some(Activation::Linear), |text| Activation::of_rust(text));
    Ok(match (name, arguments.len(), size(0)) {
        ("Dense", 2 | 3, Some(inputs)) => match (size(1), activation(2)) {
            (Some(outputs), Some(activation)) => {
                let (w, b) = (zeros(inputs.checked_mul(outputs))?, zeros(Some(outputs))?);
                Some(Layer::Dense { inputs, outputs, activation, w, b })
            }
            _ => None,
        },
        ("LayerNorm", 1 | 2, Some(size)) => match arguments.get(1).map_or(Ok(EPSILON), |text| text.parse()) {
            Ok(epsilon) => Some(Layer::LayerNorm { epsilon, gamma: zeros(Some(size))?, beta: zeros(Some(size))? }),
            Err(_) => None,
        },
        ("Rescale", 1, Some(size)) => Some(Layer::Rescale { offset: zeros(Some(size))?, scale: zeros(Some(size))? }),
        ("Activate", 1, _) => activation(0).map(Layer::Activate),
        ("Dropout", 1, Some(percent @ ..100)) => Some(Layer::Dropout(percent as u32)),
        _ => None,
    })
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

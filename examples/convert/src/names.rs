//! Which tensor of a file is which of a net.

use crate::activation::Activation;
use crate::error::Error;
use crate::floats::{inverse, permute};
use crate::layer::{Conv, Layer};
use crate::model::Model;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A tensor of a net: what [`baregrad::TensorName`] says of it.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub layer: usize,
    pub kind: &'static str,
    pub tensor: &'static str,
    pub shape: Vec<usize>,
    /// The shape of the image or sequence whose numbers in one row are the first axis, if they are.
    pub image: Option<Vec<usize>>,
}

/// How a file lays out a tensor.
pub(crate) struct Layout {
    /// Lengths of the net's axes, some of which may be one in the file.
    axes: Vec<usize>,
    /// The net's axis that each axis of the file is.
    order: Vec<usize>,
    /// Lengths of the file's axes.
    pub shape: Vec<usize>,
}

impl Layout {
    /// A file's numbers as the net has them.
    pub fn read(&self, values: &[f32]) -> Vec<f32> {
        let shape: Vec<usize> = self.order.iter().map(|axis| self.axes[*axis]).collect();
        permute(values, &shape, &inverse(&self.order))
    }

    /// The net's numbers as a file has them.
    pub fn write(&self, values: &[f32]) -> Vec<f32> {
        permute(values, &self.axes, &self.order)
    }
}

/// How a framework names a net's tensors in a state dict, and how it lays them out.
///
/// | net | PyTorch | Keras | baregrad |
/// |---|---|---|---|
/// | `Dense.w` | `0.weight`, `[out][in]` | `dense/kernel`, `[in][out]` | `0.w`, `[in][out]` |
/// | `Dense.b` | `0.bias` | `dense/bias` | `0.b` |
/// | `Conv2d.w` | `0.weight`, `[out][in][row][column]` | `conv2d/kernel`, `[row][column][in][out]` | `0.w`, as Keras |
/// | `DepthwiseConv1d.w` | `0.weight`, `[channel][1][tap]` | `depthwise_conv1d/kernel`, `[tap][channel][1]` | `0.w`, `[tap][channel]` |
/// | `BatchNorm.gamma`, `.beta` | `1.weight`, `1.bias` | `batch_normalization/gamma`, `/beta` | `1.gamma`, `1.beta` |
/// | `BatchNorm.mean`, `.variance` | `1.running_mean`, `1.running_var` | `…/moving_mean`, `…/moving_variance` | `1.mean`, `1.variance` |
/// | `LayerNorm.gamma`, `.beta` | `1.weight`, `1.bias` | `layer_normalization/gamma`, `/beta` | `1.gamma`, `1.beta` |
/// | `Rescale.offset`, `.scale` | `2.offset`, `2.scale` | `rescale/offset`, `/scale` | `2.offset`, `2.scale` |
///
/// What stands before a tensor's own name is its layer's. Where the layers have not been named by [`NameMap::layers`],
/// they are found in the file if there is but one way: numbers in their order (`0`, `2`; `net.0`, `net.2`), and for each of
/// Keras' kinds of layer its own numbers (`dense`, `dense_1`). They are written by their numbers in the net;
/// [`Model::to_safetensors`] knows more, and writes those of PyTorch's `Sequential`, where an activation is a layer of its own.
#[derive(Clone, Debug)]
pub struct NameMap {
    framework: Framework,
    layers: Option<Vec<String>>,
    zero_bias: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framework {
    Baregrad,
    Keras,
    PyTorch,
}

impl NameMap {
    /// `model.state_dict()`.
    pub fn pytorch() -> Self {
        Self::of(Framework::PyTorch)
    }

    /// `{weight.path: weight.numpy() for weight in model.weights}`.
    pub fn keras() -> Self {
        Self::of(Framework::Keras)
    }

    /// baregrad's own names and layout.
    pub fn baregrad() -> Self {
        Self::of(Framework::Baregrad)
    }

    fn of(framework: Framework) -> Self {
        NameMap { framework, layers: None, zero_bias: false }
    }

    /// Names the layers that have tensors, in the order of the net: `["encoder.0", "norm", "head"]`.
    pub fn layers<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.layers = Some(names.into_iter().map(Into::into).collect());
        self
    }

    /// Takes a missing bias for zeros, as of `bias=False`, instead of an error.
    pub fn zero_bias(mut self) -> Self {
        self.zero_bias = true;
        self
    }

    pub(crate) fn is_zero(&self, wanted: &Wanted) -> bool {
        self.zero_bias && matches!(wanted.tensor, "b" | "beta")
    }

    /// Whether a tensor is none of the net's, although a framework writes it: the number of batches that PyTorch's batch
    /// normalisation has seen.
    pub(crate) fn is_aside(&self, name: &str) -> bool {
        self.framework == Framework::PyTorch && name.ends_with(".num_batches_tracked")
    }

    /// How the file has a tensor. PyTorch has outputs before inputs and channels before places.
    pub(crate) fn layout(&self, wanted: &Wanted) -> Layout {
        let mut axes = wanted.shape.clone();
        let weights = wanted.tensor == "w";
        if weights && wanted.kind.starts_with("Depthwise") && self.framework != Framework::Baregrad {
            axes.push(1);
        }
        let mut order: Vec<usize> = (0..axes.len()).collect();
        if self.framework == Framework::PyTorch {
            let taps = axes.len().saturating_sub(2);
            if weights && wanted.kind.starts_with("Depthwise") {
                order = [vec![taps, taps + 1], (0..taps).collect()].concat();
            } else if weights {
                order = [vec![taps + 1, taps], (0..taps).collect()].concat();
            }
            if let Some(image) = &wanted.image {
                let places = image.len() - 1;
                let (mut channels_first, rest) = (vec![places], axes[1..].to_vec());
                channels_first.extend(0..places);
                axes = [image.as_slice(), &rest].concat();
                // Outputs, if there are any, come before the inputs.
                order = (places + 1..axes.len()).chain(channels_first).collect();
            }
        }
        let shape: Vec<usize> = match &wanted.image {
            Some(_) if self.framework == Framework::PyTorch => wanted.shape.iter().rev().copied().collect(),
            _ => order.iter().map(|axis| axes[*axis]).collect(),
        };
        Layout { axes, order, shape }
    }

    fn separator(&self) -> char {
        if self.framework == Framework::Keras { '/' } else { '.' }
    }

    fn own<'a>(&self, tensor: &'a str) -> &'a str {
        match (self.framework, tensor) {
            (Framework::PyTorch, "w" | "gamma") => "weight",
            (Framework::PyTorch, "b" | "beta") => "bias",
            (Framework::Keras, "w") => "kernel",
            (Framework::Keras, "b") => "bias",
            (Framework::PyTorch, "mean") => "running_mean",
            (Framework::PyTorch, "variance") => "running_var",
            (Framework::Keras, "mean") => "moving_mean",
            (Framework::Keras, "variance") => "moving_variance",
            _ => tensor,
        }
    }

    /// The number of each layer that is no mark: its own, but in PyTorch that in a `Sequential`, where an activation has one, and
    /// a global pool is followed by a `Flatten`.
    pub(crate) fn numbers(&self, model: &Model) -> Vec<usize> {
        let mut next = 0;
        let mut number = |layer: &Layer| {
            let own = next;
            let two = match layer {
                Layer::Dense { activation, .. }
                | Layer::Conv(Conv { activation, .. })
                | Layer::BatchNorm { activation, .. } => *activation != Activation::Linear,
                Layer::GlobalPool(_) => true,
                _ => false,
            };
            next += if two && self.framework == Framework::PyTorch { 2 } else { 1 };
            own
        };
        model.layers.iter().filter(|layer| !layer.is_mark()).map(&mut number).collect()
    }

    /// The names of the tensors in a file, which has those `present`; or, to write one, without such.
    pub(crate) fn names(&self, wanted: &[Wanted], present: Option<&[String]>) -> Result<Vec<String>, Error> {
        let mut layers: Vec<(usize, &str)> = wanted.iter().map(|wanted| (wanted.layer, wanted.kind)).collect();
        layers.dedup();
        let prefixes = match (&self.layers, present) {
            (Some(names), _) => names.clone(),
            (None, Some(present)) => self.found(&layers, present)?,
            (None, None) => self.usual(&layers),
        };
        if prefixes.len() != layers.len() {
            return Err(Error::LayerCount { found: prefixes.len(), needed: layers.len() });
        }
        let mut once = HashSet::new();
        if let Some(twice) = prefixes.iter().find(|name| !once.insert(name.as_str())) {
            return Err(Error::malformed(format!("{twice:?}"), "two layers are named so"));
        }
        let prefixes: HashMap<usize, &String> = layers.iter().map(|layer| layer.0).zip(&prefixes).collect();
        let separator = self.separator();
        let name = |wanted: &Wanted| format!("{}{separator}{}", prefixes[&wanted.layer], self.own(wanted.tensor));
        Ok(wanted.iter().map(name).collect())
    }

    /// The names of a fresh model: the layers' numbers, and in Keras the kinds'.
    fn usual(&self, layers: &[(usize, &str)]) -> Vec<String> {
        let mut counts = HashMap::new();
        let mut name = |(layer, kind): &(usize, &str)| {
            if self.framework != Framework::Keras {
                return layer.to_string();
            }
            let before: &mut usize = counts.entry(kind.to_string()).or_default();
            *before += 1;
            let kind = snake_case(kind);
            if *before == 1 { kind } else { format!("{kind}_{}", *before - 1) }
        };
        layers.iter().map(&mut name).collect()
    }

    /// The layers of a file in the net's order, if it is plain.
    fn found(&self, layers: &[(usize, &str)], present: &[String]) -> Result<Vec<String>, Error> {
        let of_file: BTreeSet<&str> =
            present.iter().map(|name| name.rsplit_once(self.separator()).map_or("", |parts| parts.0)).collect();
        let unknown = || Error::LayersUnknown { found: of_file.iter().map(|name| name.to_string()).collect() };
        let kinds: BTreeSet<&str> = match self.framework {
            Framework::Keras => layers.iter().map(|layer| layer.1).collect(),
            _ => BTreeSet::from([""]),
        };
        let mut names = vec![String::new(); layers.len()];
        let mut used = 0;
        for kind in kinds {
            let places = (0..layers.len()).filter(|at| kind.is_empty() || layers[*at].1 == kind);
            let mut numbered: Vec<(&str, u64, &str)> =
                of_file.iter().filter_map(|name| numbered(name, &snake_case(kind))).collect();
            numbered.sort_unstable();
            // One stem with different numbers.
            if numbered.windows(2).any(|pair| pair[0].0 != pair[1].0 || pair[0].1 == pair[1].1) {
                return Err(unknown());
            }
            for (place, (_, _, name)) in places.zip(&numbered) {
                names[place] = name.to_string();
                used += 1;
            }
        }
        // More in the file than in the net are reported as surplus tensors.
        if used == layers.len() { Ok(names) } else { Err(unknown()) }
    }
}

/// The stem, the number and the whole name of a layer: of `net.2`, or of `path/dense_1` where a kind is given.
fn numbered<'a>(name: &'a str, kind: &str) -> Option<(&'a str, u64, &'a str)> {
    if kind.is_empty() {
        let at = name.rfind('.').map_or(0, |at| at + 1);
        return Some((&name[..at], name[at..].parse().ok()?, name));
    }
    let at = name.rfind('/').map_or(0, |at| at + 1);
    let rest = name[at..].strip_prefix(kind)?;
    let number = if rest.is_empty() { 0 } else { rest.strip_prefix('_')?.parse().ok()? };
    Some((&name[..at], number, name))
}

/// Keras' name of a layer of this class: `LayerNormalization` is `layer_normalization`, `DepthwiseConv1D` is
/// `depthwise_conv1d`.
pub(crate) fn snake_case(class: &str) -> String {
    let mut name = String::new();
    let mut before = '0';
    for c in class.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            name.push('_');
        }
        name.extend(c.to_lowercase());
        before = c;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(layer: usize, kind: &'static str, tensor: &'static str) -> Wanted {
        Wanted { layer, kind, tensor, shape: vec![1], image: None }
    }

    fn net() -> [Wanted; 4] {
        [
            wanted(0, "Dense", "w"),
            wanted(0, "Dense", "b"),
            wanted(2, "LayerNormalization", "gamma"),
            wanted(3, "Dense", "w"),
        ]
    }

    fn names(map: NameMap, present: &[&str]) -> Result<Vec<String>, Error> {
        let present: Vec<String> = present.iter().map(|name| name.to_string()).collect();
        map.names(&net(), Some(&present))
    }

    #[test]
    fn numbers_are_in_their_order() {
        let found = names(NameMap::pytorch(), &["a.10.weight", "a.2.bias", "a.2.weight", "a.9.weight"]);
        assert_eq!(found.unwrap(), ["a.2.weight", "a.2.bias", "a.9.weight", "a.10.weight"]);
    }

    #[test]
    fn each_kind_has_numbers() {
        let present = ["m/dense_12/kernel", "m/layer_normalization/gamma", "m/dense_9/kernel", "m/dense_9/bias"];
        let all = ["m/dense_9/kernel", "m/dense_9/bias", "m/layer_normalization/gamma", "m/dense_12/kernel"];
        assert_eq!(names(NameMap::keras(), &present).unwrap(), all);
    }

    #[test]
    fn other_names_must_be_given() {
        let present = ["inward.weight", "inward.bias", "norm.weight", "out.weight"];
        let error = names(NameMap::pytorch(), &present).unwrap_err();
        assert!(matches!(&error, Error::LayersUnknown { found } if found == &["inward", "norm", "out"]), "{error}");
        // The same number twice says nothing of the order.
        let twice = ["a.0.weight", "b.0.weight", "b.1.weight"];
        assert!(matches!(names(NameMap::pytorch(), &twice), Err(Error::LayersUnknown { .. })));
        let named = names(NameMap::pytorch().layers(["inward", "norm", "out"]), &present).unwrap();
        assert_eq!(named, present);
        let few = names(NameMap::pytorch().layers(["inward"]), &present).unwrap_err();
        assert_eq!(few.to_string(), "1 layers are named, but the net has 3 with weights");
    }

    #[test]
    fn to_write() {
        let names = |map: NameMap| map.names(&net(), None).unwrap();
        assert_eq!(names(NameMap::pytorch()), ["0.weight", "0.bias", "2.weight", "3.weight"]);
        assert_eq!(names(NameMap::baregrad()), ["0.w", "0.b", "2.gamma", "3.w"]);
        let keras = ["dense/kernel", "dense/bias", "layer_normalization/gamma", "dense_1/kernel"];
        assert_eq!(names(NameMap::keras()), keras);
    }
}

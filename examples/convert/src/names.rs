//! Which tensor of a file is which of a net.

mod layout;

use crate::activation::Activation;
use crate::error::Error;
use crate::layer::{Conv, Layer};
use crate::model::Model;
use crate::recurrent::Cell;
use baregrad::TensorName;
use std::collections::{BTreeSet, HashMap};

/// A tensor of a net: what [`baregrad::TensorName`] says of it.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub layer: usize,
    pub kind: &'static str,
    pub tensor: &'static str,
    pub shape: Vec<usize>,
    /// The shape of the image or sequence whose numbers in one row are the first axis, if they are.
    pub image: Option<Vec<usize>>,
    /// Whether its layer is the second direction of a `Bidirectional`, which is one layer in PyTorch.
    pub reverse: bool,
}

impl Wanted {
    pub fn of(name: TensorName) -> Self {
        let TensorName { layer, kind, tensor, shape } = name;
        Wanted { layer, kind, tensor, shape: shape.to_vec(), image: None, reverse: false }
    }

    /// Whether it has no numbers: no file has it.
    fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }

    /// Of a layer or of one of its directions: what tells them apart.
    fn group(&self) -> (usize, bool) {
        (self.layer, self.reverse)
    }

    /// The cell of a recurrent layer, of which a tensor knows the biases only if it is them.
    fn cell(&self) -> Option<Cell> {
        match self.kind {
            "SimpleRNN" => Some(Cell::SimpleRnn(Activation::Tanh)),
            "GRU" if self.tensor == "b" && self.shape[0] == Cell::GruResetBefore.biases() => Some(Cell::GruResetBefore),
            "GRU" => Some(Cell::Gru),
            "LSTM" => Some(Cell::Lstm),
            _ => None,
        }
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
/// | `Conv2dTranspose.w` | `0.weight`, `[in][out][row][column]` | `conv2d_transpose/kernel`, `[row][column][out][in]` | `0.w`, as Keras |
/// | `BatchNorm.gamma`, `.beta` | `1.weight`, `1.bias` | `batch_normalization/gamma`, `/beta` | `1.gamma`, `1.beta` |
/// | `BatchNorm.mean`, `.variance` | `1.running_mean`, `1.running_var` | `…/moving_mean`, `…/moving_variance` | `1.mean`, `1.variance` |
/// | `LayerNorm.gamma`, `.beta` | `1.weight`, `1.bias` | `layer_normalization/gamma`, `/beta` | `1.gamma`, `1.beta` |
/// | `Rescale.offset`, `.scale` | `2.offset`, `2.scale` | `rescale/offset`, `/scale` | `2.offset`, `2.scale` |
/// | `Gru.w`, `Lstm.w`, … | `0.weight_ih_l0`, `[gate · out][in]` | `gru/gru_cell/kernel`, `[in][gate · out]` | `0.w`, `[gate][in][out]` |
/// | `Gru.u`, `Lstm.u`, … | `0.weight_hh_l0` | `gru/gru_cell/recurrent_kernel` | `0.u` |
/// | `Gru.b`, `Lstm.b`, … | `0.bias_ih_l0` and `0.bias_hh_l0` | `gru/gru_cell/bias` | `0.b` |
/// | `Embedding.table` | `0.weight` | `embedding/embeddings` | `0.table` |
///
/// A module of PyTorch may have several recurrent layers: `_l0`, `_l1` and so on are the next ones of the net, and `_l0_reverse` is
/// that which runs backwards, the second one of a `Bidirectional`. Its name stands once for all of them, or once for each.
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

    fn separator(&self) -> char {
        if self.framework == Framework::Keras { '/' } else { '.' }
    }

    fn own<'a>(&self, tensor: &'a str) -> &'a str {
        match (self.framework, tensor) {
            (Framework::PyTorch, "w" | "gamma" | "table") => "weight",
            (Framework::Keras, "table") => "embeddings",
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
        let mut number = |(place, layer): (usize, &Layer)| {
            // The second direction is numbered as the first one.
            if self.framework == Framework::PyTorch && model.is_second_direction(place) {
                return next - 1;
            }
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
        model.layers.iter().enumerate().filter(|(_, layer)| !layer.is_mark()).map(&mut number).collect()
    }

    /// The names of the tensors in a file, which has those `present`; or, to write one, without such. Each tensor of the net is
    /// one of the file, or two, or none.
    pub(crate) fn names(&self, wanted: &[Wanted], present: Option<&[String]>) -> Result<Vec<Vec<String>>, Error> {
        let mut groups: Vec<&Wanted> = wanted.iter().collect();
        groups.dedup_by_key(|wanted| wanted.group());
        let layers: Vec<(usize, &str)> = groups.iter().map(|wanted| (wanted.layer, wanted.kind)).collect();
        let prefixes = match (&self.layers, present) {
            (Some(names), _) => self.for_each(names, &layers, present),
            (None, Some(present)) => self.found(&layers, present)?,
            (None, None) => self.usual(&layers),
        };
        if prefixes.len() != layers.len() {
            return Err(Error::LayerCount { found: prefixes.len(), needed: layers.len() });
        }
        // A module of PyTorch may be several recurrent layers.
        let several = |wanted: &Wanted| self.framework == Framework::PyTorch && wanted.cell().is_some();
        let mut kinds = HashMap::new();
        let twice = prefixes.iter().zip(&groups).find(|(name, wanted)| {
            let before = kinds.insert(name.as_str(), wanted.kind);
            before.is_some_and(|before| !several(wanted) || before != wanted.kind)
        });
        if let Some((twice, _)) = twice {
            return Err(Error::malformed(format!("{twice:?}"), "two layers are named so"));
        }
        let parts = parts_of(&prefixes, &groups, present);
        let known: HashMap<_, _> =
            groups.iter().map(|wanted| wanted.group()).zip(prefixes.iter().zip(&parts)).collect();
        let separator = self.separator();
        let names = |wanted: &Wanted| {
            let (prefix, part) = known[&wanted.group()];
            let own = self.own_names(wanted, part);
            own.into_iter().map(|own| format!("{prefix}{separator}{own}")).collect()
        };
        Ok(wanted.iter().map(names).collect())
    }

    /// What a tensor is called in its layer, of which a module of PyTorch may have several.
    fn own_names(&self, wanted: &Wanted, part: &str) -> Vec<String> {
        match (self.framework, wanted.cell(), wanted.tensor) {
            _ if wanted.is_empty() => Vec::new(),
            (Framework::PyTorch, Some(_), "w") => vec![format!("weight_ih_{part}")],
            (Framework::PyTorch, Some(_), "u") => vec![format!("weight_hh_{part}")],
            (Framework::PyTorch, Some(_), "b") => vec![format!("bias_ih_{part}"), format!("bias_hh_{part}")],
            (Framework::PyTorch, Some(_), tensor) => vec![format!("{tensor}_{part}")],
            (Framework::Keras, Some(_), tensor @ ("w" | "u" | "b")) => {
                let own = if tensor == "u" { "recurrent_kernel" } else { self.own(tensor) };
                vec![format!("{}_cell/{own}", snake_case(wanted.kind))]
            }
            (_, _, tensor) => vec![self.own(tensor).into()],
        }
    }

    /// A name for each layer, of those that stand for several.
    fn for_each(&self, names: &[String], layers: &[(usize, &str)], present: Option<&[String]>) -> Vec<String> {
        let mut numbers: Vec<usize> = layers.iter().map(|layer| layer.0).collect();
        numbers.dedup();
        let several = |count: &dyn Fn(usize, &String) -> usize| {
            let times = names.iter().enumerate().map(|(at, name)| vec![name.clone(); count(at, name)]);
            times.flatten().collect::<Vec<_>>()
        };
        match present {
            _ if names.len() == layers.len() => names.to_vec(),
            // Both directions have one number.
            _ if names.len() == numbers.len() => {
                several(&|at, _| layers.iter().filter(|layer| layer.0 == numbers[at]).count())
            }
            Some(present) => several(&|_, name| parts_in(name, present).len().max(1)),
            None => names.to_vec(),
        }
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

    /// The layer of a tensor. In Keras, the cell of a recurrent layer has the tensors.
    fn layer_of<'a>(&self, name: &'a str) -> &'a str {
        let layer = name.rsplit_once(self.separator()).map_or("", |parts| parts.0);
        match layer.rsplit_once('/') {
            Some((of_cell, "gru_cell" | "lstm_cell" | "simple_rnn_cell")) if self.framework == Framework::Keras => {
                of_cell
            }
            _ => layer,
        }
    }

    /// The layers of a file in the net's order, if it is plain.
    fn found(&self, layers: &[(usize, &str)], present: &[String]) -> Result<Vec<String>, Error> {
        let of_file: BTreeSet<&str> = present.iter().map(|name| self.layer_of(name)).collect();
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
            let parts = |name: &str| match self.framework {
                Framework::PyTorch => parts_in(name, present).len().max(1),
                _ => 1,
            };
            let each = numbered.iter().flat_map(|(_, _, name)| std::iter::repeat_n(name, parts(name)));
            for (place, name) in places.zip(each) {
                names[place] = name.to_string();
                used += 1;
            }
        }
        // More in the file than in the net are reported as surplus tensors.
        if used == layers.len() { Ok(names) } else { Err(unknown()) }
    }
}

/// The parts of a module of PyTorch that a file has, in order: `l0`, `l0_reverse`, `l1`.
fn parts_in<'a>(module: &str, present: &'a [String]) -> Vec<&'a str> {
    let own = |name: &'a String| name.strip_prefix(module)?.strip_prefix(".weight_ih_");
    let level = |part: &str| part[1..].split('_').next().and_then(|level| level.parse::<u64>().ok());
    let known = |part: &&str| part.starts_with('l');
    let mut parts: Vec<&str> = present.iter().filter_map(own).filter(known).collect();
    parts.sort_by_key(|part| (level(part), part.len()));
    parts
}

/// Which part of its module each layer is.
fn parts_of(modules: &[String], groups: &[&Wanted], present: Option<&[String]>) -> Vec<String> {
    // How many parts of each module there have been, and levels of these.
    let mut seen: HashMap<&str, (usize, usize)> = HashMap::new();
    let mut all = Vec::new();
    for (module, wanted) in modules.iter().zip(groups) {
        let (count, levels) = seen.entry(module).or_default();
        let end = if wanted.reverse && *levels > 0 { "_reverse" } else { "" };
        *levels += usize::from(end.is_empty());
        let found = present.and_then(|present| parts_in(module, present).get(*count).copied());
        *count += 1;
        all.push(found.map_or_else(|| format!("l{}{end}", *levels - 1), str::to_owned));
    }
    all
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
/// `depthwise_conv1d`, and `Conv1DTranspose` is `conv1d_transpose`.
pub(crate) fn snake_case(class: &str) -> String {
    let mut name = String::new();
    let (mut before, mut rest) = ('0', class.chars().peekable());
    while let Some(c) = rest.next() {
        let begins_word = before.is_lowercase() || rest.peek().is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && begins_word && !name.is_empty() {
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
        Wanted { layer, kind, tensor, shape: vec![1], image: None, reverse: false }
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
        map.names(&net(), Some(&present)).map(|names| names.concat())
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
        let names = |map: NameMap| map.names(&net(), None).unwrap().concat();
        assert_eq!(names(NameMap::pytorch()), ["0.weight", "0.bias", "2.weight", "3.weight"]);
        assert_eq!(names(NameMap::baregrad()), ["0.w", "0.b", "2.gamma", "3.w"]);
        let keras = ["dense/kernel", "dense/bias", "layer_normalization/gamma", "dense_1/kernel"];
        assert_eq!(names(NameMap::keras()), keras);
    }
}

//! A net's layers as text: what `--net` takes, and what a file of weights notes.

mod parse;

use crate::activation::Activation;
use crate::builder::Builder;
use crate::error::{Error, Refused};
use crate::layer::{Layer, Merge, Resizing, Statistic};
use crate::model::Model;
use crate::recurrent::{Cell, Recurrent};
use parse::{layer, parts, split};

/// ε of `LayerNorm` and `BatchNorm`, unless something else says it.
pub(crate) const EPSILON: f32 = 1e-3;

impl Model {
    /// Its layers as [`Model::of_types`] reads them: those of `chain![…]`, and ε of a norm as its last argument.
    pub fn types(&self) -> String {
        self.types_by(&shape_type, true).join(", ")
    }

    /// Each layer or mark.
    fn types_each(&self) -> Vec<String> {
        self.layers.iter().map(|layer| layer.type_by(&shape_type, true)).collect()
    }

    /// Its type's layers, as between the brackets of `chain![…]`, with these names of shapes.
    pub(crate) fn types_by(&self, name: &dyn Fn(&[usize]) -> String, with_epsilon: bool) -> Vec<String> {
        self.chain_from(&mut 0, &|layer| layer.type_by(name, with_epsilon))
    }

    /// The types of the chain that begins at a place, which is then that of the mark that ends it.
    fn chain_from(&self, place: &mut usize, type_of: &dyn Fn(&Layer) -> String) -> Vec<String> {
        let mut all = Vec::new();
        while let Some(layer) = self.layers.get(*place).filter(|layer| !matches!(layer, Layer::And | Layer::Close(_))) {
            if let Some([forward, _]) = self.bidirectional(*place) {
                let units = 2 * forward.units();
                all.push(format!("Bidirectional<{}, {units}>", type_of(&self.layers[*place + 1])));
                *place += 5;
                continue;
            }
            *place += 1;
            let Layer::Open(merge) = layer else {
                all.push(type_of(layer));
                continue;
            };
            let mut branches = Vec::new();
            loop {
                let inner = self.chain_from(place, type_of);
                branches.push(if let [one] = &inner[..] {
                    one.clone()
                } else {
                    format!("chain![{}]", inner.join(", "))
                });
                *place += 1;
                if !matches!(self.layers.get(*place - 1), Some(Layer::And)) {
                    break;
                }
            }
            if *merge == Merge::Concat {
                let channels = self.shapes().get(*place - 1).and_then(|shape| shape.last().copied());
                branches.push(channels.unwrap_or_default().to_string());
            }
            if let Merge::Rounded(scale) = merge {
                branches.push(scale.to_string());
            }
            all.push(format!("{}<{}>", merge.name(), branches.join(", ")));
        }
        all
    }

    /// A net of zeros from its type's layers, such as `Dense<64, 32, Relu>, Dropout<20>, Dense<32, 10>`, with blocks such as
    /// `Residual<chain![…]>`. The shapes of convolutions are `Sequence<L, C>` and `Image<H, W, C>`.
    ///
    /// ε of a norm is PyTorch's 1e-5 in `LayerNorm<24, 1e-5>`, say, and 1e-3 without the last argument.
    ///
    /// # Errors
    /// Layers that are not known, all of them; one whose inputs are not the outputs of the layer before it; more than `limit`
    /// weights, and 16,384.
    pub fn of_types(text: &str, limit: usize) -> Result<Self, Error> {
        let layers = layers_of(text);
        let first = layers.first().map(|first| forward(first).unwrap_or(first));
        let first = first.map(|first| layer(first, &mut Builder::new(Vec::new(), limit))).transpose()?;
        let input = match (first, layers.first()) {
            // What is not known is refused with all else that is not.
            (Some(None), Some(text)) if !is_block(text) => vec![1],
            (first, _) => first.flatten().and_then(|first| first.input()).ok_or_else(|| {
                let what =
                    "a first layer that does not say what it takes, as Dense, LayerNorm, Rescale and convolutions do,";
                Error::unsupported(format!("`{text}`"), what)
            })?,
        };
        let mut types = Types { builder: Builder::new(input, limit), number: 0, refused: Refused::default() };
        types.push(&layers)?;
        types.refused.end()?;
        types.builder.finish()
    }

    /// The first layer that differs in a net of which only the table of layers is known: its number, its type here, and its
    /// type there, which is known if only the activation differs.
    pub(crate) fn first_other(&self, rows: &[u32]) -> (usize, String, String) {
        let own = self.rows();
        let same = own.iter().zip(rows).take_while(|((_, own), other)| own == *other).count();
        let Some(place) = own.get(same).map(|(place, _)| *place) else {
            return (self.number(self.layers.len()), "no layer".into(), "another layer".into());
        };
        let type_of = |net: &Model| net.types_each().swap_remove(place);
        let with = |other| {
            let mut net = self.clone();
            net.layers[place].activation_mut().into_iter().for_each(|activation| *activation = other);
            net
        };
        let there = rows.get(same).map_or("no layer".into(), |row| {
            let found = Activation::all().map(with).find(|net| net.layers[place].row() == Some(*row));
            found.map_or("another layer".into(), |net| type_of(&net))
        });
        (self.number(place), type_of(self), there)
    }

    /// The first layer that another net does not have.
    pub(crate) fn difference(&self, net: &Model) -> Option<Error> {
        let (found, needed) = (self.types_each(), net.types_each());
        let at = |all: &[String], layer: usize| all.get(layer).cloned().unwrap_or_else(|| "no layer".into());
        let layer = (0..found.len().max(needed.len())).find(|layer| found.get(*layer) != needed.get(*layer))?;
        Some(Error::Layer { layer, found: at(&found, layer), needed: at(&needed, layer) })
    }
}

impl Layer {
    /// Its type, with these names of shapes; of a mark, what it is.
    fn type_by(&self, name: &dyn Fn(&[usize]) -> String, with_epsilon: bool) -> String {
        let sizes = |all: &[usize]| all.iter().map(usize::to_string).collect::<Vec<_>>();
        let typed = |stem: &str, arguments: Vec<String>| format!("{stem}<{}>", arguments.join(", "));
        let own = |activation: &Activation| match activation {
            Activation::Linear => Vec::new(),
            other => vec![other.rust()],
        };
        // Of the layers for one axis, or for two.
        let placed = |stem: &str, [input, output]: [&[usize]; 2], more: Vec<String>| {
            let shapes = vec![name(input), name(output)];
            typed(&format!("{stem}{}d", input.len() - 1), [shapes, more].concat())
        };
        let epsilon = self.epsilon().filter(|epsilon| with_epsilon && *epsilon != EPSILON);
        let epsilon: Vec<String> = epsilon.map(|epsilon| format!("{epsilon:?}")).into_iter().collect();
        match self {
            Layer::Dense { inputs, outputs, activation, .. } => {
                typed("Dense", [sizes(&[*inputs, *outputs]), own(activation)].concat())
            }
            Layer::Conv(conv) => {
                let kernel = [vec![name(&conv.input), name(&conv.output)], sizes(&conv.kernel)].concat();
                let more = [conv.stride.to_string(), conv.activation.rust(), conv.dilation.to_string()];
                let more = without_defaults(more.into_iter().zip(["1", "Linear", "1"]).collect());
                typed(conv.form().rust, [kernel, more].concat())
            }
            Layer::BatchNorm { activation, gamma, .. } => {
                typed("BatchNorm", [sizes(&[gamma.len()]), own(activation), epsilon].concat())
            }
            Layer::LayerNorm { gamma, .. } => typed("LayerNorm", [sizes(&[gamma.len()]), epsilon].concat()),
            Layer::Rescale { offset, .. } => typed("Rescale", sizes(&[offset.len()])),
            Layer::Activate(activation) => typed("Activate", vec![activation.rust()]),
            Layer::Dropout(percent) => format!("Dropout<{percent}>"),
            Layer::SpatialDropout(percent) => format!("SpatialDropout<{percent}>"),
            Layer::Pool { of, input, output, window, stride } => {
                let stem = if *of == Statistic::Max { "MaxPool" } else { "AveragePool" };
                let stride = if stride == window { Vec::new() } else { sizes(stride) };
                placed(stem, [input, output], [sizes(window), stride].concat())
            }
            Layer::GlobalPool(Statistic::Max) => "GlobalMaxPool".into(),
            Layer::GlobalPool(Statistic::Average) => "GlobalAveragePool".into(),
            Layer::Resize { by: Resizing::ZeroPadding, input, output, before } => {
                placed("ZeroPadding", [input, output], sizes(before))
            }
            Layer::Resize { by: Resizing::Cropping, input, output, before } => {
                placed("Cropping", [input, output], sizes(before))
            }
            Layer::Resize { by: Resizing::UpSampling, input, output, .. } => {
                placed("UpSampling", [input, output], Vec::new())
            }
            Layer::Reshape(shape) => match shape.as_slice() {
                [size] => format!("Flatten<{size}>"),
                shape => typed("Reshape", vec![name(shape)]),
            },
            Layer::Recurrent(layer) => {
                let activation = match layer.cell {
                    Cell::SimpleRnn(activation) => Some((activation.rust(), "Tanh")),
                    _ => None,
                };
                let options = match (layer.masked, layer.backwards) {
                    (false, false) => "()",
                    (true, false) => "Masked",
                    (false, true) => "Backwards",
                    (true, true) => "(Masked, Backwards)",
                };
                let learnt = layer.initial.len() / layer.units().max(1);
                let mut more: Vec<(String, &str)> = activation.into_iter().collect();
                more.extend([(options.into(), "()"), (layer.carried.to_string(), "0"), (learnt.to_string(), "0")]);
                let shapes = vec![name(&layer.input), name(&layer.output)];
                typed(layer.cell.rust(), [shapes, without_defaults(more)].concat())
            }
            Layer::Embedding { output, masked, table } => {
                let tokens = table.len() / output[1].max(1);
                let more = vec![tokens.to_string(), if *masked { "Masked" } else { "()" }.into()];
                let more = without_defaults(more.into_iter().zip(["", "()"]).collect());
                typed("Embedding", [vec![name(&output[..1]), name(output)], more].concat())
            }
            Layer::Open(merge) => format!("the beginning of a {}", merge.name()),
            Layer::And => "the end of a first branch".into(),
            Layer::Close(merge) => format!("the end of a {}", merge.name()),
        }
    }
}

/// Arguments of a type, each with its default, without those at the end that are the default.
fn without_defaults(all: Vec<(String, &str)>) -> Vec<String> {
    let kept = all.iter().rposition(|(argument, default)| argument != default);
    all.into_iter().take(kept.map_or(0, |last| last + 1)).map(|(argument, _)| argument).collect()
}

/// What has been read of the layers so far.
struct Types {
    builder: Builder,
    number: usize,
    refused: Refused,
}

impl Types {
    /// Puts layers and blocks behind the others.
    fn push(&mut self, layers: &[String]) -> Result<(), Error> {
        for text in layers {
            let (name, all) = parts(text);
            match (name, all.as_slice()) {
                ("Bidirectional", [layer, units]) => self.bidirectional(text, layer, units)?,
                ("Residual", [_]) => self.block(text, Merge::Residual, &all)?,
                ("Sum", [_, _]) => self.block(text, Merge::Sum, &all)?,
                ("Concat", [_, _, _]) => self.block(text, Merge::Concat, &all)?,
                ("Rounded", [_, scale]) if scale.parse::<u32>().is_ok() => {
                    self.block(text, Merge::Rounded(scale.parse().unwrap_or_default()), &all[..1])?;
                }
                _ => {
                    let result = self.layer(text);
                    self.refused.note(result)?;
                    self.number += 1;
                }
            }
        }
        Ok(())
    }

    fn block(&mut self, text: &str, merge: Merge, arguments: &[&str]) -> Result<(), Error> {
        self.mark(text, Layer::Open(merge))?;
        for (branch, layers) in arguments.iter().take(2).enumerate() {
            if branch == 1 {
                self.mark(text, Layer::And)?;
            }
            self.push(&layers_of(layers))?;
        }
        if !self.refused.is_empty() {
            return Ok(());
        }
        self.builder.close(text)?;
        let channels = self.builder.shape().last().copied().unwrap_or_default();
        match (merge, arguments[arguments.len() - 1].parse()) {
            (Merge::Concat, length) if length != Ok(channels) => {
                Err(Error::malformed(text, format!("the branches give {channels} channels")))
            }
            _ => Ok(()),
        }
    }

    /// A recurrent layer, and beside it the same one that runs backwards.
    fn bidirectional(&mut self, text: &str, forward: &str, channels: &str) -> Result<(), Error> {
        let unknown = || Error::unsupported(format!("layer {}", self.number), format!("`{text}`"));
        let mut one = || match layer(forward, &mut self.builder)? {
            Some(Layer::Recurrent(layer)) if !layer.backwards => Ok(layer),
            _ => Err(unknown()),
        };
        let both = one().and_then(|forward| Ok(vec![forward, Recurrent { backwards: true, ..one()? }]));
        self.number += 2;
        match both {
            Ok(both) if channels.parse() != Ok(2 * both[0].units()) => {
                Err(Error::malformed(text, format!("both directions give {} numbers", 2 * both[0].units())))
            }
            Ok(both) if self.refused.is_empty() => self.builder.recurrent(text, Merge::Concat, both),
            both => self.refused.note(both.map(|_| ())),
        }
    }

    fn mark(&mut self, text: &str, mark: Layer) -> Result<(), Error> {
        if self.refused.is_empty() { self.builder.push(text, mark) } else { Ok(()) }
    }

    fn layer(&mut self, text: &str) -> Result<(), Error> {
        let unknown = || Error::unsupported(format!("layer {}", self.number), format!("`{text}`"));
        let layer = layer(text, &mut self.builder)?.ok_or_else(unknown)?;
        match self.refused.is_empty() {
            // An activation stays a layer of its own: tensors are named by the number of their layer.
            true => self.builder.push(text, layer),
            false => Ok(()),
        }
    }
}

/// The layers of `chain![…]`, a `SeparableConv1d` or 2d as the two that it is.
fn layers_of(text: &str) -> Vec<String> {
    let text = text.trim();
    let inner = text.strip_prefix("chain![").and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let two = |text: &str| {
        let (name, arguments) = parts(text);
        let axes =
            name.strip_prefix("SeparableConv")?.strip_suffix('d')?.parse::<usize>().ok().filter(|axes| *axes < 3)?;
        let [x, m, y, rest @ ..] = arguments.as_slice() else { return None };
        let (kernel, rest) = rest.split_at_checked(axes)?;
        let stride = rest.first().map(|stride| format!(", {stride}")).unwrap_or_default();
        let activation = rest.get(1).map(|activation| format!(", 1, {activation}")).unwrap_or_default();
        Some(vec![
            format!("DepthwiseConv{axes}d<{x}, {m}, {}{stride}>", kernel.join(", ")),
            format!("Conv{axes}d<{m}, {y}, {}{activation}>", vec!["1"; axes].join(", ")),
        ])
    };
    split(inner).into_iter().flat_map(|text| two(text).unwrap_or_else(|| vec![text.to_owned()])).collect()
}

fn is_block(text: &str) -> bool {
    matches!(parts(text).0, "Residual" | "Sum" | "Concat" | "Rounded")
}

/// The layer of a `Bidirectional`.
fn forward(text: &str) -> Option<&str> {
    let (name, arguments) = parts(text);
    arguments.first().copied().filter(|_| name == "Bidirectional")
}

/// A shape as baregrad names it.
pub(crate) fn shape_type(shape: &[usize]) -> String {
    match shape {
        [length, channels] => format!("Sequence<{length}, {channels}>"),
        [rows, columns, channels] => format!("Image<{rows}, {columns}, {channels}>"),
        _ => shape.iter().rev().fold("f32".into(), |inner, length| format!("[{inner}; {length}]")),
    }
}

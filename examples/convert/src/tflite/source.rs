//! Rust source of an int8 net: its type, its value and its numbers, layer after layer.

use super::int8::Int8;
use super::windows::Padding;
use crate::error::Error;

/// How a tensor of int8 stands for numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quantization {
    pub scale: f32,
    pub zero_point: i8,
}

/// A layer, or a block of them.
pub(super) struct Piece {
    pub ty: String,
    pub value: String,
    /// The shape that it takes, and that it gives.
    pub shapes: [Vec<usize>; 2],
    /// What it gives.
    pub to: Quantization,
    /// Which operator of the file each of its operators is, and the bytes of each number that it gives. A reshape may be none.
    pub operators: Vec<(Option<usize>, usize)>,
}

/// Layers one after another.
pub(super) struct Chain {
    pub pieces: Vec<Piece>,
    pub shape: Vec<usize>,
    pub of: Quantization,
    /// The last padding: how many layers lie before it, its shapes, and the places around.
    pub padding: Option<(usize, [Vec<usize>; 2], Padding)>,
}

/// What has been written so far.
pub(super) struct Source {
    pub bytes_per_weight: usize,
    numbers: Vec<u8>,
    bound: usize,
    input: Vec<usize>,
    /// Shapes with a name.
    maps: Vec<Vec<usize>>,
    /// Scales and zero points with a name.
    kinds: Vec<Quantization>,
    /// The type of the file's input and its scale, if it is no int8.
    pub given: Option<(&'static str, f32)>,
}

impl Chain {
    pub fn new(shape: Vec<usize>, of: Quantization) -> Self {
        Chain { pieces: Vec::new(), shape, of, padding: None }
    }

    /// The beginning of a branch, which takes what the chain gives.
    pub fn branch(&self) -> Self {
        Chain::new(self.shape.clone(), self.of)
    }

    /// Puts a layer behind the others, and a reshape between them if it needs one.
    pub fn push(&mut self, source: &mut Source, piece: Piece) {
        if piece.shapes[0] != self.shape {
            let reshape = source.reshape([self.shape.clone(), piece.shapes[0].clone()], self.of, None);
            self.pieces.push(reshape);
        }
        (self.shape, self.of) = (piece.shapes[1].clone(), piece.to);
        self.pieces.push(piece);
    }

    /// The padding that is the last layer, but for reshapes: its shapes, and the places around.
    pub fn last_padding(&self) -> Option<([Vec<usize>; 2], Padding)> {
        let (before, shapes, padding) = self.padding.clone()?;
        let behind = self.pieces.get(before + 1..)?;
        behind.iter().all(|piece| piece.ty.starts_with("Reshape<")).then_some((shapes, padding))
    }

    /// Takes it away.
    pub fn pop_padding(&mut self) {
        if let Some((before, [shape, _], _)) = self.padding.take() {
            self.pieces.truncate(before);
            self.shape = shape;
        }
    }

    pub fn ty(&self) -> String {
        let all: Vec<&str> = self.pieces.iter().map(|piece| piece.ty.as_str()).collect();
        if let [one] = all[..] { one.into() } else { format!("chain![{}]", all.join(", ")) }
    }

    pub fn value(&self) -> String {
        let mut all = self.pieces.iter().rev().map(|piece| piece.value.clone());
        let last = all.next().unwrap_or_default();
        all.fold(last, |rest, first| format!("Chain({first}, {rest})"))
    }

    pub fn operators(&self) -> Vec<(Option<usize>, usize)> {
        self.pieces.iter().flat_map(|piece| piece.operators.clone()).collect()
    }
}

impl Source {
    pub fn new(input: Vec<usize>, bytes_per_weight: usize, bound: usize) -> Self {
        let (numbers, maps, kinds) = (Vec::new(), Vec::new(), Vec::new());
        let given = None;
        let mut source = Source { bytes_per_weight, numbers, bound, input: input.clone(), maps, kinds, given };
        source.shape(&input);
        source
    }

    /// The type of a shape.
    pub fn shape(&mut self, shape: &[usize]) -> String {
        if shape.len() > 1 && !self.maps.iter().any(|map| map == shape) {
            self.maps.push(shape.to_vec());
        }
        self.named(shape)
    }

    /// The name of a shape that has one.
    fn named(&self, shape: &[usize]) -> String {
        let place = self.maps.iter().position(|map| map == shape).unwrap_or_default();
        match shape {
            [length] => format!("[u8; {length}]"),
            _ if shape == self.input => "Input".into(),
            _ => format!("Map{}", place + usize::from(self.input.len() == 1)),
        }
    }

    /// The constant of a scale and zero point.
    pub fn kind(&mut self, kind: Quantization) -> String {
        let place = self.kinds.iter().position(|other| *other == kind).unwrap_or_else(|| {
            self.kinds.push(kind);
            self.kinds.len() - 1
        });
        format!("X{place}")
    }

    /// Puts bytes behind the others. Returns where they begin.
    pub fn put(&mut self, at: &str, bytes: impl IntoIterator<Item = u8>) -> Result<usize, Error> {
        let start = self.numbers.len();
        self.numbers.extend(bytes.into_iter().take(self.bound + 1));
        match self.numbers.len() > self.bound {
            true => {
                let (declared, bound) = (self.numbers.len() as u64, self.bound as u64);
                Err(Error::TooLarge { at: at.into(), declared, bound })
            }
            false => Ok(start),
        }
    }

    pub fn reshape(&mut self, shapes: [Vec<usize>; 2], of: Quantization, operator: Option<usize>) -> Piece {
        let [x, y] = shapes.each_ref().map(|shape| self.shape(shape));
        let kind = self.kind(of);
        Piece {
            ty: format!("Reshape<{x}, {y}>"),
            value: format!("Reshape::new({kind})"),
            shapes,
            to: of,
            operators: vec![(operator, 1)],
        }
    }

    /// The source of the net, and its numbers.
    pub fn finish(self, chain: &Chain, origin: &str, path: &str) -> Int8 {
        let pieces = || chain.pieces.iter().map(|piece| (&piece.ty, &piece.value));
        let mut net = format!("/// {} numbers to {}.\n#[rustfmt::skip]\n", size(&self.input), size(&chain.shape));
        // A line for each layer.
        let types: String = pieces().map(|(ty, _)| format!("    {ty},\n")).collect();
        net += &format!("pub type Net = chain![\n{types}];\n\n");
        net += "/// With its numbers, in flash.\n#[allow(long_running_const_eval)]\n#[rustfmt::skip]\n";
        let mut values: Vec<_> = pieces().map(|(_, value)| format!("Chain(\n    {value},")).collect();
        let ends = ")".repeat(values.len().saturating_sub(1));
        values.pop();
        let last = pieces().next_back().map_or("", |(_, value)| value);
        net += &format!("pub static NET: Net = {}\n    {last}{ends};\n\n", values.join(" "));
        if let Some((kind, step)) = self.given {
            net += &format!(
                "/// The scale of the file's input: `NET.input(memory).set_{kind}(x, STEP)` takes its {kind}.\n"
            );
            net += &format!("pub const STEP: f32 = {step:?};\n\n");
        }
        net += "/// Of each operator of the net, which one of the file it is, and the bytes of each number that it gives.\n";
        net += "/// `usize::MAX` is none.\n#[rustfmt::skip]\n";
        let operators = chain.operators();
        let place = |operator: Option<usize>| operator.map_or("usize::MAX".into(), |place| place.to_string());
        let list: Vec<_> =
            operators.iter().map(|(operator, bytes)| format!("({}, {bytes})", place(*operator))).collect();
        net += &format!("pub static OPERATORS: [(usize, usize); {}] = [{}];\n", list.len(), list.join(", "));

        // Only what the net names.
        let mut names = String::new();
        for map in &self.maps {
            let lengths: Vec<_> = map.iter().map(ToString::to_string).collect();
            let generic = if map.len() == 3 { "Image" } else { "Sequence" };
            names +=
                &line(&net, &self.named(map), |name| format!("type {name} = {generic}<{}>;\n", lengths.join(", ")));
        }
        let numbers = "/// Weights, biases and scales.\nconst NUMBERS: Numbers = Numbers(include_bytes!(";
        names += if names.is_empty() { "" } else { "\n" };
        names += &line(&net, "NUMBERS", |_| format!("{numbers}{path:?}));\n\n"));
        for (place, Quantization { scale, zero_point }) in self.kinds.iter().enumerate() {
            let value = format!("Quantization {{ scale: {scale:?}, zero_point: {zero_point} }}");
            names += &line(&net, &format!("X{place}"), |name| format!("const {name}: Quantization = {value};\n"));
        }
        let body = format!("{names}\n{net}");
        let used = |all: &'static str| {
            let used: Vec<_> = all.split_whitespace().filter(|name| is_named(&body, name)).collect();
            used.join(", ")
        };
        let (layers, chain) = (used(LAYERS), used("Chain chain"));
        let head = format!("//! Made by baregrad-convert from {origin:?}: make it again instead of changing it.\n\n");
        let rust =
            format!("{head}#[rustfmt::skip]\nuse baregrad::int8::{{{layers}}};\nuse baregrad::{{{chain}}};\n\n{body}");
        Int8 { rust, numbers: self.numbers }
    }
}

/// What the source may import.
const LAYERS: &str = "Activation Addition AveragePool ColumnStride Concat Conv2d Dense DepthwiseConv2d Dilated Gate GlobalAveragePool Image Lstm \
    MaxPool Numbers Pad Padded Quantization Relu Requantize Reshape Residual Sequence Sigmoid Softmax Softmax16 Sum Svdf Tanh ToInt32";

/// How many numbers a shape has.
fn size(shape: &[usize]) -> usize {
    shape.iter().product()
}

/// Whether a name is in a text, and no part of a path or of another name.
fn is_named(text: &str, name: &str) -> bool {
    let alone = |at: usize| {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let before = text[..at].chars().next_back().is_some_and(|c| is_part(c) || c == ':');
        !before && !text[at + name.len()..].chars().next().is_some_and(is_part)
    };
    text.match_indices(name).any(|(at, _)| alone(at))
}

/// The line that defines a name, if a text has it.
fn line(text: &str, name: &str, line: impl Fn(&str) -> String) -> String {
    if is_named(text, name) { line(name) } else { String::new() }
}

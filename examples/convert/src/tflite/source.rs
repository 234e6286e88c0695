//! Rust source of an int8 net: its type, its value and its numbers, layer after layer.

use super::int8::Int8;
use crate::error::Error;
use std::collections::BTreeSet;

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
    /// What the source imports.
    used: BTreeSet<&'static str>,
    /// The type of the file's input and its scale, if it is no int8.
    pub given: Option<(&'static str, f32)>,
}

impl Chain {
    pub fn new(shape: Vec<usize>, of: Quantization) -> Self {
        Chain { pieces: Vec::new(), shape, of }
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
        let (numbers, maps, kinds, used) = (Vec::new(), Vec::new(), Vec::new(), BTreeSet::new());
        let given = None;
        let mut source = Source { bytes_per_weight, numbers, bound, input: input.clone(), maps, kinds, used, given };
        source.shape(&input);
        source
    }

    /// A name that the source imports.
    pub fn name(&mut self, name: &'static str) -> &'static str {
        self.used.insert(name);
        name
    }

    /// The type of a shape.
    pub fn shape(&mut self, shape: &[usize]) -> String {
        if let [length] = shape {
            return format!("[u8; {length}]");
        }
        let place = self.maps.iter().position(|map| map == shape).unwrap_or_else(|| {
            self.maps.push(shape.to_vec());
            self.maps.len() - 1
        });
        if shape == self.input { "Input".into() } else { format!("Map{}", place + usize::from(self.input.len() == 1)) }
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
        let (name, kind) = (self.name("Reshape"), self.kind(of));
        Piece {
            ty: format!("{name}<{x}, {y}>"),
            value: format!("{name}::new({kind})"),
            shapes,
            to: of,
            operators: vec![(operator, 1)],
        }
    }

    pub fn finish(mut self, chain: &Chain, origin: &str, path: &str) -> Int8 {
        let mut text =
            format!("//! Made by baregrad-convert from {origin:?}: make it again instead of changing it.\n\n");
        let several = chain.pieces.len() > 1;
        for name in ["Numbers", "Quantization"] {
            self.name(name);
        }
        for map in &self.maps {
            self.used.insert(if map.len() == 3 { "Image" } else { "Sequence" });
        }
        let used: Vec<&str> = self.used.iter().copied().collect();
        text += &format!("use baregrad::int8::{{{}}};\n", used.join(", "));
        text += if several { "use baregrad::{Chain, chain};\n\n" } else { "\n" };
        for map in self.maps.clone() {
            let lengths = map.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let generic = if map.len() == 3 { "Image" } else { "Sequence" };
            text += &format!("type {} = {generic}<{lengths}>;\n", self.shape(&map));
        }
        let numbers = |shape: &[usize]| shape.iter().product::<usize>();
        text += &format!("\n/// {} numbers to {}.\n", numbers(&self.input), numbers(&chain.shape));
        text += "#[rustfmt::skip]\npub type Net = ";
        let types: String = chain.pieces.iter().map(|piece| format!("    {},\n", piece.ty)).collect();
        text += &if several { format!("chain![\n{types}];\n\n") } else { format!("{};\n\n", chain.ty()) };
        text += &format!(
            "/// Weights, biases and scales.\nconst NUMBERS: Numbers = Numbers(include_bytes!({path:?}));\n\n"
        );
        for (place, kind) in self.kinds.iter().enumerate() {
            let Quantization { scale, zero_point } = kind;
            text += &format!(
                "const X{place}: Quantization = Quantization {{ scale: {scale:?}, zero_point: {zero_point} }};\n"
            );
        }
        text += "\n/// With its numbers, in flash.\n#[allow(long_running_const_eval)]\n#[rustfmt::skip]\npub static NET: Net = ";
        // A line for each layer.
        let values: Vec<String> = chain.pieces.iter().map(|piece| piece.value.clone()).collect();
        let (last, others) = values.split_last().map_or(("", &[][..]), |(last, others)| (last.as_str(), others));
        let others: String = others.iter().map(|value| format!("Chain(\n    {value},")).collect();
        text += &format!("{others}{}{last}{}", if several { "\n    " } else { "" }, ")".repeat(values.len() - 1));
        text += ";\n\n";
        if let Some((kind, step)) = self.given {
            text += &format!(
                "/// The scale of the file's input, which is of {kind}: `NET.input(memory).set_{kind}(x, STEP)`.\n"
            );
            text += &format!("pub const STEP: f32 = {step:?};\n\n");
        }
        text +=
            "/// Which operator of the file each operator of the net is, and the bytes of each number that it gives.\n";
        text += "/// `usize::MAX` is none.\n#[rustfmt::skip]\n";
        let operators = chain.operators();
        let place = |(operator, bytes): &(Option<usize>, usize)| match operator {
            Some(operator) => format!("({operator}, {bytes})"),
            None => format!("(usize::MAX, {bytes})"),
        };
        let list = operators.iter().map(place).collect::<Vec<_>>().join(", ");
        text += &format!("pub static OPERATORS: [(usize, usize); {}] = [{list}];\n", operators.len());
        Int8 { rust: text, numbers: self.numbers }
    }
}

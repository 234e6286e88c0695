//! A net as Rust source.

use crate::layer::{Layer, Merge};
use crate::model::Model;
use crate::types::{EPSILON, shape_type};

impl Model {
    /// Its type's layers, as between the brackets of `chain![…]`.
    pub fn layer_types(&self) -> Vec<String> {
        self.types_by(&shape_type, false)
    }

    /// A source file with the net's type and its weights as a `static`, which lies in flash. Shapes of images and sequences have
    /// names: `Input`, and `Map1`, `Map2` and so on.
    ///
    /// `origin` is said in a comment; `file` is the path from the source to what [`Model::to_bytes`] gives; a sample goes into
    /// a `static` of its own. Whatever these names are, they stay text: they are written as literals of Rust.
    pub fn to_rust(&self, origin: &str, file: &str, sample: Option<&[f32]>) -> String {
        let mut text =
            format!("//! Made by baregrad-convert from {origin:?}: make it again instead of changing it.\n\n");
        if self.layers.iter().any(|layer| matches!(layer, Layer::Open(Merge::Rounded(_)))) {
            text += "use baregrad::int8::Rounded;\n";
        }
        text += "use baregrad::prelude::*;\n\n";
        // Those that a layer names.
        let (shapes, mut maps) = (self.shapes(), Vec::new());
        for shape in std::iter::once(&self.input).chain(&shapes).filter(|shape| shape.len() > 1) {
            if !maps.contains(&shape) {
                maps.push(shape);
            }
        }
        let name = |shape: &[usize]| match maps.iter().position(|map| *map == shape) {
            Some(_) if *shape == self.input => "Input".into(),
            Some(at) => format!("Map{}", at + usize::from(self.input.len() == 1)),
            None => shape_type(shape),
        };
        for map in &maps {
            text += &format!("type {} = {};\n", name(map), shape_type(map));
        }
        if !maps.is_empty() {
            text += "\n";
        }
        text += &format!("/// {} numbers to {}.\npub type Net = chain![\n", self.inputs(), self.outputs());
        for layer in self.types_by(&name, false) {
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
            let (shape, rows) = (name(&self.input), rows(sample, &self.input, "    "));
            text += &format!("\n/// A sample to try it with.\npub static SAMPLE: {shape} = [\n{rows}];\n");
        }
        text
    }

    /// A line for each ε, which is no part of the file of weights.
    fn epsilons(&self) -> Vec<String> {
        let mut lines = Vec::new();
        self.fields("net".into(), &mut 0, &mut |layer, field| match layer.epsilon() {
            Some(epsilon) if epsilon != EPSILON => lines.push(format!("    {field}.epsilon = {};\n", literal(epsilon))),
            _ => {}
        });
        lines
    }

    /// Visits the layers of the chain that begins at a place, with the field that each of them is. The place is then that of the
    /// mark that ends the chain.
    fn fields(&self, of: String, place: &mut usize, visit: &mut dyn FnMut(&Layer, &str)) {
        // A chain of one layer is that layer; else, all but the last are the first field of the rest.
        let mut all = Vec::new();
        while let Some(layer) = self.layers.get(*place).filter(|layer| !matches!(layer, Layer::And | Layer::Close(_))) {
            all.push(*place);
            if matches!(layer, Layer::Open(_)) {
                *place = self.end(*place);
            }
            *place += 1;
        }
        for (at, first) in all.iter().enumerate() {
            let field = format!("{of}{}{}", ".1".repeat(at), if at + 1 == all.len() { "" } else { ".0" });
            match self.layers[*first] {
                Layer::Open(merge) => {
                    let mut inner = first + 1;
                    for branch in
                        if matches!(merge, Merge::Residual | Merge::Rounded(_)) { &[".0"][..] } else { &[".a", ".b"] }
                    {
                        self.fields(format!("{field}{branch}"), &mut inner, visit);
                        inner += 1;
                    }
                }
                ref layer => visit(layer, &field),
            }
        }
    }

    /// The end of the block that begins at a place.
    fn end(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        let ends = |layer: &Layer| {
            depth += matches!(layer, Layer::Open(_)) as usize;
            depth = depth.saturating_sub(matches!(layer, Layer::Close(_)) as usize);
            depth == 0
        };
        self.layers[open..].iter().position(ends).map_or(self.layers.len(), |end| open + end)
    }
}

/// The numbers of an array, without its own brackets: ten numbers or places a line.
fn rows(numbers: &[f32], shape: &[usize], indent: &str) -> String {
    let lines = |all: Vec<String>| all.chunks(10).map(|all| format!("{indent}{},\n", all.join(", "))).collect();
    let all = |numbers: &[f32]| numbers.iter().map(|x| literal(*x)).collect::<Vec<_>>();
    match shape {
        [_, channels] => {
            lines(numbers.chunks((*channels).max(1)).map(|x| format!("[{}]", all(x).join(", "))).collect())
        }
        [_, inner @ ..] if !inner.is_empty() => {
            let row = |row: &[f32]| format!("{indent}[\n{}{indent}],\n", rows(row, inner, &format!("{indent}    ")));
            numbers.chunks(inner.iter().product::<usize>().max(1)).map(row).collect()
        }
        _ => lines(all(numbers)),
    }
}

fn literal(x: f32) -> String {
    match x {
        _ if x.is_finite() => format!("{x:?}"),
        _ if x.is_nan() => "f32::NAN".into(),
        _ => format!("{}f32::INFINITY", if x < 0.0 { "-" } else { "" }),
    }
}

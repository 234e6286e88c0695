//! A graph as layers, node after node.

use super::activations::activation;
use super::attributes::Attributes;
use super::constants::fold;
use super::external::{Files, Open};
use super::places;
use super::proto::{GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, data_type};
use super::tensor::{flag, floats, integers};
use super::view::View;
use crate::activation::Activation;
use crate::builder::Builder;
use crate::error::{Error, Refused};
use crate::floats::{finite, inverse, permute};
use crate::graph::{Step, steps};
use crate::layer::{Conv, Layer, Merge, numbers};
use crate::model::Model;
use prost::Message;
use std::collections::{HashMap, HashSet};

/// Before this one, operators with two inputs did not broadcast as they do now.
const OLDEST_OPSET: i64 = 7;

impl Model {
    /// Reads an ONNX model whose nodes are a chain of what baregrad has, with blocks of two branches, and whose numbers are all in
    /// these bytes; else [`Model::of_onnx_file`] reads it.
    ///
    /// Images and sequences have their channels last in the net, whatever the graph has. `Conv` with one group or as many as
    /// channels, `BatchNormalization`, `MaxPool`, `AveragePool`, `GlobalMaxPool`, `GlobalAveragePool`, `ReduceMean` and
    /// `ReduceMax` over all places, `Pad` with zeros, `Resize` of nearest neighbours, `Transpose`, `Squeeze`, `Unsqueeze`; `Add`
    /// and `Concat` of two branches; `Gemm` and `MatMul` with `Add` of constants; `Sub` and `Mul` of constants, as a `Rescale`; `Relu`, `LeakyRelu` of whole
    /// hundredths, `Elu`, `Selu`, `Sigmoid`, `Tanh`, `Softplus`, `Softsign`, `HardSigmoid` of alpha 1/6, `HardSwish`, `Gelu`,
    /// `Swish` or `Mul` with a `Sigmoid` of the same, `Softmax`, `LogSoftmax`, `Clip` from 0; `LayerNormalization`; `Dropout`; `Flatten` and
    /// `Reshape` of one sample's numbers; `Identity`, which does nothing.
    ///
    /// Allocates at most 512 times the size of `bytes`, and 256 KB.
    ///
    /// # Errors
    /// The file is damaged; nodes or attributes of it that are not supported, all of them by their names; a tensor of another type or shape, or
    /// of numbers that are not finite; operators older than opset 7.
    pub fn of_onnx(bytes: &[u8]) -> Result<Self, Error> {
        Self::of_onnx_with(bytes, &mut |location| {
            let what = "data in another file, for a model without a path (`Model::of_onnx_file` has it),";
            Err(Error::unsupported(format!("the file {location:?}"), what))
        })
    }

    /// The same for a model that names files of numbers: `open` gives the bytes of each.
    ///
    /// Allocates at most 512 times the size of `bytes` and of these files, and 256 KB.
    ///
    /// # Errors
    /// As [`Model::of_onnx`]; what `open` gives.
    pub fn of_onnx_with(bytes: &[u8], open: &mut dyn FnMut(&str) -> Result<Vec<u8>, Error>) -> Result<Self, Error> {
        let model = ModelProto::decode(bytes)?;
        let graph = model.graph.ok_or_else(|| Error::malformed("ONNX", "no graph"))?;
        let mut versions = model.opset_import.iter().filter(|set| is_onnx(&set.domain)).map(|set| set.version);
        let opset = match (versions.next(), versions.next()) {
            (Some(version @ OLDEST_OPSET..), None) => version,
            (Some(version), None) => {
                let what = format!("opset {version}, older than {OLDEST_OPSET},");
                return Err(Error::unsupported("ONNX", what));
            }
            _ => return Err(Error::malformed("ONNX", "no version of the operators, or several")),
        };
        if let Some(own) = model.functions.iter().find(|function| is_onnx(&function.domain)) {
            return Err(Error::unsupported("ONNX", format!("an operator {} of the model's own", own.name)));
        }
        defined_once(&graph)?;
        read(&graph, &fold(&graph), opset, bytes.len(), open)
    }
}

fn is_onnx(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

pub(super) struct Reader<'a> {
    constants: HashMap<&'a str, &'a TensorProto>,
    files: Files<'a>,
    /// Version of the operators.
    opset: i64,
    /// Bytes of the model.
    size: usize,
    /// How many numbers of constants have been read: one constant may be used by many nodes.
    numbers: usize,
    pub builder: Builder,
    /// Batch of the input, if that is a number.
    batch: Option<i64>,
    /// How the tensor that the nodes so far have made lies in the net.
    pub view: View,
    /// Whether there is no layer yet, so that the net's input may have its axes in another order.
    is_free: bool,
    /// Views at the beginning of blocks, and behind their first branches.
    blocks: Vec<(View, Option<View>)>,
}

/// What a node does to the net, once its attributes are known to be supported.
pub(super) type Act<'a> = Box<dyn FnOnce(&mut Reader<'a>) -> Result<(), Error> + 'a>;

/// `folded` has what nodes make of constants.
fn read<'a>(
    graph: &'a GraphProto,
    folded: &'a [TensorProto],
    opset: i64,
    size: usize,
    open: Open<'a>,
) -> Result<Model, Error> {
    let given = graph.initializer.iter().chain(folded);
    let mut constants: HashMap<&str, &TensorProto> = given.map(|tensor| (tensor.name.as_str(), tensor)).collect();
    let inputs: Vec<_> = graph.input.iter().filter(|input| !constants.contains_key(input.name.as_str())).collect();
    let ([input], [output]) = (inputs.as_slice(), graph.output.as_slice()) else {
        let what = format!("a graph of {} inputs and {} outputs", inputs.len(), graph.output.len());
        return Err(Error::unsupported("ONNX", what));
    };
    let unknown = || Error::unsupported(&input.name, "an input of unknown shape, or not of floats,");
    let (batch, shape) = sample(input).ok_or_else(unknown)?;
    numbers(&shape).ok_or_else(|| Error::unsupported(&input.name, format!("an input of shape {shape:?}")))?;

    let mut refused = Refused::default();
    let mut nodes = Vec::new();
    let of_constants: HashSet<&str> = folded.iter().map(|tensor| tensor.name.as_str()).collect();
    for node in graph.node.iter().filter(|node| !of_constants.contains(node.made())) {
        match constant(node).transpose() {
            Some(value) => refused.note(value.map(|value| _ = constants.insert(node.made(), value)))?,
            None => nodes.push(node),
        }
    }
    let way = way(&nodes, &input.name, &constants);
    let builder = Builder::new(shape.clone(), size);
    let (files, view) = (Files::new(open), View::plain(shape));
    let mut reader =
        Reader { constants, files, opset, size, numbers: 0, builder, batch, view, is_free: true, blocks: Vec::new() };
    // Where the graph is no chain, each node is still looked at.
    let all: Vec<Step>;
    let mut steps = match &way {
        Ok(steps) => steps.as_slice(),
        Err(_) => {
            all = (1..=nodes.len()).map(Step::Node).collect();
            &all
        }
    };
    refused.note(way.as_ref().map(|_| ()).map_err(|(node, what)| Error::unsupported(nodes[*node].at(), *what)))?;
    while let [step, rest @ ..] = steps {
        let (act, rest): (Result<Act<'a>, Error>, _) = match (*step, rest) {
            (Step::Open { node, .. }, [Step::Node(sigmoid), Step::Close(_), rest @ ..])
                if is_silu(nodes[node - 1], nodes[sigmoid - 1]) =>
            {
                let node = nodes[sigmoid - 1];
                (Ok(Box::new(move |reader| reader.activate(node, Activation::Silu))), rest)
            }
            (Step::Node(node), _) => (act_of(nodes[node - 1], &reader.constants), rest),
            (Step::Open { node, residual }, _) => (merge(nodes[node - 1], residual), rest),
            (Step::And, _) => (Ok(Box::new(Reader::second_branch)), rest),
            (Step::Close(node), _) => {
                let node = nodes[node - 1];
                (Ok(Box::new(move |reader| reader.close(node))), rest)
            }
        };
        refused.note(act.and_then(|act| if refused.is_empty() { act(&mut reader) } else { Ok(()) }))?;
        steps = rest;
    }
    refused.end()?;
    let last = nodes.last().map_or(&input.name[..], |node| node.made());
    reader.finish(last, output)
}

/// The value of a node that is a constant.
pub(super) fn constant(node: &NodeProto) -> Result<Option<&TensorProto>, Error> {
    if node.op_type != "Constant" || !is_onnx(&node.domain) {
        return Ok(None);
    }
    let mut attributes = Attributes::of(node)?;
    let value = attributes.tensor("value")?;
    attributes.end()?;
    value.map(Some).ok_or_else(|| Error::unsupported(node.at(), "a constant that is no tensor"))
}

/// The steps through the nodes, counted from 1; the input is 0. Or the node where the graph is another one, and what it is.
fn way(
    nodes: &[&NodeProto],
    input: &str,
    constants: &HashMap<&str, &TensorProto>,
) -> Result<Vec<Step>, (usize, &'static str)> {
    let (mut places, mut takes) = (HashMap::from([(input, 0)]), vec![Vec::new()]);
    for (place, node) in nodes.iter().enumerate() {
        let variable = node.input.iter().filter(|name| !name.is_empty() && !constants.contains_key(name.as_str()));
        takes.push(variable.filter_map(|name| places.get(name.as_str()).copied()).collect());
        places.insert(node.made(), place + 1);
    }
    let what = "a graph that is neither a chain nor made of blocks of two branches";
    steps(&takes, nodes.len()).map_err(|node| (node.max(1) - 1, what))
}

/// Whether the nodes make x · σ(x).
fn is_silu(product: &NodeProto, sigmoid: &NodeProto) -> bool {
    let plain = |node: &NodeProto, operator: &str| {
        node.op_type == operator && is_onnx(&node.domain) && node.attribute.is_empty()
    };
    plain(product, "Mul") && product.input.len() == 2 && plain(sigmoid, "Sigmoid") && sigmoid.input.len() == 1
}

/// Refuses names that two tensors have. An initial value may be given for an input, which is then a constant.
fn defined_once(graph: &GraphProto) -> Result<(), Error> {
    let made = graph.node.iter().flat_map(|node| &node.output).filter(|name| !name.is_empty());
    let (mut constants, mut others) = (HashSet::new(), HashSet::new());
    let twice = graph.initializer.iter().map(|tensor| &tensor.name).find(|name| !constants.insert(name.as_str()));
    let inputs = graph.input.iter().map(|input| (&input.name, false));
    let twice = twice.or_else(|| {
        let mut all = inputs.chain(made.map(|name| (name, true)));
        all.find(|(name, made)| !others.insert(name.as_str()) || (*made && constants.contains(name.as_str())))
            .map(|(name, _)| name)
    });
    match twice {
        Some(name) => Err(Error::malformed("ONNX", format!("two tensors are called {name:?}"))),
        None => Ok(()),
    }
}

/// The batch, if it is a number, and the lengths behind it.
fn sample(value: &ValueInfoProto) -> Option<(Option<i64>, Vec<usize>)> {
    let tensor = value.r#type.as_ref()?.tensor_type.as_ref()?;
    if !matches!(tensor.elem_type, data_type::FLOAT | data_type::FLOAT16 | data_type::BFLOAT16) {
        return None;
    }
    let [batch, rest @ ..] = tensor.shape.as_ref()?.dim.as_slice() else { return None };
    let rest: Option<Vec<usize>> = rest.iter().map(|dim| usize::try_from(dim.dim_value?).ok()).collect();
    rest.filter(|rest| !rest.is_empty()).map(|rest| (batch.dim_value, rest))
}

/// How many inputs an operator has at most.
fn inputs(operator: &str) -> usize {
    match operator {
        "BatchNormalization" => 5,
        "Pad" | "Resize" => 4,
        "Gemm" | "LayerNormalization" | "Dropout" | "Conv" | "Clip" => 3,
        "MatMul" | "Add" | "Sub" | "Mul" | "Reshape" | "ReduceMean" | "ReduceMax" | "Squeeze" | "Unsqueeze"
        | "Concat" => 2,
        _ => 1,
    }
}

/// Checks what all operators have in common.
fn attributes(node: &NodeProto) -> Result<Attributes<'_>, Error> {
    if !is_onnx(&node.domain) {
        return Err(Error::unsupported(node.at(), format!("an operator of {}", node.domain)));
    }
    if node.input.len() > inputs(&node.op_type) {
        return Err(Error::unsupported(node.at(), format!("a node of {} inputs", node.input.len())));
    }
    Attributes::of(node)
}

/// The beginning of the branches that a node merges.
fn merge<'a>(node: &'a NodeProto, residual: bool) -> Result<Act<'a>, Error> {
    let mut attributes = attributes(node)?;
    let merge = match (node.op_type.as_str(), residual) {
        ("Add", true) => Merge::Residual,
        ("Add", false) => Merge::Sum,
        ("Concat", false) => {
            attributes.one_of("axis", &[1, -1])?;
            Merge::Concat
        }
        _ => {
            let error = Error::unsupported(node.at(), "two inputs that are no constants");
            return Err(error.instead("Add, or Concat of what two nodes make of one tensor"));
        }
    };
    attributes.end()?;
    Ok(Box::new(move |reader| {
        if reader.is_free && !reader.view.is_row() {
            reader.channels_first(node)?;
        }
        reader.settle(node)?;
        reader.blocks.push((reader.view.clone(), None));
        reader.builder.push(&node.at(), Layer::Open(merge))
    }))
}

/// Reads the attributes of a node.
fn act_of<'a>(node: &'a NodeProto, constants: &HashMap<&str, &TensorProto>) -> Result<Act<'a>, Error> {
    let mut attributes = attributes(node)?;
    let all = &mut attributes;
    let act: Act<'a> = match node.op_type.as_str() {
        "Identity" => Box::new(|_| Ok(())),
        "Dropout" => dropout(node, all)?,
        "Flatten" => {
            all.one_of("axis", &[1])?;
            Box::new(move |reader| reader.reshape(node, &[reader.view.numbers()]))
        }
        "Reshape" => {
            let zero_keeps = all.integer("allowzero", 0)? == 0;
            Box::new(move |reader| reader.reshape_by(node, zero_keeps))
        }
        "Gemm" => gemm(node, all)?,
        "MatMul" => Box::new(move |reader| {
            let (shape, w) = reader.floats(node, 1)?;
            reader.dense(node, &shape, w, None)
        }),
        "Add" => Box::new(move |reader| reader.add(node)),
        "Sub" => Box::new(move |reader| reader.sub(node)),
        "Mul" => Box::new(move |reader| reader.mul(node)),
        "LayerNormalization" => layer_norm(node, all)?,
        "Softmax" | "LogSoftmax" => {
            let (axis, activation) = (all.integer("axis", -1)?, activation(node, all)?);
            Box::new(move |reader| reader.softmax(node, axis, activation))
        }
        _ => match places::act_of(node, all, constants)? {
            Some(act) => act,
            None => {
                let activation = activation(node, all)?;
                Box::new(move |reader| reader.activate(node, activation))
            }
        },
    };
    attributes.end()?;
    Ok(act)
}

// alpha · x · w + beta · b, without the second term if beta is 0
fn gemm<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    attributes.one_of("transA", &[0])?;
    let transposed = attributes.integer("transB", 0)? != 0;
    let (alpha, beta) = (attributes.float("alpha", 1.0)?, attributes.float("beta", 1.0)?);
    Ok(Box::new(move |reader| {
        reader.is_row(node)?;
        let (mut shape, mut w) = reader.floats(node, 1)?;
        if let (&[rows, columns], true) = (shape.as_slice(), transposed) {
            w = permute(&w, &[rows, columns], &[1, 0]);
            shape.reverse();
        }
        w.iter_mut().for_each(|w| *w *= alpha);
        let b = match (reader.has(node, 2) && beta != 0.0, shape.get(1)) {
            (true, Some(outputs)) => {
                let mut b = reader.row(node, 2, *outputs)?;
                b.iter_mut().for_each(|b| *b *= beta);
                Some(b)
            }
            _ => None,
        };
        reader.dense(node, &shape, w, b)
    }))
}

fn layer_norm<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    attributes.one_of("axis", &[-1, 1])?;
    attributes.one_of("stash_type", &[i64::from(data_type::FLOAT)])?;
    let epsilon = attributes.float("epsilon", 1e-5)?;
    Ok(Box::new(move |reader| {
        reader.is_row(node)?;
        let gamma = reader.features(node, 1)?;
        let beta = match reader.has(node, 2) {
            true => reader.features(node, 2)?,
            false => reader.builder.fill(&node.at(), 0.0, Some(gamma.len()))?,
        };
        reader.push(node, Layer::LayerNorm { epsilon, gamma, beta })
    }))
}

/// Its rate is an input, and of old an attribute.
fn dropout<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    attributes.integer("seed", 0)?;
    let ratio = attributes.float("ratio", 0.5)?;
    Ok(Box::new(move |reader| {
        let rate = if reader.has(node, 1) { reader.row(node, 1, 1)?[0] } else { ratio };
        if reader.has(node, 2) && flag(reader.constant(node, 2)?, &mut reader.files)? {
            return Err(Error::unsupported(node.at(), "training_mode"));
        }
        match (rate * 100.0).round() {
            percent @ 0.0..100.0 => reader.push(node, Layer::Dropout(percent as u32)),
            _ => Err(Error::unsupported(node.at(), format!("ratio = {rate}"))),
        }
    }))
}

impl<'a> Reader<'a> {
    /// Whether the net's input may still have its axes in another order.
    pub fn is_free(&self) -> bool {
        self.is_free
    }

    /// Gives the net the shape that the graph has by now.
    pub fn settle(&mut self, node: &NodeProto) -> Result<(), Error> {
        self.is_free = false;
        self.builder.reshape(&node.at(), &self.view.net())
    }

    /// Puts a layer behind the others that keeps the order of axes.
    pub fn push(&mut self, node: &NodeProto, layer: Layer) -> Result<(), Error> {
        self.settle(node)?;
        self.builder.push(&node.at(), layer)
    }

    fn activate(&mut self, node: &NodeProto, activation: Activation) -> Result<(), Error> {
        self.settle(node)?;
        self.builder.activate(&node.at(), activation)
    }

    fn softmax(&mut self, node: &NodeProto, axis: i64, activation: Activation) -> Result<(), Error> {
        let rank = self.view.graph().len();
        let last = usize::try_from(if axis < 0 { axis + rank as i64 + 1 } else { axis });
        let channels = last.is_ok_and(|axis| {
            // Of old, the axes behind it were taken together.
            let alone = self.opset >= 13 || axis == rank;
            let own = |at: usize| self.view.is_row() || self.view.order[at] + 1 == rank;
            alone && (1..=rank).contains(&axis) && own(axis - 1)
        });
        match channels {
            true => self.activate(node, activation),
            false => Err(Error::unsupported(node.at(), format!("axis = {axis}")).instead("the axis of the channels")),
        }
    }

    /// Makes the graph's first axis the net's last one.
    pub fn channels_first(&mut self, node: &NodeProto) -> Result<(), Error> {
        let axes = self.view.graph();
        let other = || {
            let what = format!("an input of shape {axes:?} whose channels are not the last axis in memory");
            Error::unsupported(node.at(), what).instead("a Transpose before it instead of a Reshape")
        };
        if self.view.is_channels_first() && !self.view.flat {
            return Ok(());
        }
        let wanted = View::channels_first(&axes).filter(|_| axes.len() > 1).ok_or_else(other)?;
        // Or, if there is but one channel or place, both orders are the same.
        match self.is_free || (self.view.is_plain() && wanted.is_plain()) {
            true => self.view = wanted,
            false => return Err(other()),
        }
        Ok(())
    }

    pub fn is_row(&self, node: &NodeProto) -> Result<(), Error> {
        match self.view.is_row() {
            true => Ok(()),
            false => Err(Error::unsupported(node.at(), format!("an input of shape {:?}", self.view.graph()))),
        }
    }

    /// Whether a node has an input of this number, which may be left out.
    pub fn has(&self, node: &NodeProto, input: usize) -> bool {
        node.input.get(input).is_some_and(|name| !name.is_empty())
    }

    fn constant(&self, node: &NodeProto, input: usize) -> Result<&'a TensorProto, Error> {
        let name = node.input.get(input).map_or("", String::as_str);
        let missing = || Error::unsupported(node.at(), format!("input {input} ({name:?}), which is no constant,"));
        // A tensor without a name is none that an input could have.
        self.constants.get(name).filter(|_| !name.is_empty()).copied().ok_or_else(missing)
    }

    /// Refuses to read much more than all numbers of the file, which may be used again and again.
    fn count(&mut self, node: &NodeProto, numbers: usize) -> Result<(), Error> {
        self.numbers = self.numbers.saturating_add(numbers);
        let bound = 16 * (self.size + self.files.size());
        match self.numbers > bound {
            true => Err(Error::TooLarge { at: node.at(), declared: self.numbers as u64, bound: bound as u64 }),
            false => Ok(()),
        }
    }

    pub fn floats(&mut self, node: &NodeProto, input: usize) -> Result<(Vec<usize>, Vec<f32>), Error> {
        let (shape, values) = floats(self.constant(node, input)?, &mut self.files)?;
        self.count(node, values.len())?;
        Ok((shape, values))
    }

    pub fn integers(&mut self, node: &NodeProto, input: usize) -> Result<Vec<i64>, Error> {
        let all = integers(self.constant(node, input)?, &mut self.files)?;
        self.count(node, all.len())?;
        Ok(all)
    }

    /// A row of `size` numbers, which may be given as one for all.
    pub fn row(&mut self, node: &NodeProto, input: usize, size: usize) -> Result<Vec<f32>, Error> {
        let (found, values) = self.floats(node, input)?;
        let leading = found.len().saturating_sub(1);
        match (found.last(), values.as_slice()) {
            (_, [value]) if found.len() <= 2 => self.builder.fill(&node.at(), *value, Some(size)),
            (Some(last), _) if *last == size && leading <= 1 && found[..leading] == [1][..leading] => Ok(values),
            _ => Err(Error::Shape { name: node.input[input].clone(), found, needed: vec![size] }),
        }
    }

    /// A row with a number for each feature of the current tensor, in the net's order.
    pub fn features(&mut self, node: &NodeProto, input: usize) -> Result<Vec<f32>, Error> {
        let row = self.row(node, input, self.view.numbers())?;
        Ok(self.ordered(row, 1))
    }

    /// Rows of the graph's order in the order of the net.
    fn ordered(&self, values: Vec<f32>, width: usize) -> Vec<f32> {
        if !self.view.flat {
            return values;
        }
        let (axes, order) = (self.view.axes(), inverse(&self.view.order));
        permute(&values, &[axes.as_slice(), &[width]].concat(), &[order.as_slice(), &[axes.len()]].concat())
    }

    fn dense(&mut self, node: &NodeProto, shape: &[usize], w: Vec<f32>, b: Option<Vec<f32>>) -> Result<(), Error> {
        let inputs = self.view.net().last().copied().unwrap_or_default();
        let needed = vec![inputs, shape.last().copied().unwrap_or(1)];
        // Another length is told by the layer, where each sample is a row.
        let fits = self.view.is_row() || shape.first() == Some(&inputs);
        let (&[rows, outputs], true) = (shape, fits) else {
            return Err(Error::Shape { name: node.input[1].clone(), found: shape.into(), needed });
        };
        if !(self.view.is_row() || self.view.is_plain()) {
            let what = format!("a product over the axis of {inputs} of a Transpose");
            return Err(Error::unsupported(node.at(), what).instead("Conv of single places"));
        }
        let b = match b {
            Some(b) => b,
            None => self.builder.fill(&node.at(), 0.0, Some(outputs))?,
        };
        let w = if rows == inputs { self.ordered(w, outputs) } else { w };
        self.settle(node)?;
        self.builder.dense(&node.at(), outputs, Activation::Linear, w, b)?;
        self.view = View::plain(self.builder.shape().to_vec());
        Ok(())
    }

    /// A constant behind a product or a convolution, as its bias.
    fn add(&mut self, node: &NodeProto) -> Result<(), Error> {
        self.settle(node)?;
        let more = self.channels(node)?;
        match self.builder.last_mut() {
            Some(
                Layer::Dense { activation: Activation::Linear, b, .. }
                | Layer::Conv(Conv { activation: Activation::Linear, b, .. }),
            ) => {
                b.iter_mut().zip(more).for_each(|(b, more)| *b += more);
                finite(&node.at(), "a sum of biases", b)
            }
            _ => Err(Error::unsupported(node.at(), "an Add that is not behind a MatMul or Gemm")
                .instead("BatchNormalization")),
        }
    }

    /// The input of two that is a constant.
    fn other(node: &NodeProto, constants: &HashMap<&str, &TensorProto>) -> usize {
        let first = node.input.first().map_or("", String::as_str);
        usize::from(!constants.contains_key(first))
    }

    /// A constant number for each channel.
    fn channels(&mut self, node: &NodeProto) -> Result<Vec<f32>, Error> {
        let input = Self::other(node, &self.constants);
        if self.view.is_row() {
            return self.features(node, input);
        }
        let (found, values) = self.floats(node, input)?;
        let channels = self.view.lengths.last().copied().unwrap_or_default();
        if let [value] = values.as_slice() {
            return self.builder.fill(&node.at(), *value, Some(channels));
        }
        // The lengths that it may have, without those of 1 before them.
        let last = self.view.order.len() - 1;
        let of = |axis: &usize| if *axis == last { channels } else { 1 };
        let needed: Vec<usize> = self.view.order.iter().map(of).skip_while(|length| *length == 1).collect();
        let own: Vec<usize> = found.iter().copied().skip_while(|length| *length == 1).collect();
        match own == needed {
            true => Ok(values),
            false => Err(Error::Shape { name: node.input[input].clone(), found, needed }),
        }
    }

    /// The constant of an operator that works on rows.
    fn factors(&mut self, node: &NodeProto) -> Result<Vec<f32>, Error> {
        self.is_row(node).map_err(|error| error.instead("BatchNormalization"))?;
        self.features(node, Self::other(node, &self.constants))
    }

    fn sub(&mut self, node: &NodeProto) -> Result<(), Error> {
        if Self::other(node, &self.constants) == 0 {
            return Err(Error::unsupported(node.at(), "a difference from a constant").instead("Sub of a constant"));
        }
        let offset = self.factors(node)?;
        let scale = self.builder.fill(&node.at(), 1.0, Some(offset.len()))?;
        self.push(node, Layer::Rescale { offset, scale })
    }

    /// A constant as a factor, of a difference if there is one before it.
    fn mul(&mut self, node: &NodeProto) -> Result<(), Error> {
        let factors = self.factors(node)?;
        self.settle(node)?;
        match self.builder.last_mut() {
            Some(Layer::Rescale { scale, .. }) if scale.iter().all(|scale| *scale == 1.0) => {
                *scale = factors;
                finite(&node.at(), "a factor", scale)
            }
            _ => {
                let offset = self.builder.fill(&node.at(), 0.0, Some(factors.len()))?;
                self.push(node, Layer::Rescale { offset, scale: factors })
            }
        }
    }

    /// The same numbers with other lengths behind the batch.
    pub fn reshape(&mut self, node: &NodeProto, lengths: &[usize]) -> Result<(), Error> {
        let wrong = || {
            let what = format!(
                "a Reshape of {:?} to {lengths:?}, whose channels are not the last axis in memory,",
                self.view.graph()
            );
            Error::unsupported(node.at(), what).instead("a Transpose before it that makes the channels the last axis")
        };
        self.view = self.view.reshaped(lengths).ok_or_else(wrong)?;
        Ok(())
    }

    fn reshape_by(&mut self, node: &NodeProto, zero_keeps: bool) -> Result<(), Error> {
        let mut lengths = self.integers(node, 1)?;
        let before = self.view.graph();
        for (length, before) in
            lengths.iter_mut().skip(1).zip(&before).filter(|(length, _)| zero_keeps && **length == 0)
        {
            *length = *before as i64;
        }
        let wrong = || Error::unsupported(node.at(), format!("the shape {lengths:?}"));
        let [batch, rest @ ..] = lengths.as_slice() else { return Err(wrong()) };
        let keeps_batch = match batch {
            -1 => !rest.contains(&-1),
            0 => zero_keeps,
            batch => Some(*batch) == self.batch,
        };
        let shape = self.view.lengths_of(rest).filter(|_| keeps_batch).ok_or_else(wrong)?;
        self.reshape(node, &shape)
    }

    fn second_branch(&mut self) -> Result<(), Error> {
        self.builder.reshape("a branch", &self.view.net())?;
        if let Some((start, first)) = self.blocks.last_mut() {
            *first = Some(std::mem::replace(&mut self.view, start.clone()));
        }
        self.builder.push("a branch", Layer::And)
    }

    /// The end of a block, whose branches have the same order of axes.
    fn close(&mut self, node: &NodeProto) -> Result<(), Error> {
        self.settle(node)?;
        let (start, first) = self.blocks.pop().unwrap_or_else(|| (self.view.clone(), None));
        let first = first.unwrap_or(start);
        let joins = node.op_type == "Concat";
        let same = (first.order == self.view.order && !joins) || (first.is_plain() && self.view.is_plain());
        if first.flat != self.view.flat || !same {
            let error = Error::unsupported(node.at(), "branches whose axes are in other orders in memory");
            return Err(error.instead("the same Transpose in both branches"));
        }
        self.builder.close(&node.at())?;
        if joins {
            self.view = View::plain(self.builder.shape().to_vec());
        }
        Ok(())
    }

    fn finish(mut self, last: &str, output: &ValueInfoProto) -> Result<Model, Error> {
        if last != output.name {
            let what = format!("the output {}, while the last node gives {last}", output.name);
            return Err(Error::unsupported("ONNX", what));
        }
        if self.view.flat && !self.is_free {
            let error = Error::unsupported(&output.name, "an output that is flattened with its channels first");
            return Err(error.instead("a Transpose before the Flatten"));
        }
        if !self.is_free && !self.view.is_plain() && !self.view.is_channels_first() {
            let error = Error::unsupported(&output.name, format!("an output of the axes {:?}", self.view.order));
            return Err(error.instead("channels as the first axis or as the last one"));
        }
        self.builder.reshape(&output.name, &self.view.net())?;
        let given = self.builder.outputs();
        match sample(output).and_then(|(_, shape)| numbers(&shape)) {
            Some(stated) if stated != given => Err(Error::malformed(
                &output.name,
                format!("an output of {stated} numbers, while the last node gives {given}"),
            )),
            _ => self.builder.finish(),
        }
    }
}

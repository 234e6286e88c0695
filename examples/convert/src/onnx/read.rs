//! A graph as layers, node after node.

use super::activations::activation;
use super::attributes::Attributes;
use super::constants::fold;
use super::external::{Files, Open};
use super::places;
use super::proto::{GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, data_type};
use super::reader::{Act, Reader};
use super::rows::{dropout, gemm, layer_norm};
use super::states::{States, is_recurrent};
use super::steps;
use super::view::View;
use crate::activation::Activation;
use crate::builder::Builder;
use crate::error::{Error, Refused, nearest};
use crate::graph::{self, Step};
use crate::layer::{Layer, Merge, numbers};
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
    /// channels, `ConvTranspose` with one group, `BatchNormalization`, `MaxPool`, `AveragePool`, `GlobalMaxPool`, `GlobalAveragePool`, `ReduceMean` and
    /// `ReduceMax` over all places, `Pad` with zeros, `Resize` of nearest neighbours, `Transpose`, `Squeeze`, `Unsqueeze`; `Add`
    /// and `Concat` of two branches; `Gemm` and `MatMul` with `Add` of constants; `Sub` and `Mul` of constants, as a `Rescale`; `Relu`, `LeakyRelu` of whole
    /// hundredths, `Elu`, `Selu`, `Sigmoid`, `Tanh`, `Softplus`, `Softsign`, `HardSigmoid` of alpha 1/6, `HardSwish`, `Gelu`,
    /// `Swish` or `Mul` with a `Sigmoid` of the same, `Softmax`, `LogSoftmax`, `Clip` from 0, to 6 or without an end; `LayerNormalization`; `Dropout`; `Flatten` and
    /// `Reshape` of one sample's numbers; `Identity`, which does nothing. `RNN`, `GRU` and `LSTM`, with the nodes that PyTorch has around
    /// them: first states of the size of the batch, and `Gather` and `Slice` of steps; `Gather` from a table of tokens' vectors.
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
    let states = States::take(graph, &mut nodes, &constants);
    let way = way(&nodes, &input.name, &constants);
    let builder = Builder::new(shape.clone(), size);
    let (files, view) = (Files::new(open), View::plain(shape));
    let mut reader = Reader {
        constants,
        files,
        opset,
        size,
        numbers: 0,
        builder,
        states,
        tokens: is_of_integers(input),
        batch,
        view,
        is_free: true,
        begins_with_channels: begins_with_channels(&nodes),
        blocks: Vec::new(),
    };
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
        if let (Step::Open { node, .. }, true) = (step, refused.is_empty())
            && let Some((branches, rest)) = branches(rest, &nodes)
            && reader.join_directions(nodes[node - 1], branches.each_ref().map(Vec::as_slice)).is_some()
        {
            steps = rest;
            continue;
        }
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
                (join_axis(node).map(|axis| -> Act<'a> { Box::new(move |reader| reader.close(node, axis)) }), rest)
            }
        };
        let node = match *step {
            Step::Node(node) | Step::Open { node, .. } | Step::Close(node) => Some(nodes[node - 1]),
            Step::And => None,
        };
        let act = act.and_then(|act| match refused.is_empty() {
            true => takes(node, &reader).and_then(|()| act(&mut reader)),
            false => Ok(()),
        });
        refused.note(act)?;
        steps = rest;
    }
    refused.end()?;
    let last = nodes.last().map_or(std::slice::from_ref(&input.name), |node| &node.output);
    reader.finish(last, output)
}

/// The nodes of both branches of a block that has no blocks, if they are few, and the steps behind it.
fn branches<'a, 's>(steps: &'s [Step], nodes: &[&'a NodeProto]) -> Option<([Vec<&'a NodeProto>; 2], &'s [Step])> {
    let mut both = [Vec::new(), Vec::new()];
    let mut branch = 0;
    for (at, step) in steps.iter().enumerate().take(10) {
        match step {
            Step::Node(node) => both[branch].push(nodes[node - 1]),
            Step::And if branch == 0 => branch = 1,
            Step::Close(_) if branch == 1 => return Some((both, &steps[at + 1..])),
            _ => return None,
        }
    }
    None
}

/// Refuses what a node does not take: the batch behind other axes, or integers.
fn takes(node: Option<&NodeProto>, reader: &Reader<'_>) -> Result<(), Error> {
    let Some(node) = node else { return Ok(()) };
    let moves = matches!(node.op_type.as_str(), "Transpose" | "Reshape" | "Squeeze" | "Unsqueeze" | "Identity");
    if reader.tokens && !(moves || matches!(node.op_type.as_str(), "Gather" | "Cast" | "Flatten")) {
        return Err(Error::unsupported(node.at(), "an input of integers").instead("an embedding of them: Gather"));
    }
    let steps = is_recurrent(node) || matches!(node.op_type.as_str(), "Gather" | "Slice" | "Concat");
    let single = matches!(node.op_type.as_str(), "Dropout" | "Relu" | "Tanh" | "Sigmoid" | "Elu" | "LeakyRelu");
    match reader.view.batch {
        0 => Ok(()),
        _ if moves || steps || single => Ok(()),
        axis => {
            let error = Error::unsupported(node.at(), format!("an input whose batch is axis {axis}"));
            Err(error.instead("a Transpose before it that puts the batch first"))
        }
    }
}

/// The axis along which a node joins branches, if it does.
fn join_axis(node: &NodeProto) -> Result<Option<i64>, Error> {
    match node.op_type.as_str() {
        "Concat" => attributes(node)?.integer("axis", 0).map(Some),
        _ => Ok(None),
    }
}

/// Whether the first node that tells axes apart has channels first.
fn begins_with_channels(nodes: &[&NodeProto]) -> bool {
    let by_axis = nodes.iter().find_map(|node| match node.op_type.as_str() {
        "Conv" | "ConvTranspose" | "BatchNormalization" | "MaxPool" | "AveragePool" | "GlobalMaxPool"
        | "GlobalAveragePool" => Some(true),
        "Transpose" | "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "Gemm" | "MatMul" => Some(false),
        "ReduceMean" | "ReduceMax" | "RNN" | "GRU" | "LSTM" | "Gather" | "Slice" => Some(false),
        _ => None,
    });
    by_axis.unwrap_or(false)
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
        places.extend(node.output.iter().map(|name| (name.as_str(), place + 1)));
    }
    let what = "a graph that is neither a chain nor made of blocks of two branches";
    graph::steps(&takes, nodes.len()).map_err(|node| (node.max(1) - 1, what))
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
pub(super) fn sample(value: &ValueInfoProto) -> Option<(Option<i64>, Vec<usize>)> {
    let tensor = value.r#type.as_ref()?.tensor_type.as_ref()?;
    let floats = matches!(tensor.elem_type, data_type::FLOAT | data_type::FLOAT16 | data_type::BFLOAT16);
    if !floats && !is_of_integers(value) {
        return None;
    }
    let [batch, rest @ ..] = tensor.shape.as_ref()?.dim.as_slice() else { return None };
    let rest: Option<Vec<usize>> = rest.iter().map(|dim| usize::try_from(dim.dim_value?).ok()).collect();
    rest.filter(|rest| !rest.is_empty()).map(|rest| (batch.dim_value, rest))
}

/// Whether a value is of integers, as tokens are.
fn is_of_integers(value: &ValueInfoProto) -> bool {
    let tensor = value.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref());
    tensor.is_some_and(|tensor| matches!(tensor.elem_type, data_type::INT32 | data_type::INT64))
}

/// How many inputs an operator has at most.
fn inputs(operator: &str) -> usize {
    match operator {
        "LSTM" => 8,
        "RNN" | "GRU" => 6,
        "BatchNormalization" | "Slice" => 5,
        "Pad" | "Resize" => 4,
        "Gemm" | "LayerNormalization" | "Dropout" | "Conv" | "ConvTranspose" | "Clip" => 3,
        "MatMul" | "Add" | "Sub" | "Mul" | "Reshape" | "ReduceMean" | "ReduceMax" | "Squeeze" | "Unsqueeze"
        | "Concat" | "Gather" => 2,
        _ => 1,
    }
}

/// The attributes of a node of ONNX.
fn attributes(node: &NodeProto) -> Result<Attributes<'_>, Error> {
    match is_onnx(&node.domain) {
        true => Attributes::of(node),
        false => Err(Error::unsupported(node.at(), format!("an operator of {}", node.domain))),
    }
}

/// Refuses what has not been read of a node whose operator is known.
fn end(node: &NodeProto, attributes: Attributes<'_>) -> Result<(), Error> {
    match node.input.len() > inputs(&node.op_type) {
        true => Err(Error::unsupported(node.at(), format!("a node of {} inputs", node.input.len()))),
        false => attributes.end(),
    }
}

/// The beginning of the branches that a node merges.
fn merge<'a>(node: &'a NodeProto, residual: bool) -> Result<Act<'a>, Error> {
    let mut attributes = attributes(node)?;
    let merge = match (node.op_type.as_str(), residual) {
        ("Add", true) => Merge::Residual,
        ("Add", false) => Merge::Sum,
        ("Concat", false) => {
            // Where its axis lies, the reader knows.
            attributes.integer("axis", 0)?;
            Merge::Concat
        }
        _ if is_recurrent(node) => {
            let error = Error::unsupported(node.at(), "first states or lengths that nodes compute");
            return Err(error.instead("zeros, or the same states for each sample"));
        }
        _ => match nearest(&node.op_type) {
            "" => {
                end(node, attributes)?;
                let error = Error::unsupported(node.at(), "two inputs that are no constants");
                return Err(error.instead("Add, or Concat of what two nodes make of one tensor"));
            }
            form => return Err(Error::unsupported(node.at(), "this operator").instead(form)),
        },
    };
    end(node, attributes)?;
    Ok(Box::new(move |reader| {
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
        _ => match (steps::act_of(node, all, constants)?, places::act_of(node, all, constants)?) {
            (Some(act), _) | (_, Some(act)) => act,
            _ => {
                let activation = activation(node, all)?;
                Box::new(move |reader| reader.activate(node, activation))
            }
        },
    };
    end(node, attributes)?;
    Ok(act)
}

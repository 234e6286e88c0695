//! A graph as layers, node after node.

use super::activations::activation;
use super::attributes::Attributes;
use super::external::{Files, Open};
use super::proto::{GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, data_type};
use super::tensor::{flag, floats, integers};
use crate::activation::Activation;
use crate::builder::Builder;
use crate::error::Error;
use crate::floats::{finite, transpose};
use crate::model::{Layer, Model, reshaped};
use prost::Message;
use std::collections::{HashMap, HashSet};

/// Before this one, operators with two inputs did not broadcast as they do now.
const OLDEST_OPSET: i64 = 7;

impl Model {
    /// Reads an ONNX model whose nodes are a chain of what baregrad has, and whose numbers are all in these bytes; else
    /// [`Model::of_onnx_file`] reads it.
    ///
    /// `Gemm` and `MatMul` with `Add` of constants; `Sub` and `Mul` of constants, as a `Rescale`; `Relu`, `LeakyRelu` of whole
    /// hundredths, `Elu`, `Selu`, `Sigmoid`, `Tanh`, `Softplus`, `Softsign`, `HardSigmoid` of alpha 1/6, `HardSwish`, `Gelu`,
    /// `Swish` or `Mul` with a `Sigmoid` of the same, `Softmax`, `LogSoftmax`; `LayerNormalization`; `Dropout`; `Flatten` and
    /// `Reshape` of one sample's numbers; `Identity`, which does nothing.
    ///
    /// Allocates at most 512 times the size of `bytes`, and 256 KB.
    ///
    /// # Errors
    /// The file is damaged; a node or an attribute of it that is not supported, by its name; a tensor of another type or shape, or
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
        match (versions.next(), versions.next()) {
            (Some(OLDEST_OPSET..), None) => {}
            (Some(version), None) => {
                let what = format!("opset {version}, older than {OLDEST_OPSET},");
                return Err(Error::unsupported("ONNX", what));
            }
            _ => return Err(Error::malformed("ONNX", "no version of the operators, or several")),
        }
        if let Some(own) = model.functions.iter().find(|function| is_onnx(&function.domain)) {
            return Err(Error::unsupported("ONNX", format!("an operator {} of the model's own", own.name)));
        }
        read(&graph, bytes.len(), open)
    }
}

fn is_onnx(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

struct Reader<'a> {
    constants: HashMap<&'a str, &'a TensorProto>,
    files: Files<'a>,
    /// Bytes of the model.
    size: usize,
    /// How many numbers of constants have been read: one constant may be used by many nodes.
    numbers: usize,
    builder: Builder,
    /// Name of the tensor that the nodes so far have made.
    current: &'a str,
    /// Its batch, if that is a number.
    batch: Option<i64>,
    /// Its lengths behind the batch.
    shape: Vec<usize>,
}

fn read<'a>(graph: &'a GraphProto, size: usize, open: Open<'a>) -> Result<Model, Error> {
    defined_once(graph)?;
    let constants: HashMap<&str, &TensorProto> =
        graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    let inputs: Vec<_> = graph.input.iter().filter(|input| !constants.contains_key(input.name.as_str())).collect();
    let ([input], [output]) = (inputs.as_slice(), graph.output.as_slice()) else {
        let what = format!("a graph of {} inputs and {} outputs", inputs.len(), graph.output.len());
        return Err(Error::unsupported("ONNX", what));
    };
    let unknown = || Error::unsupported(&input.name, "an input of unknown shape, or not of floats,");
    let (batch, shape) = sample(input).ok_or_else(unknown)?;
    let numbers =
        product(&shape).ok_or_else(|| Error::unsupported(&input.name, format!("an input of shape {shape:?}")))?;
    let builder = Builder::new(numbers, size);
    let mut reader =
        Reader { constants, files: Files::new(open), size, numbers: 0, builder, current: &input.name, batch, shape };
    let mut nodes = graph.node.as_slice();
    while let [node, rest @ ..] = nodes {
        nodes = match (node.op_type.as_str(), rest) {
            ("Sigmoid", [next, rest @ ..]) if reader.is_silu(node, next) => {
                reader.activate(node, Activation::Silu)?;
                reader.current = next.made();
                rest
            }
            _ => {
                reader.node(node)?;
                rest
            }
        };
    }
    if reader.current != output.name {
        let what = format!("the output {}, while the last node gives {}", output.name, reader.current);
        return Err(Error::unsupported("ONNX", what));
    }
    let given = reader.builder.outputs();
    match sample(output).and_then(|(_, shape)| product(&shape)) {
        Some(stated) if stated != given => Err(Error::malformed(
            &output.name,
            format!("an output of {stated} numbers, while the last node gives {given}"),
        )),
        _ => reader.builder.finish(),
    }
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

fn product(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |size, length| size.checked_mul(*length))
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
        "Gemm" | "LayerNormalization" | "Dropout" => 3,
        "MatMul" | "Add" | "Sub" | "Mul" | "Reshape" => 2,
        _ => 1,
    }
}

impl<'a> Reader<'a> {
    fn push(&mut self, node: &NodeProto, layer: Layer) -> Result<(), Error> {
        self.builder.push(&node.at(), layer)?;
        self.shape = vec![self.builder.outputs()];
        Ok(())
    }

    fn activate(&mut self, node: &NodeProto, activation: Activation) -> Result<(), Error> {
        self.builder.activate(&node.at(), activation)
    }

    /// Whether the nodes make x · σ(x) of the current x.
    fn is_silu(&self, sigmoid: &NodeProto, next: &NodeProto) -> bool {
        let plain = |node: &NodeProto| is_onnx(&node.domain) && node.attribute.is_empty();
        let factors = |[a, b]: [&str; 2]| next.op_type == "Mul" && next.input.len() == 2 && next.input == [a, b];
        let (x, s) = (self.current, sigmoid.made());
        let made = sigmoid.input == [x] && (factors([x, s]) || factors([s, x]));
        made && self.shape.len() == 1 && plain(sigmoid) && plain(next)
    }

    fn node(&mut self, node: &'a NodeProto) -> Result<(), Error> {
        let unsupported = |what: String| Err(Error::unsupported(node.at(), what));
        if !is_onnx(&node.domain) {
            return unsupported(format!("an operator of {}", node.domain));
        }
        let mut attributes = Attributes::of(node)?;
        if node.op_type == "Constant" {
            let Some(value) = attributes.tensor("value")? else {
                return unsupported("a constant that is no tensor".into());
            };
            self.constants.insert(node.made(), value);
            return attributes.end();
        }
        if node.input.len() > inputs(&node.op_type) {
            return unsupported(format!("a node of {} inputs", node.input.len()));
        }
        // The chain's tensor is the first input; where the order does not matter, it may be the second.
        let either = if matches!(node.op_type.as_str(), "Add" | "Mul") { 2 } else { 1 };
        if !node.input.iter().take(either).any(|name| name == self.current) {
            let what =
                format!("a graph that is not a chain (it takes {:?}, and not {} alone)", node.input, self.current);
            return unsupported(what);
        }
        match node.op_type.as_str() {
            "Identity" => {}
            "Dropout" => self.dropout(node, &mut attributes)?,
            "Flatten" => {
                attributes.one_of("axis", &[1])?;
                self.shape = vec![self.builder.outputs()];
            }
            "Reshape" => self.reshape(node, &mut attributes)?,
            _ if self.shape.len() != 1 => return unsupported(format!("an input of shape {:?}", self.shape)),
            "Gemm" => self.gemm(node, &mut attributes)?,
            "MatMul" => {
                let (shape, w) = self.floats(node, 1)?;
                self.dense(node, &shape, w, None)?;
            }
            "Add" => self.add(node)?,
            "Sub" => self.sub(node)?,
            "Mul" => self.mul(node)?,
            "LayerNormalization" => self.layer_norm(node, &mut attributes)?,
            _ => {
                let activation = activation(node, &mut attributes)?;
                self.activate(node, activation)?;
            }
        }
        self.current = node.made();
        attributes.end()
    }

    /// Whether a node has an input of this number, which may be left out.
    fn has(&self, node: &NodeProto, input: usize) -> bool {
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

    fn floats(&mut self, node: &NodeProto, input: usize) -> Result<(Vec<usize>, Vec<f32>), Error> {
        let (shape, values) = floats(self.constant(node, input)?, &mut self.files)?;
        self.count(node, values.len())?;
        Ok((shape, values))
    }

    /// A row of `size` numbers, which may be given as one for all.
    fn row(&mut self, node: &NodeProto, input: usize, size: usize) -> Result<Vec<f32>, Error> {
        let (found, values) = self.floats(node, input)?;
        let leading = found.len().saturating_sub(1);
        match (found.last(), values.as_slice()) {
            (_, [value]) if found.len() <= 2 => self.builder.fill(&node.at(), *value, Some(size)),
            (Some(last), _) if *last == size && leading <= 1 && found[..leading] == [1][..leading] => Ok(values),
            _ => Err(Error::Shape { name: node.input[input].clone(), found, needed: vec![size] }),
        }
    }

    fn dense(&mut self, node: &NodeProto, shape: &[usize], w: Vec<f32>, b: Option<Vec<f32>>) -> Result<(), Error> {
        let &[inputs, outputs] = shape else {
            let needed = vec![self.builder.outputs(), shape.last().copied().unwrap_or(1)];
            return Err(Error::Shape { name: node.input[1].clone(), found: shape.into(), needed });
        };
        let b = match b {
            Some(b) => b,
            None => self.builder.fill(&node.at(), 0.0, Some(outputs))?,
        };
        self.push(node, Layer::Dense { inputs, outputs, activation: Activation::Linear, w, b })
    }

    // alpha · x · w + beta · b, without the second term if beta is 0
    fn gemm(&mut self, node: &NodeProto, attributes: &mut Attributes<'_>) -> Result<(), Error> {
        attributes.one_of("transA", &[0])?;
        let (mut shape, mut w) = self.floats(node, 1)?;
        if let (&[rows, columns], true) = (shape.as_slice(), attributes.integer("transB", 0)? != 0) {
            w = transpose(&w, rows, columns);
            shape.reverse();
        }
        let (alpha, beta) = (attributes.float("alpha", 1.0)?, attributes.float("beta", 1.0)?);
        w.iter_mut().for_each(|w| *w *= alpha);
        let b = match (self.has(node, 2) && beta != 0.0, shape.get(1)) {
            (true, Some(outputs)) => {
                let mut b = self.row(node, 2, *outputs)?;
                b.iter_mut().for_each(|b| *b *= beta);
                Some(b)
            }
            _ => None,
        };
        self.dense(node, &shape, w, b)
    }

    /// A constant behind a product, as its bias.
    fn add(&mut self, node: &NodeProto) -> Result<(), Error> {
        let more = self.other(node)?;
        match self.builder.last_mut() {
            Some(Layer::Dense { activation: Activation::Linear, b, .. }) => {
                b.iter_mut().zip(more).for_each(|(b, more)| *b += more);
                finite(&node.at(), "a sum of biases", b)
            }
            _ => Err(Error::unsupported(node.at(), "an Add that is not behind a MatMul or Gemm")),
        }
    }

    fn sub(&mut self, node: &NodeProto) -> Result<(), Error> {
        let offset = self.other(node)?;
        let scale = self.builder.fill(&node.at(), 1.0, Some(offset.len()))?;
        self.push(node, Layer::Rescale { offset, scale })
    }

    /// A constant as a factor, of a difference if there is one before it.
    fn mul(&mut self, node: &NodeProto) -> Result<(), Error> {
        let factors = self.other(node)?;
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

    /// The input that is not the chain's: a row of constants.
    fn other(&mut self, node: &NodeProto) -> Result<Vec<f32>, Error> {
        self.row(
            node,
            usize::from(node.input.first().map_or("", String::as_str) == self.current),
            self.builder.outputs(),
        )
    }

    fn layer_norm(&mut self, node: &NodeProto, attributes: &mut Attributes<'_>) -> Result<(), Error> {
        attributes.one_of("axis", &[-1, 1])?;
        attributes.one_of("stash_type", &[i64::from(data_type::FLOAT)])?;
        let size = self.builder.outputs();
        let gamma = self.row(node, 1, size)?;
        let beta = match self.has(node, 2) {
            true => self.row(node, 2, size)?,
            false => self.builder.fill(&node.at(), 0.0, Some(size))?,
        };
        self.push(node, Layer::LayerNorm { epsilon: attributes.float("epsilon", 1e-5)?, gamma, beta })
    }

    fn reshape(&mut self, node: &NodeProto, attributes: &mut Attributes<'_>) -> Result<(), Error> {
        let lengths = integers(self.constant(node, 1)?, &mut self.files)?;
        self.count(node, lengths.len())?;
        let zero_keeps = attributes.integer("allowzero", 0)? == 0;
        let wrong = || Error::unsupported(node.at(), format!("the shape {lengths:?}"));
        let [batch, rest @ ..] = lengths.as_slice() else { return Err(wrong()) };
        let keeps_batch = match batch {
            -1 => !rest.contains(&-1),
            0 => zero_keeps,
            batch => Some(*batch) == self.batch,
        };
        let shape = reshaped(self.builder.outputs(), rest).filter(|shape| keeps_batch && !shape.is_empty());
        self.shape = shape.ok_or_else(wrong)?;
        Ok(())
    }

    /// Its rate is an input, and of old an attribute.
    fn dropout(&mut self, node: &NodeProto, attributes: &mut Attributes<'_>) -> Result<(), Error> {
        attributes.integer("seed", 0)?;
        let mut rate = attributes.float("ratio", 0.5)?;
        if self.has(node, 1) {
            rate = self.row(node, 1, 1)?[0];
        }
        if self.has(node, 2) && flag(self.constant(node, 2)?, &mut self.files)? {
            return Err(Error::unsupported(node.at(), "training_mode"));
        }
        match (rate * 100.0).round() {
            percent @ 0.0..100.0 => self.builder.push(&node.at(), Layer::Dropout(percent as u32)),
            _ => Err(Error::unsupported(node.at(), format!("ratio = {rate}"))),
        }
    }
}

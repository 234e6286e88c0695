//! A graph as layers, node after node.

use super::proto::{GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto};
use super::tensor::{floats, integers};
use crate::activation::Activation;
use crate::error::Error;
use crate::floats::transpose;
use crate::model::{Layer, Model, Room, reshaped};
use prost::Message;
use std::collections::HashMap;

impl Model {
    /// Reads an ONNX model whose nodes are a chain of what baregrad has.
    ///
    /// `Gemm` and `MatMul` with `Add` of constants; `Relu`, `LeakyRelu` of whole hundredths, `Elu`, `Selu`, `Sigmoid`, `Tanh`,
    /// `Softplus`, `Softsign`, `HardSigmoid` of alpha 1/6, `HardSwish`, `Gelu`, `Swish` or `Mul` with a `Sigmoid` of the same,
    /// `Softmax`, `LogSoftmax`; `LayerNormalization`; `Flatten` and `Reshape` of one sample's numbers; `Identity` and
    /// `Dropout`, which do nothing.
    ///
    /// Allocates at most 512 times the size of `bytes`.
    ///
    /// # Errors
    /// The file is damaged; a node that is not supported, by its name; a tensor of another type or shape.
    pub fn of_onnx(bytes: &[u8]) -> Result<Self, Error> {
        let model = ModelProto::decode(bytes)?;
        let graph = model.graph.ok_or_else(|| Error::malformed("ONNX", "no graph"))?;
        if !model.opset_import.iter().any(|set| matches!(set.domain.as_str(), "" | "ai.onnx")) {
            return Err(Error::malformed("ONNX", "no version of the operators"));
        }
        read(&graph, Room::of_file(bytes.len()))
    }
}

struct Reader<'a> {
    constants: HashMap<&'a str, &'a TensorProto>,
    room: Room,
    model: Model,
    /// Name of the tensor that the nodes so far have made.
    current: &'a str,
    /// Its batch, if that is a number.
    batch: Option<i64>,
    /// Its lengths behind the batch.
    shape: Vec<usize>,
}

fn read(graph: &GraphProto, room: Room) -> Result<Model, Error> {
    let constants: HashMap<&str, &TensorProto> =
        graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    let inputs: Vec<_> = graph.input.iter().filter(|input| !constants.contains_key(input.name.as_str())).collect();
    let ([input], [output]) = (inputs.as_slice(), graph.output.as_slice()) else {
        let what = format!("a graph of {} inputs and {} outputs", inputs.len(), graph.output.len());
        return Err(Error::unsupported("ONNX", what));
    };
    let (batch, shape) = sample(input)?;
    let size = shape.iter().try_fold(1_usize, |size, length| size.checked_mul(*length));
    let size = size.ok_or_else(|| Error::unsupported(&input.name, format!("an input of shape {shape:?}")))?;
    let mut reader = Reader { constants, room, model: Model::new(size), current: &input.name, batch, shape };
    let mut nodes = graph.node.as_slice();
    while let [node, rest @ ..] = nodes {
        nodes = match (node.op_type.as_str(), rest) {
            ("Sigmoid", [next, rest @ ..]) if reader.is_silu(node, next) => {
                reader.push(node, Layer::Activate(Activation::Silu))?;
                reader.current = first(&next.output);
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
    Ok(reader.model)
}

fn first(names: &[String]) -> &str {
    names.first().map_or("", String::as_str)
}

/// The name of a node; of one without, what it makes.
fn at(node: &NodeProto) -> String {
    let name = if node.name.is_empty() { first(&node.output) } else { &node.name };
    format!("{} {name}", node.op_type)
}

/// The batch, if it is a number, and the lengths behind it.
fn sample(input: &ValueInfoProto) -> Result<(Option<i64>, Vec<usize>), Error> {
    let shape = input.r#type.as_ref().and_then(|of| of.tensor_type.as_ref()).and_then(|of| of.shape.as_ref());
    let unknown = || Error::unsupported(&input.name, "an input of unknown shape");
    let [batch, rest @ ..] = shape.map_or(&[][..], |shape| &shape.dim) else { return Err(unknown()) };
    let length = |length: Option<i64>| length.and_then(|length| usize::try_from(length).ok());
    let rest: Option<Vec<usize>> = rest.iter().map(|dim| length(dim.dim_value)).collect();
    match rest {
        Some(rest) if !rest.is_empty() => Ok((batch.dim_value, rest)),
        _ => Err(unknown()),
    }
}

impl<'a> Reader<'a> {
    fn push(&mut self, node: &NodeProto, layer: Layer) -> Result<(), Error> {
        self.model.push(&at(node), layer)?;
        self.shape = vec![self.model.outputs()];
        Ok(())
    }

    /// Whether the nodes make x · σ(x) of the current x.
    fn is_silu(&self, sigmoid: &NodeProto, next: &NodeProto) -> bool {
        let factors = |[a, b]: [&str; 2]| next.op_type == "Mul" && next.input.len() == 2 && next.input == [a, b];
        let (x, s) = (self.current, first(&sigmoid.output));
        self.shape.len() == 1 && sigmoid.input == [x] && (factors([x, s]) || factors([s, x]))
    }

    fn node(&mut self, node: &'a NodeProto) -> Result<(), Error> {
        let unsupported = |what: String| Err(Error::unsupported(at(node), what));
        if !matches!(node.domain.as_str(), "" | "ai.onnx") {
            return unsupported(format!("an operator of {}", node.domain));
        }
        if node.op_type == "Constant" {
            let Some(value) = attribute(node, "value").and_then(|value| value.t.as_deref()) else {
                return unsupported("a constant that is no tensor".into());
            };
            self.constants.insert(first(&node.output), value);
            return Ok(());
        }
        let takes = if node.op_type == "Add" {
            &node.input[..node.input.len().min(2)]
        } else {
            &node.input[..node.input.len().min(1)]
        };
        if !takes.iter().any(|name| name == self.current) {
            let what =
                format!("a graph that is not a chain (it takes {:?}, and not {} alone)", node.input, self.current);
            return unsupported(what);
        }
        match node.op_type.as_str() {
            "Identity" => {}
            "Dropout" => self.dropout(node)?,
            "Flatten" => {
                if integer(node, "axis", 1) != 1 {
                    return unsupported("another axis than 1".into());
                }
                self.shape = vec![self.model.outputs()];
            }
            "Reshape" => self.reshape(node)?,
            _ if self.shape.len() != 1 => return unsupported(format!("an input of shape {:?}", self.shape)),
            "Gemm" => self.gemm(node)?,
            "MatMul" => {
                let (shape, w) = self.floats(node, 1)?;
                self.dense(node, &shape, w, None)?;
            }
            "Add" => self.add(node)?,
            "LayerNormalization" => self.layer_norm(node)?,
            _ => self.push(node, Layer::Activate(activation(node)?))?,
        }
        self.current = first(&node.output);
        Ok(())
    }

    fn constant(&self, node: &NodeProto, input: usize) -> Result<&'a TensorProto, Error> {
        let name = node.input.get(input).map_or("", String::as_str);
        let missing = || Error::unsupported(at(node), format!("input {input} ({name:?}), which is no constant,"));
        self.constants.get(name).copied().ok_or_else(missing)
    }

    fn floats(&self, node: &NodeProto, input: usize) -> Result<(Vec<usize>, Vec<f32>), Error> {
        floats(self.constant(node, input)?)
    }

    /// A row of `size` numbers, which may be given as one for all.
    fn row(&mut self, node: &NodeProto, input: usize, size: usize) -> Result<Vec<f32>, Error> {
        let (found, values) = self.floats(node, input)?;
        let leading = found.len().saturating_sub(1);
        match (found.last(), values.as_slice()) {
            (_, [value]) if found.len() <= 2 => self.room.fill(&at(node), *value, Some(size)),
            (Some(last), _) if *last == size && leading <= 1 && found[..leading] == [1][..leading] => Ok(values),
            _ => Err(Error::Shape { name: node.input[input].clone(), found, needed: vec![size] }),
        }
    }

    fn dense(&mut self, node: &NodeProto, shape: &[usize], w: Vec<f32>, b: Option<Vec<f32>>) -> Result<(), Error> {
        let &[inputs, outputs] = shape else {
            let needed = vec![self.model.outputs(), shape.last().copied().unwrap_or(1)];
            return Err(Error::Shape { name: node.input[1].clone(), found: shape.into(), needed });
        };
        let b = match b {
            Some(b) => b,
            None => self.room.fill(&at(node), 0.0, Some(outputs))?,
        };
        self.push(node, Layer::Dense { inputs, outputs, activation: Activation::Linear, w, b })
    }

    // alpha · x · w + beta · b
    fn gemm(&mut self, node: &NodeProto) -> Result<(), Error> {
        if integer(node, "transA", 0) != 0 {
            return Err(Error::unsupported(at(node), "transA"));
        }
        let (mut shape, mut w) = self.floats(node, 1)?;
        if let (&[rows, columns], true) = (shape.as_slice(), integer(node, "transB", 0) != 0) {
            w = transpose(&w, rows, columns);
            shape.reverse();
        }
        let alpha = float(node, "alpha", 1.0);
        w.iter_mut().for_each(|w| *w *= alpha);
        let has_bias = node.input.get(2).is_some_and(|name| !name.is_empty());
        let b = match (has_bias, shape.get(1)) {
            (true, Some(outputs)) => {
                let mut b = self.row(node, 2, *outputs)?;
                let beta = float(node, "beta", 1.0);
                b.iter_mut().for_each(|b| *b *= beta);
                Some(b)
            }
            _ => None,
        };
        self.dense(node, &shape, w, b)
    }

    /// A constant behind a product, as its bias.
    fn add(&mut self, node: &NodeProto) -> Result<(), Error> {
        let constant = usize::from(first(&node.input) == self.current);
        let more = self.row(node, constant, self.model.outputs())?;
        match self.model.layers.last_mut() {
            Some(Layer::Dense { activation: Activation::Linear, b, .. }) => {
                b.iter_mut().zip(more).for_each(|(b, more)| *b += more);
                Ok(())
            }
            _ => Err(Error::unsupported(at(node), "an Add that is not behind a MatMul or Gemm")),
        }
    }

    fn layer_norm(&mut self, node: &NodeProto) -> Result<(), Error> {
        if !matches!(integer(node, "axis", -1), -1 | 1) {
            return Err(Error::unsupported(at(node), "another axis than the last"));
        }
        let size = self.model.outputs();
        let gamma = self.row(node, 1, size)?;
        let beta = match node.input.get(2).is_some_and(|name| !name.is_empty()) {
            true => self.row(node, 2, size)?,
            false => self.room.fill(&at(node), 0.0, Some(size))?,
        };
        self.push(node, Layer::LayerNorm { epsilon: float(node, "epsilon", 1e-5), gamma, beta })
    }

    fn reshape(&mut self, node: &NodeProto) -> Result<(), Error> {
        let lengths = integers(self.constant(node, 1)?)?;
        let wrong = || Error::unsupported(at(node), format!("the shape {lengths:?}"));
        let [batch, rest @ ..] = lengths.as_slice() else { return Err(wrong()) };
        let keeps_batch = match batch {
            -1 => !rest.contains(&-1),
            0 => integer(node, "allowzero", 0) == 0,
            batch => Some(*batch) == self.batch,
        };
        let shape = reshaped(self.model.outputs(), rest).filter(|shape| keeps_batch && !shape.is_empty());
        self.shape = shape.ok_or_else(wrong)?;
        Ok(())
    }

    fn dropout(&self, node: &NodeProto) -> Result<(), Error> {
        let trains = match node.input.get(2).is_some_and(|name| !name.is_empty()) {
            true => {
                let flag = self.constant(node, 2)?;
                flag.raw_data.iter().any(|byte| *byte != 0) || flag.int32_data.iter().any(|word| *word != 0)
            }
            false => false,
        };
        if trains { Err(Error::unsupported(at(node), "training_mode")) } else { Ok(()) }
    }
}

fn attribute<'a>(node: &'a NodeProto, name: &str) -> Option<&'a super::proto::AttributeProto> {
    node.attribute.iter().find(|attribute| attribute.name == name)
}

fn integer(node: &NodeProto, name: &str, default: i64) -> i64 {
    attribute(node, name).and_then(|attribute| attribute.i).unwrap_or(default)
}

fn float(node: &NodeProto, name: &str, default: f32) -> f32 {
    attribute(node, name).and_then(|attribute| attribute.f).unwrap_or(default)
}

fn activation(node: &NodeProto) -> Result<Activation, Error> {
    let is = |name: &str, default: f32, needed: f32| match float(node, name, default) {
        value if (value - needed).abs() <= 1e-6 => Ok(()),
        value => Err(Error::unsupported(at(node), format!("{name} = {value}"))),
    };
    match node.op_type.as_str() {
        "Relu" => Ok(Activation::Relu),
        "LeakyRelu" => {
            let alpha = float(node, "alpha", 0.01);
            let what = || Error::unsupported(at(node), format!("alpha = {alpha}, no whole number of hundredths,"));
            Activation::leaky_relu(f64::from(alpha)).ok_or_else(what)
        }
        "Elu" => is("alpha", 1.0, 1.0).map(|()| Activation::Elu),
        "Selu" => {
            is("alpha", 1.673_263_2, 1.673_263_2)?;
            is("gamma", 1.050_701, 1.050_701).map(|()| Activation::Selu)
        }
        "Sigmoid" => Ok(Activation::Sigmoid),
        "Tanh" => Ok(Activation::Tanh),
        "Softplus" => Ok(Activation::Softplus),
        "Softsign" => Ok(Activation::Softsign),
        "HardSigmoid" => {
            is("alpha", 0.2, 1.0 / 6.0)?;
            is("beta", 0.5, 0.5).map(|()| Activation::HardSigmoid)
        }
        "HardSwish" => Ok(Activation::HardSwish),
        "Swish" => is("alpha", 1.0, 1.0).map(|()| Activation::Silu),
        "Gelu" => match attribute(node, "approximate").and_then(|attribute| attribute.s.as_deref()) {
            None | Some(b"none") => Ok(Activation::Gelu),
            Some(b"tanh") => Ok(Activation::GeluTanh),
            Some(_) => Err(Error::unsupported(at(node), "another approximation than tanh")),
        },
        "Softmax" | "LogSoftmax" => match integer(node, "axis", -1) {
            -1 | 1 if node.op_type == "Softmax" => Ok(Activation::Softmax),
            -1 | 1 => Ok(Activation::LogSoftmax),
            axis => Err(Error::unsupported(at(node), format!("the axis {axis}"))),
        },
        _ => Err(Error::unsupported(at(node), "this operator")),
    }
}

//! Nets of integers as Rust source, operator after operator.

use super::source::{Chain, Piece, Quantization, Source};
use super::walk::{Node, in_order, net, sample, steps};
use super::{File, Fused, Kind, Quantized, Tensor, Type};
use crate::builder::MAX_LAYERS;
use crate::error::{Error, Refused};
use crate::graph::Step;

/// An int8 net as Rust source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Int8 {
    /// The source: the net's type, and the net itself, which lies in flash.
    pub rust: String,
    /// The file of numbers that the source includes.
    pub numbers: Vec<u8>,
}

impl Int8 {
    /// Reads a `.tflite` file whose operators compute with integers of 8 bits and are a chain of what baregrad has, with blocks
    /// of two branches: `CONV_2D`, `DEPTHWISE_CONV_2D`, `FULLY_CONNECTED`, `AVERAGE_POOL_2D`, `MAX_POOL_2D`, `MEAN` over all places,
    /// `PAD`, `SVDF`, `UNIDIRECTIONAL_SEQUENCE_LSTM`, `ADD` and `CONCATENATION` of two branches, `RESHAPE`, `SOFTMAX`, `LOGISTIC`,
    /// `TANH`, `RELU`, `RELU6`, `QUANTIZE`, and `DEQUANTIZE` at the end. The net gives the bytes of TensorFlow Lite's reference
    /// kernels.
    ///
    /// A `PAD` becomes part of the layer behind it where it can; its own output is then nowhere.
    ///
    /// An input that is no int8 becomes one on its way into the memory: where the file begins with a `QUANTIZE`, the net begins
    /// behind it.
    ///
    /// `origin` is said in a comment, `numbers` is the path from the source to the file of numbers. `bytes_per_weight` is 1, or 2
    /// for speed.
    ///
    /// Allocates at most 512 times the size of `bytes`, and 256 KB.
    ///
    /// # Errors
    /// The file is damaged; operators or options of them that are not supported, all of them by their numbers; a net of floats.
    pub fn of_tflite(bytes: &[u8], origin: &str, numbers: &str, bytes_per_weight: usize) -> Result<Self, Error> {
        let file = File::read(bytes)?;
        let (graph, input, _) = net(&file)?;
        if file.is_of_floats() {
            return Err(Error::unsupported("TFLite", "a net of floats").instead("a net of integers of 8 bits"));
        }
        let mut refused = Refused::default();
        // Other numbers become int8 on their way into the memory.
        let (nodes, way) = steps(graph);
        let given = nodes.first().filter(|node| input.kind != Type::Int8 && node.operator.kind == Kind::Quantize);
        let first = given.map_or(Ok(input), |node| node.output());
        let start = first.and_then(|first| Ok((sample(first)?, quantization(first, &first.name)?)));
        let (shape, of) = match start {
            Ok(start) => start,
            Err(error) => {
                refused.note(Err(error))?;
                (vec![1], Quantization { scale: 1.0, zero_point: 0 })
            }
        };
        let mut writer = Writer {
            source: Source::new(shape.clone(), bytes_per_weight, 16 * file.size),
            chains: vec![Chain::new(shape, of)],
            residual: Vec::new(),
        };
        refused.note(given.map_or(Ok(()), |_| writer.given(input)))?;
        // Where the graph is no chain, each node is still looked at.
        let all = || (1..=nodes.len()).map(Step::Node).collect();
        let way = way.or_else(|error| refused.note(Err(error)).map(|()| all()))?;
        for step in way {
            refused.note(match step {
                Step::Node(1) if given.is_some() => Ok(()),
                // Numbers are asked for behind the net.
                Step::Node(node) if nodes[node - 1].operator.kind == Kind::Dequantize && node == nodes.len() => Ok(()),
                Step::Node(node) => writer.layer(nodes[node - 1]),
                Step::Open { node, residual } => writer.open(nodes[node - 1], residual),
                Step::And => writer.second_branch(),
                Step::Close(node) => writer.close(nodes[node - 1]),
            })?;
        }
        refused.end().map_err(in_order)?;
        match writer.chains.as_slice() {
            [chain] if !chain.pieces.is_empty() => Ok(writer.source.finish(chain, origin, numbers)),
            _ => Err(Error::unsupported("TFLite", "a net without operators")),
        }
    }
}

/// What a tensor of int8 stands for.
pub(super) fn quantization(tensor: &Tensor<'_>, at: &str) -> Result<Quantization, Error> {
    match (tensor.kind, &tensor.quantized) {
        (Type::Int8, Some(Quantized { scale, zero_point, .. })) if scale.len() == 1 => {
            match i8::try_from(zero_point[0]) {
                Ok(zero_point) => Ok(Quantization { scale: scale[0], zero_point }),
                Err(_) => Err(Error::malformed(at, format!("a zero point of {}", zero_point[0]))),
            }
        }
        (kind, _) => {
            let what = format!("{} of {kind:?}", if tensor.name.is_empty() { "a tensor" } else { &tensor.name });
            Err(Error::unsupported(at, what).instead("integers of 8 bits with one scale"))
        }
    }
}

/// The activation that is part of a node.
pub(super) fn activation(node: Node<'_, '_>, fused: Fused) -> Result<&'static str, Error> {
    match fused {
        Fused::None => Ok("Activation::None"),
        Fused::Relu => Ok("Activation::Relu"),
        Fused::Relu6 => Ok("Activation::Relu6"),
        other => Err(node.unsupported(format!("the activation {other:?} of integers")).instead("Relu or Relu6")),
    }
}

/// The weights of a node, one scale for each output, and its biases.
pub(super) struct Weights {
    pub shape: Vec<usize>,
    pub w: Vec<u8>,
    pub scale: Vec<f32>,
    pub bias: Vec<i32>,
}

impl Weights {
    /// Those of an input, whose outputs are along an axis, and biases, if they are not left out.
    pub fn of(node: Node<'_, '_>, [input, bias]: [usize; 2], axis: usize) -> Result<Self, Error> {
        let (tensor, data) = node.constant(input)?;
        let shape: Vec<usize> = tensor.shape.iter().map(|length| (*length).max(0) as usize).collect();
        let of = |what: String| node.unsupported(what).instead("weights of 8 bits whose zero points are 0");
        let quantized = match (tensor.kind, &tensor.quantized) {
            (Type::Int8, Some(quantized)) if quantized.zero_point.iter().all(|zero| *zero == 0) => quantized,
            (Type::Int8, Some(_)) => return Err(of("weights with a zero point".into())),
            (kind, _) => return Err(of(format!("weights of {kind:?}"))),
        };
        let outputs = shape.get(axis).copied().unwrap_or_default();
        let scale = match quantized.scale.as_slice() {
            [scale] => vec![*scale; outputs],
            scales if quantized.axis == axis && scales.len() == outputs => scales.to_vec(),
            scales => return Err(node.unsupported(format!("{} scales for {outputs} outputs", scales.len()))),
        };
        let bias = match node.tensor(bias) {
            Some(_) => node.integers(bias)?,
            None => vec![0; outputs],
        };
        match bias.len() == outputs {
            true => Ok(Weights { shape, w: data.to_vec(), scale, bias }),
            false => Err(Error::Shape { name: node.at(), found: vec![bias.len()], needed: vec![outputs] }),
        }
    }
}

pub(super) struct Writer {
    pub source: Source,
    /// The net, and the branches that have begun.
    pub chains: Vec<Chain>,
    /// For each block that has begun, whether its shortcut has no layers.
    residual: Vec<bool>,
}

impl Writer {
    fn open(&mut self, node: Node<'_, '_>, residual: bool) -> Result<(), Error> {
        self.residual.push(residual);
        self.chains.extend(self.chains.last().map(Chain::branch));
        match node.operator.kind {
            Kind::Add(_) => Ok(()),
            Kind::Concatenation(..) if !residual => Ok(()),
            Kind::Other => Err(node.unsupported(OPERATOR).instead(super::float::nearest(&node.operator.name))),
            _ => Err(node
                .unsupported("two inputs that are no constants")
                .instead("ADD, or CONCATENATION of two branches")),
        }
    }

    /// An input that becomes int8 on its way.
    fn given(&mut self, input: &Tensor<'_>) -> Result<(), Error> {
        self.source.given = match (input.kind, &input.quantized) {
            (Type::Float32, _) => None,
            (Type::Int16, Some(Quantized { scale, zero_point, .. })) if zero_point == &[0] => Some(("i16", scale[0])),
            (Type::Uint8, Some(Quantized { scale, zero_point, .. })) if zero_point == &[0] => Some(("u8", scale[0])),
            (kind, _) => {
                let error = Error::unsupported(&*input.name, format!("an input of {kind:?}"));
                return Err(error.instead("Int8, Float32, or Int16 or Uint8 whose zero point is 0"));
            }
        };
        Ok(())
    }

    fn second_branch(&mut self) -> Result<(), Error> {
        self.chains.extend(self.chains.iter().rev().nth(1).map(Chain::branch));
        Ok(())
    }

    fn close(&mut self, node: Node<'_, '_>) -> Result<(), Error> {
        let residual = self.residual.pop().unwrap_or(true);
        let (second, first) = (self.chains.pop(), if residual { None } else { self.chains.pop() });
        let piece = match (&node.operator.kind, first, second) {
            (Kind::Add(fused), first, Some(second)) => self.sum(node, *fused, first, second)?,
            (Kind::Concatenation(axis, fused), Some(first), Some(second)) => {
                self.join(node, (*axis, *fused), [first, second])?
            }
            // It has been refused where its branches begin.
            _ => return Ok(()),
        };
        self.push(node, piece)
    }

    /// The sum of two branches, or of the input and one branch. The shortcut is the branch of fewer layers.
    fn sum(&mut self, node: Node<'_, '_>, fused: Fused, first: Option<Chain>, second: Chain) -> Result<Piece, Error> {
        let activation = activation(node, fused)?;
        let to = quantization(node.output()?, &node.at())?;
        let start = self.chains.last().map(Chain::branch).unwrap_or_else(|| second.branch());
        let (shortcut, layers) = match first {
            Some(first) if first.pieces.len() > second.pieces.len() => (Some(second), first),
            first => (first, second),
        };
        let (shape, of) = shortcut.as_ref().map_or((&start.shape, start.of), |chain| (&chain.shape, chain.of));
        let needed = if shortcut.is_some() { 1 } else { 2 };
        if *shape != layers.shape || layers.pieces.len() < needed {
            let what = format!("a block of {} layers from {shape:?} to {:?}", layers.pieces.len(), layers.shape);
            return Err(node.unsupported(what).instead("two layers or more that keep the shape"));
        }
        let [a, b, c] = [of, layers.of, to].map(|kind| self.source.kind(kind));
        let addition = format!("addition: Addition::new({a}, {b}, {c}, {activation})");
        let mut operators = layers.operators();
        let (ty, value) = match &shortcut {
            None => {
                (format!("Residual<{}>", layers.ty()), format!("Residual {{ layers: {}, {addition} }}", layers.value()))
            }
            Some(shortcut) => {
                operators.extend(shortcut.operators());
                let fields = format!("layers: {}, shortcut: {}", layers.value(), shortcut.value());
                (format!("Sum<{}, {}>", layers.ty(), shortcut.ty()), format!("Sum {{ {fields}, {addition} }}"))
            }
        };
        operators.push((Some(node.index), 1));
        Ok(Piece { ty, value, shapes: [start.shape, layers.shape], to, operators })
    }

    /// The channels of two branches.
    fn join(&mut self, node: Node<'_, '_>, (axis, fused): (i32, Fused), both: [Chain; 2]) -> Result<Piece, Error> {
        node.only("the activation", fused, Fused::None)?;
        let (output, to) = (node.output()?, quantization(node.output()?, &node.at())?);
        if axis != -1 && axis + 1 != output.shape.len() as i32 {
            return Err(node.unsupported(format!("axis = {axis}")).instead("the axis of the channels"));
        }
        if both.iter().any(|chain| chain.of != to) {
            return Err(node.unsupported("branches of other scales than the output").instead("the same scale"));
        }
        let (shape, [first, second]) = (node.sample(output)?, &both);
        let channels = shape.last().copied().unwrap_or_default();
        let ty = format!("Concat<{}, {}, {channels}>", first.ty(), second.ty());
        let value = format!("Concat {{ first: {}, second: {} }}", first.value(), second.value());
        let mut operators = [first.operators(), second.operators()].concat();
        operators.push((Some(node.index), 1));
        let start = self.chains.last().map(|chain| chain.shape.clone()).unwrap_or_default();
        Ok(Piece { ty, value, shapes: [start, shape], to, operators })
    }

    pub(super) fn push(&mut self, node: Node<'_, '_>, piece: Piece) -> Result<(), Error> {
        match self.chains.last_mut() {
            Some(chain) if chain.pieces.len() < MAX_LAYERS => chain.push(&mut self.source, piece),
            Some(_) => return Err(node.unsupported(format!("a net of more than {MAX_LAYERS} layers"))),
            None => {}
        }
        Ok(())
    }

    fn layer(&mut self, node: Node<'_, '_>) -> Result<(), Error> {
        let piece = match &node.operator.kind {
            Kind::Conv2d(window) => self.conv(node, window, None)?,
            Kind::DepthwiseConv2d(window, multiplier) => self.conv(node, window, Some(*multiplier))?,
            Kind::FullyConnected { .. } => self.dense(node)?,
            Kind::AveragePool2d(window) => self.pool(node, "AveragePool", window)?,
            Kind::MaxPool2d(window) => self.pool(node, "MaxPool", window)?,
            Kind::Mean => self.mean(node)?,
            Kind::Pad => return self.pad(node),
            Kind::Softmax(beta) => self.softmax(node, *beta)?,
            Kind::Lstm { .. } => self.lstm(node)?,
            Kind::Svdf(rank, fused) => self.svdf(node, *rank, *fused)?,
            Kind::Quantize => self.quantize(node)?,
            Kind::Logistic => {
                self.table(node, "Sigmoid", Some(Quantization { scale: 1.0 / 256.0, zero_point: -128 }), "")?
            }
            Kind::Tanh => self.table(node, "Tanh", Some(Quantization { scale: 1.0 / 128.0, zero_point: 0 }), "")?,
            Kind::Relu => self.table(node, "Relu", None, "Activation::Relu")?,
            Kind::Relu6 => self.table(node, "Relu", None, "Activation::Relu6")?,
            Kind::Reshape(_) => {
                let shapes = [node.sample(node.input(0)?)?, node.sample(node.output()?)?];
                let of = quantization(node.output()?, &node.at())?;
                self.source.reshape(shapes, of, Some(node.index))
            }
            Kind::Add(_) => {
                return Err(node.unsupported("a constant that is added").instead("the bias of a layer before it"));
            }
            _ => return Err(node.unsupported(OPERATOR).instead(super::float::nearest(&node.operator.name))),
        };
        self.push(node, piece)
    }

    /// Weights in the file of numbers.
    pub fn bytes(&mut self, at: &str, w: &[u8]) -> Result<String, Error> {
        let start = self.source.put(at, w.iter().copied())?;
        Ok(format!("NUMBERS.bytes({start}, {})", w.len()))
    }

    /// Biases in the file of numbers.
    pub fn integers(&mut self, at: &str, all: &[i32]) -> Result<String, Error> {
        let start = self.source.put(at, all.iter().flat_map(|number| number.to_le_bytes()))?;
        Ok(format!("&NUMBERS.i32({start})"))
    }

    /// A layer with weights: its type, and what makes it.
    pub(super) fn weighted(
        &mut self,
        node: Node<'_, '_>,
        name: &'static str,
        types: &[String],
        weights: &Weights,
        fused: Fused,
        shapes: [Vec<usize>; 2],
    ) -> Result<Piece, Error> {
        let at = node.at();
        let (from, to) = (quantization(node.input(0)?, &at)?, quantization(node.output()?, &at)?);
        let activation = activation(node, fused)?;
        let w = self.bytes(&at, &weights.w)?;
        let bias = self.integers(&at, &weights.bias)?;
        let scale = self.source.put(&at, weights.scale.iter().flat_map(|scale| scale.to_le_bytes()))?;
        let [x, y] = [from, to].map(|kind| self.source.kind(kind));
        let value = format!("{name}::new({w}, {bias}, &NUMBERS.f32({scale}), {x}, {y}, {activation})");
        Ok(Piece {
            ty: format!("{name}<{}>", types.join(", ")),
            value,
            shapes,
            to,
            operators: vec![(Some(node.index), 1)],
        })
    }

    fn dense(&mut self, node: Node<'_, '_>) -> Result<Piece, Error> {
        let Kind::FullyConnected { fused, weights_format, .. } = node.operator.kind else {
            return Err(node.unsupported(OPERATOR));
        };
        node.only("weights_format", weights_format, 0)?;
        let weights = Weights::of(node, [1, 2], 0)?;
        let size: usize = node.sample(node.input(0)?)?.iter().product();
        let [outputs, inputs] = *weights.shape.as_slice() else {
            return Err(Error::malformed(node.at(), format!("weights of shape {:?}", weights.shape)));
        };
        if inputs != size {
            let error = node.unsupported(format!("{size} numbers for weights of {inputs}"));
            return Err(error.instead("one row of numbers"));
        }
        let mut types = vec![inputs.to_string(), outputs.to_string()];
        if self.source.bytes_per_weight != 1 {
            types.push(self.source.bytes_per_weight.to_string());
        }
        self.weighted(node, "Dense", &types, &weights, fused, [vec![inputs], vec![outputs]])
    }
}

const OPERATOR: &str = "this operator of integers";

/// What a node takes and gives, which must stand for the same numbers.
pub(super) fn same_kind(node: Node<'_, '_>) -> Result<Quantization, Error> {
    let (from, to) = (quantization(node.input(0)?, &node.at())?, quantization(node.output()?, &node.at())?);
    match from == to {
        true => Ok(to),
        false => Err(node.unsupported("an output of another scale than the input").instead("the same scale")),
    }
}

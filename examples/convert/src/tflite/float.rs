//! Nets of floats as layers, operator after operator.

use super::walk::{Node, in_order, net, sample, steps};
use super::{File, Fused, Kind, Type, Window};
use crate::activation::Activation;
use crate::builder::{Builder, Padded};
use crate::error::{Error, Refused};
use crate::floats::{Width, permute, widen};
use crate::graph::Step;
use crate::layer::{Layer, Merge, Resizing, Statistic};
use crate::model::Model;
use crate::recurrent::{Cell, Recurrent};
use std::cell::Cell as Count;

impl Model {
    /// Reads a `.tflite` file whose operators compute with floats and are a chain of what baregrad has, with blocks of two
    /// branches.
    ///
    /// Weights may be floats of 16 bits, which are widened. They may be integers of 8 bits with one scale for `CONV_2D` and
    /// `FULLY_CONNECTED`: TensorFlow Lite then rounds the floats that meet them, and so does a
    /// [`Rounded`](baregrad::int8::Rounded) around the layer. Operators: `CONV_2D`,
    /// `DEPTHWISE_CONV_2D`, `FULLY_CONNECTED`, `AVERAGE_POOL_2D`, `MAX_POOL_2D`, `MEAN` over all places, `PAD`,
    /// `UNIDIRECTIONAL_SEQUENCE_LSTM`, `ADD` and `CONCATENATION` of two branches, `RESHAPE`, `SOFTMAX`, `LOG_SOFTMAX`,
    /// `LOGISTIC`, `TANH`, `RELU`, `RELU6`, `ELU`, `HARD_SWISH`, `LEAKY_RELU` of whole hundredths.
    ///
    /// TensorFlow Lite keeps the states of an LSTM until they are reset; here, each sample begins with zeros. A bound of its cells
    /// of 10 or more is left aside: TensorFlow's converter writes it for each LSTM of Keras, which has none.
    ///
    /// Allocates at most 512 times the size of `bytes`, and 256 KB.
    ///
    /// # Errors
    /// The file is damaged; operators or options of them that are not supported, all of them by their numbers; a net of integers;
    /// a number that is not finite.
    pub fn of_tflite(bytes: &[u8]) -> Result<Self, Error> {
        let file = File::read(bytes)?;
        let (graph, input, output) = net(&file)?;
        if input.kind != Type::Float32 || output.kind != Type::Float32 {
            let what = format!("a net of {:?} to {:?}", input.kind, output.kind);
            return Err(Error::unsupported("TFLite", what).instead("floats of 32 bits"));
        }
        let mut refused = Refused::default();
        let (nodes, way) = steps(graph);
        let shape = sample(input).and_then(|shape| sample(output).map(|_| shape));
        let shape = match shape {
            Ok(shape) => shape,
            Err(error) => {
                refused.note(Err(error))?;
                vec![1]
            }
        };
        let rounds = nodes.iter().any(|node| matches!(rounding(*node, false), Ok(Some(_))));
        let reader = Reader { left: Count::new(16 * file.size), bound: 16 * file.size, rounds };
        let mut builder = Builder::new(shape, file.size);
        // Where the graph is no chain, each node is still looked at.
        let all = || (1..=nodes.len()).map(Step::Node).collect();
        let way = way.or_else(|error| refused.note(Err(error)).map(|()| all()))?;
        for step in way {
            let (at, act) = match step {
                Step::Node(node) => (nodes[node - 1].at(), reader.act(nodes[node - 1])),
                Step::Open { node, residual } => (nodes[node - 1].at(), open(nodes[node - 1], residual)),
                Step::And => ("a branch".into(), Ok(second_branch())),
                Step::Close(node) => (nodes[node - 1].at(), close(nodes[node - 1])),
            };
            let done = act.and_then(|act| if refused.is_empty() { act(&mut builder, &at) } else { Ok(()) });
            refused.note(done)?;
        }
        refused.end().map_err(in_order)?;
        builder.reshape(&output.name, &sample(output)?)?;
        builder.finish()
    }
}

const OPERATOR: &str = "this operator of floats";

/// What a node does to the net, once it is known to be supported.
type Act = Box<dyn FnOnce(&mut Builder, &str) -> Result<(), Error>>;

/// The activation that is part of a node.
fn fused(node: Node<'_, '_>, fused: Fused) -> Result<Activation, Error> {
    match fused {
        Fused::None => Ok(Activation::Linear),
        Fused::Relu => Ok(Activation::Relu),
        Fused::Relu6 => Ok(Activation::Relu6),
        Fused::Tanh => Ok(Activation::Tanh),
        other => Err(node.unsupported(format!("the activation {other:?} of floats")).instead("Relu or Relu6")),
    }
}

fn open(node: Node<'_, '_>, residual: bool) -> Result<Act, Error> {
    let merge = match (&node.operator.kind, residual) {
        (Kind::Add(_), true) => Merge::Residual,
        (Kind::Add(_), false) => Merge::Sum,
        (Kind::Concatenation(..), false) => Merge::Concat,
        (Kind::Other, _) => return Err(node.unsupported(OPERATOR).instead(nearest(&node.operator.name))),
        _ => {
            return Err(node
                .unsupported("two inputs that are no constants")
                .instead("ADD, or CONCATENATION of two branches"));
        }
    };
    Ok(Box::new(move |builder, at| builder.push(at, Layer::Open(merge))))
}

fn second_branch() -> Act {
    Box::new(|builder, at| builder.push(at, Layer::And))
}

fn close(node: Node<'_, '_>) -> Result<Act, Error> {
    let activation = match node.operator.kind {
        Kind::Add(activation) => activation,
        Kind::Concatenation(axis, activation) => {
            let rank = node.output()?.shape.len() as i32;
            if axis != -1 && axis + 1 != rank {
                return Err(node.unsupported(format!("axis = {axis}")).instead("the axis of the channels"));
            }
            activation
        }
        // It has been refused where its branches begin.
        _ => Fused::None,
    };
    let activation = fused(node, activation)?;
    Ok(Box::new(move |builder, at| builder.close(at).and_then(|()| builder.activate(at, activation))))
}

/// Reads constants, of which many nodes may use one.
struct Reader {
    left: Count<usize>,
    bound: usize,
    /// Whether any node rounds what it takes.
    rounds: bool,
}

/// The scale of a node's weights, if they are integers that meet floats: TensorFlow Lite then rounds the floats of each sample.
fn rounding(node: Node<'_, '_>, other_kernel: bool) -> Result<Option<f32>, Error> {
    let (w, _) = node.constant(1)?;
    if w.kind != Type::Int8 || w.is_widened {
        return Ok(None);
    }
    match &w.quantized {
        Some(of) if of.scale.len() == 1 && of.zero_point == [0] && !other_kernel => Ok(Some(of.scale[0])),
        _ => {
            let what = "floats that meet weights of 8 bits with several scales, or get a zero point";
            Err(node.unsupported(what).instead("weights of one scale, or a net of integers"))
        }
    }
}

/// A convolution in a net where floats are rounded. A last digit more or less could then become a step, so that the sum and the
/// bias are added in the order of TensorFlow Lite's kernels: a depthwise convolution of single places adds the bias.
fn exactly(builder: &mut Builder, at: &str, mut conv: Padded, scale: Option<f32>) -> Result<(), Error> {
    let outputs = conv.b.len();
    let b = std::mem::replace(&mut conv.b, vec![0.0; outputs]);
    let activation = std::mem::replace(&mut conv.activation, Activation::Linear);
    match scale {
        Some(scale) => {
            builder.push(at, Layer::Open(Merge::Rounded(scale.to_bits())))?;
            builder.conv(at, conv)?;
            builder.close(at)?;
        }
        None => builder.conv(at, conv)?,
    }
    let (kernel, padding, w) = (vec![1; 2], vec![(0, 0); 2], vec![1.0; outputs]);
    builder.conv(at, Padded { depthwise: true, kernel, stride: 1, dilation: 1, padding, activation, w, b })
}

impl Reader {
    /// The weights of a node: whole numbers, if what meets them is rounded.
    fn weights(&self, node: Node<'_, '_>, rounding: Option<f32>) -> Result<(Vec<usize>, Vec<f32>), Error> {
        self.numbers(node, 1, rounding.is_some())
    }

    /// The numbers of a constant as floats, and its lengths.
    fn floats(&self, node: Node<'_, '_>, input: usize) -> Result<(Vec<usize>, Vec<f32>), Error> {
        self.numbers(node, input, false)
    }

    /// The same; of integers, the integers themselves, if they are to be `whole`.
    fn numbers(&self, node: Node<'_, '_>, input: usize, whole: bool) -> Result<(Vec<usize>, Vec<f32>), Error> {
        let (tensor, data) = node.constant(input)?;
        let shape: Vec<usize> = tensor.shape.iter().map(|length| (*length).max(0) as usize).collect();
        let left = self.left.get().checked_sub(data.len());
        let declared = (self.bound - self.left.get()).saturating_add(data.len()) as u64;
        let too_large = Error::TooLarge { at: node.at(), declared, bound: self.bound as u64 };
        self.left.set(left.ok_or(too_large)?);
        let values = match (tensor.kind, &tensor.quantized) {
            (Type::Float32, _) => widen(Width::F32, data),
            (Type::Float16, _) => widen(Width::F16, data),
            (Type::Int8, _) if whole => data.iter().map(|q| f32::from(*q as i8)).collect(),
            (Type::Int8, Some(quantized)) => {
                // Numbers of one place along the axis lie together.
                let inner: usize = shape.iter().skip(quantized.axis + 1).product();
                let at = |number: usize| match quantized.scale.len() {
                    1 => 0,
                    channels => number / inner.max(1) % channels,
                };
                let value = |(number, q): (usize, &u8)| {
                    let (scale, zero) = (quantized.scale[at(number)], quantized.zero_point[at(number)]);
                    (i64::from(*q as i8) - zero) as f32 * scale
                };
                data.iter().enumerate().map(value).collect()
            }
            (kind, _) => return Err(node.unsupported(format!("a constant of {kind:?}")).instead("floats")),
        };
        Ok((shape, values))
    }

    /// A row of numbers, or zeros if it is left out.
    fn row(&self, node: Node<'_, '_>, input: usize, size: usize) -> Result<Option<Vec<f32>>, Error> {
        if node.tensor(input).is_none() {
            return Ok(None);
        }
        match self.floats(node, input)? {
            (_, values) if values.len() == size => Ok(Some(values)),
            (found, _) => Err(Error::Shape { name: node.at(), found, needed: vec![size] }),
        }
    }

    fn act(&self, node: Node<'_, '_>) -> Result<Act, Error> {
        let act: Act = match &node.operator.kind {
            Kind::Conv2d(window) => self.conv(node, window, None)?,
            Kind::DepthwiseConv2d(window, multiplier) => self.conv(node, window, Some(*multiplier))?,
            Kind::AveragePool2d(window) => pool(node, window, Statistic::Average)?,
            Kind::MaxPool2d(window) => pool(node, window, Statistic::Max)?,
            Kind::FullyConnected { .. } => self.dense(node)?,
            Kind::Lstm { .. } => self.lstm(node)?,
            Kind::Reshape(_) => {
                let shape = node.sample(node.output()?)?;
                Box::new(move |builder, at| builder.reshape(at, &shape))
            }
            Kind::Mean => mean(node)?,
            Kind::Pad => {
                let around = node.around()?;
                Box::new(move |builder, at| builder.resize(at, Resizing::ZeroPadding, &around))
            }
            Kind::Softmax(beta) => {
                node.only("beta", *beta, 1.0)?;
                activate(Activation::Softmax)
            }
            Kind::LogSoftmax => activate(Activation::LogSoftmax),
            Kind::Logistic => activate(Activation::Sigmoid),
            Kind::Tanh => activate(Activation::Tanh),
            Kind::Relu => activate(Activation::Relu),
            Kind::Relu6 => activate(Activation::Relu6),
            Kind::Elu => activate(Activation::Elu),
            Kind::HardSwish => activate(Activation::HardSwish),
            Kind::LeakyRelu(alpha) => {
                let wrong = || node.unsupported(format!("alpha = {alpha}")).instead("alpha of whole hundredths");
                activate(Activation::leaky_relu(f64::from(*alpha)).ok_or_else(wrong)?)
            }
            Kind::Add(_) => {
                return Err(node.unsupported("a constant that is added").instead("the bias of a layer before it"));
            }
            _ => return Err(node.unsupported(OPERATOR).instead(nearest(&node.operator.name))),
        };
        Ok(act)
    }

    fn conv(&self, node: Node<'_, '_>, window: &Window, multiplier: Option<usize>) -> Result<Act, Error> {
        let activation = fused(node, window.fused)?;
        let (stride, dilation) = window.steps(node)?;
        for (name, [rows, columns]) in [("stride", stride), ("dilation", dilation)] {
            if rows != columns {
                let error = node.unsupported(format!("a {name} of {rows} rows and {columns} columns"));
                return Err(error.instead("the same along both axes"));
            }
        }
        let input = node.image(node.input(0)?, 2)?;
        let scale = rounding(node, multiplier.is_some())?;
        let (shape, w) = self.weights(node, scale)?;
        let channels = input[2];
        // [out][row][column][in], or [1][row][column][channel · multiplier] of a depthwise one.
        let wrong = || Error::malformed(node.at(), format!("a filter of shape {shape:?} for {channels} channels"));
        let ([first, rows, columns, last], true) =
            (<[usize; 4]>::try_from(&*shape).map_err(|_| wrong())?, channels > 0)
        else {
            return Err(wrong());
        };
        let (outputs, w) = match multiplier {
            None if last == channels => (first, permute(&w, &shape, &[1, 2, 3, 0])),
            Some(multiplier) if first == 1 && last == channels * multiplier => (last, w),
            _ => return Err(wrong()),
        };
        // One channel makes many: that is a convolution.
        let depthwise = multiplier.is_some() && channels == last && channels > 1;
        if multiplier.is_some() && channels > 1 && channels != last {
            let error = node.unsupported(format!("{outputs} outputs for {channels} channels"));
            return Err(error.instead("one output for each channel"));
        }
        let b = self.row(node, 2, outputs)?.unwrap_or_else(|| vec![0.0; outputs]);
        let covered = [(rows, dilation[0]), (columns, dilation[1])]
            .map(|(taps, dilation)| taps.saturating_sub(1).saturating_mul(dilation).saturating_add(1));
        let padding = window.padding(&input, covered, stride);
        let [stride, _] = stride;
        let [dilation, _] = dilation;
        let conv = Padded { depthwise, kernel: vec![rows, columns], stride, dilation, padding, activation, w, b };
        let exact = self.rounds;
        Ok(Box::new(move |builder, at| match exact {
            true => exactly(builder, at, conv, scale),
            false => builder.conv(at, conv),
        }))
    }

    fn dense(&self, node: Node<'_, '_>) -> Result<Act, Error> {
        let Kind::FullyConnected { fused: activation, weights_format, asymmetric, .. } = node.operator.kind else {
            return Err(node.unsupported(OPERATOR));
        };
        node.only("weights_format", weights_format, 0)?;
        let activation = fused(node, activation)?;
        let input = node.sample(node.input(0)?)?;
        let size = input.iter().product::<usize>();
        // Each row of several gets a scale of its own.
        let scale = rounding(node, asymmetric || node.input(1)?.shape.last() != Some(&(size as i32)))?;
        let (shape, w) = self.weights(node, scale)?;
        let last = input.last().copied();
        let (outputs, inputs) = match *shape.as_slice() {
            [outputs, inputs] if inputs == size || Some(inputs) == last => (outputs, inputs),
            _ => return Err(Error::malformed(node.at(), format!("weights of shape {shape:?} for {input:?} numbers"))),
        };
        let b = self.row(node, 2, outputs)?.unwrap_or_else(|| vec![0.0; outputs]);
        let w = permute(&w, &shape, &[1, 0]);
        let output = node.sample(node.output()?)?;
        Ok(Box::new(move |builder, at| {
            if inputs == size {
                builder.reshape(at, &[size])?;
            }
            match scale {
                Some(scale) => {
                    builder.push(at, Layer::Open(Merge::Rounded(scale.to_bits())))?;
                    builder.dense(at, outputs, Activation::Linear, w, vec![0.0; outputs])?;
                    builder.close(at)?;
                    let offset = b.into_iter().map(|b| -b).collect();
                    builder.push(at, Layer::Rescale { offset, scale: vec![1.0; outputs] })?;
                    builder.activate(at, activation)?;
                }
                None => builder.dense(at, outputs, activation, w, b)?,
            }
            builder.reshape(at, &output)
        }))
    }

    /// The gates come as input, forget, cell and output; ours do as well.
    fn lstm(&self, node: Node<'_, '_>) -> Result<Act, Error> {
        let Kind::Lstm { fused: activation, cell_clip, projection_clip, time_major, .. } = node.operator.kind else {
            return Err(node.unsupported(OPERATOR));
        };
        node.only("the activation", activation, Fused::Tanh)?;
        node.only("time_major", time_major, false)?;
        node.only("proj_clip", projection_clip, 0.0)?;
        if cell_clip != 0.0 && cell_clip < 10.0 {
            return Err(node.unsupported(format!("cell_clip = {cell_clip}")).instead("cell_clip = 0"));
        }
        node.is_plain_lstm()?;
        let (input, output) = (node.image(node.input(0)?, 1)?, node.image(node.output()?, 1)?);
        let is_rounded = |gate: usize| node.tensor(gate).is_some_and(|w| w.kind == Type::Int8 && !w.is_widened);
        if (1..9).any(is_rounded) {
            return Err(node
                .unsupported("floats that meet weights of 8 bits")
                .instead("weights of floats, or a net of integers"));
        }
        let gates = |first: usize, width: usize| {
            let mut all = Vec::new();
            for gate in first..first + 4 {
                let (shape, values) = self.floats(node, gate)?;
                match shape == [output[1], width] {
                    true => all.extend(permute(&values, &shape, &[1, 0])),
                    false => {
                        return Err(Error::Shape { name: node.at(), found: shape, needed: vec![output[1], width] });
                    }
                }
            }
            Ok(all)
        };
        let (w, u) = (gates(1, input[1])?, gates(5, output[1])?);
        let mut b = Vec::new();
        for gate in 12..16 {
            b.extend(self.row(node, gate, output[1])?.unwrap_or_else(|| vec![0.0; output[1]]));
        }
        let (cell, masked, backwards) = (Cell::Lstm, false, false);
        let layer = Recurrent { cell, input, output, masked, backwards, w, u, b, initial: vec![], carried: 0 };
        Ok(Box::new(move |builder, at| builder.push(at, Layer::Recurrent(layer))))
    }
}

fn activate(activation: Activation) -> Act {
    Box::new(move |builder, at| builder.activate(at, activation))
}

fn pool(node: Node<'_, '_>, window: &Window, of: Statistic) -> Result<Act, Error> {
    let activation = fused(node, window.fused)?;
    let (stride, _) = window.steps(node)?;
    let size = window.size.map(|length| length.max(0) as usize);
    let padding = window.padding(&node.image(node.input(0)?, 2)?, size, stride);
    Ok(Box::new(move |builder, at| {
        builder.pool(at, of, [size.to_vec(), stride.to_vec()], &padding, false)?;
        builder.activate(at, activation)
    }))
}

/// The mean of all places.
fn mean(node: Node<'_, '_>) -> Result<Act, Error> {
    node.all_places()?;
    let output = node.sample(node.output()?)?;
    Ok(Box::new(move |builder, at| {
        builder.push(at, Layer::GlobalPool(Statistic::Average))?;
        builder.reshape(at, &output)
    }))
}

/// The nearest form of operators that are not supported.
pub(super) fn nearest(name: &str) -> &'static str {
    match name {
        "PRELU" | "RELU_N1_TO_1" | "RELU_0_TO_1" | "GELU" => "RELU",
        "MUL" | "SUB" | "DIV" | "SQUARED_DIFFERENCE" | "ADD_N" => "ADD of two branches",
        "TRANSPOSE_CONV" | "CONV_3D" | "CONV_3D_TRANSPOSE" => "CONV_2D",
        "BATCH_MATMUL" => "FULLY_CONNECTED",
        "L2_POOL_2D" | "SUM" => "AVERAGE_POOL_2D",
        "REDUCE_MAX" | "REDUCE_MIN" => "MAX_POOL_2D",
        "LSTM"
        | "BIDIRECTIONAL_SEQUENCE_LSTM"
        | "RNN"
        | "UNIDIRECTIONAL_SEQUENCE_RNN"
        | "BIDIRECTIONAL_SEQUENCE_RNN"
        | "WHILE"
        | "IF"
        | "CALL_ONCE"
        | "VAR_HANDLE"
        | "READ_VARIABLE"
        | "ASSIGN_VARIABLE" => "UNIDIRECTIONAL_SEQUENCE_LSTM, as TensorFlow exports Keras' LSTM of a fixed batch",
        "SHAPE" | "STRIDED_SLICE" | "PACK" | "EXPAND_DIMS" | "SQUEEZE" | "FILL" => {
            "an export with fixed lengths, where RESHAPE has a constant shape"
        }
        "PADV2" | "MIRROR_PAD" => "PAD, or the padding SAME of the operator behind it",
        "SPLIT" | "SPLIT_V" | "SLICE" | "GATHER" => "CONCATENATION of branches",
        "POW" | "SQRT" | "RSQRT" | "L2_NORMALIZATION" | "LOCAL_RESPONSE_NORMALIZATION" => {
            "a normalisation that the converter can fold into a convolution"
        }
        _ => "",
    }
}

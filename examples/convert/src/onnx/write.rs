//! Layers as a graph.

use super::proto::{
    AttributeProto, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto,
    TensorType, TypeProto, ValueInfoProto, attribute_type, data_type,
};
use super::tensor::{of_floats, of_integers};
use crate::activation::Activation;
use crate::floats::permute;
use crate::layer::{Conv, Layer, Merge, Resizing, Statistic, padding};
use crate::model::Model;
use prost::Message;

impl Model {
    /// Writes an ONNX model of opset 17, or 20 where there is a `Gelu`. It takes a batch of any size of the net's samples, with
    /// channels last. Convolutions and pools work on channels first, between nodes that transpose.
    ///
    /// Recurrent layers are `RNN`, `GRU` and `LSTM` between nodes that transpose; those of a `Bidirectional` are one node. A masked
    /// layer gets its lengths of sequences from nodes before it. States that windows carry on with are the first states of each
    /// window. Tokens are floats.
    ///
    /// A `Rescale` is `Sub` and `Mul`, a cropping a `Pad` of negative lengths. `Dropout` does nothing in inference, and ONNX has
    /// no `SpatialDropout`, which becomes one, and no `Rounded`,
    /// whose layer has weights times their scale.
    pub fn to_onnx(&self) -> Vec<u8> {
        if self.layers.iter().any(|layer| matches!(layer, Layer::Open(Merge::Rounded(_)))) {
            return self.unrounded().to_onnx();
        }
        let gelu = |layer: &Layer| matches!(layer.activation(), Some(Activation::Gelu | Activation::GeluTanh));
        let (ir_version, version) = if self.layers.iter().any(gelu) { (9, 20) } else { (8, 17) };
        let mut graph = Graph {
            version,
            nodes: Vec::new(),
            tensors: Vec::new(),
            current: "input".into(),
            shape: self.input.clone(),
            first: false,
            blocks: Vec::new(),
        };
        let (shapes, mut number) = (self.shapes(), 0);
        while let Some(layer) = self.layers.get(number) {
            let first = number;
            match self.bidirectional(number) {
                Some(both) => {
                    graph.recurrent(first, &both);
                    number += 5;
                }
                None => {
                    graph.layer(first, layer);
                    number += 1;
                }
            }
            graph.shape = shapes[number - 1].clone();
        }
        graph.channels(false);
        graph.node("output", "Identity", &[], Vec::new());
        let model = ModelProto {
            ir_version,
            producer_name: "baregrad".into(),
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version }],
            functions: Vec::new(),
            graph: Some(GraphProto {
                name: "baregrad".into(),
                node: graph.nodes,
                initializer: graph.tensors,
                input: vec![value("input", &self.input)],
                output: vec![value("output", &self.output())],
            }),
        };
        model.encode_to_vec()
    }
}

impl Model {
    /// The net that is read from [`Model::to_onnx`]: this one, but for what ONNX does not have. A `SpatialDropout` is a `Dropout`, the
    /// layer of a `Rounded` has weights times their scale, the vector of padding in a masked embedding is zeros, and states that windows carry on with are learnt first states, if they are
    /// not 0.
    pub fn in_onnx(&self) -> Model {
        let mut model = self.unrounded();
        for (place, layer) in model.layers.iter_mut().enumerate() {
            match layer {
                Layer::SpatialDropout(percent) => *layer = Layer::Dropout(*percent),
                Layer::Embedding { output, masked, table } if *masked => {
                    table[..output[1]].fill(0.0);
                    *masked = false;
                }
                Layer::Recurrent(layer) => {
                    // Both directions have first states, or none has.
                    let open = if self.is_second_direction(place) { place - 3 } else { place.wrapping_sub(1) };
                    let has_first = match self.bidirectional(open) {
                        Some(both) => both.iter().any(|layer| layer.first_states().is_some()),
                        None => layer.first_states().is_some(),
                    };
                    let zeros = vec![0.0; layer.cell.states() * layer.units()];
                    let first = layer.first_states().unwrap_or(zeros);
                    layer.initial = if has_first { first } else { Vec::new() };
                    layer.carried = 0;
                }
                _ => {}
            }
        }
        model
    }
}

impl Model {
    /// Without roundings: a layer in one has weights times their scale.
    fn unrounded(&self) -> Model {
        let (mut model, mut factor) = (Model::new(self.input.clone()), 1.0);
        for layer in &self.layers {
            match layer {
                Layer::Open(Merge::Rounded(scale)) => {
                    factor = f32::from_bits(*scale);
                    // The layer itself says what it takes.
                    let says =
                        |layer: &mut Layer| matches!(layer, Layer::Resize { input, output, .. } if input == output);
                    model.layers.pop_if(says);
                }
                Layer::Close(Merge::Rounded(_)) => factor = 1.0,
                layer => {
                    let mut layer = layer.clone();
                    layer.values_mut().into_iter().flatten().for_each(|value| *value *= factor);
                    model.layers.push(layer);
                }
            }
        }
        model
    }
}

/// A batch of samples.
fn value(name: &str, shape: &[usize]) -> ValueInfoProto {
    let batch = Dimension { dim_value: None, dim_param: Some("batch".into()) };
    let lengths = shape.iter().map(|size| Dimension { dim_value: Some(*size as i64), dim_param: None });
    let shape = Some(TensorShapeProto { dim: std::iter::once(batch).chain(lengths).collect() });
    let tensor_type = Some(TensorType { elem_type: data_type::FLOAT, shape });
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}

pub(super) struct Graph {
    /// Of the operators.
    pub version: i64,
    pub nodes: Vec<NodeProto>,
    tensors: Vec<TensorProto>,
    /// What the last node makes.
    pub current: String,
    /// Shape of a sample there, as the net has it.
    pub shape: Vec<usize>,
    /// Whether the channels of an image come first.
    first: bool,
    /// What blocks have begun with, and then what their first branch gives.
    blocks: Vec<(String, Vec<usize>)>,
}

impl Graph {
    /// A node named after what it makes of the current tensor and others.
    pub fn node(&mut self, name: &str, operator: &str, others: &[String], attribute: Vec<AttributeProto>) {
        let input = [std::slice::from_ref(&self.current), others].concat();
        self.current = self.aside(name, operator, input, attribute);
    }

    /// A node that makes another tensor than the current one.
    pub fn aside(&mut self, name: &str, operator: &str, input: Vec<String>, attribute: Vec<AttributeProto>) -> String {
        self.nodes.push(NodeProto {
            input,
            output: vec![name.into()],
            name: name.into(),
            op_type: operator.into(),
            attribute,
            domain: String::new(),
        });
        name.into()
    }

    pub fn tensor(&mut self, name: String, shape: &[usize], values: &[f32]) -> String {
        self.tensors.push(of_floats(name.clone(), shape, values));
        name
    }

    /// Integers, such as a shape.
    pub fn integers(&mut self, name: String, values: &[i64]) -> String {
        self.tensors.push(of_integers(name.clone(), values));
        name
    }

    /// Transposes an image to have its channels first, or last.
    pub fn channels(&mut self, first: bool) {
        if self.shape.len() < 2 || self.first == first {
            return;
        }
        let rank = self.shape.len() as i64;
        let order = match first {
            true => [vec![0, rank], (1..rank).collect()].concat(),
            false => [vec![0], (2..=rank).collect(), vec![1]].concat(),
        };
        self.first = first;
        let name = format!("transpose.{}", self.nodes.len());
        self.node(&name, "Transpose", &[], vec![integers("perm", order)]);
    }

    fn layer(&mut self, number: usize, layer: &Layer) {
        let named = |name: &str| format!("{number}.{name}");
        match layer {
            Layer::Dense { inputs, outputs, activation, w, b } => {
                let w = self.tensor(named("w"), &[*inputs, *outputs], w);
                let b = self.tensor(named("b"), &[*outputs], b);
                if self.shape.len() == 1 {
                    self.node(&named("dense"), "Gemm", &[w, b], Vec::new());
                } else {
                    self.channels(false);
                    self.node(&named("product"), "MatMul", &[w], Vec::new());
                    self.node(&named("dense"), "Add", &[b], Vec::new());
                }
                self.activation(number, *activation);
            }
            Layer::Conv(conv) => {
                self.channels(true);
                self.conv(number, conv);
                self.activation(number, conv.activation);
            }
            Layer::BatchNorm { activation, epsilon, gamma, beta, mean, variance } => {
                self.channels(true);
                let all = [("gamma", gamma), ("beta", beta), ("mean", mean), ("variance", variance)];
                let all = all.map(|(name, values)| self.tensor(named(name), &[values.len()], values));
                self.node(&named("batch_norm"), "BatchNormalization", &all, vec![float("epsilon", *epsilon)]);
                self.activation(number, *activation);
            }
            Layer::Activate(activation) => self.activation(number, *activation),
            Layer::LayerNorm { epsilon, gamma, beta } => {
                let gamma = self.tensor(named("gamma"), &[gamma.len()], gamma);
                let beta = self.tensor(named("beta"), &[beta.len()], beta);
                let epsilon = float("epsilon", *epsilon);
                self.node(&named("layer_norm"), "LayerNormalization", &[gamma, beta], vec![epsilon]);
            }
            Layer::Rescale { offset, scale } => {
                let offset = self.tensor(named("offset"), &[offset.len()], offset);
                let scale = self.tensor(named("scale"), &[scale.len()], scale);
                self.node(&named("difference"), "Sub", &[offset], Vec::new());
                self.node(&named("rescale"), "Mul", &[scale], Vec::new());
            }
            Layer::Dropout(percent) | Layer::SpatialDropout(percent) => {
                let rate = self.tensor(named("rate"), &[], &[*percent as f32 / 100.0]);
                self.node(&named("dropout"), "Dropout", &[rate], Vec::new());
            }
            Layer::Pool { of, input, output, window, stride } => {
                self.channels(true);
                let axes = input.iter().zip(output).zip(window.iter().zip(stride));
                let around = axes.map(|((input, output), (window, stride))| padding(*input, *output, *window, *stride));
                let lengths = |all: &[usize]| all.iter().map(|length| *length as i64).collect();
                let attributes = vec![
                    integers("kernel_shape", lengths(window)),
                    integers("strides", lengths(stride)),
                    pads(&around.collect::<Vec<_>>()),
                ];
                let operator = if *of == Statistic::Max { "MaxPool" } else { "AveragePool" };
                self.node(&named("pool"), operator, &[], attributes);
            }
            Layer::GlobalPool(of) => {
                self.channels(true);
                let operator = if *of == Statistic::Max { "GlobalMaxPool" } else { "GlobalAveragePool" };
                self.node(&named("global_pool"), operator, &[], Vec::new());
                self.node(&named("flatten"), "Flatten", &[], vec![integer("axis", 1)]);
                self.first = false;
            }
            Layer::Resize { by: Resizing::UpSampling, input, output, .. } => {
                self.channels(true);
                let factors = input.iter().zip(output).map(|(input, output)| (output / input) as f32);
                // The last one is that of the channels, which is 1.
                let factors: Vec<f32> = [1.0, 1.0].into_iter().chain(factors.take(input.len() - 1)).collect();
                let factors = self.tensor(named("scales"), &[factors.len()], &factors);
                let mode = vec![
                    word("mode", "nearest"),
                    word("coordinate_transformation_mode", "asymmetric"),
                    word("nearest_mode", "floor"),
                ];
                self.node(&named("up_sampling"), "Resize", &[String::new(), factors], mode);
            }
            Layer::Resize { by, input, output, before } => {
                self.channels(true);
                let sign = if *by == Resizing::Cropping { -1 } else { 1 };
                let before = before.iter().map(|before| sign * *before as i64);
                let more = input.iter().zip(output).map(|(input, output)| *output as i64 - *input as i64);
                let after = more.zip(before.clone()).map(|(more, before)| more - before);
                // Nothing around the batch and the channels.
                let pads: Vec<i64> = [0, 0].into_iter().chain(before).chain([0, 0]).chain(after).collect();
                let pads = self.integers(named("pads"), &pads);
                self.node(&named("pad"), "Pad", &[pads], Vec::new());
            }
            Layer::Reshape(shape) => {
                self.channels(false);
                let shape: Vec<i64> = std::iter::once(-1).chain(shape.iter().map(|length| *length as i64)).collect();
                let shape = self.integers(named("shape"), &shape);
                self.node(&named("reshape"), "Reshape", &[shape], Vec::new());
            }
            Layer::Recurrent(layer) => self.recurrent(number, &[layer]),
            Layer::Embedding { output, masked, table } => self.embedding(number, output[1], *masked, table),
            // All branches take an image with its channels first, and give one.
            Layer::Open(_) => {
                self.channels(true);
                self.blocks.push((self.current.clone(), self.shape.clone()));
            }
            Layer::And => {
                self.channels(true);
                if let Some((start, shape)) = self.blocks.last_mut() {
                    std::mem::swap(&mut self.current, start);
                    self.first = shape.len() > 1;
                }
            }
            Layer::Close(merge) => {
                self.channels(true);
                let Some((first, _)) = self.blocks.pop() else { return };
                let second = std::mem::replace(&mut self.current, first);
                let (operator, attributes) = match merge {
                    Merge::Concat => ("Concat", vec![integer("axis", 1)]),
                    _ => ("Add", Vec::new()),
                };
                self.node(&named("merge"), operator, &[second], attributes);
            }
        }
    }

    fn conv(&mut self, number: usize, conv: &Conv) {
        let mut shape = conv.shape();
        if conv.depthwise {
            // `[tap…][1][channel]`, as a kernel of one input.
            shape.insert(conv.kernel.len(), 1);
        }
        let taps = conv.kernel.len();
        let order = [vec![taps + 1, taps], (0..taps).collect()].concat();
        let w = permute(&conv.w, &shape, &order);
        let shape: Vec<usize> = order.iter().map(|axis| shape[*axis]).collect();
        let w = self.tensor(format!("{number}.w"), &shape, &w);
        let b = self.tensor(format!("{number}.b"), &[conv.b.len()], &conv.b);
        let group = if conv.depthwise { conv.b.len() as i64 } else { 1 };
        let mut attributes = vec![
            integer("group", group),
            integers("strides", vec![conv.stride as i64; taps]),
            integers("dilations", vec![conv.dilation as i64; taps]),
            pads(&conv.padding()),
        ];
        let operator = if conv.transposed { "ConvTranspose" } else { "Conv" };
        if conv.transposed {
            attributes.push(integers("output_padding", conv.more().map(|more| more as i64).collect()));
        }
        self.node(&format!("{number}.conv"), operator, &[w, b], attributes);
    }

    fn activation(&mut self, number: usize, activation: Activation) {
        let axis = if self.first { 1 } else { -1 };
        let (operator, attributes) = match activation {
            Activation::Linear => return,
            Activation::Silu => {
                let x = self.current.clone();
                self.node(&format!("{number}.sigmoid"), "Sigmoid", &[], Vec::new());
                return self.node(&format!("{number}.silu"), "Mul", &[x], Vec::new());
            }
            Activation::Relu => ("Relu", vec![]),
            Activation::Relu6 => {
                let ends = [("least", 0.0), ("most", 6.0)];
                let ends = ends.map(|(name, end)| self.tensor(format!("{number}.{name}"), &[], &[end]));
                return self.node(&format!("{number}.relu6"), "Clip", &ends, Vec::new());
            }
            Activation::LeakyRelu(hundredths) => ("LeakyRelu", vec![float("alpha", hundredths as f32 / 100.0)]),
            Activation::Elu => ("Elu", vec![]),
            Activation::Selu => ("Selu", vec![]),
            Activation::Gelu => ("Gelu", vec![]),
            Activation::GeluTanh => ("Gelu", vec![word("approximate", "tanh")]),
            Activation::Sigmoid => ("Sigmoid", vec![]),
            Activation::Tanh => ("Tanh", vec![]),
            Activation::Softplus => ("Softplus", vec![]),
            Activation::Softsign => ("Softsign", vec![]),
            Activation::HardSigmoid => ("HardSigmoid", vec![float("alpha", 1.0 / 6.0)]),
            Activation::HardSwish => ("HardSwish", vec![]),
            Activation::Softmax => ("Softmax", vec![integer("axis", axis)]),
            Activation::LogSoftmax => ("LogSoftmax", vec![integer("axis", axis)]),
        };
        self.node(&format!("{number}.{}", activation.name()), operator, &[], attributes);
    }
}

fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { name: name.into(), f: Some(value), r#type: attribute_type::FLOAT, ..Default::default() }
}

pub(super) fn integer(name: &str, value: i64) -> AttributeProto {
    AttributeProto { name: name.into(), i: Some(value), r#type: attribute_type::INT, ..Default::default() }
}

pub(super) fn word(name: &str, value: &str) -> AttributeProto {
    AttributeProto { name: name.into(), s: Some(value.into()), r#type: attribute_type::STRING, ..Default::default() }
}

pub(super) fn integers(name: &str, values: Vec<i64>) -> AttributeProto {
    AttributeProto { name: name.into(), ints: values, r#type: attribute_type::INTS, ..Default::default() }
}

pub(super) fn words(name: &str, values: Vec<&str>) -> AttributeProto {
    let strings = values.into_iter().map(|value| value.into()).collect();
    AttributeProto { name: name.into(), strings, r#type: attribute_type::STRINGS, ..Default::default() }
}

/// Padding before all axes, and then behind them.
fn pads(around: &[(usize, usize)]) -> AttributeProto {
    let before = around.iter().map(|(before, _)| *before as i64);
    integers("pads", before.chain(around.iter().map(|(_, after)| *after as i64)).collect())
}

//! Layers as a graph.

use super::proto::{
    AttributeProto, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto,
    TensorType, TypeProto, ValueInfoProto, attribute_type, data_type,
};
use super::tensor::of_floats;
use crate::activation::Activation;
use crate::model::{Layer, Model};
use prost::Message;

impl Model {
    /// Writes an ONNX model: `Gemm`, activations, `LayerNormalization`, `Sub` and `Mul` for a `Rescale`, and `Dropout`, which does
    /// nothing in inference, of opset 17, or 20 where there is a `Gelu`. It takes a batch of any size, `[batch][inputs]`.
    pub fn to_onnx(&self) -> Vec<u8> {
        let mut graph = Graph { nodes: Vec::new(), tensors: Vec::new(), current: "input".into() };
        for (number, layer) in self.layers.iter().enumerate() {
            graph.layer(number, layer);
        }
        graph.node("output", "Identity", &[], Vec::new());
        let gelu = |node: &NodeProto| node.op_type == "Gelu";
        let (ir_version, version) = if graph.nodes.iter().any(gelu) { (9, 20) } else { (8, 17) };
        let model = ModelProto {
            ir_version,
            producer_name: "baregrad".into(),
            opset_import: vec![OperatorSetIdProto { domain: String::new(), version }],
            functions: Vec::new(),
            graph: Some(GraphProto {
                name: "baregrad".into(),
                node: graph.nodes,
                initializer: graph.tensors,
                input: vec![value("input", self.inputs)],
                output: vec![value("output", self.outputs())],
            }),
        };
        model.encode_to_vec()
    }
}

/// `[batch][size]`
fn value(name: &str, size: usize) -> ValueInfoProto {
    let batch = Dimension { dim_value: None, dim_param: Some("batch".into()) };
    let size = Dimension { dim_value: Some(size as i64), dim_param: None };
    let shape = Some(TensorShapeProto { dim: vec![batch, size] });
    let tensor_type = Some(TensorType { elem_type: data_type::FLOAT, shape });
    ValueInfoProto { name: name.into(), r#type: Some(TypeProto { tensor_type }) }
}

struct Graph {
    nodes: Vec<NodeProto>,
    tensors: Vec<TensorProto>,
    /// What the last node makes.
    current: String,
}

impl Graph {
    /// A node named after what it makes of the current tensor and others.
    fn node(&mut self, name: &str, operator: &str, others: &[String], attribute: Vec<AttributeProto>) {
        let input = [std::slice::from_ref(&self.current), others].concat();
        self.current = name.into();
        self.nodes.push(NodeProto {
            input,
            output: vec![name.into()],
            name: name.into(),
            op_type: operator.into(),
            attribute,
            domain: String::new(),
        });
    }

    fn tensor(&mut self, name: String, shape: &[usize], values: &[f32]) -> String {
        self.tensors.push(of_floats(name.clone(), shape, values));
        name
    }

    fn layer(&mut self, number: usize, layer: &Layer) {
        match layer {
            Layer::Dense { inputs, outputs, activation, w, b } => {
                let w = self.tensor(format!("{number}.w"), &[*inputs, *outputs], w);
                let b = self.tensor(format!("{number}.b"), &[*outputs], b);
                self.node(&format!("{number}.dense"), "Gemm", &[w, b], Vec::new());
                self.activation(number, *activation);
            }
            Layer::Activate(activation) => self.activation(number, *activation),
            Layer::LayerNorm { epsilon, gamma, beta } => {
                let gamma = self.tensor(format!("{number}.gamma"), &[gamma.len()], gamma);
                let beta = self.tensor(format!("{number}.beta"), &[beta.len()], beta);
                let epsilon = float("epsilon", *epsilon);
                self.node(&format!("{number}.layer_norm"), "LayerNormalization", &[gamma, beta], vec![epsilon]);
            }
            Layer::Rescale { offset, scale } => {
                let offset = self.tensor(format!("{number}.offset"), &[offset.len()], offset);
                let scale = self.tensor(format!("{number}.scale"), &[scale.len()], scale);
                self.node(&format!("{number}.difference"), "Sub", &[offset], Vec::new());
                self.node(&format!("{number}.rescale"), "Mul", &[scale], Vec::new());
            }
            Layer::Dropout(percent) => {
                let rate = self.tensor(format!("{number}.rate"), &[], &[*percent as f32 / 100.0]);
                self.node(&format!("{number}.dropout"), "Dropout", &[rate], Vec::new());
            }
        }
    }

    fn activation(&mut self, number: usize, activation: Activation) {
        let (operator, attributes) = match activation {
            Activation::Linear => return,
            Activation::Silu => {
                let x = self.current.clone();
                self.node(&format!("{number}.sigmoid"), "Sigmoid", &[], Vec::new());
                return self.node(&format!("{number}.silu"), "Mul", &[x], Vec::new());
            }
            Activation::Relu => ("Relu", vec![]),
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
            Activation::Softmax => ("Softmax", vec![integer("axis", -1)]),
            Activation::LogSoftmax => ("LogSoftmax", vec![integer("axis", -1)]),
        };
        self.node(&format!("{number}.{}", activation.name()), operator, &[], attributes);
    }
}

fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { name: name.into(), f: Some(value), r#type: attribute_type::FLOAT, ..Default::default() }
}

fn integer(name: &str, value: i64) -> AttributeProto {
    AttributeProto { name: name.into(), i: Some(value), r#type: attribute_type::INT, ..Default::default() }
}

fn word(name: &str, value: &str) -> AttributeProto {
    AttributeProto { name: name.into(), s: Some(value.into()), r#type: attribute_type::STRING, ..Default::default() }
}

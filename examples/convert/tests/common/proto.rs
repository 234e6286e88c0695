//! The few messages of ONNX that the tests make, as bytes.
#![allow(dead_code)]

/// Fields of a message, each encoded.
pub type Message = Vec<u8>;

fn varint(mut value: u64, to: &mut Message) {
    while value >= 0x80 {
        to.push(value as u8 | 0x80);
        value >>= 7;
    }
    to.push(value as u8);
}

/// A field of bytes, text or another message.
pub fn bytes(tag: u64, value: impl AsRef<[u8]>) -> Message {
    let mut field = Vec::new();
    varint(tag << 3 | 2, &mut field);
    varint(value.as_ref().len() as u64, &mut field);
    field.extend(value.as_ref());
    field
}

pub fn integer(tag: u64, value: i64) -> Message {
    let mut field = Vec::new();
    varint(tag << 3, &mut field);
    varint(value as u64, &mut field);
    field
}

pub fn float(tag: u64, value: f32) -> Message {
    let mut field = Vec::new();
    varint(tag << 3 | 5, &mut field);
    field.extend(value.to_le_bytes());
    field
}

/// An attribute of a type (1 float, 2 integer, 3 string) with the field of its value.
pub fn attribute(name: &str, kind: i64, value: Message) -> Message {
    bytes(5, [bytes(1, name), value, integer(20, kind)].concat())
}

pub fn node(operator: &str, inputs: &[&str], output: &str, more: &[Message]) -> Message {
    let inputs = inputs.iter().map(|name| bytes(1, name)).collect::<Vec<_>>().concat();
    bytes(1, [inputs, bytes(2, output), bytes(4, operator), more.concat()].concat())
}

/// The same of several outputs, of which some are left out.
pub fn node_of(operator: &str, inputs: &[&str], outputs: &[&str], more: &[Message]) -> Message {
    let inputs = inputs.iter().map(|name| bytes(1, name)).collect::<Vec<_>>().concat();
    let outputs = outputs.iter().map(|name| bytes(2, name)).collect::<Vec<_>>().concat();
    bytes(1, [inputs, outputs, bytes(4, operator), more.concat()].concat())
}

/// An attribute of a list of words.
pub fn words(name: &str, values: &[&str]) -> Message {
    attribute(name, 8, values.iter().flat_map(|value| bytes(9, value)).collect())
}

/// Floats as an initial value of the graph, with fields after them.
pub fn tensor(name: &str, shape: &[usize], values: &[f32], more: &[Message]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor_of(name, shape, [bytes(9, raw), more.concat()].concat())
}

/// A tensor of type `FLOAT` with other fields for its numbers.
pub fn tensor_of(name: &str, shape: &[usize], numbers: Message) -> Message {
    let dims = shape.iter().map(|length| integer(1, *length as i64)).collect::<Vec<_>>().concat();
    bytes(5, [dims, integer(2, 1), bytes(8, name), numbers].concat())
}

/// An attribute of a list of integers.
pub fn integers(name: &str, values: &[i64]) -> Message {
    attribute(name, 7, values.iter().flat_map(|value| integer(8, *value)).collect())
}

/// Integers as an initial value of the graph.
pub fn shape(name: &str, values: &[i64]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    bytes(5, [integer(1, values.len() as i64), integer(2, 7), bytes(8, name), bytes(9, raw)].concat())
}

/// Floats of the shape `[batch][size]`, as an input (tag 11) or an output (tag 12).
pub fn value(tag: u64, name: &str, size: i64) -> Message {
    value_of(tag, name, &[size])
}

/// The same with more lengths behind the batch.
pub fn value_of(tag: u64, name: &str, lengths: &[i64]) -> Message {
    value_of_type(tag, name, lengths, 1)
}

/// The same of another type: 7 is `INT64`.
pub fn value_of_type(tag: u64, name: &str, lengths: &[i64], kind: i64) -> Message {
    let lengths = lengths.iter().map(|length| bytes(1, integer(1, *length)));
    let shape = std::iter::once(bytes(1, bytes(2, "batch"))).chain(lengths).collect::<Vec<_>>().concat();
    bytes(tag, [bytes(1, name), bytes(2, bytes(1, [integer(1, kind), bytes(2, shape)].concat()))].concat())
}

/// A model of these parts of its graph, from `x` of `inputs` numbers to `y` of `outputs`.
pub fn model(inputs: i64, outputs: i64, parts: &[Message]) -> Message {
    model_of(&[inputs], &[outputs], parts)
}

/// The same of samples of more axes.
pub fn model_of(input: &[i64], output: &[i64], parts: &[Message]) -> Message {
    let graph = [parts.concat(), value_of(11, "x", input), value_of(12, "y", output)].concat();
    [integer(1, 8), bytes(7, graph), opset(17)].concat()
}

pub fn opset(version: i64) -> Message {
    bytes(8, integer(2, version))
}

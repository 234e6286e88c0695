//! Recurrent layers of ONNX: the order of gates, the forms of the last step, first states, and all that is not supported.
#![cfg(feature = "onnx")]

#[path = "common/proto.rs"]
mod proto;

use baregrad_convert::Model;
use proto::{Message, attribute, bytes, float, integer, integers, model_of, node, node_of, opset, shape, tensor};
use proto::{value_of, value_of_type, words};

/// A model from `x` to `y`, of these shapes.
fn read(input: &[i64], output: &[i64], parts: &[Message]) -> Result<Model, String> {
    Model::of_onnx(&model_of(input, output, parts)).map_err(|error| error.to_string())
}

fn types(input: &[i64], output: &[i64], parts: &[Message]) -> String {
    read(input, output, parts).map_or_else(|error| error, |model| model.types())
}

/// Weights `w`, `r` and `b` of so many gates and directions, for one channel and one unit, counted from 1.
fn weights(gates: usize, directions: usize) -> Message {
    let count = |name: &str, shape: &[usize], from: usize| {
        let size = shape.iter().product::<usize>();
        tensor(name, shape, &(from..from + size).map(|i| i as f32).collect::<Vec<_>>(), &[])
    };
    let (w, r) = (count("w", &[directions, gates, 1], 1), count("r", &[directions, gates, 1], 11));
    [w, r, count("b", &[directions, 2 * gates], 21)].concat()
}

fn transposed(from: &str, to: &str, order: &[i64]) -> Message {
    node("Transpose", &[from], to, &[integers("perm", order)])
}

fn number(name: &str, value: i64) -> Message {
    attribute(name, 2, integer(3, value))
}

/// An integer as an initial value.
fn index(name: &str, value: i64) -> Message {
    bytes(5, [integer(2, 7), bytes(8, name), bytes(9, value.to_le_bytes())].concat())
}

/// A node on two steps of `x`, whose outputs are `all` and `last`, of which one leads to `y`.
fn on_steps(operator: &str, gates: usize, attributes: &[Message], output: &str) -> Result<Model, String> {
    let hidden = [number("hidden_size", 1)];
    let recurrent = node_of(operator, &["t", "w", "r", "b"], &["all", "last"], &[&hidden, attributes].concat());
    let end = match output {
        "all" => [node("Squeeze", &["all", "one"], "s", &[]), transposed("s", "y", &[1, 0, 2])].concat(),
        _ => node("Squeeze", &["last", "zero"], "y", &[]),
    };
    let output: &[i64] = if output == "all" { &[2, 1] } else { &[1] };
    let axes = [shape("one", &[1]), shape("zero", &[0])].concat();
    read(&[2, 1], output, &[weights(gates, 1), axes, transposed("x", "t", &[1, 0, 2]), recurrent, end])
}

#[test]
fn gates_are_in_the_order_of_the_net() {
    let values = |model: &Model| model.tensors().iter().take(3).map(|t| t.values.to_vec()).collect::<Vec<_>>();
    let gru = on_steps("GRU", 3, &[number("linear_before_reset", 1)], "all").unwrap();
    assert_eq!(gru.types(), "Gru<Sequence<2, 1>, Sequence<2, 1>>");
    let biases = vec![21.0, 22.0, 23.0, 24.0, 25.0, 26.0];
    assert_eq!(values(&gru), [vec![1.0, 2.0, 3.0], vec![11.0, 12.0, 13.0], biases]);
    let gru = on_steps("GRU", 3, &[], "last").unwrap();
    assert_eq!(gru.types(), "GruResetBefore<Sequence<2, 1>, [f32; 1]>");
    assert_eq!(values(&gru)[2], [45.0, 47.0, 49.0]);
    // i, o, f, c there, and i, f, c, o here.
    let lstm = on_steps("LSTM", 4, &[attribute("direction", 3, bytes(4, "reverse"))], "last").unwrap();
    assert_eq!(lstm.types(), "Lstm<Sequence<2, 1>, [f32; 1], Backwards>");
    let biases = vec![46.0, 50.0, 52.0, 48.0];
    assert_eq!(values(&lstm), [vec![1.0, 3.0, 4.0, 2.0], vec![11.0, 13.0, 14.0, 12.0], biases]);
    let rnn = on_steps("RNN", 1, &[words("activations", &["Softplus"])], "all").unwrap();
    assert_eq!(rnn.types(), "SimpleRnn<Sequence<2, 1>, Sequence<2, 1>, Softplus>");
}

/// Types of a node with these attributes, whose states after all steps lead on.
fn behind(attributes: &[Message], directions: usize, output: &[i64], more: &[Message]) -> String {
    let attributes = [&[number("hidden_size", 1)], attributes].concat();
    let recurrent = node("RNN", &["t", "w", "r", "b"], "all", &attributes);
    let constants = [index("last", -1), index("first", 0), shape("one", &[1]), shape("two", &[2]), shape("m", &[-1])];
    let before = [weights(1, directions), constants.concat(), transposed("x", "t", &[1, 0, 2]), recurrent];
    types(&[2, 1], output, &[before.concat(), more.concat()])
}

#[test]
fn the_last_step_in_all_its_forms() {
    let squeeze = node("Squeeze", &["all", "one"], "s", &[]);
    let gather = |from: &str, at: &str, axis: i64, to: &str| node("Gather", &[from, at], to, &[number("axis", axis)]);
    let slice = node("Slice", &["s", "m", "two", "zero"], "p", &[]);
    let zero = shape("zero", &[0]);
    let last = "SimpleRnn<Sequence<2, 1>, [f32; 1]>";
    assert_eq!(behind(&[], 1, &[1], &[squeeze.clone(), gather("s", "last", 0, "y")]), last);
    let turned = transposed("s", "p", &[1, 0, 2]);
    assert_eq!(behind(&[], 1, &[1], &[squeeze.clone(), turned, gather("p", "last", 1, "y")]), last);
    let sliced = [zero, squeeze.clone(), slice, node("Squeeze", &["p", "zero"], "y", &[])];
    assert_eq!(behind(&[], 1, &[1], &sliced), last);
    // The first step is another one, but not for a layer that runs backwards.
    let first = [squeeze, gather("s", "first", 0, "y")];
    let cropped =
        "SimpleRnn<Sequence<2, 1>, Sequence<2, 1>>, Cropping1d<Sequence<2, 1>, Sequence<1, 1>, 0>, Flatten<1>";
    assert_eq!(behind(&[], 1, &[1], &first), cropped);
    let reverse = [attribute("direction", 3, bytes(4, "reverse"))];
    assert_eq!(behind(&reverse, 1, &[1], &first), "SimpleRnn<Sequence<2, 1>, [f32; 1], Tanh, Backwards>");
    // The last step of both directions, of which one has seen nothing but it.
    let both = [attribute("direction", 3, bytes(4, "bidirectional"))];
    let joined =
        [transposed("all", "s", &[2, 0, 1, 3]), node("Reshape", &["s", "k"], "p", &[]), shape("k", &[-1, 2, 2])];
    let pair = "Bidirectional<SimpleRnn<Sequence<2, 1>, Sequence<2, 1>>, 2>";
    let step = [joined.concat(), gather("p", "last", 1, "y")];
    assert_eq!(
        behind(&both, 2, &[2], &step),
        format!("{pair}, Cropping1d<Sequence<2, 2>, Sequence<1, 2>, 1>, Flatten<2>")
    );
    let one = behind(&both, 2, &[2, 1], &[gather("all", "first", 1, "s"), transposed("s", "y", &[1, 0, 2])]);
    let part = "Reshape<Image<2, 2, 1>>, Cropping2d<Image<2, 2, 1>, Image<2, 1, 1>, 0, 0>, Reshape<Sequence<2, 1>>";
    assert_eq!(one, format!("{pair}, {part}"));
}

#[test]
fn directions_that_are_joined() {
    let both = [attribute("direction", 3, bytes(4, "bidirectional"))];
    let pair = |output: &str| format!("Bidirectional<SimpleRnn<Sequence<2, 1>, {output}>, 2>");
    let numbers = [shape("zero", &[0]), shape("most", &[i64::MAX])].concat();
    // As tf2onnx writes it: slices of the directions, and then of the last step of each.
    let slice = |from: &str, start: &str, end: &str, axis: &str, to: &str| {
        let own = format!("{to}.slice");
        let slice = node("Slice", &[from, start, end, axis], &own, &[]);
        [slice, node("Squeeze", &[&own, axis], to, &[])].concat()
    };
    let directions = [slice("all", "zero", "one", "one", "f"), slice("all", "one", "two", "one", "g")].concat();
    let join = |all: [&str; 2], axis: i64, to: &str| node("Concat", &all, to, &[number("axis", axis)]);
    let joined = |all| [numbers.clone(), directions.clone(), join(all, 2, "j"), transposed("j", "y", &[1, 0, 2])];
    assert_eq!(behind(&both, 2, &[2, 2], &joined(["f", "g"])), pair("Sequence<2, 1>"));
    let other = behind(&both, 2, &[2, 2], &joined(["g", "f"]));
    assert!(other.contains("Concat<chain![Cropping2d<Image<2, 2, 1>, Image<2, 1, 1>, 0, 1>"), "{other}");
    let last = |of_a: [&str; 2], of_b: [&str; 2]| {
        let steps = [slice("f", of_a[0], of_a[1], "zero", "p"), slice("g", of_b[0], of_b[1], "zero", "q")].concat();
        behind(&both, 2, &[2], &[numbers.clone(), directions.clone(), steps, join(["p", "q"], 1, "y")])
    };
    assert_eq!(last(["m", "most"], ["zero", "one"]), pair("[f32; 1]"));
    // The first step of the forward direction is none of the last states.
    assert!(last(["zero", "one"], ["zero", "one"]).contains("Concat<"));
}

#[test]
fn channels_before_the_steps() {
    let recurrent = node("RNN", &["t", "w", "r", "b"], "all", &[number("hidden_size", 1)]);
    let end =
        [shape("one", &[1]), node("Squeeze", &["all", "one"], "s", &[]), transposed("s", "y", &[1, 0, 2])].concat();
    // The net's input has its channels last.
    let turned = transposed("x", "t", &[2, 0, 1]);
    let free = types(&[1, 2], &[2, 1], &[weights(1, 1), turned.clone(), recurrent.clone(), end.clone()]);
    assert_eq!(free, "SimpleRnn<Sequence<2, 1>, Sequence<2, 1>>");
    // Behind a layer, its axes have an order.
    let relu = [weights(1, 1), node("Relu", &["x"], "h", &[]), transposed("h", "t", &[2, 0, 1])].concat();
    let error = types(&[2, 2], &[2, 1], &[relu, recurrent, end]);
    assert!(error.starts_with("RNN all: an input of the axes [1, 0] whose batch is axis 1"), "{error}");
}

#[test]
fn first_states() {
    let with = |more: &[Message], state: &str| {
        let recurrent = node("RNN", &["t", "w", "r", "b", "", state], "all", &[number("hidden_size", 1)]);
        let end = [node("Squeeze", &["all", "one"], "s", &[]), transposed("s", "y", &[1, 0, 2]), shape("one", &[1])];
        let before = [weights(1, 1), transposed("x", "t", &[1, 0, 2]), more.concat(), recurrent];
        types(&[2, 1], &[2, 1], &[before.concat(), end.concat()])
    };
    let plain = "SimpleRnn<Sequence<2, 1>, Sequence<2, 1>>";
    assert_eq!(with(&[tensor("h", &[1, 1, 1], &[0.0], &[])], "h"), plain);
    let learnt = "SimpleRnn<Sequence<2, 1>, Sequence<2, 1>, Tanh, (), 0, 1>";
    assert_eq!(with(&[tensor("h", &[1, 3, 1], &[0.5; 3], &[])], "h"), learnt);
    let size = [node("Shape", &["x"], "n", &[]), tensor("h", &[1, 1, 1], &[0.5], &[])];
    assert_eq!(with(&[size.concat(), node("Expand", &["h", "n"], "e", &[])], "e"), learnt);
    assert_eq!(with(&[size.concat(), node("ConstantOfShape", &["n"], "e", &[])], "e"), plain);
    let error = with(&[tensor("h", &[1, 2, 1], &[0.5, 0.25], &[])], "h");
    let same = "RNN all: first states of shape [1, 2, 1], or not the same for each sample, is not supported; the nearest form that is: \
                zeros, or the same states for each sample";
    assert_eq!(error, same);
    let computed = with(&[node("Tanh", &["t"], "e", &[])], "e");
    let zeros = "RNN all: first states or lengths that nodes compute is not supported; the nearest form that is: zeros, or the same states \
                 for each sample";
    assert_eq!(computed, zeros);
}

#[test]
fn tokens() {
    let table = tensor("k", &[3, 2], &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0], &[]);
    let of = |kind: i64, parts: &[Message]| {
        let graph = [parts.concat(), value_of_type(11, "x", &[4], kind), value_of(12, "y", &[4, 2])].concat();
        let model = [integer(1, 8), bytes(7, graph), opset(17)].concat();
        Model::of_onnx(&model).map_or_else(|error| error.to_string(), |model| model.types())
    };
    let gather = |from: &str| node("Gather", &["k", from], "y", &[]);
    assert_eq!(of(7, &[table.clone(), gather("x")]), "Embedding<[f32; 4], Sequence<4, 2>, 3>");
    let cast = node("Cast", &["x"], "i", &[number("to", 7)]);
    assert_eq!(of(1, &[table.clone(), cast, gather("i")]), "Embedding<[f32; 4], Sequence<4, 2>, 3>");
    let error = of(7, &[node("Relu", &["x"], "y", &[])]);
    assert_eq!(
        error,
        "Relu y: an input of integers is not supported; the nearest form that is: an embedding of them: Gather"
    );
}

#[test]
fn all_that_is_not_supported_is_listed() {
    let units = number("hidden_size", 1);
    let parts = [
        weights(4, 1),
        transposed("x", "t", &[1, 0, 2]),
        node("LSTM", &["t", "w", "r", "b"], "a", &[units.clone(), attribute("clip", 1, float(2, 3.0))]),
        node("GRU", &["a", "w", "r", "b"], "c", &[units.clone(), words("activations", &["HardSigmoid", "Tanh"])]),
        node("RNN", &["c", "w", "r", "b"], "d", &[words("activations", &["Affine"])]),
        node("LSTM", &["d", "w", "r", "b"], "e", &[number("input_forget", 1)]),
        node("Loop", &["e"], "y", &[]),
    ];
    let lines = [
        "LSTM a: the attribute clip is not supported",
        "GRU c: activations = [\"HardSigmoid\", \"Tanh\"] is not supported; the nearest form that is: Sigmoid and Tanh, the defaults",
        "RNN d: activations = [\"Affine\"] is not supported; the nearest form that is: Tanh, Relu, Sigmoid, Softplus or Softsign, the \
         same in both directions",
        "LSTM e: input_forget = 1 is not supported; the nearest form that is: input_forget = 0",
        "Loop y: this operator is not supported; the nearest form that is: RNN, GRU or LSTM",
    ];
    assert_eq!(types(&[2, 1], &[2, 1], &parts), lines.join("\n"));
    // What the shapes say.
    let one = |inputs: &[&str], outputs: &[&str], more: &[Message]| {
        let end = node("Squeeze", &["h", "zero"], "y", &[]);
        let before = [weights(4, 1), tensor("p", &[1, 3], &[1.0; 3], &[]), shape("zero", &[0]), shape("n", &[2])];
        types(&[2, 1], &[1], &[before.concat(), more.concat(), node_of("LSTM", inputs, outputs, &[]), end])
    };
    let steps = [transposed("x", "t", &[1, 0, 2])];
    let error = one(&["x", "w", "r", "b"], &["", "h"], &[]);
    assert!(
        error.starts_with("LSTM h: an input of the axes [0, 1] whose batch is axis 0 is not supported; "),
        "{error}"
    );
    let error = one(&["t", "w", "r", "b", "n"], &["", "h"], &steps);
    assert!(
        error.contains("sequence_lens of a tensor is not supported; the nearest form that is: lengths up to"),
        "{error}"
    );
    let error = one(&["t", "w", "r", "b", "", "", "", "p"], &["", "h"], &steps);
    assert!(error.contains("peepholes is not supported; the nearest form that is: an LSTM without them"), "{error}");
    let error = one(&["t", "w", "r", "b"], &["", "", "h"], &steps);
    assert!(error.contains("or the cell's state, is not supported"), "{error}");
}

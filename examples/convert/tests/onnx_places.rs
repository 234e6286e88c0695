//! Images and sequences of ONNX: where their channels go, what padding becomes, and all that is not supported.
#![cfg(feature = "onnx")]

#[path = "common/proto.rs"]
mod proto;

use baregrad_convert::Model;
use proto::{Message, attribute, bytes, float, integer, integers, model_of, node, shape, tensor};

fn read(input: &[i64], output: &[i64], parts: &[Message]) -> Result<Model, String> {
    Model::of_onnx(&model_of(input, output, parts)).map_err(|error| error.to_string())
}

/// The types of nodes from `x`, of this shape, to `y`. Weights are in `k`.
fn types(input: &[i64], output: &[i64], parts: &[Message]) -> String {
    read(input, output, parts).map_or_else(|error| error, |model| model.types())
}

/// Weights `k` of a shape, counted from 0.
fn kernel(lengths: &[usize]) -> Message {
    let count: usize = lengths.iter().product();
    tensor("k", lengths, &(0..count).map(|i| i as f32).collect::<Vec<_>>(), &[])
}

fn conv(from: &str, to: &str, attributes: &[Message]) -> Message {
    node("Conv", &[from, "k"], to, attributes)
}

#[test]
fn channels_go_last() {
    // [out][in][row][column] of two channels on three rows and four columns.
    let model = read(&[2, 3, 4], &[3, 3, 3], &[kernel(&[3, 2, 1, 2]), conv("x", "y", &[])]).unwrap();
    assert_eq!(model.types(), "Conv2d<Image<3, 4, 2>, Image<3, 3, 3>, 1, 2>");
    // [row][column][in][out]
    assert_eq!(model.tensors()[0].values, [0.0, 4.0, 8.0, 2.0, 6.0, 10.0, 1.0, 5.0, 9.0, 3.0, 7.0, 11.0]);
    // An activation before it does not tell axes apart; of a graph that begins with channels last, it keeps them.
    let relu = |to: &str| node("Relu", &["x"], to, &[]);
    let first = types(&[2, 3, 4], &[3, 3, 3], &[kernel(&[3, 2, 1, 2]), relu("h"), conv("h", "y", &[])]);
    assert!(
        first.starts_with("ZeroPadding2d<Image<3, 4, 2>, Image<3, 4, 2>, 0, 0>, Activate<Relu>, Conv2d<"),
        "{first}"
    );
    let transpose = node("Transpose", &["h"], "t", &[integers("perm", &[0, 3, 1, 2])]);
    let last = types(&[3, 4, 2], &[3, 3, 3], &[kernel(&[3, 2, 1, 2]), relu("h"), transpose, conv("t", "y", &[])]);
    assert_eq!(last, first);
    let depthwise = [integer(3, 2)].map(|value| attribute("group", 2, value));
    let model = read(&[2, 4], &[2, 3], &[kernel(&[2, 1, 2]), conv("x", "y", &depthwise)]).unwrap();
    assert_eq!(model.types(), "DepthwiseConv1d<Sequence<4, 2>, Sequence<3, 2>, 2>");
    assert_eq!(model.tensors()[0].values, [0.0, 2.0, 1.0, 3.0]);
    // Of two outputs per channel, it sees each channel twice.
    let model = read(&[2, 4], &[4, 3], &[kernel(&[4, 1, 2]), conv("x", "y", &depthwise)]).unwrap();
    let twice = "ZeroPadding1d<Sequence<4, 2>, Sequence<4, 2>, 0>, Reshape<Sequence<8, 1>>, \
                 UpSampling1d<Sequence<8, 1>, Sequence<16, 1>>, Reshape<Sequence<4, 4>>, \
                 DepthwiseConv1d<Sequence<4, 4>, Sequence<3, 4>, 2>";
    assert_eq!(model.types(), twice);
    assert_eq!(model.tensors()[0].values, [0.0, 2.0, 4.0, 6.0, 1.0, 3.0, 5.0, 7.0]);
    let error = types(&[3, 4], &[4, 3], &[kernel(&[4, 1, 2]), conv("x", "y", &depthwise)]);
    assert!(error.starts_with("tensor k has the shape [4, 1, 2], but the net needs [6, 1, 2]"), "{error}");
}

#[test]
fn rows_behind_a_flatten_are_ordered() {
    let w = tensor("w", &[4, 1], &[0.0, 1.0, 2.0, 3.0], &[]);
    let pool = |to: &str| node("MaxPool", &["x"], to, &[integers("kernel_shape", &[1])]);
    let product = |from: &str| node("MatMul", &[from, "w"], "y", &[]);
    let flatten = node("Flatten", &["h"], "f", &[]);
    let model = read(&[2, 2], &[1], &[w.clone(), pool("h"), flatten.clone(), product("f")]).unwrap();
    assert_eq!(model.types(), "MaxPool1d<Sequence<2, 2>, Sequence<2, 2>, 1>, Flatten<4>, Dense<4, 1>");
    // Two channels of two places: [channel][place] as [place][channel].
    assert_eq!(model.tensors()[0].values, [0.0, 2.0, 1.0, 3.0]);
    // In between, each feature keeps its own.
    let norm = [tensor("g", &[4], &[1.0, 2.0, 3.0, 4.0], &[]), node("LayerNormalization", &["f", "g"], "n", &[])];
    let model = read(&[2, 2], &[1], &[w.clone(), norm.concat(), pool("h"), flatten, product("n")]);
    assert!(model.is_err(), "the norm comes before its input");
    let parts =
        [w.clone(), tensor("g", &[4], &[1.0, 2.0, 3.0, 4.0], &[]), pool("h"), node("Flatten", &["h"], "f", &[])];
    let more = [node("LayerNormalization", &["f", "g"], "n", &[]), product("n")];
    let model = read(&[2, 2], &[1], &[parts.concat(), more.concat()]).unwrap();
    assert_eq!(
        (model.tensors()[0].values, model.tensors()[2].values),
        (&[1.0, 3.0, 2.0, 4.0][..], &[0.0, 2.0, 1.0, 3.0][..])
    );
    // A graph whose channels are the last axis anyway.
    let last = node("Transpose", &["h"], "t", &[integers("perm", &[0, 2, 1])]);
    let model = read(&[2, 2], &[1], &[w, pool("h"), last, node("Flatten", &["t"], "f", &[]), product("f")]).unwrap();
    assert_eq!(model.tensors()[0].values, [0.0, 1.0, 2.0, 3.0]);
    // An output in the order of channels first is another.
    let error = read(&[2, 2], &[4], &[pool("h"), node("Flatten", &["h"], "y", &[])]).unwrap_err();
    assert!(error.starts_with("y: an output that is flattened with its channels first is not supported; "), "{error}");
}

#[test]
fn padding_that_follows_from_the_lengths() {
    let of = |length: i64, attributes: &[Message]| {
        types(&[1, length], &[1, 5], &[kernel(&[1, 1, 3]), conv("x", "y", attributes)])
    };
    let pads = |before, after| integers("pads", &[before, after]);
    let stride = integers("strides", &[2]);
    let word = |text: &str| attribute("auto_pad", 3, bytes(4, text));
    assert_eq!(of(7, &[]), "Conv1d<Sequence<7, 1>, Sequence<5, 1>, 3>");
    assert_eq!(of(5, &[pads(1, 1)]), "Conv1d<Sequence<5, 1>, Sequence<5, 1>, 3>");
    assert_eq!(of(5, &[pads(2, 0)]), "CausalConv1d<Sequence<5, 1>, Sequence<5, 1>, 3>");
    assert_eq!(of(5, &[word("SAME_UPPER")]), "Conv1d<Sequence<5, 1>, Sequence<5, 1>, 3>");
    // One place of padding: behind the last of ten in Keras, before the first in PyTorch.
    assert_eq!(of(10, &[stride.clone(), pads(0, 1)]), "Conv1d<Sequence<10, 1>, Sequence<5, 1>, 3, 2>");
    let other = "ZeroPadding1d<Sequence<10, 1>, Sequence<12, 1>, 1>, Conv1d<Sequence<12, 1>, Sequence<5, 1>, 3, 2>";
    assert_eq!(of(10, &[stride.clone(), pads(1, 1)]), other);
    let lower = "ZeroPadding1d<Sequence<10, 1>, Sequence<11, 1>, 1>, Conv1d<Sequence<11, 1>, Sequence<5, 1>, 3, 2>";
    assert_eq!(of(10, &[stride, word("SAME_LOWER")]), lower);
    // A padding before it goes into the convolution where both are "same", causal, or have a layer anyway.
    let padded = |before: i64, after: i64| {
        let pad = node("Pad", &["x", "p"], "h", &[]);
        types(
            &[1, 5],
            &[1, 5],
            &[kernel(&[1, 1, 3]), shape("p", &[0, 0, before, 0, 0, after]), pad, conv("h", "y", &[])],
        )
    };
    assert_eq!(padded(1, 1), "Conv1d<Sequence<5, 1>, Sequence<5, 1>, 3>");
    assert_eq!(padded(2, 0), "CausalConv1d<Sequence<5, 1>, Sequence<5, 1>, 3>");
    let other = "ZeroPadding1d<Sequence<5, 1>, Sequence<7, 1>, 0>, Conv1d<Sequence<7, 1>, Sequence<5, 1>, 3>";
    assert_eq!(padded(0, 2), other);
}

#[test]
fn transposed_convolutions() {
    let of = |kernel_: &[usize], length: i64, output: i64, attributes: &[Message]| {
        let conv = node("ConvTranspose", &["x", "k"], "y", attributes);
        types(&[kernel_[0] as i64, length], &[kernel_[1] as i64, output], &[kernel(kernel_), conv])
    };
    let pads = |before, after| integers("pads", &[before, after]);
    let (stride, more) = (integers("strides", &[2]), integers("output_padding", &[1]));
    // "valid", "same", and the one place more of an output padding, which is behind all others.
    assert_eq!(of(&[3, 2, 3], 4, 6, &[]), "Conv1dTranspose<Sequence<4, 3>, Sequence<6, 2>, 3>");
    let strided =
        |output: i64, more: &[Message]| of(&[1, 1, 3], 4, output, &[std::slice::from_ref(&stride), more].concat());
    assert_eq!(strided(9, &[]), "Conv1dTranspose<Sequence<4, 1>, Sequence<9, 1>, 3, 2>");
    assert_eq!(strided(8, &[pads(0, 1)]), "Conv1dTranspose<Sequence<4, 1>, Sequence<8, 1>, 3, 2>");
    assert_eq!(strided(7, &[pads(1, 1)]), "Conv1dTranspose<Sequence<4, 1>, Sequence<7, 1>, 3, 2>");
    assert_eq!(strided(10, std::slice::from_ref(&more)), "Conv1dTranspose<Sequence<4, 1>, Sequence<10, 1>, 3, 2>");
    // What the lengths do not tell is cut off by a layer. PyTorch's output padding keeps the last place, and Keras the first.
    let cropped = |given: i64, before: i64, left: i64| {
        format!(
            "Conv1dTranspose<Sequence<4, 1>, Sequence<{given}, 1>, 3, 2>, \
             Cropping1d<Sequence<{given}, 1>, Sequence<{left}, 1>, {before}>"
        )
    };
    assert_eq!(strided(8, &[pads(1, 1), more.clone()]), cropped(9, 1, 8));
    assert_eq!(strided(5, &[pads(0, 4)]), cropped(9, 0, 5));
    assert_eq!(strided(9, &[pads(1, 0), more]), cropped(10, 1, 9));
    // A length in place of the padding.
    let word = |text: &str| attribute("auto_pad", 3, bytes(4, text));
    let shape = |length: i64| integers("output_shape", &[length]);
    assert_eq!(strided(8, &[word("SAME_UPPER")]), "Conv1dTranspose<Sequence<4, 1>, Sequence<8, 1>, 3, 2>");
    assert_eq!(strided(8, &[word("SAME_LOWER")]), cropped(9, 1, 8));
    assert_eq!(strided(8, &[word("SAME_UPPER"), shape(8)]), "Conv1dTranspose<Sequence<4, 1>, Sequence<8, 1>, 3, 2>");
    assert_eq!(strided(8, &[shape(8)]), cropped(9, 1, 8));
    let error =
        "ConvTranspose y: an output that is longer than all windows is not supported; the nearest form that is: pads";
    assert_eq!(strided(10, &[shape(10)]), error);
    // [in][out][row][column] of two channels to one.
    let conv = node("ConvTranspose", &["x", "k"], "y", &[]);
    let model = read(&[2, 1, 1], &[1, 1, 2], &[kernel(&[2, 1, 1, 2]), conv]).unwrap();
    assert_eq!(model.types(), "Conv2dTranspose<Image<1, 1, 2>, Image<1, 2, 1>, 1, 2>");
    assert_eq!(model.tensors()[0].values, [0.0, 2.0, 1.0, 3.0]);
    let groups = of(&[2, 1, 3], 4, 6, &[attribute("group", 2, integer(3, 2))]);
    assert_eq!(groups, "ConvTranspose y: group = 2 is not supported; the nearest form that is: group = 1");
    let error = of(&[1, 1, 3], 4, 0, &[pads(3, 3)]);
    assert!(error.starts_with("ConvTranspose y: a layer of shape "), "{error}");
    // Fewer channels than the weights are for.
    let conv = node("ConvTranspose", &["x", "k"], "y", &[]);
    let error = types(&[3, 4], &[2, 6], &[kernel(&[2, 2, 3]), conv]);
    assert!(error.contains("[3, 2, 3]"), "{error}");
}

#[test]
fn padding_of_pools() {
    let of = |before: &[Message], from: &str, operator: &str, attributes: &[Message]| {
        let window = [integers("kernel_shape", &[3]), integers("strides", &[2])];
        let pool = node(operator, &[from], "y", &[window.as_slice(), attributes].concat());
        types(&[1, 8], &[1, 4], &[before.concat(), pool])
    };
    let pads = |before, after| integers("pads", &[before, after]);
    assert_eq!(of(&[], "x", "MaxPool", &[pads(0, 1)]), "MaxPool1d<Sequence<8, 1>, Sequence<4, 1>, 3, 2>");
    let rounded = attribute("ceil_mode", 2, integer(3, 1));
    assert_eq!(of(&[], "x", "MaxPool", &[rounded]), "MaxPool1d<Sequence<8, 1>, Sequence<4, 1>, 3, 2>");
    let error = of(&[], "x", "MaxPool", &[pads(1, 1)]);
    assert!(
        error.ends_with("is not supported; the nearest form that is: \"same\" padding, or a ReLU before it"),
        "{error}"
    );
    // Behind a ReLU, no number is below 0.
    let relu = [kernel(&[1, 1, 1]), conv("x", "h", &[]), node("Relu", &["h"], "r", &[])];
    let padded = of(&relu, "r", "MaxPool", &[pads(1, 1)]);
    assert!(
        padded.ends_with(
            "ZeroPadding1d<Sequence<8, 1>, Sequence<10, 1>, 1>, MaxPool1d<Sequence<10, 1>, Sequence<4, 1>, 3, 2>"
        ),
        "{padded}"
    );
    let counts = attribute("count_include_pad", 2, integer(3, 1));
    let padded = of(&[], "x", "AveragePool", &[pads(0, 1), counts]);
    assert_eq!(
        padded,
        "ZeroPadding1d<Sequence<8, 1>, Sequence<9, 1>, 0>, AveragePool1d<Sequence<9, 1>, Sequence<4, 1>, 3, 2>"
    );
    assert_eq!(of(&[], "x", "AveragePool", &[pads(0, 1)]), "AveragePool1d<Sequence<8, 1>, Sequence<4, 1>, 3, 2>");
}

#[test]
fn means_axes_and_blocks() {
    const ROW: &str = "ZeroPadding2d<Image<4, 5, 3>, Image<4, 5, 3>, 0, 0>, GlobalAveragePool";
    let mean = |axes: &[i64], keeps: i64, to: &str| {
        node("ReduceMean", &["x"], to, &[integers("axes", axes), attribute("keepdims", 2, integer(3, keeps))])
    };
    assert_eq!(types(&[3, 4, 5], &[3], &[mean(&[2, 3], 0, "y")]), ROW);
    assert_eq!(types(&[3, 4, 5], &[3], &[mean(&[-1, -2], 0, "y")]), ROW);
    let squeeze = node("Squeeze", &["h", "a"], "y", &[]);
    assert_eq!(types(&[3, 4, 5], &[3], &[shape("a", &[2, 3]), mean(&[2, 3], 1, "h"), squeeze]), ROW);
    // Channels last, as TensorFlow exports them.
    assert_eq!(types(&[4, 5, 3], &[3], &[mean(&[1, 2], 0, "y")]), ROW);
    let error = types(&[3, 4, 5], &[3, 5], &[mean(&[2], 0, "y")]);
    assert_eq!(error, "ReduceMean y: axes = [2] is not supported; the nearest form that is: all axes of places");

    let parts = |merge: &str, more: &[Message]| {
        [kernel(&[1, 1, 1]), conv("x", "a", &[]), node("Tanh", &["x"], "b", &[]), node(merge, &["a", "b"], "y", more)]
    };
    let one = "Conv1d<Sequence<4, 1>, Sequence<4, 1>, 1>";
    let first = "ZeroPadding1d<Sequence<4, 1>, Sequence<4, 1>, 0>";
    let sum = types(&[1, 4], &[1, 4], &parts("Add", &[]));
    assert_eq!(sum, format!("{first}, Sum<{one}, Activate<Tanh>>"));
    let residual = [kernel(&[1, 1, 1]), conv("x", "a", &[]), node("Add", &["a", "x"], "y", &[])];
    assert_eq!(types(&[1, 4], &[1, 4], &residual), format!("{first}, Residual<{one}>"));
    // The first branch is nothing but a name.
    let same = [
        kernel(&[1, 1, 1]),
        node("Identity", &["x"], "b", &[]),
        conv("x", "a", &[]),
        node("Add", &["b", "a"], "y", &[]),
    ];
    assert_eq!(types(&[1, 4], &[1, 4], &same), format!("{first}, Residual<{one}>"));
    let joined =
        |axis: i64, output: &[i64]| types(&[1, 4], output, &parts("Concat", &[attribute("axis", 2, integer(3, axis))]));
    assert_eq!(joined(1, &[2, 4]), format!("{first}, Concat<{one}, Activate<Tanh>, 2>"));
    let error =
        "Concat y: axis = 2 of shape [1, 4] is not supported; the nearest form that is: the axis of the channels";
    assert_eq!(joined(2, &[1, 8]), error);
    let error = types(&[1, 4], &[1, 4], &parts("Mul", &[]));
    assert!(error.starts_with("Mul y: two inputs that are no constants is not supported; "), "{error}");
}

#[test]
fn softmax_is_that_of_the_channels() {
    let of = |axis: i64| {
        let softmax = node("Softmax", &["r"], "y", &[attribute("axis", 2, integer(3, axis))]);
        let before = [kernel(&[2, 2, 1]), conv("x", "h", &[]), node("Relu", &["h"], "r", &[])];
        types(&[2, 3], &[2, 3], &[before.concat(), softmax])
    };
    assert_eq!(of(1), "Conv1d<Sequence<3, 2>, Sequence<3, 2>, 1, 1, Relu>, Activate<Softmax>");
    for axis in [2, -1] {
        let error =
            format!("Softmax y: axis = {axis} is not supported; the nearest form that is: the axis of the channels");
        assert_eq!(of(axis), error);
    }
}

#[test]
fn clips_from_zero_are_relu_or_relu6() {
    let clip = |more: &[Message]| types(&[1], &[1], &[node("Clip", &["x"], "y", more)]);
    let at = |name: &str, value: f32| attribute(name, 1, float(2, value));
    assert_eq!(clip(&[at("min", 0.0)]), "Rescale<1>, Activate<Relu>");
    assert_eq!(clip(&[at("min", 0.0), at("max", 6.0)]), "Rescale<1>, Activate<Relu6>");
    for (least, most) in [(0.0, 5.0), (-6.0, 6.0)] {
        let error = format!(
            "Clip y: a Clip from {least} to {most} is not supported; the nearest form that is: Relu, or a Clip from 0 to 6"
        );
        assert_eq!(clip(&[at("min", least), at("max", most)]), error);
    }
}

#[test]
fn all_that_is_not_supported_is_listed() {
    let of = |from: &str, to: &str, group: i64, strides: &[i64]| {
        conv(from, to, &[attribute("group", 2, integer(3, group)), integers("strides", strides)])
    };
    let parts = [
        kernel(&[4, 2, 3, 3]),
        of("x", "a", 2, &[1, 1]),
        node("InstanceNormalization", &["a"], "b", &[]),
        node("Relu", &["b"], "c", &[]),
        of("c", "d", 1, &[2, 1]),
        node("Erf", &["d"], "e", &[]),
        node("Relu", &["e"], "y", &[attribute("mystery", 2, integer(3, 1))]),
    ];
    let lines = [
        "Conv a: group = 2 of 4 channels to 4 is not supported; the nearest form that is: group = 1, or as many groups as channels",
        "InstanceNormalization b: this operator is not supported; the nearest form that is: BatchNormalization",
        "Conv d: strides = [2, 1] is not supported; the nearest form that is: the same along both axes",
        "Erf e: this operator is not supported",
        "Relu y: the attribute mystery is not supported",
    ];
    assert_eq!(types(&[4, 8, 8], &[4, 4, 4], &parts), lines.join("\n"));
}

//! `.keras` files that are refused, each by the name of what is wrong: those of Keras with a changed configuration.
#![cfg(feature = "keras")]

#[path = "../examples/digits/mod.rs"]
#[allow(dead_code)]
mod digits;

use baregrad_convert::{Activation, Error, Layer, Model};
use digits::models;
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// A model with another configuration.
fn with_configuration(name: &str, change: impl FnOnce(String) -> String) -> Result<Model, Error> {
    with_parts(name, change, "{\"keras_version\": \"3.11.3\"}")
}

/// The same, with what is said of its version.
fn with_parts(name: &str, change: impl FnOnce(String) -> String, metadata: &str) -> Result<Model, Error> {
    let bytes = fs::read(models().join(format!("{name}.keras"))).unwrap();
    let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    let mut part = |name: &str| {
        let mut bytes = Vec::new();
        archive.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let configuration = change(String::from_utf8(part("config.json")).unwrap());
    for (name, bytes) in [
        ("metadata.json", metadata.as_bytes().to_vec()),
        ("config.json", configuration.into_bytes()),
        ("model.weights.h5", part("model.weights.h5")),
    ] {
        copy.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).unwrap();
        copy.write_all(&bytes).unwrap();
    }
    Model::of_keras(&copy.finish().unwrap().into_inner())
}

/// A model with `from` replaced by `to` in its configuration.
fn changed(name: &str, from: &str, to: &str) -> Result<Model, Error> {
    with_configuration(name, |text| {
        assert!(text.contains(from), "{from} is not in {text}");
        text.replace(from, to)
    })
}

fn refused(name: &str, from: &str, to: &str, message: &str) {
    let error = changed(name, from, to).unwrap_err().to_string();
    assert!(error.contains(message), "{error}");
}

#[test]
fn unchanged_is_taken() {
    let model = changed("digits", "", "").unwrap();
    assert_eq!(model.layer_types(), ["Dense<64, 32, Relu>", "Dropout<20>", "Dense<32, 10, Softmax>"]);
}

#[test]
fn relu_up_to_6() {
    let model = changed("digits", "\"relu\"", "\"relu6\"").unwrap();
    assert_eq!(model.layer_types()[0], "Dense<64, 32, Relu6>");
    let model = changed("kinked", "\"max_value\": null", "\"max_value\": 6.0").unwrap();
    assert_eq!(model.layers[2], Layer::Activate(Activation::Relu6));
}

#[test]
fn layers_that_are_not_there() {
    refused("digits", "\"Dropout\"", "\"ConvLSTM1D\"", "dropout: a ConvLSTM1D layer is not supported");
    refused("digits", "\"Sequential\"", "\"Mine\"", "the model: the class Mine is not supported");
    refused("digits", "\"relu\"", "\"mish\"", "dense: the activation \"mish\" is not supported");
    refused("kinked", "\"max_value\": null", "\"max_value\": 5", "re_lu: max_value = 5 is not supported");
    refused("kinked", "\"rms_scaling\": false", "\"rms_scaling\": true", "norm: rms_scaling = true is not supported");
    refused("kinked", "\"axis\": [-1]", "\"axis\": [-1, -2]", "norm: axis = [-1,-2] is not supported");
    // Keras 3.11 does not write it.
    refused("kinked", "\"name\": \"elu\",", "\"name\": \"elu\", \"alpha\": 0.5,", "elu: alpha = 0.5 is not supported");
    refused("kinked", "0.1", "0.125", "negative_slope = 0.125 is not supported");
    refused("digits", "\"rate\": 0.2", "\"rate\": 1.0", "dropout: rate = 1.0 is not supported");
    refused("normalised", "\"invert\": false", "\"invert\": true", "normalization: invert = true is not supported");
    refused("normalised", "\"mean\": null", "\"mean\": 0.0", "normalization: mean = 0.0 is not supported");
}

#[test]
fn all_that_is_not_supported_is_listed() {
    let error = with_configuration("images", |text| {
        let mut json: Value = serde_json::from_str(&text).unwrap();
        for layer in json["config"]["layers"].as_array_mut().unwrap() {
            let change = match layer["class_name"].as_str().unwrap() {
                "DepthwiseConv2D" => ("dilation_rate", [1, 2].into()),
                "UpSampling2D" => ("interpolation", "bilinear".into()),
                "SeparableConv2D" => ("strides", [2, 1].into()),
                "ReLU" => ("max_value", 5.0.into()),
                "Flatten" => ("mystery", 7.into()),
                _ => continue,
            };
            layer["config"][change.0] = change.1;
        }
        json.to_string()
    })
    .unwrap_err();
    let Error::Unsupported(parts) = &error else { panic!("{error}") };
    let parts: Vec<_> =
        parts.iter().map(|part| (&part.at[..part.at.len().min(9)], &*part.what, &*part.instead)).collect();
    let all = [
        ("re_lu", "max_value = 5.0", "max_value = 6, or none"),
        ("depthwise", "dilation_rate = [1, 2]", "the same along both axes"),
        ("up_sampli", "interpolation = \"bilinear\"", "nearest"),
        ("separable", "strides = [2, 1]", "the same along both axes"),
        ("flatten", "mystery = 7", ""),
    ];
    assert_eq!(parts, all);
    assert_eq!(error.to_string().lines().count(), 5);
}

#[test]
fn convolutions_that_are_not_there() {
    let other = |from: &str, to: &str, message: &str| refused("images", from, to, message);
    other(
        "\"Conv2D\"",
        "\"Conv3D\"",
        "a Conv3D layer is not supported; the nearest form that is: Conv2D, with the depth as channels",
    );
    other("\"padding\": \"valid\"", "\"padding\": \"causal\"", "padding = \"causal\" is not supported");
    other("\"groups\": 1", "\"groups\": 2", "the nearest form that is: groups = 1, or as many groups as channels");
    other("\"axis\": -1", "\"axis\": 1", "axis = 1 of samples of shape [4, 4, 6] is not supported");
    other("\"softmax\"", "\"celu\"", "the activation \"celu\" is not supported");
    refused("sequences", "\"Add\"", "\"Multiply\"", "a Multiply of two branches is not supported");
    refused("sequences", "\"axis\": -1}", "\"axis\": 2}", "axis = 2 of samples of shape [12] is not supported");
    let error = changed("sequences", "\"padding\": \"causal\"", "\"padding\": \"same\"").unwrap();
    assert!(error.types().starts_with("Conv1d<Sequence<8, 8>, Sequence<8, 8>, 3, 1, Relu, 2>, "));
}

/// Keras 3.11 writes no output padding.
#[test]
fn transposed_convolutions() {
    let unchanged = changed("transposed", "", "").unwrap();
    let padded = |layer: &str, padding: &str| {
        let name = format!("\"name\": \"{layer}\",");
        changed("transposed", &name, &format!("{name} \"output_padding\": {padding},"))
    };
    // A window of one row with a stride of two, whose output ends with a row of biases anyway.
    assert_eq!(padded("conv2d_transpose_1", "[1, 0]").unwrap(), unchanged);
    assert_eq!(padded("conv2d_transpose_1", "null").unwrap(), unchanged);
    let of = |layer: &str, padding: &str| padded(layer, padding).unwrap_err().to_string();
    // A row less, which the dense layer finds out.
    assert_eq!(
        of("conv2d_transpose_3", "0"),
        "tensor dense/kernel has the shape [294, 10], but the net needs [252, 10]"
    );
    assert_eq!(of("conv2d_transpose_3", "-1"), "conv2d_transpose_3: output_padding = -1 is not supported");
    // A place more than any convolution leads back from.
    assert_eq!(
        of("conv2d_transpose_4", "1"),
        "conv2d_transpose_4: a layer of shape [6, 6, 6] to [8, 8, 6] is not supported"
    );
    refused("transposed", "\"valid\"", "\"causal\"", "padding = \"causal\" is not supported");
    let strides = "strides = [2, 1] is not supported; the nearest form that is: the same along both axes";
    refused("transposed", "\"strides\": [2, 2]", "\"strides\": [2, 1]", strides);
}

#[test]
fn recurrent_layers_that_are_not_there() {
    let other = |from: &str, to: &str, message: &str| refused("recurrent", from, to, message);
    let sigmoid = "gru: recurrent_activation = hard_sigmoid is not supported; the nearest form that is: sigmoid";
    other("\"sigmoid\"", "\"hard_sigmoid\"", sigmoid);
    let known =
        "activation = gelu is not supported; the nearest form that is: tanh, relu, sigmoid, softplus or softsign";
    other("\"relu\"", "\"gelu\"", known);
    other(
        "\"mask_value\": 0.0",
        "\"mask_value\": -1.0",
        "mask_value = -1.0 is not supported; the nearest form that is: mask_value = 0",
    );
    other(
        "\"merge_mode\": \"sum\"",
        "\"merge_mode\": \"mul\"",
        "the nearest form that is: merge_mode = \"concat\" or \"sum\"",
    );
    other("\"return_state\": false", "\"return_state\": true", "gru: return_state = true is not supported");
    let order = "gru: go_backwards = true with return_sequences = true is not supported; the nearest form that is: Bidirectional";
    other("\"go_backwards\": false", "\"go_backwards\": true", order);
    other("\"LSTM\"", "\"ConvLSTM1D\"", "bidirectional: a Bidirectional of a ConvLSTM1D layer is not supported");
}

#[test]
fn states_that_windows_carry_on_with() {
    let model = changed("tokens", "\"stateful\": false", "\"stateful\": true").unwrap();
    assert!(model.types().contains("Gru<Sequence<64, 3>, [f32; 12], (), 1>, "), "{}", model.types());
}

/// The model of masked sequences, with another layer instead of its dropout and an option of the layer before that.
fn behind_a_mask(class: &str, options: Value, zeros: bool) -> Result<Model, Error> {
    with_configuration("recurrent", |text| {
        let mut json: Value = serde_json::from_str(&text).unwrap();
        let layers = json["config"]["layers"].as_array_mut().unwrap();
        let at = layers.iter().position(|layer| layer["class_name"] == "Dropout").unwrap();
        for key in ["layer", "backward_layer"] {
            layers[at - 1]["config"][key]["config"]["zero_output_for_mask"] = zeros.into();
        }
        layers[at]["class_name"] = class.into();
        let mut options = options;
        options["name"] = layers[at]["config"]["name"].take();
        layers[at]["config"] = options;
        json.to_string()
    })
}

#[test]
fn layers_behind_a_mask() {
    let refused = |class: &str, options: Value, zeros| behind_a_mask(class, options, zeros).unwrap_err().to_string();
    let pool = serde_json::json!({"data_format": "channels_last", "keepdims": false});
    let error = refused("GlobalMaxPooling1D", pool, true);
    assert!(error.starts_with("dropout: a GlobalMaxPooling1D of sequences with padding is not supported"), "{error}");
    let tanh = serde_json::json!({"activation": "tanh"});
    assert!(refused("Activation", tanh, true).starts_with("dropout: a Activation of sequences with padding"));
    let error =
        changed("recurrent", "\"return_sequences\": false", "\"return_sequences\": true").unwrap_err().to_string();
    assert!(error.contains(": relu for sequences with padding is not supported; "), "{error}");
    // Keras knows the padding behind a dense layer, which makes other numbers of the zeros.
    let dense = || serde_json::json!({"units": 10, "use_bias": false, "activation": "linear"});
    let error = refused("Dense", dense(), false);
    assert!(error.ends_with("the nearest form that is: zero_output_for_mask = true in the layer before it"), "{error}");
    let mut dropout = serde_json::json!({"rate": 0.5});
    dropout["seed"] = Value::Null;
    assert!(behind_a_mask("Dropout", dropout, false).is_ok());
}

#[test]
fn graphs_that_are_no_chain() {
    let blocks = "first: a graph that is neither a chain nor made of blocks of two branches";
    refused("kinked", "[\"first\", 0, 0]", "[\"pixels\", 0, 0]", blocks);
    // A norm of more than one axis.
    let text = changed("kinked", "\"class_name\": \"Flatten\"", "\"class_name\": \"ReLU\"").unwrap_err().to_string();
    assert_eq!(text, "pixels: data_format = \"channels_last\" is not supported");
}

#[test]
fn tensors_that_do_not_fit() {
    let error = changed("digits", "\"units\": 32", "\"units\": 33").unwrap_err();
    assert_eq!(error.to_string(), "tensor dense/kernel has the shape [64, 32], but the net needs [64, 33]");
    let error = changed("digits", "\"use_bias\": true", "\"use_bias\": false").unwrap_err();
    assert_eq!(error.to_string(), "tensor dense/1 of shape [32] belongs to no layer of the net");
    let error = changed("kinked", "\"use_bias\": false", "\"use_bias\": true").unwrap_err();
    assert!(error.to_string().starts_with("tensor first/bias of shape [16] is missing"), "{error}");
    refused(
        "digits",
        "\"name\": \"dense_1\"",
        "\"name\": \"other\"",
        "other: layers/dense_1 has the variables of dense_1",
    );
    refused("digits", "[null, 64]", "[null, null]", "an input of shape [null,null] is not supported");
    let error = changed("float64", "", "").unwrap_err();
    assert!(matches!(&error, Error::Dtype { name, .. } if name.ends_with("/kernel")), "{error}");
}

#[test]
fn more_than_the_bound() {
    // A layer of ones and zeros that the file does not have.
    let error = changed("kinked", "[null, 8, 8]", "[null, 8000000, 800000]").unwrap_err();
    assert!(matches!(error, Error::Shape { .. }), "{error}");
}

#[test]
fn other_ways_to_say_it() {
    let silu = changed("digits", "\"relu\"", "\"swish\"").unwrap();
    assert!(matches!(silu.layers[0], Layer::Dense { activation: Activation::Silu, .. }));
    let function = "{\"module\": \"keras.activations\", \"class_name\": \"function\", \"config\": \"tanh\"}";
    let tanh = changed("digits", "\"relu\"", function).unwrap();
    assert!(matches!(tanh.layers[0], Layer::Dense { activation: Activation::Tanh, .. }));
    // An older name.
    let leaky = changed("kinked", "\"negative_slope\": 0.1", "\"alpha\": 0.1").unwrap();
    assert_eq!(leaky, changed("kinked", "", "").unwrap());
}

#[test]
fn damaged_files() {
    assert!(matches!(Model::of_keras(b"no zip").unwrap_err(), Error::Zip(_)));
    let bytes = fs::read(models().join("digits.keras")).unwrap();
    for len in (0..bytes.len()).step_by(997) {
        assert!(Model::of_keras(&bytes[..len]).is_err(), "{len}");
    }
}

/// The error that a file of `tests/cases` has.
fn case(name: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/");
    Model::of_keras(&fs::read(format!("{path}{name}.keras")).unwrap()).unwrap_err().to_string()
}

#[test]
fn nets_that_were_read_as_others() {
    assert_eq!(case("flatten_first"), "flatten: data_format = \"channels_first\" is not supported");
    let custom = "dense_6: Dense, registered as \"mine>Dense\" of the module null, is not supported";
    assert_eq!(case("custom_dense"), custom);
    let outputs = "the model: output_layers = [[\"hidden\",0,0],[\"last\",0,0]] is not supported";
    assert_eq!(case("two_outputs"), outputs);
    assert_eq!(case("nan_weight"), "dense_89: a number of `w` is not finite");
}

/// A configuration with one thing changed, for each of its layers.
fn for_each_layer(model: &str, change: impl Fn(&mut Value) -> Vec<String>) -> usize {
    let mut count = 0;
    for layer in 0.. {
        let mut messages = Vec::new();
        let mut end = false;
        let result = with_configuration(model, |text| {
            let mut json: Value = serde_json::from_str(&text).unwrap();
            match json["config"]["layers"].get_mut(layer) {
                Some(layer) => messages = change(layer),
                None => end = true,
            }
            json.to_string()
        });
        if end {
            result.unwrap();
            break;
        }
        let error = result.expect_err(model).to_string();
        assert!(messages.iter().all(|message| error.contains(message)), "{error} is not {messages:?}");
        count += 1;
    }
    count
}

/// All kinds of layers and options are in them.
const MODELS: [&str; 9] =
    ["digits", "normalised", "kinked", "images", "sequences", "transposed", "multiplied", "recurrent", "tokens"];

#[test]
fn options_that_are_not_known_are_refused() {
    for model in MODELS {
        let layers = for_each_layer(model, |layer| {
            layer["config"]["mystery"] = 7.into();
            vec![format!("{}: mystery = 7 is not supported", layer["config"]["name"].as_str().unwrap())]
        });
        assert!(layers > 3, "{model}");
    }
    refused("digits", "\"build_input_shape\"", "\"mystery\": 7, \"build_input_shape\"", "the model: mystery = 7");
}

#[test]
fn classes_of_others_are_refused() {
    for model in MODELS {
        for_each_layer(model, |layer| {
            layer["module"] = "mine".into();
            vec!["of the module \"mine\", is not supported".into()]
        });
        for_each_layer(model, |layer| {
            layer["registered_name"] = "mine>Layer".into();
            vec!["registered as \"mine>Layer\" of the module \"keras.layers\"".into()]
        });
    }
    refused(
        "digits",
        "\"module\": \"keras\", \"class_name\": \"Seq",
        "\"module\": \"mine\", \"class_name\": \"Seq",
        "the model: ",
    );
    let own = "{\"module\": \"builtins\", \"class_name\": \"function\", \"config\": \"relu\", \"registered_name\": \"function\"}";
    refused("digits", "\"relu\"", own, "dense: the activation {");
}

/// Options whose values change nothing in inference.
fn is_harmless(option: &str) -> bool {
    let training = ["_initializer", "_regularizer", "_constraint"].iter().any(|end| option.ends_with(end));
    training || matches!(option, "trainable" | "seed")
}

#[test]
fn each_option_is_harmless_or_read() {
    // Each option of each class once.
    let mut seen = HashSet::new();
    for model in MODELS {
        let path = models().join(format!("{model}.keras"));
        let unchanged = Model::of_keras(&fs::read(path).unwrap()).unwrap();
        let mut places = Vec::new();
        with_configuration(model, |text| {
            let json: Value = serde_json::from_str(&text).unwrap();
            for (layer, config) in json["config"]["layers"].as_array().unwrap().iter().enumerate() {
                let class = config["class_name"].as_str().unwrap();
                let keys = config["config"].as_object().unwrap().keys();
                let new = keys.filter(|key| seen.insert((class.to_owned(), key.to_string())));
                places.extend(new.map(|key| (layer, key.clone())));
            }
            text
        })
        .unwrap();
        for (layer, key) in places {
            let result = with_configuration(model, |text| {
                let mut json: Value = serde_json::from_str(&text).unwrap();
                json["config"]["layers"][layer]["config"][&key] = "strange".into();
                json.to_string()
            });
            match is_harmless(&key) {
                true => assert_eq!(result.unwrap(), unchanged, "{model}, layer {layer}, {key}"),
                // A `Sequential` has no other place where the name of a layer without weights stands.
                false if key == "name" => assert!(result.is_err() || result.unwrap() == unchanged),
                false => assert!(result.is_err(), "{model}, layer {layer}, {key}"),
            }
        }
    }
    assert!(seen.len() > 250, "{}", seen.len());
}

#[test]
fn calls_and_ends_of_a_graph() {
    refused("kinked", "\"kwargs\": {}", "\"kwargs\": {\"training\": true}", "pixels: a call with training = true");
    refused("kinked", "\"kwargs\": {}", "\"kwargs\": {\"mask\": 1}", "pixels: a call with mask = 1");
    let same = changed("kinked", "\"kwargs\": {}", "\"kwargs\": {\"mask\": null, \"training\": false}").unwrap();
    assert_eq!(same, changed("kinked", "", "").unwrap());
    refused("kinked", "[\"first\", 0, 0]", "[\"first\", 1, 0]", "norm: a graph that is neither a chain nor");
    let ends = "\"output_layers\": [\"classes\", 0, 0]";
    refused("kinked", ends, "\"output_layers\": [\"norm\", 0, 0]", "the model: output_layers = [\"norm\",0,0]");
    refused("kinked", ends, "\"output_layers\": []", "the model: output_layers = []");
    refused("kinked", "\"input_layers\": [\"keras", "\"input_layers\": [\"other", "the model: input_layers = ");
    refused("digits", "\"dense_1\"", "\"dense\"", "dense: two layers have this name");
    // Of old, a `Sequential` was a list; nothing else is.
    let listed = |class: &str| {
        with_configuration("digits", |text| {
            let mut json: Value = serde_json::from_str(&text).unwrap();
            json["config"] = json["config"]["layers"].take();
            json["class_name"] = class.into();
            json.to_string()
        })
    };
    assert_eq!(listed("Sequential").unwrap(), changed("digits", "", "").unwrap());
    assert_eq!(listed("Functional").unwrap_err().to_string(), "the model: no configuration");
}

#[test]
fn normalisation_without_a_dense_layer_is_a_layer() {
    // Instead of the folded one before a dense layer.
    let model = changed("normalised", "", "").unwrap();
    assert_eq!(model.layer_types()[0], "Dense<64, 16, Tanh>");
    let model = Model::of_h5(&fs::read(models().join("keras3.h5")).unwrap()).unwrap();
    assert_eq!(model.layer_types(), ["Rescale<64>", "Activate<Tanh>", "Dense<64, 12, Silu>", "Dense<12, 10, Softmax>"]);
}

/// A legacy file after a change of bytes, which are as many as before.
fn changed_legacy(name: &str, from: &str, to: &str) -> Result<Model, Error> {
    assert_eq!(from.len(), to.len());
    let mut bytes = fs::read(models().join(name)).unwrap();
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect(from);
    bytes[at..at + from.len()].copy_from_slice(to.as_bytes());
    Model::of_h5(&bytes)
}

/// The error that such a file has.
fn legacy(name: &str, from: &str, to: &str) -> String {
    changed_legacy(name, from, to).unwrap_err().to_string()
}

#[test]
fn hard_sigmoid_of_keras_2_is_another_function() {
    const MESSAGE: &str = "hard_sigmoid of Keras 2, which is 0.2·x + 0.5 and not x / 6 + 0.5, is not supported";
    let from = r#""units": 16, "activation": "linear", "use_bias": true, "#;
    let to = r#""units":16,"activation":"hard_sigmoid","use_bias":true,"#;
    assert_eq!(legacy("keras2.h5", from, to), format!("dense: {MESSAGE}"));
    let from = r#""units": 10, "activation": "softmax", "use_bias": true, "#;
    let to = r#""units":10,"activation":"hard_sigmoid","use_bias":true, "#;
    let model = changed_legacy("keras3.h5", from, to).unwrap();
    assert_eq!(model.layer_types()[3], "Dense<12, 10, HardSigmoid>");

    let with_version =
        |version: &str| with_parts("kinked", |text| text, &format!("{{\"keras_version\": \"{version}\"}}"));
    assert!(with_version("2.15.0").unwrap_err().to_string().ends_with(MESSAGE));
    assert_eq!(with_version("3.0.0").unwrap(), changed("kinked", "", "").unwrap());
}

#[test]
fn legacy_files() {
    let model = Model::of_h5(&fs::read(models().join("keras2.h5")).unwrap()).unwrap();
    assert_eq!(model.types(), "Dense<64, 16, LeakyRelu<30>>, Dropout<10>, LayerNorm<16>, Dense<16, 10, Softmax>");
    assert_eq!(
        legacy("keras2.h5", "\"class_name\": \"Dropout\"", "\"class_name\": \"Conv1D_\""),
        "dropout: a Conv1D_ layer is not supported"
    );
    assert_eq!(
        legacy("keras2.h5", "\"class_name\": \"Dense\"", "\"class_name\": \"m>ine\""),
        "dense: a m>ine layer is not supported"
    );
    assert!(legacy("keras2.h5", "dense/kernel:0", "dense/kernal:0").contains("kernal"));
    assert!(legacy("keras2.h5", "model_config", "model_kernel").contains("save the whole model, best as .keras"));
    assert!(Model::of_h5(b"no HDF5").unwrap_err().to_string().starts_with("HDF5: "));
    let bytes = fs::read(models().join("keras2.h5")).unwrap();
    for len in (0..bytes.len()).step_by(499) {
        // The last bytes of a file are room that nothing uses.
        assert!(Model::of_h5(&bytes[..len]).map_or(true, |read| len > 23_000 && read == model), "{len}");
    }
}

//! Keras' layers as baregrad's.

use super::config::{LayerConfig, layer_class, layers, sample_shape};
use super::folding::Statistics;
use super::options::Options;
use super::weights::Weights;
use crate::activation::Activation;
use crate::builder::{Builder, Padded};
use crate::error::{Error, Refused, nearest};
use crate::graph::Step;
use crate::layer::{Layer, Merge, Resizing, Statistic, numbers, padding};
use crate::model::Model;
use baregrad::tensor::same;
use serde_json::Value;

/// What has been read so far.
struct Reader {
    weights: Weights,
    builder: Builder,
    /// A `Normalization` that waits for what is behind it.
    pending: Option<Statistics>,
}

/// What a layer does to the net, once its options are known to be supported.
type Act<'a> = Box<dyn FnOnce(&mut Reader) -> Result<(), Error> + 'a>;

/// The model of a configuration, from a file of so many bytes.
pub(super) fn model(json: &Value, weights: Weights, is_new: bool, file: usize) -> Result<Model, Error> {
    let (layers, way) = layers(json)?;
    let mut refused = Refused::default();
    let mut steps = match way {
        Ok(steps) => steps,
        Err(error) => {
            refused.note(Err(error))?;
            // Each layer is still looked at.
            let merges = |place: &usize| matches!(layers[*place].class, "Add" | "Concatenate");
            (1..layers.len()).filter(|place| !merges(place)).map(Step::Node).collect()
        }
    };
    let first = &layers[0];
    let shape = match first.class {
        "InputLayer" => input(first)?,
        // Of old, the first layer says it.
        _ => {
            steps.insert(0, Step::Node(0));
            let places = [
                &first.config["batch_input_shape"],
                &json["build_config"]["input_shape"],
                &json["config"]["build_input_shape"],
            ];
            places.into_iter().find(|shape| !shape.is_null()).unwrap_or(&Value::Null)
        }
    };
    let shape = sample_shape(first.name, shape)?;
    numbers(&shape).ok_or_else(|| Error::unsupported(first.name, format!("an input of shape {shape:?}")))?;
    let mut reader = Reader { weights, builder: Builder::new(shape, file), pending: None };
    for step in steps {
        let act: Result<Act<'_>, Error> = match step {
            Step::Node(place) => layer(&layers[place], is_new),
            Step::Open { node, residual } => open(&layers[node], residual),
            Step::And => Ok(Box::new(|reader| reader.mark("", Layer::And))),
            Step::Close(node) => Ok(Box::new({
                let name = layers[node].name;
                move |reader| reader.settle().and_then(|()| reader.builder.close(name))
            })),
        };
        // Behind what is not supported, options are read, but shapes are not known.
        refused.note(act.and_then(|act| if refused.is_empty() { act(&mut reader) } else { Ok(()) }))?;
    }
    refused.end()?;
    reader.settle()?;
    reader.builder.finish()
}

/// The shape that an `InputLayer` states.
fn input<'a>(layer: &LayerConfig<'a>) -> Result<&'a Value, Error> {
    let mut options = Options::of(layer.name, layer.config)?;
    options.only("sparse", false)?;
    options.only("ragged", false)?;
    options.only("optional", false)?;
    let shape = options.take("batch_shape").or(options.take("batch_input_shape"));
    options.ignore(&["batch_input_shape"]);
    options.end()?;
    shape.ok_or_else(|| Error::malformed(layer.name, "no shape of the input"))
}

/// The beginning of the branches that a layer merges.
fn open<'a>(layer: &'a LayerConfig<'a>, residual: bool) -> Result<Act<'a>, Error> {
    let LayerConfig { class, name, config, .. } = *layer;
    let mut options = Options::of(name, config)?;
    let merge = match (class, residual) {
        ("Add", true) => Merge::Residual,
        ("Add", false) => Merge::Sum,
        ("Concatenate", false) => {
            options.last_axis()?;
            Merge::Concat
        }
        _ => {
            return Err(Error::unsupported(name, format!("a {class} of two branches"))
                .instead("Add, or Concatenate of two layers' outputs"));
        }
    };
    options.end()?;
    Ok(Box::new(move |reader| reader.mark(name, Layer::Open(merge))))
}

/// Reads the options of a layer. Sequences and images have their layers by the number of axes with places.
fn layer<'a>(layer: &'a LayerConfig<'a>, is_new: bool) -> Result<Act<'a>, Error> {
    let LayerConfig { class, name, config, .. } = *layer;
    let mut options = Options::of(name, config)?;
    options.ignore(&["batch_input_shape", "activity_regularizer"]);
    let (stem, axes) = match (class.strip_suffix("1D"), class.strip_suffix("2D")) {
        (Some(stem), _) => (stem, 1),
        (_, Some(stem)) => (stem, 2),
        _ => (class, 0),
    };
    if axes > 0 {
        options.only("data_format", "channels_last").map_err(|error| error.instead("channels_last"))?;
    }
    let act: Act<'a> = match stem {
        "Flatten" => {
            options.only("data_format", "channels_last")?;
            Box::new(move |reader| reader.builder.reshape(name, &[reader.builder.outputs()]))
        }
        "Reshape" => {
            let shape = options.take("target_shape").unwrap_or(&Value::Null);
            let lengths: Option<Vec<i64>> = shape.as_array().and_then(|all| all.iter().map(Value::as_i64).collect());
            let lengths = lengths.ok_or_else(|| options.refused("target_shape", shape))?;
            Box::new(move |reader| {
                let shaped = crate::model::reshaped(reader.builder.outputs(), &lengths);
                let wrong = || Error::unsupported(name, format!("target_shape = {lengths:?}"));
                reader.builder.reshape(name, &shaped.ok_or_else(wrong)?)
            })
        }
        "Dense" => dense(layer, &mut options, is_new)?,
        "Conv" | "DepthwiseConv" | "SeparableConv" if axes > 0 => conv(layer, axes, &mut options, is_new)?,
        "MaxPooling" | "AveragePooling" if axes > 0 => {
            let of = if stem == "MaxPooling" { Statistic::Max } else { Statistic::Average };
            let window = options.sizes("pool_size", axes)?;
            let stride = match options.is_null("strides") {
                true => window.clone(),
                false => options.sizes("strides", axes)?,
            };
            let padding = Padding::of(&mut options, false)?;
            Box::new(move |reader| {
                reader.has_axes(layer, axes)?;
                let around = padding.around(reader.builder.shape(), &window, &stride);
                reader.builder.pool(name, of, [window, stride], &around, false)
            })
        }
        "GlobalMaxPooling" | "GlobalAveragePooling" if axes > 0 => {
            let of = if stem == "GlobalMaxPooling" { Statistic::Max } else { Statistic::Average };
            options.only("keepdims", false)?;
            Box::new(move |reader| {
                reader.has_axes(layer, axes)?;
                reader.builder.push(name, Layer::GlobalPool(of))
            })
        }
        "ZeroPadding" | "Cropping" if axes > 0 => {
            let (by, key) = match stem {
                "Cropping" => (Resizing::Cropping, "cropping"),
                _ => (Resizing::ZeroPadding, "padding"),
            };
            let around = options.around(key, axes)?;
            Box::new(move |reader| {
                reader.has_axes(layer, axes)?;
                reader.builder.resize(name, by, &around)
            })
        }
        "UpSampling" if axes > 0 => {
            let times = options.sizes("size", axes)?;
            options.only("interpolation", "nearest").map_err(|error| error.instead("nearest"))?;
            Box::new(move |reader| {
                reader.has_axes(layer, axes)?;
                reader.builder.up_sample(name, &times)
            })
        }
        "Dropout" | "SpatialDropout" => {
            options.ignore(&["seed"]);
            options.unset(&["noise_shape"])?;
            let rate = options.take("rate").unwrap_or(&Value::Null);
            let known = rate.as_f64().filter(|rate| (0.0..0.995).contains(rate));
            let percent = (known.ok_or_else(|| options.refused("rate", rate))? * 100.0).round() as u32;
            Box::new(move |reader| match axes {
                0 => reader.builder.push(name, Layer::Dropout(percent)),
                _ => {
                    reader.has_axes(layer, axes)?;
                    reader.builder.push(name, Layer::SpatialDropout(percent))
                }
            })
        }
        "BatchNormalization" => {
            // What only training needs.
            options.ignore(&["moving_mean_initializer", "moving_variance_initializer"]);
            options.number("momentum", 0.99)?;
            options.flag("synchronized", false)?;
            norm(layer, &mut options)?
        }
        "LayerNormalization" => {
            options.only("rms_scaling", false)?;
            norm(layer, &mut options)?
        }
        "Normalization" => {
            options.last_axis()?;
            options.unset(&["mean", "variance"])?;
            options.only("invert", false)?;
            Box::new(move |reader| {
                reader.has_axes(layer, 0)?;
                let size = reader.builder.outputs();
                let mut variables = reader.weights.of(class, layer.number, name)?;
                let (mean, variance) = (variables.take("mean", &[size])?, variables.take("variance", &[size])?);
                reader.pending = Some(Statistics::new(name, &mean, &variance)?);
                Ok(())
            })
        }
        "Activation" => {
            let activation = activation_option(name, &mut options, is_new)?;
            Box::new(move |reader| reader.builder.activate(name, activation))
        }
        _ => {
            let activation = activation_layer(name, class, &mut options)?;
            Box::new(move |reader| reader.builder.activate(name, activation))
        }
    };
    options.end()?;
    let folds = class == "Dense";
    Ok(Box::new(move |reader| {
        if !folds {
            reader.settle()?;
        }
        act(reader)
    }))
}

/// Keras' `padding`.
#[derive(Clone, Copy)]
enum Padding {
    Valid,
    Same,
    Causal,
}

impl Padding {
    fn of(options: &mut Options<'_>, may_be_causal: bool) -> Result<Self, Error> {
        let padding = options.take("padding").unwrap_or(&Value::Null);
        match padding.as_str() {
            Some("valid") => Ok(Padding::Valid),
            Some("same") => Ok(Padding::Same),
            Some("causal") if may_be_causal => Ok(Padding::Causal),
            _ => Err(options.refused("padding", padding)),
        }
    }

    /// Places before and after each axis of a sample, for windows that cover so many places.
    fn around(self, shape: &[usize], windows: &[usize], strides: &[usize]) -> Vec<(usize, usize)> {
        let axes = shape.iter().zip(windows).zip(strides);
        axes.map(|((length, window), stride)| match self {
            Padding::Same if *stride > 0 => padding(*length, same(*length, *stride), *window, *stride),
            Padding::Causal => (window.saturating_sub(1), 0),
            _ => (0, 0),
        })
        .collect()
    }
}

/// A variable that a layer may have: its name and shape, and the number that stands for all of it otherwise.
struct Variable<'a> {
    name: &'a str,
    shape: Vec<usize>,
    otherwise: Option<f32>,
}

/// A variable that is there.
fn needed(name: &str, shape: Vec<usize>) -> Variable<'_> {
    Variable { name, shape, otherwise: None }
}

/// A row that is there if an option says so.
fn optional(has: bool, name: &str, size: usize, otherwise: f32) -> Variable<'_> {
    Variable { name, shape: vec![size], otherwise: (!has).then_some(otherwise) }
}

impl Reader {
    /// Puts a mark behind the layers.
    fn mark(&mut self, name: &str, mark: Layer) -> Result<(), Error> {
        self.settle()?;
        self.builder.push(name, mark)
    }

    /// Makes a waiting `Normalization` a layer.
    fn settle(&mut self) -> Result<(), Error> {
        match self.pending.take() {
            Some(statistics) => self.builder.push(&statistics.name, statistics.layer()),
            None => Ok(()),
        }
    }

    /// Whether a sample has so many axes of places. A row has none.
    fn has_axes(&self, layer: &LayerConfig<'_>, axes: usize) -> Result<(), Error> {
        let shape = self.builder.shape();
        match shape.len() == axes + 1 {
            true => Ok(()),
            false => Err(Error::unsupported(layer.name, format!("a {} on samples of shape {shape:?}", layer.class))),
        }
    }

    /// All variables of a layer.
    fn variables<const N: usize>(
        &mut self,
        layer: &LayerConfig<'_>,
        all: [Variable<'_>; N],
    ) -> Result<[Vec<f32>; N], Error> {
        let mut variables = self.weights.of(layer.class, layer.number, layer.name)?;
        let mut read = [const { Vec::new() }; N];
        for (values, Variable { name, shape, otherwise }) in read.iter_mut().zip(all) {
            *values = match otherwise {
                None => variables.take(name, &shape)?,
                Some(value) => self.builder.fill(layer.name, value, shape.first().copied())?,
            };
        }
        variables.end()?;
        Ok(read)
    }
}

fn dense<'a>(layer: &'a LayerConfig<'a>, options: &mut Options<'_>, is_new: bool) -> Result<Act<'a>, Error> {
    options.unset(&["quantization_mode", "quantization_config", "lora_rank", "lora_alpha"])?;
    trained(options, &["kernel", "bias"]);
    let name = layer.name;
    let outputs = options.size("units").map_err(|_| Error::malformed(name, "no number of units"))?;
    let activation = activation_option(name, options, is_new)?;
    let has_bias = options.flag("use_bias", true)?;
    Ok(Box::new(move |reader| {
        let inputs = reader.builder.shape().last().copied().unwrap_or_default();
        let variables = [needed("kernel", vec![inputs, outputs]), optional(has_bias, "bias", outputs, 0.0)];
        let [mut w, mut b] = reader.variables(layer, variables)?;
        match reader.pending.take_if(|statistics| statistics.can_fold()) {
            Some(statistics) => statistics.fold(&mut w, &mut b),
            None => reader.settle()?,
        }
        reader.builder.dense(name, outputs, activation, w, b)
    }))
}

/// `Conv1D` and the like, and `SeparableConv1D` and 2D, which are two layers.
fn conv<'a>(
    layer: &'a LayerConfig<'a>,
    axes: usize,
    options: &mut Options<'_>,
    is_new: bool,
) -> Result<Act<'a>, Error> {
    let LayerConfig { class, name, .. } = *layer;
    let (depthwise, separable) = (class.starts_with("Depthwise"), class.starts_with("Separable"));
    trained(options, &["kernel", "bias", "depthwise", "pointwise"]);
    let filters = if depthwise { None } else { Some(options.size("filters")?) };
    let kernel = options.sizes("kernel_size", axes)?;
    let (stride, dilation) = (options.same("strides", axes)?, options.same("dilation_rate", axes)?);
    if depthwise || separable {
        options.only("depth_multiplier", 1).map_err(|error| error.instead("depth_multiplier = 1"))?;
        options.only("groups", 1)?;
    }
    let groups = if options.has("groups") { options.size("groups")? } else { 1 };
    let padding = Padding::of(options, axes == 1 && (!depthwise || is_new))?;
    let activation = activation_option(name, options, is_new)?;
    let has_bias = options.flag("use_bias", true)?;
    Ok(Box::new(move |reader| {
        reader.has_axes(layer, axes)?;
        let shape = reader.builder.shape().to_vec();
        let (channels, outputs) = (shape[axes], filters.unwrap_or(shape[axes]));
        let each = depthwise || (groups > 1 && [channels, outputs] == [groups; 2]);
        if groups > 1 && !each {
            let error = Error::unsupported(name, format!("groups = {groups} of {channels} channels to {outputs}"));
            return Err(error.instead("groups = 1, or as many groups and filters as channels"));
        }
        let windows: Vec<usize> =
            kernel.iter().map(|taps| taps.saturating_sub(1).saturating_mul(dilation).saturating_add(1)).collect();
        let padding = padding.around(&shape, &windows, &vec![stride; axes]);
        let of = |more: &[usize]| [kernel.as_slice(), more].concat();
        let bias = optional(has_bias, "bias", outputs, 0.0);
        if separable {
            let single = [vec![1; axes], vec![channels, outputs]].concat();
            let filters = needed("depthwise_kernel", of(&[channels, 1]));
            let [first, w, b] = reader.variables(layer, [filters, needed("pointwise_kernel", single), bias])?;
            let zeros = reader.builder.fill(name, 0.0, Some(channels))?;
            let linear = Activation::Linear;
            let filters =
                Padded { depthwise: true, kernel, stride, dilation, padding, activation: linear, w: first, b: zeros };
            reader.builder.conv(name, filters)?;
            return reader.builder.dense(name, outputs, activation, w, b);
        }
        let shape = match (depthwise, each) {
            (true, _) => of(&[channels, 1]),
            (_, true) => of(&[1, outputs]),
            _ => of(&[channels, outputs]),
        };
        let [w, b] = reader.variables(layer, [needed("kernel", shape), bias])?;
        reader.builder.conv(name, Padded { depthwise: each, kernel, stride, dilation, padding, activation, w, b })
    }))
}

/// `BatchNormalization` and `LayerNormalization`.
fn norm<'a>(layer: &'a LayerConfig<'a>, options: &mut Options<'_>) -> Result<Act<'a>, Error> {
    let is_batch = layer.class == "BatchNormalization";
    trained(options, &["beta", "gamma"]);
    let (scale, center) = (options.flag("scale", true)?, options.flag("center", true)?);
    let epsilon = options.number("epsilon", 1e-3)? as f32;
    let axis = options.axis()?;
    Ok(Box::new(move |reader| {
        let axes = reader.builder.shape().len();
        if !is_batch {
            reader.has_axes(layer, 0)?;
        }
        if axis != -1 && usize::try_from(axis) != Ok(axes) {
            let error = Error::unsupported(
                layer.name,
                format!("axis = {axis} of samples of shape {:?}", reader.builder.shape()),
            );
            return Err(error.instead("the last axis, that of the channels"));
        }
        let size = reader.builder.shape().last().copied().unwrap_or_default();
        let rows = [optional(scale, "gamma", size, 1.0), optional(center, "beta", size, 0.0)];
        if !is_batch {
            let [gamma, beta] = reader.variables(layer, rows)?;
            return reader.builder.push(layer.name, Layer::LayerNorm { epsilon, gamma, beta });
        }
        let [gamma, beta] = rows;
        let moving = [needed("moving_mean", vec![size]), needed("moving_variance", vec![size])];
        let [mean, variance] = moving;
        let [gamma, beta, mean, variance] = reader.variables(layer, [gamma, beta, mean, variance])?;
        let activation = Activation::Linear;
        reader.builder.push(layer.name, Layer::BatchNorm { activation, epsilon, gamma, beta, mean, variance })
    }))
}

/// The option `activation`.
fn activation_option(name: &str, options: &mut Options<'_>, is_new: bool) -> Result<Activation, Error> {
    match activation(name, options.take("activation").unwrap_or(&Value::Null))? {
        Activation::HardSigmoid if !is_new => {
            Err(Error::unsupported(name, "hard_sigmoid of Keras 2, which is 0.2·x + 0.5 and not x / 6 + 0.5,"))
        }
        activation => Ok(activation),
    }
}

/// Takes what only training needs of these tensors.
fn trained(options: &mut Options<'_>, tensors: &[&str]) {
    for tensor in tensors {
        for option in ["initializer", "regularizer", "constraint"] {
            options.ignore(&[&format!("{tensor}_{option}")]);
        }
    }
}

/// An activation by its name, or a layer given as one.
fn activation(name: &str, json: &Value) -> Result<Activation, Error> {
    let unknown = || Error::unsupported(name, format!("the activation {json}"));
    let word = match json {
        Value::Null => return Ok(Activation::Linear),
        Value::String(word) => word.as_str(),
        // A function of Keras by its name. One of a user comes from another module.
        _ if json["class_name"] == "function" && json["module"] == "keras.activations" => {
            json["config"].as_str().ok_or_else(unknown)?
        }
        _ => {
            let class = layer_class(name, json).map_err(|_| unknown())?;
            let mut options = Options::of(name, &json["config"])?;
            let activation = activation_layer(name, class, &mut options)?;
            options.end()?;
            return Ok(activation);
        }
    };
    match word {
        "swish" => Ok(Activation::Silu),
        "hard_silu" => Ok(Activation::HardSwish),
        // Not Keras' names.
        "gelu_tanh" => Err(unknown()),
        _ => Activation::of_name(word).ok_or_else(unknown),
    }
}

/// Keras' activations that are layers.
fn activation_layer(name: &str, class: &str, options: &mut Options<'_>) -> Result<Activation, Error> {
    match class {
        "ReLU" => {
            options.unset(&["max_value"]).map_err(|error| error.instead("ReLU without a largest value"))?;
            options.only("negative_slope", 0.0)?;
            options.only("threshold", 0.0)?;
            Ok(Activation::Relu)
        }
        "LeakyReLU" => {
            // Keras 3 has renamed it.
            let key = if options.has("alpha") { "alpha" } else { "negative_slope" };
            let slope = options.number(key, 0.3)?;
            Activation::leaky_relu(slope).ok_or_else(|| options.refused(key, &slope.into()))
        }
        "ELU" => options.only("alpha", 1.0).map(|()| Activation::Elu),
        "Softmax" => {
            options.last_axis()?;
            Ok(Activation::Softmax)
        }
        _ => Err(Error::unsupported(name, format!("a {class} layer")).instead(nearest(class))),
    }
}

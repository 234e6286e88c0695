//! Keras' layers as baregrad's.

use super::activations::{activation_layer, activation_option};
use super::config::{LayerConfig, layers, sample_shape};
use super::folding::Statistics;
use super::options::Options;
use super::recurrent::{Mask, bidirectional, embedding, is_recurrent, masking, recurrent, time_distributed};
use super::weighted::{Padding, conv, dense, norm, transposed};
use super::weights::Weights;
use crate::activation::Activation;
use crate::builder::{Builder, Padded};
use crate::error::{Error, Refused};
use crate::graph::Step;
use crate::layer::{Layer, Merge, Resizing, Statistic, numbers};
use crate::model::Model;
use serde_json::Value;

/// What has been read so far.
pub(super) struct Reader {
    weights: Weights,
    pub builder: Builder,
    /// A `Normalization` that waits for what is behind it.
    pub pending: Option<Statistics>,
    /// Padding of the sequences by now.
    pub mask: Mask,
}

/// What a layer does to the net, once its options are known to be supported.
pub(super) type Act<'a> = Box<dyn FnOnce(&mut Reader) -> Result<(), Error> + 'a>;

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
        "InputLayer" => input(first, layers.get(1).is_some_and(|next| next.class == "Embedding"))?,
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
    let mut reader = Reader { weights, builder: Builder::new(shape, file), pending: None, mask: Mask::Without };
    for step in steps {
        let act: Result<Act<'_>, Error> = match step {
            Step::Node(place) => layer(&layers[place], is_new),
            Step::Open { node, residual } => open(&layers[node], residual),
            Step::And => Ok(Box::new(|reader| reader.mark("", Layer::And))),
            Step::Close(node) => close(&layers[node]),
        };
        // Behind what is not supported, options are read, but shapes are not known.
        refused.note(act.and_then(|act| if refused.is_empty() { act(&mut reader) } else { Ok(()) }))?;
    }
    refused.end()?;
    reader.settle()?;
    reader.end_mask()?;
    reader.builder.finish()
}

/// The shape that an `InputLayer` states.
fn input<'a>(layer: &LayerConfig<'a>, has_tokens: bool) -> Result<&'a Value, Error> {
    let mut options = match has_tokens {
        true => Options::of_tokens(layer.name, layer.config)?,
        false => Options::of(layer.name, layer.config)?,
    };
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
            // Which axis is the last one, the end of the block tells.
            options.axis()?;
            Merge::Concat
        }
        _ => {
            return Err(Error::unsupported(name, format!("a {class} of two branches"))
                .instead("Add, or Concatenate of two layers' outputs"));
        }
    };
    options.end()?;
    Ok(Box::new(move |reader| {
        reader.pass_mask(layer)?;
        reader.mark(name, Layer::Open(merge))
    }))
}

/// Their end.
fn close<'a>(layer: &'a LayerConfig<'a>) -> Result<Act<'a>, Error> {
    let axis = Options::of(layer.name, layer.config)?.axis()?;
    Ok(Box::new(move |reader| {
        reader.settle()?;
        reader.pass_mask(layer)?;
        reader.has_last_axis(layer, axis)?;
        reader.builder.close(layer.name)
    }))
}

/// Reads the options of a layer. Sequences and images have their layers by the number of axes with places.
fn layer<'a>(layer: &'a LayerConfig<'a>, is_new: bool) -> Result<Act<'a>, Error> {
    let LayerConfig { class, name, config, .. } = *layer;
    let mut options = Options::of(name, config)?;
    options.ignore(&["batch_input_shape", "activity_regularizer"]);
    let (stem, axes) = match (class.strip_suffix("1D"), class.strip_suffix("2D")) {
        (Some(stem), _) => (stem, 1),
        (_, Some(stem)) => (stem, 2),
        _ if class == "Conv1DTranspose" => ("ConvTranspose", 1),
        _ if class == "Conv2DTranspose" => ("ConvTranspose", 2),
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
        "Dense" => dense(layer, name, &[""], &mut options, is_new)?,
        "TimeDistributed" => time_distributed(layer, &mut options, is_new)?,
        "Bidirectional" => bidirectional(layer, &mut options, is_new)?,
        "Masking" => masking(layer, &mut options)?,
        "Embedding" => embedding(layer, &mut options)?,
        _ if is_recurrent(class) => recurrent(layer, &mut options, is_new)?,
        "Conv" | "DepthwiseConv" | "SeparableConv" if axes > 0 => conv(layer, axes, &mut options, is_new)?,
        "ConvTranspose" if axes > 0 => transposed(layer, axes, &mut options, is_new)?,
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
        "Rescaling" => {
            let (scale, offset) = (options.number("scale", 1.0)?, options.number("offset", 0.0)?);
            if scale == 0.0 {
                return Err(options.refused("scale", &scale.into()));
            }
            Box::new(move |reader| {
                let shape = reader.builder.shape();
                let (channels, axes) = (shape.last().copied(), shape.len().saturating_sub(1));
                let mut row = |value: f64| reader.builder.fill(name, value as f32, channels);
                match axes {
                    0 => {
                        let (offset, scale) = (row(-offset / scale)?, row(scale)?);
                        reader.builder.push(name, Layer::Rescale { offset, scale })
                    }
                    // A depthwise convolution of single places.
                    _ => {
                        let (w, b) = (row(scale)?, row(offset)?);
                        let (kernel, padding) = (vec![1; axes], vec![(0, 0); axes]);
                        let (stride, dilation, activation) = (1, 1, Activation::Linear);
                        let conv = Padded { depthwise: true, kernel, stride, dilation, padding, activation, w, b };
                        reader.builder.conv(name, conv)
                    }
                }
            })
        }
        "Normalization" => {
            options.last_axis()?;
            options.unset(&["mean", "variance"])?;
            options.only("invert", false)?;
            Box::new(move |reader| {
                reader.has_axes(layer, 0).map_err(|error| error.instead("BatchNormalization"))?;
                let size = reader.builder.outputs();
                let mut variables = reader.weights.of(class, layer.number, name, &[""])?;
                let (mean, variance) = (variables.take("mean", &[size])?, variables.take("variance", &[size])?);
                reader.pending = Some(Statistics::new(name, &mean, &variance)?);
                Ok(())
            })
        }
        "Softmax" => {
            let axis = options.axis()?;
            Box::new(move |reader| {
                reader.has_last_axis(layer, axis)?;
                reader.builder.activate(name, Activation::Softmax)
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
        reader.pass_mask(layer)?;
        act(reader)
    }))
}

/// A variable that a layer may have: its name and shape, and the number that stands for all of it otherwise.
pub(super) struct Variable<'a> {
    name: &'a str,
    shape: Vec<usize>,
    otherwise: Option<f32>,
}

/// A variable that is there.
pub(super) fn needed(name: &str, shape: Vec<usize>) -> Variable<'_> {
    Variable { name, shape, otherwise: None }
}

/// One that is there if an option says so.
pub(super) fn optional(has: bool, name: &str, shape: Vec<usize>, otherwise: f32) -> Variable<'_> {
    Variable { name, shape, otherwise: (!has).then_some(otherwise) }
}

impl Reader {
    /// Puts a mark behind the layers.
    fn mark(&mut self, name: &str, mark: Layer) -> Result<(), Error> {
        self.settle()?;
        self.builder.push(name, mark)
    }

    /// Makes a waiting `Normalization` a layer.
    pub fn settle(&mut self) -> Result<(), Error> {
        match self.pending.take() {
            Some(statistics) => self.builder.push(&statistics.name, statistics.layer()),
            None => Ok(()),
        }
    }

    /// Whether a sample has so many axes of places. A row has none.
    pub fn has_axes(&self, layer: &LayerConfig<'_>, axes: usize) -> Result<(), Error> {
        let shape = self.builder.shape();
        match shape.len() == axes + 1 {
            true => Ok(()),
            false => Err(Error::unsupported(layer.name, format!("a {} on samples of shape {shape:?}", layer.class))),
        }
    }

    /// Whether an axis is the last one of a sample, counted from 1, or from the end.
    pub fn has_last_axis(&self, layer: &LayerConfig<'_>, axis: i64) -> Result<(), Error> {
        let shape = self.builder.shape();
        if axis == -1 || usize::try_from(axis) == Ok(shape.len()) {
            return Ok(());
        }
        let error = Error::unsupported(layer.name, format!("axis = {axis} of samples of shape {shape:?}"));
        Err(error.instead("the last axis, that of the channels"))
    }

    /// All variables of a layer.
    pub fn variables<const N: usize>(
        &mut self,
        layer: &LayerConfig<'_>,
        all: [Variable<'_>; N],
    ) -> Result<[Vec<f32>; N], Error> {
        let mut read = self.variables_in(layer, &[""], all.into())?.into_iter();
        Ok([(); N].map(|()| read.next().unwrap_or_default()))
    }

    /// All variables that the parts of a layer have.
    pub fn variables_in(
        &mut self,
        layer: &LayerConfig<'_>,
        parts: &[&str],
        all: Vec<Variable<'_>>,
    ) -> Result<Vec<Vec<f32>>, Error> {
        let mut variables = self.weights.of(layer.class, layer.number, layer.name, parts)?;
        let mut read = Vec::new();
        for Variable { name, shape, otherwise } in all {
            read.push(match otherwise {
                None => variables.take(name, &shape)?,
                Some(value) => self.builder.fill(layer.name, value, numbers(&shape))?,
            });
        }
        variables.end()?;
        Ok(read)
    }
}

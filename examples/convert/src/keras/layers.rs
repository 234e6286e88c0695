//! Keras' layers as baregrad's.

use super::config::{LayerConfig, layer_class, layers, sample_shape};
use super::folding::Statistics;
use super::options::Options;
use super::weights::Weights;
use crate::activation::Activation;
use crate::builder::Builder;
use crate::error::Error;
use crate::model::{Layer, Model};
use serde_json::Value;

/// What has been read so far.
struct Reader {
    weights: Weights,
    builder: Builder,
    /// Lengths of a sample along each axis.
    shape: Vec<usize>,
    /// A `Normalization` that waits for what is behind it.
    pending: Option<Statistics>,
    /// Whether it is of Keras 3, or a newer one.
    is_new: bool,
}

/// The model of a configuration, from a file of so many bytes.
pub(super) fn model(json: &Value, weights: Weights, is_new: bool, file: usize) -> Result<Model, Error> {
    let layers = layers(json)?;
    let first = layers.first().ok_or_else(|| Error::malformed("the model", "no layers"))?;
    let (shape, rest) = match first.class {
        "InputLayer" => (input(first)?, &layers[1..]),
        // Of old, the first layer says it.
        _ => (
            [
                &first.config["batch_input_shape"],
                &json["build_config"]["input_shape"],
                &json["config"]["build_input_shape"],
            ]
            .into_iter()
            .find(|shape| !shape.is_null())
            .unwrap_or(&Value::Null),
            &layers[..],
        ),
    };
    let shape = sample_shape(first.name, shape)?;
    let inputs = shape.iter().try_fold(1_usize, |size, length| size.checked_mul(*length));
    let inputs = inputs.ok_or_else(|| Error::unsupported(first.name, format!("an input of shape {shape:?}")))?;
    let mut reader = Reader { weights, builder: Builder::new(inputs, file), shape, pending: None, is_new };
    for layer in rest {
        reader.layer(layer)?;
    }
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

impl Reader {
    fn layer(&mut self, layer: &LayerConfig<'_>) -> Result<(), Error> {
        let LayerConfig { class, name, config, .. } = *layer;
        let mut options = Options::of(name, config)?;
        options.ignore(&["batch_input_shape", "activity_regularizer"]);
        if class != "Dense" {
            self.settle()?;
        }
        match class {
            "Flatten" => {
                options.only("data_format", "channels_last")?;
                self.shape = vec![self.builder.outputs()];
            }
            "Reshape" => self.shape = self.reshaped(&mut options)?,
            _ if self.shape.len() != 1 => {
                return Err(Error::unsupported(name, format!("a {class} on samples of shape {:?}", self.shape)));
            }
            "Dense" => self.dense(name, &mut options)?,
            "LayerNormalization" => self.layer_norm(name, &mut options)?,
            "Normalization" => self.normalization(name, &mut options)?,
            "Dropout" => {
                options.ignore(&["seed"]);
                options.unset(&["noise_shape"])?;
                let rate = options.take("rate").unwrap_or(&Value::Null);
                let known = rate.as_f64().filter(|rate| (0.0..0.995).contains(rate));
                let percent = known.ok_or_else(|| options.refused("rate", rate))? * 100.0;
                self.builder.push(name, Layer::Dropout(percent.round() as u32))?;
            }
            "Activation" => {
                let activation = self.activation(name, &mut options)?;
                self.builder.activate(name, activation)?;
            }
            _ => self.builder.activate(name, activation_layer(name, class, &mut options)?)?,
        }
        options.end()
    }

    /// Makes a waiting `Normalization` a layer.
    fn settle(&mut self) -> Result<(), Error> {
        match self.pending.take() {
            Some(statistics) => self.builder.push(&statistics.name, statistics.layer()),
            None => Ok(()),
        }
    }

    fn dense(&mut self, name: &str, options: &mut Options<'_>) -> Result<(), Error> {
        options.unset(&["quantization_mode", "quantization_config", "lora_rank", "lora_alpha"])?;
        trained(options, &["kernel", "bias"]);
        let inputs = self.builder.outputs();
        let units = options.take("units").and_then(Value::as_u64).and_then(|units| usize::try_from(units).ok());
        let outputs = units.ok_or_else(|| Error::malformed(name, "no number of units"))?;
        let activation = self.activation(name, options)?;
        let has_bias = options.flag("use_bias", true)?;
        let mut variables = self.weights.next("Dense", name)?;
        let mut w = variables.take("kernel", &[inputs, outputs])?;
        let mut b = match has_bias {
            true => variables.take("bias", &[outputs])?,
            false => self.builder.fill(name, 0.0, Some(outputs))?,
        };
        variables.end()?;
        match self.pending.take_if(|statistics| statistics.can_fold()) {
            Some(statistics) => statistics.fold(&mut w, &mut b),
            None => self.settle()?,
        }
        self.shape = vec![outputs];
        self.builder.push(name, Layer::Dense { inputs, outputs, activation, w, b })
    }

    /// The option `activation`.
    fn activation(&self, name: &str, options: &mut Options<'_>) -> Result<Activation, Error> {
        match activation(name, options.take("activation").unwrap_or(&Value::Null))? {
            Activation::HardSigmoid if !self.is_new => {
                Err(Error::unsupported(name, "hard_sigmoid of Keras 2, which is 0.2·x + 0.5 and not x / 6 + 0.5,"))
            }
            activation => Ok(activation),
        }
    }

    fn layer_norm(&mut self, name: &str, options: &mut Options<'_>) -> Result<(), Error> {
        options.last_axis()?;
        options.only("rms_scaling", false)?;
        trained(options, &["beta", "gamma"]);
        let (scale, center) = (options.flag("scale", true)?, options.flag("center", true)?);
        let size = self.builder.outputs();
        let mut variables = self.weights.next("LayerNormalization", name)?;
        let gamma = match scale {
            true => variables.take("gamma", &[size])?,
            false => self.builder.fill(name, 1.0, Some(size))?,
        };
        let beta = match center {
            true => variables.take("beta", &[size])?,
            false => self.builder.fill(name, 0.0, Some(size))?,
        };
        variables.end()?;
        let epsilon = options.number("epsilon", 1e-3)? as f32;
        self.builder.push(name, Layer::LayerNorm { epsilon, gamma, beta })
    }

    fn normalization(&mut self, name: &str, options: &mut Options<'_>) -> Result<(), Error> {
        options.last_axis()?;
        options.unset(&["mean", "variance"])?;
        options.only("invert", false)?;
        let size = self.builder.outputs();
        let mut variables = self.weights.next("Normalization", name)?;
        let (mean, variance) = (variables.take("mean", &[size])?, variables.take("variance", &[size])?);
        self.pending = Some(Statistics::new(name, &mean, &variance)?);
        Ok(())
    }

    fn reshaped(&self, options: &mut Options<'_>) -> Result<Vec<usize>, Error> {
        let shape = options.take("target_shape").unwrap_or(&Value::Null);
        let lengths: Option<Vec<i64>> = shape.as_array().and_then(|all| all.iter().map(Value::as_i64).collect());
        let shaped = lengths.and_then(|lengths| crate::model::reshaped(self.builder.outputs(), &lengths));
        shaped.ok_or_else(|| options.refused("target_shape", shape))
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
            options.unset(&["max_value"])?;
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
        "Softmax" => options.last_axis().map(|()| Activation::Softmax),
        _ => Err(Error::unsupported(name, format!("a {class} layer"))),
    }
}

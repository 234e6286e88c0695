//! Keras' layers as baregrad's.

use super::config::{LayerConfig, layers, sample_shape};
use super::folding::Statistics;
use super::weights::Weights;
use crate::activation::Activation;
use crate::error::Error;
use crate::model::{Layer, Model, Room};
use serde_json::Value;

/// What has been read so far.
struct Reader {
    weights: Weights,
    room: Room,
    model: Model,
    /// Lengths of a sample along each axis.
    shape: Vec<usize>,
    /// A `Normalization` that waits for the `Dense` to be folded into.
    pending: Option<Statistics>,
}

pub(super) fn model(json: &Value, weights: Weights, room: Room) -> Result<Model, Error> {
    let layers = layers(json)?;
    let shape = match layers.first() {
        Some(first) if first.class == "InputLayer" => {
            let shape = &first.config["batch_shape"];
            sample_shape(first.name, if shape.is_null() { &first.config["batch_input_shape"] } else { shape })?
        }
        _ => sample_shape("the model", &json["build_config"]["input_shape"])?,
    };
    let inputs =
        size_of(&shape).ok_or_else(|| Error::unsupported("the model", format!("an input of shape {shape:?}")))?;
    let mut reader = Reader { weights, room, model: Model::new(inputs), shape, pending: None };
    let from = usize::from(layers.first().is_some_and(|first| first.class == "InputLayer"));
    for layer in &layers[from..] {
        reader.layer(layer)?;
    }
    match reader.pending {
        Some(statistics) => Err(Error::unsupported(statistics.name, "a Normalization with no Dense behind it")),
        None => Ok(reader.model),
    }
}

fn size_of(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |size, length| size.checked_mul(*length))
}

impl Reader {
    fn layer(&mut self, layer: &LayerConfig<'_>) -> Result<(), Error> {
        let LayerConfig { class, name, config, .. } = *layer;
        match class {
            "Flatten" => self.shape = vec![self.model.outputs()],
            "Reshape" => self.shape = self.reshaped(layer)?,
            _ if self.shape.len() != 1 => {
                return Err(Error::unsupported(name, format!("a {class} on samples of shape {:?}", self.shape)));
            }
            "Dense" => self.dense(name, config)?,
            "LayerNormalization" => self.layer_norm(name, config)?,
            "Normalization" => self.normalization(name, config)?,
            "Dropout" => {
                let rate = config["rate"].as_f64().filter(|rate| (0.0..0.995).contains(rate));
                let rate = rate.ok_or_else(|| Error::unsupported(name, format!("the rate {}", config["rate"])))?;
                self.push(name, Layer::Dropout((rate * 100.0).round() as u32))?;
            }
            "Activation" => self.push(name, Layer::Activate(activation(name, &config["activation"])?))?,
            _ => self.push(name, Layer::Activate(activation_layer(name, class, config)?))?,
        }
        Ok(())
    }

    fn push(&mut self, name: &str, layer: Layer) -> Result<(), Error> {
        if let Some(statistics) = &self.pending {
            return Err(Error::unsupported(
                &statistics.name,
                format!("a Normalization that {name} follows, not a Dense,"),
            ));
        }
        self.model.push(name, layer)
    }

    fn dense(&mut self, name: &str, config: &Value) -> Result<(), Error> {
        for option in ["quantization_mode", "lora_rank"] {
            if !config[option].is_null() {
                return Err(Error::unsupported(name, format!("{option} = {}", config[option])));
            }
        }
        let inputs = self.model.outputs();
        let units = config["units"].as_u64().and_then(|units| usize::try_from(units).ok());
        let outputs = units.ok_or_else(|| Error::malformed(name, "no number of units"))?;
        let mut variables = self.weights.next("Dense", name)?;
        let mut w = variables.take("kernel", &[inputs, outputs])?;
        let mut b = match flag(config, "use_bias", true) {
            true => variables.take("bias", &[outputs])?,
            false => self.room.fill(name, 0.0, Some(outputs))?,
        };
        variables.end()?;
        if let Some(statistics) = self.pending.take() {
            statistics.fold(&mut w, &mut b)?;
        }
        let activation = activation(name, &config["activation"])?;
        self.shape = vec![outputs];
        self.push(name, Layer::Dense { inputs, outputs, activation, w, b })
    }

    fn layer_norm(&mut self, name: &str, config: &Value) -> Result<(), Error> {
        axis(name, config)?;
        if flag(config, "rms_scaling", false) {
            return Err(Error::unsupported(name, "rms_scaling"));
        }
        let size = self.model.outputs();
        let mut variables = self.weights.next("LayerNormalization", name)?;
        let gamma = match flag(config, "scale", true) {
            true => variables.take("gamma", &[size])?,
            false => self.room.fill(name, 1.0, Some(size))?,
        };
        let beta = match flag(config, "center", true) {
            true => variables.take("beta", &[size])?,
            false => self.room.fill(name, 0.0, Some(size))?,
        };
        variables.end()?;
        let epsilon = config["epsilon"].as_f64().unwrap_or(1e-3) as f32;
        self.push(name, Layer::LayerNorm { epsilon, gamma, beta })
    }

    fn normalization(&mut self, name: &str, config: &Value) -> Result<(), Error> {
        axis(name, config)?;
        for option in ["mean", "variance"] {
            if !config[option].is_null() {
                return Err(Error::unsupported(name, format!("a given {option}")));
            }
        }
        if flag(config, "invert", false) || self.pending.is_some() {
            return Err(Error::unsupported(name, "an inverted or second Normalization"));
        }
        let size = self.model.outputs();
        let mut variables = self.weights.next("Normalization", name)?;
        let (mean, variance) = (variables.take("mean", &[size])?, variables.take("variance", &[size])?);
        self.pending = Some(Statistics { name: name.into(), mean, variance });
        Ok(())
    }

    fn reshaped(&self, layer: &LayerConfig<'_>) -> Result<Vec<usize>, Error> {
        let wrong = || Error::unsupported(layer.name, format!("a shape of {}", layer.config["target_shape"]));
        let lengths = layer.config["target_shape"].as_array().ok_or_else(wrong)?;
        let lengths: Vec<i64> = lengths.iter().map(Value::as_i64).collect::<Option<_>>().ok_or_else(wrong)?;
        crate::model::reshaped(self.model.outputs(), &lengths).ok_or_else(wrong)
    }
}

fn flag(config: &Value, option: &str, default: bool) -> bool {
    config[option].as_bool().unwrap_or(default)
}

/// Whether statistics are along the last axis, of a sample with but one.
fn axis(name: &str, config: &Value) -> Result<(), Error> {
    let axis = match &config["axis"] {
        Value::Array(all) if all.len() == 1 => &all[0],
        other => other,
    };
    match axis.as_i64() {
        Some(-1 | 1) => Ok(()),
        _ => Err(Error::unsupported(name, format!("the axis {axis}"))),
    }
}

/// An activation by its name, or a layer given as one.
fn activation(name: &str, json: &Value) -> Result<Activation, Error> {
    let unknown = || Error::unsupported(name, format!("the activation {json}"));
    let word = match json {
        Value::Null => return Ok(Activation::Linear),
        Value::String(word) => word.as_str(),
        other => match (other["class_name"].as_str(), other["config"].as_str()) {
            (Some("function"), Some(word)) => word,
            (Some(class), _) => return activation_layer(name, class, &other["config"]),
            _ => return Err(unknown()),
        },
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
fn activation_layer(name: &str, class: &str, config: &Value) -> Result<Activation, Error> {
    let other = |option: &str| Error::unsupported(name, format!("a {class} of {option} {}", config[option]));
    let zero = |option: &str| config[option].as_f64().unwrap_or(0.0) == 0.0;
    match class {
        "ReLU" => match (config["max_value"].is_null(), zero("negative_slope"), zero("threshold")) {
            (true, true, true) => Ok(Activation::Relu),
            (false, ..) => Err(other("max_value")),
            (_, false, _) => Err(other("negative_slope")),
            _ => Err(other("threshold")),
        },
        "LeakyReLU" => {
            let slope = if config["negative_slope"].is_null() { "alpha" } else { "negative_slope" };
            config[slope].as_f64().and_then(Activation::leaky_relu).ok_or_else(|| other(slope))
        }
        "ELU" if config["alpha"].as_f64().is_none_or(|alpha| alpha == 1.0) => Ok(Activation::Elu),
        "ELU" => Err(other("alpha")),
        "Softmax" if matches!(config["axis"].as_i64(), None | Some(-1 | 1)) => Ok(Activation::Softmax),
        "Softmax" => Err(other("axis")),
        _ => Err(Error::unsupported(name, format!("a {class} layer"))),
    }
}

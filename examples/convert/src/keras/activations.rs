//! Keras' activations, as options and as layers.

use super::config::layer_class;
use super::options::Options;
use crate::activation::Activation;
use crate::error::{Error, nearest};
use serde_json::Value;

/// The option `activation`.
pub(super) fn activation_option(name: &str, options: &mut Options<'_>, is_new: bool) -> Result<Activation, Error> {
    activation_of(name, "activation", options, is_new)
}

/// An option of another name that is an activation.
pub(super) fn activation_of(
    name: &str,
    key: &str,
    options: &mut Options<'_>,
    is_new: bool,
) -> Result<Activation, Error> {
    match activation(name, options.take(key).unwrap_or(&Value::Null))? {
        Activation::HardSigmoid if !is_new => {
            Err(Error::unsupported(name, "hard_sigmoid of Keras 2, which is 0.2·x + 0.5 and not x / 6 + 0.5,"))
        }
        activation => Ok(activation),
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
        _ => Activation::of_name(word).ok_or_else(|| unknown().instead(nearest(word))),
    }
}

/// Keras' activations that are layers.
pub(super) fn activation_layer(name: &str, class: &str, options: &mut Options<'_>) -> Result<Activation, Error> {
    match class {
        "ReLU" => {
            let bounded = !options.is_null("max_value");
            if bounded {
                options.only("max_value", 6.0).map_err(|error| error.instead("max_value = 6, or none"))?;
            }
            options.only("negative_slope", 0.0)?;
            options.only("threshold", 0.0)?;
            Ok(if bounded { Activation::Relu6 } else { Activation::Relu })
        }
        "LeakyReLU" => {
            // Keras 3 has renamed it.
            let key = if options.has("alpha") { "alpha" } else { "negative_slope" };
            let slope = options.number(key, 0.3)?;
            Activation::leaky_relu(slope).ok_or_else(|| options.refused(key, &slope.into()))
        }
        "ELU" => options.only("alpha", 1.0).map(|()| Activation::Elu),
        "Softmax" => options.only("axis", -1).map(|()| Activation::Softmax),
        _ => Err(Error::unsupported(name, format!("a {class} layer")).instead(nearest(class))),
    }
}

//! Operators that are activations.

use super::attributes::Attributes;
use super::proto::NodeProto;
use crate::activation::Activation;
use crate::error::{Error, nearest};

/// The activation that a node is.
pub(super) fn activation(node: &NodeProto, attributes: &mut Attributes<'_>) -> Result<Activation, Error> {
    Ok(match node.op_type.as_str() {
        "Relu" => Activation::Relu,
        "LeakyRelu" => {
            let alpha = attributes.float("alpha", 0.01)?;
            let what = || Error::unsupported(node.at(), format!("alpha = {alpha}, no whole number of hundredths,"));
            Activation::leaky_relu(f64::from(alpha)).ok_or_else(what)?
        }
        "Elu" => {
            attributes.only("alpha", 1.0, 1.0)?;
            Activation::Elu
        }
        "Selu" => {
            attributes.only("alpha", 1.673_263_2, 1.673_263_2)?;
            attributes.only("gamma", 1.050_701, 1.050_701)?;
            Activation::Selu
        }
        "Sigmoid" => Activation::Sigmoid,
        "Tanh" => Activation::Tanh,
        "Softplus" => Activation::Softplus,
        "Softsign" => Activation::Softsign,
        "HardSigmoid" => {
            attributes.only("alpha", 0.2, 1.0 / 6.0)?;
            attributes.only("beta", 0.5, 0.5)?;
            Activation::HardSigmoid
        }
        "HardSwish" => Activation::HardSwish,
        "Swish" => {
            attributes.only("alpha", 1.0, 1.0)?;
            Activation::Silu
        }
        "Gelu" => match attributes.word("approximate", "none")? {
            b"none" => Activation::Gelu,
            b"tanh" => Activation::GeluTanh,
            _ => return Err(Error::unsupported(node.at(), "another approximation than tanh")),
        },
        // Where its axis lies, the reader knows.
        "Softmax" => Activation::Softmax,
        "LogSoftmax" => Activation::LogSoftmax,
        _ => return Err(Error::unsupported(node.at(), "this operator").instead(nearest(&node.op_type))),
    })
}

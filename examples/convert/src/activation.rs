use Activation::*;

/// An activation function of baregrad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// None.
    Linear,
    /// `relu`
    Relu,
    /// `relu6`
    Relu6,
    /// `leaky_relu`, with its slope below 0 in hundredths.
    LeakyRelu(u32),
    /// `elu`
    Elu,
    /// `selu`
    Selu,
    /// `gelu`
    Gelu,
    /// `gelu(approximate=True)`
    GeluTanh,
    /// `silu`
    Silu,
    /// `sigmoid`
    Sigmoid,
    /// `tanh`
    Tanh,
    /// `softplus`
    Softplus,
    /// `softsign`
    Softsign,
    /// `hard_sigmoid`
    HardSigmoid,
    /// `hard_silu`
    HardSwish,
    /// `softmax`
    Softmax,
    /// `log_softmax`
    LogSoftmax,
}

/// With baregrad's name in fingerprints, and the type in Rust.
const ALL: [(Activation, &str, &str); 17] = [
    (Linear, "linear", "Linear"),
    (Relu, "relu", "Relu"),
    (Relu6, "relu6", "Relu6"),
    (LeakyRelu(20), "leaky_relu", "LeakyRelu"),
    (Elu, "elu", "Elu"),
    (Selu, "selu", "Selu"),
    (Gelu, "gelu", "Gelu"),
    (GeluTanh, "gelu_tanh", "GeluTanh"),
    (Silu, "silu", "Silu"),
    (Sigmoid, "sigmoid", "Sigmoid"),
    (Tanh, "tanh", "Tanh"),
    (Softplus, "softplus", "Softplus"),
    (Softsign, "softsign", "Softsign"),
    (HardSigmoid, "hard_sigmoid", "HardSigmoid"),
    (HardSwish, "hard_swish", "HardSwish"),
    (Softmax, "softmax", "Softmax"),
    (LogSoftmax, "log_softmax", "LogSoftmax"),
];

/// Above it, two slopes of hundredths may be the same `f32`.
const MAX_HUNDREDTHS: u32 = 1_000_000;

impl Activation {
    /// All of them, of each slope of `LeakyRelu` only Keras' default.
    pub fn all() -> impl Iterator<Item = Activation> {
        ALL.into_iter().map(|(activation, ..)| activation)
    }

    /// That of a name that [`Activation::name`] gives.
    pub fn of_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|all| all.1 == name).map(|all| all.0)
    }

    /// `LeakyRelu` of a slope, if that is a whole number of hundredths, as an `f32`, and at most 10,000.
    pub fn leaky_relu(slope: f64) -> Option<Self> {
        let hundredths = (slope * 100.0).round();
        let same = slope as f32 == hundredths as f32 / 100.0;
        (same && (0.0..=f64::from(MAX_HUNDREDTHS)).contains(&hundredths)).then_some(LeakyRelu(hundredths as u32))
    }

    fn entry(self) -> (Activation, &'static str, &'static str) {
        let same = |other: Activation| core::mem::discriminant(&other) == core::mem::discriminant(&self);
        ALL.into_iter().find(|all| same(all.0)).unwrap_or(ALL[0])
    }

    /// The name that `Activation::NAME` has in baregrad.
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// Its words in the text of an architecture.
    pub fn text(self) -> String {
        match self {
            LeakyRelu(hundredths) => format!("{} {hundredths}", self.name()),
            _ => self.name().into(),
        }
    }

    /// The type in Rust, such as `LeakyRelu<20>`.
    pub fn rust(self) -> String {
        match self {
            LeakyRelu(hundredths) => format!("LeakyRelu<{hundredths}>"),
            _ => self.entry().2.into(),
        }
    }

    /// That of a type in Rust.
    pub fn of_rust(text: &str) -> Option<Self> {
        if let Some(slope) = text.strip_prefix("LeakyRelu<").and_then(|text| text.strip_suffix('>')) {
            return slope.trim().parse().ok().filter(|hundredths| *hundredths <= MAX_HUNDREDTHS).map(LeakyRelu);
        }
        ALL.into_iter().find(|all| all.2 == text).map(|all| all.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use baregrad::activations::{self, Activation as _};

    #[test]
    fn names_are_those_of_baregrad() {
        assert_eq!(LeakyRelu(7).name(), activations::LeakyRelu::<7>::NAME);
        assert_eq!(LeakyRelu(7).text(), "leaky_relu 7");
        assert_eq!(GeluTanh.name(), activations::GeluTanh::NAME);
        assert_eq!(HardSwish.name(), activations::HardSwish::NAME);
        assert_eq!(Relu6.name(), activations::Relu6::NAME);
        assert_eq!(LogSoftmax.name(), activations::LogSoftmax::NAME);
        for activation in Activation::all() {
            assert_eq!(Activation::of_name(activation.name()), Some(activation));
            assert_eq!(Activation::of_rust(&activation.rust()), Some(activation));
        }
    }

    #[test]
    fn slopes() {
        assert_eq!(Activation::leaky_relu(f64::from(0.2_f32)), Some(LeakyRelu(20)));
        assert_eq!(Activation::leaky_relu(f64::from(123.45_f32)), Some(LeakyRelu(12_345)));
        assert_eq!(Activation::leaky_relu(1e4), Some(LeakyRelu(1_000_000)));
        assert_eq!(Activation::leaky_relu(1e4 + 0.01), None);
        assert_eq!(Activation::leaky_relu(0.125), None);
        assert_eq!(Activation::leaky_relu(-0.1), None);
        assert_eq!(Activation::leaky_relu(f64::NAN), None);
        assert_eq!(Activation::of_rust("LeakyRelu<x>"), None);
        assert_eq!(Activation::of_rust("LeakyRelu<1000001>"), None);
    }
}

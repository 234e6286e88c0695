use crate::tensor::{Params, Tensor};

/// One line of a summary: the shape of a layer and what it costs.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LayerInfo {
    /// Name of the layer, such as `Dense`.
    pub kind: &'static str,
    /// Name of its activation, or an empty string.
    pub activation: &'static str,
    /// The shape of its output.
    pub shape: &'static [usize],
    /// Number of parameters.
    pub parameters: usize,
    /// Number of parameters that are trained.
    pub trainable: usize,
    /// Multiply-accumulates of the forward pass per sample. The way back takes about twice as many.
    pub operations: usize,
    /// Number of compositions around the layer, such as `Residual`. Its line is indented by this number.
    pub depth: usize,
    /// Whether this is the heading of a composition rather than a layer.
    pub heading: bool,
}

impl LayerInfo {
    /// The line of a layer `L` with the output `Y`. It is for a layer that uses each parameter once, or computes each output
    /// once, per sample. A layer that does more, such as a convolution, sets [`operations`](LayerInfo::operations) itself.
    pub fn of<L: Params, Y: Tensor>(kind: &'static str, activation: &'static str) -> Self {
        let (parameters, trainable) = (L::COUNT, L::TRAINABLE);
        let operations = if parameters < Y::LEN { Y::LEN } else { parameters };
        LayerInfo { kind, activation, shape: Y::SHAPE, parameters, trainable, operations, depth: 0, heading: false }
    }

    /// The line above the layers of a composition. It has no parameters of its own.
    pub fn heading<Y: Tensor>(kind: &'static str) -> Self {
        LayerInfo {
            kind,
            activation: "",
            shape: Y::SHAPE,
            parameters: 0,
            trainable: 0,
            operations: 0,
            depth: 0,
            heading: true,
        }
    }

    /// The same line inside a composition.
    pub fn inside(self) -> Self {
        LayerInfo { depth: self.depth + 1, ..self }
    }
}

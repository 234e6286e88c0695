use crate::tensor::{Params, Tensor};

/// What a layer is and costs: one line of a summary.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LayerInfo {
    /// Keras' name of the layer.
    pub kind: &'static str,
    /// Its activation, or nothing.
    pub activation: &'static str,
    /// Shape of its output.
    pub shape: &'static [usize],
    /// Number of parameters.
    pub parameters: usize,
    /// How many of them are trained.
    pub trainable: usize,
    /// Multiply-accumulates of the forward pass of one sample. The way back takes about twice as many.
    pub operations: usize,
    /// In how many compositions, such as `Residual`, it lies: how far its line is indented.
    pub depth: usize,
    /// Whether this is the heading of a composition, and no layer itself.
    pub heading: bool,
}

impl LayerInfo {
    /// The line of a layer `L` with the output `Y`, which uses each parameter, or computes each output, once per sample. A
    /// layer that does more, such as a convolution, sets [`operations`](LayerInfo::operations) itself.
    pub fn of<L: Params, Y: Tensor>(kind: &'static str, activation: &'static str) -> Self {
        let (parameters, trainable) = (L::COUNT, L::TRAINABLE);
        let operations = if parameters < Y::LEN { Y::LEN } else { parameters };
        LayerInfo { kind, activation, shape: Y::SHAPE, parameters, trainable, operations, depth: 0, heading: false }
    }

    /// The line above the layers of a composition, which has no parameters but theirs.
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

    /// The same line within a composition.
    pub fn inside(self) -> Self {
        LayerInfo { depth: self.depth + 1, ..self }
    }
}

use super::{Adam, WeightDecay};

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019): `w ← w − lr · decay · w`, then the rule of [`Adam`], in one
/// pass.
///
/// The decay is 0.004 in Keras and 0.01 in PyTorch (`AdamW::pytorch`). Biases decay too, as in both libraries.
///
/// ```
/// use baregrad::prelude::*;
/// type Model = Trainer<Dense<2, 1>, MeanSquaredError, AdamW, 1>;
/// const MODEL: Model = Trainer::untrained(MeanSquaredError, AdamW::new(1e-3));
/// ```
pub type AdamW = WeightDecay<Adam>;

impl AdamW {
    /// Keras' AdamW with a learning rate.
    pub const fn new(learning_rate: f32) -> Self {
        Self::of(Adam::new(learning_rate), 0.004)
    }

    /// PyTorch's AdamW with a learning rate.
    pub const fn pytorch(learning_rate: f32) -> Self {
        Self::of(Adam::pytorch(learning_rate), 0.01)
    }
}

default_rate!(AdamW = 1e-3);

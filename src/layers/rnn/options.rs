use crate::tensor::{No, Want, Yes};

/// Options of a recurrent layer: `()`, [`Masked`], [`Backwards`], or a pair of them.
///
/// Keras' argument `dropout` is a [`SpatialDropout`](crate::layers::SpatialDropout) before the layer, which drops the same
/// inputs at all steps.
pub trait RnnOptions: 'static {
    /// Whether sequences may have padding.
    type Masked: Want;
    /// Whether the last step comes first.
    const BACKWARDS: bool = false;
}

/// Sequences have different lengths: a step is padding if all its numbers, and those of all later steps, are 0. Padding does not
/// change the state, the output for it is 0, and it has no gradient. So the padding passes through several such layers.
/// This is Keras' `Masking(mask_value=0.0)` before the layer, with padding at the end, and its `zero_output_for_mask=True`.
///
/// On a stream there is no padding.
pub struct Masked;

/// The steps come in the order from the last to the first: Keras' `go_backwards=True`. Unlike there, the output for a step
/// stays at its place.
pub struct Backwards;

impl RnnOptions for () {
    type Masked = No;
}

impl RnnOptions for Masked {
    type Masked = Yes;
}

impl RnnOptions for Backwards {
    type Masked = No;
    const BACKWARDS: bool = true;
}

impl<A: RnnOptions, B: RnnOptions> RnnOptions for (A, B) {
    type Masked = <A::Masked as Want>::Or<B::Masked>;
    const BACKWARDS: bool = A::BACKWARDS || B::BACKWARDS;
}

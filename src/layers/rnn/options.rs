use super::RnnCell;
use super::dropping::Dropping;
use crate::tensor::{No, Want, Yes};

/// Options of a recurrent layer: `()`, [`Masked`], [`Backwards`], [`RecurrentDropout`], or a pair of options, which may be pairs.
pub trait RnnOptions: 'static {
    /// Whether sequences may have padding.
    type Masked: Want;
    /// Whether the last step comes first.
    const BACKWARDS: bool = false;
    /// How much of the state is dropped, in percent.
    const DROPPED: u32 = 0;
    /// Whether it is more than nothing.
    type Drops: Want;
    /// The cell in training.
    type Cell<C: RnnCell>: RnnCell;
}

/// Sequences have different lengths: a step is padding if all its numbers, and those of all later steps, are 0. Padding does not
/// change the state, the output for it is 0, and it has no gradient. So the padding passes through several such layers.
/// This is Keras' `Masking(mask_value=0.0)` before the layer, with padding at the end, and its `zero_output_for_mask=True`.
///
/// On a stream there is no padding. A layer that gives zeros for steps that are none, such as a rectifier, should not come before a
/// masked layer: its last zeros would be taken for padding.
pub struct Masked;

/// The steps come in the order from the last to the first: Keras' `go_backwards=True`. Unlike there, the output for a step
/// stays at its place.
pub struct Backwards;

/// In training, the gates see a state of which `PERCENT` % are 0 and the rest is scaled up (Gal & Ghahramani 2016): Keras'
/// `recurrent_dropout`. Each gate has a mask of its own, for all steps of a sample. The state itself is not changed. A
/// [`GruResetBefore`](crate::layers::GruResetBefore) does not have it.
///
/// Keras' argument `dropout` is a [`SpatialDropout`](crate::layers::SpatialDropout) before the layer: the same inputs are dropped
/// at all steps.
///
/// ```
/// use baregrad::prelude::*;
/// type Frames = Sequence<64, 6>;
/// type Net = chain![SpatialDropout<20>, Lstm<Frames, [f32; 32], (Masked, RecurrentDropout<20>)>, Dense<32, 4>];
/// ```
pub struct RecurrentDropout<const PERCENT: u32>;

impl RnnOptions for () {
    type Masked = No;
    type Drops = No;
    type Cell<C: RnnCell> = C;
}

impl RnnOptions for Masked {
    type Masked = Yes;
    type Drops = No;
    type Cell<C: RnnCell> = C;
}

impl RnnOptions for Backwards {
    type Masked = No;
    const BACKWARDS: bool = true;
    type Drops = No;
    type Cell<C: RnnCell> = C;
}

impl<const PERCENT: u32> RnnOptions for RecurrentDropout<PERCENT> {
    type Masked = No;
    const DROPPED: u32 = {
        assert!(PERCENT < 100, "a dropout of 100 % leaves nothing");
        PERCENT
    };
    type Drops = Yes;
    type Cell<C: RnnCell> = Dropping<C>;
}

impl<A: RnnOptions, B: RnnOptions> RnnOptions for (A, B) {
    type Masked = <A::Masked as Want>::Or<B::Masked>;
    const BACKWARDS: bool = A::BACKWARDS || B::BACKWARDS;
    const DROPPED: u32 = A::DROPPED + B::DROPPED;
    type Drops = <A::Drops as Want>::Or<B::Drops>;
    type Cell<C: RnnCell> = A::Cell<B::Cell<C>>;
}

//! The streaming wake word: three classes from 30 frames of 40 filter banks. Its convolutions have no padding, so it runs on the
//! stream of frames, and gives the classes of the last 30 with each.

use baregrad::prelude::*;

type Frames = Sequence<30, 40>;
/// `L` places of 128 channels.
type Map<const L: usize> = Sequence<L, 128>;

/// Batch normalisations are folded into the convolutions before them.
pub type WakeWord = chain![
    SeparableConv1d<Frames, Sequence<28, 40>, Map<28>, 3, 1, Relu>,
    SeparableConv1d<Map<28>, Map<24>, Map<24>, 5, 1, Relu>,
    SeparableConv1d<Map<24>, Map<15>, Map<15>, 10, 1, Relu>,
    SeparableConv1d<Map<15>, Map<1>, Sequence<1, 32>, 15, 1, Relu>,
    Flatten<32>,
    Dense<32, 3, Softmax>
];

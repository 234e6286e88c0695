//! The nets that Python can choose from. Each is a type, compiled for its shapes: to add one, add a line.

use crate::model::Entry;
use baregrad::prelude::*;

type Classes = SparseCategoricalCrossEntropy<Logits>;
type Values = MeanSquaredError;

/// 16 → h → 4 with both activations, for the study.
macro_rules! hidden {
    ($($h:literal)+) => { [$(
        Entry::of::<chain![Dense<16, $h, Tanh>, Dense<$h, 4>], Classes>(concat!("dense 16 ", $h, " 4 tanh")),
        Entry::of::<chain![Dense<16, $h, Relu>, Dense<$h, 4>], Classes>(concat!("dense 16 ", $h, " 4 relu")),
    )+] };
}

static HIDDEN: [Entry; 10] = hidden!(4 8 16 32 64);

static OTHERS: [Entry; 6] = [
    Entry::of::<chain![Dense<16, 32, Relu>, Dense<32, 16, Relu>, Dense<16, 4>], Classes>("dense 16 32 16 4 relu"),
    Entry::of::<chain![Dense<64, 32, Relu>, Dense<32, 10>], Classes>("dense 64 32 10 relu"),
    // Windows of 64 frames with 6 axes, 7 classes.
    Entry::of::<
        chain![
            Conv1d<Sequence<64, 6>, Sequence<32, 16>, 7, 2, Relu>,
            Conv1d<Sequence<32, 16>, Sequence<16, 24>, 5, 2, Relu>,
            GlobalMaxPool,
            Dense<24, 7>
        ],
        Classes,
    >("conv1d 64x6 16 24 7 relu"),
    // Sequences of at most 29 steps with 12 numbers, and zeros behind their ends; 9 classes.
    Entry::of::<chain![Gru<Sequence<29, 12>, [f32; 16], Masked>, Dense<16, 9>], Classes>("gru 29x12 16 9"),
    Entry::of::<chain![Dense<16, 16, Tanh>, Dense<16, 1>], Values>("dense 16 16 1 tanh"),
    Entry::of::<chain![Dense<16, 32, Tanh>, Dense<32, 4>], Values>("dense 16 32 4 tanh, values"),
];

pub fn entries() -> impl Iterator<Item = &'static Entry> {
    HIDDEN.iter().chain(&OTHERS)
}

//! The autoencoder of anomaly detection on the sounds of machines: 640 numbers of a log-mel spectrogram, through eight, to 640.

use baregrad::prelude::*;

type Encoder = chain![
    Dense<640, 128, Relu>,
    Dense<128, 128, Relu>,
    Dense<128, 128, Relu>,
    Dense<128, 128, Relu>,
    Dense<128, 8, Relu>
];
type Decoder = chain![
    Dense<8, 128, Relu>,
    Dense<128, 128, Relu>,
    Dense<128, 128, Relu>,
    Dense<128, 128, Relu>,
    Dense<128, 640>
];

/// Batch normalisations are folded into the layers before them.
pub type Autoencoder = chain![Encoder, Decoder];

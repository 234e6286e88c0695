//! DS-CNN (Zhang et al. 2017), twelve spoken words: one second of speech as 49 frames of ten MFCCs.

use baregrad::prelude::*;

type Mfcc = Image<49, 10, 1>;
type Map = Image<25, 5, 64>;
type Block = chain![DepthwiseConv2d<Map, Map, 3, 3, 1, Relu>, Conv2d<Map, Map, 1, 1, 1, Relu>];

/// Batch normalisations are folded into the convolutions before them.
pub type DsCnn =
    chain![Conv2d<Mfcc, Map, 10, 4, 2, Relu>, Block, Block, Block, Block, GlobalAveragePool, Dense<64, 12, Softmax>];

#![no_main]

use baregrad_convert::{Model, NameMap};
use baregrad_convert_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

const TYPES: [&str; 3] = [
    "Dense<2, 3, Relu>, LayerNorm<3>, Dense<3, 1>",
    "Conv2d<Image<2, 3, 1>, Image<2, 3, 2>, 2, 1>, Residual<chain![DepthwiseConv2d<Image<2, 3, 2>, Image<2, 3, 2>, 1, 3>, BatchNorm<2>]>, \
     Flatten<12>, Dense<12, 1>",
    "Embedding<[f32; 3], Sequence<3, 2>, 4>, Bidirectional<Gru<Sequence<3, 2>, Sequence<3, 2>>, 4>, Lstm<Sequence<3, 4>, [f32; 1]>, Dense<1, 1>",
];

fuzz_target!(|bytes: &[u8]| {
    for names in [NameMap::pytorch(), NameMap::keras().zero_bias(), NameMap::baregrad()] {
        for types in [None, Some(TYPES[0]), Some(TYPES[1]), Some(TYPES[2])] {
            bounded(64 * bytes.len() + (1 << 18), || _ = Model::of_safetensors(bytes, types, &names));
        }
    }
    for types in TYPES {
        bounded(64 * bytes.len() + (1 << 18), || _ = Model::of_bytes(bytes, types));
    }
});

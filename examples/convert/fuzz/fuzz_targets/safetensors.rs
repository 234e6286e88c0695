#![no_main]

use baregrad_convert::{Model, NameMap};
use baregrad_convert_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

const TYPES: &str = "Dense<2, 3, Relu>, LayerNorm<3>, Dense<3, 1>";

fuzz_target!(|bytes: &[u8]| {
    for names in [NameMap::pytorch(), NameMap::keras().zero_bias(), NameMap::baregrad()] {
        for types in [None, Some(TYPES)] {
            bounded(64 * bytes.len() + (1 << 18), || _ = Model::of_safetensors(bytes, types, &names));
        }
    }
    bounded(64 * bytes.len() + (1 << 18), || _ = Model::of_bytes(bytes, TYPES));
});

#![no_main]

use baregrad_convert::Model;
use baregrad_convert_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| bounded((64 << 20) + 1024 * bytes.len(), || _ = Model::of_keras(bytes)));

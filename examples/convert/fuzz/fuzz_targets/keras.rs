#![no_main]

use baregrad_convert::Model;
use baregrad_convert_fuzz::{bounded, is_read_again};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut read = None;
    bounded((64 << 20) + 1024 * bytes.len(), || read = Model::of_keras(bytes).ok());
    read.iter().for_each(is_read_again);
});

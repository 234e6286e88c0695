#![no_main]

use baregrad_convert::Model;
use baregrad_convert_fuzz::{bounded, is_read_again};
use libfuzzer_sys::fuzz_target;

// The numbers may be in a file beside the model, which here is the model itself.
fuzz_target!(|bytes: &[u8]| {
    let mut read = None;
    let mut open = |_: &str| Ok(bytes.to_vec());
    bounded(2 * 512 * bytes.len() + (1 << 18), || read = Model::of_onnx_with(bytes, &mut open).ok());
    read.iter().for_each(is_read_again);
});

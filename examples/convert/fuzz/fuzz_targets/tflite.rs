#![no_main]

use baregrad_convert::Model;
use baregrad_convert::tflite::{File, Int8};
use baregrad_convert_fuzz::{bounded, is_read_again};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut read = None;
    bounded(512 * bytes.len() + (1 << 18), || _ = File::read(bytes));
    bounded(512 * bytes.len() + (1 << 18), || read = Model::of_tflite(bytes).ok());
    bounded(512 * bytes.len() + (1 << 18), || _ = Int8::of_tflite(bytes, "a file", "numbers", 1));
    read.iter().for_each(is_read_again);
});

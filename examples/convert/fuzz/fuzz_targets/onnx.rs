#![no_main]

use baregrad_convert::Model;
use baregrad_convert_fuzz::bounded;
use libfuzzer_sys::fuzz_target;

// What has been read is written, and read again.
fuzz_target!(|bytes: &[u8]| {
    let mut read = None;
    bounded(512 * bytes.len() + (1 << 16), || read = Model::of_onnx(bytes).ok());
    if let Some(model) = read.filter(|model| model.tensors().iter().all(|t| t.values.iter().all(|x| x.is_finite()))) {
        assert_eq!(Model::of_onnx(&model.to_onnx()).expect("it was written here"), model);
    }
});

//! Computes the sizes of the net, and writes `include/baregrad.h`.

use baregrad::net::{Layer, Network};
use baregrad::tensor::Tensor;
use std::{env, fs, path::Path};

#[allow(dead_code)]
#[path = "src/net.rs"]
mod net;

use net::Net;
type Input = <Net as Network>::Input;
type Output = <Net as Layer<Input>>::Y;

fn main() {
    for path in ["src", "include", "cbindgen.toml"] {
        println!("cargo::rerun-if-changed={path}");
    }
    let mut sizes = String::new();
    let mut define = |name: &str, doc: &str, value: usize| {
        sizes += &format!("/// {doc}\npub const BG_{name}: usize = {value};\n");
    };
    define("INPUTS", "Floats of a sample.", Input::LEN);
    define("OUTPUTS", "Floats of the outputs of a sample, and of its target.", Output::LEN);
    define("SCRATCH", "Floats of scratch that an inference needs.", Net::SCRATCH);
    #[cfg(feature = "train")]
    {
        use baregrad::file::Saved;
        // With a word that marks it. Where pointers have 32 bits, a model is as large as on this host, or smaller.
        let words = (size_of::<net::Model>() + align_of::<net::Model>()).div_ceil(8);
        define("MODEL_WORDS", "Words of 8 bytes of a model.", words);
        define("MODEL_SIZE", "Bytes of a model, on every target.", 8 * words);
        define("MODEL_ALIGN", "Alignment of a model, on every target.", 8);
        define("BATCH", "The largest number of samples per step.", net::BATCH);
        define("WEIGHTS_SIZE", "Bytes of the file of weights.", Net::FILE_LEN);
        define("CHECKPOINT_SIZE", "Bytes of a checkpoint.", net::Model::FILE_LEN);
    }
    let file = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("sizes.rs");
    fs::write(&file, sizes).expect("there is room");

    let interface = if cfg!(feature = "train") { "src/train.rs" } else { "src/flash.rs" };
    let config = cbindgen::Config::from_file("cbindgen.toml").expect("a valid file");
    let header = cbindgen::Builder::new()
        .with_config(config)
        .with_src(file)
        .with_src("src/status.rs")
        .with_src(interface)
        .generate()
        .expect("what C understands");
    header.write_to_file("include/baregrad.h");
}

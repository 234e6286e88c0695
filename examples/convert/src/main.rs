//! `baregrad-convert`: a net of Keras, PyTorch, ONNX or a device as Rust source for firmware, or as another file.

use anyhow::{Context, Result, bail, ensure};
use baregrad_convert::tflite::{File, Int8};
use baregrad_convert::{Error, Model, NameMap};
use clap::{Parser, ValueEnum};
use std::fs;
use std::path::{Path, PathBuf};

/// Converts a trained net between Keras, PyTorch, ONNX and baregrad.
///
/// Without an output, it says what the net is.
#[derive(Parser)]
struct Arguments {
    /// `.keras`, Keras' legacy `.h5`, `.onnx`, `.tflite`, `.safetensors`, or baregrad's own `.bgrd`
    input: PathBuf,
    /// Layers of a file that has weights only: 'Dense<64, 32, Relu>, Dropout<20>, Dense<32, 10>'. `LayerNorm<24>` and
    /// `BatchNorm<24>` have Keras' ε, 1e-3; PyTorch's default is `LayerNorm<24, 1e-5>`, `BatchNorm<24, Relu, 1e-5>`
    #[arg(long, value_name = "LAYERS")]
    net: Option<String>,
    /// Whose names and layout the tensors of a .safetensors file have
    #[arg(long, value_enum, default_value = "pytorch")]
    names: Framework,
    /// Names in a .safetensors file of the layers with weights, in the net's order. A module of PyTorch with several recurrent layers
    /// is named once, or once for each of them
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    layers: Option<Vec<String>>,
    /// Merges each batch normalisation into the layer before it
    #[arg(long)]
    fold: bool,
    /// Takes a bias that is missing in a .safetensors file for zeros
    #[arg(long)]
    zero_bias: bool,
    /// Puts the net into the project examples/firmware, as its program `imported`
    #[arg(long, value_name = "DIRECTORY")]
    firmware: Option<PathBuf>,
    /// Puts the net into the project examples/c, a library for C
    #[arg(long, value_name = "DIRECTORY")]
    c: Option<PathBuf>,
    /// A sample for these programs: numbers with commas or spaces between; else zeros
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
    /// Writes Rust source, and beside it the weights as .bgrd; of a net of integers, as .bin
    #[arg(long, value_name = "FILE.rs")]
    rust: Option<PathBuf>,
    /// Bytes per weight of a net of integers: 2 is faster on Cortex-M4 to M33
    #[arg(long, default_value = "1", value_parser = clap::value_parser!(u8).range(1..=2), value_name = "1|2")]
    bytes_per_weight: u8,
    /// Writes baregrad's own form
    #[arg(long, value_name = "FILE.bgrd")]
    bgrd: Option<PathBuf>,
    /// Writes a state dict
    #[arg(long, value_name = "FILE.safetensors")]
    safetensors: Option<PathBuf>,
    /// Writes ONNX
    #[arg(long, value_name = "FILE.onnx")]
    onnx: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Framework {
    Pytorch,
    Keras,
    Baregrad,
}

impl Arguments {
    fn names(&self) -> NameMap {
        let names = match self.names {
            Framework::Pytorch => NameMap::pytorch(),
            Framework::Keras => NameMap::keras(),
            Framework::Baregrad => NameMap::baregrad(),
        };
        let names = if self.zero_bias { names.zero_bias() } else { names };
        match &self.layers {
            Some(layers) => names.layers(layers),
            None => names,
        }
    }

    fn read(&self) -> Result<Model> {
        let bytes = || fs::read(&self.input);
        let net = self.net.as_deref();
        let model = match self.input.extension().and_then(|extension| extension.to_str()) {
            Some("keras") => Model::of_keras(&bytes()?)?,
            Some("h5" | "hdf5") => Model::of_h5(&bytes()?)?,
            Some("tflite") => Model::of_tflite(&bytes()?)?,
            Some("onnx") => Model::of_onnx_file(&self.input)?,
            Some("safetensors") => Model::of_safetensors(&bytes()?, net, &self.names())?,
            Some("bgrd") => Model::of_bytes(&bytes()?, net.ok_or(Error::NoLayers)?)?,
            _ => bail!("files with names in .keras, .h5, .onnx, .tflite, .safetensors and .bgrd are read"),
        };
        Ok(model)
    }

    /// The program `imported` of `examples/firmware`.
    fn write_firmware(&self, model: &Model, directory: &Path) -> Result<()> {
        let program = directory.join("src/imported.rs");
        ensure!(program.exists(), "{} is not there: this is not examples/firmware", program.display());
        let text = model.to_rust(&name(&self.input), "../../data/imported.bgrd", Some(&self.sample(model)?));
        write(&directory.join("src/imported/net.rs"), text.as_bytes())?;
        write(&directory.join("data/imported.bgrd"), &model.to_bytes())
    }

    /// The net of `examples/c`, in flash, and a sample for its program `infer`.
    fn write_c(&self, model: &Model, directory: &Path) -> Result<()> {
        let list = directory.join("CMakeLists.txt");
        ensure!(list.exists(), "{} is not there: this is not examples/c", list.display());
        let sample: String = self.sample(model)?.iter().map(|x| format!("    {x:?}f,\n")).collect();
        let sample = format!("/* A sample to try the net with. */\nstatic const float sample[] = {{\n{sample}}};\n");
        write(&directory.join("src/net.rs"), model.to_rust(&name(&self.input), "net.bgrd", None).as_bytes())?;
        write(&directory.join("src/net.bgrd"), &model.to_bytes())?;
        write(&directory.join("include/sample.h"), sample.as_bytes())
    }

    fn sample(&self, model: &Model) -> Result<Vec<f32>> {
        let sample = match &self.sample {
            Some(path) => numbers(path)?,
            None => vec![0.0; model.inputs()],
        };
        ensure!(sample.len() == model.inputs(), "a sample of {} numbers for {} inputs", sample.len(), model.inputs());
        Ok(sample)
    }
}

/// A net of integers, which only Rust source can be made of.
fn write_int8(arguments: &Arguments, bytes: &[u8]) -> Result<()> {
    let projects = arguments.firmware.is_some() || arguments.c.is_some();
    ensure!(!projects, "a net of integers is written by --rust alone");
    let path = arguments.rust.as_deref().unwrap_or(&arguments.input);
    let numbers = path.with_extension("bin");
    let net = Int8::of_tflite(bytes, &name(&arguments.input), &name(&numbers), arguments.bytes_per_weight.into())?;
    println!("a net of integers, with {} bytes of weights, biases and scales", net.numbers.len());
    if let Some(path) = &arguments.rust {
        write(path, net.rust.as_bytes())?;
        write(&numbers, &net.numbers)?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.input.extension().is_some_and(|extension| extension == "tflite") {
        let bytes = fs::read(&arguments.input)?;
        if !File::read(&bytes).is_ok_and(|file| file.is_of_floats()) {
            return write_int8(&arguments, &bytes)
                .with_context(|| format!("cannot read {}", arguments.input.display()));
        }
    }
    let mut model = arguments.read().with_context(|| format!("cannot read {}", arguments.input.display()))?;
    if arguments.fold {
        model.fold();
    }
    println!("{}", model.types());
    let weights: usize = model.tensors().iter().map(|tensor| tensor.values.len()).sum();
    println!("{} numbers to {}; {weights} weights; {:016x}", model.inputs(), model.outputs(), model.fingerprint());
    if let Some(directory) = &arguments.firmware {
        arguments.write_firmware(&model, directory)?;
    }
    if let Some(directory) = &arguments.c {
        arguments.write_c(&model, directory)?;
    }
    if let Some(path) = &arguments.rust {
        let weights = path.with_extension("bgrd");
        write(path, model.to_rust(&name(&arguments.input), &name(&weights), None).as_bytes())?;
        write(&weights, &model.to_bytes())?;
    }
    if let Some(path) = &arguments.bgrd {
        write(path, &model.to_bytes())?;
    }
    if let Some(path) = &arguments.safetensors {
        write(path, &model.to_safetensors(&arguments.names())?)?;
    }
    if let Some(path) = &arguments.onnx {
        write(path, &model.to_onnx())?;
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{}: {} bytes", path.display(), bytes.len());
    Ok(())
}

fn numbers(path: &Path) -> Result<Vec<f32>> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let words = text.split([',', ' ', ';', '\n', '\r', '\t']).filter(|word| !word.is_empty());
    let number = |word: &str| word.parse::<f32>().ok().filter(|number| number.is_finite());
    words.map(|word| number(word).with_context(|| format!("{word} in {} is no number", path.display()))).collect()
}

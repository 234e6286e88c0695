use thiserror::Error;

/// Why a file cannot be read or written. Nothing has been changed then.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// What baregrad has no layer for, all of it.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Unsupported(Vec<Unsupported>),
    /// Something that is not as its format has it.
    #[error("{at}: {what}")]
    Malformed {
        /// The file, layer or node.
        at: String,
        /// What is wrong.
        what: String,
    },
    /// A layer that takes samples of another shape than the one before it gives.
    #[error("{at} takes {}, but gets {}", inputs(.needed, " inputs"), inputs(.found, ""))]
    Width {
        /// The layer or node.
        at: String,
        /// What the layer before it gives.
        found: Vec<usize>,
        /// What this one takes.
        needed: Vec<usize>,
    },
    /// A number that is infinite or not a number, which no form of the net can have.
    #[error("{at}: {what} is not finite")]
    NotFinite {
        /// The layer, node or tensor.
        at: String,
        /// What is not finite.
        what: String,
    },
    /// A tensor that the net needs is not in the file.
    #[error("tensor {name} of shape {needed:?} is missing; there are {present:?}")]
    Missing {
        /// Its name in the file.
        name: String,
        /// Its shape in the file.
        needed: Vec<usize>,
        /// The names that are there, of those that the net does not need.
        present: Vec<String>,
    },
    /// The file has a tensor that the net does not need.
    #[error("tensor {name} of shape {found:?} belongs to no layer of the net")]
    Surplus {
        /// Its name.
        name: String,
        /// Its shape.
        found: Vec<usize>,
    },
    /// A tensor of another shape than the net's.
    #[error("tensor {name} has the shape {found:?}, but the net needs {needed:?}")]
    Shape {
        /// Its name.
        name: String,
        /// The file's.
        found: Vec<usize>,
        /// The net's, in the file's order of axes.
        needed: Vec<usize>,
    },
    /// A tensor of numbers that are not floats of 16 or 32 bits.
    #[error("tensor {name} has numbers of type {found}; F32, F16 and BF16 are read")]
    Dtype {
        /// Its name.
        name: String,
        /// The file's type.
        found: String,
    },
    /// The order of layers cannot be told from their names.
    #[error("which layer is which does not follow from the names {found:?}: name the layers in the net's order")]
    LayersUnknown {
        /// What stands before the tensors' own names.
        found: Vec<String>,
    },
    /// Another number of layers has been named than the net has.
    #[error("{found} layers are named, but the net has {needed} with weights")]
    LayerCount {
        /// Names given.
        found: usize,
        /// Layers with tensors.
        needed: usize,
    },
    /// The file has weights, but does not say of which layers.
    #[error("the file has weights, but does not say of which layers: give them (`--net` of the program)")]
    NoLayers,
    /// A net and what shall be its weights have different layers.
    #[error("layer {layer}: the file has {found}, but the net has {needed}")]
    Layer {
        /// Number of the first layer that differs.
        layer: usize,
        /// What the file has there.
        found: String,
        /// What the net has there.
        needed: String,
    },
    /// A file cannot be read.
    #[error("cannot read {path}: {error}")]
    File {
        /// Its path.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// What unpacking would take is more than the bound.
    #[error("{at} declares {declared} bytes, more than the bound of {bound} for a file of this size")]
    TooLarge {
        /// The part of the file.
        at: String,
        /// Bytes declared.
        declared: u64,
        /// Bytes allowed.
        bound: u64,
    },
    /// No safetensors file.
    #[error("safetensors: {0}")]
    Safetensors(#[from] safetensors::SafeTensorError),
    /// No zip file, or a damaged one.
    #[cfg(feature = "keras")]
    #[error("zip: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// No HDF5 file, or a damaged one.
    #[cfg(feature = "keras")]
    #[error("HDF5: {0}")]
    Hdf5(#[from] hdf5_reader::error::Error),
    /// No JSON.
    #[cfg(feature = "keras")]
    #[error("the configuration: {0}")]
    Json(#[from] serde_json::Error),
    /// No protocol buffer of ONNX.
    #[cfg(feature = "onnx")]
    #[error("ONNX: {0}")]
    Protobuf(#[from] prost::DecodeError),
}

/// A layer or node that baregrad has no layer for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported {
    /// The layer or node.
    pub at: String,
    /// What it is.
    pub what: String,
    /// The nearest form that is supported, if there is one.
    pub instead: String,
}

impl std::fmt::Display for Unsupported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} is not supported", self.at, self.what)?;
        if self.instead.is_empty() { Ok(()) } else { write!(f, "; the nearest form that is: {}", self.instead) }
    }
}

fn inputs(shape: &[usize], unit: &str) -> String {
    match shape {
        [size] => format!("{size}{unit}"),
        _ => format!("samples of shape {shape:?}"),
    }
}

/// The parts of a file that are not supported. What a reader meets after the first of them is still looked at.
#[derive(Debug, Default)]
pub(crate) struct Refused(Vec<Unsupported>);

impl Refused {
    /// Whether nothing has been refused so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes what is not supported. Other errors end the reading, unless they may follow from such.
    pub fn note(&mut self, result: Result<(), Error>) -> Result<(), Error> {
        match result {
            Err(Error::Unsupported(mut parts)) => self.0.append(&mut parts),
            Err(other) if self.is_empty() => return Err(other),
            _ => {}
        }
        // One error for all of a file that is not meant for it.
        if self.0.len() >= 1000 { self.end() } else { Ok(()) }
    }

    /// The error, if anything has been refused.
    pub fn end(&mut self) -> Result<(), Error> {
        match std::mem::take(&mut self.0) {
            parts if parts.is_empty() => Ok(()),
            parts => Err(Error::Unsupported(parts)),
        }
    }
}

impl Error {
    pub(crate) fn unsupported(at: impl Into<String>, what: impl Into<String>) -> Self {
        Error::Unsupported(vec![Unsupported { at: at.into(), what: what.into(), instead: String::new() }])
    }

    /// Names the nearest form that is supported.
    pub(crate) fn instead(mut self, form: &str) -> Self {
        if let Error::Unsupported(parts) = &mut self {
            parts.iter_mut().for_each(|part| part.instead = form.into());
        }
        self
    }

    pub(crate) fn malformed(at: impl Into<String>, what: impl Into<String>) -> Self {
        Error::Malformed { at: at.into(), what: what.into() }
    }
}

/// The nearest supported form of Keras' layers and activations, and of ONNX' operators, that are not.
const NEAREST: [(&str, &str); 26] = [
    ("Conv3D", "Conv2D, with the depth as channels"),
    ("LocallyConnected1D", "Conv1D, or Flatten and Dense"),
    ("GroupNormalization", "BatchNormalization"),
    ("InstanceNormalization", "BatchNormalization"),
    ("UnitNormalization", "LayerNormalization"),
    ("PReLU", "LeakyReLU"),
    ("PRelu", "LeakyRelu"),
    ("ThresholdedReLU", "ReLU"),
    ("Multiply", "Add"),
    ("Subtract", "Add"),
    ("Average", "Add"),
    ("Upsample", "Resize"),
    ("Div", "Mul by the reciprocal"),
    ("Pow", "LayerNormalization, as of opset 17"),
    ("Sqrt", "LayerNormalization, as of opset 17"),
    ("LRN", "BatchNormalization"),
    ("LpPool", "AveragePool"),
    ("GlobalLpPool", "GlobalAveragePool"),
    ("ConvLSTM1D", "Conv1D and LSTM"),
    ("RNN", "SimpleRNN, GRU or LSTM"),
    ("Loop", "RNN, GRU or LSTM"),
    ("Scan", "RNN, GRU or LSTM"),
    ("ReverseSequence", "RNN, GRU or LSTM of direction reverse"),
    ("MultiHeadAttention", "GRU or LSTM"),
    ("Split", "Slice of steps"),
    ("Shape", "an export with fixed lengths, where Reshape has a constant shape"),
];

/// The nearest supported form, or nothing.
pub(crate) fn nearest(kind: &str) -> &'static str {
    NEAREST.iter().find(|(other, _)| *other == kind).map_or("", |(_, form)| form)
}

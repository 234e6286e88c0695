use thiserror::Error;

/// Why a file cannot be read or written. Nothing has been changed then.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// Something that baregrad has no layer for.
    #[error("{at}: {what} is not supported")]
    Unsupported {
        /// The layer or node.
        at: String,
        /// What it is.
        what: String,
    },
    /// Something that is not as its format has it.
    #[error("{at}: {what}")]
    Malformed {
        /// The file, layer or node.
        at: String,
        /// What is wrong.
        what: String,
    },
    /// A layer that takes another number of inputs than the one before it gives.
    #[error("{at} takes {needed} inputs, but gets {found}")]
    Width {
        /// The layer or node.
        at: String,
        /// Outputs of the layer before it.
        found: usize,
        /// Inputs of this one.
        needed: usize,
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

impl Error {
    pub(crate) fn unsupported(at: impl Into<String>, what: impl Into<String>) -> Self {
        Error::Unsupported { at: at.into(), what: what.into() }
    }

    pub(crate) fn malformed(at: impl Into<String>, what: impl Into<String>) -> Self {
        Error::Malformed { at: at.into(), what: what.into() }
    }
}

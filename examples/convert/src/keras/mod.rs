//! Keras' files: `.keras`, a zip file with the layers as JSON and the weights as HDF5, and the legacy `.h5`, where both are HDF5.

mod activations;
mod config;
mod folding;
mod layers;
mod options;
mod recurrent;
mod weighted;
mod weights;

use crate::error::Error;
use crate::model::Model;
use serde_json::Value;
use std::io::{Cursor, Read, Seek};
use weights::Weights;
use zip::ZipArchive;

impl Model {
    /// Reads a `.keras` file: a `Sequential`, or a functional model of one layer after another, and of `Add` and `Concatenate` of
    /// two branches.
    ///
    /// Layers: `Dense`, activations, `LayerNormalization`, `BatchNormalization`, `Dropout` and `SpatialDropout1D` or 2D (their rates
    /// rounded to percent), `Flatten` and `Reshape` of one sample's numbers, and `Normalization`, which is folded into a `Dense`
    /// behind it, or else is a `Rescale`, as `Rescaling` is. Those of sequences and images: `Conv1D`, `Conv1DTranspose`, `DepthwiseConv1D`, `SeparableConv1D`,
    /// `MaxPooling1D`, `AveragePooling1D`, `GlobalMaxPooling1D`, `GlobalAveragePooling1D`, `ZeroPadding1D`, `Cropping1D`,
    /// `UpSampling1D`, and the same with 2D. Recurrent ones: `SimpleRNN`, `GRU`, `LSTM`, `Bidirectional`, `TimeDistributed` of a
    /// `Dense`, `Masking` of zeros at the end of sequences, `Embedding`. Weights of half precision are widened; the net then computes in `f32`. Variables of
    /// the optimiser are left aside.
    ///
    /// Allocates at most 64 MB and 1024 times the size of `bytes`.
    ///
    /// # Errors
    /// The file is damaged; layers or options of them that are not supported, all of them by their names; a tensor that is missing, of another
    /// shape or type, or not finite.
    pub fn of_keras(bytes: &[u8]) -> Result<Self, Error> {
        let mut archive = ZipArchive::new(Cursor::new(bytes))?;
        let config = part(&mut archive, "config.json", bytes.len())?;
        let weights = part(&mut archive, "model.weights.h5", bytes.len())?;
        let is_new = match archive.index_for_name("metadata.json") {
            Some(_) => {
                let metadata: Value = serde_json::from_slice(&part(&mut archive, "metadata.json", bytes.len())?)?;
                metadata["keras_version"].as_str().is_none_or(is_new)
            }
            None => true,
        };
        layers::model(&serde_json::from_slice(&config)?, Weights::of_keras(weights)?, is_new, bytes.len())
    }

    /// Reads Keras' legacy `.h5`, which holds nearly the same as `.keras`.
    ///
    /// `hard_sigmoid` of Keras 2 is another function, and is refused. A class of your own that is called like one of Keras' is
    /// refused only if it was registered: otherwise, the file does not tell them apart.
    ///
    /// Allocates at most 64 MB and 1024 times the size of `bytes`.
    ///
    /// # Errors
    /// As [`Model::of_keras`]; a file of weights alone.
    pub fn of_h5(bytes: &[u8]) -> Result<Self, Error> {
        let root = weights::open(bytes.to_vec())?;
        let Ok(config) = root.attribute("model_config") else {
            let what = "weights, but no layers: save the whole model, best as .keras";
            return Err(Error::malformed("the file", what));
        };
        let version = root.attribute("keras_version").and_then(|version| version.read_string());
        let is_new = version.is_ok_and(|version| is_new(&version));
        let weights = Weights::of_h5(&root, bytes.len())?;
        layers::model(&serde_json::from_str(&config.read_string()?)?, weights, is_new, bytes.len())
    }
}

/// Whether a version of Keras is 3 or newer.
fn is_new(version: &str) -> bool {
    version.split('.').next().and_then(|major| major.parse::<u32>().ok()).is_some_and(|major| major >= 3)
}

/// A file of the archive, of at most 64 KB and 8 times the archive's size.
fn part<R: Read + Seek>(archive: &mut ZipArchive<R>, name: &str, size: usize) -> Result<Vec<u8>, Error> {
    let file = archive.by_name(name)?;
    let (declared, bound) = (file.size(), 8 * size as u64 + (1 << 16));
    if declared > bound {
        return Err(Error::TooLarge { at: name.into(), declared, bound });
    }
    let mut all = Vec::new();
    file.take(bound).read_to_end(&mut all).map_err(|error| Error::malformed(name, error.to_string()))?;
    Ok(all)
}

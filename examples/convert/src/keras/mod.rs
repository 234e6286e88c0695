//! Keras 3's `.keras`: a zip file with the layers as JSON and the weights as HDF5.

mod config;
mod folding;
mod layers;
mod weights;

use crate::error::Error;
use crate::model::{Model, Room};
use std::io::{Cursor, Read, Seek};
use weights::Weights;
use zip::ZipArchive;

impl Model {
    /// Reads a `.keras` file: a `Sequential`, or a functional model of one layer after another.
    ///
    /// Layers: `Dense`, activations, `LayerNormalization`, `Dropout` (its rate rounded to percent), `Flatten` and `Reshape`
    /// of one sample's numbers, and `Normalization` before a `Dense`, into which it is folded. Weights of half precision are
    /// widened; the net then computes in `f32`. Variables of the optimiser are left aside.
    ///
    /// Allocates at most 64 MB and 1024 times the size of `bytes`.
    ///
    /// # Errors
    /// The file is damaged; a layer that is not supported, by its name; a tensor that is missing or of another shape or type.
    pub fn of_keras(bytes: &[u8]) -> Result<Self, Error> {
        let mut archive = ZipArchive::new(Cursor::new(bytes))?;
        let config = part(&mut archive, "config.json", bytes.len())?;
        let weights = part(&mut archive, "model.weights.h5", bytes.len())?;
        layers::model(&serde_json::from_slice(&config)?, Weights::open(weights)?, Room::of_file(bytes.len()))
    }
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

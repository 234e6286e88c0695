//! Numbers in files beside the model, which exporters of PyTorch write.

use super::proto::TensorProto;
use crate::builder::MAX_LAYERS;
use crate::error::Error;
use crate::model::Model;
use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path};

impl Model {
    /// Reads an ONNX model with the files of numbers that it names, if there are any. They must be in the folder of the model, or
    /// below it.
    ///
    /// Allocates at most 512 times the size of the model and of these files, and 256 KB.
    ///
    /// # Errors
    /// As [`Model::of_onnx`]; a file that cannot be read, or that is outside the folder.
    pub fn of_onnx_file(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|error| Error::File { path: path.display().to_string(), error })?;
        let folder = path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new("."));
        Model::of_onnx_with(&bytes, &mut |location| beside(folder, location))
    }
}

/// The bytes of a file in a folder or below it, wherever links may lead.
fn beside(folder: &Path, location: &str) -> Result<Vec<u8>, Error> {
    let failed = |error| Error::File { path: location.into(), error };
    let outside = || Error::unsupported(format!("the file {location:?}"), "a file that is not beside the model");
    // A file has one name: under another, it would be read once more.
    let plain = location.strip_prefix("./").unwrap_or(location);
    let name = |part| if let Component::Normal(name) = part { name.to_str() } else { None };
    let names: Option<Vec<_>> = Path::new(plain).components().map(name).collect();
    if plain.is_empty() || plain.contains('\\') || names.is_none_or(|names| names.join("/") != plain) {
        return Err(outside());
    }
    let path = folder.join(location).canonicalize().map_err(failed)?;
    if !path.starts_with(folder.canonicalize().map_err(failed)?) || !path.is_file() {
        return Err(outside());
    }
    fs::read(path).map_err(failed)
}

/// Reads a file that a model names.
pub(super) type Open<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<u8>, Error>;

/// The files of a model, each of which is read once.
pub(super) struct Files<'a> {
    open: Open<'a>,
    read: HashMap<String, Vec<u8>>,
    /// Bytes of all files so far.
    size: usize,
}

/// A net of so few layers needs no more files, even with one for each tensor.
const MAX_FILES: usize = 4 * MAX_LAYERS;

impl<'a> Files<'a> {
    pub fn new(open: Open<'a>) -> Self {
        Files { open, read: HashMap::new(), size: 0 }
    }

    /// The bytes of a tensor's numbers, in the model or in another file.
    pub fn raw<'b>(&'b mut self, tensor: &'b TensorProto) -> Result<&'b [u8], Error> {
        let wrong = |what: &str| Error::malformed(format!("tensor {}", tensor.name), what);
        match tensor.data_location {
            0 => return Ok(&tensor.raw_data),
            1 if tensor.raw_data.is_empty() => {}
            _ => return Err(wrong("its numbers are in two places, or in none that is known")),
        }
        let (mut location, mut offset, mut length, mut checksum) = (None, None, None, None);
        for entry in &tensor.external_data {
            let number = || entry.value.parse::<usize>().map_err(|_| wrong("a place in a file that is no number"));
            let again = match entry.key.as_str() {
                "location" => location.replace(entry.value.as_str()).is_some(),
                "offset" => offset.replace(number()?).is_some(),
                "length" => length.replace(number()?).is_some(),
                "checksum" => checksum.replace(()).is_some(),
                other => return Err(wrong(&format!("{other} of a place in a file is not known"))),
            };
            if again {
                return Err(wrong(&format!("{} of its place in a file is given twice", entry.key)));
            }
        }
        let location = location.ok_or_else(|| wrong("it is in another file, but not said in which"))?;
        if !self.read.contains_key(location) {
            if self.read.len() == MAX_FILES {
                return Err(wrong(&format!("it is in one of more than {MAX_FILES} files")));
            }
            let bytes = (self.open)(location)?;
            self.size += bytes.len();
            self.read.insert(location.into(), bytes);
        }
        let file = self.read.get(location).map_or(&[][..], Vec::as_slice);
        let rest = file.get(offset.unwrap_or(0)..);
        let own = rest.and_then(|rest| rest.get(..length.unwrap_or(rest.len())));
        own.ok_or_else(|| wrong(&format!("{location} ends before its numbers do")))
    }

    pub fn size(&self) -> usize {
        self.size
    }
}

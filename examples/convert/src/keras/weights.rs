//! `model.weights.h5`: tensors as `layers/<class>_<number>/vars/<number>`.

use crate::error::Error;
use crate::floats::{Width, widen};
use crate::names::snake_case;
use hdf5_reader::group::Group;
use hdf5_reader::messages::datatype::Datatype;
use hdf5_reader::{ByteOrder, Hdf5File, OpenOptions};
use std::collections::HashMap;

pub(super) struct Weights {
    layers: Group,
    /// How many layers of a class there have been.
    counts: HashMap<String, usize>,
}

/// The variables of one layer.
pub(super) struct Variables<'a> {
    name: &'a str,
    group: Group,
    next: usize,
}

impl Weights {
    pub fn open(bytes: Vec<u8>) -> Result<Self, Error> {
        let size = bytes.len();
        let options = OpenOptions::default()
            .with_chunk_cache_bytes(0)
            .with_max_chunk_bytes(size)
            .with_max_read_bytes(size)
            .with_max_object_header_bytes(size);
        let layers = Hdf5File::from_vec_with_options(bytes, options)?.root_group()?.group("layers")?;
        Ok(Weights { layers, counts: HashMap::new() })
    }

    /// Those of the next layer of a class; layers must be asked for in the model's order.
    pub fn next<'a>(&mut self, class: &str, name: &'a str) -> Result<Variables<'a>, Error> {
        let kind = snake_case(class);
        let count = self.counts.entry(kind.clone()).or_default();
        let path = if *count == 0 { kind } else { format!("{kind}_{count}") };
        *count += 1;
        let missing = |_| Error::malformed(name, format!("no group layers/{path}/vars in model.weights.h5"));
        let group = self.layers.group(&path).and_then(|layer| layer.group("vars")).map_err(missing)?;
        // Newer versions of Keras write whose variables they are.
        if let Ok(noted) = group.attribute("name").and_then(|attribute| attribute.read_string())
            && noted != name
        {
            return Err(Error::malformed(name, format!("layers/{path} has the variables of {noted}")));
        }
        Ok(Variables { name, group, next: 0 })
    }
}

impl Variables<'_> {
    /// The next variable.
    pub fn take(&mut self, tensor: &str, needed: &[usize]) -> Result<Vec<f32>, Error> {
        let name = format!("{}/{tensor}", self.name);
        let Ok(data) = self.group.dataset(&self.next.to_string()) else {
            return Err(Error::Missing { name, needed: needed.into(), present: Vec::new() });
        };
        self.next += 1;
        if data.shape().iter().map(|length| *length as usize).ne(needed.iter().copied()) {
            let found = data.shape().iter().map(|length| *length as usize).collect();
            return Err(Error::Shape { name, found, needed: needed.into() });
        }
        let width = match data.dtype() {
            Datatype::FloatingPoint { size: 4, byte_order: ByteOrder::LittleEndian } => Width::F32,
            Datatype::FloatingPoint { size: 2, byte_order: ByteOrder::LittleEndian } => Width::F16,
            Datatype::Opaque { size: 2, .. } if noted(&data).is_some_and(|dtype| dtype == "bfloat16") => Width::BF16,
            other => return Err(Error::Dtype { name, found: format!("{other:?}") }),
        };
        Ok(widen(width, &data.read_raw_bytes()?))
    }

    /// Whether there is nothing left.
    pub fn end(self) -> Result<(), Error> {
        match self.group.dataset(&self.next.to_string()) {
            Ok(data) => Err(Error::Surplus {
                name: format!("{}/{}", self.name, self.next),
                found: data.shape().iter().map(|length| *length as usize).collect(),
            }),
            Err(_) => Ok(()),
        }
    }
}

/// The type of float that Keras notes where HDF5 has none.
fn noted(data: &hdf5_reader::Dataset) -> Option<String> {
    data.attribute("dtype").and_then(|attribute| attribute.read_string()).ok()
}

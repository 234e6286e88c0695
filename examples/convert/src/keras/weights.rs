//! The tensors of each layer, in HDF5.

use crate::error::Error;
use crate::floats::{Width, widen};
use crate::names::snake_case;
use hdf5_reader::group::Group;
use hdf5_reader::messages::datatype::Datatype;
use hdf5_reader::{ByteOrder, Dataset, Hdf5File, OpenOptions};
use std::collections::HashMap;

/// Where the tensors are.
pub(super) struct Weights {
    place: Place,
    /// Bytes that may still be read: each byte of the file once.
    left: usize,
}

enum Place {
    /// `layers/<class>_<number>/vars/<number>`, as in `model.weights.h5`. Parts of a layer are between these.
    Numbers(HashMap<String, Group>),
    /// `model_weights/<layer>/<name>`, as in `.h5`. The layer's attribute `weight_names` lists the names.
    Names(Group),
}

/// No layer that is read has more variables. Each costs a search in its group, so that more are not looked at.
const MAX: usize = 6;

/// The variables of one layer.
pub(super) struct Variables<'a> {
    name: &'a str,
    rest: std::vec::IntoIter<Dataset>,
    /// Whether the variables have names, and not numbers.
    named: bool,
    left: &'a mut usize,
}

/// The root of a file, whose parts are no larger than the whole.
pub(super) fn open(bytes: Vec<u8>) -> Result<Group, Error> {
    let size = bytes.len();
    let options = OpenOptions::default()
        .with_chunk_cache_bytes(0)
        .with_max_chunk_bytes(size)
        .with_max_read_bytes(size)
        .with_max_object_header_bytes(size);
    Ok(Hdf5File::from_vec_with_options(bytes, options)?.root_group()?)
}

impl Weights {
    /// Those of `model.weights.h5`.
    pub fn of_keras(bytes: Vec<u8>) -> Result<Self, Error> {
        let left = bytes.len();
        let groups = open(bytes)?.group("layers")?.groups()?;
        let layers = groups.into_iter().map(|group| (group.name().to_owned(), group)).collect();
        Ok(Weights { place: Place::Numbers(layers), left })
    }

    /// Those of `.h5`, from its root.
    pub fn of_h5(root: &Group, size: usize) -> Result<Self, Error> {
        Ok(Weights { place: Place::Names(root.group("model_weights")?), left: size })
    }

    /// Those of all these parts of a layer of a class, before which so many of this class come. The layer itself is the part "".
    pub fn of<'a>(
        &'a mut self,
        class: &str,
        number: usize,
        name: &'a str,
        parts: &[&str],
    ) -> Result<Variables<'a>, Error> {
        let (all, named) = match &self.place {
            Place::Numbers(layers) => (numbered(layers, number, class, name, parts)?, false),
            Place::Names(all) => (named(all, name)?, true),
        };
        Ok(Variables { name, rest: all.into_iter(), named, left: &mut self.left })
    }
}

fn numbered(
    layers: &HashMap<String, Group>,
    number: usize,
    class: &str,
    name: &str,
    parts: &[&str],
) -> Result<Vec<Dataset>, Error> {
    let kind = snake_case(class);
    let path = if number == 0 { kind } else { format!("{kind}_{number}") };
    let missing = || Error::malformed(name, format!("no group layers/{path}/vars in model.weights.h5"));
    let layer = layers.get(&path).ok_or_else(missing)?;
    // Newer versions of Keras write whose variables they are.
    let noted = layer.group("vars").and_then(|group| group.attribute("name")?.read_string());
    if let Ok(noted) = noted
        && noted != name
    {
        return Err(Error::malformed(name, format!("layers/{path} has the variables of {noted}")));
    }
    let mut all = Vec::new();
    for part in parts {
        let group = walk(layer, part)?.group("vars").map_err(|_| missing())?;
        all.extend((0..MAX).map_while(|number| group.dataset(&number.to_string()).ok()));
    }
    Ok(all)
}

fn named(all: &Group, name: &str) -> Result<Vec<Dataset>, Error> {
    let layer = walk(all, name)?;
    let names = layer.attribute("weight_names")?;
    // The list of a layer without any is one of floats.
    let names = if names.num_elements()? == 0 { Vec::new() } else { names.read_strings()? };
    let open = |path: String| {
        let (groups, own) = path.rsplit_once('/').unwrap_or(("", &path));
        Ok(walk(&layer, groups)?.dataset(own)?)
    };
    names.into_iter().take(MAX).map(open).collect()
}

fn walk(from: &Group, path: &str) -> Result<Group, Error> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    Ok(parts.try_fold(from.clone(), |group, part| group.group(part))?)
}

/// Of old, names end in `:0`.
fn own_name(data: &Dataset) -> &str {
    data.name().split(':').next().unwrap_or_default()
}

fn shape(data: &Dataset) -> Vec<usize> {
    data.shape().iter().map(|length| *length as usize).collect()
}

impl Variables<'_> {
    /// The next variable.
    pub fn take(&mut self, tensor: &str, needed: &[usize]) -> Result<Vec<f32>, Error> {
        let name = format!("{}/{tensor}", self.name);
        let Some(data) = self.rest.next() else {
            return Err(Error::Missing { name, needed: needed.into(), present: Vec::new() });
        };
        // Of old, a depthwise kernel is called so.
        if self.named && own_name(&data).trim_start_matches("depthwise_") != tensor.trim_start_matches("depthwise_") {
            return Err(Error::Missing { name, needed: needed.into(), present: vec![own_name(&data).into()] });
        }
        if shape(&data) != needed {
            return Err(Error::Shape { name, found: shape(&data), needed: needed.into() });
        }
        let width = match data.dtype() {
            Datatype::FloatingPoint { size: 4, byte_order: ByteOrder::LittleEndian } => Width::F32,
            Datatype::FloatingPoint { size: 2, byte_order: ByteOrder::LittleEndian } => Width::F16,
            Datatype::Opaque { size: 2, .. } if noted(&data).is_some_and(|dtype| dtype == "bfloat16") => Width::BF16,
            other => return Err(Error::Dtype { name, found: format!("{other:?}") }),
        };
        let bytes = data.raw_byte_len()?;
        match self.left.checked_sub(bytes) {
            Some(left) => *self.left = left,
            None => return Err(Error::TooLarge { at: name, declared: bytes as u64, bound: *self.left as u64 }),
        }
        Ok(widen(width, &data.read_raw_bytes()?))
    }

    /// Whether there is nothing left.
    pub fn end(mut self) -> Result<(), Error> {
        match self.rest.next() {
            Some(data) => {
                Err(Error::Surplus { name: format!("{}/{}", self.name, own_name(&data)), found: shape(&data) })
            }
            None => Ok(()),
        }
    }
}

/// The type of float that Keras notes where HDF5 has none.
fn noted(data: &Dataset) -> Option<String> {
    data.attribute("dtype").and_then(|attribute| attribute.read_string()).ok()
}

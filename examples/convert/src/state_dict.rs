//! State dicts as safetensors: a net's tensors by name.

use crate::error::Error;
use crate::floats::{Width, finite, little_endian, widen};
use crate::layer::Layer;
use crate::model::Model;
use crate::names::{NameMap, Wanted};
use baregrad::Params;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use std::collections::{HashMap, HashSet};

/// Reads the weights of a net from a safetensors file.
///
/// PyTorch flattens an image with its channels first. The type of a net does not say that one of its layers takes a flattened
/// image: for such a net, [`Model::of_safetensors`] and [`Model::load_into`] put the weights behind it into baregrad's order.
/// States that windows carry on with become 0, if the names are not baregrad's.
///
/// Allocates at most 64 times the size of `bytes`, and as much as the net.
///
/// ```
/// use baregrad::prelude::*;
/// use baregrad_convert::{NameMap, load_safetensors, save_safetensors};
///
/// // torch.nn.Sequential(Linear(2, 3), ReLU(), Linear(3, 1))
/// type Net = chain![Dense<2, 3, Relu>, Dense<3, 1>];
/// let mut trained = Net::NEW;
/// trained.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
/// let bytes = save_safetensors(&trained, &NameMap::pytorch().layers(["0", "2"]))?;
///
/// let mut net = Net::NEW;
/// load_safetensors(&mut net, &bytes, &NameMap::pytorch())?;
/// assert_eq!(net.0.w, trained.0.w);
/// # Ok::<(), baregrad_convert::Error>(())
/// ```
///
/// # Errors
/// A tensor that is missing, surplus, of another shape, of no type of float or not finite; layers whose order their names do not
/// tell.
/// The net is then as it was.
pub fn load_safetensors<N: Params>(net: &mut N, bytes: &[u8], names: &NameMap) -> Result<(), Error> {
    let mut wanted = Vec::new();
    net.tensors(0, &mut |name, _| {
        wanted.push(Wanted::of(name));
    });
    let mut tensors = read(bytes, &wanted, names)?.into_iter();
    net.tensors_mut(0, &mut |_, values| {
        if let Some(tensor) = tensors.next() {
            values.copy_from_slice(&tensor);
        }
    });
    Ok(())
}

/// Writes the weights of a net as a safetensors file of `f32`.
///
/// # Errors
/// [`NameMap::layers`] has another number of layers than the net.
pub fn save_safetensors<N: Params>(net: &N, names: &NameMap) -> Result<Vec<u8>, Error> {
    let (mut wanted, mut tensors) = (Vec::new(), Vec::new());
    net.tensors(0, &mut |name, values| {
        wanted.push(Wanted::of(name));
        tensors.push(values.to_vec());
    });
    write(&wanted, &tensors, names, None)
}

/// What the metadata of a file written by [`Model::to_safetensors`] call the layers.
const TYPES: &str = "baregrad";

impl Model {
    /// Reads the weights of a net of these layers, as in `Dense<64, 32, Relu>, Dense<32, 10>`; without them, the file must
    /// have been written by [`Model::to_safetensors`], which notes them. Both must agree.
    ///
    /// Allocates at most 64 times the size of `bytes`, and 256 KB.
    ///
    /// # Errors
    /// As [`load_safetensors`] and [`Model::of_types`]; no layers are known.
    pub fn of_safetensors(bytes: &[u8], types: Option<&str>, names: &NameMap) -> Result<Self, Error> {
        let noted = SafeTensors::read_metadata(bytes)?.1.metadata().as_ref().and_then(|all| all.get(TYPES).cloned());
        let noted = noted.map(|noted| Model::of_types(&noted, bytes.len())).transpose()?;
        let given = types.map(|types| Model::of_types(types, bytes.len())).transpose()?;
        if let (Some(noted), Some(given)) = (&noted, &given)
            && let Some(difference) = noted.difference(given)
        {
            return Err(difference);
        }
        let mut model = given.or(noted).ok_or(Error::NoLayers)?;
        let tensors = read(bytes, &wanted(&model, names), names)?;
        for (values, tensor) in model.values_mut().into_iter().zip(tensors) {
            *values = tensor;
        }
        Ok(model)
    }

    /// Writes the weights, and the layers as metadata. PyTorch's numbers are those of a `Sequential` of the same layers, where an
    /// activation is a layer of its own.
    ///
    /// # Errors
    /// [`NameMap::layers`] has another number of layers than the net.
    pub fn to_safetensors(&self, names: &NameMap) -> Result<Vec<u8>, Error> {
        let tensors: Vec<_> = self.tensors().iter().map(|tensor| tensor.values.to_vec()).collect();
        write(&wanted(self, names), &tensors, names, Some(HashMap::from([(TYPES.to_owned(), self.types())])))
    }
}

fn wanted(model: &Model, names: &NameMap) -> Vec<Wanted> {
    let numbers = names.numbers(model);
    // Of each layer: the image whose flattened numbers it takes, in whatever order.
    let (mut images, mut image, mut before) = (Vec::new(), None, model.input.clone());
    let mut reverse = Vec::new();
    for (place, (layer, shape)) in model.layers.iter().zip(model.shapes()).enumerate() {
        match layer {
            Layer::Reshape(_) => image = (before.len() > 1 && shape.len() == 1).then_some(before),
            _ if shape.len() > 1 => image = None,
            _ => {}
        }
        if !layer.is_mark() {
            images.push(image.clone());
            reverse.push(model.is_second_direction(place));
        }
        if matches!(layer, Layer::Dense { .. }) {
            image = None;
        }
        before = shape;
    }
    let of = |t: crate::model::Tensor<'_>| Wanted {
        layer: numbers[t.layer],
        reverse: reverse[t.layer],
        kind: t.kind,
        tensor: t.tensor,
        // A bias of a dense layer is of its outputs.
        image: images[t.layer].clone().filter(|_| (t.kind, t.tensor) != ("Dense", "b")),
        shape: t.shape,
    };
    model.tensors().into_iter().map(of).collect()
}

fn read(bytes: &[u8], wanted: &[Wanted], map: &NameMap) -> Result<Vec<Vec<f32>>, Error> {
    let file = SafeTensors::deserialize(bytes)?;
    let mut present: Vec<String> = file.names().into_iter().map(str::to_owned).collect();
    present.sort_unstable();
    let names = map.names(wanted, Some(&present))?;
    let known: HashSet<&String> = names.iter().flatten().collect();
    present.retain(|name| !known.contains(name) && !map.is_aside(name));
    let mut tensors = Vec::new();
    for (wanted, names) in wanted.iter().zip(&names) {
        let layout = map.layout(wanted)?;
        let tensor = |(name, needed): (&String, &Vec<usize>)| match file.tensor(name) {
            Ok(tensor) => floats(name, &tensor, needed),
            Err(_) if map.is_zero(wanted) => Ok(vec![0.0; needed.iter().product()]),
            Err(_) => Err(Error::Missing { name: name.clone(), needed: needed.clone(), present: present.clone() }),
        };
        let all = names.iter().zip(&layout.shapes).map(tensor).collect::<Result<Vec<_>, _>>()?;
        tensors.push(layout.read(&all));
    }
    match present.into_iter().next() {
        Some(name) => Err(Error::Surplus { found: file.tensor(&name)?.shape().to_vec(), name }),
        None => Ok(tensors),
    }
}

/// The numbers of a tensor of this shape, as f32.
fn floats(name: &str, tensor: &TensorView<'_>, needed: &[usize]) -> Result<Vec<f32>, Error> {
    if tensor.shape() != needed {
        return Err(Error::Shape { name: name.into(), found: tensor.shape().to_vec(), needed: needed.into() });
    }
    let width = match tensor.dtype() {
        Dtype::F32 => Width::F32,
        Dtype::F16 => Width::F16,
        Dtype::BF16 => Width::BF16,
        other => return Err(Error::Dtype { name: name.into(), found: format!("{other:?}") }),
    };
    let values = widen(width, tensor.data());
    finite(&format!("tensor {name}"), "a number", &values)?;
    Ok(values)
}

fn write(
    wanted: &[Wanted],
    tensors: &[Vec<f32>],
    map: &NameMap,
    metadata: Option<HashMap<String, String>>,
) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    for (wanted, values) in wanted.iter().zip(tensors) {
        let layout = map.layout(wanted)?;
        let bytes = layout.write(values).into_iter().map(|values| little_endian(&values));
        all.extend(layout.shapes.iter().cloned().zip(bytes));
    }
    let names = map.names(wanted, None)?;
    let views = names
        .into_iter()
        .flatten()
        .zip(&all)
        .map(|(name, (shape, bytes))| TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name, view)));
    Ok(serialize(views.collect::<Result<Vec<_>, _>>()?, metadata)?)
}

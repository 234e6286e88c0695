//! Constants that nodes make of constants, as PyTorch exports the lengths of a padding.

use super::attributes::Attributes;
use super::external::Files;
use super::proto::{GraphProto, NodeProto, TensorProto, data_type};
use super::tensor::{floats, integers, of_floats, of_integers};
use crate::error::Error;
use crate::floats::permute;
use crate::layer::numbers;
use crate::model::reshaped;
use std::collections::HashMap;

/// What is computed are shapes and the like: so many numbers, of so many inputs.
const MAX: usize = 64;
const MAX_INPUTS: usize = 16;

/// A few numbers: integers, or the bits of floats.
#[derive(Clone)]
struct Few {
    data_type: i32,
    shape: Vec<usize>,
    values: Vec<i64>,
}

/// The tensors that nodes of the graph make of small constants, by the names of these.
pub(super) fn fold(graph: &GraphProto) -> Vec<TensorProto> {
    let mut constants: HashMap<&str, &TensorProto> =
        graph.initializer.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
    let (mut made, mut all) = (HashMap::new(), Vec::new());
    for node in &graph.node {
        if let Ok(Some(value)) = super::read::constant(node) {
            constants.insert(node.made(), value);
            continue;
        }
        let inputs = node.input.iter().take(MAX_INPUTS + 1).map(|name| match made.get(name.as_str()) {
            Some(few) => Some(Few::clone(few)),
            None => Few::of(constants.get(name.as_str())?),
        });
        let inputs: Option<Vec<Few>> = inputs.collect();
        let inputs = inputs.filter(|inputs| (1..=MAX_INPUTS).contains(&inputs.len()));
        if let Some(Ok(Some(few))) = inputs.map(|inputs| result(node, &inputs)) {
            all.push(few.tensor(node.made()));
            made.insert(node.made(), few);
        }
    }
    all
}

/// What a node makes, if its operator is one of these.
fn result(node: &NodeProto, inputs: &[Few]) -> Result<Option<Few>, Error> {
    let mut attributes = Attributes::of(node)?;
    let made = match (node.op_type.as_str(), inputs) {
        ("Identity", [x]) => Some(x.clone()),
        ("Cast", [x]) if attributes.integer("to", 0)? == i64::from(x.data_type) => Some(x.clone()),
        ("Concat", all) if attributes.integer("axis", 0)? == 0 => concat(all),
        ("ConstantOfShape", [shape]) => {
            let value = attributes.tensor("value")?.and_then(Few::of);
            value.and_then(|value| filled(shape, &value))
        }
        ("Reshape", [x, shape]) if attributes.integer("allowzero", 0)? == 0 => x.reshaped(&shape.values),
        ("Transpose", [x]) => {
            let order = attributes.integers("perm")?.unwrap_or_default();
            x.transposed(order)
        }
        ("Slice", [x, bounds @ ..]) => x.slice(bounds),
        _ => None,
    };
    attributes.end()?;
    Ok(made)
}

fn concat(all: &[Few]) -> Option<Few> {
    let data_type = all.first()?.data_type;
    let fits = |few: &Few| few.shape.len() == 1 && few.data_type == data_type;
    let values: Vec<i64> = all.iter().flat_map(|few| few.values.clone()).collect();
    (all.iter().all(fits) && values.len() <= MAX).then(|| Few { data_type, shape: vec![values.len()], values })
}

fn filled(shape: &Few, value: &Few) -> Option<Few> {
    let shape: Vec<usize> = shape.values.iter().map(|length| usize::try_from(*length).ok()).collect::<Option<_>>()?;
    let count = numbers(&shape).filter(|count| *count <= MAX)?;
    Some(Few { data_type: value.data_type, shape, values: vec![*value.values.first()?; count] })
}

/// Whether all of a few numbers are 0.
pub(super) fn is_zero(tensor: &TensorProto) -> bool {
    Few::of(tensor).is_some_and(|few| few.values.iter().all(|bits| *bits == 0))
}

impl Few {
    fn of(tensor: &TensorProto) -> Option<Self> {
        let shape: Vec<usize> =
            tensor.dims.iter().map(|length| usize::try_from(*length).ok()).collect::<Option<_>>()?;
        if shape.len() > 4 || numbers(&shape).is_none_or(|count| count > MAX) {
            return None;
        }
        let mut none = |location: &str| Err(Error::unsupported(location, "a file"));
        let mut files = Files::new(&mut none);
        let values = match tensor.data_type {
            data_type::INT64 => integers(tensor, &mut files).ok()?,
            data_type::FLOAT => floats(tensor, &mut files).ok()?.1.iter().map(|x| i64::from(x.to_bits())).collect(),
            _ => return None,
        };
        Some(Few { data_type: tensor.data_type, shape, values })
    }

    fn tensor(&self, name: &str) -> TensorProto {
        let mut tensor = match self.data_type {
            data_type::INT64 => of_integers(name.into(), &self.values),
            _ => {
                let values: Vec<f32> = self.values.iter().map(|bits| f32::from_bits(*bits as u32)).collect();
                of_floats(name.into(), &[values.len()], &values)
            }
        };
        tensor.dims = self.shape.iter().map(|length| *length as i64).collect();
        tensor
    }

    fn reshaped(&self, lengths: &[i64]) -> Option<Self> {
        Some(Few { shape: reshaped(self.values.len(), lengths)?, ..self.clone() })
    }

    fn transposed(&self, order: &[i64]) -> Option<Self> {
        let order: Vec<usize> = order.iter().map(|axis| usize::try_from(*axis).ok()).collect::<Option<_>>()?;
        let mut sorted = order.clone();
        sorted.sort_unstable();
        sorted.iter().copied().eq(0..self.shape.len()).then(|| Few {
            data_type: self.data_type,
            shape: order.iter().map(|axis| self.shape[*axis]).collect(),
            values: permute(&self.values, &self.shape, &order),
        })
    }

    /// Along the first axis.
    fn slice(&self, bounds: &[Few]) -> Option<Self> {
        let one = |at: usize, default: i64| match bounds.get(at) {
            None => Some(default),
            Some(few) => {
                if let [value] = few.values[..] {
                    Some(value)
                } else {
                    None
                }
            }
        };
        let (start, end, axis, step) = (one(0, 0)?, one(1, 0)?, one(2, 0)?, one(3, 1)?);
        let length = i64::try_from(*self.shape.first()?).ok().filter(|_| axis == 0 && step != 0)?;
        // Negative bounds count from the end.
        let bound =
            |bound: i64, most: i64| if bound < 0 { bound.saturating_add(length) } else { bound }.clamp(-1, most);
        let (first, last) = match step > 0 {
            true => (bound(start, length).max(0), bound(end, length).max(0)),
            false => (bound(start, length - 1), bound(end, length - 1)),
        };
        let width = self.values.len().checked_div(usize::try_from(length).ok()?)?;
        let (mut at, mut values) = (first, Vec::new());
        while if step > 0 { at < last } else { at > last } {
            let row = usize::try_from(at).ok()? * width;
            values.extend(self.values.get(row..row + width)?);
            at = at.saturating_add(step);
        }
        let rows = values.len().checked_div(width)?;
        Some(Few { data_type: self.data_type, shape: [&[rows], &self.shape[1..]].concat(), values })
    }
}

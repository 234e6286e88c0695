//! Numbers of a `TensorProto`.

use super::proto::{TensorProto, data_type};
use crate::error::Error;
use crate::floats::{Width, little_endian, widen};

/// Its length along each axis, if they are as many numbers as it has.
pub fn shape(tensor: &TensorProto) -> Option<Vec<usize>> {
    tensor.dims.iter().map(|length| usize::try_from(*length).ok()).collect()
}

/// Floats, the narrow ones widened.
pub fn floats(tensor: &TensorProto) -> Result<(Vec<usize>, Vec<f32>), Error> {
    let name = || tensor.name.clone();
    let malformed = |what: &str| Error::malformed(format!("tensor {}", tensor.name), what);
    if tensor.data_location != 0 {
        return Err(Error::unsupported(format!("tensor {}", tensor.name), "data in another file"));
    }
    let raw = tensor.raw_data.as_slice();
    let narrow: Vec<u8> = tensor.int32_data.iter().flat_map(|word| (*word as u16).to_le_bytes()).collect();
    let narrow = if raw.is_empty() { &narrow } else { raw };
    let values = match tensor.data_type {
        data_type::FLOAT if raw.is_empty() => tensor.float_data.clone(),
        data_type::FLOAT => widen(Width::F32, raw),
        data_type::FLOAT16 => widen(Width::F16, narrow),
        data_type::BFLOAT16 => widen(Width::BF16, narrow),
        other => return Err(Error::Dtype { name: name(), found: format!("number {other} of TensorProto.DataType") }),
    };
    let shape = shape(tensor).ok_or_else(|| malformed("a negative length"))?;
    let size = shape.iter().try_fold(1_usize, |size, length| size.checked_mul(*length));
    if size != Some(values.len()) {
        return Err(malformed(&format!("{} numbers for the shape {shape:?}", values.len())));
    }
    Ok((shape, values))
}

/// Integers, as of a shape.
pub fn integers(tensor: &TensorProto) -> Result<Vec<i64>, Error> {
    if tensor.data_type != data_type::INT64 || tensor.data_location != 0 {
        return Err(Error::unsupported(format!("tensor {}", tensor.name), "a shape that is not of INT64"));
    }
    Ok(match tensor.raw_data.as_slice() {
        [] => tensor.int64_data.clone(),
        raw => raw.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect(),
    })
}

/// A tensor of floats.
pub fn of_floats(name: String, shape: &[usize], values: &[f32]) -> TensorProto {
    TensorProto {
        name,
        dims: shape.iter().map(|length| *length as i64).collect(),
        data_type: data_type::FLOAT,
        raw_data: little_endian(values),
        ..Default::default()
    }
}

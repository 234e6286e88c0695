//! Numbers of a `TensorProto`.

use super::external::Files;
use super::proto::{TensorProto, data_type};
use crate::error::Error;
use crate::floats::{Width, little_endian, widen};

/// No tensor that is read has as many axes. Each use of a constant reads them all.
const MAX_AXES: usize = 8;

/// Its length along each axis, for so many numbers.
fn shape(tensor: &TensorProto, numbers: usize) -> Result<Vec<usize>, Error> {
    let wrong = |what: String| Error::malformed(format!("tensor {}", tensor.name), what);
    if tensor.dims.len() > MAX_AXES {
        return Err(wrong(format!("a tensor of {} axes", tensor.dims.len())));
    }
    let shape: Option<Vec<_>> = tensor.dims.iter().map(|length| usize::try_from(*length).ok()).collect();
    let shape = shape.ok_or_else(|| wrong("a negative length".into()))?;
    match shape.iter().try_fold(1_usize, |size, length| size.checked_mul(*length)) {
        Some(size) if size == numbers => Ok(shape),
        _ => Err(wrong(format!("{numbers} numbers for the shape {shape:?}"))),
    }
}

/// The bytes of all numbers, where they are not in a list of their own, which has `listed` of them.
fn raw<'a>(tensor: &'a TensorProto, files: &'a mut Files<'_>, size: usize, listed: usize) -> Result<&'a [u8], Error> {
    let at = || format!("tensor {}", tensor.name);
    if tensor.segment.is_some() {
        return Err(Error::unsupported(at(), "a segment of a tensor"));
    }
    let raw = files.raw(tensor)?;
    match (raw.len() % size, raw.is_empty() || listed == 0) {
        (0, true) => Ok(raw),
        (0, false) => Err(Error::malformed(at(), "its numbers are in two places")),
        (more, _) => Err(Error::malformed(at(), format!("{more} bytes behind its numbers"))),
    }
}

/// Floats, the narrow ones widened.
pub fn floats(tensor: &TensorProto, files: &mut Files<'_>) -> Result<(Vec<usize>, Vec<f32>), Error> {
    let width = match tensor.data_type {
        data_type::FLOAT => Width::F32,
        data_type::FLOAT16 => Width::F16,
        data_type::BFLOAT16 => Width::BF16,
        other => {
            let found = format!("number {other} of TensorProto.DataType");
            return Err(Error::Dtype { name: tensor.name.clone(), found });
        }
    };
    let values = if width == Width::F32 {
        match raw(tensor, files, 4, tensor.float_data.len())? {
            [] => tensor.float_data.clone(),
            raw => widen(width, raw),
        }
    } else {
        match raw(tensor, files, 2, tensor.int32_data.len())? {
            [] => {
                let halves = tensor.int32_data.iter().map(|word| u16::try_from(*word).map(u16::to_le_bytes));
                let halves = halves.collect::<Result<Vec<_>, _>>().map_err(|_| {
                    Error::malformed(format!("tensor {}", tensor.name), "a number of more than 16 bits")
                })?;
                widen(width, halves.as_flattened())
            }
            raw => widen(width, raw),
        }
    };
    Ok((shape(tensor, values.len())?, values))
}

/// Integers, as of a shape.
pub fn integers(tensor: &TensorProto, files: &mut Files<'_>) -> Result<Vec<i64>, Error> {
    if tensor.data_type != data_type::INT64 {
        return Err(Error::unsupported(format!("tensor {}", tensor.name), "a shape that is not of INT64"));
    }
    let integers: Vec<i64> = match raw(tensor, files, 8, tensor.int64_data.len())? {
        [] => tensor.int64_data.clone(),
        raw => raw.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect(),
    };
    shape(tensor, integers.len())?;
    Ok(integers)
}

/// Whether a `BOOL` is true.
pub fn flag(tensor: &TensorProto, files: &mut Files<'_>) -> Result<bool, Error> {
    if tensor.data_type != data_type::BOOL {
        return Err(Error::unsupported(format!("tensor {}", tensor.name), "a flag that is not of BOOL"));
    }
    let raw = raw(tensor, files, 1, tensor.int32_data.len())?;
    shape(tensor, raw.len().max(tensor.int32_data.len()))?;
    Ok(raw.iter().any(|byte| *byte != 0) || tensor.int32_data.iter().any(|word| *word != 0))
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

/// A row of integers.
pub fn of_integers(name: String, values: &[i64]) -> TensorProto {
    TensorProto {
        name,
        dims: vec![values.len() as i64],
        data_type: data_type::INT64,
        raw_data: values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        ..Default::default()
    }
}

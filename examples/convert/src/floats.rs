//! Floats as bytes.

use crate::error::Error;
use half::{bf16, f16};

/// The types of float that are read; the narrow ones are widened, which is exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    F32,
    F16,
    BF16,
}

/// Little-endian floats.
pub(crate) fn widen(width: Width, bytes: &[u8]) -> Vec<f32> {
    match width {
        Width::F32 => bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
        Width::F16 => bytes.as_chunks().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect(),
        Width::BF16 => bytes.as_chunks().0.iter().map(|b| bf16::from_le_bytes(*b).to_f32()).collect(),
    }
}

pub(crate) fn little_endian(floats: &[f32]) -> Vec<u8> {
    floats.iter().flat_map(|float| float.to_le_bytes()).collect()
}

/// Of a tensor of this shape, the tensor whose axis `i` is the axis `order[i]`.
pub(crate) fn permute<T: Copy>(values: &[T], shape: &[usize], order: &[usize]) -> Vec<T> {
    let steps: Vec<usize> = (1..=shape.len()).map(|axis| shape[axis..].iter().product()).collect();
    let place = |mut to: usize| {
        let mut from = 0;
        for axis in order.iter().rev() {
            from += to % shape[*axis] * steps[*axis];
            to /= shape[*axis];
        }
        values[from]
    };
    (0..values.len()).map(place).collect()
}

/// The order that undoes another.
pub(crate) fn inverse(order: &[usize]) -> Vec<usize> {
    let mut inverse = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, from)| inverse[*from] = to);
    inverse
}

/// Refuses infinities and NaN, which no form of a net can have. The error says what they are, and where.
pub(crate) fn finite(at: &str, what: &str, floats: &[f32]) -> Result<(), Error> {
    match floats.iter().all(|float| float.is_finite()) {
        true => Ok(()),
        false => Err(Error::NotFinite { at: at.into(), what: what.into() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_permuted() {
        let floats: Vec<f32> = (0..6).map(|i| i as f32).collect();
        assert_eq!(permute(&floats, &[2, 3], &[1, 0]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        let floats: Vec<f32> = (0..24).map(|i| i as f32).collect();
        for order in [[0, 1, 2], [2, 0, 1], [1, 0, 2]] {
            let there = permute(&floats, &[2, 3, 4], &order);
            let shape = order.map(|axis| [2, 3, 4][axis]);
            assert_eq!(permute(&there, &shape, &inverse(&order)), floats);
        }
    }
}

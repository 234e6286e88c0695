//! Layers that are made of bytes while compiling.

use super::Params;
use core::marker::PhantomData;

/// Bytes of a [model file](crate::file), from some place in its payload to the end.
pub trait Bytes: 'static {
    /// The bytes.
    const BYTES: &'static [u8];
}

/// The bytes of `P` behind the weights of the layers `N`.
pub struct Behind<P, N>(PhantomData<(P, N)>);

impl<P: Bytes, N: Params> Bytes for Behind<P, N> {
    const BYTES: &'static [u8] = P::BYTES.split_at(4 * N::COUNT).1;
}

/// A layer or a net that can be made of the bytes `P` while compiling.
pub trait FromBytes<P: Bytes>: Params {
    /// The layer.
    const LAYER: Self;
}

/// Fills `tensor` with the first floats of `bytes`. Gives what lies behind them.
///
/// # Panics
/// When compiling, if a float is not finite, or there are too few.
pub const fn read<'a>(tensor: &mut [f32], bytes: &'a [u8]) -> &'a [u8] {
    let (floats, rest) = bytes.split_at(4 * tensor.len());
    let floats = floats.as_chunks().0;
    let mut i = 0;
    while i < tensor.len() {
        // Few calls: the compiler counts them, and asks questions when they are many.
        let [a, b, c, d] = floats[i];
        let bits = a as u32 | (b as u32) << 8 | (c as u32) << 16 | (d as u32) << 24;
        assert!(bits & INFINITE != INFINITE, "a weight in the model file is infinite or not a number");
        tensor[i] = f32::from_bits(bits);
        i += 1;
    }
    rest
}

/// The bits of an exponent that infinite numbers and NaN have.
const INFINITE: u32 = f32::INFINITY.to_bits();

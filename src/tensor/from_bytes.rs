//! Layers that the compiler builds from the bytes of a file.

use super::Params;
use core::marker::PhantomData;

/// The bytes of a [model file](crate::file) from one place in its payload to the end, as a type.
pub trait Bytes: 'static {
    /// The bytes.
    const BYTES: &'static [u8];
}

/// The bytes of `P` after the weights of `N`.
pub struct Behind<P, N>(PhantomData<(P, N)>);

impl<P: Bytes, N: Params> Bytes for Behind<P, N> {
    const BYTES: &'static [u8] = P::BYTES.split_at(4 * N::COUNT).1;
}

/// A layer or a net that can be built from the bytes `P` at compile time.
pub trait FromBytes<P: Bytes>: Params {
    /// The layer with the weights that `P` begins with.
    const LAYER: Self;
}

/// Fills `tensor` with the first floats of `bytes`. Returns the bytes after them.
///
/// # Panics
/// At compile time, if a float is not finite or there are too few bytes.
pub const fn read<'a>(tensor: &mut [f32], bytes: &'a [u8]) -> &'a [u8] {
    let (floats, rest) = bytes.split_at(4 * tensor.len());
    let floats = floats.as_chunks().0;
    let mut i = 0;
    while i < tensor.len() {
        // The loop makes few calls: the compiler counts them, and rejects a constant that takes too many.
        let [a, b, c, d] = floats[i];
        let bits = a as u32 | (b as u32) << 8 | (c as u32) << 16 | (d as u32) << 24;
        assert!(bits & INFINITE != INFINITE, "a weight in the model file is infinite or not a number");
        tensor[i] = f32::from_bits(bits);
        i += 1;
    }
    rest
}

/// The exponent bits of infinities and NaN.
const INFINITE: u32 = f32::INFINITY.to_bits();

use crate::tensor::Tensor;

/// An int8 image of `H` rows and `W` columns with `C` channels, one byte per activation.
pub type Image<const H: usize, const W: usize, const C: usize> = [[[u8; C]; W]; H];

/// An int8 sequence of `L` places with `C` channels, one byte per activation.
pub type Sequence<const L: usize, const C: usize> = [[u8; C]; L];

/// An array of bytes of any rank: an activation of an int8 net. The byte `b` stands for `q = b − 128`.
pub trait Bytes: Copy + 'static {
    /// Number of bytes.
    const LEN: usize;
    /// Bytes 0.
    const ZERO: Self;
    /// The same array of other elements.
    type Of<T: Copy>: Copy;

    /// Returns `bytes` as arrays. Bytes at the end that fill no array are left out.
    fn arrays(bytes: &[u8]) -> &[Self];
    /// Returns `bytes` as arrays. Bytes at the end that fill no array are left out.
    fn arrays_mut(bytes: &mut [u8]) -> &mut [Self];
    /// Returns the bytes of arrays.
    fn bytes(arrays: &[Self]) -> &[u8];
    /// Returns the bytes of arrays.
    fn bytes_mut(arrays: &mut [Self]) -> &mut [u8];
    /// Returns one element per byte.
    fn map<T: Copy>(&self, f: &mut impl FnMut(u8) -> T) -> Self::Of<T>;
    /// Changes each byte with the element of `from` at its place.
    fn zip<T: Copy>(&mut self, from: &Self::Of<T>, f: &mut impl FnMut(&mut u8, T));
}

/// A sample of floats, whose int8 twin is an array of the same shape.
pub trait ToBytes: Tensor {
    /// The array of bytes.
    type Bytes: Bytes;
}

impl ToBytes for f32 {
    type Bytes = u8;
}

impl<T: ToBytes, const N: usize> ToBytes for [T; N] {
    type Bytes = [T::Bytes; N];
}

impl Bytes for u8 {
    const LEN: usize = 1;
    const ZERO: Self = 0;
    type Of<T: Copy> = T;

    #[inline(always)]
    fn arrays(bytes: &[u8]) -> &[Self] {
        bytes
    }

    #[inline(always)]
    fn arrays_mut(bytes: &mut [u8]) -> &mut [Self] {
        bytes
    }

    #[inline(always)]
    fn bytes(arrays: &[Self]) -> &[u8] {
        arrays
    }

    #[inline(always)]
    fn bytes_mut(arrays: &mut [Self]) -> &mut [u8] {
        arrays
    }

    #[inline(always)]
    fn map<T: Copy>(&self, f: &mut impl FnMut(u8) -> T) -> T {
        f(*self)
    }

    #[inline(always)]
    fn zip<T: Copy>(&mut self, from: &T, f: &mut impl FnMut(&mut u8, T)) {
        f(self, *from);
    }
}

impl<B: Bytes, const N: usize> Bytes for [B; N] {
    const LEN: usize = N * B::LEN;
    const ZERO: Self = [B::ZERO; N];
    type Of<T: Copy> = [B::Of<T>; N];

    #[inline(always)]
    fn arrays(bytes: &[u8]) -> &[Self] {
        B::arrays(bytes).as_chunks().0
    }

    #[inline(always)]
    fn arrays_mut(bytes: &mut [u8]) -> &mut [Self] {
        B::arrays_mut(bytes).as_chunks_mut().0
    }

    #[inline(always)]
    fn bytes(arrays: &[Self]) -> &[u8] {
        B::bytes(arrays.as_flattened())
    }

    #[inline(always)]
    fn bytes_mut(arrays: &mut [Self]) -> &mut [u8] {
        B::bytes_mut(arrays.as_flattened_mut())
    }

    #[inline(always)]
    fn map<T: Copy>(&self, f: &mut impl FnMut(u8) -> T) -> Self::Of<T> {
        self.each_ref().map(|b| b.map(f))
    }

    #[inline(always)]
    fn zip<T: Copy>(&mut self, from: &Self::Of<T>, f: &mut impl FnMut(&mut u8, T)) {
        for (b, from) in self.iter_mut().zip(from) {
            b.zip(from, f);
        }
    }
}

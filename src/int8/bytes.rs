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
    /// Returns one element per byte.
    fn map<T: Copy>(&self, f: &mut impl FnMut(u8) -> T) -> Self::Of<T>;
    /// Changes each byte with the element of `from` at its place.
    fn zip<T: Copy>(&mut self, from: &Self::Of<T>, f: &mut impl FnMut(&mut u8, T));
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

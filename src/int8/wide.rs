use super::Quantized;

/// `N` activations of int16, which only the end of a net has. The two bytes of each, the lower one first, are `q + 32,768`. A
/// zero point of int16 is 256 times as large as its [`Quantization`](super::Quantization) says.
pub type Int16<const N: usize> = [[u8; 2]; N];

/// `N` activations of int32, which only the end of a net has. The four bytes of each, the lowest one first, are `q + 2³¹`. A
/// zero point is 0.
pub type Int32<const N: usize> = [[u8; 4]; N];

impl<const N: usize> Quantized<'_, Int16<N>> {
    /// Returns the activations of an output of int16.
    pub fn int16(&self) -> [i16; N] {
        let mut bytes = self.bytes.as_chunks().0.iter();
        // The bytes are N pairs.
        [(); N].map(|()| bytes.next().map_or(0, |b| (u16::from_le_bytes(*b) ^ 0x8000) as i16))
    }
}

impl<const N: usize> Quantized<'_, Int32<N>> {
    /// Returns the activations of an output of int32.
    pub fn int32(&self) -> [i32; N] {
        let mut bytes = self.bytes.as_chunks().0.iter();
        // The bytes are N times four.
        [(); N].map(|()| bytes.next().map_or(0, |b| (u32::from_le_bytes(*b) ^ 0x8000_0000) as i32))
    }
}

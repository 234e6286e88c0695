//! Bits in one number, to compare weights of different machines.

use baregrad::buffer::Buffer;

/// FNV-1a of 32 bits.
#[derive(Clone, Copy)]
pub struct Hash(pub u32);

impl Hash {
    /// Of nothing.
    pub const NEW: Self = Hash(0x811c_9dc5);

    /// With the bits of some floats; all NaN are one.
    #[must_use]
    pub fn with(self, floats: &impl Buffer) -> Self {
        floats.flat().iter().fold(self, |hash, float| {
            let bits = if float.is_nan() { f32::NAN.to_bits() } else { float.to_bits() };
            bits.to_le_bytes().iter().fold(hash, |Hash(sum), byte| Hash((sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)))
        })
    }
}

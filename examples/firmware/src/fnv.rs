//! Bits in one number, to compare those of different machines.

use baregrad::buffer::Buffer;

/// FNV-1a of 32 bits.
#[derive(Clone, Copy)]
pub struct Fnv(pub u32);

impl Fnv {
    /// Of nothing.
    pub const NEW: Self = Fnv(0x811c_9dc5);

    /// With the bits of some floats; all NaN are one.
    #[must_use]
    pub fn with(self, floats: &impl Buffer) -> Self {
        floats.flat().iter().fold(self, |sum, float| {
            let bits = if float.is_nan() { f32::NAN.to_bits() } else { float.to_bits() };
            bits.to_le_bytes()
                .iter()
                .fold(sum, |Fnv(sum), byte| Fnv((sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)))
        })
    }
}

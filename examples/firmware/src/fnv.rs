//! Bits in one number, to compare those of different machines.

use core::hint::black_box;

/// FNV-1a of 32 bits.
#[derive(Clone, Copy)]
pub struct Fnv(pub u32);

impl Fnv {
    /// Of nothing.
    pub const NEW: Self = Fnv(0x811c_9dc5);

    /// With the bits of some floats; all NaN are one.
    #[must_use]
    #[inline(never)]
    pub fn with(self, floats: &[f32]) -> Self {
        let mut sum = self.0;
        for float in floats {
            let bits = if float.is_nan() { f32::NAN.to_bits() } else { float.to_bits() };
            for byte in bits.to_le_bytes() {
                sum = (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193);
            }
            // Not unrolled: it is not what the images are there for.
            black_box(());
        }
        Fnv(sum)
    }

    /// With some bytes.
    #[must_use]
    pub fn with_bytes(self, bytes: &[u8]) -> Self {
        Fnv(bytes.iter().fold(self.0, |sum, byte| (sum ^ u32::from(*byte)).wrapping_mul(0x0100_0193)))
    }
}

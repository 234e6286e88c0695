use super::{Multiplier, Range};

/// The sum of two tensors of different scales: TensorFlow Lite's `ADD`.
#[derive(Clone, Copy, Debug)]
pub struct Sum {
    /// The bytes of 0 of the two inputs.
    pub zeros: [u8; 2],
    /// From each input, shifted to the left by [`LEFT`], to the common scale: twice the larger of the two scales.
    pub inputs: [Multiplier; 2],
    /// From the common scale to the output.
    pub output: Multiplier,
    /// The zero point and the range of the output.
    pub range: Range,
}

/// Bits that an input is shifted to the left, so that little is lost by rounding it to the common scale.
pub const LEFT: u32 = 20;

impl Sum {
    /// Returns the byte of the sum of two bytes.
    #[inline(always)]
    pub fn byte(&self, a: u8, b: u8) -> u8 {
        let [zero_a, zero_b] = self.zeros;
        let [to_a, to_b] = self.inputs;
        let scaled = |x: u8, zero: u8, to: Multiplier| to.apply((i32::from(x) - i32::from(zero)) << LEFT);
        self.range.byte(self.output.apply(scaled(a, zero_a, to_a) + scaled(b, zero_b, to_b)))
    }
}

use super::Multiplier;
use super::fixed_point::{exp_negative, input, multiply, one_over_one_plus};
use super::multiplier::shift_right;

/// Bits before the point of the differences to the largest input.
const INTEGER_BITS: u32 = 5;
/// Bits before the point of the sum of the exponentials.
const SUM_BITS: u32 = 12;

/// What scales the inputs of a softmax.
#[derive(Clone, Copy, Debug)]
pub struct Scaled {
    /// From differences of inputs to `Q5.26`.
    pub multiplier: Multiplier,
    /// The difference below which an output is 0.
    pub smallest: i32,
}

impl Scaled {
    /// For inputs of a `scale`: TensorFlow Lite's `PreprocessSoftmaxScaling` with β = 1.
    pub const fn new(scale: f32) -> Self {
        let (multiplier, radius) = input(scale, INTEGER_BITS);
        Scaled { multiplier, smallest: -radius }
    }
}

/// Writes the softmax of bytes, in steps of 1/256 from the byte 0: TensorFlow Lite Micro's `Softmax` from int8 to int8.
pub fn softmax(x: &[u8], scaled: Scaled, y: &mut [u8]) {
    let mut y = y.iter_mut();
    // At most 255, so that the cast keeps it.
    probabilities(x, scaled, 8, |p| y.next().into_iter().for_each(|y| *y = p as u8));
}

/// Writes the softmax of bytes, in steps of 1/65,536 from 0, the lower byte first: the `Softmax` from int8 to int16.
pub fn softmax_16(x: &[u8], scaled: Scaled, y: &mut [[u8; 2]]) {
    let mut y = y.iter_mut();
    // At most 65,535, so that the cast keeps it.
    probabilities(x, scaled, 16, |p| y.next().into_iter().for_each(|y| *y = (p as u16).to_le_bytes()));
}

/// Hands on each probability in steps of `2^−bits`, and at most one step below 1.
#[inline(always)]
fn probabilities(x: &[u8], scaled: Scaled, bits: u32, mut y: impl FnMut(i32)) {
    let largest = x.iter().fold(0, |largest: u8, x| largest.max(*x));
    let exponential = |x: u8| {
        let difference = i32::from(x) - i32::from(largest);
        (difference >= scaled.smallest).then(|| exp_negative(scaled.multiplier.apply(difference), INTEGER_BITS))
    };
    let sum = x.iter().filter_map(|x| exponential(*x)).fold(0_i32, |sum, e| sum.wrapping_add(shift_right(e, SUM_BITS)));
    let zeros = sum.leading_zeros();
    let reciprocal = one_over_one_plus(sum.wrapping_shl(zeros).wrapping_sub(i32::MIN));
    let shift = (SUM_BITS + 31 - bits).saturating_sub(zeros);
    for x in x {
        let exact = exponential(*x).map_or(0, |e| shift_right(multiply(e, reciprocal), shift));
        y(exact.clamp(0, (1 << bits) - 1));
    }
}

//! One step of an LSTM of int8 with a cell state of int16: TensorFlow Lite's `UNIDIRECTIONAL_SEQUENCE_LSTM`.

use super::{Multiplier, Range, grouped};

/// The sigmoid at multiples of 1/24 in units of 2⁻¹⁶: `sigmoid_table_uint16` of TensorFlow Lite. Between two of them, it is
/// interpolated. Each is raised by half of what the line between its neighbours lacks in the middle, about σ″ / (16 · 24²), so
/// that the errors of interpolation lie around 0. The last one is 1, but for one unit.
const SIGMOIDS: [u16; 256] = {
    const STEP: f64 = 0.959_189_457_109_138_2; // e^(−1/24)
    let (mut table, mut i, mut power) = ([u16::MAX; 256], 0, 1.0);
    while i < 255 {
        let sigmoid = 1.0 / (1.0 + power);
        let curvature = sigmoid * (1.0 - sigmoid) * (1.0 - 2.0 * sigmoid) / (24.0 * 24.0);
        table[i] = ((sigmoid - curvature / 16.0) * 65536.0 + 0.5) as u16;
        power *= STEP;
        i += 1;
    }
    table
};

/// Returns the sigmoid of |x| in units of `2^−(16 + bits)`, where `x` is in units of `2^−bits / 24`; or `largest`, where the
/// table ends.
#[inline(always)]
fn interpolated(x: u32, bits: u32, largest: u32) -> u32 {
    let first = (x >> bits).min(255) as usize;
    match SIGMOIDS.get(first..first + 2) {
        Some(&[a, b]) => (u32::from(a) << bits) + (x & ((1 << bits) - 1)) * (u32::from(b) - u32::from(a)),
        _ => largest,
    }
}

/// Returns the sigmoid of `x` in `Q3.12` as `Q0.15`: `Logistic` of int16.
fn sigmoid(x: i16) -> i16 {
    // Units of 1/4,096 are 3 units of 1/(24 · 2⁹).
    let units = 3 * i32::from(x);
    let of_positive = interpolated(units.unsigned_abs(), 9, 0x7FFF << 10) as i32;
    let rounded = if units >= 0 { of_positive + (1 << 9) } else { (1 << 25) - of_positive + (1 << 9) - 1 };
    (rounded >> 10) as i16
}

/// What a tanh is computed of: int16 in units of a power of 2.
#[derive(Clone, Copy, Debug)]
pub struct TanhOf {
    factor: i32,
    shift: u32,
}

impl TanhOf {
    /// `Q3.12`.
    pub const GATE: Self = TanhOf::units(-12);

    /// Units of 2 to this power.
    pub const fn units(power: i32) -> Self {
        assert!(power >= -27 && power <= 0, "the scale of a cell state is between 2^-27 and 1");
        if power < -12 {
            TanhOf { factor: 3, shift: (-12 - power) as u32 }
        } else {
            TanhOf { factor: 3 << (power + 12), shift: 0 }
        }
    }

    /// Returns the tanh of `x` as `Q0.15`: `Tanh` of int16. It is `2 · sigmoid(2 · x) − 1`.
    fn tanh(self, x: i16) -> i16 {
        let half = (1 << self.shift) >> 1;
        let units = (i32::from(x) * self.factor + half) >> self.shift;
        let of_positive = interpolated(units.unsigned_abs(), 8, 0xFFFF << 8) as i32 - (1 << 23);
        let rounded = if units >= 0 { of_positive + (1 << 7) } else { (1 << 7) - 1 - of_positive };
        (rounded >> 8) as i16
    }
}

/// The factors and ranges of the steps.
#[derive(Clone, Copy, Debug)]
pub struct Scales {
    /// From the products with the input, and from those with the last output, to `Q3.12`: of the gates input, forget, cell, and
    /// output.
    pub gates: [[Multiplier; 2]; 4],
    /// From a gate times the cell state to the cell state.
    pub forget: Multiplier,
    /// From a gate times a gate to the cell state.
    pub cell: Multiplier,
    /// From the tanh of the cell state times a gate to the output.
    pub output: Multiplier,
    /// The units of the cell state.
    pub tanh: TanhOf,
    /// The smallest and largest cell state.
    pub clip: [i16; 2],
    /// The zero point of the output.
    pub range: Range,
}

/// From the input `x`, the last output `h` and the cell state `c` to the output `y` and the next cell state. The weights of
/// `x` and of `h` are `[unit][in][gate]`, each as the byte `w + 128`; the biases are those of the products with `x` and of those
/// with `h`.
pub fn step(
    [x, h]: [&[u8]; 2],
    [mut w, mut u]: [&[[u8; 4]]; 2],
    biases: &[[[i32; 4]; 2]],
    scales: &Scales,
    c: &mut [i16],
    y: &mut [u8],
) {
    // The sum of x · w is the sum of x · (w + 128) less 128 times the sum of x.
    let [of_x, of_h] = [x, h].map(|bytes| bytes.iter().fold(0, |sum: i32, x| sum.wrapping_add(128 * i32::from(*x))));
    for (([of_input, of_last], c), y) in biases.iter().zip(c).zip(y) {
        let sums = products(x, &mut w, of_input.map(|bias| bias.wrapping_sub(of_x)));
        let last_sums = products(h, &mut u, of_last.map(|bias| bias.wrapping_sub(of_h)));
        let mut gates = [0; 4];
        for (((gate, a), b), [of_a, of_b]) in gates.iter_mut().zip(&sums).zip(&last_sums).zip(&scales.gates) {
            *gate = sum(of_a.apply(*a), of_b.apply(*b));
        }
        let [input, forget, cell, output] = gates;
        let kept = scales.forget.apply(product(sigmoid(forget), *c));
        let new = scales.cell.apply(product(sigmoid(input), TanhOf::GATE.tanh(cell)));
        let [low, high] = scales.clip;
        *c = sum(kept, new).min(high).max(low);
        *y = scales.range.byte(scales.output.apply(product(scales.tanh.tanh(*c), sigmoid(output))));
    }
}

/// Returns the sums of the products of bytes with the first weights, four for each, and takes those away.
#[inline]
fn products(x: &[u8], w: &mut &[[u8; 4]], mut sums: [i32; 4]) -> [i32; 4] {
    let (these, rest) = w.split_at_checked(x.len()).unwrap_or_default();
    *w = rest;
    if cfg!(umlal) {
        for (sum, more) in sums.iter_mut().zip(grouped::sums::<1>(x, these.as_flattened())) {
            *sum = sum.wrapping_add(more as i32);
        }
        return sums;
    }
    for (x, w) in x.iter().zip(these) {
        for (sum, w) in sums.iter_mut().zip(w) {
            *sum = sum.wrapping_add(i32::from(*x) * i32::from(*w));
        }
    }
    sums
}

#[inline(always)]
fn product(a: i16, b: i16) -> i32 {
    i32::from(a) * i32::from(b)
}

/// The sum of two int16, within which the arguments are brought first.
#[inline(always)]
fn sum(a: i32, b: i32) -> i16 {
    let int16 = |x: i32| x.clamp(i16::MIN.into(), i16::MAX.into());
    int16(int16(a) + int16(b)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checksum(values: impl Iterator<Item = u16>) -> u32 {
        values.fold(0_u32, |sum, value| sum.wrapping_mul(31).wrapping_add(value.into()))
    }

    /// The table has the values of TensorFlow Lite's, which lie within 1.2 units of the sigmoid.
    #[test]
    fn sigmoids() {
        assert_eq!(checksum(SIGMOIDS.into_iter()), 1_684_986_857);
        for (i, value) in SIGMOIDS.iter().enumerate() {
            let exact = 65536.0 / (1.0 + (-(i as f64) / 24.0).exp());
            assert!((f64::from(*value) - exact).abs() < 1.2, "{i}");
        }
    }

    /// For all int16, the values of TensorFlow Lite Micro's `LOGISTIC` and `TANH` of int16.
    #[test]
    fn reference() {
        let of = |f: &dyn Fn(i16) -> i16| checksum((i16::MIN..=i16::MAX).map(|x| f(x) as u16));
        assert_eq!(of(&sigmoid), 811_887_061);
        assert_eq!(of(&|x| TanhOf::GATE.tanh(x)), 2_154_490_271);
        assert_eq!(of(&|x| TanhOf::units(-11).tanh(x)), 4_099_728_415);
    }

    /// Sigmoid and tanh are within two and three units of the exact ones.
    #[test]
    fn curves() {
        for x in i16::MIN..=i16::MAX {
            let number = f64::from(x) / 4096.0;
            let exact = 32768.0 / (1.0 + (-number).exp());
            assert!((f64::from(sigmoid(x)) - exact).abs() < 1.6, "sigmoid of {number}");
            assert!((f64::from(TanhOf::GATE.tanh(x)) - 32768.0 * number.tanh()).abs() < 3.0, "tanh of {number}");
        }
    }
}

//! Numbers in units of their own range.

use super::rounded;

/// Writes each `x` in units of a step, rounded to the nearest whole number, halves away from 0. Returns the step, the largest
/// absolute value by 127.
#[inline(never)]
pub fn units(x: &[f32], q: &mut [f32]) -> f32 {
    let range = x.iter().fold(0.0_f32, |range, x| range.max(x.abs()));
    let (step, per_number) = if range > 0.0 { (range / 127.0, 127.0 / range) } else { (1.0, 0.0) };
    for (x, q) in x.iter().zip(q) {
        let units = x * per_number;
        // NaN is not hidden by the conversion to an integer.
        *q = if units.is_nan() { f32::NAN } else { (rounded(units) as f32).clamp(-127.0, 127.0) };
    }
    step
}

/// `y = factor · y`.
#[inline(never)]
pub fn scale(y: &mut [f32], factor: f32) {
    for y in y {
        *y *= factor;
    }
}

#[cfg(test)]
mod tests {
    use super::units;

    fn rounded<const N: usize>(x: [f32; N]) -> ([f32; N], f32) {
        let mut q = [9.0; N];
        let step = units(&x, &mut q);
        (q, step)
    }

    #[test]
    fn to_the_nearest_step() {
        assert_eq!(rounded([254.0, 1.0, -1.0, 0.99, -2.9, 3.0]), ([127.0, 1.0, -1.0, 0.0, -1.0, 2.0], 2.0));
        assert_eq!(rounded([0.0, -0.0]), ([0.0, 0.0], 1.0));
        // Below a half, though the sum with a half is 1.
        assert_eq!(rounded([127.0, 0.499_999_97]), ([127.0, 0.0], 1.0));
    }

    #[test]
    fn what_is_not_finite_is_not_hidden() {
        assert!(rounded([f32::NAN, 127.0]).0[0].is_nan());
        assert!(rounded([f32::INFINITY, 1.0]).0[0].is_nan());
    }
}

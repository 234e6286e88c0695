//! Numbers rounded to steps of their own range.

/// Writes each `x`, rounded to the nearest of 255 steps, halves away from 0. A step is the largest absolute value by 127.
#[inline(never)]
pub fn round(x: &[f32], y: &mut [f32]) {
    let range = x.iter().fold(0.0_f32, |range, x| range.max(x.abs()));
    let (step, per_number) = if range > 0.0 { (range / 127.0, 127.0 / range) } else { (0.0, 0.0) };
    for (x, y) in x.iter().zip(y) {
        let units = x * per_number;
        let whole = units as i32 as f32;
        let rest = units - whole;
        let up = if rest.abs() < 0.5 { 0.0 } else { 1.0_f32.copysign(rest) };
        // NaN has no rest that compares.
        *y = if rest.is_nan() { f32::NAN } else { (whole + up).clamp(-127.0, 127.0) * step };
    }
}

#[cfg(test)]
mod tests {
    use super::round;

    fn rounded<const N: usize>(x: [f32; N]) -> [f32; N] {
        let mut y = [9.0; N];
        round(&x, &mut y);
        y
    }

    #[test]
    fn to_the_nearest_step() {
        assert_eq!(rounded([254.0, 1.0, -1.0, 0.99, -2.9, 3.0]), [254.0, 2.0, -2.0, 0.0, -2.0, 4.0]);
        assert_eq!(rounded([0.0, -0.0]), [0.0, 0.0]);
        // Below a half, though the sum with a half is 1.
        assert_eq!(rounded([127.0, 0.499_999_97]), [127.0, 0.0]);
        assert_eq!(rounded([f32::MAX, f32::MIN]), [f32::MAX / 127.0 * 127.0, f32::MAX / 127.0 * -127.0]);
    }

    #[test]
    fn what_is_not_finite_is_not_hidden() {
        let [a, b] = rounded([f32::NAN, 127.0]);
        assert!(a.is_nan() && b == 127.0);
        assert!(rounded([f32::INFINITY, 1.0])[0].is_nan());
    }
}

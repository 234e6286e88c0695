//! Sums of many numbers, added one at a time, whose error does not grow with their count (Kahan 1965).

/// Adds `x` to `sum`. `excess` is what rounding has added to the sum so far, and is 0 at first.
///
/// The error of a sum of n numbers is at most 2⁻²³ + n · 2⁻⁴⁸ of the sum of their absolute values. A plain sum stops growing
/// after about 2²⁴ numbers.
#[inline(always)]
pub fn add(sum: &mut f32, excess: &mut f32, x: f32) {
    let x = x - *excess;
    let next = *sum + x;
    *excess = (next - *sum) - x;
    *sum = next;
}

/// A sum with its [excess](add).
#[derive(Clone, Copy, Debug, Default)]
pub struct Total {
    sum: f32,
    excess: f32,
}

impl Total {
    /// The sum of no numbers.
    pub const ZERO: Self = Total { sum: 0.0, excess: 0.0 };

    /// Adds a number.
    #[inline(always)]
    pub fn add(&mut self, x: f32) {
        add(&mut self.sum, &mut self.excess, x);
    }

    /// The sum so far.
    #[inline(always)]
    pub fn value(&self) -> f32 {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The start stands for the 2ᵏ terms that came before.
    #[test]
    fn a_long_sum_goes_on_growing() {
        for k in [20, 24, 28, 33] {
            let before = f32::exp2(k as f32) / 3.0;
            let mut total = Total { sum: before, excess: 0.0 };
            let terms = 1 << 20;
            (0..terms).for_each(|_| total.add(1.0 / 3.0));
            let want = f64::from(before) + f64::from(1.0_f32 / 3.0) * f64::from(terms);
            let error = (f64::from(total.value()) - want) / want;
            assert!(error.abs() < 6e-8 + 1e-9, "2^{k}: {error:e}");
            let grown = f64::from(total.value() - before) / (want - f64::from(before));
            assert!((grown - 1.0).abs() < 2e-3, "2^{k}: {grown}");
        }
    }
}

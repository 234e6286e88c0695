/// Makes a step, and returns 1 − βᵗ after t steps, by which means that start at 0 are too small.
///
/// `state` is 0 at first, then 1 − βᵗ itself. For a β above 0.9995 it is −t instead, because a running 1 − βᵗ would stop
/// growing too early: 1.5 % below 1 for β = 0.999999. The relative error is below 1e-6 with −t, up to β = 0.999999 (beyond it,
/// the count ends too early, at 2²⁴), and below 6e-5 otherwise.
#[inline(always)]
pub(super) fn correction(state: &mut f32, beta: f32) -> f32 {
    let share = 1.0 - beta;
    if *state <= 0.0 {
        let (next, correction) = first_or_counted(*state, share);
        *state = next;
        return correction;
    }
    // This way there is no cancellation, as there would be in 1 − βᵗ.
    *state = *state * beta + share;
    *state
}

/// The first step, and every step if the steps are counted. Returns the next state, and 1 − βᵗ.
// The state comes as a value: with its address, the optimiser would have to lie in memory.
#[cold]
#[inline(never)]
fn first_or_counted(state: f32, mut share: f32) -> (f32, f32) {
    if state == 0.0 && share >= 5e-4 {
        return (share, share);
    }
    let next = state - 1.0;
    // 1 − (1 − share)ᵗ, from the same for the powers of two in t.
    let (mut t, mut all) = (-next as u32, 0.0);
    while t > 0 {
        if t % 2 == 1 {
            all += share * (1.0 - all);
        }
        share += share * (1.0 - share);
        t /= 2;
    }
    (next, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(beta: f32, t: i32) -> f64 {
        -libm::expm1(f64::from(t) * libm::log(f64::from(beta)))
    }

    #[test]
    fn corrections_are_right_after_years() {
        for (beta, limit) in
            [(0.9, 1e-6), (0.999, 3e-5), (0.9995, 6e-5), (0.9999, 1e-6), (0.99999, 1e-6), (0.999_999, 1e-6)]
        {
            let mut state = 0.0;
            for t in 1..=1 << 20 {
                let error = f64::from(correction(&mut state, beta)) / exact(beta, t) - 1.0;
                assert!(error.abs() < limit, "{beta}, step {t}: {error:e}");
            }
            if state < 0.0 {
                for k in 20..=24 {
                    let (t, mut state) = (1 << k, 1.0 - f32::exp2(k as f32));
                    let error = f64::from(correction(&mut state, beta)) / exact(beta, t) - 1.0;
                    assert!(error.abs() < limit, "{beta}, step {t}: {error:e}");
                }
                let mut state = -16_777_216.0;
                let last = correction(&mut state, beta);
                assert!((state, last) == (-16_777_216.0, correction(&mut state, beta)) && (1.0 - last) < 1e-7);
            }
        }
    }
}

use crate::tensor::{Zero, front};
use rand_core::Rng;

/// A random choice of `N` samples from a stream of unknown length. Every sample seen so far is kept with the same
/// probability (algorithm R; Vitter 1985).
///
/// ```
/// use baregrad::{data::Reservoir, prelude::*};
/// let mut kept = Reservoir::<[f32; 2], u8, 3>::NEW; // a constant, which can be in a `static`
/// let mut rng = Sfc32::seed_from_u64(1);
/// for i in 0..10 {
///     kept.offer([f32::from(i), 0.5], i % 2, &mut rng);
/// }
/// assert_eq!((kept.x().len(), kept.seen()), (3, 10));
///
/// let mut model = Trainer::<Dense<2, 2>, SparseCategoricalCrossEntropy<Logits>, Adam>::new(&mut rng);
/// model.fit(kept.x(), kept.targets(), &Fit::default())?;
/// # Ok::<(), Error>(())
/// ```
pub struct Reservoir<X, T, const N: usize> {
    x: [X; N],
    targets: [T; N],
    seen: u64,
}

impl<X: Zero, T: Zero, const N: usize> Reservoir<X, T, N> {
    /// Holds no samples.
    pub const NEW: Self = Reservoir { x: Zero::ZERO, targets: Zero::ZERO, seen: 0 };

    /// Offers a sample and its target, which may be kept or dropped.
    pub fn offer<R: Rng + ?Sized>(&mut self, x: X, target: T, rng: &mut R) {
        self.seen = self.seen.saturating_add(1);
        let place = if self.seen <= N as u64 {
            self.seen - 1
        } else {
            // Uniform on 0..seen, up to a relative error of seen / 2⁶⁴.
            ((u128::from(rng.next_u64()) * u128::from(self.seen)) >> 64) as u64
        };
        let place = usize::try_from(place).unwrap_or(N);
        if let (Some(kept_x), Some(kept_target)) = (self.x.get_mut(place), self.targets.get_mut(place)) {
            (*kept_x, *kept_target) = (x, target);
        }
    }

    /// The samples kept, for `fit`.
    pub fn x(&self) -> &[X] {
        front(&self.x, self.len())
    }

    /// Their targets.
    pub fn targets(&self) -> &[T] {
        front(&self.targets, self.len())
    }

    /// The number of samples offered.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    fn len(&self) -> usize {
        usize::try_from(self.seen).map_or(N, |seen| N.min(seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::rng::Sfc32;
    use std::boxed::Box;

    #[test]
    fn every_sample_has_the_same_chance() {
        let mut rng = Sfc32::NEW;
        let mut times = [0; 20];
        for _ in 0..4000 {
            let mut kept = Reservoir::<[f32; 1], usize, 5>::NEW;
            (0..20).for_each(|i| kept.offer([i as f32], i, &mut rng));
            for (x, target) in kept.x().iter().zip(kept.targets()) {
                assert_eq!(x[0], *target as f32);
                times[*target] += 1;
            }
        }
        // Each is expected 1000 times, with a standard deviation of 27.
        assert!(times.iter().all(|n| (880..1120).contains(n)), "{times:?}");
    }

    /// Of 2²⁰ samples after 2³³, about N / 2¹³ are kept, and each place takes the same share of them.
    #[test]
    fn the_chance_is_right_after_years() {
        let mut rng = Sfc32::NEW;
        const N: usize = 1 << 16;
        let mut kept = Box::new(Reservoir::<[f32; 1], u32, N> { seen: 1 << 33, ..Reservoir::NEW });
        (1..=1 << 20).for_each(|i| kept.offer([0.0], i, &mut rng));
        assert_eq!(kept.seen(), (1 << 33) + (1 << 20));
        let new = kept.targets().iter().filter(|target| **target > 0).count();
        // 8 are expected, with a standard deviation of 3.
        assert!((1..=20).contains(&new), "{new}");
    }
}

//! A small random number generator with a constant first state.

use super::zeros;
use crate::kernels::sqrt::sqrt;
use core::convert::Infallible;
use rand_core::{SeedableRng, TryRng};

/// Chris Doty-Humphrey's sfc32 (PractRand). It has 16 bytes of state, and uses only 32-bit additions, shifts and
/// exclusive-ors, so it gives the same numbers on every target. It is not for secrets.
///
/// ```
/// use baregrad::Sfc32;
/// use rand_core::{Rng, SeedableRng};
/// let mut rng = Sfc32::seed_from_u64(7);
/// assert_ne!(rng.next_u32(), rng.next_u32());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sfc32([u32; 4]);

zeros!(Sfc32 { 0 });

impl Sfc32 {
    /// The generator with the state `[0, 0, 0, 1]`.
    pub const NEW: Self = Sfc32([0, 0, 0, 1]);

    /// Returns the whole state. [`Sfc32::from_state`] goes on from it.
    pub const fn state(&self) -> [u32; 4] {
        self.0
    }

    /// Whether its state is all zeros, which no seed gives.
    #[inline(always)]
    pub(crate) const fn is_zero(&self) -> bool {
        let [a, b, c, counter] = self.0;
        counter | a | b | c == 0
    }

    /// Returns the generator that has this state.
    pub const fn from_state(state: [u32; 4]) -> Self {
        Sfc32(state)
    }
}

impl TryRng for Sfc32 {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let Sfc32([a, b, c, counter]) = self;
        let out = a.wrapping_add(*b).wrapping_add(*counter);
        *counter = counter.wrapping_add(1);
        *a = *b ^ (*b >> 9);
        *b = c.wrapping_add(*c << 3);
        *c = c.rotate_left(21).wrapping_add(out);
        Ok(out)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_u64_via_u32(self)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        rand_core::utils::fill_bytes_via_next_word(out, || self.try_next_u32())
    }
}

impl SeedableRng for Sfc32 {
    type Seed = [u8; 12];

    fn from_seed(seed: [u8; 12]) -> Self {
        let [a, b, c, ..] = seed.as_chunks::<4>().0 else { return Self::NEW };
        let mut rng = Sfc32([*a, *b, *c, [1, 0, 0, 0]].map(u32::from_le_bytes));
        for _ in 0..12 {
            let Ok(_) = rng.try_next_u32();
        }
        rng
    }
}

/// Returns a uniform number in [0, 1), a multiple of 2⁻²⁴.
pub(crate) fn uniform<R: rand_core::Rng + ?Sized>(rng: &mut R) -> f32 {
    (rng.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// Returns a normal number of mean 0 and variance 1, by Marsaglia's polar method.
pub(crate) fn normal<R: rand_core::Rng + ?Sized>(rng: &mut R) -> f32 {
    loop {
        let (u, v) = (2.0 * uniform(rng) - 1.0, 2.0 * uniform(rng) - 1.0);
        let square = u * u + v * v;
        if square > 0.0 && square < 1.0 {
            return u * sqrt(-2.0 * libm::logf(square) / square);
        }
    }
}

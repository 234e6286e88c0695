//! Random cases for tests of what holds for any net and any data: others in each run.

use baregrad::prelude::*;
use std::hash::{BuildHasher, RandomState};
use std::ops::RangeInclusive;

/// What a case is drawn from.
pub struct Draw(Sfc32);

impl Draw {
    /// Draws the same each time.
    pub fn of(seed: u64) -> Self {
        Draw(Sfc32::seed_from_u64(seed))
    }

    /// With room for seeds that are made of it by adding.
    pub fn seed(&mut self) -> u64 {
        self.0.next_u64() >> 1
    }

    pub fn within(&mut self, range: RangeInclusive<usize>) -> usize {
        range.start() + self.0.next_u32() as usize % (range.end() - range.start() + 1)
    }
}

/// Prints the seed of a case that fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("with CASE={} in the environment the tests begin with this case", self.0);
        }
    }
}

/// Runs `count` cases; the first one is that of the variable `CASE`, if there is one.
pub fn cases(count: usize, mut case: impl FnMut(&mut Draw)) {
    let given = std::env::var("CASE").ok().map(|seed| seed.parse().expect("CASE is a number"));
    let fresh = std::iter::repeat_with(|| RandomState::new().hash_one(0));
    for seed in given.into_iter().chain(fresh).take(count) {
        let seed = Seed(seed);
        case(&mut Draw::of(seed.0));
    }
}

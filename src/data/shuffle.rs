//! Random orders of `0..n` without an array of indices.

use rand_core::Rng;

/// A bijection of `0..n`: a Feistel cipher on the next even number of bits, repeated until its result is in the range (cycle
/// walking; Black & Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
#[derive(Clone, Debug)]
pub struct Permutation {
    n: u32,
    half_bits: u32,
    keys: [u32; 4],
    /// Added to the result modulo `n`, because the cipher alone is not uniform for small `n`.
    turn: u32,
}

impl Permutation {
    /// Draws a random order of `0..n`. If `n` is 2³² or more, the order is not changed.
    pub fn new<R: Rng + ?Sized>(n: usize, rng: &mut R) -> Self {
        let n = u32::try_from(n).unwrap_or(0);
        let bits = u32::BITS - n.saturating_sub(1).leading_zeros();
        let turn = rng.next_u32().checked_rem(n).unwrap_or(0);
        Permutation { n, half_bits: bits.div_ceil(2), keys: core::array::from_fn(|_| rng.next_u32()), turn }
    }

    /// Returns the index at place `i` of the order; `i` itself if it is out of range.
    // Inlined, so that a caller in another crate sees that no memory changes, and keeps its own values in registers.
    #[inline]
    pub fn at(&self, i: usize) -> usize {
        let Ok(mut place) = u32::try_from(i) else { return i };
        if place >= self.n {
            return i;
        }
        loop {
            place = self.encrypt(place);
            if place < self.n {
                let left = self.n - place;
                return (if self.turn < left { place + self.turn } else { self.turn - left }) as usize;
            }
        }
    }

    #[inline]
    fn encrypt(&self, place: u32) -> u32 {
        let mask = (1_u32 << self.half_bits) - 1;
        let (mut left, mut right) = (place >> self.half_bits, place & mask);
        for key in self.keys {
            (left, right) = (right, left ^ (hash(right ^ key) & mask));
        }
        left << self.half_bits | right
    }
}

/// Chris Wellons' `lowbias32`.
#[inline]
fn hash(mut x: u32) -> u32 {
    x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::rng::Sfc32;

    #[test]
    fn every_index_comes_once() {
        let mut rng = Sfc32::NEW;
        for n in (0..70).chain([1797, 4096, 4097]) {
            let order = Permutation::new(n, &mut rng);
            let mut seen = [false; 4097];
            for i in 0..n {
                assert!(!core::mem::replace(&mut seen[order.at(i)], true), "n = {n}");
            }
            assert!(seen[..n].iter().all(|s| *s));
        }
    }

    #[test]
    fn places_are_uniform() {
        let mut rng = Sfc32::NEW;
        let mut count = [[0; 5]; 5];
        for _ in 0..5000 {
            let order = Permutation::new(5, &mut rng);
            for i in 0..5 {
                count[i][order.at(i)] += 1;
            }
        }
        assert!(count.iter().flatten().all(|c| (850..1150).contains(c)), "{count:?}");
    }
}

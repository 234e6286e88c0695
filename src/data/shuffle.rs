//! Random orders of `0..n` without an array of indices.

use crate::kernels::no_unrolling;
use rand_core::Rng;

/// A random order of `0..n`.
///
/// Up to n = 16, each of the n! orders has the same probability. For larger n, the order comes from a cipher: there, each pair
/// of indices comes at each pair of places equally often, as far as counts of a million orders can show.
#[derive(Clone, Debug)]
pub struct Permutation {
    n: u32,
    order: Order,
}

#[derive(Clone, Debug)]
enum Order {
    /// All indices, in four bits each.
    Listed(u64),
    /// The last number is added to the result modulo `n`, because the cipher alone is not uniform for small `n`.
    Encrypted(Cipher, u32),
}

impl Permutation {
    /// Draws a random order of `0..n`. If `n` is 2³² or more, the order is not changed.
    pub fn new<R: Rng + ?Sized>(n: usize, rng: &mut R) -> Self {
        let n = u32::try_from(n).unwrap_or(0);
        if n <= 16 {
            return Permutation { n, order: Order::Listed(listed(n, rng)) };
        }
        let turn = rng.next_u32().checked_rem(n).unwrap_or(0);
        Permutation { n, order: Order::Encrypted(Cipher::new(n, rng), turn) }
    }

    /// Returns the index at place `i` of the order; `i` itself if it is out of range.
    // Inlined, so that a caller in another crate sees that no memory changes, and keeps its own values in registers.
    #[inline]
    pub fn at(&self, i: usize) -> usize {
        let Ok(mut place) = u32::try_from(i) else { return i };
        if place >= self.n {
            return i;
        }
        let (cipher, turn) = match &self.order {
            Order::Listed(order) => return (order >> (4 * place) & 15) as usize,
            Order::Encrypted(cipher, turn) => (cipher, *turn),
        };
        loop {
            place = cipher.encrypt(place);
            if place < self.n {
                let left = self.n - place;
                return (if turn < left { place + turn } else { turn - left }) as usize;
            }
        }
    }
}

/// Draws an order of at most 16 indices (Fisher & Yates; Durstenfeld 1964).
fn listed<R: Rng + ?Sized>(n: u32, rng: &mut R) -> u64 {
    let mut order = 0xfedc_ba98_7654_3210_u64;
    for last in (1..n).rev() {
        no_unrolling();
        let other = (u64::from(rng.next_u32()) * u64::from(last + 1)) >> 32;
        let (last, other) = (4 * u64::from(last), 4 * other);
        let difference = (order >> last ^ order >> other) & 15;
        order ^= difference << last | difference << other;
    }
    order
}

/// A Feistel cipher on the next even number of bits, repeated until its result is in the range (cycle walking; Black &
/// Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
#[derive(Clone, Debug)]
struct Cipher {
    half_bits: u32,
    /// How many times the four keys are used: a round mixes less if it has fewer bits.
    turns: u32,
    keys: [u32; 4],
}

impl Cipher {
    fn new<R: Rng + ?Sized>(n: u32, rng: &mut R) -> Self {
        let half_bits = (u32::BITS - n.saturating_sub(1).leading_zeros()).div_ceil(2);
        let turns = if half_bits > 4 { 1 } else { 2 };
        Cipher { half_bits, turns, keys: core::array::from_fn(|_| rng.next_u32()) }
    }

    #[inline]
    fn encrypt(&self, place: u32) -> u32 {
        let mask = (1_u32 << self.half_bits) - 1;
        let (mut left, mut right) = (place >> self.half_bits, place & mask);
        for turn in 0..self.turns {
            for key in &self.keys {
                no_unrolling();
                (left, right) = (right, left ^ (hash(right ^ key.wrapping_add(turn)) & mask));
            }
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
    use std::vec;

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

    /// Every order of up to seven samples comes about as often as the others: each 100 times, with a standard deviation of 10.
    #[test]
    fn small_orders_are_uniform() {
        let mut rng = Sfc32::NEW;
        for (n, orders) in [(3, 6), (4, 24), (5, 120), (6, 720), (7, 5040)] {
            let mut count = vec![0; 1 << (3 * n)];
            for _ in 0..100 * orders {
                let order = Permutation::new(n, &mut rng);
                count[(0..n).fold(0, |all, i| all << 3 | order.at(i))] += 1;
            }
            count.retain(|count| *count > 0);
            assert_eq!(count.len(), orders, "n = {n}");
            assert!(
                count.iter().all(|c| (50..150).contains(c)),
                "n = {n}: {:?}",
                (count.iter().min(), count.iter().max())
            );
        }
    }

    /// Two places get each pair of samples equally often, by the chi-square test: the sum has a standard deviation of √(2 / df).
    #[test]
    fn pairs_are_uniform() {
        let mut rng = Sfc32::NEW;
        for n in [8, 9, 10, 16, 17, 20, 32, 64, 100] {
            let (turns, df) = (100_000, n * (n - 1) - 1);
            for places in [[0, 1], [n - 2, n - 1], [0, n / 2]] {
                let mut count = vec![0_u32; n * n];
                for _ in 0..turns {
                    let order = Permutation::new(n, &mut rng);
                    let [a, b] = places.map(|place| order.at(place));
                    count[a * n + b] += 1;
                }
                let want = f64::from(turns) / (df + 1) as f64;
                let pairs = count.iter().enumerate().filter(|(i, _)| i / n != i % n);
                let sum: f64 = pairs.map(|(_, count)| (f64::from(*count) - want).powi(2) / want).sum();
                let excess = (sum / df as f64 - 1.0) / (2.0 / df as f64).sqrt();
                assert!(excess.abs() < 4.5, "n = {n}, places {places:?}: {excess}");
            }
        }
    }
}

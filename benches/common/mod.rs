//! What all benches share: numbers, comparisons, and tables of rows timed beside plain Rust and the machine's peak.

pub mod peak;
pub mod plain;
pub mod table;

pub use table::Table;

use std::hint::black_box;

/// Deterministic numbers in [-1, 1).
pub fn numbers<const N: usize, const M: usize>(seed: u32) -> Box<[[f32; N]; M]> {
    let mut state = seed;
    let mut all = vec![[0.0; N]; M];
    for x in all.as_flattened_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *x = (state >> 8) as f32 / 8_388_608.0 - 1.0;
    }
    all.into_boxed_slice().try_into().unwrap()
}

/// Compares two runs' results, relative to their size.
pub fn assert_close(ours: &[f32], plain: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), plain.len());
    for (i, (a, b)) in ours.iter().zip(plain).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "element {i}: {a} and {b}");
    }
}

/// Keeps the compiler from knowing a value.
pub fn hide<T: ?Sized>(value: &T) -> &T {
    black_box(value)
}

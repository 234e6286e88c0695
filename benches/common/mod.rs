//! What all benches share: numbers, comparisons, and tables of rows timed beside plain Rust and the machine's limits.
//!
//! All data, of both sides, begin a cache line: a load of a 64-byte vector that straddles two lines takes twice as long,
//! and the allocator would decide which side has to. Results begin a page, inputs another quarter of one: a load waits for
//! earlier stores whose addresses end in the same twelve bits.

pub mod aligned;
pub mod gate;
pub mod markdown;
pub mod nets;
pub mod plain;
pub mod plain_convolutions;
pub mod plain_recurrent;
pub mod probes;
pub mod rows;
pub mod table;
pub mod timing;

pub use aligned::Aligned;

use std::hint::black_box;

/// A value that begins a cache line and lives as long as the program.
pub fn keep<T>(value: T) -> &'static mut T {
    &mut Box::leak(Box::new(Aligned(value))).0
}

/// All zeros, never on the stack, however large.
pub fn zeros<const N: usize, const M: usize>() -> &'static mut [[f32; N]; M] {
    place(0)
}

/// The same, deterministic numbers in [-1, 1).
pub fn numbers<const N: usize, const M: usize>(seed: u32) -> &'static mut [[f32; N]; M] {
    let all = place(seed as usize % 4);
    fill(all.as_flattened_mut(), seed);
    all
}

/// The same in memory that is there.
pub fn fill(all: &mut [f32], seed: u32) {
    let mut state = seed;
    for x in all {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *x = (state >> 8) as f32 / 8_388_608.0 - 1.0;
    }
}

/// Zeros that begin a quarter of a page.
fn place<const N: usize, const M: usize>(quarter: usize) -> &'static mut [[f32; N]; M] {
    let floats = vec![0.0_f32; N * M + 2048].leak();
    let start = floats.as_ptr().align_offset(4096) + 256 * quarter;
    floats[start..][..N * M].as_chunks_mut().0.try_into().unwrap()
}

/// Compares two runs' results, relative to their size.
pub fn assert_close(ours: &[f32], other: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), other.len());
    for (i, (a, b)) in ours.iter().zip(other).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "element {i}: {a} and {b}");
    }
}

/// Keeps the compiler from knowing a value.
pub fn hide<T: ?Sized>(value: &T) -> &T {
    black_box(value)
}

/// Keeps the compiler from knowing a value, and from leaving out what is written to it.
pub fn hide_mut<T: ?Sized>(value: &mut T) -> &mut T {
    black_box(value)
}

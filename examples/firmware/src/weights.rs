//! Weights that the host has trained: files of little-endian floats, which become constants in flash.
//!
//! The functions are to be called for a `static`, when compiling: a file that is too short does not compile.

use baregrad::layers::Dense;

/// Floats from number `from` of a file on.
pub const fn floats<const N: usize>(file: &[u8], from: usize) -> [f32; N] {
    let mut floats = [0.0; N];
    let mut i = 0;
    while i < N {
        let at = (from + i) * 4;
        floats[i] = f32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]);
        i += 1;
    }
    floats
}

/// A layer whose weights, then biases, start at float number `from`.
pub const fn dense<const I: usize, const O: usize, A>(file: &[u8], from: usize) -> Dense<I, O, A> {
    let mut w = [[0.0; O]; I];
    let mut i = 0;
    while i < I {
        w[i] = floats(file, from + i * O);
        i += 1;
    }
    Dense::from_weights(w, floats(file, from + I * O))
}

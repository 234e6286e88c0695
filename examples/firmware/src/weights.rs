//! Weights that the host has trained: files of little-endian floats, which become constants in flash.

use baregrad::layers::Dense;

/// Float number `index` of a file.
pub const fn float(file: &[u8], index: usize) -> f32 {
    let at = index * 4;
    f32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]])
}

/// A layer whose weights, then biases, start at float number `from`: to be called for a `static`, when compiling.
pub const fn dense<const I: usize, const O: usize, A>(file: &[u8], from: usize) -> Dense<I, O, A> {
    let (mut w, mut b) = ([[0.0; O]; I], [0.0; O]);
    let mut i = 0;
    while i < I {
        let mut o = 0;
        while o < O {
            w[i][o] = float(file, from + i * O + o);
            o += 1;
        }
        i += 1;
    }
    let mut o = 0;
    while o < O {
        b[o] = float(file, from + I * O + o);
        o += 1;
    }
    Dense::from_weights(w, b)
}

//! int8 weights and biases, made from floats.

use super::rounded;

/// Quantizes the weights `[in][out]` of a layer with [`quantize`] or [`quantize_transposed`], and its biases. `from` is the scale
/// of the input. Returns the scale of the weights of each output, and the biases.
pub fn layer<const O: usize>(
    w: &[f32],
    b: &[f32; O],
    from: f32,
    quantize: fn(&[f32], &[f32], &mut [u8]),
    q: &mut [u8],
) -> ([f32; O], [i32; O]) {
    let (mut scale, mut biases) = ([0.0; O], [0; O]);
    scales(w, &mut scale);
    quantize(w, &scale, q);
    quantize_biases(b, from, &scale, &mut biases);
    (scale, biases)
}

/// Writes the scale of the weights of each output, `largest absolute value / 127`: symmetric, per channel, without −128. The
/// weights are `[in][out]`. Weights that are all 0 get the scale 1.
fn scales(w: &[f32], scale: &mut [f32]) {
    scale.fill(0.0);
    for row in w.chunks_exact(scale.len().max(1)) {
        for (scale, w) in scale.iter_mut().zip(row) {
            *scale = scale.max(w.abs());
        }
    }
    for scale in scale {
        *scale /= 127.0;
        if !(scale.is_normal() && *scale > 0.0) {
            *scale = 1.0;
        }
    }
}

/// Quantizes weights `[in][out]` in the same order, as bytes of int8.
pub fn quantize(w: &[f32], scale: &[f32], q: &mut [u8]) {
    let width = scale.len().max(1);
    for (w, q) in w.chunks_exact(width).zip(q.chunks_exact_mut(width)) {
        for ((w, scale), q) in w.iter().zip(scale).zip(q) {
            *q = rounded(w / scale).clamp(-127, 127) as u8;
        }
    }
}

/// Quantizes weights `[in][out]` to `[out][in]`, as bytes of int8.
pub fn quantize_transposed(w: &[f32], scale: &[f32], q: &mut [u8]) {
    let (width, length) = (scale.len().max(1), (w.len() / scale.len().max(1)).max(1));
    for ((o, scale), q) in scale.iter().enumerate().zip(q.chunks_exact_mut(length)) {
        for (w, q) in w.iter().skip(o).step_by(width).zip(q) {
            *q = rounded(w / scale).clamp(-127, 127) as u8;
        }
    }
}

/// Quantizes biases: their scale is the scale of the input times the scale of the weights.
fn quantize_biases(b: &[f32], from: f32, scale: &[f32], q: &mut [i32]) {
    for ((b, scale), q) in b.iter().zip(scale).zip(q) {
        *q = rounded(b / (from * scale)).clamp(-(1 << 30), 1 << 30);
    }
}

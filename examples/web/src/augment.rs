//! Training images that are a little different each time, so that the net reads more hands than the data set has.

use crate::Pixels;
use baregrad::prelude::*;

/// Turns, slants, stretches and shifts an image at random.
pub fn vary(pixels: &Pixels, rng: &mut Sfc32) -> [f32; 64] {
    let mut random = |most: f32| ((rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0) * most;
    let rows = [[1.0 + random(0.15), random(0.35), random(0.6)], [random(0.15), 1.0 + random(0.1), random(0.6)]];
    core::array::from_fn(|i| {
        let [u, v] = [(i % 8) as f32 - 3.5, (i / 8) as f32 - 3.5];
        let [x, y] = rows.map(|[across, down, shift]| across * u + down * v + shift + 3.5);
        between(pixels, x, y)
    })
}

/// The value at a place between four pixels (bilinear); there is no ink outside of the image.
fn between(pixels: &Pixels, x: f32, y: f32) -> f32 {
    // Casts round towards zero: these numbers are positive.
    let (left, top) = ((x + 8.0) as i32 - 8, (y + 8.0) as i32 - 8);
    let (right, low) = (x - left as f32, y - top as f32);
    let at = |x: i32, y: i32| match (0..8).contains(&x) && (0..8).contains(&y) {
        true => pixels.get((8 * y + x) as usize).copied().map_or(0.0, f32::from),
        false => 0.0,
    };
    let upper = at(left, top) * (1.0 - right) + at(left + 1, top) * right;
    let lower = at(left, top + 1) * (1.0 - right) + at(left + 1, top + 1) * right;
    upper * (1.0 - low) + lower * low
}

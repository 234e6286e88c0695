//! Reads handwritten digits with weights in flash, which the host has trained.

use crate::board::figure;
use baregrad::prelude::*;

/// 8×8 pixels to ten classes.
pub type Net = chain![Dense<64, 32, Relu>, Dense<32, 10>];

/// In flash. It costs no RAM.
pub static NET: Net = baregrad::include_model!(Net, "../data/digits.bgrd");

/// 64 pixels from 0 to 16, and the digit that they show.
pub type Sample = [u8; 65];

/// A hundred samples that the net was not trained on.
pub static TEST: &[Sample] = include_bytes!("../data/digits.test").as_chunks().0;

/// The input of the net, and the right class.
pub fn input([pixels @ .., label]: &Sample) -> ([f32; 64], u8) {
    (pixels.map(|pixel| f32::from(pixel) / 16.0), *label)
}

/// The class of a sample, as ten logits.
pub fn read(x: &[f32; 64]) -> [f32; 10] {
    let mut y = [0.0; 10];
    NET.infer_one(x, &mut y, &mut [0.0; Net::SCRATCH]);
    y
}

/// Of a hundred samples, as many right as on the host: 96.
pub fn run() -> Result<bool, Error> {
    let mut accuracy = CategoricalAccuracy::new();
    for sample in TEST {
        let (x, label) = input(sample);
        accuracy.add(&read(&x), &label);
    }
    let right = hundred(&accuracy);
    say!("{right} of 100 digits read right");
    figure("right", right);
    Ok(right == 96)
}

/// An accuracy in percent.
pub fn hundred(accuracy: &CategoricalAccuracy) -> u32 {
    (accuracy.value() * 100.0 + 0.5) as u32
}

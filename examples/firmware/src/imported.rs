//! Runs the net that `examples/convert` has put here, on one sample: first that of `models/digits.keras`.

use crate::board::figure;
use baregrad::{prelude::*, tensor::Zero};

#[rustfmt::skip] // a program writes it
mod net;

/// Prints what the net makes of the sample, and which output is the largest.
pub fn run() -> Result<bool, Error> {
    let mut y = Zero::ZERO;
    net::NET.infer_one(&net::SAMPLE, &mut y, &mut [0.0; net::Net::SCRATCH]);
    let mut largest = 0;
    for (number, value) in y.iter().enumerate() {
        say!("output {number}: {value:.7}");
        if y.get(largest).is_some_and(|most| value > most) {
            largest = number;
        }
    }
    say!("the largest output is number {largest}");
    figure("largest", largest as u32);
    Ok(y.iter().all(|value| value.is_finite()))
}

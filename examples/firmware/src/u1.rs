//! Workload U1: inference of 16→32 tanh→4 on one sample, with the weights that U2 ends with in flash.

use crate::u2::{EXPECTED, Net, Samples};
use crate::weights::{dense, float};
use baregrad::{Chain, prelude::*};

/// In flash.
pub static NET: Net = Chain(dense(EXPECTED, 0), dense(EXPECTED, 16 * 32 + 32));

/// What an f64 twin on the host infers from the first sample.
const OUTPUTS: [f32; 4] = {
    let file = include_bytes!("../data/u1.expected");
    [float(file, 0), float(file, 1), float(file, 2), float(file, 3)]
};

/// Within 2e-6 of the twin.
pub fn run() -> Result<bool, Error> {
    let ((x, _), mut y) = (Samples::first().draw(), [0.0; 4]);
    NET.infer_one(&x, &mut y, &mut [0.0; Net::SCRATCH]);
    say!("{y:?}, to be {OUTPUTS:?}");
    Ok(y.iter().zip(&OUTPUTS).all(|(y, expected)| (y - expected).abs() <= 2e-6))
}

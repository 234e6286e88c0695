//! Workload U1: inference of 16→32 tanh→4 on one sample, with the weights that U2 ends with in flash.

use crate::u2::{EXPECTED, Net};
use crate::weights::{dense, floats};
use baregrad::{Chain, prelude::*};

/// In flash.
pub static NET: Net = Chain(dense(EXPECTED, 0), dense(EXPECTED, 16 * 32 + 32));

const FILE: &[u8; 20 * 4] = include_bytes!("../data/u1.expected");

/// A sample.
pub static INPUT: [f32; 16] = floats(FILE, 0);

/// What an f64 twin on the host infers from it.
static OUTPUT: [f32; 4] = floats(FILE, 16);

/// Within 2e-6 of the twin.
pub fn run() -> Result<bool, Error> {
    let mut y = [0.0; 4];
    NET.infer_one(&INPUT, &mut y, &mut [0.0; Net::SCRATCH]);
    say!("{y:?}, to be {OUTPUT:?}");
    Ok(y.iter().zip(&OUTPUT).all(|(y, expected)| (y - expected).abs() <= 2e-6))
}

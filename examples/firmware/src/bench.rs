//! Instructions a call of inference and training.

use crate::board::{figure, instructions};
use crate::{digits, u1, u2};
use baregrad::prelude::*;
use core::hint::black_box;
use core::slice::from_ref;

/// Calls that are counted.
const CALLS: u32 = 100;

/// Rows U1, U2, and the net that reads digits. The other programs check what is computed.
pub fn run() -> Result<bool, Error> {
    let (mut y, mut scratch) = ([0.0; 4], [0.0; u2::Net::SCRATCH]);
    let u1 = instructions(CALLS, || {
        u1::NET.infer_one(black_box(&u1::INPUT), &mut y, &mut scratch);
        black_box(&y);
    });

    let model = u2::start();
    let (x, target) = &u2::SAMPLES[0];
    let mut done = 0;
    let u2 = instructions(CALLS, || {
        done += u32::from(model.step(from_ref(black_box(x)), from_ref(target)).is_ok());
    });

    let (pixels, _) = digits::TEST.first().map(digits::input).unwrap_or(([0.0; 64], 0));
    let digits = instructions(CALLS, || {
        black_box(digits::read(black_box(&pixels)));
    });
    for (name, count) in [("u1", u1), ("u2", u2), ("digits", digits)] {
        say!("{name:6} {count:9} instructions");
        figure(name, count);
    }
    Ok(done == CALLS)
}

//! An image that trains: steps on single samples, then on a data set, then infers.

#![no_std]
#![no_main]

use baregrad_downstream::{downstream_fit, downstream_infer, downstream_init, downstream_step};
use core::hint::black_box;

#[unsafe(no_mangle)]
pub extern "C" fn main() -> ! {
    downstream_init(black_box(7));
    loop {
        let (x, mut y) = (black_box([[0.5; 16]; 20]), black_box([[0.25; 4]; 20]));
        black_box(downstream_step(&x[0], &y[0]));
        black_box(downstream_fit(&x, &y, black_box(3)));
        downstream_infer(&x[0], &mut y[0]);
        black_box(y);
    }
}

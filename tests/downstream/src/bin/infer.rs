//! An image that only infers, with the weights in flash.

#![no_std]
#![no_main]

use baregrad::prelude::*;
use baregrad_downstream::Net;
use core::hint::black_box;

static NET: Net = Net::NEW;

#[unsafe(no_mangle)]
pub extern "C" fn main() -> ! {
    loop {
        let x = black_box([0.5; 16]);
        let mut y = [0.0; 4];
        black_box(&NET).infer_one(&x, &mut y, &mut [0.0; Net::SCRATCH]);
        black_box(y);
    }
}

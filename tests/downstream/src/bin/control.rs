//! An image that can panic, and so must not link: it proves that the proof works.

#![no_std]
#![no_main]

use core::hint::black_box;

#[unsafe(no_mangle)]
pub extern "C" fn main() -> ! {
    baregrad_downstream::downstream_init(1);
    loop {
        black_box(black_box([0.5; 16])[black_box(3)]);
    }
}

//! A board of the fleet. It reads the global weights from its wire, trains them on its own samples, which lie in its flash, and
//! writes the weights to the wire. It answers nothing to a damaged file.
//!
//! The wire is QEMU's standard input and output, which semihosting opens as files; elsewhere it would be a UART. The variable
//! `SHARD` names the file of samples when the image is built.

#![no_std]
#![no_main]

use core::panic::PanicInfo;
use cortex_m as _; // for critical sections
use semihosting::{fs::File, process};

/// The pixels of all images, 64 each, and then the digits that they show.
static SHARD: &[u8] = include_bytes!(env!("SHARD"));

const _: () = assert!(SHARD.len() <= 65 * node::ROOM, "more samples than a board takes");

#[cortex_m_rt::entry]
fn main() -> ! {
    let wire = File::open(c"/dev/stdin").ok().zip(File::create(c"/dev/stdout").ok());
    let done = wire.and_then(|(from, to)| node::round(SHARD, from, to));
    process::exit(if done.is_some() { 0 } else { 1 })
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    process::exit(2)
}

//! A host, to compare with.

use std::io::Write;

pub fn start() {}

pub fn write(bytes: &[u8]) {
    let _ = std::io::stdout().write_all(bytes);
}

pub fn exit(passed: bool) -> ! {
    std::process::exit(if passed { 0 } else { 1 })
}

/// Nothing is counted here.
pub fn ticks() -> u64 {
    0
}

pub fn instructions_since(_: u64) -> u64 {
    0
}

pub fn deepest_stack() -> u32 {
    0
}

pub fn stack_room() -> u32 {
    u32::MAX
}

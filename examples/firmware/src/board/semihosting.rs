//! Output and exit by semihosting: the debugger, or QEMU, does them.

use semihosting::{process, sys::arm_compat::sys_writec};

#[inline(never)]
pub fn write(bytes: &[u8]) {
    bytes.iter().for_each(|byte| sys_writec(*byte));
}

#[inline(never)]
pub fn exit(passed: bool) -> ! {
    process::exit(if passed { 0 } else { 1 })
}

/// Bytes of the stack, which reaches down from `start` to `end`, that are not painted any more.
pub fn unpainted(start: *const u32, end: *const u32, paint: u32) -> u32 {
    let mut lowest = end;
    // SAFETY: the words between `end` and `start` are readable memory.
    while lowest < start && unsafe { lowest.read_volatile() } == paint {
        lowest = lowest.wrapping_add(1);
    }
    (start as usize).wrapping_sub(lowest as usize) as u32
}

//! RISC-V: `minstret` counts, and the stack is painted here.

pub use super::semihosting::{exit, write};
use core::arch::asm;
use riscv::register::minstret;
use riscv_rt as _; // startup code

const PAINT: u32 = 0xcccc_cccc;

unsafe extern "C" {
    static __sstack: u32; // where the stack starts
    static __estack: u32; // where it ends, below
}

/// Paints the stack from its end up to the part in use.
#[inline(always)]
pub fn start() {
    let top: *mut u32;
    // SAFETY: reads a register.
    unsafe { asm!("mv {}, sp", out(reg) top, options(nomem, nostack)) };
    let mut word = (&raw const __estack).cast_mut();
    while word < top.wrapping_sub(16) {
        // SAFETY: nothing uses what lies below the stack pointer; 64 bytes stay for what this function may call.
        unsafe { word.write_volatile(PAINT) };
        word = word.wrapping_add(1);
    }
}

pub fn ticks() -> u64 {
    minstret::read64()
}

pub fn instructions_since(start: u64) -> u64 {
    ticks().wrapping_sub(start)
}

pub fn deepest_stack() -> u32 {
    super::semihosting::unpainted(&raw const __sstack, &raw const __estack, PAINT)
}

pub fn stack_room() -> u32 {
    ((&raw const __sstack) as u32).wrapping_sub((&raw const __estack) as u32)
}

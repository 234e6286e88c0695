//! Cortex-M: SysTick counts, `cortex-m-rt` paints the stack.

pub use super::semihosting::{exit, write};
use cortex_m::peripheral::{SYST, syst::SystClkSource};

/// SysTick counts down from here, 24 bits.
const RELOAD: u32 = 0xff_ffff;

/// Ticks a second.
const CLOCK: u64 = match u64::from_str_radix(env!("CLOCK"), 10) {
    Ok(clock) => clock,
    Err(_) => panic!("CLOCK is a number"),
};

pub fn start() {
    let Some(peripherals) = cortex_m::Peripherals::take() else { exit(false) };
    let mut timer = peripherals.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(RELOAD);
    timer.clear_current();
    timer.enable_counter();
}

pub fn ticks() -> u32 {
    SYST::get_current()
}

/// QEMU's instructions take a nanosecond each. Up to 2²⁴ ticks.
pub fn instructions_since(start: u32) -> u64 {
    u64::from(start.wrapping_sub(ticks()) & RELOAD) * (1_000_000_000 / 1000) / (CLOCK / 1000)
}

unsafe extern "C" {
    static _stack_start: u32; // where the stack starts
    static _stack_end: u32; // where it ends, below
}

pub fn deepest_stack() -> u32 {
    super::semihosting::unpainted(&raw const _stack_start, &raw const _stack_end, cortex_m_rt::STACK_PAINT_VALUE)
}

pub fn stack_room() -> u32 {
    ((&raw const _stack_start) as u32).wrapping_sub((&raw const _stack_end) as u32)
}

//! What differs between the targets: how to write a line, count instructions, look at the stack, and end.

#[cfg_attr(all(target_os = "none", target_arch = "arm"), path = "cortex_m.rs")]
#[cfg_attr(all(target_os = "none", target_arch = "riscv32"), path = "riscv.rs")]
#[cfg_attr(target_arch = "wasm32", path = "wasm.rs")]
#[cfg_attr(not(any(target_os = "none", target_arch = "wasm32")), path = "host.rs")]
mod target;

#[cfg(target_os = "none")]
mod semihosting;

use core::fmt::{self, Write};
use core::hint::black_box;
use static_cell::ConstStaticCell;

/// A program: whether it did what it should, or why it could not.
pub type Program = fn() -> Result<bool, baregrad::Error>;

/// Runs the one program of an image. The exit status is 0 if it did what it should.
pub fn run(program: Program) -> ! {
    target::start();
    let passed = program().unwrap_or_else(|error| {
        say!("error: {error}");
        false
    });
    let (stack, room) = (target::deepest_stack(), target::stack_room());
    figure("stack", stack);
    // What the program did after the stack had reached the statics is worth nothing.
    let passed = passed && stack < room;
    say!("{}", if passed { "passed" } else { "FAILED" });
    target::exit(passed)
}

/// Ends the program, which has failed.
#[inline(never)]
pub fn fail() -> ! {
    target::exit(false)
}

/// What lies in a `static`, to be taken once.
pub fn take<T>(cell: &'static ConstStaticCell<T>) -> &'static mut T {
    cell.try_take().unwrap_or_else(|| fail())
}

/// Writes a figure for the report, `@name value` in hexadecimal digits: that takes no formatting code.
pub fn figure(name: &str, value: u32) {
    target::write(b"@");
    target::write(name.as_bytes());
    target::write(b" ");
    for shift in (0..u32::BITS).step_by(4).rev() {
        let digit = (value >> shift & 0xf) as u8;
        target::write(&[if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }]);
    }
    target::write(b"\n");
}

/// Instructions that a call takes, the mean of `calls`; 0 where they cannot be counted.
pub fn instructions(calls: u32, mut call: impl FnMut()) -> u32 {
    let time = |call: &mut dyn FnMut()| {
        let start = target::ticks();
        for _ in 0..calls {
            call();
        }
        target::instructions_since(start)
    };
    let empty = time(&mut || {
        black_box(());
    });
    (time(&mut call).saturating_sub(empty) / u64::from(calls.max(1))) as u32
}

/// Prints a line, where the feature `print` is on.
pub fn print(line: fmt::Arguments<'_>) {
    let _ = writeln!(Console, "{line}");
}

struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        target::write(text.as_bytes());
        Ok(())
    }
}

//! Panics: printed, or, without the feature `print`, a link error.

use core::panic::PanicInfo;

#[cfg(feature = "print")]
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    crate::board::print(format_args!("{info}"));
    crate::board::fail()
}

/// There is no function of this name, so an image links only if the optimiser has removed every path to a panic.
#[cfg(not(feature = "print"))]
#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn firmware_can_panic() -> !;
    }
    // SAFETY: nothing that calls it can be linked.
    unsafe { firmware_can_panic() }
}

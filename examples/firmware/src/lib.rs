//! Firmware that trains and runs nets: one program a file, the same on every board, in WebAssembly and on a host.

#![no_std]

#[cfg(not(any(target_os = "none", target_arch = "wasm32")))]
extern crate std;

/// Prints a line, where the feature `print` is on.
macro_rules! say {
    ($($text:tt)*) => {
        if cfg!(feature = "print") {
            $crate::board::print(format_args!($($text)*));
        }
    };
}

/// The entry point of an image that runs one program.
#[macro_export]
macro_rules! program {
    ($run:path) => {
        #[unsafe(no_mangle)]
        extern "C" fn main() -> ! {
            $crate::board::run($run)
        }
    };
}

pub mod adapt;
pub mod anomaly;
pub mod bench;
pub mod board;
pub mod checkpoint;
pub mod digits;
pub mod ds_cnn;
pub mod empty;
pub mod flash;
pub mod fnv;
pub mod gesture;
pub mod hash;
pub mod imported;
pub mod int8;
#[cfg(feature = "int8-net")]
pub mod int8_net;
pub mod norm;
#[cfg(any(target_os = "none", target_arch = "wasm32"))]
mod panic;
pub mod u1;
pub mod u2;
pub mod u5;
pub mod weights;
pub mod xor;

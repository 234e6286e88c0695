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

#[cfg(feature = "tasks")]
pub mod adapt;
#[cfg(feature = "tasks")]
pub mod anomaly;
#[cfg(feature = "workloads")]
pub mod bench;
pub mod board;
#[cfg(feature = "tasks")]
pub mod checkpoint;
#[cfg(feature = "workloads")]
pub mod digits;
#[cfg(feature = "large")]
pub mod ds_cnn;
#[cfg(feature = "workloads")]
pub mod empty;
pub mod flash;
pub mod fnv;
#[cfg(feature = "large")]
pub mod gesture;
#[cfg(feature = "hash")]
pub mod hash;
#[cfg(feature = "tasks")]
pub mod imported;
#[cfg(feature = "int8")]
pub mod int8;
#[cfg(feature = "int8-net")]
pub mod int8_net;
#[cfg(feature = "workloads")]
pub mod norm;
#[cfg(any(target_os = "none", target_arch = "wasm32"))]
mod panic;
#[cfg(feature = "workloads")]
pub mod u1;
pub mod u2;
#[cfg(feature = "large")]
pub mod u5;
pub mod weights;
#[cfg(feature = "tasks")]
pub mod xor;

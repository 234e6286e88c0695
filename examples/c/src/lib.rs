//! The C interface. `include/baregrad.h` is made from it by `header.rs`; `docs/c.md` is its page.

#![no_std]
#![warn(clippy::undocumented_unsafe_blocks)]

#[cfg(not(feature = "train"))]
mod flash;
mod memory;
mod net;
mod status;
#[cfg(feature = "train")]
mod train;

use baregrad::net::{Layer, Network};
use baregrad::tensor::Tensor;
use core::ops::Range;
use memory::{check, read, write};
use status::Status;

/// The sizes of the net, which `header.rs` has computed on the host.
#[allow(dead_code)]
mod sizes {
    include!(concat!(env!("OUT_DIR"), "/sizes.rs"));
}

type Input = <net::Net as Network>::Input;
type Output = <net::Net as Layer<Input>>::Y;

// They are right on this target, too.
const _: () = assert!(
    sizes::BG_INPUTS == Input::LEN && sizes::BG_OUTPUTS == Output::LEN && sizes::BG_SCRATCH >= net::Net::SCRATCH
);

/// Infers with a net that lies in a region of memory.
///
/// # Safety
/// At each pointer is as much memory as its length says, which nobody else changes.
unsafe fn infer(
    net: &net::Net,
    region: Range<usize>,
    x: (*const f32, u32),
    y: (*mut f32, u32),
    scratch: (*mut f32, u32),
) -> Result<(), Status> {
    let regions = [region, check(x.0, x.1)?, check(y.0, y.1)?, check(scratch.0, scratch.1)?];
    memory::disjoint(&regions)?;
    // SAFETY: they are aligned and not null, and no two of them have a byte in common; the caller promises the rest.
    let (x, y, scratch) = unsafe { (read(x.0, x.1), write(y.0, y.1), write(scratch.0, scratch.1)) };
    net.infer_batch(samples::<Input>(x)?, samples_mut::<Output>(y)?, scratch)?;
    Ok(())
}

/// The floats as samples, if they are whole ones, and at least one.
fn samples<T: Tensor>(floats: &[f32]) -> Result<&[T], Status> {
    let samples = T::from_flat(floats);
    if samples.is_empty() || samples.len() * T::LEN != floats.len() {
        return Err(Status::Length);
    }
    Ok(samples)
}

/// The same, to change them.
fn samples_mut<T: Tensor>(floats: &mut [f32]) -> Result<&mut [T], Status> {
    samples::<T>(floats)?;
    Ok(T::from_flat_mut(floats))
}

/// A program for a device links only if the optimiser has removed every path to a panic, because there is no function of this
/// name. On a host, it is the C library's `abort`.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        #[cfg_attr(not(target_os = "none"), link_name = "abort")]
        fn baregrad_c_can_panic() -> !;
    }
    // SAFETY: `abort` has no conditions, and nothing that calls the other can be linked.
    unsafe { baregrad_c_can_panic() }
}

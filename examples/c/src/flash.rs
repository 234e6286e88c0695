//! A net in flash that only infers.

use crate::net::NET;
use crate::status::Status;

/// Infers one sample or more. It can be interrupted by itself: it has no memory but the scratch and the stack.
///
/// `x_length` and `y_length` are multiples of BG_INPUTS and BG_OUTPUTS, `scratch_length` is BG_SCRATCH or more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_infer(
    x: *const f32,
    x_length: u32,
    y: *mut f32,
    y_length: u32,
    scratch: *mut f32,
    scratch_length: u32,
) -> Status {
    // SAFETY: what the caller promises.
    unsafe { crate::infer(&NET, 0..0, (x, x_length), (y, y_length), (scratch, scratch_length)) }.into()
}

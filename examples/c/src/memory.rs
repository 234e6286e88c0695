//! What the caller says lies at a pointer.

use crate::status::Status;
use core::ops::Range;
use core::slice;

/// The addresses of `length` values, after checking the pointer. A length of 0 goes with any pointer.
pub fn check<T>(at: *const T, length: u32) -> Result<Range<usize>, Status> {
    if length == 0 {
        return Ok(0..0);
    }
    if at.is_null() {
        return Err(Status::NullPointer);
    }
    if !at.is_aligned() {
        return Err(Status::Misaligned);
    }
    let end = (length as usize).checked_mul(size_of::<T>()).and_then(|bytes| at.addr().checked_add(bytes));
    // Also the limit of a slice.
    let end = end.filter(|end| end - at.addr() <= isize::MAX as usize).ok_or(Status::Length)?;
    Ok(at.addr()..end)
}

/// Checks that no two regions have a byte in common.
pub fn disjoint(regions: &[Range<usize>]) -> Result<(), Status> {
    let mut rest = regions;
    while let [first, others @ ..] = rest {
        if others.iter().any(|other| first.start < other.end && other.start < first.end) {
            return Err(Status::Overlap);
        }
        rest = others;
    }
    Ok(())
}

/// # Safety
/// `check` has accepted the pointer, where the caller of the library has put these values, and nobody changes them.
pub unsafe fn read<'a, T>(at: *const T, length: u32) -> &'a [T] {
    if length == 0 {
        return &[];
    }
    // SAFETY: as above.
    unsafe { slice::from_raw_parts(at, length as usize) }
}

/// # Safety
/// As for `read`, and nobody else has these values.
pub unsafe fn write<'a, T>(at: *mut T, length: u32) -> &'a mut [T] {
    if length == 0 {
        return &mut [];
    }
    // SAFETY: as above.
    unsafe { slice::from_raw_parts_mut(at, length as usize) }
}

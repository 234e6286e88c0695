//! Copies parts of a payload from and to a net or a trainer.
//!
//! The work is done by functions that are not generic, so that a program has one copy of each, however many tensors there
//! are.

use super::error::{ModelError, Part};
use super::saved::Saved;
use crate::error::NonFinite;
use crate::tensor::{Slice, SliceMut};

/// Copies words of the payload to `out`, from word `first` on, until `out` is full.
pub(super) fn copy_payload<T: Saved>(value: &T, mut first: usize, mut out: &mut [[u8; 4]]) {
    T::table(&mut |_, row| copy(Slice::Words(&[row]), &mut first, &mut out));
    value.walk(&mut |_, slice| copy(slice, &mut first, &mut out));
}

/// Sets the words of the payload from word `first` on.
pub(super) fn set_payload<T: Saved>(value: &mut T, first: usize, words: &[[u8; 4]]) {
    let (mut first, mut words) = behind_table::<T>(first, words);
    value.walk_mut(&mut |slice| set(slice, &mut first, &mut words));
}

/// Checks that the floats among these words, which begin with word `first` of the payload, are finite.
pub(super) fn check_payload<T: Saved>(value: &T, first: usize, words: &[[u8; 4]]) -> Result<(), ModelError> {
    let (mut first, mut words) = behind_table::<T>(first, words);
    let mut result = Ok(());
    value.walk(&mut |part, slice| check(part, slice, &mut first, &mut words, &mut result));
    result
}

/// Checks that all floats of a net or a trainer are finite.
pub(super) fn check_finite<T: Saved>(value: &T) -> Result<(), ModelError> {
    let mut result = Ok(());
    value.walk(&mut |part, slice| check_own(part, slice, &mut result));
    result
}

/// Compares the table of layers with the one that the payload of another net begins with. Returns the number of the first
/// layer that differs, and its name if it has tensors.
pub(super) fn difference<T: Saved>(value: &T, payload: &[[u8; 4]]) -> (usize, &'static str) {
    let (mut words, mut layer, mut kind) = (Some(payload), 0, "");
    T::table(&mut |number, own| compare(number, own, &mut words, &mut layer));
    value.walk(&mut |part, _| match part {
        Part::Tensor(name) if name.layer == layer => kind = name.kind,
        _ => {}
    });
    (layer, kind)
}

/// `words` is `None` once a word has differed.
#[inline(never)]
fn compare(number: usize, own: u32, words: &mut Option<&[[u8; 4]]>, layer: &mut usize) {
    if let Some(rest) = *words {
        *layer = number;
        *words = rest.split_first().filter(|(word, _)| u32::from_le_bytes(**word) == own).map(|(_, rest)| rest);
    }
}

/// Leaves out the table from words of the payload that begin with word `first`. Returns where the others begin behind it.
fn behind_table<T: Saved>(first: usize, words: &[[u8; 4]]) -> (usize, &[[u8; 4]]) {
    let skip = T::TABLE.saturating_sub(first);
    (first.saturating_sub(T::TABLE), words.get(skip..).unwrap_or_default())
}

#[inline(never)]
fn copy(slice: Slice<'_>, first: &mut usize, out: &mut &mut [[u8; 4]]) {
    let (skip, count) = overlap(slice.len(), first, out.len());
    let (now, rest) = core::mem::take(out).split_at_mut_checked(count).unwrap_or_default();
    *out = rest;
    match slice {
        Slice::Floats(floats) => {
            for (out, float) in now.iter_mut().zip(floats.get(skip..).unwrap_or_default()) {
                // The bits of NaN differ between machines; all are written as one pattern.
                *out = if float.is_nan() { NAN } else { float.to_bits() }.to_le_bytes();
            }
        }
        Slice::Words(words) => {
            for (out, word) in now.iter_mut().zip(words.get(skip..).unwrap_or_default()) {
                *out = word.to_le_bytes();
            }
        }
    }
}

#[inline(never)]
fn set(slice: SliceMut<'_>, first: &mut usize, words: &mut &[[u8; 4]]) {
    match slice {
        SliceMut::Floats(floats) => {
            let (skip, now) = take(floats.len(), first, words);
            for (float, word) in floats.get_mut(skip..).unwrap_or_default().iter_mut().zip(now) {
                *float = f32::from_le_bytes(*word);
            }
        }
        SliceMut::Words(own) => {
            let (skip, now) = take(own.len(), first, words);
            for (own, word) in own.get_mut(skip..).unwrap_or_default().iter_mut().zip(now) {
                *own = u32::from_le_bytes(*word);
            }
        }
    }
}

#[inline(never)]
fn check(part: Part, slice: Slice<'_>, first: &mut usize, words: &mut &[[u8; 4]], result: &mut Result<(), ModelError>) {
    let (skip, now) = take(slice.len(), first, words);
    if let (Slice::Floats(_), Ok(())) = (slice, &result) {
        *result = finite(part, skip, now.iter().map(|word| f32::from_le_bytes(*word)));
    }
}

#[inline(never)]
fn check_own(part: Part, slice: Slice<'_>, result: &mut Result<(), ModelError>) {
    if let (Slice::Floats(floats), Ok(())) = (slice, &result) {
        *result = finite(part, 0, floats.iter().copied());
    }
}

fn finite(part: Part, first: usize, mut floats: impl Iterator<Item = f32>) -> Result<(), ModelError> {
    let found = (first..).zip(&mut floats).find(|(_, value)| !value.is_finite());
    found.map_or(Ok(()), |(index, value)| Err(ModelError::NonFinite { part, index, value: NonFinite::of(value) }))
}

/// Returns the part of `words` that belongs to a slice of `len` numbers, and the index of its first number in the slice.
/// `first` is the count of numbers that are still to be skipped.
fn take<'a>(len: usize, first: &mut usize, words: &mut &'a [[u8; 4]]) -> (usize, &'a [[u8; 4]]) {
    let (skip, count) = overlap(len, first, words.len());
    let (now, rest) = words.split_at_checked(count).unwrap_or_default();
    *words = rest;
    (skip, now)
}

/// Returns how many of the `len` numbers of a slice are skipped, and how many are used. `first` is the count still to be
/// skipped, `left` the count still to be used.
fn overlap(len: usize, first: &mut usize, left: usize) -> (usize, usize) {
    let skip = len.min(*first);
    *first -= skip;
    (skip, (len - skip).min(left))
}

const NAN: u32 = 0x7fc0_0000;

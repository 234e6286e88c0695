//! Checkpoints in flash that survive a power cut at any time.

use super::checksum::Checksum;
use super::error::ModelError;
use super::layout::{HEADER, Header};
use super::payload::{check_finite, check_payload, set_payload};
use super::save::Save;
use super::saved::Saved;
use super::slots_error::SlotsError;
use core::marker::PhantomData;
use embedded_storage_v0_3::nor_flash::NorFlash;

/// Slots in flash for checkpoints (or weights) of a `T`. Each [`save`](Slots::save) goes to the next slot;
/// [`load`](Slots::load) reads the newest checkpoint that is whole.
///
/// A power cut may come at any time, also during an erase or a write: the newest checkpoint stays valid until the next one
/// is whole. Loading does not change the flash. Each slot begins on an erase page of its own, so that all pages wear evenly.
/// There must be at least two slots. Flash is read and written in chunks of `CHUNK` bytes, which is all the RAM needed;
/// `CHUNK` is a multiple of the flash's word size, and at least 40. Two programs must not write to the same slots.
///
/// A slot is a [model file](crate::file#the-layout-version-1) with a sequence number before it:
///
/// | bytes | what |
/// |--:|---|
/// | 0 to 24 | `ff`, so that the payload begins on a word of the flash |
/// | 4 | sequence number: that of the previous save plus one |
/// | 4 | CRC-32 of the sequence number and the file's header |
/// | 32 | header of the file |
/// | | payload, and `ff` up to the next word of the flash |
///
/// A save erases the slot page by page, then writes the payload, and last, in one write, everything before the payload.
/// Every write is read back. Between two erases no byte is written twice, and nothing is written to a page that this save
/// has not erased.
///
/// ```
/// use baregrad::{file::Slots, prelude::*};
/// # use core::convert::Infallible;
/// # use embedded_storage_v0_3::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
/// # struct Flash(Vec<u8>);
/// # impl ErrorType for Flash { type Error = Infallible; }
/// # impl ReadNorFlash for Flash {
/// #     const READ_SIZE: usize = 1;
/// #     fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), Infallible> {
/// #         Ok(bytes.copy_from_slice(&self.0[at as usize..][..bytes.len()]))
/// #     }
/// #     fn capacity(&self) -> usize { self.0.len() }
/// # }
/// # impl NorFlash for Flash {
/// #     const WRITE_SIZE: usize = 4;
/// #     const ERASE_SIZE: usize = 4096;
/// #     fn erase(&mut self, from: u32, to: u32) -> Result<(), Infallible> {
/// #         Ok(self.0[from as usize..to as usize].fill(0xff))
/// #     }
/// #     fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Infallible> {
/// #         Ok(self.0[at as usize..][..bytes.len()].copy_from_slice(bytes))
/// #     }
/// # }
/// type Head = Trainer<Dense<32, 4>, MeanSquaredError, Adam, 1>;
/// type Checkpoints = Slots<Flash, Head, 2>;
///
/// # let flash = Flash(vec![0; 64 * 1024]);
/// let mut head = Head::new(&mut Sfc32::seed_from_u64(1));
/// let mut slots = Checkpoints::open::<0xE000, 0x1_0000>(flash)?; // does not compile if they do not fit there
/// slots.load(&mut head)?; // leaves it as it is if there is none
///
/// head.step(&[[0.5; 32]], &[[1.0; 4]]).unwrap();
/// let mut save = slots.save(&head)?;
/// while save.step()?.is_continue() {
///     // One page was erased, or some bytes written. Meanwhile, the head can infer, but not learn.
/// }
/// # Ok::<(), baregrad::file::SlotsError<Infallible>>(())
/// ```
pub struct Slots<F, T, const SLOTS: usize = 2, const CHUNK: usize = 64> {
    pub(super) flash: F,
    from: u32,
    pub(super) newest: Option<Newest>,
    /// The slot of the last save, whether it is whole or not.
    pub(super) last: usize,
    /// The sequence number of the last save, whether it is whole or not.
    pub(super) sequence: u32,
    saved: PhantomData<fn() -> T>,
}

/// The newest whole checkpoint.
#[derive(Clone, Copy)]
pub(super) struct Newest {
    pub(super) slot: usize,
    pub(super) sequence: u32,
}

/// Words before the payload: sequence number, checksum, and the file's header.
pub(super) const FRONT_WORDS: usize = 2 + HEADER / 4;

impl<F: NorFlash, T: Saved, const SLOTS: usize, const CHUNK: usize> Slots<F, T, SLOTS, CHUNK> {
    /// Bytes before the payload, with the padding.
    pub(super) const FRONT: usize = (4 * FRONT_WORDS).next_multiple_of(larger(F::WRITE_SIZE, F::READ_SIZE));
    /// Bytes of one slot, in whole pages.
    pub(super) const SLOT: u32 = ((Self::FRONT + 4 * T::WORDS).next_multiple_of(F::ERASE_SIZE)) as u32;
    /// Bytes of flash that all slots take, in whole pages.
    pub const LEN: u32 = SLOTS as u32 * Self::SLOT;

    const CHECKED: () = {
        assert!(SLOTS >= 2, "there must be two slots: while one is written, another holds the last checkpoint");
        assert!(CHUNK.is_multiple_of(F::WRITE_SIZE), "CHUNK must be a multiple of the flash's WRITE_SIZE");
        assert!(CHUNK.is_multiple_of(F::READ_SIZE), "CHUNK must be a multiple of the flash's READ_SIZE");
        assert!(CHUNK.is_multiple_of(4), "CHUNK must be a multiple of 4");
        assert!(CHUNK >= Self::FRONT, "CHUNK must have room for the header of a slot");
        assert!(F::ERASE_SIZE.is_multiple_of(F::WRITE_SIZE), "a page must be a multiple of the flash's WRITE_SIZE");
        assert!(F::ERASE_SIZE.is_multiple_of(F::READ_SIZE), "a page must be a multiple of the flash's READ_SIZE");
        assert!(
            Self::FRONT + 4 * T::WORDS < u32::MAX as usize / SLOTS - F::ERASE_SIZE,
            "the slots are larger than 4 GB"
        );
    };

    /// Opens the slots that begin at byte `FROM` of the flash, and reads them all. They must end at or before byte `TO`.
    ///
    /// # Errors
    /// The flash ends before `TO`, or cannot be read.
    pub fn open<const FROM: u32, const TO: u32>(flash: F) -> Result<Self, SlotsError<F::Error>> {
        const {
            let () = Self::CHECKED;
            assert!((FROM as usize).is_multiple_of(F::ERASE_SIZE), "FROM must be the start of an erase page");
            assert!(FROM <= TO && Self::LEN <= TO - FROM, "the slots do not fit between FROM and TO");
        };
        let (capacity, needed) = (flash.capacity(), TO as usize);
        if capacity < needed {
            return Err(SlotsError::Capacity { capacity, needed });
        }
        let mut slots = Slots { flash, from: FROM, newest: None, last: SLOTS - 1, sequence: 0, saved: PhantomData };
        for slot in 0..SLOTS {
            let Some(sequence) = slots.scan(slot, &mut |_, _| Ok(()))? else { continue };
            if slots.newest.is_none() || sequence > slots.sequence {
                slots.newest = Some(Newest { slot, sequence });
                (slots.last, slots.sequence) = (slot, sequence);
            }
        }
        Ok(slots)
    }

    /// The sequence number of the newest whole checkpoint, if there is one. Saves that failed may be counted, too.
    pub fn newest(&self) -> Option<u32> {
        self.newest.map(|newest| newest.sequence)
    }

    /// Reads the newest whole checkpoint and returns its sequence number. If there is none, it returns `None`, and `value`
    /// is unchanged.
    ///
    /// # Errors
    /// If the flash cannot be read, or a number is not finite, `value` is unchanged. If two reads of the flash differ, the
    /// error is [`SlotsError::Unstable`]; `value` may then be changed in part.
    pub fn load(&mut self, value: &mut T) -> Result<Option<u32>, SlotsError<F::Error>> {
        let Some(Newest { slot, sequence }) = self.newest else { return Ok(None) };
        let found = self.scan(slot, &mut |first, words| check_payload(value, first, words))?;
        if found != Some(sequence) {
            return Err(SlotsError::Unstable);
        }
        let read = self.scan(slot, &mut |first, words| {
            set_payload(value, first, words);
            Ok(())
        });
        match read {
            Ok(read) if read == found => Ok(found),
            _ => Err(SlotsError::Unstable),
        }
    }

    /// Begins a save. Nothing is erased or written before the first [`Save::step`]. The value is borrowed until the save is
    /// done.
    ///
    /// If a save is dropped before it is done, the newest checkpoint stays as it was.
    ///
    /// # Errors
    /// A number is not finite, so that [`load`](Slots::load) would refuse the checkpoint.
    pub fn save<'a>(&'a mut self, value: &'a T) -> Result<Save<'a, F, T, SLOTS, CHUNK>, SlotsError<F::Error>> {
        check_finite(value).map_err(SlotsError::Model)?;
        self.last = self.next();
        self.sequence = self.sequence.wrapping_add(1);
        Ok(Save::new(self, value))
    }

    /// Closes the slots and returns the flash.
    pub fn into_flash(self) -> F {
        self.flash
    }

    /// The slot for the next save; never the slot of the newest checkpoint.
    fn next(&self) -> usize {
        let after = |slot: usize| if slot + 1 < SLOTS { slot + 1 } else { 0 };
        let next = after(self.last);
        if self.newest.is_some_and(|newest| newest.slot == next) { after(next) } else { next }
    }

    /// The address where a slot begins.
    pub(super) fn start(&self, slot: usize) -> u32 {
        self.from.wrapping_add((slot as u32).wrapping_mul(Self::SLOT))
    }

    /// Reads a slot, and calls `visit` with the payload in chunks. Returns the sequence number if the slot is whole.
    fn scan(
        &mut self,
        slot: usize,
        visit: &mut dyn FnMut(usize, &[[u8; 4]]) -> Result<(), ModelError>,
    ) -> Result<Option<u32>, SlotsError<F::Error>> {
        let mut buffer = [0; CHUNK];
        let mut at = self.start(slot);
        let front = buffer.get_mut(..Self::FRONT).unwrap_or_default();
        self.flash.read(at, front).map_err(SlotsError::Flash)?;
        let Some(words) = front.as_rchunks().1.last_chunk::<FRONT_WORDS>() else { return Ok(None) };
        let [sequence, check, header @ ..] = words;
        if u32::from_le_bytes(*check) != front_checksum(*sequence, header) {
            return Ok(None);
        }
        let sequence = u32::from_le_bytes(*sequence);
        let stored = match Header::read(header) {
            Ok(header) if header.check::<T>().is_ok() && header.payload() == 4 * T::WORDS => header.checksum,
            _ => return Ok(None), // belongs to another program
        };
        let mut checksum = Checksum::of(header);
        at = at.wrapping_add(Self::FRONT as u32);
        for first in (0..T::WORDS).step_by(CHUNK / 4) {
            let len = 4 * (T::WORDS - first).min(CHUNK / 4);
            let bytes = buffer.get_mut(..len.next_multiple_of(F::READ_SIZE)).unwrap_or_default();
            self.flash.read(at, bytes).map_err(SlotsError::Flash)?;
            let words = bytes.get(..len).unwrap_or_default().as_chunks().0;
            checksum.add(words.as_flattened());
            visit(first, words).map_err(SlotsError::Model)?;
            at = at.wrapping_add(len as u32);
        }
        Ok((checksum.value() == stored).then_some(sequence))
    }

    /// Writes whole words of the flash, and reads them back.
    pub(super) fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), SlotsError<F::Error>> {
        self.flash.write(at, bytes).map_err(SlotsError::Flash)?;
        let mut buffer = [0; CHUNK];
        let read = buffer.get_mut(..bytes.len().next_multiple_of(F::READ_SIZE)).unwrap_or_default();
        self.flash.read(at, read).map_err(SlotsError::Flash)?;
        if read.starts_with(bytes) { Ok(()) } else { Err(SlotsError::Verify { at }) }
    }
}

/// The checksum of a sequence number and the header after it.
pub(super) fn front_checksum(sequence: [u8; 4], header: &[[u8; 4]; 8]) -> u32 {
    let mut checksum = Checksum::new();
    checksum.add(&sequence);
    checksum.add(header.as_flattened());
    checksum.value()
}

const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

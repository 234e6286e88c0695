//! Checkpoints in flash that survive a power cut at any time.

use super::checksum::Checksum;
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
/// There must be at least two slots; with three, saves go on when a page is worn out. Flash is read and written in chunks of
/// `CHUNK` bytes, which is all the RAM needed; `CHUNK` is a multiple of the flash's word size, and at least 40. Two programs
/// must not write to the same slots.
///
/// A slot is a [model file](crate::file#the-layout-version-2) with a sequence number before it:
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
/// # What can happen
///
/// A slot is whole if both checksums are right. A slot that is not, or that the driver cannot read, is read a second time,
/// because a single read may fail. The newest checkpoint is the whole slot with the latest sequence number; 0 comes after
/// 2³² − 1.
///
/// | what happens | what is done |
/// |---|---|
/// | a power cut leaves a slot torn | the slot is not whole, and the next save erases it |
/// | the driver cannot read a torn word, as in flash with error correction | the same |
/// | one read fails, or returns garbage | the second read counts |
/// | the newest slot is no longer whole | [`load`](Slots::load) reads the newest of the others, and the next save keeps that one |
/// | a save cannot erase or write a slot, or reads back something else | the save goes on with the next slot; it fails once all slots but the newest have failed |
/// | a slot holds a checkpoint of another net or optimiser | it counts as not whole, and a later save erases it |
/// | no slot is whole | `load` returns `None`; the next save may take any slot |
/// | no slot can be read | `open` succeeds, `load` returns the driver's error, and the next save may take any slot |
///
/// A save begins with the slot after the newest, so that after a restart it takes the same slot as before. It reads the
/// newest slot once more before it erases another one, and never erases the newest. If that is no longer whole, nor any other,
/// it is the last to be erased.
///
/// [`docs/flash.md`](https://github.com/baregrad/baregrad/blob/main/docs/flash.md) says what was tried, and what the flash's
/// driver must promise.
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
    /// The slot with which the next save begins: the one after the newest checkpoint, even if that is no longer whole.
    pub(super) next: usize,
    /// The last sequence number that was read or written, whether in a whole slot or not.
    pub(super) sequence: Option<u32>,
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
    /// The flash ends before `TO`.
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
        let mut slots = Slots { flash, from: FROM, newest: None, next: 0, sequence: None, saved: PhantomData };
        let _ = slots.survey(); // flash that cannot be read now may be read later, or be erased
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
    /// If no slot can be read, or a number is not finite, `value` is unchanged. If a slot is whole in one read and not in the
    /// next, again and again, the error is [`SlotsError::Unstable`]; `value` may then be changed in part.
    pub fn load(&mut self, value: &mut T) -> Result<Option<u32>, SlotsError<F::Error>> {
        let mut changed = false;
        for _ in 0..=SLOTS {
            if let Some(newest) = self.newest {
                let mut finite = Ok(());
                if self.is_whole(newest, &mut |first, words| {
                    if first == 0 || finite.is_ok() {
                        finite = check_payload(value, first, words);
                    }
                }) {
                    finite.map_err(SlotsError::Model)?;
                    if self.is_whole(newest, &mut |first, words| set_payload(value, first, words)) {
                        return Ok(Some(newest.sequence));
                    }
                    changed = true;
                }
            }
            let survey = self.survey();
            if self.newest.is_none() && !changed {
                return survey.map(|()| None);
            }
        }
        Err(SlotsError::Unstable)
    }

    /// Begins a save. It reads the newest checkpoint once more, or all slots if that is no longer whole. Nothing is erased or
    /// written before the first [`Save::step`]. The value is borrowed until the save is done.
    ///
    /// If a save is dropped before it is done, the newest checkpoint stays as it was.
    ///
    /// # Errors
    /// A number is not finite, so that [`load`](Slots::load) would refuse the checkpoint.
    pub fn save<'a>(&'a mut self, value: &'a T) -> Result<Save<'a, F, T, SLOTS, CHUNK>, SlotsError<F::Error>> {
        check_finite(value).map_err(SlotsError::Model)?;
        if !self.newest.is_some_and(|newest| self.is_whole(newest, &mut |_, _| ())) {
            let _ = self.survey(); // if no slot is whole, any may be erased
        }
        Ok(Save::new(self, value))
    }

    /// Closes the slots and returns the flash.
    pub fn into_flash(self) -> F {
        self.flash
    }

    pub(super) fn set_newest(&mut self, slot: usize, sequence: u32) {
        self.newest = Some(Newest { slot, sequence });
        self.next = Self::after(slot);
    }

    /// The slot after this one.
    pub(super) fn after(slot: usize) -> usize {
        if slot + 1 < SLOTS { slot + 1 } else { 0 }
    }

    /// The address where a slot begins.
    pub(super) fn start(&self, slot: usize) -> u32 {
        self.from.wrapping_add((slot as u32).wrapping_mul(Self::SLOT))
    }

    /// Reads all slots, and finds the newest whole checkpoint.
    ///
    /// # Errors
    /// No slot can be read.
    #[inline(never)]
    fn survey(&mut self) -> Result<(), SlotsError<F::Error>> {
        self.newest = None;
        let mut result = None;
        for slot in 0..SLOTS {
            match self.read(slot, &mut |_, _| ()) {
                Ok(found) => {
                    result = Some(Ok(()));
                    let Some(sequence) = found else { continue };
                    if is_later(sequence, self.newest()) {
                        self.set_newest(slot, sequence);
                    }
                    if is_later(sequence, self.sequence) {
                        self.sequence = found;
                    }
                }
                Err(error) => _ = result.get_or_insert(Err(SlotsError::Flash(error))),
            }
        }
        result.unwrap_or(Ok(()))
    }

    /// Reads this checkpoint again, and returns whether it is still whole.
    fn is_whole(&mut self, newest: Newest, visit: &mut dyn FnMut(usize, &[[u8; 4]])) -> bool {
        matches!(self.read(newest.slot, visit), Ok(Some(sequence)) if sequence == newest.sequence)
    }

    /// Reads a slot, and calls `visit` with the payload in chunks. Returns the sequence number if the slot is whole. If it is
    /// not, one read may have failed: the slot is then read a second time, from the start.
    fn read(&mut self, slot: usize, visit: &mut dyn FnMut(usize, &[[u8; 4]])) -> Result<Option<u32>, F::Error> {
        match self.read_once(slot, visit) {
            Ok(Some(sequence)) => Ok(Some(sequence)),
            first => self.read_once(slot, visit).or(first),
        }
    }

    /// Not inlined: otherwise it is there ten times.
    #[inline(never)]
    fn read_once(&mut self, slot: usize, visit: &mut dyn FnMut(usize, &[[u8; 4]])) -> Result<Option<u32>, F::Error> {
        let mut buffer = [0; CHUNK];
        let mut at = self.start(slot);
        let front = buffer.get_mut(..Self::FRONT).unwrap_or_default();
        self.flash.read(at, front)?;
        let Some(words) = front.as_rchunks().1.last_chunk::<FRONT_WORDS>() else { return Ok(None) };
        let [sequence, check, header @ ..] = words;
        if u32::from_le_bytes(*check) != front_checksum(*sequence, header) {
            return Ok(None);
        }
        let sequence = u32::from_le_bytes(*sequence);
        let [.., stored] = *header;
        let stored = u32::from_le_bytes(stored);
        if *header != Header::of::<T>().with(stored).words() {
            return Ok(None); // belongs to another program
        }
        let mut checksum = Checksum::of(header);
        at = at.wrapping_add(Self::FRONT as u32);
        for first in (0..T::WORDS).step_by(CHUNK / 4) {
            let len = 4 * (T::WORDS - first).min(CHUNK / 4);
            let bytes = buffer.get_mut(..len.next_multiple_of(F::READ_SIZE)).unwrap_or_default();
            self.flash.read(at, bytes)?;
            let words = bytes.get(..len).unwrap_or_default().as_chunks().0;
            checksum.add(words.as_flattened());
            visit(first, words);
            at = at.wrapping_add(len as u32);
        }
        Ok((checksum.value() == stored).then_some(sequence))
    }

    /// Writes whole words of the flash, and reads them back; a second time if they differ.
    pub(super) fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), SlotsError<F::Error>> {
        self.flash.write(at, bytes).map_err(SlotsError::Flash)?;
        let mut buffer = [0; CHUNK];
        let read = buffer.get_mut(..bytes.len().next_multiple_of(F::READ_SIZE)).unwrap_or_default();
        for _ in 0..2 {
            if self.flash.read(at, read).is_ok() && read.starts_with(bytes) {
                return Ok(());
            }
        }
        Err(SlotsError::Verify { at })
    }
}

/// Whether a sequence number comes after another: the nearer way around the circle of all numbers leads forward.
fn is_later(sequence: u32, than: Option<u32>) -> bool {
    than.is_none_or(|than| sequence.wrapping_sub(than).cast_signed() > 0)
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

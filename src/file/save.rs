use super::checksum::Checksum;
use super::layout::Header;
use super::payload::copy_payload;
use super::saved::Saved;
use super::slots::{FRONT_WORDS, Slots, front_checksum};
use super::slots_error::SlotsError;
use core::ops::ControlFlow;
use embedded_storage_v0_3::nor_flash::NorFlash;

/// A save in progress, from [`Slots::save`]. It borrows the value, so that the value cannot change until the save is done.
pub struct Save<'a, F, T, const SLOTS: usize, const CHUNK: usize> {
    slots: &'a mut Slots<F, T, SLOTS, CHUNK>,
    value: &'a T,
    /// The slot that is erased and written.
    slot: usize,
    stage: Stage,
}

/// The next thing to do. The checksum is that of the file as far as it is written.
#[derive(Clone, Copy)]
enum Stage {
    /// Erase the page at this offset from the start of the slot. The first page comes first: it contains the header, without
    /// which the old checkpoint is no longer valid.
    Erase(u32),
    /// Write the payload from this word on.
    Payload(usize, Checksum),
    /// Write the sequence number and the header, which completes the checkpoint.
    Front(Checksum),
    Done,
    Failed,
}

impl<'a, F: NorFlash, T: Saved, const SLOTS: usize, const CHUNK: usize> Save<'a, F, T, SLOTS, CHUNK> {
    pub(super) fn new(slots: &'a mut Slots<F, T, SLOTS, CHUNK>, value: &'a T) -> Self {
        Save { slot: slots.next, slots, value, stage: Stage::Erase(0) }
    }

    /// Erases one page, or writes up to `CHUNK` bytes and reads them back. Returns `Break` once the checkpoint is whole.
    ///
    /// If the flash fails, or does not hold what was written, the save begins again in the next slot, if there is one that
    /// does not hold the newest checkpoint.
    ///
    /// # Errors
    /// The flash has failed in every slot that this save may take. This is the error of the last one.
    pub fn step(&mut self) -> Result<ControlFlow<()>, SlotsError<F::Error>> {
        let stage = core::mem::replace(&mut self.stage, Stage::Failed);
        self.stage = match self.run(stage) {
            Err(_) if self.next_slot() => Stage::Erase(0),
            result => result?,
        };
        Ok(if matches!(self.stage, Stage::Done) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    /// Does all remaining steps.
    ///
    /// # Errors
    /// The same as [`Save::step`].
    pub fn finish(mut self) -> Result<(), SlotsError<F::Error>> {
        while self.step()?.is_continue() {}
        Ok(())
    }

    /// Goes on to the next slot, unless all have been tried but the newest.
    fn next_slot(&mut self) -> bool {
        let next = Slots::<F, T, SLOTS, CHUNK>::after(self.slot);
        let more = next != self.slots.newest.map_or(self.slots.next, |newest| newest.slot);
        if more {
            self.slot = next;
        }
        more
    }

    /// Does one stage, and returns the next.
    fn run(&mut self, stage: Stage) -> Result<Stage, SlotsError<F::Error>> {
        let start = self.slots.start(self.slot);
        match stage {
            Stage::Erase(offset) => {
                let (page, len) = (start.wrapping_add(offset), F::ERASE_SIZE as u32);
                self.slots.flash.erase(page, page.wrapping_add(len)).map_err(SlotsError::Flash)?;
                let next = offset.wrapping_add(len);
                let begin = || Stage::Payload(0, Checksum::of(&Header::of::<T>().words()));
                Ok(if next < Slots::<F, T, SLOTS, CHUNK>::SLOT { Stage::Erase(next) } else { begin() })
            }
            Stage::Payload(first, mut checksum) => {
                let count = T::WORDS.saturating_sub(first).min(CHUNK / 4);
                let mut buffer = [0xff; CHUNK];
                let bytes = buffer.get_mut(..(4 * count).next_multiple_of(F::WRITE_SIZE)).unwrap_or_default();
                let words = bytes.get_mut(..4 * count).unwrap_or_default().as_chunks_mut().0;
                copy_payload(self.value, first, words);
                checksum.add(words.as_flattened());
                let front = Slots::<F, T, SLOTS, CHUNK>::FRONT;
                self.slots.write(start.wrapping_add((front + 4 * first) as u32), bytes)?;
                let next = first + count;
                Ok(if next < T::WORDS { Stage::Payload(next, checksum) } else { Stage::Front(checksum) })
            }
            Stage::Front(checksum) => {
                self.write_front(start, checksum)?;
                Ok(Stage::Done)
            }
            Stage::Done => Ok(Stage::Done),
            Stage::Failed => Err(SlotsError::Failed),
        }
    }

    fn write_front(&mut self, start: u32, checksum: Checksum) -> Result<(), SlotsError<F::Error>> {
        let sequence = self.slots.sequence.map_or(1, |last| last.wrapping_add(1));
        self.slots.sequence = Some(sequence);
        let header = Header::of::<T>().with(checksum.value()).words();
        let mut buffer = [0xff; CHUNK];
        let bytes = buffer.get_mut(..Slots::<F, T, SLOTS, CHUNK>::FRONT).unwrap_or_default();
        if let Some(front) = bytes.as_rchunks_mut().1.last_chunk_mut::<FRONT_WORDS>() {
            let [number, check, rest @ ..] = front;
            *number = sequence.to_le_bytes();
            *check = front_checksum(*number, &header).to_le_bytes();
            *rest = header;
        }
        self.slots.write(start, bytes)?;
        self.slots.set_newest(self.slot, sequence);
        Ok(())
    }
}

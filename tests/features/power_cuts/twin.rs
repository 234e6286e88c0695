//! The rules of `Slots` once more, in few lines, and faults in them: each must be found.

use super::super::flash::{Flash, FlashError};
use super::Device;
use super::checkpoint::{parse, slot, slot_len};
use std::cell::RefCell;

/// What is wrong with the twin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    BeginsWithNewest,
    NoWrapping,
    OneRead,
    OpenFails,
    NoReadingBack,
    OneSlot,
    TrustsNewest,
    NoOlderSlot,
    FirstNumberAgain,
}

pub const FAULTS: [(Fault, &str); 9] = [
    (Fault::BeginsWithNewest, "a save erases the newest whole slot"),
    (Fault::NoWrapping, "sequence numbers are compared without wrapping around"),
    (Fault::OneRead, "one read decides whether a slot is whole"),
    (Fault::OpenFails, "`open` fails if a slot cannot be read"),
    (Fault::NoReadingBack, "a save does not read back what it has written"),
    (Fault::OneSlot, "a save fails if its first slot fails"),
    (Fault::TrustsNewest, "a save does not read the newest slot once more"),
    (Fault::NoOlderSlot, "`load` does not turn to an older slot"),
    (Fault::FirstNumberAgain, "the sequence number begins again with each start"),
];

pub struct Twin<'a> {
    flash: &'a RefCell<Flash>,
    fault: Option<Fault>,
    /// Slot, sequence number and checkpoint.
    newest: Option<(usize, u32, u32)>,
    sequence: Option<u32>,
}

impl<'a> Twin<'a> {
    pub fn open(flash: &'a RefCell<Flash>, fault: Option<Fault>) -> Option<Self> {
        let mut twin = Twin { flash, fault, newest: None, sequence: None };
        let all = twin.survey();
        if fault == Some(Fault::FirstNumberAgain) {
            twin.sequence = None;
        }
        (fault != Some(Fault::OpenFails) || all.is_ok()).then_some(twin)
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn read_once(&self, index: usize) -> Result<Option<(u32, u32)>, FlashError> {
        let layout = self.flash.borrow().layout;
        let mut bytes = vec![0; slot_len(&layout)];
        for (at, bytes) in (layout.start(index)..).step_by(64).zip(bytes.chunks_mut(64)) {
            self.flash.borrow_mut().read(at, bytes)?;
        }
        Ok(parse(&layout, &bytes))
    }

    fn read(&self, index: usize) -> Result<Option<(u32, u32)>, FlashError> {
        match self.read_once(index) {
            Ok(Some(found)) => Ok(Some(found)),
            found if self.has(Fault::OneRead) => found,
            _ => self.read_once(index),
        }
    }

    /// Finds the newest slot, and says whether all could be read.
    fn survey(&mut self) -> Result<(), FlashError> {
        self.newest = None;
        let mut all = Ok(());
        let slots = self.flash.borrow().layout.slots;
        for index in 0..slots {
            match self.read(index) {
                Ok(Some((sequence, number))) => {
                    if self.is_later(sequence, self.newest.map(|(_, sequence, _)| sequence)) {
                        self.newest = Some((index, sequence, number));
                    }
                    if self.is_later(sequence, self.sequence) {
                        self.sequence = Some(sequence);
                    }
                }
                Ok(None) => (),
                Err(error) => all = Err(error),
            }
        }
        all
    }

    fn is_later(&self, sequence: u32, than: Option<u32>) -> bool {
        let wrapping = |than: u32| sequence.wrapping_sub(than) as i32 > 0;
        than.is_none_or(|than| if self.has(Fault::NoWrapping) { sequence > than } else { wrapping(than) })
    }

    fn is_whole(&self) -> bool {
        self.newest.is_some_and(|(index, sequence, number)| self.read(index) == Ok(Some((sequence, number))))
    }

    fn write(&self, index: usize, bytes: &[u8]) -> Result<(), FlashError> {
        let layout = self.flash.borrow().layout;
        let (start, front) = (layout.start(index), layout.front());
        for page in (start..start + layout.slot).step_by(layout.page) {
            self.flash.borrow_mut().erase(page, page + layout.page)?;
        }
        let payload = (front..bytes.len()).step_by(64).map(|from| from..bytes.len().min(from + 64));
        for range in payload.chain(std::iter::once(0..front)) {
            let (at, bytes) = (start + range.start, &bytes[range]);
            self.flash.borrow_mut().write(at, bytes)?;
            let mut read = vec![0; bytes.len()];
            let mut same = || self.flash.borrow_mut().read(at, &mut read).is_ok() && read == bytes;
            if !(self.has(Fault::NoReadingBack) || same() || same()) {
                return Err(FlashError::Unreadable);
            }
        }
        Ok(())
    }
}

impl Device for Twin<'_> {
    fn load(&mut self) -> Result<Option<u32>, String> {
        if !self.is_whole() && !self.has(Fault::NoOlderSlot) {
            _ = self.survey();
        }
        if self.newest.is_some() && !self.is_whole() {
            return Err("not whole any more".into());
        }
        Ok(self.newest.map(|(_, _, number)| number))
    }

    fn save(&mut self, number: u32) -> Result<(), String> {
        if !self.has(Fault::TrustsNewest) && !self.is_whole() {
            _ = self.survey();
        }
        let layout = self.flash.borrow().layout;
        let newest = self.newest.map(|(index, ..)| index);
        let first = newest.map_or(0, |index| index + usize::from(!self.has(Fault::BeginsWithNewest)));
        let count = if self.has(Fault::OneSlot) { 1 } else { layout.slots - usize::from(newest.is_some()) };
        for index in (first..first + count).map(|index| index % layout.slots) {
            let sequence = self.sequence.map_or(1, |last| last.wrapping_add(1));
            self.sequence = Some(sequence);
            if self.write(index, &slot(&layout, sequence, number)).is_ok() {
                self.newest = Some((index, sequence, number));
                return Ok(());
            }
        }
        Err("no slot is left".into())
    }
}

//! A flash in memory that fails in all the ways that flash fails: the power is cut within an operation, a torn word cannot be
//! read, a read returns garbage, bits rot and wear out.

use baregrad::Sfc32;
use embedded_storage_v0_3::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};
use rand_core::Rng;
use std::cell::RefCell;

/// Why an operation has failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FlashError {
    /// The power is gone.
    PowerCut,
    /// The error correction cannot correct a word, or the bus has failed.
    Unreadable,
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

/// What is left of the operation within which the power is cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tear {
    /// Nothing has happened.
    Nothing,
    /// The first bytes are done.
    Prefix,
    /// A random subset of bits is done.
    Bits,
    /// All is done but one word, which is as it was.
    StuckWord,
    /// What was to be changed is anything.
    Garbage,
    /// All is done: the power is cut right after it.
    Everything,
    /// The words before one are done, and that one cannot be read. In an erase, the same may be true of later words.
    Unreadable,
}

impl Tear {
    pub const READABLE: [Tear; 6] =
        [Tear::Nothing, Tear::Prefix, Tear::Bits, Tear::StuckWord, Tear::Garbage, Tear::Everything];
}

/// What is wrong with a read.
#[derive(Clone, Copy, Debug)]
pub enum Misread {
    Garbage,
    /// One bit is wrong.
    Bit,
    /// The bus is not driven.
    Ones,
    Fails,
}

impl Misread {
    pub const ALL: [Misread; 4] = [Misread::Garbage, Misread::Bit, Misread::Ones, Misread::Fails];
}

/// A bit of this byte that no longer changes once its page has been erased so many times.
#[derive(Clone, Copy)]
pub struct Worn {
    pub at: usize,
    pub mask: u8,
    pub one: bool,
    pub erases: usize,
}

/// The sizes, in bytes, and where the slots are.
#[derive(Clone, Copy)]
pub struct Layout {
    pub word: usize,
    pub page: usize,
    pub first: usize,
    pub slot: usize,
    pub slots: usize,
}

impl Layout {
    /// Bytes before the payload of a slot: padding, sequence number, checksum and header.
    pub fn front(&self) -> usize {
        40_usize.next_multiple_of(self.word)
    }

    pub fn start(&self, slot: usize) -> usize {
        self.first + slot * self.slot
    }

    fn end(&self) -> usize {
        self.start(self.slots)
    }

    fn read_size(&self) -> usize {
        self.word.min(4)
    }
}

#[derive(Clone)]
pub struct Flash {
    pub bytes: Vec<u8>,
    pub layout: Layout,
    /// Which bytes are not known to be erased.
    written: Vec<bool>,
    /// Which words cannot be read until they are erased.
    pub unreadable: Vec<bool>,
    /// After this many more changes the next one is torn.
    pub cut: Option<(usize, Tear)>,
    /// After this many more reads the next one is wrong.
    pub misread: Option<(usize, Misread)>,
    pub worn: Option<Worn>,
    /// No operation succeeds any more.
    pub dead: bool,
    /// Erases of each page.
    pub erases: Vec<usize>,
    pub changes: usize,
    pub reads: usize,
    pub rng: Sfc32,
}

impl Flash {
    /// Full of anything.
    pub fn new(len: usize, layout: Layout, mut rng: Sfc32) -> Self {
        assert!(layout.end() <= len);
        let mut bytes = vec![0; len];
        rng.fill_bytes(&mut bytes);
        Flash {
            bytes,
            layout,
            written: vec![true; len],
            unreadable: vec![false; len / layout.word],
            cut: None,
            misread: None,
            worn: None,
            dead: false,
            erases: vec![0; len / layout.page],
            changes: 0,
            reads: 0,
            rng,
        }
    }

    /// The device starts again.
    pub fn power_on(&mut self) {
        (self.dead, self.cut, self.misread) = (false, None, None);
    }

    fn below(&mut self, n: usize) -> usize {
        self.rng.next_u32() as usize % n
    }

    /// Whether all words of these bytes can be read.
    pub fn readable(&self, at: usize, len: usize) -> bool {
        let word = self.layout.word;
        !self.unreadable[at / word..(at + len).div_ceil(word)].contains(&true)
    }

    pub fn read(&mut self, at: usize, bytes: &mut [u8]) -> Result<(), FlashError> {
        let size = self.layout.read_size();
        assert!(at.is_multiple_of(size) && bytes.len().is_multiple_of(size), "whole words");
        self.reads += 1;
        if self.dead {
            return Err(FlashError::PowerCut);
        }
        let misread = match &mut self.misread {
            Some((0, misread)) => Some(*misread),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        };
        if misread.is_some() {
            self.misread = None;
        }
        if matches!(misread, Some(Misread::Fails)) || !self.readable(at, bytes.len()) {
            return Err(FlashError::Unreadable);
        }
        bytes.copy_from_slice(&self.bytes[at..at + bytes.len()]);
        match misread {
            Some(Misread::Garbage) => self.rng.fill_bytes(bytes),
            Some(Misread::Bit) => {
                let bit = self.below(8 * bytes.len());
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
            Some(Misread::Ones) => bytes.fill(0xff),
            Some(Misread::Fails) | None => (),
        }
        Ok(())
    }

    pub fn erase(&mut self, from: usize, to: usize) -> Result<(), FlashError> {
        let page = self.layout.page;
        assert!(from.is_multiple_of(page) && to == from + page, "one page at a time");
        assert!(from >= self.layout.first && to <= self.layout.end(), "an erase outside the slots");
        let tear = self.count()?;
        self.erases[from / page] += 1;
        self.written[from..to].fill(tear.is_some());
        self.change(from, &vec![0xff; page], true, tear)
    }

    pub fn write(&mut self, at: usize, bytes: &[u8]) -> Result<(), FlashError> {
        let Layout { word, first, slot, .. } = self.layout;
        let (from, to) = (at, at + bytes.len());
        assert!(from.is_multiple_of(word) && bytes.len().is_multiple_of(word), "whole words");
        assert!(from >= first && to <= self.layout.end(), "a write outside the slots");
        assert!(!self.written[from..to].contains(&true), "each byte once between two erases");
        let start = from - (from - first) % slot;
        assert!(!self.written[start], "nothing may be written behind the front, which is the last");
        let tear = self.count()?;
        self.written[from..to].fill(true);
        self.change(from, bytes, false, tear)
    }

    /// Counts a change. Gives how it is torn, if the power is cut in it.
    fn count(&mut self) -> Result<Option<Tear>, FlashError> {
        if self.dead {
            return Err(FlashError::PowerCut);
        }
        self.changes += 1;
        match &mut self.cut {
            Some((0, tear)) => {
                self.dead = true;
                Ok(Some(*tear))
            }
            Some((left, _)) => {
                *left -= 1;
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// Sets bytes from `at` on, torn or whole.
    fn change(&mut self, at: usize, to: &[u8], erase: bool, tear: Option<Tear>) -> Result<(), FlashError> {
        if let Some(tear) = tear {
            self.tear(at, to, erase, tear);
        } else {
            self.bytes[at..at + to.len()].copy_from_slice(to);
        }
        if erase && matches!(tear, None | Some(Tear::Everything)) {
            let word = self.layout.word;
            self.unreadable[at / word..(at + to.len()) / word].fill(false);
        }
        if let Some(worn) = self.worn
            && self.erases[worn.at / self.layout.page] > worn.erases
            && (at..at + to.len()).contains(&worn.at)
        {
            let byte = &mut self.bytes[worn.at];
            *byte = if worn.one { *byte | worn.mask } else { *byte & !worn.mask };
        }
        if tear.is_some() { Err(FlashError::PowerCut) } else { Ok(()) }
    }

    fn tear(&mut self, at: usize, to: &[u8], erase: bool, tear: Tear) {
        let word = self.layout.word;
        let (prefix, chosen) = (self.below(to.len() + 1), self.below(to.len() / word));
        // Nearly no bit, half of them, nearly all.
        let share = [8, 128, 248][self.below(3)];
        for (i, to) in to.iter().enumerate() {
            let (before, done) = (self.bytes[at + i], i / word);
            if tear == Tear::Unreadable && i % word == 0 && done >= chosen {
                let lost = done == chosen || erase && self.below(2) == 0;
                self.unreadable[at / word + done] |= lost;
            }
            self.bytes[at + i] = match tear {
                Tear::Everything => *to,
                Tear::Nothing => before,
                Tear::Prefix if i < prefix => *to,
                Tear::Prefix => before,
                Tear::Bits => {
                    let mask = (0..8).fold(0_u8, |mask, bit| mask | u8::from(self.below(256) < share) << bit);
                    before & !mask | to & mask
                }
                Tear::StuckWord if done == chosen => before,
                Tear::StuckWord => *to,
                Tear::Garbage => self.below(256) as u8,
                Tear::Unreadable if done < chosen => *to,
                Tear::Unreadable if self.unreadable[at / word + done] => self.below(256) as u8,
                Tear::Unreadable => before,
            };
        }
    }
}

/// The driver of a flash with words of `WRITE` bytes and pages of `PAGE`. The test keeps the flash, and can change it meanwhile.
pub struct Driver<'a, const WRITE: usize, const PAGE: usize>(pub &'a RefCell<Flash>);

impl<const WRITE: usize, const PAGE: usize> ErrorType for Driver<'_, WRITE, PAGE> {
    type Error = FlashError;
}

impl<const WRITE: usize, const PAGE: usize> ReadNorFlash for Driver<'_, WRITE, PAGE> {
    const READ_SIZE: usize = if WRITE < 4 { WRITE } else { 4 };

    fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        self.0.borrow_mut().read(at as usize, bytes)
    }

    fn capacity(&self) -> usize {
        self.0.borrow().bytes.len()
    }
}

impl<const WRITE: usize, const PAGE: usize> NorFlash for Driver<'_, WRITE, PAGE> {
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        self.0.borrow_mut().erase(from as usize, to as usize)
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), FlashError> {
        self.0.borrow_mut().write(at as usize, bytes)
    }
}

//! A flash in memory whose power can be cut within any operation.
#![allow(dead_code)] // each test uses a part of it

use baregrad::Sfc32;
use embedded_storage_v0_3::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};
use rand_core::Rng;

/// The power is gone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PowerCut;

impl NorFlashError for PowerCut {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

/// What is left of the operation within which the power is cut.
#[derive(Clone, Copy, Debug)]
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
}

impl Tear {
    pub const ALL: [Tear; 6] =
        [Tear::Nothing, Tear::Prefix, Tear::Bits, Tear::StuckWord, Tear::Garbage, Tear::Everything];
}

/// Which operations can be cut.
#[derive(Clone, Copy, PartialEq)]
pub enum Operations {
    Changes,
    Reads,
}

/// `WRITE`: bytes of a word; `PAGE`: bytes of a page. Reads have the size of a word, up to four bytes.
#[derive(Clone)]
pub struct Flash<const WRITE: usize, const PAGE: usize> {
    pub bytes: Vec<u8>,
    /// Which bytes are not known to be erased.
    written: Vec<bool>,
    /// After so many more operations the next one is torn.
    pub cut: Option<(Operations, usize, Tear)>,
    pub dead: bool,
    /// Erases of each page.
    pub erases: Vec<usize>,
    pub changes: usize,
    pub reads: usize,
    pub rng: Sfc32,
    /// Where the slots begin, their length and their number. In each, the write at the start must be the last.
    pub slots: (usize, usize, usize),
}

impl<const WRITE: usize, const PAGE: usize> Flash<WRITE, PAGE> {
    /// Full of anything.
    pub fn new(len: usize, mut rng: Sfc32) -> Self {
        let mut bytes = vec![0; len];
        rng.fill_bytes(&mut bytes);
        let (written, erases) = (vec![true; len], vec![0; len / PAGE]);
        let (slots, cut) = ((0, len, 1), None);
        Flash { bytes, written, cut, dead: false, erases, changes: 0, reads: 0, rng, slots }
    }

    fn below(&mut self, n: usize) -> usize {
        self.rng.next_u32() as usize % n
    }

    /// Counts an operation. Gives how it is torn, if the power is cut in it.
    fn count(&mut self, operations: Operations) -> Result<Option<Tear>, PowerCut> {
        if self.dead {
            return Err(PowerCut);
        }
        match &mut self.cut {
            Some((kind, 0, tear)) if *kind == operations => {
                self.dead = true;
                Ok(Some(*tear))
            }
            Some((kind, left, _)) if *kind == operations => {
                *left -= 1;
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// Sets bytes from `at` on, torn or whole. Writing, bits can only become 0; erasing, 1.
    fn change(&mut self, at: usize, to: &[u8], tear: Option<Tear>) -> Result<(), PowerCut> {
        self.changes += 1;
        let before = self.bytes[at..at + to.len()].to_vec();
        let words = to.len() / WRITE;
        let (prefix, stuck) = (self.below(to.len() + 1), self.below(words) * WRITE);
        // Nearly none, half, nearly all.
        let share = [8, 128, 248][self.below(3)];
        for (i, (to, before)) in to.iter().zip(before).enumerate() {
            let mut mask = 0_u8;
            for bit in 0..8 {
                mask |= u8::from(self.below(256) < share) << bit;
            }
            self.bytes[at + i] = match tear {
                None | Some(Tear::Everything) => *to,
                Some(Tear::Nothing) => before,
                Some(Tear::Prefix) => {
                    if i < prefix {
                        *to
                    } else {
                        before
                    }
                }
                Some(Tear::Bits) => before & !mask | to & mask,
                Some(Tear::StuckWord) => {
                    if (stuck..stuck + WRITE).contains(&i) {
                        before
                    } else {
                        *to
                    }
                }
                Some(Tear::Garbage) => self.rng.next_u32() as u8,
            };
        }
        if tear.is_some() { Err(PowerCut) } else { Ok(()) }
    }
}

impl<const WRITE: usize, const PAGE: usize> ErrorType for Flash<WRITE, PAGE> {
    type Error = PowerCut;
}

impl<const WRITE: usize, const PAGE: usize> ReadNorFlash for Flash<WRITE, PAGE> {
    const READ_SIZE: usize = if WRITE < 4 { WRITE } else { 4 };

    fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), PowerCut> {
        let at = at as usize;
        assert!(at.is_multiple_of(Self::READ_SIZE) && bytes.len().is_multiple_of(Self::READ_SIZE));
        self.reads += 1;
        if self.count(Operations::Reads)?.is_some() {
            return Err(PowerCut);
        }
        bytes.copy_from_slice(&self.bytes[at..at + bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const WRITE: usize, const PAGE: usize> NorFlash for Flash<WRITE, PAGE> {
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = PAGE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), PowerCut> {
        let (from, to) = (from as usize, to as usize);
        assert!(from.is_multiple_of(PAGE) && to == from + PAGE, "one page at a time");
        let (first, len, count) = self.slots;
        assert!(from >= first && to <= first + count * len, "an erase outside the slots");
        let tear = self.count(Operations::Changes)?;
        self.erases[from / PAGE] += 1;
        self.written[from..to].fill(tear.is_some());
        self.change(from, &[0xff; PAGE], tear)
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), PowerCut> {
        let (from, to) = (at as usize, at as usize + bytes.len());
        assert!(from.is_multiple_of(WRITE) && bytes.len().is_multiple_of(WRITE), "whole words");
        let (first, len, count) = self.slots;
        assert!(from >= first && to <= first + count * len, "a write outside the slots");
        assert!(self.written[from..to].iter().all(|written| !written), "each byte once between two erases");
        let start = from - (from - first) % len;
        assert!(!self.written[start], "nothing may be written behind the front, which is the last");
        let tear = self.count(Operations::Changes)?;
        self.written[from..to].fill(true);
        self.change(from, bytes, tear)
    }
}

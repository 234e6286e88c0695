//! A flash emulated in RAM, since no board of QEMU has one that a program can write to.

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

/// `LEN` bytes, in words of 4 and pages of 1,024: erasing sets bits, writing clears them.
pub struct Flash<const LEN: usize> {
    bytes: [u8; LEN],
    /// How many operations the power lasts. In the middle of the next one it fails.
    pub power: u32,
}

/// The power has failed, or the flash ends before.
#[derive(Debug)]
pub struct Failed;

impl<const LEN: usize> Flash<LEN> {
    /// As a program finds it: with anything.
    pub const NEW: Self = Flash { bytes: [0; LEN], power: u32::MAX };

    /// Changes some bytes, or half of them.
    fn change(&mut self, from: u32, to: u32, change: impl Fn(usize, &mut u8)) -> Result<(), Failed> {
        let whole = self.power > 0;
        let to = if whole { to } else { from + (to - from) / 2 };
        self.power = self.power.saturating_sub(1);
        let bytes = self.bytes.get_mut(from as usize..to as usize).ok_or(Failed)?;
        bytes.iter_mut().enumerate().for_each(|(place, byte)| change(place, byte));
        if whole { Ok(()) } else { Err(Failed) }
    }
}

impl NorFlashError for Failed {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl<const LEN: usize> ErrorType for Flash<LEN> {
    type Error = Failed;
}

impl<const LEN: usize> ReadNorFlash for Flash<LEN> {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Failed> {
        let stored = self.bytes.get(offset as usize..).and_then(|stored| stored.get(..bytes.len()));
        bytes.copy_from_slice(stored.ok_or(Failed)?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        LEN
    }
}

impl<const LEN: usize> NorFlash for Flash<LEN> {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 1024;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Failed> {
        self.change(from, to, |_, byte| *byte = 0xff)
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Failed> {
        let to = offset + bytes.len() as u32;
        self.change(offset, to, |place, byte| *byte &= bytes.get(place).copied().unwrap_or(0xff))
    }
}

//! CRC-32, bit by bit: a table would be a kilobyte of flash.

use crc::{CRC_32_ISO_HDLC, Crc, Digest, NoTable};

static CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// A checksum that is being formed.
pub(super) struct Checksum(Digest<'static, u32, NoTable>);

impl Checksum {
    pub(super) fn new() -> Self {
        Checksum(CRC.digest())
    }

    pub(super) fn add(&mut self, words: &[[u8; 4]]) {
        self.0.update(words.as_flattened());
    }

    pub(super) fn value(self) -> u32 {
        self.0.finalize()
    }
}

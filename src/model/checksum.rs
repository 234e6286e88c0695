//! CRC-32, bit by bit: a table would be a kilobyte of flash.

use crc::{CRC_32_ISO_HDLC, Crc, Digest, NoTable};

static CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// A checksum that is being formed.
#[derive(Clone)]
pub(super) struct Checksum(Digest<'static, u32, NoTable>);

impl Checksum {
    pub(super) fn new() -> Self {
        Checksum(CRC.digest())
    }

    /// Of a file with such a header, as far as that.
    pub(super) fn of(header: &[[u8; 4]; 8]) -> Self {
        let [fields @ .., _] = header;
        let mut checksum = Self::new();
        checksum.add(fields);
        checksum
    }

    pub(super) fn add(&mut self, words: &[[u8; 4]]) {
        self.0.update(words.as_flattened());
    }

    pub(super) fn value(self) -> u32 {
        self.0.finalize()
    }
}

//! CRC-32, four bits at a time. A table for eight bits would take a kilobyte of flash; no table would take twice the time.

use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// The checksum's change per value of four bits: every sixteenth row of the table for eight bits.
const NIBBLES: [u32; 16] = {
    let [bytes] = Crc::<u32, Table<1>>::new(&CRC_32_ISO_HDLC).table();
    let mut nibbles = [0; 16];
    let mut nibble = 0;
    while nibble < 16 {
        nibbles[nibble] = bytes[nibble << 4];
        nibble += 1;
    }
    nibbles
};

/// A checksum in progress.
#[derive(Clone, Copy)]
pub(super) struct Checksum(u32);

impl Checksum {
    pub(super) fn new() -> Self {
        Checksum(CRC_32_ISO_HDLC.init)
    }

    /// The checksum of a file that begins with this header, up to the header's end.
    pub(super) fn of(header: &[[u8; 4]; 8]) -> Self {
        let [fields @ .., _] = header;
        let mut checksum = Self::new();
        checksum.add(fields.as_flattened());
        checksum
    }

    #[inline(never)]
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = with_nibble(with_nibble(self.0 ^ u32::from(*byte)));
        }
    }

    pub(super) fn value(self) -> u32 {
        self.0 ^ CRC_32_ISO_HDLC.xorout
    }
}

/// Not inlined: otherwise the loop over bytes is unrolled, which takes 200 bytes more.
#[inline(never)]
fn with_nibble(checksum: u32) -> u32 {
    let [.., low] = checksum.to_be_bytes();
    NIBBLES.get(usize::from(low & 0xf)).copied().unwrap_or_default() ^ checksum >> 4
}

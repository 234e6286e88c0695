//! CRC-32, bit by bit: a table would be a kilobyte of flash.

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};

const CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// A checksum that is being formed.
#[derive(Clone, Copy)]
pub(super) struct Checksum(u32);

impl Checksum {
    pub(super) fn new() -> Self {
        Checksum(CRC.digest().finalize())
    }

    /// Of a file with such a header, as far as that.
    pub(super) fn of(header: &[[u8; 4]; 8]) -> Self {
        let [fields @ .., _] = header;
        let mut checksum = Self::new();
        checksum.add(fields.as_flattened());
        checksum
    }

    #[inline(never)]
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = with(self.0, *byte);
        }
    }

    pub(super) fn value(self) -> u32 {
        self.0
    }
}

/// The checksum with one byte more. Not through a lasting `Digest`, whose reference to `CRC` hides from the compiler what can be
/// left out; not inlined, or else the loop over bytes is unrolled to some 800 bytes of code.
#[inline(never)]
fn with(checksum: u32, byte: u8) -> u32 {
    let state = checksum ^ CRC.algorithm.xorout;
    let mut digest = CRC.digest_with_initial(state.reverse_bits());
    digest.update(&[byte]);
    digest.finalize()
}

//! Encoding and decoding of files in memory, and the header, which files in flash have as well.

use super::checksum::Checksum;
use super::error::ModelError;
use super::payload::{check_finite, check_payload, copy_payload, difference, set_payload};
use super::saved::{ALL, Saved};

/// Bytes of the header: a multiple of the alignment of floats on every common machine.
pub(super) const HEADER: usize = 32;
pub(super) const MAGIC: [u8; 4] = *b"BGRD";
pub(super) const VERSION: u16 = 2;

/// Writes the file of a net or a trainer to the front of `out`. Returns the file's length, [`Saved::FILE_LEN`].
///
/// # Errors
/// The buffer is too small, or a number is infinite or NaN: [`decode`] would refuse such a file.
pub fn encode<T: Saved>(value: &T, out: &mut [u8]) -> Result<usize, ModelError> {
    check_finite(value)?;
    encode_any(value, out)
}

/// The same as [`encode`], but accepts infinite numbers and NaN.
///
/// # Errors
/// The buffer is too small.
pub fn encode_any<T: Saved>(value: &T, out: &mut [u8]) -> Result<usize, ModelError> {
    let bytes = out.len();
    let words = out.get_mut(..T::FILE_LEN).map_or(&mut [][..], |out| out.as_chunks_mut().0);
    let Some((header, payload)) = words.split_first_chunk_mut() else {
        return Err(ModelError::BufferTooSmall { bytes, needed: T::FILE_LEN });
    };
    copy_payload(value, 0, payload);
    *header = Header::of::<T>().words();
    let mut checksum = Checksum::of(header);
    checksum.add(payload.as_flattened());
    *header = Header::of::<T>().with(checksum.value()).words();
    Ok(T::FILE_LEN)
}

/// Reads a file into a net or a trainer.
///
/// # Errors
/// Each thing that can be wrong with the file has its own error. `value` is then unchanged.
pub fn decode<T: Saved>(value: &mut T, file: &[u8]) -> Result<(), ModelError> {
    let payload = check(value, file)?;
    check_payload(value, 0, payload)?;
    set_payload(value, 0, payload);
    Ok(())
}

/// The same as [`decode`], but accepts infinite numbers and NaN.
///
/// # Errors
/// The same as [`decode`].
pub fn decode_any<T: Saved>(value: &mut T, file: &[u8]) -> Result<(), ModelError> {
    set_payload(value, 0, check(value, file)?);
    Ok(())
}

/// Returns the payload of a file, after checking that the file is whole and contains what `value` needs.
fn check<'a, T: Saved>(value: &T, file: &'a [u8]) -> Result<&'a [[u8; 4]], ModelError> {
    let (header, payload) = split(file)?;
    if !header.is_of::<T>() {
        let (layer, kind) = difference(value, payload);
        return Err(ModelError::Architecture { found: header.architecture, needed: T::NET, layer, kind });
    }
    header.check::<T>()?;
    Ok(payload)
}

/// Splits a file into header and payload, after checking that it is whole.
fn split(file: &[u8]) -> Result<(Header, &[[u8; 4]]), ModelError> {
    let bytes = file.len();
    let Some((words, _)) = file.as_chunks().0.split_first_chunk() else {
        return Err(ModelError::Truncated { bytes, needed: HEADER });
    };
    let header = Header::read(words)?;
    let needed = HEADER.saturating_add(header.payload());
    if bytes < needed {
        return Err(ModelError::Truncated { bytes, needed });
    }
    if bytes > needed {
        return Err(ModelError::Surplus { bytes, needed });
    }
    let payload = file.get(HEADER..).unwrap_or_default().as_chunks().0;
    let mut checksum = Checksum::of(words);
    checksum.add(payload.as_flattened());
    let computed = checksum.value();
    if computed != header.checksum {
        return Err(ModelError::Checksum { computed, stored: header.checksum });
    }
    Ok((header, payload))
}

/// The fields of a header.
#[derive(Clone, Copy)]
pub(super) struct Header {
    contents: u16,
    architecture: u64,
    optimizer: u64,
    /// Length in bytes.
    payload: u32,
    pub(super) checksum: u32,
}

impl Header {
    /// The header of a file of `T`, without the checksum.
    pub(super) const fn of<T: Saved>() -> Self {
        const { assert!(T::FILE_LEN - HEADER <= u32::MAX as usize, "a file has at most 4 GB") };
        Header {
            contents: T::CONTENTS,
            architecture: T::NET,
            optimizer: T::OPTIMIZER,
            payload: (T::FILE_LEN - HEADER) as u32,
            checksum: 0,
        }
    }

    pub(super) const fn with(self, checksum: u32) -> Self {
        Header { checksum, ..self }
    }

    pub(super) const fn words(&self) -> [[u8; 4]; 8] {
        let [v0, v1] = VERSION.to_le_bytes();
        let [c0, c1] = self.contents.to_le_bytes();
        let [a0, a1] = halves(self.architecture);
        let [o0, o1] = halves(self.optimizer);
        [MAGIC, [v0, v1, c0, c1], a0, a1, o0, o1, self.payload.to_le_bytes(), self.checksum.to_le_bytes()]
    }

    /// Reads a header, if it is that of a model file of a known version.
    pub(super) const fn read(words: &[[u8; 4]; 8]) -> Result<Self, ModelError> {
        let [magic, [v0, v1, c0, c1], a0, a1, o0, o1, payload, checksum] = *words;
        if u32::from_le_bytes(magic) != u32::from_le_bytes(MAGIC) {
            return Err(ModelError::Magic { found: magic });
        }
        let found = u16::from_le_bytes([v0, v1]);
        if found != VERSION {
            return Err(ModelError::Version { found, known: VERSION });
        }
        Ok(Header {
            contents: u16::from_le_bytes([c0, c1]),
            architecture: joined(a0, a1),
            optimizer: joined(o0, o1),
            payload: u32::from_le_bytes(payload),
            checksum: u32::from_le_bytes(checksum),
        })
    }

    /// Length of the payload in bytes.
    pub(super) const fn payload(&self) -> usize {
        self.payload as usize
    }

    /// Whether the file's net has the architecture of `T`.
    pub(super) const fn is_of<T: Saved>(&self) -> bool {
        self.architecture == T::NET
    }

    /// Checks that a file of the same net contains what a `T` needs.
    pub(super) const fn check<T: Saved>(&self) -> Result<(), ModelError> {
        self.check_for(&Self::of::<T>())
    }

    const fn check_for(&self, needed: &Self) -> Result<(), ModelError> {
        if self.contents & needed.contents != needed.contents || self.contents & !ALL != 0 {
            return Err(ModelError::Contents { found: self.contents, needed: needed.contents });
        }
        let alike = self.contents == needed.contents;
        if alike && self.optimizer != needed.optimizer {
            return Err(ModelError::Optimizer { found: self.optimizer, needed: needed.optimizer });
        }
        // A net can be read from a checkpoint, which begins with the weights.
        let part = !alike && self.payload > needed.payload && self.payload.is_multiple_of(4);
        if !(part || alike && self.payload == needed.payload) {
            return Err(ModelError::PayloadLength { found: self.payload as usize, needed: needed.payload as usize });
        }
        Ok(())
    }
}

const fn halves(number: u64) -> [[u8; 4]; 2] {
    let [a, b, c, d, e, f, g, h] = number.to_le_bytes();
    [[a, b, c, d], [e, f, g, h]]
}

const fn joined([a, b, c, d]: [u8; 4], [e, f, g, h]: [u8; 4]) -> u64 {
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

//! Checkpoints that say which they are, and the bytes of a slot that holds one.

use super::super::flash::{Flash, Layout};
use baregrad::file::{self, Saved, Slice, SliceMut};
use baregrad::prelude::*;
use crc::Crc;
use std::sync::LazyLock;

pub type Model = Trainer<Dense<3, 1>, MeanSquaredError, Momentum, 1>;

/// Checkpoints have numbers below this one.
pub const NUMBERS: u32 = 64;

/// A checkpoint all of whose numbers say which it is.
pub fn numbered(number: u32) -> Model {
    let mut model = Model::untrained(MeanSquaredError, Momentum::default());
    let mut place = 0;
    model.walk_mut(&mut |slice| match slice {
        SliceMut::Floats(floats) => {
            for float in floats {
                *float = (number * 64 + place) as f32;
                place += 1;
            }
        }
        SliceMut::Words(words) => words.fill(number),
    });
    model
}

/// Which checkpoint this is. Fails if it is a mixture.
pub fn number(model: &Model) -> u32 {
    let number = model.progress;
    let mut place = 0;
    model.walk(&mut |_, slice| match slice {
        Slice::Floats(floats) => {
            for float in floats {
                assert_eq!(*float, (number * 64 + place) as f32, "a mixture");
                place += 1;
            }
        }
        Slice::Words(words) => assert!(words.iter().all(|word| *word == number), "a mixture"),
    });
    number
}

static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let file = |number| {
        let mut file = vec![0; Model::FILE_LEN];
        file::encode(&numbered(number), &mut file).unwrap();
        file
    };
    (0..NUMBERS).map(file).collect()
});

static CRC: Crc<u32> = Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

/// The bytes of a slot.
pub fn slot(layout: &Layout, sequence: u32, number: u32) -> Vec<u8> {
    let file = &FILES[number as usize];
    let mut bytes = vec![0xff; layout.front() - 40];
    bytes.extend(sequence.to_le_bytes());
    bytes.extend(CRC.checksum(&[&sequence.to_le_bytes(), &file[..32]].concat()).to_le_bytes());
    bytes.extend(file);
    bytes.resize(bytes.len().next_multiple_of(layout.word), 0xff);
    bytes
}

/// The length of what a slot holds.
pub fn slot_len(layout: &Layout) -> usize {
    (layout.front() + 4 * Model::WORDS).next_multiple_of(layout.word)
}

/// The sequence number and the number of the checkpoint in these bytes of a slot, if it is whole.
pub fn parse(layout: &Layout, bytes: &[u8]) -> Option<(u32, u32)> {
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let (begin, end) = (layout.front() - 40, layout.front() + 4 * Model::WORDS);
    let (sequence, number) = (word(begin), word(end - 4));
    let whole = number < NUMBERS && bytes[begin..end] == slot(layout, sequence, number)[begin..end];
    whole.then_some((sequence, number))
}

/// The slots that are whole, with their checkpoints, as the bytes in flash say.
fn whole(flash: &Flash) -> impl Iterator<Item = (usize, u32)> {
    (0..flash.layout.slots).filter_map(|index| {
        let (at, len) = (flash.layout.start(index), slot_len(&flash.layout));
        let found = parse(&flash.layout, &flash.bytes[at..at + len]).filter(|_| flash.readable(at, len));
        found.map(|(_, number)| (index, number))
    })
}

/// The newest slot that is whole: later checkpoints have larger numbers.
pub fn newest(flash: &Flash) -> Option<(usize, u32)> {
    whole(flash).max_by_key(|(_, number)| *number)
}

pub fn count(flash: &Flash) -> usize {
    whole(flash).count()
}

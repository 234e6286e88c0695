//! Two vowels, spoken by nine men.

use super::Set;
use baregrad::prelude::Sequence;

/// The number of utterances in the training set, which come first.
const TRAIN: usize = 270;
/// The length of the longest utterance in frames.
pub const FRAMES: usize = 29;

/// One utterance: 7 to 29 frames of twelve LPC cepstrum coefficients, and then frames of zeros.
pub type Utterance = Sequence<FRAMES, 12>;

/// A training and a test set of utterances, and their speakers, counted from 0.
pub fn load() -> Result<[Set<Utterance>; 2], csv::Error> {
    let mut sets = [Set::EMPTY; 2];
    let numbers: Vec<f32> = include_bytes!("vowels.i8").iter().map(|byte| f32::from(*byte as i8) / 32.0).collect();
    let mut rest: &[[f32; 12]] = numbers.as_chunks().0;
    let lines = csv::Reader::from_reader(include_bytes!("vowels.csv").as_slice()).into_deserialize();
    for (number, line) in lines.enumerate() {
        let (length, speaker): (usize, u8) = line?;
        let (frames, after) = rest.split_at(length);
        rest = after;
        let mut utterance = [[0.0; 12]; FRAMES];
        utterance[..length].copy_from_slice(frames);
        let set = &mut sets[usize::from(number >= TRAIN)];
        set.x.push(utterance);
        set.y.push(speaker - 1);
    }
    Ok(sets)
}

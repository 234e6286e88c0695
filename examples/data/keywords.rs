//! Spoken words, as frames of ten MFCCs (mel-frequency cepstral coefficients).

use super::Set;
use baregrad::data::MeanVariance;
use baregrad::prelude::Image;

/// The words, by their numbers.
pub const WORDS: [&str; 10] = ["down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes"];
/// The number of words in the test set, which come first.
const TEST: usize = 200;

/// One word: 49 frames, ten coefficients each.
pub type Mfcc = Image<49, 10, 1>;

/// A training set of words, and a test set of words by other voices. Each coefficient has mean 0 and variance 1 in the
/// training set.
pub fn load() -> [Set<Mfcc>; 2] {
    let numbers: Vec<f32> = include_bytes!("keywords.i8").iter().map(|byte| f32::from(*byte as i8)).collect();
    let words: &[[[f32; 10]; 49]] = numbers.as_chunks().0.as_chunks().0;
    let mut seen = MeanVariance::NEW;
    words[TEST..].as_flattened().iter().for_each(|frame| seen.update(frame));

    let mut sets = [Set::EMPTY; 2];
    for (number, frames) in words.iter().enumerate() {
        let set = &mut sets[usize::from(number < TEST)];
        let scaled =
            |frame: [f32; 10]| std::array::from_fn(|i| [(frame[i] - seen.mean()[i]) / seen.variance(i).sqrt()]);
        set.x.push(frames.map(scaled));
        set.y.push((number / 2 % WORDS.len()) as u8); // the words follow one another in pairs
    }
    sets
}

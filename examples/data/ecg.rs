//! The heart beats of one person.

/// Samples per second.
pub const RATE: f32 = 90.0;

/// A recording, with a standard deviation of about 1: the first three minutes for training, the last two for the test.
pub fn load() -> [Vec<[f32; 1]>; 2] {
    let bytes = include_bytes!("ecg.i16").as_chunks().0;
    let samples = bytes.iter().map(|bytes| [f32::from(i16::from_le_bytes(*bytes)) / 5700.0]);
    let train = 3 * 60 * RATE as usize;
    [samples.clone().take(train).collect(), samples.skip(train).collect()]
}

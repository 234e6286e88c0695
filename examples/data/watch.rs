//! The smart watch's exercises, cut into windows.

use super::Set;
use baregrad::prelude::Sequence;

/// Frames of a window: five seconds.
pub const FRAMES: usize = 64;
/// Frames from one window to the next.
const HOP: usize = 16;
/// The exercises, by their numbers.
pub const EXERCISES: [&str; 7] =
    ["pendulum", "abduction", "forward elevation", "internal rotation", "external rotation", "trapezius", "rowing"];

/// Five seconds of six axes.
pub type Window = Sequence<FRAMES, 6>;

/// Windows of acceleration and rotation, three axes each, and the exercises that they show: a training set of wearers 1 to 7,
/// and a test set of wearers 8 to 10.
pub fn load() -> Result<[Set<Window>; 2], csv::Error> {
    let mut sets = [Set::EMPTY; 2];
    // Each axis has its own unit, so that its numbers are of similar size; most lie between −1 and 1 here.
    let numbers: Vec<f32> = include_bytes!("watch.i8").iter().map(|byte| f32::from(*byte as i8) / 32.0).collect();
    let mut rest = numbers.as_chunks().0;
    for line in csv::Reader::from_reader(include_bytes!("watch.csv").as_slice()).into_deserialize() {
        let (length, exercise, wearer): (usize, u8, u8) = line?;
        let (series, after) = rest.split_at(length);
        rest = after;
        let set = &mut sets[usize::from(wearer > 7)];
        for window in series.windows(FRAMES).step_by(HOP) {
            set.x.extend(window.first_chunk());
            set.y.push(exercise);
        }
    }
    Ok(sets)
}

//! Handwritten digits.

use super::Set;

/// A training and a test set of images of 8×8 pixels from 0 to 1, and of the digits that they show. Every fifth line is for
/// testing. (The last lines are by other writers than the first.)
pub fn load() -> Result<[Set<[f32; 64]>; 2], csv::Error> {
    let mut sets = [Set::EMPTY; 2];
    let file = include_bytes!("digits.csv").as_slice();
    let lines = csv::ReaderBuilder::new().has_headers(false).from_reader(file).into_deserialize::<Vec<u8>>();
    for (number, line) in lines.enumerate() {
        let line = line?;
        let set = &mut sets[usize::from(number % 5 == 0)];
        set.x.push(std::array::from_fn(|pixel| f32::from(line[pixel]) / 16.0));
        set.y.push(line[64]);
    }
    Ok(sets)
}

//! The test set that the models have been trained for, and the frameworks' own outputs for it.

use baregrad::net::{Layer, Network};
use std::error::Error;
use std::{fs, path::PathBuf};

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub fn models() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models")
}

/// Every fifth line of `examples/data/digits.csv`, pixels from 0 to 1.
pub fn test_set() -> Result<Vec<[f32; 64]>> {
    let text = fs::read_to_string(models().join("../../data/digits.csv"))?;
    let mut samples = Vec::new();
    for line in text.lines().step_by(5) {
        let mut x = [0.0; 64];
        for (x, word) in x.iter_mut().zip(line.split(',')) {
            *x = word.parse::<f32>()? / 16.0;
        }
        samples.push(x);
    }
    Ok(samples)
}

/// Prints and gives the largest difference between a net's outputs and the framework's, over all outputs of all samples.
pub fn compare<N>(name: &str, net: &N) -> Result<f32>
where
    N: Network<Input = [f32; 64]> + Layer<[f32; 64], Y = [f32; 10]>,
{
    let bytes = fs::read(models().join(format!("{name}.expected")))?;
    let floats: Vec<f32> = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let (expected, x) = (floats.as_chunks::<10>().0, test_set()?);
    assert_eq!((expected.len(), x.len()), (360, 360));
    let mut worst = 0.0_f32;
    let mut scratch = vec![0.0; N::WORK];
    for (x, expected) in x.iter().zip(expected) {
        let mut y = [[0.0; 10]];
        net.infer(std::slice::from_ref(x), &mut y, &mut scratch);
        for (y, expected) in y[0].iter().zip(expected) {
            assert!(y.is_finite() && expected.is_finite());
            worst = worst.max((y - expected).abs());
        }
    }
    println!("{name}: {} samples, largest difference {worst:.1e}", x.len());
    Ok(worst)
}

/// As [`compare`], and an error if the difference is larger than 1e-6.
pub fn agree<N>(name: &str, net: &N) -> Result<()>
where
    N: Network<Input = [f32; 64]> + Layer<[f32; 64], Y = [f32; 10]>,
{
    match compare(name, net)? {
        worst if worst <= 1e-6 => Ok(()),
        worst => Err(format!("{name} differs by {worst}").into()),
    }
}

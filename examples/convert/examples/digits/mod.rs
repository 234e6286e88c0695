//! The test set that the models have been trained for, and the frameworks' own outputs for it.

use baregrad::net::{Layer, Network};
use baregrad::tensor::Tensor;
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

/// The 64 pixels are the net's input, of whatever shape: 8 rows of 8 of one channel, or 8 places of 8 channels.
///
/// Prints and gives the largest difference between a net's outputs and the framework's, over all outputs of all samples.
pub fn compare<N>(name: &str, net: &N) -> Result<f32>
where
    N: Network + Layer<N::Input, Y = [f32; 10]>,
{
    compare_on(name, net, &test_set()?)
}

/// The same of other samples.
pub fn compare_on<N>(name: &str, net: &N, x: &[[f32; 64]]) -> Result<f32>
where
    N: Network + Layer<N::Input, Y = [f32; 10]>,
{
    let bytes = fs::read(models().join(format!("{name}.expected")))?;
    let floats: Vec<f32> = bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let expected = floats.as_chunks::<10>().0;
    assert_eq!((expected.len(), x.len()), (360, 360));
    let mut worst = 0.0_f32;
    let mut scratch = vec![0.0; N::WORK];
    for (x, expected) in x.iter().zip(expected) {
        let mut y = [[0.0; 10]];
        net.infer(N::Input::from_flat(x), &mut y, &mut scratch);
        for (y, expected) in y[0].iter().zip(expected) {
            assert!(y.is_finite() && expected.is_finite());
            worst = worst.max((y - expected).abs());
        }
    }
    println!("{name}: {} samples, largest difference {worst:.1e}", x.len());
    Ok(worst)
}

/// As [`compare`], and an error if the difference is larger than 1e-6, or 5e-6 for convolutions, whose rounding adds up over more
/// layers: onnxruntime differs as much.
pub fn agree<N>(name: &str, net: &N) -> Result<()>
where
    N: Network + Layer<N::Input, Y = [f32; 10]>,
{
    let most = if N::Input::RANK == 1 { 1e-6 } else { 5e-6 };
    match compare(name, net)? {
        worst if worst <= most => Ok(()),
        worst => Err(format!("{name} differs by {worst}").into()),
    }
}

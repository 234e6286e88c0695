//! Writes the files in `data/`, which the firmware keeps in flash: the same bytes on every host.
//!
//! ```text
//! cargo run --release -p make_data
//! ```

use baregrad::file::{self, Saved};
use baregrad::{Chain, prelude::*};
use firmware::{digits, gesture, u2};
use std::{error::Error, fs, path::PathBuf};

#[path = "../../../data/mod.rs"]
mod data;

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let data = |name: &str| here.join("data").join(name);
    let [train, test] = data::digits::load()?.map(|set| digits_of(&set));
    let evenly: Vec<_> = train.iter().step_by(train.len() / 600).take(600).copied().collect();
    fs::write(data("digits.test"), test[..100].as_flattened())?;
    fs::write(data("digits.stream"), evenly.as_flattened())?;
    fs::write(data("digits.bgrd"), train_digits(&train)?)?;
    fs::write(data("gesture.bgrd"), train_gesture()?)?;

    let (mut net, mut rng) = (u2::Net::NEW, Sfc32::seed_from_u64(8));
    net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(7));
    let first = u2::weights(&net).concat();
    fs::write(data("u2.first"), bytes(&first))?;
    // From −1 to 1.
    let drawn: [[f32; INPUTS + OUTPUTS]; 10] =
        std::array::from_fn(|_| std::array::from_fn(|_| (rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0));
    fs::write(data("u2.samples"), bytes(drawn.as_flattened()))?;
    let samples = drawn.map(|numbers| numbers.map(f64::from));

    let mut twin = Twin::new(&first);
    for sample in samples.iter().cycle().take(u2::STEPS) {
        let (x, y) = sample.split_first_chunk().ok_or("no sample")?;
        twin.step(x, y.first_chunk().ok_or("no target")?);
    }
    fs::write(data("u2.expected"), bytes(&twin.weights.map(|w| w as f32)))?;
    // The net in flash has the weights that the file has.
    twin.weights = twin.weights.map(|w| f64::from(w as f32));
    let y = twin.forward(samples[0].first_chunk().ok_or("no sample")?).1.map(|y| y as f32);
    fs::write(data("u1.expected"), bytes(&[&drawn[0][..INPUTS], &y].concat()))?;
    Ok(())
}

fn bytes(floats: &[f32]) -> Vec<u8> {
    floats.iter().flat_map(|float| float.to_le_bytes()).collect()
}

/// The samples as the firmware has them: pixels from 0 to 16, and the digit.
fn digits_of(set: &data::Set<[f32; 64]>) -> Vec<digits::Sample> {
    let sample = |(x, digit): (&[f32; 64], &u8)| {
        let mut sample = [*digit; 65];
        sample.iter_mut().zip(x).for_each(|(to, pixel)| *to = (16.0 * pixel) as u8);
        sample
    };
    set.x.iter().zip(&set.y).map(sample).collect()
}

fn train_digits(set: &[digits::Sample]) -> Result<Vec<u8>, Box<dyn Error>> {
    let (x, y): (Vec<_>, Vec<_>) = set.iter().map(digits::input).unzip();
    let mut rng = Sfc32::seed_from_u64(2);
    let mut model = Trainer::<digits::Net, SparseCategoricalCrossEntropy<Logits>, Adam>::new(&mut rng);
    model.fit(&x, &y, &Fit { epochs: 60, ..Fit::default() })?;
    file_of(&model.net)
}

/// The net of the smart watch, trained on the windows of seven people.
fn train_gesture() -> Result<Vec<u8>, Box<dyn Error>> {
    let [train, _] = data::watch::load()?;
    type Dropped = chain![gesture::Body, Dropout<30>, Dense<32, 7>];
    let mut model = Trainer::<Dropped, SparseCategoricalCrossEntropy<Logits>, Adam>::new(&mut Sfc32::seed_from_u64(1));
    model.fit(&train.x, &train.y, &Fit { epochs: 20, ..Fit::default() })?;
    file_of(&Chain(model.net.0, model.net.1.1))
}

fn file_of<N: Saved>(net: &N) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut file = vec![0; N::FILE_LEN];
    file::encode(net, &mut file)?;
    Ok(file)
}

const INPUTS: usize = 16;
const HIDDEN: usize = 32;
const OUTPUTS: usize = 4;
/// Where each tensor starts.
const B0: usize = INPUTS * HIDDEN;
const W1: usize = B0 + HIDDEN;
const B1: usize = W1 + HIDDEN * OUTPUTS;
const COUNT: usize = B1 + OUTPUTS;

/// Workload U2 in f64, written down from the formulas.
struct Twin {
    weights: [f64; COUNT],
    m: [f64; COUNT],
    v: [f64; COUNT],
    step: i32,
}

impl Twin {
    /// With the same first weights.
    fn new(first: &[f32]) -> Self {
        let mut weights = [0.0; COUNT];
        weights.iter_mut().zip(first).for_each(|(twin, weight)| *twin = f64::from(*weight));
        Twin { weights, m: [0.0; COUNT], v: [0.0; COUNT], step: 0 }
    }

    fn forward(&self, x: &[f64; INPUTS]) -> ([f64; HIDDEN], [f64; OUTPUTS]) {
        let w = &self.weights;
        let h: [f64; HIDDEN] =
            std::array::from_fn(|j| (w[B0 + j] + (0..INPUTS).map(|i| x[i] * w[i * HIDDEN + j]).sum::<f64>()).tanh());
        let y = std::array::from_fn(|o| w[B1 + o] + (0..HIDDEN).map(|j| h[j] * w[W1 + j * OUTPUTS + o]).sum::<f64>());
        (h, y)
    }

    fn step(&mut self, x: &[f64; INPUTS], target: &[f64; OUTPUTS]) {
        let (h, y) = self.forward(x);
        let mut gradient = [0.0; COUNT];
        let dy: [f64; OUTPUTS] = std::array::from_fn(|o| 2.0 * (y[o] - target[o]) / OUTPUTS as f64);
        for j in 0..HIDDEN {
            let dh: f64 = (0..OUTPUTS).map(|o| dy[o] * self.weights[W1 + j * OUTPUTS + o]).sum();
            let dz = dh * (1.0 - h[j] * h[j]);
            gradient[B0 + j] = dz;
            (0..INPUTS).for_each(|i| gradient[i * HIDDEN + j] = x[i] * dz);
            (0..OUTPUTS).for_each(|o| gradient[W1 + j * OUTPUTS + o] = h[j] * dy[o]);
        }
        gradient[B1..].copy_from_slice(&dy);

        // Keras' Adam; its constants are f32 in the library.
        self.step += 1;
        let [rate, beta_1, beta_2, epsilon] = [1e-3_f32, 0.9, 0.999, 1e-7].map(f64::from);
        let rate = rate * (1.0 - beta_2.powi(self.step)).sqrt() / (1.0 - beta_1.powi(self.step));
        for (i, g) in gradient.iter().enumerate() {
            self.m[i] += (1.0 - beta_1) * (g - self.m[i]);
            self.v[i] += (1.0 - beta_2) * (g * g - self.v[i]);
            self.weights[i] -= rate * self.m[i] / (self.v[i].sqrt() + epsilon);
        }
    }
}

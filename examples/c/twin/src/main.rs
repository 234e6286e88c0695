//! Does what `program/train.c` does, and prints the same.

use baregrad::file::{self, Saved};
use baregrad::prelude::*;
use std::array::from_fn;

#[path = "../../src/net.rs"]
mod net;
use net::{BATCH, Model, Net};

const SAMPLES: usize = 16;

/// A pulse at each of the 16 places, and in which quarter it is.
fn data() -> ([[f32; 16]; SAMPLES], [[f32; 4]; SAMPLES]) {
    let pulse = |i: usize| move |j: usize| 1.0 - 0.25 * i.abs_diff(j).min(4) as f32;
    let target = |i: usize| move |k: usize| f32::from(u8::from(k == i / 4));
    (from_fn(|i| from_fn(pulse(i))), from_fn(|i| from_fn(target(i))))
}

/// Trains for 20 epochs. Returns the loss of the last step, and says what has become of the model.
fn train(model: &mut Model, what: &str) -> Result<(), Box<dyn std::error::Error>> {
    let (x, targets) = data();
    let mut loss = 0.0_f32;
    for _ in 0..20 {
        for (x, targets) in x.chunks(BATCH).zip(targets.chunks(BATCH)) {
            loss = model.step(x, targets)?;
        }
    }
    println!("{what}: loss {:08x}, checkpoint {:08x}", loss.to_bits(), hash(&checkpoint(model)?));
    Ok(())
}

fn checkpoint(model: &Model) -> Result<Vec<u8>, ModelError> {
    let mut file = vec![0; Model::FILE_LEN];
    file::encode(model, &mut file)?;
    Ok(file)
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut model = Model::ZERO;
    net::begin(&mut model, 1);
    train(&mut model, "first 20 epochs")?;
    let file = checkpoint(&model)?;
    train(&mut model, "next 20 epochs")?;
    file::decode(&mut model, &file)?;
    train(&mut model, "the same again, from the checkpoint")?;

    let (x, targets) = data();
    let (mut y, mut right) = ([[0.0; 4]; SAMPLES], 0);
    model.net.infer_batch(&x, &mut y, &mut [0.0; Net::SCRATCH])?;
    for (y, target) in y.iter().zip(targets) {
        let bits = y.map(|y| format!("{:08x}", y.to_bits())).join(" ");
        println!("{bits}");
        right += u32::from((0..4).max_by(|a, b| y[*a].total_cmp(&y[*b])) == target.iter().position(|t| *t == 1.0));
    }
    println!("{right} of 16 right");
    Ok(())
}

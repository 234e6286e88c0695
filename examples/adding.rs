//! The adding problem (Hochreiter & Schmidhuber 1997): of fifty numbers, two are marked, one in each half. What is their sum? A
//! net that does not learn to keep the first number for dozens of steps cannot tell.
//!
//! The GRU and the LSTM TODO
//!
//! ```text
//! cargo run --release --example adding        # or another seed: … adding 2
//! ```

use baregrad::prelude::*;
use std::time::Instant;

const STEPS: usize = 50;
const BATCH: usize = 32;

/// Fifty steps: a number between 0 and 1, and a mark, 0 or 1.
type Numbers = Sequence<STEPS, 2>;
type OfGru = chain![Gru<Numbers, [f32; 32]>, Dense<32, 1>];
type OfLstm = chain![Lstm<Numbers, [f32; 32]>, Dense<32, 1>];
/// Only the last layer learns.
type Readout = chain![Frozen<Gru<Numbers, [f32; 32]>>, Dense<32, 1>];

/// The number of training steps at most.
const LIMIT: usize = 3000;

fn main() -> Result<(), Error> {
    let seed = std::env::args().nth(1).map_or(1, |seed| seed.parse().expect("a seed is a number"));
    solve::<OfGru>("GRU", seed)?;
    solve::<OfLstm>("LSTM", seed)?;
    solve::<Readout>("readout only", seed)
}

/// Trains on new sequences in each step, until the mean squared error is below 0.01 on a thousand others.
fn solve<N: Network<Input = Numbers, Y = [f32; 1]>>(name: &str, seed: u64) -> Result<(), Error> {
    let mut rng = Sfc32::seed_from_u64(seed);
    let (test_x, test_y): (Vec<_>, Vec<_>) = std::iter::repeat_with(|| sequence(&mut rng)).take(1000).unzip();
    let mut model = Trainer::<N, MeanSquaredError, Adam, BATCH>::new(&mut rng);
    model.optimizer.learning_rate = std::env::var("LR").map_or(0.005, |v| v.parse().unwrap());
    let (start, mut error, mut steps) = (Instant::now(), f32::INFINITY, 0);
    while error >= 0.01 && steps < LIMIT {
        for _ in 0..50 {
            let (x, y): (Vec<_>, Vec<_>) = std::iter::repeat_with(|| sequence(&mut rng)).take(BATCH).unzip();
            model.step(&x, &y)?;
        }
        steps += 50;
        error = model.evaluate(&test_x, &test_y, &mut ())?;
        if std::env::var("V").is_ok() {
            println!("{steps} {error:.4}");
        }
    }
    println!("{name}: mean squared error {error:.4} after {steps} steps, {:.1?}", start.elapsed());
    Ok(())
}

/// Random numbers, of which one in each half is marked, and the sum of these two.
fn sequence(rng: &mut Sfc32) -> (Numbers, [f32; 1]) {
    let mut numbers = [[0.0; 2]; STEPS];
    numbers.iter_mut().for_each(|step| step[0] = rng.next_u32() as f32 / u32::MAX as f32);
    let sum = [0, STEPS / 2].map(|half| {
        let [number, mark] = &mut numbers[half + rng.next_u32() as usize % (STEPS / 2)];
        *mark = 1.0;
        *number
    });
    (numbers, [sum[0] + sum[1]])
}

//! The adding problem (Hochreiter & Schmidhuber 1997): of fifty numbers, two are marked, one in each half. What is their sum? The
//! answer 1, whatever the numbers are, has a mean squared error of 1/6. To do better, a net must learn to remember a number for
//! up to 49 steps.
//!
//! With seeds 1 to 5, the GRU has an error below 0.01 after 200 training steps, and the LSTM after 350 to 700 (median 550). If
//! the GRU stays as it was drawn, and only the last layer learns, the error is 0.15 at least. `adding.py` trains the same nets in
//! PyTorch: they take 200 steps, and 650 to 1000 (median 800).
//!
//! ```text
//! cargo run --release --example adding        # or another seed: … adding 2
//! ```

use baregrad::prelude::*;
use std::{iter::repeat_with, time::Instant};

const STEPS: usize = 50;
const BATCH: usize = 32;

/// Fifty steps: a number from 0 to 1, and a mark, 0 or 1.
type Numbers = Sequence<STEPS, 2>;
type OfGru = chain![Gru<Numbers, [f32; 16]>, Dense<16, 1>];
type OfLstm = chain![Lstm<Numbers, [f32; 16]>, Dense<16, 1>];
type ReadoutOnly = chain![Frozen<Gru<Numbers, [f32; 16]>>, Dense<16, 1>];

/// The number of training steps at most.
const LIMIT: usize = 1000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = std::env::args().nth(1).map_or(Ok(1), |seed| seed.parse())?;
    solve::<OfGru>("GRU", seed)?;
    solve::<OfLstm>("LSTM", seed)?;
    solve::<ReadoutOnly>("readout only", seed)?;
    Ok(())
}

/// Trains on new sequences in each step, until the mean squared error of a thousand others is below 0.01.
fn solve<N: Network<Input = Numbers, Y = [f32; 1]>>(name: &str, seed: u64) -> Result<(), Error> {
    let mut rng = Sfc32::seed_from_u64(seed);
    let mut model = Trainer::<N, MeanSquaredError, Adam, BATCH>::new(&mut rng);
    model.optimizer.learning_rate = 0.02;
    let (test_x, test_y): (Vec<_>, Vec<_>) = repeat_with(|| sequence(&mut rng)).take(1000).unzip();
    let (start, mut error, mut steps) = (Instant::now(), f32::INFINITY, 0);
    while error >= 0.01 && steps < LIMIT {
        for _ in 0..50 {
            let (x, y): (Vec<_>, Vec<_>) = repeat_with(|| sequence(&mut rng)).take(BATCH).unzip();
            model.step(&x, &y)?;
        }
        steps += 50;
        error = model.evaluate(&test_x, &test_y, &mut ())?;
    }
    println!("{name}: mean squared error {error:.4} after {steps} steps, {:.1?}", start.elapsed());
    Ok(())
}

/// Random numbers, of which one in each half is marked, and the sum of these two.
fn sequence(rng: &mut Sfc32) -> (Numbers, [f32; 1]) {
    let mut numbers = [[0.0; 2]; STEPS];
    numbers.iter_mut().for_each(|step| step[0] = rng.next_u32() as f32 / u32::MAX as f32);
    let mut sum = 0.0;
    for half in numbers.chunks_mut(STEPS / 2) {
        let [number, mark] = &mut half[rng.next_u32() as usize % (STEPS / 2)];
        *mark = 1.0;
        sum += *number;
    }
    (numbers, [sum])
}

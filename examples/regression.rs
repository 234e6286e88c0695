//! Fits a curve through noisy points with a net of 97 parameters, and draws `regression.svg`.
//!
//! ```text
//! cargo run --release --example regression
//! ```

mod plot;

use baregrad::prelude::*;
use std::{ops::ControlFlow, time::Instant};

type Net = chain![Dense<1, 8, Tanh>, Dense<8, 8, Tanh>, Dense<8, 1>];

/// The function below the noise.
fn truth(x: f32) -> f32 {
    (2.0 * x).sin() * (1.0 - 0.1 * x * x)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut rng = Sfc32::seed_from_u64(1);
    let mut uniform = || rng.next_u32() as f32 / u32::MAX as f32;
    // The sum of twelve uniform numbers, less six, is close to normal.
    let mut noise = |sigma: f32| sigma * ((0..12).map(|_| uniform()).sum::<f32>() - 6.0);
    let x: [[f32; 1]; 240] = std::array::from_fn(|i| [i as f32 / 40.0 - 3.0]);
    let y = x.map(|[x]| [truth(x) + noise(0.15)]);

    let mut model = Trainer::<Net, MeanSquaredError, Adam>::new(&mut rng);
    model.optimizer.learning_rate = 0.01;
    let start = Instant::now();
    let epoch = model.fit_with(&x, &y, &Fit { epochs: 1000, ..Fit::default() }, |model, _| {
        model.optimizer.learning_rate *= 0.997; // smaller steps towards the end
        ControlFlow::Continue(())
    })?;
    let time = start.elapsed();

    let fit = model.predict(&x);
    let error = x.iter().zip(&fit).map(|([x], [y])| (truth(*x) - y).powi(2)).sum::<f32>() / x.len() as f32;
    println!("{}", model.summary());
    println!(
        "mean squared error: {:.4} to the samples (their noise is 0.0225), {error:.4} to the function",
        epoch.loss
    );
    println!("{} epochs in {time:.1?}", epoch.number + 1);

    let subtitle = format!("1 → 8 → 8 → 1 tanh units, {} parameters, mean squared error, Adam", Net::COUNT);
    let points: Vec<_> = x.iter().zip(&y).map(|([x], [y])| (*x, *y)).collect();
    let function: Vec<_> = x.iter().map(|[x]| (*x, truth(*x))).collect();
    let fit: Vec<_> = x.iter().zip(&fit).map(|([x], [y])| (*x, *y)).collect();
    plot::regression("regression.svg", "A noisy curve, fitted by a small net", &subtitle, &points, &function, &fit)?;
    println!("the fit is in regression.svg");
    Ok(())
}

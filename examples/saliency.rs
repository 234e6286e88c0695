//! What a net looks at: trains on handwritten digits, and draws for one of each the slopes of its output (saliency) and what
//! each pixel adds to it (integrated gradients) into `saliency.svg`.
//!
//! ```text
//! cargo run --release --example saliency
//! ```

mod data;
mod plot;

use baregrad::prelude::*;
use plot::Explained;

type Net = chain![Dense<64, 32, Tanh>, Dense<32, 10>];
type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Adam, 32>;

/// An empty image.
const BASELINE: [f32; 64] = [0.0; 64];
const STEPS: u32 = 50;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [train, test] = data::digits::load()?;
    let mut model = Model::new(&mut Sfc32::seed_from_u64(2));
    model.fit(&train.x, &train.y, &Fit { epochs: 40, ..Fit::default() })?;
    let mut accuracy = CategoricalAccuracy::new();
    model.evaluate(&test.x, &test.y, &mut accuracy)?;
    println!("test accuracy {:.1} %", 100.0 * accuracy.value());

    let outputs = model.predict(&[BASELINE])[0];
    let mut saliency = Saliency::<Net>::NEW;
    let (mut rows, mut worst) = (Vec::new(), 0.0_f32);
    for digit in 0..10_u8 {
        // The first that is read right.
        let shown = test.x.iter().zip(&test.y).find(|(x, label)| {
            let y = model.predict(&[**x])[0];
            **label == digit && (0..10).all(|other| y[other] <= y[usize::from(digit)])
        });
        let Some((x, _)) = shown else { continue };
        let output = usize::from(digit);
        let slopes = *saliency.of_output(&model.net, x, output)?;
        let mut shares = [0.0; 64];
        saliency.integrate(&model.net, x, &BASELINE, output, STEPS, &mut shares)?;
        let gain = model.predict(&[*x])[0][output] - outputs[output];
        worst = worst.max((shares.iter().sum::<f32>() - gain).abs());
        rows.push(Explained { digit, pixels: *x, slopes, shares });
    }
    println!("attributions of {} digits sum up to the gain of their output within {worst:.4}", rows.len());

    let subtitle = format!(
        "64 pixels → 32 → 10, {:.1} % of the test set read right; integrated gradients from an empty image, {STEPS} steps",
        100.0 * accuracy.value()
    );
    plot::saliency("saliency.svg", "What a net looks at", &subtitle, &rows)?;
    println!("the drawing is in saliency.svg");
    Ok(())
}

//! How does a heart beat go on? A net forecasts an electrocardiogram 44 ms ahead: dilated causal convolutions, which see the last
//! 0.7 s, and a GRU with fewer parameters, which has a state instead. Each is trained on windows, and then takes the test sample
//! by sample, with the same bits. Draws `ecg.svg` and `ecg_gru.svg`.
//! With seeds 1 to 5, the mean squared error of the convolutions is 14.0 to 15.7 % of the variance (median 14.6), and the error of
//! the GRU 17.0 to 19.3 % (median 18.4).
//!
//! ```text
//! cargo run --release --example ecg        # or another seed: … ecg 2
//! ```

mod data;
mod plot;

use baregrad::net::StreamLayer;
use baregrad::prelude::*;
use data::ecg::{self, RATE};
use std::{ops::ControlFlow, time::Instant};

type Window = Sequence<255, 1>;
type Wave = Sequence<255, 16>;
type Forecast = Sequence<192, 1>;
type Convolutions = chain![
    CausalConv1d<Window, Wave, 2, 1, Relu>,
    CausalConv1d<Wave, Wave, 2, 1, Relu, 2>,
    CausalConv1d<Wave, Wave, 2, 1, Relu, 4>,
    CausalConv1d<Wave, Wave, 2, 1, Relu, 8>,
    CausalConv1d<Wave, Wave, 2, 1, Relu, 16>,
    CausalConv1d<Wave, Wave, 2, 1, Relu, 32>,
    CausalConv1d<Wave, Window, 1>,
    // The first outputs have seen less than 64 samples.
    Cropping1d<Window, Forecast, 63>
];
type Recurrent = chain![Gru<Window, Wave>, Dense<16, 1>, Cropping1d<Window, Forecast, 63>];

/// By how many samples the forecast is ahead: 44 ms.
const AHEAD: usize = 4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = std::env::args().nth(1).map_or(Ok(1), |seed| seed.parse())?;
    forecast::<Convolutions>("dilated causal convolutions", 40, seed, "ecg.svg")?;
    forecast::<Recurrent>("a GRU", 30, seed, "ecg_gru.svg")
}

/// Trains a net, runs it on the stream of the test, and draws what it forecasts.
fn forecast<N>(name: &str, epochs: usize, seed: u64, path: &str) -> Result<(), Box<dyn std::error::Error>>
where
    N: Network<Input = Window, Y = Forecast> + StreamLayer<Window>,
{
    let [train, test] = ecg::load();
    let (x, y) = windows(&train, 32);
    let (test_x, test_y) = windows(&test, 192);
    let decay_steps = (epochs * x.len().div_ceil(8)) as u32;
    let rate = CosineDecay { initial: 0.005, decay_steps, alpha: 0.0 };
    let optimizer = Scheduled::new(AdamW::of(Adam::default(), 0.1), rate);
    let mut model = Box::new(Trainer::<N, _, _, 8>::untrained(MeanSquaredError, optimizer));
    model.init(&HeUniform, &mut Sfc32::seed_from_u64(seed));
    println!("{}", model.summary());
    println!("{} windows to train on, {} samples for the test", x.len(), test.len());

    let (start, mut errors) = (Instant::now(), Vec::new());
    let variances = [variance(&train), variance(&test)];
    let fit = Fit { epochs, batch_size: 8, ..Fit::default() };
    model.fit_with(&x, &y, &fit, |model, epoch| {
        let (Ok(train), Ok(test)) = (model.evaluate(&x, &y, &mut ()), model.evaluate(&test_x, &test_y, &mut ())) else {
            return ControlFlow::Break(());
        };
        let [train, test] = [train / variances[0], test / variances[1]];
        println!("epoch {:2}: error {train:.3} of the variance, in the test {test:.3}", epoch.number + 1);
        errors.push([train, test]);
        ControlFlow::Continue(())
    })?;
    let time = start.elapsed();

    let mut of_windows = vec![[[0.0]; 192]; test_x.len()];
    model.predict_into(&test_x, &mut of_windows);
    // As a sensor gives the samples: the first forecast comes with the 64th.
    let stream = |samples: &[[f32; 1]]| -> Vec<[f32; 1]> {
        let mut memory = N::MEMORY;
        samples.iter().filter_map(|sample| model.net.push(&mut memory, sample)).collect()
    };
    let bits = |forecast: &[[f32; 1]]| -> Vec<u32> { forecast.as_flattened().iter().map(|v| v.to_bits()).collect() };
    assert!(test_x.iter().zip(&of_windows).all(|(window, forecast)| bits(&stream(window)) == bits(forecast)));
    println!("\nstreams have the bits of all {} windows, and remember {} bytes", test_x.len(), size_of_val(&N::MEMORY));

    // The stream of the whole test.
    let (truth, streamed) = (&test[63 + AHEAD..], stream(&test));
    let square = |(a, b): (&[f32; 1], &[f32; 1])| (a[0] - b[0]).powi(2);
    let error = truth.iter().zip(&streamed).map(square).sum::<f32>() / truth.len() as f32 / variance(truth);
    println!("{name}: normalised error {error:.3}, {epochs} epochs in {time:.1?}");

    let title = format!("Heart beats, 44 ms ahead: {:.1} % of the variance unexplained", 100.0 * error);
    let subtitle = format!("By {name}, {} parameters, {epochs} epochs", N::COUNT);
    let part =
        |samples: &[[f32; 1]]| (0..450).map(|i| i as f32 / RATE).zip(samples.iter().map(|[value]| *value)).collect();
    plot::forecast(path, &title, &subtitle, &errors, [part(truth), part(&streamed)])?;
    println!("curves are in {path}");
    Ok(())
}

/// Windows of the samples, one every `hop`, and how they go on.
fn windows(samples: &[[f32; 1]], hop: usize) -> (Vec<Window>, Vec<Forecast>) {
    let windows = samples.windows(255 + AHEAD).step_by(hop);
    windows.filter_map(|window| Some((*window.first_chunk()?, *window.last_chunk()?))).unzip()
}

fn variance(samples: &[[f32; 1]]) -> f32 {
    let mut seen = baregrad::data::MeanVariance::NEW;
    samples.iter().for_each(|sample| seen.update(sample));
    seen.variance(0)
}

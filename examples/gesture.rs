//! Which exercise does the wearer of a smart watch do? Five seconds of acceleration and rotation go through two convolutions.
//! The test set is of wearers whom the net has never seen. Draws `gesture.svg`.
//! Seeds 1 to 5 recognise 82.2 to 84.4 % of their windows (median 84.1).
//!
//! ```text
//! cargo run --release --example gesture        # or another seed: … gesture 2
//! ```

#[path = "data/watch.rs"]
mod data;
mod plot;

use baregrad::prelude::*;
use data::{EXERCISES, Window};
use plot::Record;
use std::{ops::ControlFlow, time::Instant};

type Net = chain![
    Conv1d<Window, Sequence<32, 24>, 7, 2, Relu>,
    SpatialDropout<20>,
    Conv1d<Sequence<32, 24>, Sequence<16, 32>, 5, 2, Relu>,
    GlobalMaxPool,
    Dropout<30>,
    Dense<32, 7>
];
type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Adam, 32>;

const EPOCHS: usize = 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let [train, test] = data::load()?;
    let seed = std::env::args().nth(1).map_or(Ok(1), |seed| seed.parse())?;
    let mut model = Model::new(&mut Sfc32::seed_from_u64(seed));
    println!("{}", model.summary());
    println!("{} windows to train on, {} of other wearers for the test", train.x.len(), test.x.len());

    let (start, mut records) = (Instant::now(), Vec::new());
    let fit = Fit { epochs: EPOCHS, batch_size: 32, ..Fit::default() };
    model.fit_with(&train.x, &train.y, &fit, |model, epoch| {
        let record = [&train, &test].map(|set| {
            let mut accuracy = CategoricalAccuracy::new();
            (model.evaluate(&set.x, &set.y, &mut accuracy), accuracy.value())
        });
        let [(Ok(train_loss), train_accuracy), (Ok(test_loss), test_accuracy)] = record else {
            return ControlFlow::Break(());
        };
        println!(
            "epoch {:2}: loss {train_loss:.3}, test loss {test_loss:.3}, test accuracy {:.1} %",
            epoch.number + 1,
            100.0 * test_accuracy
        );
        records.push(Record { loss: [train_loss, test_loss], accuracy: [train_accuracy, test_accuracy] });
        ControlFlow::Continue(())
    })?;
    let time = start.elapsed();

    let mut matrix = ConfusionMatrix::<7>::new();
    model.evaluate(&test.x, &test.y, &mut matrix)?;
    println!("\n{matrix}");
    for (class, name) in EXERCISES.into_iter().enumerate() {
        println!("{name:>18}: precision {:.3}, recall {:.3}", matrix.precision(class), matrix.recall(class));
    }
    let percent = 100.0 * matrix.accuracy();
    println!("test accuracy {percent:.1} %, {EPOCHS} epochs in {time:.1?}");

    let title = format!("Exercises of unseen wearers: {percent:.1} % recognised");
    let subtitle = format!("64 frames of 6 axes, two convolutions, {} parameters, {EPOCHS} epochs", Net::TRAINABLE);
    plot::training("gesture.svg", &title, &subtitle, ["training", "test"], &records)?;
    println!("the curves are in gesture.svg");
    Ok(())
}

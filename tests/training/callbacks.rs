//! What callbacks see and do in a training.

use crate::common::numbers::samples;
use baregrad::callbacks::LambdaCallback;
use baregrad::prelude::*;
use std::ops::ControlFlow;

type Net = chain![Dense<3, 6, Tanh>, Dense<6, 1>];
type Model = Trainer<Net, MeanSquaredError, Adam, 8>;

fn model() -> Model {
    let mut model = Model::new(&mut Sfc32::seed_from_u64(1));
    model.optimizer.learning_rate = 0.02;
    model
}

fn data(n: usize) -> (Vec<[f32; 3]>, Vec<[f32; 1]>) {
    let x = samples::<3>(n, 4);
    let y = x.iter().map(|x| [x[0] * x[1] - x[2]]).collect();
    (x, y)
}

fn fit(epochs: usize) -> Fit {
    Fit { epochs, batch_size: 8, shuffle: true }
}

/// Validation takes no part in the training, and its figures are those of `evaluate` after each epoch.
#[test]
fn validation() {
    let (x, y) = data(50);
    let (train, validation) = Data::new(&x, &y).split(0.2);
    let (mut plain, mut validated) = (model(), model());
    let mut seen = Vec::new();
    let note = LambdaCallback(|model: &mut Model, epoch: &Epoch| {
        let loss = model.evaluate(&x[40..], &y[40..], &mut ()).unwrap();
        seen.push((epoch.val_loss == Some(loss), epoch.val_metrics[0]));
        ControlFlow::Continue(())
    });
    let metric = Validation::new(validation).metric(BinaryAccuracy::new(), BinaryAccuracy::value);
    let epoch = validated.fit_callbacks(train, &fit(5), (metric, note)).unwrap();
    let want = plain.fit(&x[..40], &y[..40], &fit(5)).unwrap();
    assert_eq!((epoch.number, epoch.loss, plain.net.0.w), (4, want.loss, validated.net.0.w));
    assert!(seen.len() == 5 && seen.iter().all(|(same, metric)| *same && metric.is_some()), "{seen:?}");
}

/// A part in a random order is evaluated as the same samples in theirs would be.
#[test]
fn evaluation_of_a_part() {
    let (x, y) = data(50);
    let (_, part) = Data::new(&x, &y).shuffled(&mut Sfc32::seed_from_u64(3)).split(0.5);
    let (a, b): (Vec<[f32; 3]>, Vec<[f32; 1]>) = (0..part.len()).map(|i| part.get(i).unwrap()).unzip();
    let mut model = model();
    assert_eq!(model.evaluate_on(&part, &mut ()), model.evaluate(&a, &b, &mut ()));
}

#[test]
fn what_is_monitored_must_be_there() {
    let (x, y) = data(20);
    let error = model().fit_callbacks(Data::new(&x, &y), &fit(5), EarlyStopping::new(1));
    assert_eq!(error, Err(Error::NotMonitored));
    let error = model().fit_callbacks(
        Data::new(&x, &y),
        &fit(5),
        ModelCheckpoint::new(Monitor::ValLoss, |_: &mut Model, _: &Epoch| {}),
    );
    assert_eq!(error, Err(Error::NotMonitored));
}

/// The best weights come back, those of the checkpoint.
#[test]
fn best_weights() {
    let (x, y) = data(40);
    let (train, validation) = Data::new(&x, &y).split(0.25);
    let (mut buffer, mut saved) = ([0.0; Net::COUNT], Vec::new());
    let mut stop = EarlyStopping::new(2).min_delta(0.0).restore_best_weights(&mut buffer);
    let save = ModelCheckpoint::new(Monitor::ValLoss, |model: &mut Model, _: &Epoch| saved = model.net.0.w.to_vec());
    // A rate at which the loss jumps.
    let rate = LearningRateScheduler(|epoch, rate| if epoch == 6 { 1.5 } else { rate });
    let mut model = model();
    let callbacks = (rate, Validation::new(validation.clone()), &mut stop, save);
    let last = model.fit_callbacks(train, &fit(1000), callbacks).unwrap();
    assert_eq!(stop.stopped_epoch(), Some(last.number));
    assert!(stop.best_epoch() < last.number);
    assert_eq!(model.evaluate_on(&validation, &mut ()).ok(), stop.best());
    assert_eq!(saved, model.net.0.w);
    assert_eq!(model.optimizer.learning_rate, if last.number >= 6 { 1.5 } else { 0.02 });
}

/// The rate falls once the validation loss rises, for the epochs after; the next training begins anew.
#[test]
fn plateau() {
    let (x, y) = data(40);
    let (train, validation) = Data::new(&x, &y).split(0.25);
    let mut plateau = ReduceOnPlateau { factor: 0.5, patience: 1, min_delta: 0.0, ..ReduceOnPlateau::new() };
    let mut model = model();
    for _ in 0..2 {
        let (mut rates, mut losses) = (vec![model.optimizer.learning_rate], Vec::new());
        let note = LambdaCallback(|model: &mut Model, epoch: &Epoch| {
            rates.push(model.optimizer.learning_rate);
            losses.push(epoch.val_loss.unwrap());
            ControlFlow::Continue(())
        });
        let callbacks = (Validation::new(validation.clone()), &mut plateau, note);
        model.fit_callbacks(train.clone(), &fit(60), callbacks).unwrap();
        let mut best = f32::INFINITY;
        for (rates, loss) in rates.windows(2).zip(losses) {
            assert_eq!(rates[1], if loss < best { rates[0] } else { rates[0] / 2.0 });
            best = best.min(loss);
        }
        assert!(rates.first() > rates.last(), "{rates:?}");
    }
    let error = model.fit_callbacks(Data::new(&x, &y), &fit(5), plateau);
    assert_eq!(error, Err(Error::NotMonitored));
}

/// All callbacks see the epoch in which one ends the training.
#[test]
fn the_others_are_still_called() {
    let (x, y) = data(20);
    let mut numbers = Vec::new();
    let stop = LambdaCallback(|_: &mut Model, epoch: &Epoch| match epoch.number {
        2 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    });
    let note = LambdaCallback(|_: &mut Model, epoch: &Epoch| {
        numbers.push(epoch.number);
        ControlFlow::Continue(())
    });
    model().fit_callbacks(Data::new(&x, &y), &fit(9), (stop, note)).unwrap();
    assert_eq!(numbers, [0, 1, 2]);
}

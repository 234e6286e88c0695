//! Data that is no slice of floats: integers, and samples from an iterator. Metrics of the training data.

use crate::common::numbers::samples;
use baregrad::callbacks::LambdaCallback;
use baregrad::data::Sample;
use baregrad::prelude::*;
use baregrad::tensor::Tensor;
use std::ops::ControlFlow;

type Net = chain![Rescale<3>, Dense<3, 6, Tanh>, Dropout<10>, Dense<6, 2>];
type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Adam, 4>;

fn model() -> Model {
    let mut model = Model::new(&mut Sfc32::seed_from_u64(1));
    model.net.0.scale = [1e-2; 3];
    model
}

/// Numbers of a type, and the same as floats.
fn data<I: Copy>(convert: impl Fn(f32) -> I, back: impl Fn(I) -> f32) -> (Vec<[I; 3]>, Vec<[f32; 3]>, Vec<u8>) {
    let integers: Vec<[I; 3]> = samples::<3>(30, 1).iter().map(|x| x.map(|x| convert(100.0 * x))).collect();
    let floats = integers.iter().map(|x| x.map(&back)).collect();
    (integers, floats, (0..30).map(|i| i % 2).collect())
}

/// Integers give the bits of the same numbers as floats: in a training with callbacks, shuffled and not, and in an evaluation.
fn same_bits<I: Copy>(x: &[[I; 3]], floats: &[[f32; 3]], y: &[u8])
where
    [I; 3]: Sample<[f32; 3]>,
{
    for shuffle in [false, true] {
        let fit = Fit { epochs: 3, batch_size: 4, shuffle };
        let (mut a, mut b) = (model(), model());
        let accuracy = || (CategoricalAccuracy::new(), CategoricalAccuracy::value);
        let (train, validation) = Data::new(x, y).split(0.3);
        let validation = Validation::new(validation).metric(accuracy().0, accuracy().1);
        let got = a.fit_metrics(train, &fit, accuracy().0, accuracy().1, (validation, EarlyStopping::new(9)));
        let (train, validation) = Data::new(floats, y).split(0.3);
        let validation = Validation::new(validation).metric(accuracy().0, accuracy().1);
        let want = b.fit_metrics(train, &fit, accuracy().0, accuracy().1, (validation, EarlyStopping::new(9)));
        assert_eq!(got, want);
        assert_eq!(a.net.1.0.w, b.net.1.0.w);
        assert_eq!(a.evaluate(x, y, &mut ()), b.evaluate(floats, y, &mut ()));
    }
}

#[test]
fn integers_are_floats() {
    let (x, floats, y) = data(|x| x.abs() as u8, f32::from);
    same_bits(&x, &floats, &y);
    let (x, floats, y) = data(|x| (300.0 * x) as i16, f32::from);
    same_bits(&x, &floats, &y);
}

#[test]
fn samples_of_any_shape() {
    fn read<X: Tensor, S: Sample<X>>(samples: &[S]) -> (Vec<f32>, bool) {
        let mut x = vec![X::ZERO; samples.len()];
        samples.iter().zip(&mut x).for_each(|(sample, x)| sample.read(x));
        let given = S::inputs(samples).inspect(|given| assert_eq!(X::flat_all(given), X::flat_all(&x)));
        (X::flat_all(&x).to_vec(), given.is_some())
    }
    let want = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    assert_eq!(read::<[[f32; 3]; 1], _>(&[[[1_u8, 2, 3]], [[4, 5, 6]]]), (want.clone(), false));
    assert_eq!(read::<[[f32; 1]; 3], _>(&[[[1_i8], [2], [3]], [[4], [5], [6]]]), (want.clone(), false));
    assert_eq!(read::<[f32; 6], _>(&[[1_u16, 2, 3, 4, 5, 6]]), (want.clone(), false));
    assert_eq!(read::<[[f32; 3]; 2], _>(&[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]), (want, true));
}

/// An iterator gives the bits of a data set in its own order.
#[test]
fn an_iterator_is_a_data_set() {
    let (x, floats, y) = data(|x| x.abs() as u8, f32::from);
    let fit = Fit { epochs: 3, batch_size: 4, shuffle: false };
    let (mut a, mut b) = (model(), model());
    let mut epochs = Vec::new();
    let validation = || Validation::new(Data::new(&floats, &y));
    let samples = |epoch| {
        epochs.push(epoch);
        x.iter().copied().zip(y.iter().copied())
    };
    let got = a.fit_iter(samples, &mut [0; 4], &fit, validation());
    let want = b.fit_callbacks(Data::new(&floats, &y), &fit, validation());
    assert_eq!((got, a.net.1.0.w, epochs), (want, b.net.1.0.w, vec![0, 1, 2]));
}

#[test]
fn errors_of_an_iterator() {
    let run = |n: usize, bad: f32, class: u8, room: &mut [u8], batch_size| {
        let samples = |_| (0..n).map(move |i| if i == 9 { ([bad; 3], class) } else { ([0.5; 3], 0) });
        model().fit_iter(samples, room, &Fit { batch_size, ..Fit::default() }, ())
    };
    assert!(run(10, 0.0, 1, &mut [0; 4], 4).is_ok());
    assert_eq!(run(0, 0.0, 1, &mut [0; 4], 4), Err(Error::Empty));
    assert_eq!(run(10, 0.0, 2, &mut [0; 4], 4), Err(Error::ClassOutOfRange { sample: 9, class: 2, classes: 2 }));
    assert_eq!(run(10, 0.0, 1, &mut [0; 3], 4), Err(Error::BatchSize { batch_size: 4, capacity: 3 }));
    assert_eq!(run(10, 0.0, 1, &mut [0; 9], 5), Err(Error::BatchSize { batch_size: 5, capacity: 4 }));
    let nan = run(10, f32::NAN, 1, &mut [0; 4], 4);
    assert!(matches!(nan, Err(Error::NonFiniteLoss { sample: Some(9), .. })), "{nan:?}");
}

/// The statistics of a data set are those of its samples, and no others.
#[test]
fn scaling_of_a_part() {
    let (x, floats, y) = data(|x| x.abs() as u8, f32::from);
    let (part, _) = Data::new(&x, &y).split(0.3);
    let (mut on, mut of) = (Rescale::<3>::NEW, Rescale::<3>::NEW);
    on.adapt_on(&part);
    of.adapt(&floats[..21]);
    for (on, of) in on.offset.iter().zip(&of.offset).chain(on.scale.iter().zip(&of.scale)) {
        assert!((on / of - 1.0).abs() < 1e-6, "{on} {of}");
    }
    let scale = on.scale;
    on.adapt_on(&part.split(1.0).0);
    assert_eq!(on.scale, scale, "without samples");
}

/// Keras' class weights do not count in the validation.
#[test]
fn class_weights_count_in_training_alone() {
    type Weighted = ClassWeighted<SparseCategoricalCrossEntropy<Logits>, 2>;
    let (_, x, y) = data(|x| x / 100.0, |x| x);
    let plain = SparseCategoricalCrossEntropy::new();
    let mut model =
        Trainer::<Dense<3, 2>, Weighted, Sgd, 4>::untrained(Weighted::new(plain, [3.0, 3.0]), Sgd::new(0.0));
    let mut other = Trainer::<Dense<3, 2>, _, Sgd, 4>::untrained(plain, Sgd::new(0.0));
    let fit = Fit { epochs: 1, batch_size: 4, shuffle: false };
    let epoch = model.fit_callbacks(Data::new(&x, &y), &fit, Validation::new(Data::new(&x, &y))).unwrap();
    let want = other.evaluate(&x, &y, &mut ()).unwrap();
    assert_eq!((epoch.val_loss, model.evaluate(&x, &y, &mut ())), (Some(want), Ok(want)));
    assert!((epoch.loss / want - 3.0).abs() < 1e-5);
    // Weights of samples belong to the data.
    let half: Vec<_> = y.iter().map(|y| (*y, 0.5)).collect();
    let mut both = Trainer::<Dense<3, 2>, _, Sgd, 4>::untrained(SampleWeighted(model.loss), Sgd::new(0.0));
    assert!((both.evaluate(&x, &half, &mut ()).unwrap() / want - 0.5).abs() < 1e-5);
}

/// Nets can be cloned and printed: the structure, not the numbers.
#[test]
fn clones_and_names_of_nets() {
    type Big = chain![
        Rescale<3>,
        Frozen<Residual<Dense<3, 3, Relu>>>,
        Concat<BiasOnly<Dense<3, 2>>, Recompute<Dense<3, 2, Linear, L2<1>>>, 4>,
        chain![Reshape<[[f32; 2]; 2]>, Activate<Tanh>, Dropout<20>, Flatten<4>],
        BatchNorm<4>
    ];
    let mut net = Big::NEW;
    net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    net.0.offset = [7.0; 3];
    let mut copy = net.clone();
    assert_eq!(super::model::words(&copy), super::model::words(&net));
    copy.0.offset = [8.0; 3];
    assert_ne!(net.0.offset, copy.0.offset);
    assert_eq!(
        format!("{net:?}"),
        "Chain<Rescale<3>, Chain<Frozen<Residual<Dense<3, 3, Relu>>>, Chain<Branches<BiasOnly<Dense<3, 2>>, \
         Recompute<Dense<3, 2, Linear, L2<1>>>, Concatenate<4>>, Chain<Chain<Reshape<[[f32; 2]; 2]>, \
         Chain<Activate<Tanh>, Chain<Dropout<20>, Reshape<[f32; 4]>>>>, BatchNorm<4>>>>>"
    );
}

/// The table has the columns of the figures that there are.
#[test]
fn a_table_of_epochs() {
    use baregrad::callbacks::CsvLogger;
    let (_, x, y) = data(|x| x / 100.0, |x| x);
    let mut lines = Vec::new();
    let mut model = model();
    let validation = Validation::new(Data::new(&x, &y)).metric(CategoricalAccuracy::new(), |a| [a.value(), 0.5]);
    let log = CsvLogger::new(|line| lines.push(line.to_string()));
    let fit = Fit { epochs: 3, batch_size: 4, shuffle: true };
    let value = CategoricalAccuracy::value;
    let last =
        model.fit_metrics(Data::new(&x, &y), &fit, CategoricalAccuracy::new(), value, (validation, log)).unwrap();
    assert_eq!((lines.len(), lines[0].as_str()), (4, "epoch,loss,metric_0,val_loss,val_metric_0,val_metric_1"));
    let [metric, val_loss, val_metric] = [last.metrics[0], last.val_loss, last.val_metrics[0]].map(Option::unwrap);
    assert_eq!(lines[3], format!("2,{},{metric},{val_loss},{val_metric},0.5", last.loss));
}

/// A metric of the training data sees each sample once per epoch, before its step; each figure has its place.
#[test]
fn metrics_of_training_data() {
    let (_, x, y) = data(|x| x, |x| x);
    type Plain = Trainer<Dense<3, 2>, SparseCategoricalCrossEntropy<Logits>, Sgd, 4>;
    let mut plain = Plain::new(&mut Sfc32::seed_from_u64(1));
    plain.optimizer.learning_rate = 0.0;
    let mut accuracy = CategoricalAccuracy::new();
    let loss = plain.evaluate(&x, &y, &mut accuracy).unwrap();
    let mut seen = Vec::new();
    let note = LambdaCallback(|_: &mut Plain, epoch: &Epoch| {
        seen.push((epoch.metrics, epoch.val_metrics));
        ControlFlow::Continue(())
    });
    let validation = Validation::new(Data::new(&x, &y)).metric(CategoricalAccuracy::new(), |a| [0.25, a.value(), 0.75]);
    let fit = Fit { epochs: 2, batch_size: 4, shuffle: true };
    let values = |(accuracy, mean): &(CategoricalAccuracy, MeanLoss<_>)| [mean.value(), accuracy.value()];
    let metrics = (CategoricalAccuracy::new(), MeanLoss::new(plain.loss));
    let last = plain.fit_metrics(Data::new(&x, &y), &fit, metrics, values, (validation, note)).unwrap();
    let share = accuracy.value();
    let [Some(mean), Some(hits), None, None] = last.metrics else { panic!("{:?}", last.metrics) };
    assert!((mean - loss).abs() < 1e-5 && hits == share, "{mean} {loss} {hits} {share}");
    assert_eq!(last.val_metrics, [Some(0.25), Some(share), Some(0.75), None]);
    assert!(seen.len() == 2 && seen.iter().all(|seen| *seen == (last.metrics, last.val_metrics)), "{seen:?}");
    assert_eq!(Monitor::Metric(1, Mode::Max).value(&last), Ok(share));
    assert_eq!(Monitor::ValMetric(3, Mode::Max).value(&last), Err(Error::NotMonitored));
    assert_eq!(Monitor::ValMetric(9, Mode::Max).value(&last), Err(Error::NotMonitored));
    assert!(Monitor::Metric(0, Mode::Max).improves(2.0, Some(1.0), 0.0));
    assert!(!Monitor::Metric(0, Mode::Min).improves(2.0, Some(1.0), 0.0));
}

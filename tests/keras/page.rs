//! All that the page "From Keras" names is there: what stands in its second column is used here, and compiles.

use baregrad::callbacks::{CsvLogger, LambdaCallback};
use baregrad::clipping::{ClipNorm, ClipValue, GlobalClipNorm};
use baregrad::data::{MeanVariance, MinMax, Reservoir, Ring};
use baregrad::file::{self, Saved};
use baregrad::losses::Loss;
use baregrad::metrics::Metric;
use baregrad::net::InFlash;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{Image, Sequence};
use baregrad::{Accumulate, Buffered, Direct};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

fn exists<T>() {}
fn activation<A: baregrad::activations::Activation>() {}
fn loss<L: Loss<[f32; 2], [f32; 2]>>() {}
fn metric<M: Metric<[f32; 2], [f32; 2]>>() {}
fn optimizer<O: Optimizer>() {}

#[test]
fn names() {
    activation::<Elu>();
    activation::<Gelu>();
    activation::<HardSigmoid>();
    activation::<HardSwish>();
    activation::<LeakyRelu>();
    activation::<Linear>();
    activation::<LogSoftmax>();
    activation::<Relu>();
    activation::<Relu6>();
    activation::<Selu>();
    activation::<Sigmoid>();
    activation::<Silu>();
    activation::<Softmax>();
    activation::<Softplus>();
    activation::<Softsign>();
    activation::<Tanh>();

    loss::<BinaryCrossEntropy>();
    loss::<BinaryCrossEntropy<Logits>>();
    loss::<BinaryFocalCrossEntropy>();
    loss::<CategoricalCrossEntropy>();
    loss::<CategoricalFocalCrossEntropy>();
    loss::<CategoricalHinge>();
    loss::<CosineSimilarity>();
    loss::<Hinge>();
    loss::<Huber>();
    loss::<KlDivergence>();
    loss::<LogCosh>();
    loss::<MeanAbsoluteError>();
    loss::<MeanSquaredError>();
    loss::<Poisson>();
    loss::<Quantile>();
    loss::<SparseCategoricalCrossEntropy<Logits>>();
    loss::<SquaredHinge>();
    exists::<SampleWeighted<MeanSquaredError>>();
    let _ = ClassWeighted::new(SparseCategoricalCrossEntropy::<Logits>::new(), [1.0, 2.0]);
    let _ = LabelSmoothing::new(CategoricalCrossEntropy::<Logits>::new(), 0.1);

    metric::<BinaryAccuracy>();
    metric::<CategoricalAccuracy>();
    metric::<ConfusionMatrix<2>>();
    metric::<F1Score>();
    metric::<MeanLoss<MeanAbsoluteError>>();
    metric::<RootMeanSquaredError>();
    metric::<TopKAccuracy<2>>();
    exists::<(Auc, Precision, Recall, R2Score)>();
    let _ = (Auc::<200, Logits>::new(), BinaryAccuracy::with_threshold(0.0), ConfusionMatrix::<2>::with_threshold(0.0));

    optimizer::<Adagrad>();
    optimizer::<Adam>();
    optimizer::<Adamax>();
    optimizer::<AdamW>();
    optimizer::<AmsGrad>();
    optimizer::<Lion>();
    optimizer::<Momentum>();
    optimizer::<Nadam>();
    optimizer::<Nesterov>();
    optimizer::<RmsProp>();
    optimizer::<Sgd>();
    let _ = (WeightDecay::of(Sgd::new(0.1), 0.004), CoupledWeightDecay::of(Sgd::new(0.1), 0.004));
    let _ = ClipValue::new(Sgd::new(0.1), 1.0);
    exists::<(ClipNorm<Adam>, GlobalClipNorm<Adam>)>();
    let _ = Scheduled::new(Adam::pytorch(1e-3), ConstantRate(0.1));
    exists::<(CosineDecay, CosineDecayRestarts, ExponentialDecay, InverseTimeDecay, OneCycle, PolynomialDecay)>();
    exists::<(PiecewiseConstant<2>, ReduceOnPlateau, WarmUp<OneCycle>)>();

    exists::<(Activate<Tanh>, AlphaDropout<20>, BiasOnly<Dense<2, 2>>, Concat<Dense<2, 2>, Dense<2, 2>, 4>)>();
    exists::<(Dropout<20>, Flatten<12>, Frozen<Dense<2, 2>>, GaussianDropout<20>, GaussianNoise<10>, LayerNorm<4>)>();
    exists::<(Rescale<4>, Reshape<[[f32; 3]; 4]>, Residual<Dense<2, 2>>, SpatialDropout<20>)>();
    exists::<(Sum<Dense<2, 2>, Dense<2, 2>>, Dense<64, 32, Relu, L2<100>>)>();
    exists::<(Conv1d<Sequence<128, 6>, Sequence<128, 16>, 5>, Conv1d<Sequence<128, 6>, Sequence<62, 16>, 5, 2, Relu, 1>)>(
    );
    exists::<CausalConv1d<Sequence<128, 6>, Sequence<128, 16>, 5>>();
    exists::<Conv2d<Image<49, 10, 1>, Image<25, 5, 64>, 10, 4, 2, Relu>>();
    exists::<Conv1dTranspose<Sequence<32, 4>, Sequence<128, 6>, 8, 4>>();
    exists::<Conv2dTranspose<Image<7, 7, 8>, Image<14, 14, 4>, 3, 3, 2, Relu>>();
    exists::<(
        DepthwiseConv1d<Sequence<49, 8>, Sequence<49, 8>, 3>,
        DepthwiseConv2d<Image<25, 5, 64>, Image<25, 5, 64>, 3, 3>,
    )>();
    exists::<CausalDepthwiseConv1d<Sequence<49, 8>, Sequence<49, 8>, 3>>();
    exists::<(MaxPool1d<Sequence<8, 4>, Sequence<4, 4>, 2>, AveragePool1d<Sequence<8, 4>, Sequence<4, 4>, 2, 2>)>();
    exists::<(
        MaxPool2d<Image<8, 8, 4>, Image<4, 4, 4>, 2, 2>,
        AveragePool2d<Image<7, 7, 4>, Image<3, 3, 4>, 3, 3, 2, 2>,
    )>();
    exists::<(GlobalAveragePool, GlobalMaxPool)>();
    exists::<(Lstm<Sequence<64, 6>, [f32; 32]>, Gru<Sequence<64, 6>, [f32; 32]>)>();
    exists::<(SimpleRnn<Sequence<64, 6>, [f32; 32], Relu>, Lstm<Sequence<64, 6>, Sequence<64, 32>>)>();
    exists::<(GruResetBefore<Sequence<64, 6>, [f32; 32]>, Gru<Sequence<64, 6>, [f32; 32], Backwards>)>();
    exists::<(Lstm<Sequence<64, 6>, [f32; 32], Masked>, Lstm<Sequence<64, 6>, [f32; 32], (), 0, 2>)>();
    exists::<Gru<Sequence<64, 6>, [f32; 32], RecurrentDropout<20>>>();
    exists::<chain![SpatialDropout<20>, Gru<Sequence<64, 6>, [f32; 32]>]>();
    exists::<Bidirectional<Lstm<Sequence<64, 6>, Sequence<64, 16>>, 32>>();
    exists::<Sum<Gru<Sequence<64, 6>, [f32; 16]>, Reversed<Gru<Sequence<64, 6>, [f32; 16]>>>>();
    exists::<Embedding<[f32; 80], Sequence<80, 16>, 1000>>();
    exists::<Embedding<[f32; 80], Sequence<80, 16>, 1000, Masked>>();
    let mut stateful = StatefulLstm::<Sequence<16, 6>, [f32; 32]>::NEW;
    stateful.reset_states();
    exists::<SeparableConv1d<Sequence<50, 8>, Sequence<50, 8>, Sequence<50, 16>, 3>>();
    exists::<SeparableConv2d<Image<25, 5, 64>, Image<25, 5, 64>, Image<25, 5, 32>, 3, 3>>();
    exists::<(ZeroPadding1d<Sequence<4, 8>, Sequence<7, 8>, 2>, ZeroPadding2d<Image<2, 2, 1>, Image<3, 3, 1>, 0, 1>)>();
    exists::<(Cropping1d<Sequence<4, 8>, Sequence<2, 8>, 1>, Cropping2d<Image<3, 3, 1>, Image<2, 2, 1>, 0, 1>)>();
    exists::<(UpSampling1d<Sequence<4, 8>, Sequence<12, 8>>, UpSampling2d<Image<2, 2, 1>, Image<4, 4, 1>>)>();
    exists::<(BatchNorm<8, Relu>, InFlash<()>, KeepPadding<()>, Recompute<Dense<2, 2>>)>();
    exists::<FreezeFirst<3, chain![Dense<2, 2>, Dense<2, 2>, Dense<2, 2>, Dense<2, 2>]>>();
    exists::<(Reservoir<[f32; 2], u8, 4>, Ring<[f32; 2], u8, 4>)>();
}

#[test]
fn calls() -> Result<(), Error> {
    type Net = chain![Rescale<2>, Dense<2, 2, Relu>, Dense<2, 2>];
    type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Adam, 8, Buffered>;
    let mut rng = Sfc32::seed_from_u64(1);
    let (x, y) = ([[0.0, 1.0], [1.0, 0.0], [0.3, 0.7], [0.8, 0.1]], [0_u8, 1, 0, 1]);
    let mut model = Model::new(&mut rng);
    model.init(&HeNormal, &mut rng);
    model.net.0.adapt(&x);
    let mut seen = (MeanVariance::NEW, MinMax::NEW);
    seen.0.update(&x[0]);
    seen.1.update(&x[0]);
    model.net.0.standardize(&seen.0);
    model.net.0.min_max(&seen.1);
    let fit = Fit { epochs: 2, batch_size: 4, ..Fit::default() };
    model.fit(&x, &y, &fit)?;
    model.fit_with(&x, &y, &fit, |_, _| ControlFlow::Continue(()))?;
    let (train, validation) = Data::new(&x, &y).shuffled(&mut rng).split(0.2);
    let mut buffer = [0.0; Net::COUNT];
    let callbacks = (
        Validation::new(validation),
        EarlyStopping::new(20).restore_best_weights(&mut buffer),
        LearningRateScheduler(|_, rate| rate),
        ReduceOnPlateau { patience: 5, ..ReduceOnPlateau::new() },
        ModelCheckpoint::new(Monitor::ValLoss, |_: &mut Model, _: &Epoch| {}),
        LambdaCallback(|_: &mut Model, _: &Epoch| ControlFlow::Continue(())),
    );
    model.fit_callbacks(train, &fit, callbacks)?;
    model.net.0.adapt_on(&Data::new(&x, &y));
    let (data, value) = (Data::new(&x, &y), CategoricalAccuracy::value);
    let validation = Validation::new(data.clone()).metric(CategoricalAccuracy::new(), CategoricalAccuracy::value);
    let write = |line: std::fmt::Arguments<'_>| println!("{line}");
    model.fit_metrics(data, &fit, CategoricalAccuracy::new(), value, (validation, CsvLogger::new(write)))?;
    let (samples, mut room) = (|_| [([1.0, 2.0], 0)], [0_u8; 4]);
    model.fit_iter(samples, &mut room, &fit, ())?;
    let (bytes, words): ([[u8; 2]; 2], [[i16; 2]; 2]) = ([[1, 2], [3, 4]], [[1, 2], [3, 4]]);
    model.fit(&bytes, &[0_u8, 1], &fit)?;
    model.evaluate(&words, &[0_u8, 1], &mut ())?;
    // Weights alone, and a training that goes on from its last checkpoint.
    let mut bytes = [0; Net::FILE_LEN];
    file::encode(&model.net, &mut bytes).unwrap();
    file::decode(&mut model.net, &bytes).unwrap();
    let mut checkpoint = [0; Model::FILE_LEN];
    file::encode(&model, &mut checkpoint).unwrap();
    file::decode(&mut model, &checkpoint).unwrap();
    while model.progress < 3 {
        model.fit(&x, &y, &Fit { epochs: 1, batch_size: 4, ..Fit::default() })?;
        model.progress += 1;
    }
    println!("{:?}", model.net.clone());
    model.step(&x, &y)?;
    while model.begin(&x, &y)?.advance(usize::MAX)?.is_pending() {}
    let mut accuracy = CategoricalAccuracy::new();
    model.evaluate(&x, &y, &mut accuracy)?;
    let mut outputs = model.predict(&x);
    model.predict_into(&x, &mut outputs);
    println!("{}", model.summary());
    let mut net = Net::NEW;
    net.copy_from(&model.net);
    net.0.fold_into(&mut net.1.0);
    let mut memory = Net::MEMORY;
    net.push(&mut memory, &x[0]);
    Net::reset_states(&mut memory);
    let mut normalised = <chain![Dense<2, 8>, BatchNorm<8, Relu>]>::NEW;
    normalised.init(&Orthogonal::default(), &mut rng);
    normalised.init(&RandomUniform::default(), &mut rng);
    normalised.1 = BatchNorm::pytorch(normalised.1);
    normalised.1.fold_into(&mut normalised.0);
    println!("{:?} {:?}", net.1.0.w, net.1.0.b);
    net.infer_one(&x[0], &mut outputs[0], &mut [0.0; Net::SCRATCH]);
    net.tensors(0, &mut |name, _| println!("{name:?}"));
    assert_eq!(one_hot::<3>(1_u8), Some([0.0, 1.0, 0.0]));
    let mut saliency = Saliency::<Net>::NEW;
    saliency.of_output(&net, &x[0], 1)?;
    saliency.of_loss(&net, &x[0], &SparseCategoricalCrossEntropy::<Logits>::new(), &y[0])?;
    saliency.integrate(&net, &x[0], &[0.0; 2], 1, 20, &mut [0.0; 2])?;

    // A loss that is not finite, and a gradient that is not although the loss is.
    let mut model = Trainer::<Net, MeanSquaredError, Adam, 1, Direct<false>>::new(&mut rng);
    assert!(matches!(model.step(&[[f32::NAN; 2]], &[[0.0; 2]]), Err(Error::NonFiniteLoss { .. })));
    let mut model = Trainer::<Dense<1, 1>, MeanSquaredError, Sgd, 1>::new(&mut rng);
    model.net.w = [[1e-20]];
    assert_eq!(model.step(&[[1e38]], &[[0.0]]), Err(Error::NonFiniteGradient { layer: 0 }));

    // Four micro-batches per step.
    let mut model =
        Trainer::<Net, MeanSquaredError, Adam, 1, Accumulate<4>>::untrained(MeanSquaredError, Adam::new(0.1));
    model.fit(&x, &x, &Fit { batch_size: 1, ..Fit::default() })?;
    Ok(())
}

/// The words in code of the page's second column stand in this file too.
#[test]
fn the_page_names_nothing_else() {
    let (page, here) = (include_str!("../../docs/from-keras.md"), include_str!("page.rs"));
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned).collect()
    };
    // Names that stand for the reader's own.
    let own = [
        "A", "B", "F", "I", "K", "M", "N", "O", "S", "T", "X", "Y", "BATCH", "LEFT", "TOP", "Loss", "Layer",
        "baseline", "callback", "class", "data", "k", "other", "schedule", "shares", "steps", "target", "weights",
    ];
    let here: BTreeSet<String> = words(here).into_iter().chain(own.map(str::to_owned)).collect();
    for row in page.lines().filter(|line| line.starts_with('|')) {
        let column = row.split('|').nth(2).unwrap_or_default();
        for code in column.split('`').skip(1).step_by(2) {
            for word in words(code) {
                let number = word.starts_with(|c: char| c.is_ascii_digit());
                assert!(
                    word.is_empty() || number || here.contains(&word),
                    "`{word}` of `{code}` is not in tests/keras/page.rs"
                );
            }
        }
    }
}

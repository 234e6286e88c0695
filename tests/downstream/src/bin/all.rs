//! An image of every layer, activation, loss, optimiser, schedule and metric (the test `coverage` fails if one is missing), in shapes
//! that fill no vector. Nets are built with every call that a trainer has.

#![no_std]
#![no_main]

use baregrad::clipping::{ClipNorm, ClipValue, GlobalClipNorm};
use baregrad::data::{MeanVariance, MinMax, Reservoir, Ring};
use baregrad::init::Initializer;
use baregrad::losses::Loss;
use baregrad::metrics::Metric;
use baregrad::net::{Flash, InFlash, Layer};
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{Image, Sequence};
use baregrad::{Accumulate, Buffered, Direct, Gradients};
use baregrad_downstream as _; // its panic handler
use core::hint::black_box;

type Rectifiers = chain![
    Dense<3, 5, Relu>,
    LayerNorm<5>,
    Dropout<20>,
    Dense<5, 9, LeakyRelu>,
    Dense<9, 2, Elu>,
    Dense<2, 7, Selu>,
    Dense<7, 33, HardSigmoid>,
    Dense<33, 67, HardSwish>,
    Dense<67, 3, Relu6>,
    Dense<3, 1, Sigmoid>
];
type Smooth = chain![
    Frozen<Dense<3, 40, Gelu>>,
    Dense<40, 31, GeluTanh>,
    Dense<31, 17, Silu>,
    Activate<Softsign>,
    Dense<17, 130, Softplus>,
    Dense<130, 6, Tanh>,
    Dense<6, 4, LogSoftmax>,
    Dense<4, 5, Softmax>
];
type Branched = chain![
    Rescale<3>,
    GaussianNoise<10>,
    Residual<chain![BiasOnly<Dense<3, 5, Tanh>>, Dense<5, 3>]>,
    AlphaDropout<20>,
    Concat<Dense<3, 2, Relu>, Dense<3, 4>, 6>,
    GaussianDropout<10>,
    Concat<Windows, Sum<chain![Pools, GlobalMaxPool], chain![Pools, GlobalAveragePool]>, 6>,
    Reshape<[[f32; 2]; 3]>,
    SpatialDropout<10>,
    ZeroPadding1d<Sequence<3, 2>, Sequence<5, 2>, 1>,
    UpSampling1d<Sequence<5, 2>, Sequence<10, 2>>,
    Cropping1d<Sequence<10, 2>, Sequence<6, 2>, 2>,
    Reshape<Image<2, 3, 2>>,
    ZeroPadding2d<Image<2, 3, 2>, Image<3, 4, 2>, 1, 0>,
    UpSampling2d<Image<3, 4, 2>, Image<3, 8, 2>>,
    SpatialDropout<10>,
    Cropping2d<Image<3, 8, 2>, Image<1, 3, 2>, 2, 1>,
    Flatten<6>,
    Sum<Dense<6, 5, Tanh>, Frozen<Dense<6, 5>>>
];
type Windows = chain![
    Reshape<Sequence<3, 2>>,
    DepthwiseConv1d<Sequence<3, 2>, Sequence<2, 2>, 2, 1, Relu>,
    KeepPadding<CausalDepthwiseConv1d<Sequence<2, 2>, Sequence<2, 2>, 2, 1, Linear, 2>>,
    SeparableConv1d<Sequence<2, 2>, Sequence<2, 2>, Sequence<2, 2>, 2>,
    Reshape<Image<1, 1, 4>>,
    SeparableConv2d<Image<1, 1, 4>, Image<1, 1, 4>, Image<1, 1, 4>, 1, 1>,
    InPlace<chain![Conv2d<Image<1, 1, 4>, Image<1, 1, 4>, 1, 1>, Activate<Tanh>]>,
    InPlace<DepthwiseConv2d<Image<1, 1, 4>, Image<1, 1, 4>, 3, 3>>,
    Flatten<4>
];
type Pools = chain![
    Reshape<Sequence<3, 2>>,
    AveragePool1d<Sequence<3, 2>, Sequence<2, 2>, 2, 1>,
    MaxPool1d<Sequence<2, 2>, Sequence<2, 2>, 1>,
    Reshape<Image<2, 1, 2>>,
    AveragePool2d<Image<2, 1, 2>, Image<2, 1, 2>, 1, 1>,
    MaxPool2d<Image<2, 1, 2>, Image<2, 1, 2>, 2, 1, 1, 1>
];
// For the optimisers and losses that the larger nets are not trained with: each of those takes seconds to compile.
type Classes = chain![Dense<3, 8, Tanh, L1<100>>, Dense<8, 5, Linear, L2<100>>];
type Binary = chain![Dense<3, 8, Tanh>, Dense<8, 1, Sigmoid>];
type Recurrent = chain![
    Embedding<[f32; 3], Sequence<3, 2>, 9, Masked>,
    Gru<Sequence<3, 2>, Sequence<3, 5>, (Masked, RecurrentDropout<20>)>,
    Bidirectional<Lstm<Sequence<3, 5>, Sequence<3, 3>, (), 0, 2>, 6>,
    Sum<Gru<Sequence<3, 6>, Sequence<3, 5>>, Reversed<Gru<Sequence<3, 6>, Sequence<3, 5>>>>,
    GruResetBefore<Sequence<3, 5>, Sequence<3, 7>, Masked>,
    SimpleRnn<Sequence<3, 7>, [f32; 5], Gelu, Backwards>
];
type Body = chain![Dense<3, 7, Relu>, BatchNorm<7, Tanh>];
type Normalised = chain![
    InFlash<OfBody>,
    Dense<7, 6>,
    BatchNorm<6, Relu>,
    Reshape<[[f32; 3]; 2]>,
    BatchNorm<3, Gelu>,
    Flatten<6>,
    Recompute<chain![Dense<6, 5, Tanh>, Dropout<20>, BatchNorm<5>]>
];

type Convolved = chain![
    Dense<3, 24>,
    Reshape<[[f32; 2]; 12]>,
    Conv1d<[[f32; 2]; 12], [[f32; 8]; 12], 3, 1, Relu>,
    CausalConv1d<[[f32; 8]; 12], [[f32; 5]; 6], 3, 2, Gelu, 2>,
    Reshape<[[[f32; 5]; 3]; 2]>,
    Conv2d<[[[f32; 5]; 3]; 2], [[[f32; 6]; 3]; 2], 3, 2, 1, Softmax>,
    Conv2d<[[[f32; 6]; 3]; 2], [[[f32; 2]; 3]; 2], 1, 1>,
    Conv2dTranspose<Image<2, 3, 2>, Image<4, 6, 1>, 2, 2, 2, Gelu>,
    Reshape<Sequence<6, 4>>,
    Conv1dTranspose<Sequence<6, 4>, Sequence<12, 1>, 3, 2>,
    Flatten<12>,
    Dense<12, 5>
];

static BODY: Body = Body::NEW;

struct OfBody;

impl Flash for OfBody {
    type Net = Body;
    fn net() -> &'static Body {
        black_box(&BODY)
    }
}

/// Trains a net and evaluates it: what depends on a loss, an optimiser and a metric.
fn learns<N, L, O, T, Y, M, G>(
    targets: &[T; 5],
    mut metric: M,
    optimizer: O,
    loss: L,
    initializer: &impl Initializer,
) -> Trainer<N, L, O, 2, G>
where
    N: Network<Input = [f32; 3]> + Layer<[f32; 3], Y = Y>,
    L: Loss<Y, T>,
    O: Optimizer,
    Y: baregrad::tensor::Tensor,
    M: Metric<Y, T>,
    G: Gradients,
{
    let mut model = Trainer::untrained(loss, optimizer);
    let (x, shuffle) = black_box(([[0.5; 3]; 5], true));
    model.init(initializer, &mut Sfc32::seed_from_u64(black_box(1)));
    let _ = black_box(model.fit(&x, targets, &Fit { batch_size: black_box(2), epochs: black_box(2), shuffle }));
    let _ = black_box(model.evaluate(&x, targets, &mut metric));
    black_box((&mut metric, &model.net));
    model
}

/// Every call that a trainer has.
fn all<N, L, O, T, Y, M, G>(targets: &[T; 5], metric: M, optimizer: O, loss: L, initializer: &impl Initializer)
where
    N: Network<Input = [f32; 3]> + Layer<[f32; 3], Y = Y>,
    L: Loss<Y, T>,
    O: Optimizer,
    Y: baregrad::tensor::Tensor,
    M: Metric<Y, T>,
    G: Gradients,
{
    let mut model = learns::<N, L, O, T, Y, M, G>(targets, metric, optimizer, loss, initializer);
    let x = black_box([[0.5; 3]; 5]);
    let _ = black_box(model.step(&x[..1], &targets[..1]));
    let mut y = model.predict(&x);
    black_box(&y);
    model.predict_into(&x, &mut y);
    black_box(&y);
    let mut scratch = [0.0; 600];
    let _ = model.net.infer_batch(&x, &mut y, black_box(&mut scratch));
    black_box(&y);
}

/// A training with everything on: callbacks, a shuffled part of the data, clipping, penalties, a step in pieces.
fn options(x: &[[f32; 3]; 5], classes: &[u8; 5]) {
    type Net = chain![Dense<3, 8, Tanh, L1L2<100, 100>>, Dropout<20>, Dense<8, 5>];
    type Clipped = GlobalClipNorm<ClipNorm<ClipValue<Adam>>>;
    type Model<G> = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Clipped, 2, G>;
    let clipped = || {
        let limit = black_box(1.0);
        GlobalClipNorm::new(ClipNorm::new(ClipValue::new(Adam::new(limit), limit), limit), limit)
    };
    let mut model = Model::<Buffered>::untrained(Default::default(), clipped());
    let data = Data::new(x, classes).shuffled(&mut Sfc32::seed_from_u64(black_box(1)));
    let (train, validation) = data.split(black_box(0.4));
    let mut best = [0.0; Net::COUNT];
    let mut stop = EarlyStopping::new(black_box(2)).restore_best_weights(&mut best);
    let callbacks = (
        LearningRateScheduler(|_, rate| rate * 0.5),
        Validation::new(validation).metric(CategoricalAccuracy::new(), CategoricalAccuracy::value),
        &mut stop,
        ModelCheckpoint::new(Monitor::ValLoss, |model: &mut Model<Buffered>, _: &Epoch| {
            black_box(&model.net);
        }),
    );
    let _ =
        black_box(model.fit_callbacks(train, &Fit { epochs: black_box(3), batch_size: 2, shuffle: true }, callbacks));
    if let Ok(mut step) = model.begin(black_box(&x[..2]), black_box(&classes[..2])) {
        while step.advance(black_box(100)).is_ok_and(|poll| poll.is_pending()) {
            black_box(step.net());
        }
    }
    let mut model = Model::<Accumulate<3>>::untrained(Default::default(), clipped());
    let _ = black_box(model.fit(x, classes, &Fit { epochs: black_box(3), batch_size: 2, shuffle: true }));
    black_box(model.apply());
}

/// A stream of samples, its statistics and what is kept of it; a net that takes over weights; what an output depends on.
fn around() {
    let (mut seen, mut range) = (MeanVariance::<3>::NEW, MinMax::<3>::NEW);
    let (mut kept, mut last) = (Reservoir::<[f32; 3], u8, 4>::NEW, Ring::<[f32; 3], u8, 4>::NEW);
    let mut rng = Sfc32::seed_from_u64(black_box(1));
    for _ in 0..black_box(9) {
        let x = black_box([0.5; 3]);
        seen.update(&x);
        range.update(&x);
        kept.offer(x, 1, &mut rng);
        last.push(x, 1);
    }
    black_box((kept.x(), kept.targets(), last.x(), last.targets(), one_hot::<3>(black_box(2_u8))));
    let mut net = Branched::NEW;
    net.0.adapt(kept.x());
    net.0.standardize(&seen);
    net.0.min_max(&range);
    let mut tuned = <FreezeFirst<3, Branched>>::NEW;
    tuned.copy_from(&net);
    let mut normalised = <chain![Dense<3, 2>, BatchNorm<2>]>::NEW;
    normalised.1 = BatchNorm::NEW.pytorch();
    normalised.1.fold_into(&mut normalised.0);
    black_box(&normalised);
    let mut scaled = <chain![Rescale<3>, Dense<3, 2>]>::NEW;
    scaled.0.fold_into(&mut scaled.1);
    black_box(&scaled);

    let (x, target, mut shares) = (black_box([0.5; 3]), black_box(1_u8), [0.0; 3]);
    let mut saliency = Saliency::<FreezeFirst<3, Branched>>::NEW;
    let _ = black_box(saliency.of_output(&tuned, &x, black_box(1)));
    let _ = black_box(saliency.of_loss(&tuned, &x, &SparseCategoricalCrossEntropy::<Logits>::new(), &target));
    let _ = black_box(saliency.integrate(&tuned, &x, &[0.0; 3], black_box(1), black_box(5), &mut shares));
    black_box(&shares);
    let mut saliency = Saliency::<Normalised>::NEW;
    let _ = black_box(saliency.of_output(&Normalised::NEW, &x, black_box(1)));
}

/// A step in pieces, and one of several batches, of a net with statistics, a part in flash, and one that runs twice.
fn pieces(x: &[[f32; 3]; 5], targets: &[[f32; 5]; 5]) {
    type Model<G> = Trainer<Normalised, MeanSquaredError, Adam, 2, G>;
    let mut model = Model::<Buffered>::untrained(MeanSquaredError, Adam::default());
    if let Ok(mut step) = model.begin(black_box(&x[..2]), black_box(&targets[..2])) {
        while step.advance(black_box(100)).is_ok_and(|poll| poll.is_pending()) {
            black_box(step.net());
        }
    }
    let mut model = Model::<Accumulate<3>>::untrained(MeanSquaredError, Adam::default());
    let _ = black_box(model.fit(x, targets, &Fit { epochs: black_box(3), batch_size: 2, shuffle: true }));
    black_box(model.apply());
}

type Streamed = chain![
    CausalConv1d<Sequence<30, 3>, Sequence<30, 8>, 3, 1, Tanh, 4>,
    Residual<chain![CausalDepthwiseConv1d<Sequence<30, 8>, Sequence<30, 8>, 2>, Conv1d<Sequence<30, 8>, Sequence<30, 8>, 1>]>,
    Sum<Conv1d<Sequence<30, 8>, Sequence<28, 8>, 3>, Cropping1d<Sequence<30, 8>, Sequence<28, 8>, 2>>,
    BatchNorm<8, Relu>,
    SpatialDropout<20>,
    MaxPool1d<Sequence<28, 8>, Sequence<14, 8>, 2>,
    AveragePool1d<Sequence<14, 8>, Sequence<7, 8>, 2>,
    DepthwiseConv1d<Sequence<7, 8>, Sequence<4, 8>, 4, 1, Softmax>,
    Concat<Flatten<32>, Concat<GlobalMaxPool, GlobalAveragePool, 16>, 48>,
    Frozen<Dense<48, 5, Relu>>
];

/// A net on a stream.
fn stream() {
    static NET: Streamed = Streamed::NEW;
    let mut memory = Streamed::MEMORY;
    NET.prime(&mut memory, black_box(&[[0.5; 3]; 9]));
    for _ in 0..black_box(100) {
        black_box(NET.push(&mut memory, &black_box([0.5; 3])));
    }
    Streamed::reset_states(&mut memory);
}

type OnStream = chain![StatefulGru<Sequence<4, 3>, Sequence<4, 6>>, StatefulLstm<Sequence<4, 6>, [f32; 2]>];

/// A net that learns on a stream, window after window, and then runs on it.
fn recurrent_stream() {
    static NET: OnStream = OnStream::NEW;
    let mut model = Trainer::<OnStream, MeanSquaredError, Adam, 1>::untrained(MeanSquaredError, Adam::default());
    for _ in 0..black_box(9) {
        let _ = black_box(model.step(&black_box([[[0.5; 3]; 4]]), &black_box([[0.5; 2]])));
    }
    model.net.0.reset_states();
    let mut memory = OnStream::MEMORY;
    for _ in 0..black_box(9) {
        black_box(model.net.push(&mut memory, &black_box([0.5; 3])));
        black_box(NET.push(&mut memory, &black_box([0.5; 3])));
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn main() -> ! {
    let binary = black_box([[1.0]; 5]);
    let shares = black_box([[0.2; 5]; 5]);
    let classes = black_box([1_u8; 5]);
    let rate = black_box(0.1);
    loop {
        options(&black_box([[0.5; 3]; 5]), &classes);
        around();
        stream();
        recurrent_stream();
        pieces(&black_box([[0.5; 3]; 5]), &shares);
        all::<Branched, MeanSquaredError, Adam, _, _, _, Direct>(
            &shares,
            (),
            Adam::default(),
            MeanSquaredError,
            &GlorotUniform,
        );
        learns::<Classes, MeanSquaredError, Sgd, _, _, _, Buffered>(
            &shares,
            (),
            Sgd::default(),
            MeanSquaredError,
            &HeNormal,
        );
        all::<Rectifiers, BinaryCrossEntropy, Adam, _, _, _, Direct>(
            &binary,
            BinaryAccuracy::default(),
            Adam::new(rate),
            Default::default(),
            &GlorotUniform,
        );
        learns::<Binary, BinaryCrossEntropy<Logits>, Sgd, _, _, _, Buffered>(
            &binary,
            BinaryAccuracy::default(),
            Sgd::default(),
            Default::default(),
            &HeNormal,
        );
        all::<Smooth, CategoricalCrossEntropy, Momentum, _, _, _, Buffered>(
            &shares,
            CategoricalAccuracy::default(),
            Momentum::default(),
            Default::default(),
            &GlorotNormal,
        );
        learns::<Classes, CategoricalCrossEntropy<Logits>, Nesterov, _, _, _, Direct>(
            &shares,
            CategoricalAccuracy::default(),
            Nesterov::default(),
            Default::default(),
            &HeUniform,
        );
        all::<Classes, SparseCategoricalCrossEntropy<Logits>, Adam, _, _, _, Direct>(
            &classes,
            CategoricalAccuracy::default(),
            Adam::pytorch(rate),
            Default::default(),
            &Zeros,
        );
        learns::<Classes, SparseCategoricalCrossEntropy, Sgd, _, _, _, Direct>(
            &classes,
            CategoricalAccuracy::default(),
            Sgd::default(),
            Default::default(),
            &Constant(rate),
        );
        learns::<Classes, KlDivergence, RmsProp<3, true>, _, _, _, Direct>(
            &shares,
            (ConfusionMatrix::<5>::new(), (TopKAccuracy::<2>::new(), R2Score::<5>::new())),
            RmsProp::centered_with_momentum(rate, 0.9),
            KlDivergence,
            &GlorotUniform,
        );
        learns::<Classes, LabelSmoothing<CategoricalCrossEntropy>, _, _, _, _, Direct>(
            &shares,
            (MeanLoss::new(CategoricalHinge), RootMeanSquaredError::new()),
            AdamW::new(rate),
            Default::default(),
            &GlorotUniform,
        );
        learns::<Classes, ClassWeighted<CategoricalFocalCrossEntropy, 5>, _, _, _, _, Direct>(
            &shares,
            MeanLoss::new(CosineSimilarity),
            Scheduled::new(
                Adagrad::new(rate),
                WarmUp { from: 0.0, steps: 9, schedule: CosineDecayRestarts::new(rate, 9) },
            ),
            Default::default(),
            &GlorotUniform,
        );
        learns::<Binary, BinaryFocalCrossEntropy, _, _, _, _, Buffered>(
            &binary,
            (Auc::<20>::new(), (Precision::new(), (Recall::new(), F1Score::new()))),
            Scheduled::new(Adamax::new(rate), OneCycle::new(rate, black_box(100))),
            Default::default(),
            &GlorotUniform,
        );
        learns::<Binary, LogCosh, _, _, _, _, Direct>(
            &binary,
            ConfusionMatrix::<2>::new(),
            CoupledWeightDecay::of(
                Scheduled::new(Lion::new(rate), ExponentialDecay::new(rate, black_box(7), 0.9)),
                rate,
            ),
            LogCosh,
            &GlorotUniform,
        );
        learns::<Classes, SquaredHinge, _, _, _, _, Direct>(
            &shares,
            (),
            Scheduled::new(
                AmsGrad::default(),
                PolynomialDecay { cycle: true, ..PolynomialDecay::new(rate, black_box(7), 0.0) },
            ),
            SquaredHinge,
            &GlorotUniform,
        );
        let inverse = InverseTimeDecay { initial: rate, decay_steps: black_box(7), decay_rate: 0.5, staircase: true };
        learns::<Classes, Quantile, _, _, _, _, Direct>(
            &shares,
            MeanLoss::new(Poisson),
            Scheduled::new(Nadam::pytorch(rate), WarmUp { from: 0.0, steps: black_box(9), schedule: inverse }),
            Quantile::default(),
            &GlorotUniform,
        );
        all::<Normalised, MeanSquaredError, Adam, _, _, _, Direct>(
            &shares,
            (),
            Adam::default(),
            MeanSquaredError,
            &Orthogonal::default(),
        );
        all::<Convolved, MeanSquaredError, Sgd, _, _, _, Direct>(
            &shares,
            (),
            Sgd::default(),
            MeanSquaredError,
            &GlorotUniform,
        );
        all::<Recurrent, MeanSquaredError, Sgd, _, _, _, Buffered>(
            &shares,
            (),
            Sgd::default(),
            MeanSquaredError,
            &RandomUniform::default(),
        );
        learns::<Normalised, MeanSquaredError, Sgd, _, _, _, Direct<false>>(
            &shares,
            (),
            Sgd::default(),
            MeanSquaredError,
            &Orthogonal { gain: rate },
        );
        learns::<Classes, MeanSquaredError, Momentum, _, _, _, Buffered>(
            &shares,
            (),
            Momentum::default(),
            MeanSquaredError,
            &HeNormal,
        );
        learns::<Binary, Hinge, _, _, _, _, Direct>(
            &binary,
            (),
            Scheduled::new(Sgd::default(), CosineDecay { initial: rate, decay_steps: black_box(9), alpha: 0.0 }),
            Hinge,
            &GlorotUniform,
        );
        learns::<Classes, SampleWeighted<MeanSquaredError>, _, _, _, _, Direct>(
            &black_box([([0.2; 5], 0.5); 5]),
            (),
            Scheduled::new(Sgd::default(), PiecewiseConstant { until: [(black_box(9), rate)], last: 0.01 }),
            Default::default(),
            &GlorotUniform,
        );
        learns::<Classes, MeanSquaredError, _, _, _, _, Direct>(
            &shares,
            (),
            Scheduled::new(WeightDecay::of(Sgd::default(), rate), ConstantRate(rate)),
            Default::default(),
            &GlorotUniform,
        );
        learns::<Classes, Huber, Adam, _, _, _, Direct>(&shares, (), Adam::default(), Huber::default(), &GlorotUniform);
        learns::<Classes, MeanAbsoluteError, Adam, _, _, _, Direct>(
            &shares,
            (),
            Adam::default(),
            MeanAbsoluteError,
            &GlorotUniform,
        );
    }
}

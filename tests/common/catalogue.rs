//! The one list of all activations, layers, losses, optimisers, schedules and metrics: tests and benches run over it.
//!
//! One line an entry: the stem of its file in `src`, and its type. `tests/coverage.rs` fails if a file has no line here.

use baregrad::activations::Activation;
use baregrad::losses::Loss;
use baregrad::metrics::Metric;
use baregrad::net::Layer;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::schedules::Schedule;

/// Sees every activation.
pub trait ActivationVisitor {
    fn visit<A: Activation>(&mut self, stem: &'static str);
}

#[rustfmt::skip]
pub fn for_each_activation(v: &mut impl ActivationVisitor) {
    v.visit::<Elu>("elu");
    v.visit::<Gelu>("gelu");
    v.visit::<GeluTanh>("gelu");
    v.visit::<HardSigmoid>("hard_sigmoid");
    v.visit::<HardSwish>("hard_swish");
    v.visit::<LeakyRelu>("leaky_relu");
    v.visit::<Linear>("linear");
    v.visit::<LogSoftmax>("log_softmax");
    v.visit::<Relu>("relu");
    v.visit::<Selu>("selu");
    v.visit::<Sigmoid>("sigmoid");
    v.visit::<Silu>("silu");
    v.visit::<Softmax>("softmax");
    v.visit::<Softplus>("softplus");
    v.visit::<Softsign>("softsign");
    v.visit::<Tanh>("tanh");
}

/// Sees every layer, on samples of `N` numbers.
pub trait LayerVisitor<const N: usize> {
    fn visit<L: Layer<[f32; N]>>(&mut self, stem: &'static str);
}

#[rustfmt::skip]
pub fn for_each_layer<const N: usize>(v: &mut impl LayerVisitor<N>) {
    v.visit::<Activate<Gelu>>("activation");
    v.visit::<AlphaDropout<30>>("alpha_dropout");
    v.visit::<BiasOnly<Dense<N, 3, Tanh>>>("bias_only");
    v.visit::<Sum<Concat<Dense<N, 2, Gelu>, chain![LayerNorm<N>, Dropout<40>, Dense<N, 1>], 3>, chain![Residual<Dense<N, N, Tanh>>, Dense<N, 3>]>>("branches");
    v.visit::<Concat<chain![Dense<N, 4, Tanh>, Dense<4, 2>], Dense<N, 3, Gelu>, 5>>("concat");
    v.visit::<Dense<N, 3, Tanh>>("dense");
    v.visit::<Dropout<30>>("dropout");
    v.visit::<Frozen<Dense<N, 3, Tanh>>>("frozen");
    v.visit::<GaussianDropout<30>>("gaussian_dropout");
    v.visit::<GaussianNoise<30>>("gaussian_noise");
    v.visit::<LayerNorm<N>>("layer_norm");
    v.visit::<Regularized<Dense<N, 3, Tanh>, L1L2<3_000, 10_000>>>("regularized");
    v.visit::<Rescale<N>>("rescale");
    v.visit::<chain![Dense<N, 6>, Reshape<[[f32; 2]; 3]>, Activate<Tanh>, Flatten<6>, Dense<6, 2>]>("reshape");
    v.visit::<Residual<chain![Dense<N, 3, Tanh>, Dense<3, N, Gelu>]>>("residual");
    v.visit::<chain![Dense<N, 6>, Reshape<[[f32; 2]; 3]>, SpatialDropout1D<30>, Flatten<6>]>("spatial_dropout");
    v.visit::<Sum<Dense<N, 3, Tanh>, Frozen<Dense<N, 3>>>>("sum");
    // Compositions, which have no file of their own in `src/layers`.
    v.visit::<chain![Dense<N, 3, Tanh>, LayerNorm<3>, Dropout<40>, Dense<3, 2, Softmax>]>("chain");
    v.visit::<chain![Frozen<chain![Dense<N, 3, Tanh>, LayerNorm<3>]>, Activate<Elu>, Frozen<Dense<3, 5>>, Dense<5, 2>]>("chain");
}

/// What the outputs that a loss takes must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outputs {
    /// Any numbers.
    Real,
    /// Each between 0 and 1.
    Probabilities,
}

/// What its targets must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Targets {
    /// Any numbers.
    Real,
    /// Each between 0 and 1.
    Probabilities,
    /// Not negative, with the sum 1.
    Distribution,
    /// One 1 among zeros.
    OneHot,
}

/// Sees every loss, on samples of `N` outputs.
pub trait LossVisitor<const N: usize> {
    fn visit<L: Loss<[f32; N], [f32; N]> + Default>(&mut self, stem: &'static str, outputs: Outputs, targets: Targets);
}

#[rustfmt::skip]
pub fn for_each_loss<const N: usize>(v: &mut impl LossVisitor<N>) {
    v.visit::<BinaryCrossEntropy>("binary_cross_entropy", Outputs::Probabilities, Targets::Probabilities);
    v.visit::<BinaryCrossEntropy<Logits>>("binary_cross_entropy", Outputs::Real, Targets::Probabilities);
    v.visit::<BinaryFocalCrossEntropy>("binary_focal_cross_entropy", Outputs::Probabilities, Targets::Probabilities);
    v.visit::<CategoricalCrossEntropy>("categorical_cross_entropy", Outputs::Probabilities, Targets::Distribution);
    v.visit::<CategoricalCrossEntropy<Logits>>("categorical_cross_entropy", Outputs::Real, Targets::Distribution);
    v.visit::<CategoricalFocalCrossEntropy>("categorical_focal_cross_entropy", Outputs::Probabilities, Targets::Distribution);
    v.visit::<CategoricalHinge>("categorical_hinge", Outputs::Real, Targets::OneHot);
    v.visit::<ClassWeighted<MeanSquaredError, 40>>("class_weighted", Outputs::Real, Targets::OneHot);
    v.visit::<CosineSimilarity>("cosine_similarity", Outputs::Real, Targets::Real);
    v.visit::<Hinge>("hinge", Outputs::Real, Targets::OneHot);
    v.visit::<Huber>("huber", Outputs::Real, Targets::Real);
    v.visit::<KlDivergence>("kl_divergence", Outputs::Probabilities, Targets::Distribution);
    v.visit::<LabelSmoothing<BinaryCrossEntropy>>("label_smoothing", Outputs::Probabilities, Targets::Probabilities);
    v.visit::<LabelSmoothing<BinaryCrossEntropy<Logits>>>("label_smoothing", Outputs::Real, Targets::Probabilities);
    v.visit::<LabelSmoothing<CategoricalCrossEntropy>>("label_smoothing", Outputs::Probabilities, Targets::Distribution);
    v.visit::<LabelSmoothing<CategoricalCrossEntropy<Logits>>>("label_smoothing", Outputs::Real, Targets::Distribution);
    v.visit::<LabelSmoothing<SparseCategoricalCrossEntropy>>("label_smoothing", Outputs::Probabilities, Targets::OneHot);
    v.visit::<LabelSmoothing<SparseCategoricalCrossEntropy<Logits>>>("label_smoothing", Outputs::Real, Targets::OneHot);
    v.visit::<LogCosh>("log_cosh", Outputs::Real, Targets::Real);
    v.visit::<MeanAbsoluteError>("mean_absolute_error", Outputs::Real, Targets::Real);
    v.visit::<MeanSquaredError>("mean_squared_error", Outputs::Real, Targets::Real);
    v.visit::<Poisson>("poisson", Outputs::Probabilities, Targets::Probabilities);
    v.visit::<Quantile>("quantile", Outputs::Real, Targets::Real);
    v.visit::<SparseCategoricalCrossEntropy>("sparse_categorical_cross_entropy", Outputs::Probabilities, Targets::OneHot);
    v.visit::<SparseCategoricalCrossEntropy<Logits>>("sparse_categorical_cross_entropy", Outputs::Real, Targets::OneHot);
    v.visit::<SquaredHinge>("squared_hinge", Outputs::Real, Targets::OneHot);
}

/// Sees every optimiser, with its defaults.
pub trait OptimizerVisitor {
    /// `variant` tells those of one file apart.
    fn visit<O: Optimizer + Clone>(&mut self, stem: &'static str, variant: &'static str, optimizer: O);
}

#[rustfmt::skip]
pub fn for_each_optimizer(v: &mut impl OptimizerVisitor) {
    v.visit("adagrad", "keras", Adagrad::default());
    v.visit("adagrad", "pytorch", Adagrad::pytorch(1e-3));
    v.visit("adam", "keras", Adam::default());
    v.visit("adam", "pytorch", Adam::pytorch(1e-3));
    v.visit("adamax", "keras", Adamax::default());
    v.visit("adamax", "pytorch", Adamax::pytorch(1e-3));
    v.visit("adamw", "keras", AdamW::default());
    v.visit("adamw", "pytorch", AdamW::pytorch(1e-3));
    v.visit("amsgrad", "keras", AmsGrad::default());
    v.visit("amsgrad", "pytorch", AmsGrad(Adam::pytorch(1e-3)));
    v.visit("coupled_weight_decay", "", CoupledWeightDecay::of(Sgd::default(), 0.1));
    v.visit("lion", "", Lion::default());
    v.visit("momentum", "keras", Momentum::default());
    v.visit("momentum", "pytorch", Momentum::pytorch(0.01, 0.9));
    v.visit("nadam", "keras", Nadam::default());
    v.visit("nadam", "pytorch", Nadam::pytorch(1e-3));
    v.visit("nesterov", "keras", Nesterov::default());
    v.visit("nesterov", "pytorch", Nesterov::pytorch(0.01, 0.9));
    v.visit("rmsprop", "keras", RmsProp::default());
    v.visit("rmsprop", "pytorch", RmsProp::default().pytorch());
    v.visit("rmsprop", "keras, momentum", RmsProp::with_momentum(1e-3, 0.9));
    v.visit("rmsprop", "pytorch, momentum", RmsProp::with_momentum(1e-3, 0.9).pytorch());
    v.visit("rmsprop", "keras, centered", RmsProp::centered(1e-3));
    v.visit("rmsprop", "pytorch, centered", RmsProp::centered(1e-3).pytorch());
    v.visit("rmsprop", "keras, centered, momentum", RmsProp::centered_with_momentum(1e-3, 0.9));
    v.visit("rmsprop", "pytorch, centered, momentum", RmsProp::centered_with_momentum(1e-3, 0.9).pytorch());
    v.visit("sgd", "", Sgd::default());
    v.visit("weight_decay", "", WeightDecay::of(Sgd::default(), 0.1));
    // Wrappers, of which one has its file in `src/schedules`.
    v.visit("weight_decay", "both", WeightDecay::of(CoupledWeightDecay::of(Sgd::default(), 0.1), 0.1));
    v.visit("weight_decay", "scheduled", WeightDecay::of(Scheduled::new(Sgd::default(), ExponentialDecay::new(0.01, 1, 0.9)), 0.1));
}

/// Sees every schedule.
pub trait ScheduleVisitor {
    fn visit<S: Schedule>(&mut self, stem: &'static str, schedule: S);
}

#[rustfmt::skip]
pub fn for_each_schedule(v: &mut impl ScheduleVisitor) {
    v.visit("constant", ConstantRate(0.1));
    v.visit("cosine_decay", CosineDecay { initial: 0.1, decay_steps: 30, alpha: 0.1 });
    v.visit("cosine_decay_restarts", CosineDecayRestarts::new(0.1, 7));
    v.visit("cosine_decay_restarts", CosineDecayRestarts { longer: 1.0, ..CosineDecayRestarts::new(0.1, 7) });
    v.visit("exponential_decay", ExponentialDecay::new(0.1, 7, 0.9));
    v.visit("inverse_time_decay", InverseTimeDecay { initial: 0.1, decay_steps: 7, decay_rate: 0.5, staircase: true });
    v.visit("one_cycle", OneCycle::new(0.1, 100));
    v.visit("piecewise_constant", PiecewiseConstant { until: [(10, 0.1), (20, 0.05)], last: 0.01 });
    v.visit("polynomial_decay", PolynomialDecay::new(0.1, 30, 0.01));
    v.visit("polynomial_decay", PolynomialDecay { cycle: true, ..PolynomialDecay::new(0.1, 30, 0.01) });
    v.visit("warm_up", WarmUp { from: 0.0, steps: 5, schedule: ExponentialDecay::new(0.1, 7, 0.9) });
}

/// Sees every metric, on samples of `N` outputs.
pub trait MetricVisitor<const N: usize> {
    fn visit<M: Metric<[f32; N], [f32; N]> + Default>(&mut self, stem: &'static str, value: fn(&M) -> f32);
}

#[rustfmt::skip]
pub fn for_each_metric<const N: usize>(v: &mut impl MetricVisitor<N>) {
    v.visit("auc", Auc::<20>::value);
    v.visit("binary_accuracy", BinaryAccuracy::value);
    v.visit("categorical_accuracy", CategoricalAccuracy::value);
    v.visit("confusion_matrix", ConfusionMatrix::<N>::macro_f1);
    v.visit("f1_score", F1Score::value);
    v.visit("mean_loss", MeanLoss::<MeanAbsoluteError>::value);
    v.visit("precision", Precision::value);
    v.visit("r2_score", R2Score::<N>::value);
    v.visit("recall", Recall::value);
    v.visit("root_mean_squared_error", RootMeanSquaredError::value);
    v.visit("top_k_accuracy", TopKAccuracy::<2>::value);
}

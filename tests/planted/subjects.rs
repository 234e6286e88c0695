//! What faults are planted in, and the checks of each.

use super::around::Around;
use super::fault::{Fault, planted};
use super::loss::PlantedLoss;
use super::merge::PlantedMerge;
use super::optimizer::PlantedOptimizer;
use super::params::Planted;
use super::recurrent::{PlantedCell, PlantedOptions};
use crate::common::catalogue::{Outputs, Targets};
use crate::common::checker::clipping::LIMIT;
use crate::common::checker::{self, Complaint};
use crate::common::naive::Twin;
use crate::common::reference::{floats, load};
use crate::common::runs::{Case, Out};
use baregrad::Direct;
use baregrad::clipping::{ClipNorm, GlobalClipNorm};
use baregrad::layers::rnn::{All, GruCell, GruResetBeforeCell, Last, LstmCell, Rnn};
use baregrad::losses::Loss;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::Sequence;
use serde_json::Value;

/// The gradient checker, on few numbers: other tests take every width.
fn layer<const N: usize, L: Twin<[f32; N]>>() -> Vec<Complaint> {
    checker::complaints::<[f32; N], L>()
}

/// A run of a net beside Keras.
fn keras<N, L, O, const Y: usize>(file: &str, net: &str, run: &str, optimizer: O) -> Option<Complaint>
where
    N: Network,
    L: Loss<Out<N>, [f32; Y]> + Default,
    O: Optimizer,
{
    let file = load(file);
    let case = Case::<N, [f32; Y]>::new(&file, net, |row: &Value| floats(row).try_into().unwrap());
    Some(("run beside Keras", case.run::<L, O, Direct>(run, optimizer).err()?))
}

/// A net whose layers and loss are wrapped.
fn wrapped<O: Optimizer>(run: &str, optimizer: O) -> Option<Complaint> {
    type Net = chain![Planted<Dense<3, 5, Tanh>>, Planted<Dense<5, 2>>];
    keras::<Net, PlantedLoss<MeanSquaredError>, O, 2>("training", "tanh", run, optimizer)
}

/// The same net with a wrapped optimiser.
fn with_momentum() -> Option<Complaint> {
    wrapped("momentum", PlantedOptimizer::of(Momentum::new(0.05, 0.9)))
}

pub fn dense() -> Vec<Complaint> {
    let mut complaints = layer::<5, Planted<Dense<5, 3, Tanh>>>();
    complaints.extend(with_momentum());
    complaints
}

pub fn gelu() -> Vec<Complaint> {
    layer::<4, Planted<Activate<Gelu>>>()
}

pub fn layer_norm() -> Vec<Complaint> {
    type Net = chain![Dense<6, 12, Tanh>, Planted<LayerNorm<12>>, Dense<12, 5>];
    let mut complaints = layer::<5, Planted<LayerNorm<5>>>();
    complaints.extend(keras::<Net, Huber, _, 5>("training", "norm", "sgd", Sgd::new(0.05)));
    complaints
}

pub fn batch_norm() -> Vec<Complaint> {
    type Net = chain![Dense<3, 5, Tanh>, Planted<BatchNorm<5>>, Dense<5, 2>];
    let mut complaints = layer::<4, Planted<BatchNorm<4>>>();
    complaints.extend(keras::<Net, MeanSquaredError, _, 2>("batch_norm", "tanh_norm", "sgd", Sgd::new(0.05)));
    complaints
}

pub fn dropout() -> Vec<Complaint> {
    layer::<8, Planted<Dropout<30>>>()
}

pub fn conv1d() -> Vec<Complaint> {
    type Layer = Conv1d<Sequence<8, 2>, Sequence<4, 3>, 3, 2, Linear, 2>;
    checker::complaints::<_, Planted<Layer>>()
}

pub fn causal_conv1d() -> Vec<Complaint> {
    checker::complaints::<_, Planted<CausalConv1d<Sequence<5, 2>, Sequence<5, 3>, 3>>>()
}

pub fn conv1d_transpose() -> Vec<Complaint> {
    checker::complaints::<_, Planted<Conv1dTranspose<Sequence<4, 2>, Sequence<8, 3>, 3, 2>>>()
}

pub fn depthwise_conv1d() -> Vec<Complaint> {
    checker::complaints::<_, Planted<DepthwiseConv1d<Sequence<5, 3>, Sequence<5, 3>, 3>>>()
}

pub fn max_pool() -> Vec<Complaint> {
    checker::complaints::<_, Planted<MaxPool1d<Sequence<8, 2>, Sequence<4, 2>, 3, 2>>>()
}

pub fn average_pool() -> Vec<Complaint> {
    checker::complaints::<_, Planted<AveragePool1d<Sequence<8, 2>, Sequence<4, 2>, 3, 2>>>()
}

pub fn global_average_pool() -> Vec<Complaint> {
    checker::complaints::<Sequence<4, 2>, Planted<GlobalAveragePool>>()
}

pub fn spatial_dropout() -> Vec<Complaint> {
    checker::complaints::<Sequence<5, 3>, Planted<SpatialDropout<30>>>()
}

pub fn gru() -> Vec<Complaint> {
    type Layer = Rnn<PlantedCell<GruCell>, Sequence<5, 2>, [f32; 3], Last, Masked, 3, 6, 0, 1>;
    // The padding does not depend on the input, which has slopes so.
    type Net = chain![ZeroPadding1d<Sequence<3, 2>, Sequence<5, 2>, 0>, Planted<Layer>];
    checker::complaints::<_, Net>()
}

pub fn gru_reset_before() -> Vec<Complaint> {
    type Layer = Rnn<PlantedCell<GruResetBeforeCell>, Sequence<3, 2>, [f32; 3], Last, (), 3, 3>;
    checker::complaints::<_, Planted<Layer>>()
}

pub fn lstm() -> Vec<Complaint> {
    type Layer = Planted<Rnn<PlantedCell<LstmCell>, Sequence<3, 2>, [f32; 4], All<3>, (), 4, 4>>;
    let mut complaints = checker::complaints::<_, Layer>();
    complaints.extend(checker::start::complaints::<Planted<Lstm<Sequence<3, 2>, [f32; 40]>>>(Some(1)));
    complaints
}

pub fn simple_rnn() -> Vec<Complaint> {
    checker::complaints::<_, Planted<SimpleRnn<Sequence<4, 2>, Sequence<4, 3>>>>()
}

pub fn recurrent_dropout() -> Vec<Complaint> {
    type Frames = Sequence<4, 3>;
    type Layer = Rnn<GruCell, Frames, [f32; 3], Last, PlantedOptions<RecurrentDropout<30>>, 3, 6>;
    type Net = chain![Conv1d<Sequence<4, 2>, Frames, 1>, Planted<SpatialDropout<30>>, Planted<Layer>];
    checker::complaints::<_, Net>()
}

pub fn bidirectional() -> Vec<Complaint> {
    type Direction = SimpleRnn<Sequence<5, 2>, Sequence<5, 3>, Tanh, Masked>;
    type Both = Concat<Direction, Planted<Reversed<Direction>>, 6>;
    // The padding does not depend on the input.
    checker::complaints::<_, chain![ZeroPadding1d<Sequence<3, 2>, Sequence<5, 2>, 0>, Both]>()
}

pub fn embedding() -> Vec<Complaint> {
    checker::complaints::<_, chain![Frozen<Dense<4, 5>>, Planted<Embedding<[f32; 5], Sequence<5, 3>, 2>>]>()
}

pub fn folding() -> Vec<Complaint> {
    checker::folding::complaints::<_, Planted<Conv1d<Sequence<8, 2>, Sequence<4, 3>, 3, 2, Linear, 2>>, 3>()
}

pub fn regularized() -> Vec<Complaint> {
    layer::<4, Around<Dense<4, 3, Linear, L1L2<3_000, 10_000>>>>()
}

pub fn residual() -> Vec<Complaint> {
    layer::<4, Around<Residual<Dense<4, 4, Tanh>>>>()
}

pub fn sum() -> Vec<Complaint> {
    layer::<4, Branches<Planted<Dense<4, 3, Tanh>>, Dense<4, 3>, PlantedMerge<Add>>>()
}

pub fn concat() -> Vec<Complaint> {
    layer::<4, Branches<Dense<4, 2>, Dense<4, 3>, PlantedMerge<Concatenate<5>>>>()
}

pub fn frozen() -> Vec<Complaint> {
    layer::<4, Around<Frozen<Dense<4, 3>>>>()
}

pub fn mean_squared_error() -> Vec<Complaint> {
    type Planted = PlantedLoss<MeanSquaredError>;
    let mut complaints = checker::loss::complaints::<5, Planted>("mean_squared_error", Outputs::Real, Targets::Real);
    complaints.extend(with_momentum());
    complaints
}

pub fn sparse_categorical_cross_entropy() -> Vec<Complaint> {
    type Planted = PlantedLoss<SparseCategoricalCrossEntropy<Logits>>;
    let stem = "sparse_categorical_cross_entropy";
    checker::loss::complaints::<5, Planted>(stem, Outputs::Real, Targets::OneHot)
}

/// Beside the twin, on a body and a tail of vectors.
fn twin<O: Optimizer + Clone>(stem: &'static str, variant: &'static str, optimizer: &O) -> Vec<Complaint> {
    checker::optimizer::complaints(stem, variant, optimizer, 35)
}

pub fn momentum() -> Vec<Complaint> {
    let mut complaints = twin("momentum", "keras", &PlantedOptimizer::of(Momentum::new(0.01, 0.9)));
    complaints.extend(with_momentum());
    complaints
}

pub fn nesterov() -> Vec<Complaint> {
    twin("nesterov", "keras", &PlantedOptimizer::of(Nesterov::default()))
}

pub fn adam() -> Vec<Complaint> {
    let adam = PlantedOptimizer::of(Adam::default());
    let mut complaints = twin("adam", "keras", &adam);
    complaints.extend(wrapped("adam", adam));
    complaints
}

pub fn adamw() -> Vec<Complaint> {
    twin("adamw", "keras", &PlantedOptimizer::of(AdamW::default()))
}

pub fn amsgrad() -> Vec<Complaint> {
    twin("amsgrad", "keras", &PlantedOptimizer::of(AmsGrad::default()))
}

pub fn rms_prop() -> Vec<Complaint> {
    twin("rmsprop", "keras", &PlantedOptimizer::of(RmsProp::default()))
}

pub fn clip_norm() -> Vec<Complaint> {
    checker::clipping::complaints(PlantedOptimizer::of(ClipNorm::new(Sgd::default(), LIMIT)), false)
}

pub fn global_clip_norm() -> Vec<Complaint> {
    if planted() == Fault::NormOfEachTensor {
        return checker::clipping::complaints(ClipNorm::new(Sgd::default(), LIMIT), true);
    }
    checker::clipping::complaints(PlantedOptimizer::of(GlobalClipNorm::new(Sgd::default(), LIMIT)), true)
}

pub fn scheduled() -> Vec<Complaint> {
    let optimizer = WeightDecay::of(Scheduled::new(Sgd::default(), ExponentialDecay::new(0.01, 1, 0.9)), 0.1);
    twin("weight_decay", "scheduled", &PlantedOptimizer::of(optimizer))
}

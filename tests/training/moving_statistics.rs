//! Moving means and variances follow each step once, in every way to train, and nothing else moves them.

use super::handed::Handed;
use crate::common::naive::affine;
use crate::common::naive::batch_norm::{BatchNorm as Twin, Follow};
use crate::common::numbers::{assert_close, bits, samples, widen};
use crate::common::{checker, weights};
use baregrad::file::{self, Saved};
use baregrad::net::{Backward, Layer, LayerInfo, Mode};
use baregrad::prelude::*;
use baregrad::tensor::Want;
use baregrad::{Accumulate, Architecture, Buffered, Direct, Gradients, leaf, params};

type Block = chain![BatchNorm<3, Tanh>, Dense<3, 2>];
/// Normalisations that all see the input: plain, in a residual block, computed again, twice so, and two frozen ones.
type Net = chain![Rescale<3>, Normalisations];
#[rustfmt::skip]
type Normalisations = Sum<Block,
    Sum<chain![Residual<BatchNorm<3>>, Dense<3, 2>],
    Sum<Recompute<Block>,
    Sum<Recompute<chain![Recompute<BatchNorm<3>>, Dense<3, 2>]>,
    Sum<Frozen<Block>, chain![Frozen<BatchNorm<3>>, Dense<3, 2>]>>>>>;
const MOVING: usize = 4;

const CAPACITY: usize = 4;
type Model<G> = Trainer<Net, Handed, Momentum, CAPACITY, G>;

fn fresh<G: Gradients>() -> Box<Model<G>> {
    let mut model = Box::new(Model::<G>::new(&mut Sfc32::seed_from_u64(1)));
    model.net.1.a.0 = BatchNorm::NEW.pytorch();
    model
}

/// Moving mean and variance of each normalisation.
fn moving<N: Params>(net: &N) -> Vec<[Vec<f32>; 2]> {
    let mut found = Vec::new();
    net.tensors(0, &mut |name, values| match name.tensor {
        "mean" => found.push([values.to_vec(), Vec::new()]),
        "variance" => found.last_mut().unwrap()[1] = values.to_vec(),
        _ => {}
    });
    found
}

const KERAS: Follow = Follow::Keras { momentum: 0.99 };
const TORCH: Follow = Follow::Torch { momentum: 0.1 };

/// The twins of [`Net`].
struct Twins([(Twin, Follow); MOVING]);

impl Twins {
    fn new() -> Self {
        Twins([TORCH, KERAS, KERAS, KERAS].map(|follow| (twin(3), follow)))
    }

    fn settle(&mut self, x: &[[f32; 3]]) {
        let x: Vec<Vec<f64>> = x.iter().map(|x| widen(x)).collect();
        self.0.iter_mut().for_each(|(twin, follow)| twin.settle(&x, *follow));
    }

    fn check(&self, net: &Net, what: &str) {
        let got = moving(net);
        for ((twin, _), [mean, variance]) in self.0.iter().zip(&got) {
            assert_close(mean, &twin.mean, 1e-6, &format!("{what}: mean"));
            assert_close(variance, &twin.variance, 1e-6, &format!("{what}: variance"));
        }
        assert_eq!(got[MOVING..], [[vec![0.0; 3], vec![1.0; 3]], [vec![0.0; 3], vec![1.0; 3]]], "{what}: frozen");
    }
}

fn twin(channels: usize) -> Twin {
    let [zeros, ones] = [0.0, 1.0].map(|number| vec![number; channels]);
    Twin { gamma: ones.clone(), beta: zeros.clone(), mean: zeros, variance: ones, epsilon: 1e-3 }
}

/// Batches of samples, and what is handed back to the net.
fn batches() -> Vec<(Vec<[f32; 3]>, Vec<[f32; 2]>)> {
    (1..8).map(|i| (i, 2 + i as usize % 3)).map(|(i, count)| (samples(count, i), samples(count, i + 10))).collect()
}

fn check<G: Gradients>(what: &str, bad: &[f32]) {
    let (mut model, mut twins) = (fresh::<G>(), Twins::new());
    for (x, dy) in batches() {
        model.step(&x, &dy).unwrap();
        twins.settle(&x);
        twins.check(&model.net, what);
    }
    let x = samples::<3>(2, 30);
    for bad in bad {
        model.step(&x, &[[0.0, *bad]; 2]).unwrap_err();
        twins.check(&model.net, what);
    }
    model.predict(&[[9.0; 3]; 5]);
    model.evaluate(&x, &[[0.0; 2]; 2], &mut ()).unwrap();
    twins.check(&model.net, what);
}

#[test]
fn they_follow_every_step() {
    // The first makes a loss that is not finite, the second a gradient.
    let bad = [f32::NAN, f32::INFINITY];
    check::<Direct>("direct", &bad);
    check::<Direct<false>>("direct, without a look at the gradient", &bad[..1]);
    check::<Buffered>("buffered", &bad);
    check::<Accumulate<3>>("accumulated", &bad);
}

/// Each batch moves them, and every third one the weights.
#[test]
fn they_follow_every_batch_of_several() {
    let mut model = fresh::<Accumulate<3>>();
    for (i, (x, dy)) in batches().iter().enumerate() {
        let (before, old) = (bits(&weights::read(&mut model.net)), moving(&model.net));
        model.step(x, dy).unwrap();
        assert_eq!(bits(&weights::read(&mut model.net)) != before, i % 3 == 2, "weights after batch {i}");
        assert_ne!(moving(&model.net)[..MOVING], old[..MOVING]);
    }
}

#[test]
fn they_follow_the_end_of_a_step_in_pieces() {
    for budget in [0, 1, 20, 100, 300, 1000, usize::MAX] {
        let (mut model, mut twins) = (fresh::<Buffered>(), Twins::new());
        for (x, dy) in batches() {
            let mut dropped = model.begin(&x, &dy).unwrap();
            let _ = dropped.advance(budget / 2);
            if dropped.advance(0).unwrap().is_ready() {
                twins.settle(&x);
            }
            twins.check(&model.net, "of a step that was dropped");
            let mut step = model.begin(&x, &dy).unwrap();
            while step.advance(budget).unwrap().is_pending() {
                twins.check(step.net(), "in between");
            }
            assert!(step.advance(budget).unwrap().is_ready());
            twins.settle(&x);
            twins.check(&model.net, "in the end");
        }
    }
}

/// Behind a layer that moves itself: with the outputs that it had before the step.
#[test]
fn they_follow_a_layer_that_is_trained() {
    type Net = chain![Dense<3, 4>, BatchNorm<4, Relu>, Dense<4, 2>];
    let mut model = Trainer::<Net, Handed, Adam, CAPACITY>::new(&mut Sfc32::seed_from_u64(1));
    let mut twin = twin(4);
    for (x, dy) in batches() {
        let (w, b) = (widen(model.net.0.w.as_flattened()), widen(&model.net.0.b));
        let between: Vec<Vec<f64>> = x.iter().map(|x| affine(&widen(x), &w, &b)).collect();
        twin.settle(&between, KERAS);
        model.step(&x, &dy).unwrap();
        assert_close(&model.net.1.0.mean, &twin.mean, 1e-6, "mean");
        assert_close(&model.net.1.0.variance, &twin.variance, 1e-6, "variance");
    }
}

/// A model file and a checkpoint have them.
#[test]
fn they_are_stored() {
    let mut model = fresh::<Direct>();
    let mut batches = batches().into_iter();
    for (x, dy) in batches.by_ref().take(4) {
        model.step(&x, &dy).unwrap();
    }
    let mut net = Net::NEW;
    copy(&model.net, &mut net);
    assert_eq!(moving(&net), moving(&model.net));

    let mut other = fresh::<Direct>();
    copy(&*model, &mut *other);
    for (x, dy) in batches {
        model.step(&x, &dy).unwrap();
        other.step(&x, &dy).unwrap();
    }
    assert_eq!(bits(&weights::all(&other.net)), bits(&weights::all(&model.net)));
}

/// By way of a file.
fn copy<T: Saved>(from: &T, to: &mut T) {
    let mut file = vec![0; T::FILE_LEN];
    file::encode(from, &mut file).unwrap();
    file::decode(to, &file).unwrap();
}

/// The dense layer before it takes it over, with the other library's epsilon too.
#[test]
fn folding() {
    type Net = chain![Dense<3, 5>, BatchNorm<5, Gelu>];
    for torch in [false, true] {
        let mut net: Net = weights::random(2);
        if torch {
            net.1 = net.1.pytorch();
        }
        let x = samples::<3>(20, 3);
        let infer = |net: &Net| {
            let mut y = vec![[0.0; 5]; x.len()];
            net.infer_batch(&x, &mut y, &mut [0.0; Net::SCRATCH]).unwrap();
            y.as_flattened().to_vec()
        };
        let want = infer(&net);
        net.1.fold_into(&mut net.0);
        assert_close(&infer(&net), &widen(&want), 2e-6, "the folded net");
        let mut y = vec![[0.0; 5]; x.len()];
        let activated = Chain(net.0, Activate::<Gelu>::NEW);
        activated.infer_batch(&x, &mut y, &mut [0.0; 5]).unwrap();
        assert_close(y.as_flattened(), &widen(&want), 2e-6, "the net without its normalisation");
    }
}

/// So do convolutions, with a row of weights per tap.
#[test]
fn folding_into_a_depthwise_convolution() {
    type Depthwise = DepthwiseConv1d<Sequence<4, 3>, Sequence<4, 3>, 3>;
    assert_eq!(checker::folding::complaints::<_, Depthwise, 3>(), []);
}

/// The variance of such a batch overflows. Without a word, the moving one would be infinite for ever.
#[test]
fn a_variance_that_overflows() {
    type Net = chain![Dense<2, 2>, BatchNorm<2, Relu>, Dense<2, 1>];
    let mut model = Trainer::<Net, MeanSquaredError, Sgd, 2>::new(&mut Sfc32::seed_from_u64(1));
    let before = bits(&weights::all(&model.net));
    let error = model.step(&[[1e25, -1e25], [0.0, 1.0]], &[[0.0]; 2]).unwrap_err();
    assert!(matches!(error, Error::NonFiniteLoss { .. }), "{error}");
    assert_eq!(bits(&weights::all(&model.net)), before);
}

/// A layer of which the optimiser sees nothing: y = x − mean.
struct Centre {
    mean: [f32; 3],
}

params! {
    [] Centre, "Centre", Architecture::layer("centre").end();
    kept mean: [f32; 3] = [0.0; 3];
    settle([f32; 3], Self::follow);
}

impl Centre {
    fn follow(&mut self, batch: &[f32; 3]) {
        self.mean.iter_mut().zip(batch).for_each(|(mean, batch)| *mean += 0.5 * (batch - *mean));
    }
}

impl Layer<[f32; 3]> for Centre {
    type Y = [f32; 3];
    type Trace<const B: usize, W: Want> = [f32; 3];
    leaf!([f32; 3]);

    fn infer(&self, x: &[[f32; 3]], y: &mut [[f32; 3]], _: &mut [f32]) {
        for (x, y) in x.iter().zip(y) {
            *y = std::array::from_fn(|i| x[i] - self.mean[i]);
        }
    }

    fn forward<const B: usize, W: Want>(&self, x: &[[f32; 3]], y: &mut [[f32; 3]], mean: &mut [f32; 3], _: Mode<'_>) {
        self.infer(x, y, &mut []);
        *mean = std::array::from_fn(|i| x.iter().map(|x| x[i]).sum::<f32>() / x.len() as f32);
    }

    fn statistics<const B: usize, W: Want>(mean: &[f32; 3]) -> [f32; 3] {
        *mean
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, [f32; 3]>("Centre", ""));
    }
}

impl Backward<[f32; 3]> for Centre {
    fn backward<const B: usize, W: Want>(
        &self,
        _: &[[f32; 3]],
        _: &[[f32; 3]],
        _: &mut [f32; 3],
        dy: &mut [[f32; 3]],
        dx: Option<&mut [[f32; 3]]>,
    ) {
        dx.unwrap_or_default().copy_from_slice(dy);
    }
}

impl Network for Centre {
    type Input = [f32; 3];
}

/// Though the way back does not come to it.
#[test]
fn they_follow_without_trained_tensors() {
    let mut model = Trainer::<chain![Centre, Dense<3, 2>], Handed, Sgd, 2>::new(&mut Sfc32::seed_from_u64(1));
    for want in [[0.5, 1.0, 1.5], [0.75, 1.5, 2.25]] {
        model.step(&[[0.0, 1.0, 3.0], [2.0, 3.0, 3.0]], &[[1.0; 2]; 2]).unwrap();
        assert_eq!(model.net.0.mean, want);
    }
}

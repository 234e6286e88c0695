//! Every gradient against the slope of the f64 twin: one checker for all layers, one for activations, one for losses.

use crate::common::catalogue::*;
use crate::common::naive_losses::{self, differences};
use crate::common::numbers::{assert_close, samples, uniform, widen};
use crate::common::{naive, weights};
use baregrad::activations::Activation;
use baregrad::losses::Loss;
use baregrad::net::{Layer, Mode};
use baregrad::prelude::*;
use baregrad::tensor::{Tensor, Zero};

const BATCH: usize = 3;

/// Runs `visitor` for each size at which a vector, a tile or a group of partial sums ends.
macro_rules! for_sizes {
    ($run:ident: $($n:literal)+) => { $($run::<$n>();)+ };
}

/// What a layer was given and gave: a batch of samples one after the other, but for the gradients of the weights.
struct Run {
    what: String,
    twin: naive::Net,
    x: Vec<f32>,
    /// dy.
    c: Vec<f32>,
    y: Vec<f32>,
    dx: Vec<f32>,
    /// After one call of `gradient`, and after two.
    gradients: [Vec<f32>; 2],
}

/// `forward`, `backward` and `gradient` of a layer against its twin, for the loss Σ c · y.
fn check<const N: usize, L: Layer<[f32; N]>>() {
    let layer: L = weights::random(N as u64);
    let x: Vec<[f32; N]> = samples(BATCH, 11);
    let c = uniform(BATCH * L::Y::LEN, -1.0, 1.0, 12);
    let mut trace = Box::new(L::Trace::<BATCH>::ZERO);
    let mut y = vec![L::Y::ZERO; BATCH];
    let mut dy = vec![L::Y::ZERO; BATCH];
    let mut dx = vec![[0.0; N]; BATCH];
    let mut grad = L::Grad::ZERO;
    L::Y::flat_all_mut(&mut dy).copy_from_slice(&c);
    layer.forward::<BATCH>(&x, &mut y, &mut trace, Mode::Train(&mut Sfc32::seed_from_u64(9)));
    let out = L::Y::flat_all(&y).to_vec();
    layer.backward::<BATCH>(&x, &y, &mut trace, &mut dy, Some(&mut dx));
    let gradients = [(); 2].map(|()| {
        layer.gradient::<BATCH>(&x, &trace, &dy, &mut grad);
        weights::read_gradient(&grad)
    });
    let (x, dx) = (x.as_flattened().to_vec(), dx.as_flattened().to_vec());
    let what = format!("{} on {N}", std::any::type_name::<L>());
    let twin = naive::Net::of(&layer);
    // What follows does not depend on types, so that it is compiled once.
    compare(Run { what, twin, x, c, y: out, dx, gradients });
}

fn compare(Run { what, mut twin, x, c, y, dx, gradients: [once, twice] }: Run) {
    let (inputs, outputs) = (x.len() / BATCH, y.len() / BATCH);
    let noise = noise(&twin, &mut Sfc32::seed_from_u64(9));
    let mut want_grad = vec![0.0; once.len()];
    for sample in 0..BATCH {
        let (of_x, of_y) = (sample * inputs..(sample + 1) * inputs, sample * outputs..(sample + 1) * outputs);
        let (at, c) = (widen(&x[of_x.clone()]), widen(&c[of_y.clone()]));
        twin.noise.clone_from(&noise[sample]);
        let loss = |twin: &naive::Net, x: &[f64]| twin.forward(x).iter().zip(&c).map(|(y, c)| y * c).sum::<f64>();
        assert_close(&y[of_y], &twin.forward(&at), 3e-6, &format!("y of {what}"));
        assert_close(&dx[of_x], &differences(|x| loss(&twin, x), &at), 1e-5, &format!("dx of {what}"));
        for (want, (l, i)) in want_grad.iter_mut().zip(twin.trainable()) {
            let w = twin.weights[l][i];
            let mut at_step = |h: f64| {
                twin.weights[l][i] = w + h;
                loss(&twin, &at)
            };
            *want += (at_step(1e-6) - at_step(-1e-6)) / 2e-6;
            twin.weights[l][i] = w;
        }
    }
    assert_close(&once, &want_grad, 1e-5, &format!("gradient of {what}"));
    // `gradient` adds.
    want_grad.iter_mut().for_each(|g| *g *= 2.0);
    assert_close(&twice, &want_grad, 2e-5, &format!("twice the gradient of {what}"));
}

/// What the random layers of a net draw: for each sample, for each line of the summary.
fn noise(twin: &naive::Net, rng: &mut Sfc32) -> Vec<Vec<Vec<[f64; 2]>>> {
    let mut noise = vec![vec![Vec::new(); twin.lines.len()]; BATCH];
    for (l, line) in twin.lines.iter().enumerate() {
        // The catalogue has 30 % everywhere, but dropout of 40 % in chains.
        let rate = if line.kind == "Dropout" && twin.lines.len() > 1 { 0.4 } else { 0.3 };
        if naive::RANDOM.contains(&line.kind) {
            // A layer draws for the whole batch.
            for sample in &mut noise {
                sample[l] = naive::noise(line.kind, rate, line.shape, rng);
            }
        }
    }
    noise
}

struct Layers;

impl<const N: usize> LayerVisitor<N> for Layers {
    fn visit<L: Layer<[f32; N]>>(&mut self, _: &'static str) {
        check::<N, L>();
    }
}

#[test]
fn layers() {
    fn run<const N: usize>() {
        for_each_layer::<N>(&mut Layers);
    }
    for_sizes!(run: 1 2 3 4 5 7 8 9 15 16 17 31 33);
}

/// A dense layer and a layer of its own, with every activation.
struct Activations<const N: usize>;

impl<const N: usize> ActivationVisitor for Activations<N> {
    fn visit<A: Activation>(&mut self, _: &'static str) {
        check::<N, Activate<A>>();
    }
}

#[test]
fn activations_as_layers() {
    fn run<const N: usize>() {
        for_each_activation(&mut Activations::<N>);
    }
    for_sizes!(run: 1 2 3 4 5 7 8 9 15 16 17 31 33);
}

/// A dense layer of `I` inputs with every activation.
struct DenseWith<const I: usize, const O: usize>;

impl<const I: usize, const O: usize> ActivationVisitor for DenseWith<I, O> {
    fn visit<A: Activation>(&mut self, _: &'static str) {
        check::<I, Dense<I, O, A>>();
    }
}

#[test]
fn dense_with_every_activation() {
    for_each_activation(&mut DenseWith::<3, 5>);
    for_each_activation(&mut DenseWith::<33, 4>);
}

#[test]
fn dense_of_every_width() {
    fn run<const N: usize>() {
        check::<5, Dense<5, N, Tanh>>();
    }
    for_sizes!(run: 1 2 3 4 5 7 8 9 15 16 17 31 33);
}

/// Value and slope of an activation at many points, kinks apart.
struct Slopes;

impl ActivationVisitor for Slopes {
    fn visit<A: Activation>(&mut self, _: &'static str) {
        for seed in 0..20 {
            for size in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33] {
                let z = uniform(size, -6.0, 6.0, seed);
                let twin = widen(&z);
                let want =
                    (0..size).map(|i| differences(|z| naive::activate(A::NAME, z)[i], &twin)).collect::<Vec<_>>();
                let dy = widen(&uniform(size, -1.0, 1.0, seed + 100));
                let slopes: Vec<f64> = (0..size).map(|j| (0..size).map(|i| dy[i] * want[i][j]).sum()).collect();
                let analytic: Vec<f32> = naive::chain_rule(A::NAME, &twin, &dy).iter().map(|d| *d as f32).collect();
                assert_close(&analytic, &slopes, 1e-7, &format!("the twin's slope of {}", A::NAME));
            }
        }
    }
}

/// The twins' own slopes, which other tests lean on.
#[test]
fn twins_of_activations() {
    for_each_activation(&mut Slopes);
}

/// Value and gradient of every loss.
struct Losses;

impl<const N: usize> LossVisitor<N> for Losses {
    fn visit<L: Loss<[f32; N], [f32; N]> + Default>(&mut self, stem: &'static str, outputs: Outputs, targets: Targets) {
        let what = format!("{stem}, {} on {N}", L::NAME);
        for seed in 0..20 {
            let (low, high) = if outputs == Outputs::Real { (-4.0, 4.0) } else { (0.02, 0.98) };
            let y: [f32; N] = uniform(N, low, high, seed).try_into().unwrap();
            let t = target::<N>(targets, seed + 50);
            let (y64, t64) = (widen(&y), naive_losses::targets(stem, L::NAME, &widen(&t)));
            let loss = L::default();
            let mut dy = [f32::NAN; N];
            let value = loss.gradient(&y, &t, 0.5, &mut dy);
            assert_eq!(value.to_bits(), loss.value(&y, &t).to_bits(), "{what}: the two values");
            assert_close(&[value], &[naive_losses::value(L::NAME, &y64, &t64)], 2e-6, &what);
            let want: Vec<f64> = naive_losses::gradient(L::NAME, &y64, &t64).iter().map(|d| 0.5 * d).collect();
            assert_close(&dy, &want, 5e-6, &format!("gradient of {what}"));
        }
    }
}

fn target<const N: usize>(kind: Targets, seed: u64) -> [f32; N] {
    let mut t: [f32; N] = uniform(N, 0.01, 1.0, seed).try_into().unwrap();
    let sum: f32 = t.iter().sum();
    match kind {
        Targets::Real => t.map(|t| 8.0 * t - 4.0),
        Targets::Probabilities => t,
        Targets::Distribution => t.map(|t| t / sum),
        Targets::OneHot => {
            t = [0.0; N];
            t[seed as usize % N] = 1.0;
            t
        }
    }
}

#[test]
fn losses() {
    fn run<const N: usize>() {
        for_each_loss::<N>(&mut Losses);
    }
    for_sizes!(run: 1 2 3 4 5 7 8 9 15 16 17 31 33);
}

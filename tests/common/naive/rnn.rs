//! Recurrent layers, by the formulas in the docs of Keras' `SimpleRNN`, `LSTM` and `GRU`. A sequence holds its steps one after
//! another.

use super::super::numbers::widen;
use super::random::{as_float, uniform};
use super::{Pass, Twin, Weights, activate, affine};
use baregrad::activations::Activation;
use baregrad::layers::rnn::*;
use baregrad::prelude::Sfc32;
use baregrad::tensor::Want;

/// The tensors of a layer with `n` numbers in its state: `w` is `[gate][in][out]`, `u` is `[gate][state in][out]`, and `b` is
/// `[row][out]`.
pub struct Tensors<'a> {
    pub w: &'a [f64],
    pub u: &'a [f64],
    pub b: &'a [f64],
    pub n: usize,
    /// What each gate sees of the state: a factor for each number, or none.
    pub factors: Vec<Vec<f64>>,
}

impl Tensors<'_> {
    fn bias(&self, row: usize) -> &[f64] {
        &self.b[row * self.n..][..self.n]
    }

    /// `x · w + b` of a gate.
    fn of_input(&self, gate: usize, x: &[f64]) -> Vec<f64> {
        let len = x.len() * self.n;
        affine(x, &self.w[gate * len..][..len], self.bias(gate))
    }

    /// `h · u` of a gate.
    fn of_state(&self, gate: usize, h: &[f64]) -> Vec<f64> {
        let len = self.n * self.n;
        let seen = self.factors.get(gate).map(|factors| product(h, factors));
        affine(seen.as_deref().unwrap_or(h), &self.u[gate * len..][..len], &vec![0.0; self.n])
    }

    /// The activation of the sum of both.
    fn gate(&self, name: &str, gate: usize, x: &[f64], h: &[f64]) -> Vec<f64> {
        activate(name, &sum(&self.of_input(gate, x), &self.of_state(gate, h)))
    }
}

fn sum(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

fn product(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a * b).collect()
}

/// `z · h + (1 − z) · n`.
fn mix(z: &[f64], h: &[f64], n: &[f64]) -> Vec<f64> {
    (0..z.len()).map(|i| z[i] * h[i] + (1.0 - z[i]) * n[i]).collect()
}

/// One step of a cell.
pub trait NaiveCell: RnnCell {
    /// The number of its states.
    const STATES: usize = 1;
    /// The states after a step: the output, and then the others.
    fn step(tensors: &Tensors<'_>, x: &[f64], states: &[f64]) -> Vec<f64>;
}

impl<A: Activation> NaiveCell for SimpleRnnCell<A> {
    fn step(tensors: &Tensors<'_>, x: &[f64], h: &[f64]) -> Vec<f64> {
        tensors.gate(A::NAME, 0, x, h)
    }
}

impl NaiveCell for LstmCell {
    const STATES: usize = 2;
    fn step(tensors: &Tensors<'_>, x: &[f64], states: &[f64]) -> Vec<f64> {
        let (h, c) = states.split_at(tensors.n);
        let [i, f, o] = [0, 1, 3].map(|gate| tensors.gate("sigmoid", gate, x, h));
        let c = sum(&product(&f, c), &product(&i, &tensors.gate("tanh", 2, x, h)));
        [product(&o, &activate("tanh", &c)), c].concat()
    }
}

/// The recurrent biases stand behind those of the inputs.
impl NaiveCell for GruCell {
    fn step(tensors: &Tensors<'_>, x: &[f64], h: &[f64]) -> Vec<f64> {
        let of_state = |gate| sum(&tensors.of_state(gate, h), tensors.bias(3 + gate));
        let [z, r] = [0, 1].map(|gate| activate("sigmoid", &sum(&tensors.of_input(gate, x), &of_state(gate))));
        let n = activate("tanh", &sum(&tensors.of_input(2, x), &product(&r, &of_state(2))));
        mix(&z, h, &n)
    }
}

impl NaiveCell for GruResetBeforeCell {
    fn step(tensors: &Tensors<'_>, x: &[f64], h: &[f64]) -> Vec<f64> {
        let [z, r] = [0, 1].map(|gate| tensors.gate("sigmoid", gate, x, h));
        mix(&z, h, &tensors.gate("tanh", 2, x, &product(&r, h)))
    }
}

impl<
    C: NaiveCell,
    const T: usize,
    const I: usize,
    const H: usize,
    R: Which,
    O: RnnOptions,
    const G: usize,
    const NB: usize,
    const CARRIED: usize,
    const LEARNT: usize,
> Twin<[[f32; I]; T]> for Rnn<C, [[f32; I]; T], [f32; H], R, O, G, NB, CARRIED, LEARNT>
{
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let [w, u, b] = [weights.of(&self.w), weights.of(&self.u), weights.of(&self.b)];
        let mut tensors = Tensors { w, u, b, n: H, factors: Vec::new() };
        let carried = widen(self.state.as_flattened());
        let first = [weights.of(&self.initial), &carried, &vec![0.0; C::STATES * H]].concat();
        let rate = f64::from(O::DROPPED) / 100.0;
        let factor = |rng: &mut Sfc32| if uniform(rng) < as_float(rate) { 0.0 } else { 1.0 / (1.0 - rate) };
        let sample = |x: &Vec<f64>| {
            if let (Some(rng), true) = (&mut pass.rng, rate > 0.0) {
                tensors.factors = (0..G).map(|_| (0..H).map(|_| factor(rng)).collect()).collect();
            }
            let x: Vec<&[f64]> = x.chunks(I).collect();
            let is_padding = |x: &&&[f64]| O::Masked::YES && x.iter().all(|x| *x == 0.0);
            let steps = T - x.iter().rev().take_while(is_padding).count();
            let (mut states, mut all) = (first[..C::STATES * H].to_vec(), vec![vec![0.0; H]; T]);
            for t in 0..steps {
                let t = if O::BACKWARDS { steps - 1 - t } else { t };
                states = C::step(&tensors, x[t], &states);
                all[t] = states[..H].to_vec();
            }
            if R::ALL.is_some() { all.concat() } else { states[..H].to_vec() }
        };
        x.iter().map(sample).collect()
    }
}

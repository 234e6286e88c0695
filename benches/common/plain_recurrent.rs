//! Recurrent layers as [`plain`] has dense layers: an LSTM is a dense layer of the input and the state together, a GRU two
//! dense layers. Weights are those of baregrad's layers.

use super::nets::{Gated, Memory};
use super::plain::{Dense, Trained, adam_rate, identity, sigmoid, softmax};
use baregrad::prelude::*;
use std::array::from_fn;

/// Numbers in a state.
const H: usize = 32;
/// Steps of a sequence.
const T: usize = 64;
type State = [f32; H];

/// Weights `[gate][in][out]` as rows of all gates.
fn rows<const G: usize, const I: usize, const N: usize>(w: &[[[f32; H]; I]; G]) -> [[f32; N]; I] {
    from_fn(|i| from_fn(|n| w[n / H][i][n % H]))
}

/// Input and state side by side.
fn joined<const I: usize, const K: usize>(x: &[f32; I], h: &State) -> [f32; K] {
    from_fn(|k| if k < I { x[k] } else { h[k - I] })
}

/// A recurrent layer of `I` inputs, with what it takes to train it.
pub trait Plain<const I: usize> {
    /// What it keeps of a step.
    type Kept: Copy;
    /// What it knows of the steps before: the state comes first.
    type States: Copy;
    const START: Self::States;
    fn h(states: &Self::States) -> &State;
    fn forward(&self, x: &[f32; I], states: &mut Self::States) -> Self::Kept;
    /// `dh` becomes the gradient of the state before the step; `dc` belongs to an LSTM.
    fn backward(&mut self, kept: &Self::Kept, dh: &mut State, dc: &mut State);
    fn adam(&mut self, rate: f32);
}

/// `K` is `I + 32`.
pub struct PlainLstm<const K: usize>(Box<Trained<K, 128>>);

impl<const K: usize> PlainLstm<K> {
    pub fn new<const I: usize>(w: &[[[f32; H]; I]; 4], u: &[[[f32; H]; H]; 4], b: &[State; 4]) -> Self {
        let (w, u): ([[f32; 128]; I], [[f32; 128]; H]) = (rows(w), rows(u));
        let w = from_fn(|k| if k < I { w[k] } else { u[k - I] });
        PlainLstm(Box::new(Trained::new(w, from_fn(|n| b[n / H][n % H]))))
    }
}

impl<const I: usize, const K: usize> Plain<I> for PlainLstm<K> {
    /// Input and state, gates, c before and after the step.
    type Kept = ([f32; K], [State; 4], State, State);
    type States = (State, State);
    const START: Self::States = ([0.0; H], [0.0; H]);

    fn h((h, _): &Self::States) -> &State {
        h
    }

    fn forward(&self, x: &[f32; I], (h, c): &mut Self::States) -> Self::Kept {
        let (x, mut z, before) = (joined(x, h), [0.0; 128], *c);
        self.0.net.forward(&x, &mut z, identity);
        let mut gates = [[0.0; H]; 4];
        for n in 0..H {
            let [i, f, g, o] = [sigmoid(z[n]), sigmoid(z[H + n]), z[2 * H + n].tanh(), sigmoid(z[3 * H + n])];
            (gates[0][n], gates[1][n], gates[2][n], gates[3][n]) = (i, f, g, o);
            c[n] = f * c[n] + i * g;
            h[n] = o * c[n].tanh();
        }
        (x, gates, before, *c)
    }

    fn backward(&mut self, (x, [i, f, g, o], before, c): &Self::Kept, dh: &mut State, dc: &mut State) {
        let (mut dz, mut dx) = ([0.0; 128], [0.0; K]);
        for n in 0..H {
            let t = c[n].tanh();
            let d = dc[n] + dh[n] * o[n] * (1.0 - t * t);
            dz[n] = d * g[n] * i[n] * (1.0 - i[n]);
            dz[H + n] = d * before[n] * f[n] * (1.0 - f[n]);
            dz[2 * H + n] = d * i[n] * (1.0 - g[n] * g[n]);
            dz[3 * H + n] = dh[n] * t * o[n] * (1.0 - o[n]);
            dc[n] = d * f[n];
        }
        self.0.net.backward(x, &dz, Some(&mut dx), &mut self.0.grad);
        *dh = from_fn(|n| dx[I + n]);
    }

    fn adam(&mut self, rate: f32) {
        self.0.adam(rate);
    }
}

/// The products of the input and of the state.
pub struct PlainGru<const I: usize>(Box<(Trained<I, 96>, Trained<H, 96>)>);

impl<const I: usize> PlainGru<I> {
    pub fn new(w: &[[[f32; H]; I]; 3], u: &[[[f32; H]; H]; 3], b: &[State; 6]) -> Self {
        let bias = |first: usize| from_fn(|n| b[first + n / H][n % H]);
        PlainGru(Box::new((Trained::new(rows(w), bias(0)), Trained::new(rows(u), bias(3)))))
    }
}

impl<const I: usize> Plain<I> for PlainGru<I> {
    /// Input, state before the step, z, r, n, and the product of the state for n.
    type Kept = ([f32; I], State, [State; 4]);
    type States = State;
    const START: State = [0.0; H];

    fn h(h: &State) -> &State {
        h
    }

    fn forward(&self, x: &[f32; I], h: &mut State) -> Self::Kept {
        let (mut a, mut b, before) = ([0.0; 96], [0.0; 96], *h);
        self.0.0.net.forward(x, &mut a, identity);
        self.0.1.net.forward(h, &mut b, identity);
        let mut gates = [[0.0; H]; 4];
        for i in 0..H {
            let (z, r) = (sigmoid(a[i] + b[i]), sigmoid(a[H + i] + b[H + i]));
            let n = (a[2 * H + i] + r * b[2 * H + i]).tanh();
            (gates[0][i], gates[1][i], gates[2][i], gates[3][i]) = (z, r, n, b[2 * H + i]);
            h[i] = z * h[i] + (1.0 - z) * n;
        }
        (*x, before, gates)
    }

    fn backward(&mut self, (x, before, [z, r, n, q]): &Self::Kept, dh: &mut State, _: &mut State) {
        let (mut da, mut db, mut dx) = ([0.0; 96], [0.0; 96], [0.0; H]);
        for i in 0..H {
            let dn = dh[i] * (1.0 - z[i]) * (1.0 - n[i] * n[i]);
            let dz = dh[i] * (before[i] - n[i]) * z[i] * (1.0 - z[i]);
            let dr = dn * q[i] * r[i] * (1.0 - r[i]);
            (da[i], da[H + i], da[2 * H + i]) = (dz, dr, dn);
            (db[i], db[H + i], db[2 * H + i]) = (dz, dr, dn * r[i]);
            dh[i] *= z[i];
        }
        let (of_x, of_h) = &mut *self.0;
        of_x.net.backward(x, &da, None, &mut of_x.grad);
        of_h.net.backward(before, &db, Some(&mut dx), &mut of_h.grad);
        for i in 0..H {
            dh[i] += dx[i];
        }
    }

    fn adam(&mut self, rate: f32) {
        self.0.0.adam(rate);
        self.0.1.adam(rate);
    }
}

/// A recurrent layer on a stream, with a dense layer after it.
pub struct PlainStream<L: Plain<1>> {
    layer: L,
    last: Dense<H, 1>,
    states: L::States,
}

impl<L: Plain<1>> PlainStream<L> {
    pub fn new<A>(layer: L, last: &baregrad::layers::Dense<H, 1, A>) -> Self {
        PlainStream { layer, last: Dense { w: last.w, b: last.b }, states: L::START }
    }

    pub fn push(&mut self, x: &[f32; 1]) -> [f32; 1] {
        let mut y = [0.0];
        self.layer.forward(x, &mut self.states);
        self.last.forward(L::h(&self.states), &mut y, identity);
        y
    }
}

/// The nets of rows R3 and R4 with what it takes to train them.
pub struct PlainSequences<L> {
    layer: L,
    last: Trained<H, 6>,
    step: i32,
}

impl PlainSequences<PlainGru<6>> {
    pub fn gated(Chain(layer, last): &Gated) -> Self {
        let layer = PlainGru::new(&layer.w, &layer.u, &layer.b);
        PlainSequences { layer, last: Trained::new(last.w, last.b), step: 0 }
    }
}

impl PlainSequences<PlainLstm<38>> {
    pub fn memory(Chain(layer, last): &Memory) -> Self {
        let layer = PlainLstm::new(&layer.w, &layer.u, &layer.b);
        PlainSequences { layer, last: Trained::new(last.w, last.b), step: 0 }
    }
}

impl<L: Plain<6>> PlainSequences<L> {
    /// A step of Adam.
    pub fn step(&mut self, x: &[Sequence<T, 6>], targets: &[u8]) -> f32 {
        let (mut loss, mut kept) = (0.0, Vec::with_capacity(T));
        for (x, target) in x.iter().zip(targets) {
            let (mut states, mut y, mut dh, mut dc) = (L::START, [0.0; 6], [0.0; H], [0.0; H]);
            kept.clear();
            for x in x {
                kept.push(self.layer.forward(x, &mut states));
            }
            self.last.net.forward(L::h(&states), &mut y, identity);
            softmax(&mut y);
            loss -= y[usize::from(*target)].ln() / targets.len() as f32;
            y[usize::from(*target)] -= 1.0;
            let dz = y.map(|y| y / targets.len() as f32);
            self.last.net.backward(L::h(&states), &dz, Some(&mut dh), &mut self.last.grad);
            for kept in kept.iter().rev() {
                self.layer.backward(kept, &mut dh, &mut dc);
            }
        }
        self.step += 1;
        let rate = adam_rate(self.step);
        self.layer.adam(rate);
        self.last.adam(rate);
        loss
    }
}

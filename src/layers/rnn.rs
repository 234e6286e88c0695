//! Recurrent layers: what all of them have in common.

use crate::kernels::elementwise;
use crate::kernels::lanes::NATIVE;
use crate::kernels::matmul::{column_sums, input_gradient, weight_gradient};
use crate::kernels::recurrent::{self, Cell, Memory, Weights};
use crate::kernels::reduce::absolute_sum;
use crate::net::{Backward, Layer, LayerInfo, Mode, Network, samples, samples_mut};
use crate::tensor::{Architecture, No, Places, Sink, Sinks, Tensor, Want, Zero, batch, copy, front, front_mut, length};
use crate::{leaf, params};
use core::marker::PhantomData;

mod dropping;
mod options;
mod orthogonal_gates;
mod shape;
mod stream;
mod trace;

pub use super::bidirectional::Reverse;
pub use super::gru::GruCell;
pub use super::gru_reset_before::GruResetBeforeCell;
pub use super::lstm::LstmCell;
pub use super::simple_rnn::SimpleRnnCell;
pub use dropping::Dropping;
pub use options::{Backwards, Masked, RecurrentDropout, RnnOptions};
use orthogonal_gates::OrthogonalGates;
pub use shape::{All, Last, Returned, State, Which};
pub use stream::RnnMemory;
pub use trace::RnnTrace;
use trace::{rows, rows_mut};

/// The mathematics and the memory of a recurrent layer.
pub trait RnnCell: Cell {
    /// The layer's name in Keras.
    const NAME: &'static str;
    /// Its words in the text of a net's [`Architecture`].
    const ARCHITECTURE: Architecture;
    /// The activation's name in Keras, for a [`summary`](crate::Summary).
    const ACTIVATION: &'static str = "tanh";
    /// The row of biases that starts at 1, if there is one.
    const ONES: Option<usize> = None;
    /// Whether a state can be larger than 1, and so the gradient of the weights larger than the gradients of the gates.
    const UNBOUNDED: bool = false;
    /// One `R` per slot of a step.
    type Slots<R: Tensor>: Tensor;
    /// The same, and two more per gate, for a [`RecurrentDropout`].
    type Dropping<R: Tensor>: Tensor;
    /// One `R` per state.
    type States<R: Tensor>: Tensor;
}

/// A recurrent layer with the cell `C`: Keras' `RNN(cell)`. [`Gru`](super::Gru), [`GruResetBefore`](super::GruResetBefore),
/// [`Lstm`](super::Lstm) and [`SimpleRnn`](super::SimpleRnn) are its names for users. Their pages have the formulas.
///
/// It takes `X`, a [`Sequence`](crate::tensor::Sequence) of `T` steps of `I` numbers, and has a state `S` of `H` numbers.
pub struct Rnn<
    C,
    X: Places,
    S: State,
    R,
    O,
    const G: usize,
    const NB: usize,
    const CARRIED: usize = 0,
    const LEARNT: usize = 0,
> {
    /// Weights of the inputs, `[gate][in][out]`.
    pub w: [X::PerChannel<S>; G],
    /// Weights of the state, `[gate][in][out]`.
    pub u: [S::Each<S>; G],
    /// Biases.
    pub b: [S; NB],
    /// The states before the first step, if they are learnt.
    pub initial: [S; LEARNT],
    /// The states before the first step, if windows carry on with the states after the last window.
    pub state: [S; CARRIED],
    kind: PhantomData<fn() -> (C, X, R, O)>,
}

params! {
    [C: RnnCell, const T: usize, const I: usize, const H: usize, R: Which, O: RnnOptions, const G: usize, const NB: usize, const CARRIED: usize, const LEARNT: usize]
    Rnn<C, [[f32; I]; T], [f32; H], R, O, G, NB, CARRIED, LEARNT>, C::NAME,
    C::ARCHITECTURE.size(I).size(H).size(LEARNT).then(if O::BACKWARDS { Architecture::NONE.word("backwards") } else { Architecture::NONE }).end();
    trained w: [[[f32; H]; I]; G] = [[[0.0; H]; I]; G], drawn(I, G * H);
    trained u: [[[f32; H]; H]; G] = [[[0.0; H]; H]; G], drawn(G * H, H) by OrthogonalGates;
    trained b: [[f32; H]; NB] = first_biases::<C, NB, H>();
    trained initial: [[f32; H]; LEARNT] = [[0.0; H]; LEARNT];
    carried state: [[f32; H]; CARRIED] = [[0.0; H]; CARRIED];
    settle([[f32; H]; CARRIED], Self::carry_on);
    fixed kind = { let () = Self::FITS; PhantomData };
}

const fn first_biases<C: RnnCell, const NB: usize, const H: usize>() -> [[f32; H]; NB] {
    let mut biases = [[0.0; H]; NB];
    if let Some(row) = C::ONES {
        biases[row] = [1.0; H];
    }
    biases
}

impl<
    C: RnnCell,
    const T: usize,
    const I: usize,
    const H: usize,
    R: Which,
    O: RnnOptions,
    const G: usize,
    const NB: usize,
    const CARRIED: usize,
    const LEARNT: usize,
> Rnn<C, [[f32; I]; T], [f32; H], R, O, G, NB, CARRIED, LEARNT>
{
    const FITS: () = {
        let _ = (O::DROPPED, <O::Cell<C>>::RESET);
        let fits = match R::ALL {
            Some(steps) => steps == T,
            None => true,
        };
        assert!(fits, "a recurrent layer gives one state for each step, or the last state");
    };

    /// Forgets the states that windows carry on with: Keras' `reset_states`.
    pub fn reset_states(&mut self) {
        self.state = [[0.0; H]; CARRIED];
    }

    fn carry_on(&mut self, states: &[[f32; H]; CARRIED]) {
        self.state = *states;
    }

    #[inline(always)]
    fn weights(&self) -> Weights<'_, G, NB, I, H> {
        Weights { w: &self.w, u: &self.u, b: &self.b }
    }

    /// Returns a state before the first step.
    #[inline(always)]
    fn first(&self, state: usize) -> [f32; H] {
        self.state.get(state).or(self.initial.get(state)).copied().unwrap_or([0.0; H])
    }

    /// Sets the states of one sample to those before the first step.
    #[inline(always)]
    fn begin(&self, states: &mut C::States<[f32; H]>) {
        for (k, state) in rows_mut(states).iter_mut().enumerate() {
            *state = self.first(k);
        }
    }

    /// Takes one step.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn advance(&self, states: &mut C::States<[f32; H]>, x: &[f32; I]) {
        let mut slots = C::Slots::<[f32; H]>::ZERO;
        let mut memory = Memory { slots: rows_mut(&mut slots), before: &mut [], states: rows_mut(states), capacity: 1 };
        recurrent::single::<C, G, NB, I, H>(self.weights(), x, &mut memory);
    }
}

/// Number of steps whose gradients are computed at once.
const AT_ONCE: usize = if NATIVE > 1 { 16 } else { 1 };

impl<
    C: RnnCell,
    const T: usize,
    const I: usize,
    const H: usize,
    R: Which,
    O: RnnOptions,
    const G: usize,
    const NB: usize,
    const CARRIED: usize,
    const LEARNT: usize,
> Layer<[[f32; I]; T]> for Rnn<C, [[f32; I]; T], [f32; H], R, O, G, NB, CARRIED, LEARNT>
{
    type Y = R::Y<T, H>;
    type Trace<const B: usize, W: Want> = RnnTrace<O::Cell<C>, O, T, H, G, CARRIED, B>;
    type Held<const B: usize> = <O::Drops as Want>::Of<Self::Trace<B, No>>;
    leaf!(@common [[f32; I]; T]);

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn infer(&self, x: &[[[f32; I]; T]], y: &mut [Self::Y], _: &mut [f32]) {
        for (x, y) in x.iter().zip(y) {
            let (steps, y) = (if O::Masked::YES { length(x) } else { T }, rows_mut(y));
            let mut states = C::States::<[f32; H]>::ZERO;
            self.begin(&mut states);
            y.fill([0.0; H]);
            for i in 0..steps {
                let t = if O::BACKWARDS { steps - 1 - i } else { i };
                let Some(x) = x.get(t) else { break };
                self.advance(&mut states, x);
                if let (true, Some(y), Some(state)) = (R::ALL.is_some(), y.get_mut(t), rows(&states).first()) {
                    *y = *state;
                }
            }
            if let (false, Some(y), Some(state)) = (R::ALL.is_some(), y.first_mut(), rows(&states).first()) {
                *y = *state;
            }
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[[[f32; I]; T]],
        y: &mut [Self::Y],
        trace: &mut Self::Trace<B, W>,
        mode: Mode<'_>,
    ) {
        const { assert!(CARRIED == 0 || B == 1, "a layer that carries its state trains on one stream: BATCH is 1") };
        if let Some(lengths) = O::Masked::get_mut::<[f32; B]>(&mut trace.lengths) {
            lengths.iter_mut().zip(x).for_each(|(steps, x)| *steps = length(x) as f32);
            y.iter_mut().for_each(|y| *y = Zero::ZERO);
        }
        for (i, state) in rows_mut(&mut trace.states).iter_mut().enumerate() {
            *state = self.first(i / B);
        }
        if O::Drops::YES {
            trace.draw(x.len(), mode);
        }
        let y = <[f32; H]>::from_flat_mut(Self::Y::flat_all_mut(y));
        let (all, last): (&mut [_], &mut [_]) = if R::ALL.is_some() { (y, &mut []) } else { (&mut [], y) };
        let (mut memory, order, _) = trace.open();
        recurrent::forward::<O::Cell<C>, G, NB, I, H>(self.weights(), x.as_flattened(), all, &mut memory, &order);
        copy(memory.states, last);
        copy(rows(&trace.states), &mut trace.carried);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn cross<const B: usize>(
        &self,
        x: Option<&[[[f32; I]; T]]>,
        count: usize,
        p: &mut [f32],
        q: &mut [f32],
        held: &mut Self::Held<B>,
        mode: Mode<'_>,
    ) {
        let (x, y) = (x.unwrap_or(samples(q, count)), samples_mut(p, count));
        match O::Drops::get_mut::<Self::Trace<B, No>>(held) {
            Some(trace) => self.forward::<B, No>(x, y, trace, mode),
            None => self.infer(x, y, &mut []),
        }
    }

    #[inline(always)]
    fn statistics<const B: usize, W: Want>(trace: &Self::Trace<B, W>) -> Self::Statistics {
        trace.carried
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        let info = LayerInfo::of::<Self, Self::Y>(C::NAME, C::ACTIVATION);
        visit(LayerInfo { operations: T * G * H * (I + H), ..info });
    }
}

impl<
    C: RnnCell,
    const T: usize,
    const I: usize,
    const H: usize,
    R: Which,
    O: RnnOptions,
    const G: usize,
    const NB: usize,
    const CARRIED: usize,
    const LEARNT: usize,
> Backward<[[f32; I]; T]> for Rnn<C, [[f32; I]; T], [f32; H], R, O, G, NB, CARRIED, LEARNT>
{
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[[[f32; I]; T]],
        _: &[Self::Y],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [Self::Y],
        dx: Option<&mut [[[f32; I]; T]]>,
    ) {
        let dy = <[f32; H]>::from_flat_mut(Self::Y::flat_all_mut(dy));
        let (mut memory, order, turned) = trace.open();
        recurrent::backward::<O::Cell<C>, G, H>(&self.u, turned, dy, x.len(), &mut memory, &order);
        // A first state can be larger than 1, too.
        if C::UNBOUNDED || CARRIED + LEARNT > 0 {
            trace.widen(dy, R::ALL.is_some());
        }
        let Some(dx) = dx else { return };
        let (count, dx) = (x.len() * T, dx.as_flattened_mut());
        dx.fill([0.0; I]);
        for (g, w) in self.w.iter().enumerate() {
            let mut dz = trace.slot(g, count);
            let mut dx = &mut *dx;
            while let Some((dz, dx)) = batch(&mut dz, &mut dx, AT_ONCE) {
                let mut part = [[0.0; I]; AT_ONCE];
                let part = front_mut(&mut part, dx.len());
                input_gradient(dz, w, part);
                elementwise::add(part.as_flattened(), dx.as_flattened_mut());
            }
        }
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn gradient<const B: usize, W: Want, Kind: Sinks>(
        x: &[[[f32; I]; T]],
        _: &[Self::Y],
        trace: &Self::Trace<B, W>,
        _: &[Self::Y],
        (w, u, b, initial): &mut Self::To<Kind>,
    ) {
        let (x, samples, count) = (x.as_flattened(), x.len(), x.len() * T);
        let before = front(trace.before.as_flattened(), count);
        for g in 0..G {
            weight_gradient(x, trace.slot(g, count), |first, rows| {
                w.add((g * I + first) * H, rows.as_flattened().into());
            });
            let slot = C::OF_STATE.get(g).copied().unwrap_or(g);
            let input = match <O::Cell<C>>::RESET {
                Some((first, reset)) if g >= first => trace.slot(reset + g - first, count),
                _ => before,
            };
            weight_gradient(input, trace.slot(slot, count), |first, rows| {
                u.add((g * H + first) * H, rows.as_flattened().into());
            });
        }
        for (row, slot) in C::OF_BIAS.iter().enumerate() {
            b.add(row * H, (&column_sums(trace.slot(*slot, count))).into());
        }
        for k in 0..LEARNT {
            let of_first: &[[f32; H]] = front(rows(&trace.states).get(k * B..).unwrap_or_default(), samples);
            initial.add(k * H, (&column_sums(of_first)).into());
        }
    }

    #[inline(always)]
    fn bound(x: &[[[f32; I]; T]], dz: &[Self::Y]) -> f32 {
        (1e4 + absolute_sum(<[[f32; I]; T]>::flat_all(x))) * absolute_sum(Self::Y::flat_all(dz))
    }
}

impl<
    C: RnnCell,
    const T: usize,
    const I: usize,
    const H: usize,
    R: Which,
    O: RnnOptions,
    const G: usize,
    const NB: usize,
    const CARRIED: usize,
    const LEARNT: usize,
> Network for Rnn<C, [[f32; I]; T], [f32; H], R, O, G, NB, CARRIED, LEARNT>
{
    type Input = [[f32; I]; T];
}

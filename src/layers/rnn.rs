//! Recurrent layers: what all of them have in common.

use crate::kernels::elementwise;
use crate::kernels::lanes::NATIVE;
use crate::kernels::matmul::{column_sums, input_gradient, weight_gradient};
use crate::kernels::recurrent::{self, Cell, Memory, Order, Weights};
use crate::kernels::reduce::absolute_sum;
use crate::net::{Backward, Layer, LayerInfo, Mode, Network, StreamLayer};
use crate::tensor::init::Orthogonal;
use crate::tensor::{
    Architecture, No, Places, Sink, Sinks, Steps, Tensor, Want, Yes, Zero, batch, copy, front, front_mut, zeros,
};
use crate::{leaf, params};
use core::array::from_ref;
use core::marker::PhantomData;

pub use super::gru::GruCell;
pub use super::lstm::LstmCell;
pub use super::simple_rnn::SimpleRnnCell;

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
    /// One `R` per state.
    type States<R: Tensor>: Tensor;
}

/// What a recurrent layer gives: the states after all steps ([`All`]), or the last one ([`Last`]).
pub trait Returned: Steps {
    /// The state.
    type State: Tensor;
    /// Which states it gives.
    type Which: Which;
}

/// Which states a recurrent layer gives, of `T` steps with `H` numbers.
pub trait Which: 'static {
    /// The output.
    type Y<const T: usize, const H: usize>: Steps<Step = [f32; H]>;
    /// The number of states, if it gives the state after each step.
    const ALL: Option<usize>;
}

/// The states after all `T` steps: Keras' `return_sequences=True`.
pub struct All<const T: usize>;

/// The state after the last step.
pub struct Last;

impl<const N: usize> Which for All<N> {
    type Y<const T: usize, const H: usize> = [[f32; H]; T];
    const ALL: Option<usize> = Some(N);
}

impl Which for Last {
    type Y<const T: usize, const H: usize> = [f32; H];
    const ALL: Option<usize> = None;
}

impl<const T: usize, const H: usize> Returned for [[f32; H]; T] {
    type State = [f32; H];
    type Which = All<T>;
}

impl<const H: usize> Returned for [f32; H] {
    type State = [f32; H];
    type Which = Last;
}

/// The state of a recurrent layer.
pub trait State: Tensor {
    /// One `T` for each number.
    type Each<T: Tensor>: Tensor;
}

impl<const H: usize> State for [f32; H] {
    type Each<T: Tensor> = [T; H];
}

/// Options of a recurrent layer: `()`, [`Masked`], [`Backwards`], or a pair of them.
pub trait RnnOptions: 'static {
    /// Whether sequences may have padding.
    type Masked: Want;
    /// Whether the last step comes first.
    const BACKWARDS: bool = false;
}

/// Sequences have different lengths: a step is padding if all its numbers, and those of all later steps, are 0. Padding does not
/// change the state, the output for it is 0, and it has no gradient. So the padding passes through several such layers.
/// This is Keras' `Masking(mask_value=0.0)` before the layer, with padding at the end, and its `zero_output_for_mask=True`.
///
/// On a stream there is no padding.
pub struct Masked;

/// The steps come in the order from the last to the first: Keras' `go_backwards=True`. Unlike there, the output for a step
/// stays at its place.
pub struct Backwards;

impl RnnOptions for () {
    type Masked = No;
}

impl RnnOptions for Masked {
    type Masked = Yes;
}

impl RnnOptions for Backwards {
    type Masked = No;
    const BACKWARDS: bool = true;
}

impl<A: RnnOptions, B: RnnOptions> RnnOptions for (A, B) {
    type Masked = <A::Masked as Want>::Or<B::Masked>;
    const BACKWARDS: bool = A::BACKWARDS || B::BACKWARDS;
}

/// A recurrent layer with the cell `C`: Keras' `RNN(cell)`. [`Gru`](super::Gru), [`Lstm`](super::Lstm) and
/// [`SimpleRnn`](super::SimpleRnn) are its names for users. Their pages have the formulas.
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
    C::ARCHITECTURE.size(I).size(H).size(LEARNT).end();
    trained w: [[[f32; H]; I]; G] = [[[0.0; H]; I]; G], drawn(I, G * H);
    trained u: [[[f32; H]; H]; G] = [[[0.0; H]; H]; G], drawn(G * H, H) by Orthogonal::default();
    trained b: [[f32; H]; NB] = first_biases::<C, NB, H>();
    trained initial: [[f32; H]; LEARNT] = [[0.0; H]; LEARNT];
    kept state: [[f32; H]; CARRIED] = [[0.0; H]; CARRIED];
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

/// What the way back needs, for `B` samples.
pub struct RnnTrace<
    C: RnnCell,
    O: RnnOptions,
    const T: usize,
    const H: usize,
    const G: usize,
    const N: usize,
    const B: usize,
> {
    slots: C::Slots<[[[f32; H]; T]; B]>,
    before: [[[f32; H]; T]; B],
    states: C::States<[[f32; H]; B]>,
    /// The transposed weights of the state, where there are vectors.
    turned: <Turned as Want>::Of<[[[f32; H]; H]; G]>,
    lengths: <O::Masked as Want>::Of<[f32; B]>,
    /// The states after the last step.
    carried: [[f32; H]; N],
}

zeros!(impl [C: RnnCell, O: RnnOptions, const T: usize, const H: usize, const G: usize, const N: usize, const B: usize] RnnTrace<C, O, T, H, G, N, B> { slots, before, states, turned, lengths, carried });

impl<C: RnnCell, O: RnnOptions, const T: usize, const H: usize, const G: usize, const N: usize, const B: usize>
    RnnTrace<C, O, T, H, G, N, B>
{
    /// Returns the memory of the loops over time, the order of the steps, and the room for transposed weights.
    #[inline(always)]
    fn open(&mut self) -> (Memory<'_, H>, Order<'_>, Option<&mut [[[f32; H]; H]; G]>) {
        let lengths = O::Masked::get::<[f32; B]>(&self.lengths).map(|lengths| &lengths[..]);
        let order = Order { steps: T, backwards: O::BACKWARDS, lengths };
        let (slots, states) = (rows_mut(&mut self.slots), rows_mut(&mut self.states));
        let memory = Memory { slots, before: self.before.as_flattened_mut(), states, capacity: B };
        (memory, order, Turned::get_mut::<[[[f32; H]; H]; G]>(&mut self.turned))
    }

    /// Returns the first rows of a slot.
    #[inline(always)]
    fn slot(&self, slot: usize, count: usize) -> &[[f32; H]] {
        front(rows(&self.slots).get(slot * B * T..).unwrap_or_default(), count)
    }

    /// Multiplies the sizes of the gradients by those of the states.
    fn widen(&self, dy: &mut [[f32; H]], all: bool) {
        for (b, before) in self.before.iter().enumerate() {
            for (t, before) in before.iter().enumerate() {
                if let Some(dy) = dy.get_mut(if all { b * T + t } else { b }) {
                    let size = 1.0 + absolute_sum(before);
                    dy.iter_mut().for_each(|dy| *dy *= size);
                }
            }
        }
    }
}

/// Number of steps whose gradients are computed at once.
const AT_ONCE: usize = if NATIVE > 1 { 16 } else { 1 };

/// Whether products with transposed weights need a transposed copy: where there are vectors.
#[cfg(any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128"))]
type Turned = Yes;
#[cfg(not(any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128")))]
type Turned = No;

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
    #[inline(always)]
    fn advance(&self, states: &mut C::States<[f32; H]>, x: &[f32; I]) {
        let mut slots = C::Slots::<[f32; H]>::ZERO;
        let mut memory = Memory { slots: rows_mut(&mut slots), before: &mut [], states: rows_mut(states), capacity: 1 };
        recurrent::forward::<C, G, NB, I, H>(self.weights(), from_ref(x), &mut [], &mut memory, &Order::ONE);
    }
}

/// Returns the rows of `H` numbers of which a tensor consists.
#[inline(always)]
fn rows<T: Tensor, const H: usize>(tensor: &T) -> &[[f32; H]] {
    <[f32; H]>::from_flat(tensor.flat())
}

#[inline(always)]
fn rows_mut<T: Tensor, const H: usize>(tensor: &mut T) -> &mut [[f32; H]] {
    <[f32; H]>::from_flat_mut(tensor.flat_mut())
}

/// Number of steps without the padding at the end.
fn length<const I: usize>(x: &[[f32; I]]) -> usize {
    x.iter().rposition(|x| x.iter().any(|x| *x != 0.0)).map_or(0, |last| last + 1)
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
> Layer<[[f32; I]; T]> for Rnn<C, [[f32; I]; T], [f32; H], R, O, G, NB, CARRIED, LEARNT>
{
    type Y = R::Y<T, H>;
    type Trace<const B: usize, W: Want> = RnnTrace<C, O, T, H, G, CARRIED, B>;
    leaf!([[f32; I]; T]);

    #[inline(always)]
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

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[[[f32; I]; T]],
        y: &mut [Self::Y],
        trace: &mut Self::Trace<B, W>,
        _: Mode<'_>,
    ) {
        const { assert!(CARRIED == 0 || B == 1, "a layer that carries its state trains on one stream: BATCH is 1") };
        if let Some(lengths) = O::Masked::get_mut::<[f32; B]>(&mut trace.lengths) {
            lengths.iter_mut().zip(x).for_each(|(steps, x)| *steps = length(x) as f32);
            y.iter_mut().for_each(|y| *y = Zero::ZERO);
        }
        for (i, state) in rows_mut(&mut trace.states).iter_mut().enumerate() {
            *state = self.first(i / B);
        }
        let y = <[f32; H]>::from_flat_mut(Self::Y::flat_all_mut(y));
        let (all, last): (&mut [_], &mut [_]) = if R::ALL.is_some() { (y, &mut []) } else { (&mut [], y) };
        let (mut memory, order, _) = trace.open();
        recurrent::forward::<C, G, NB, I, H>(self.weights(), x.as_flattened(), all, &mut memory, &order);
        copy(memory.states, last);
        copy(rows(&trace.states), &mut trace.carried);
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
    #[inline(always)]
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
        recurrent::backward::<C, G, H>(&self.u, turned, dy, x.len(), &mut memory, &order);
        if C::UNBOUNDED {
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

    #[inline(always)]
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
            weight_gradient(before, trace.slot(slot, count), |first, rows| {
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

/// The memory of a recurrent layer on a stream: its states.
pub struct RnnMemory<S> {
    states: S,
    /// Whether a step has come.
    begun: bool,
}

zeros!(impl [S: Zero] RnnMemory<S> { states, begun });

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
> StreamLayer<[[f32; I]; T]> for Rnn<C, [[f32; I]; T], [f32; H], R, O, G, NB, CARRIED, LEARNT>
{
    type Memory = RnnMemory<C::States<[f32; H]>>;
    // The last state of a window is known with its last step.
    const DELAY: usize = {
        assert!(!O::BACKWARDS, "a stream does not know its end, so no layer can run backwards on it");
        if R::ALL.is_some() { 0 } else { T - 1 }
    };
    const HOP: usize = 1;

    #[inline(always)]
    fn step(&self, memory: &mut Self::Memory, x: &[f32; I]) -> Option<[f32; H]> {
        if !memory.begun {
            self.begin(&mut memory.states);
            memory.begun = true;
        }
        self.advance(&mut memory.states, x);
        rows(&memory.states).first().copied()
    }
}

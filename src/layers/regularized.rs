use super::Dense;
use crate::activations::Activation;
use crate::kernels::elementwise::{self, Zip};
use crate::kernels::update::Gradient;
use crate::kernels::{Lanes, matmul, reduce};
use crate::leaf;
use crate::net::{Backward, Layer, LayerInfo, Mode, Network, values};
use crate::tensor::{
    Architecture, Bytes, FromBytes, Leaf, Optimizer, Params, Sink, Sinks, Sums, Updates, Want, Window, Yes,
};
use core::marker::PhantomData;

/// A dense layer that adds to the loss a penalty on its weights `w`, but not on its biases: Keras' `kernel_regularizer`.
///
/// ```
/// use baregrad::prelude::*;
/// // Dense(32, activation="relu", kernel_regularizer=L2(1e-4)), Dense(10)
/// type Net = chain![Regularized<Dense<64, 32, Relu>, L2<100>>, Dense<32, 10>];
/// let mut net = Net::NEW;
/// net.0.layer.w[0][0] = 3.0;
/// assert!((net.penalty() - 1e-4 * 9.0).abs() < 1e-9);
/// ```
///
/// The losses of training and evaluation include the penalty, as in Keras. So does the gradient that is clipped.
pub struct Regularized<L, P> {
    /// The layer.
    pub layer: L,
    penalty: PhantomData<fn() -> P>,
}

impl<L, P> Regularized<L, P> {
    /// Wraps a layer.
    pub const fn new(layer: L) -> Self {
        Regularized { layer, penalty: PhantomData }
    }
}

/// A penalty on weights, `L1 · Σ |w| + L2 · Σ w²`. A type of your own can have any factors.
pub trait Penalty: 'static {
    /// The factor of the absolute values.
    const L1: f32 = 0.0;
    /// The factor of the squares.
    const L2: f32 = 0.0;
}

/// `Σ |w|` times this many millionths: `L1<10_000>` is Keras' default `L1(0.01)`.
pub struct L1<const MILLIONTHS: u32>;

/// `Σ w²` times this many millionths: `L2<10_000>` is Keras' default `L2(0.01)`. In PyTorch, a `weight_decay` of the same
/// size counts half as much.
pub struct L2<const MILLIONTHS: u32>;

/// Both penalties, each with its factor in millionths.
pub struct L1L2<const MILLIONTHS_1: u32, const MILLIONTHS_2: u32>;

const MILLIONTH: f64 = 1e-6;

impl<const MILLIONTHS: u32> Penalty for L1<MILLIONTHS> {
    const L1: f32 = (MILLIONTHS as f64 * MILLIONTH) as f32;
}

impl<const MILLIONTHS: u32> Penalty for L2<MILLIONTHS> {
    const L2: f32 = (MILLIONTHS as f64 * MILLIONTH) as f32;
}

impl<const MILLIONTHS_1: u32, const MILLIONTHS_2: u32> Penalty for L1L2<MILLIONTHS_1, MILLIONTHS_2> {
    const L1: f32 = (MILLIONTHS_1 as f64 * MILLIONTH) as f32;
    const L2: f32 = (MILLIONTHS_2 as f64 * MILLIONTH) as f32;
}

/// The terms of the penalty.
struct Term<P>(PhantomData<P>);

impl<P: Penalty> Zip for Term<P> {
    #[inline(always)]
    fn zip<V: Lanes>(&self, w: V, _: V) -> V {
        w.abs() * V::splat(P::L1) + w * w * V::splat(P::L2)
    }
}

/// Adds the slope of the penalty to a gradient.
struct Slope<P>(PhantomData<P>);

impl<P: Penalty> Zip for Slope<P> {
    #[inline(always)]
    fn zip<V: Lanes>(&self, w: V, gradient: V) -> V {
        let zero = V::splat(0.0);
        let sign = w.if_less(zero, V::splat(-P::L1), zero.if_less(w, V::splat(P::L1), zero));
        w.mul_add(V::splat(2.0 * P::L2), gradient) + sign
    }
}

impl<const I: usize, const O: usize, A: Activation, P: Penalty> Params for Regularized<Dense<I, O, A>, P> {
    values!(Self::new; layer: Dense<I, O, A>);
    const TRAINABLE: usize = Dense::<I, O, A>::TRAINABLE;
    const ARCHITECTURE: Architecture = Dense::<I, O, A>::ARCHITECTURE;
    type Trained = Yes;
    type Grad = <Dense<I, O, A> as Params>::Grad;
    type State<M: Optimizer> = <Dense<I, O, A> as Params>::State<M>;
    type Statistics = ();

    #[inline(always)]
    fn apply<M: Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<M>, optimizer: &M) {
        self.layer.apply(grad, state, optimizer);
    }

    fn stage<M: Optimizer>(
        &self,
        grad: &mut Self::Grad,
        state: &mut Self::State<M>,
        optimizer: &M,
        window: &mut Window,
    ) {
        self.layer.stage(grad, state, optimizer, window);
    }

    fn commit(&mut self, staged: &Self::Grad) {
        self.layer.commit(staged);
    }

    #[inline]
    fn penalty(&self) -> f32 {
        let w = self.layer.w.as_flattened();
        reduce::sum(&Term::<P>(PhantomData), w, w)
    }

    // dw += L1 · sign(w) + 2 · L2 · w
    #[inline]
    fn penalty_gradient(&self, grad: &mut Self::Grad) {
        elementwise::zip(&Slope::<P>(PhantomData), self.layer.w.as_flattened(), grad.0.as_flattened_mut());
    }
}

impl<const I: usize, const O: usize, A: Activation, P: Penalty> Leaf for Regularized<Dense<I, O, A>, P> {
    type To<S: Sinks> = <Dense<I, O, A> as Leaf>::To<S>;

    #[inline(always)]
    fn sums(grad: &mut Self::Grad) -> Self::To<Sums<'_>> {
        Dense::<I, O, A>::sums(grad)
    }

    #[inline(always)]
    fn updates<'a, M: Optimizer>(
        &'a mut self,
        state: &'a mut Self::State<M>,
        optimizer: &'a M,
    ) -> Self::To<Updates<'a, M>> {
        self.layer.updates(state, optimizer)
    }
}

impl<F: Bytes, L: FromBytes<F>, P: Penalty> FromBytes<F> for Regularized<L, P>
where
    Self: Params,
{
    const LAYER: Self = Regularized { layer: L::LAYER, penalty: PhantomData };
}

impl<const I: usize, const O: usize, A: Activation, P: Penalty> Layer<[f32; I]> for Regularized<Dense<I, O, A>, P> {
    type Y = [f32; O];
    type Trace<const B: usize, W: Want> = <Dense<I, O, A> as Layer<[f32; I]>>::Trace<B, W>;
    leaf!([f32; I]);

    #[inline(always)]
    fn infer(&self, x: &[[f32; I]], y: &mut [[f32; O]], work: &mut [f32]) {
        self.layer.infer(x, y, work);
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[[f32; I]],
        y: &mut [[f32; O]],
        trace: &mut Self::Trace<B, W>,
        mode: Mode<'_>,
    ) {
        self.layer.forward::<B, W>(x, y, trace, mode);
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        Dense::<I, O, A>::describe(visit);
    }
}

impl<const I: usize, const O: usize, A: Activation, P: Penalty> Backward<[f32; I]> for Regularized<Dense<I, O, A>, P> {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[[f32; I]],
        y: &[[f32; O]],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [[f32; O]],
        dx: Option<&mut [[f32; I]]>,
    ) {
        self.layer.backward::<B, W>(x, y, trace, dy, dx);
    }

    #[inline(always)]
    fn gradient<const B: usize, W: Want, S: Sinks>(
        x: &[[f32; I]],
        _: &[[f32; O]],
        _: &Self::Trace<B, W>,
        dz: &[[f32; O]],
        (w, b): &mut Self::To<S>,
    ) {
        matmul::weight_gradient(x, dz, |first, rows| add_with_slope::<P, _>(w, first * O, rows.as_flattened().into()));
        b.add(0, (&matmul::column_sums(dz)).into());
    }

    #[inline(always)]
    fn bound(x: &[[f32; I]], dz: &[[f32; O]]) -> f32 {
        Dense::<I, O, A>::bound(x, dz)
    }
}

/// Passes a gradient to a sink. If the sink changes the weights, the slope of the penalty is added first. A gradient in
/// memory gets the slope once at the end, from [`Params::penalty_gradient`].
#[inline(always)]
fn add_with_slope<P: Penalty, S: Sink>(to: &mut S, from: usize, gradient: Gradient<'_>) {
    if to.weights().is_none() {
        return to.add(from, gradient);
    }
    gradient.pieces(|place, piece| {
        let old = to.weights().and_then(|w| w.get(from + place..)).unwrap_or_default();
        elementwise::zip(&Slope::<P>(PhantomData), old, piece);
        to.add(from + place, (&*piece).into());
    });
}

impl<const I: usize, const O: usize, A: Activation, P: Penalty> Network for Regularized<Dense<I, O, A>, P> {
    type Input = [f32; I];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::widths;

    struct Odd;
    impl Penalty for Odd {
        const L1: f32 = 0.3;
        const L2: f32 = 0.7;
    }

    #[test]
    fn all_widths_give_the_same_bits() {
        widths::sum(&Term::<Odd>(PhantomData));
        widths::zip(&Slope::<Odd>(PhantomData));
    }

    #[test]
    fn the_slope_is_that_of_the_penalty() {
        let term = |w: f32| Term::<Odd>(PhantomData).zip(w, w);
        for w in [-2.0_f32, -0.5, 0.25, 3.0] {
            let want = (term(w + 0.01) - term(w - 0.01)) / 0.02;
            let slope = Slope::<Odd>(PhantomData).zip(w, 10.0) - 10.0;
            assert!((slope - want).abs() < 1e-3, "at {w}: {slope}, not {want}");
        }
        assert_eq!(Slope::<Odd>(PhantomData).zip(0.0, 10.0), 10.0, "no sign at 0");
    }
}

use super::WithActivation;
use crate::activations::{Activation, Linear, Value};
use crate::kernels::axis::Axis;
use crate::kernels::conv::{self, Convolution};
use crate::kernels::elementwise;
use crate::kernels::matmul::{Plain, column_sums};
use crate::kernels::reduce::absolute_sum;
use crate::net::{Backward, InPlaceLayer, Layer, LayerInfo, Mode, Network, StreamLayer};
use crate::tensor::{
    Architecture, Penalty, Places, Recent, Sink, Sinks, Tensor, Want, add_penalized, front, front_mut,
};
use crate::{leaf, params};
use core::marker::PhantomData;

/// A convolution over a sequence, `y[t] = A(b + Σ x[t · S + k · D − padding] · w[k])`: Keras' `Conv1D(O, K, strides=S,
/// dilation_rate=D, activation=A)` on `X`, a [`Sequence`](crate::tensor::Sequence) of `C` channels. It gives `Y`, a sequence
/// of `O` channels. As in Keras and PyTorch, the kernel is not mirrored.
///
/// The padding follows from the lengths, as Keras' `padding="same"` or `"valid"` has them:
///
/// | padding | length of `Y` |
/// |---|---|
/// | "same" | the length of `X` / `S`, rounded up ([`same`](crate::tensor::same)) |
/// | "valid" | (the length of `X` − (`K` − 1) · `D` − 1) / `S` + 1, rounded down ([`valid`](crate::tensor::valid)) |
///
/// If "same" padding is odd, the larger half comes after the last place, as in Keras. Any other length does not compile.
/// [`CausalConv1d`] has Keras' `padding="causal"`.
///
/// ```
/// use baregrad::{prelude::*, tensor::Sequence};
/// // The difference of two places.
/// let mut layer = Conv1d::<Sequence<4, 1>, Sequence<3, 1>, 2>::NEW;
/// layer.w = [[[-1.0]], [[1.0]]];
/// let mut y = [[0.0]; 3];
/// layer.infer_one(&[[1.0], [3.0], [2.0], [9.0]], &mut y, &mut []);
/// assert_eq!(y, [[2.0], [-1.0], [7.0]]);
///
/// // Every second place, with padding: 128 places become 64.
/// type Net = chain![
///     Conv1d<Sequence<128, 6>, Sequence<64, 16>, 5, 2, Relu>,
///     Conv1d<Sequence<64, 16>, Sequence<60, 8>, 5, 1, Relu>,
///     Flatten<480>,
///     Dense<480, 4>
/// ];
/// assert_eq!(Net::COUNT, (5 * 6 * 16 + 16) + (5 * 16 * 8 + 8) + (480 * 4 + 4));
/// ```
///
/// The loss can include a [`Penalty`] on `w`, the last parameter, as with [`Dense`](super::Dense). Each place of the output
/// may have an activation of all its channels, such as softmax.
pub struct Conv1d<
    X: Places,
    Y: Places,
    const K: usize,
    const S: usize = 1,
    A = Linear,
    const D: usize = 1,
    const CAUSAL: bool = false,
    P = (),
> {
    /// Weights, `[tap][in][out]` as in Keras.
    pub w: [X::PerChannel<Y::Place>; K],
    /// Biases.
    pub b: Y::Place,
    kind: PhantomData<fn() -> (A, P)>,
}

/// A [`Conv1d`] whose outputs see no later input: Keras' `Conv1D(O, K, padding="causal")`. The length of `Y` is the length of
/// `X` / `S`, rounded up.
///
/// ```
/// use baregrad::{prelude::*, tensor::Sequence};
/// let mut layer = CausalConv1d::<Sequence<3, 1>, Sequence<3, 1>, 2>::NEW;
/// layer.w = [[[-1.0]], [[1.0]]];
/// let mut y = [[0.0]; 3];
/// layer.infer_one(&[[1.0], [3.0], [2.0]], &mut y, &mut []);
/// assert_eq!(y, [[1.0], [2.0], [-1.0]]);
/// ```
pub type CausalConv1d<X, Y, const K: usize, const S: usize = 1, A = Linear, const D: usize = 1, P = ()> =
    Conv1d<X, Y, K, S, A, D, true, P>;

impl<X: Places, Y: Places, const K: usize, const S: usize, const D: usize, const CAUSAL: bool, P> WithActivation
    for Conv1d<X, Y, K, S, Linear, D, CAUSAL, P>
{
    type With<A> = Conv1d<X, Y, K, S, A, D, CAUSAL, P>;
    fn with_activation<A: Activation>(self) -> Self::With<A> {
        Conv1d { w: self.w, b: self.b, kind: PhantomData }
    }
}

params! {
    [const L: usize, const C: usize, const M: usize, const O: usize, const K: usize, const S: usize, A: Activation, const R: usize, const CAUSAL: bool, P: Penalty] Conv1d<[[f32; C]; L], [[f32; O]; M], K, S, A, R, CAUSAL, P>, "Conv1D",
    Architecture::layer(if CAUSAL { "causal_conv1d" } else { "conv1d" }).size(L).size(C).size(M).size(O).size(K).size(S).size(R)
        .then(A::ARCHITECTURE).end();
    trained w: [[[f32; O]; C]; K] = [[[0.0; O]; C]; K], drawn(K * C, K * O), penalty P;
    trained b: [f32; O] = [0.0; O];
    // A wrong length of the output is found here.
    fixed kind = { let _ = Self::AXES; PhantomData };
}

impl<
    const L: usize,
    const C: usize,
    const M: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const R: usize,
    const CAUSAL: bool,
    P: Penalty,
> Convolution for Conv1d<[[f32; C]; L], [[f32; O]; M], K, S, A, R, CAUSAL, P>
{
    const AXES: [Axis; 2] = [Axis::ONE, if CAUSAL { Axis::causal(L, M, K, S, R) } else { Axis::new(L, M, K, S, R) }];
}

impl<
    const L: usize,
    const C: usize,
    const M: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const R: usize,
    const CAUSAL: bool,
    P: Penalty,
> Layer<[[f32; C]; L]> for Conv1d<[[f32; C]; L], [[f32; O]; M], K, S, A, R, CAUSAL, P>
{
    type Y = [[f32; O]; M];
    /// The values before the activation, if its slope depends on them.
    type Trace<const B: usize, W: Want> = <A::FromInput as Want>::Of<[[[f32; O]; M]; B]>;
    leaf!([[f32; C]; L]);

    #[inline(always)]
    fn infer(&self, x: &[[[f32; C]; L]], y: &mut [[[f32; O]; M]], _: &mut [f32]) {
        let y = y.as_flattened_mut();
        conv::forward::<Self, C, O, _>(x.as_flattened(), self.w.as_flattened(), &self.b, y, &Value::<A>(PhantomData));
        y.iter_mut().for_each(|y| A::finish_row(y));
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[[[f32; C]; L]],
        y: &mut [[[f32; O]; M]],
        trace: &mut Self::Trace<B, W>,
        _: Mode<'_>,
    ) {
        let Some(z) = A::FromInput::get_mut::<[[[f32; O]; M]; B]>(trace) else {
            return self.infer(x, y, &mut []);
        };
        let (z, y) = (front_mut(z, x.len()).as_flattened_mut(), y.as_flattened_mut());
        conv::forward::<Self, C, O, _>(x.as_flattened(), self.w.as_flattened(), &self.b, z, &Plain);
        elementwise::map_samples(&Value::<A>(PhantomData), M * O, z.as_flattened(), y.as_flattened_mut());
        y.iter_mut().for_each(|y| A::finish_row(y));
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        let info = LayerInfo::of::<Self, [[f32; O]; M]>("Conv1D", A::NAME);
        visit(LayerInfo { operations: M * <[[[f32; O]; C]; K]>::LEN, ..info });
    }
}

impl<
    const L: usize,
    const C: usize,
    const M: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const R: usize,
    const CAUSAL: bool,
    P: Penalty,
> Backward<[[f32; C]; L]> for Conv1d<[[f32; C]; L], [[f32; O]; M], K, S, A, R, CAUSAL, P>
{
    // dz = dy · A'(z), left in dy;  dx[input of the tap] += dz · w[tap]ᵀ
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[[[f32; C]; L]],
        y: &[[[f32; O]; M]],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [[[f32; O]; M]],
        dx: Option<&mut [[[f32; C]; L]]>,
    ) {
        let kept = A::FromInput::get::<[[[f32; O]; M]; B]>(trace).map_or(y, |z| front(z, x.len()));
        let dy = dy.as_flattened_mut();
        for (kept, dy) in kept.as_flattened().iter().zip(&mut *dy) {
            A::chain_rule(kept, None, dy);
        }
        if let Some(dx) = dx {
            conv::input_gradient::<Self, C, O>(dy, self.w.as_flattened(), dx.as_flattened_mut());
        }
    }

    // dw[tap] = Σ x[input of the tap]ᵀ · dz,  db = Σ dz
    #[inline(always)]
    fn gradient<const B: usize, W: Want, Kind: Sinks>(
        x: &[[[f32; C]; L]],
        _: &[[[f32; O]; M]],
        _: &Self::Trace<B, W>,
        dz: &[[[f32; O]; M]],
        (w, b): &mut Self::To<Kind>,
    ) {
        let dz = dz.as_flattened();
        conv::weight_gradient::<Self, C, O>(x.as_flattened(), dz, |first, rows| {
            add_penalized::<P>(w, first * O, rows.as_flattened().into());
        });
        b.add(0, (&column_sums(dz)).into());
    }

    #[inline(always)]
    fn bound(x: &[[[f32; C]; L]], dz: &[[[f32; O]; M]]) -> f32 {
        (1.0 + absolute_sum(<[[f32; C]; L]>::flat_all(x))) * absolute_sum(<[[f32; O]; M]>::flat_all(dz))
    }
}

impl<
    const L: usize,
    const C: usize,
    const M: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const R: usize,
    const CAUSAL: bool,
    P: Penalty,
> Network for Conv1d<[[f32; C]; L], [[f32; O]; M], K, S, A, R, CAUSAL, P>
{
    type Input = [[f32; C]; L];
}

impl<
    const L: usize,
    const C: usize,
    const M: usize,
    const O: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const R: usize,
    const CAUSAL: bool,
    P: Penalty,
> StreamLayer<[[f32; C]; L]> for Conv1d<[[f32; C]; L], [[f32; O]; M], K, S, A, R, CAUSAL, P>
{
    type Memory = Recent<[f32; C], K, R>;
    const DELAY: usize = Self::AXES[1].delay();
    const HOP: usize = S;

    #[inline(always)]
    fn step(&self, memory: &mut Self::Memory, x: &[f32; C]) -> Option<[f32; O]> {
        let window = memory.push(x, Self::DELAY, S)?;
        let mut y = [0.0; O];
        conv::step::<Self, C, O, _>(window, &self.w, &self.b, &mut y, &Value::<A>(PhantomData));
        A::finish_row(&mut y);
        Some(y)
    }
}

impl<const L: usize, const C: usize, A: Activation, const R: usize, const CAUSAL: bool, P: Penalty>
    InPlaceLayer<[[f32; C]; L]> for Conv1d<[[f32; C]; L], [[f32; C]; L], 1, 1, A, R, CAUSAL, P>
{
    #[inline(always)]
    fn infer_in_place(&self, x: &mut [[[f32; C]; L]]) {
        let x = x.as_flattened_mut();
        conv::in_place::<Self, C, _>(x, self.w.as_flattened(), &self.b, &Value::<A>(PhantomData));
        x.iter_mut().for_each(|x| A::finish_row(x));
    }
}

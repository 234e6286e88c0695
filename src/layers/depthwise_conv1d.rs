use super::depthwise_conv2d::{backward, forward, gradient, infer_in_place};
use super::{Conv1d, Foldable, WithActivation};
use crate::activations::{Activation, Linear};
use crate::kernels::axis::Axis;
use crate::kernels::reduce::absolute_sum;
use crate::kernels::windows::Windows;
use crate::net::{Backward, Chain, InPlaceLayer, Layer, LayerInfo, Mode, Network, StreamLayer};
use crate::tensor::{Architecture, Places, Recent, Sequence, Sinks, Tensor, Want, front, front_mut};
use crate::{leaf, params};
use core::marker::PhantomData;

/// A filter of `K` taps for each channel of a sequence: Keras' `DepthwiseConv1D(K, strides=S, dilation_rate=D, activation=A)`,
/// PyTorch's `Conv1d` with as many groups as channels.
///
/// `y[o][c] = A(b[c] + Σ x[o · S + k · D − before][c] · w[k][c])`, a sum over the taps `k` that see a place. `X` is a
/// [`Sequence<L, C>`](Sequence), `Y` a `Sequence<M, C>`. The length `M` says how the sequence is padded: it is
/// [`same`](crate::tensor::same) or [`valid`](crate::tensor::valid), and another one does not compile.
/// [`CausalDepthwiseConv1d`] sees no later place.
///
/// ```
/// use baregrad::{prelude::*, tensor::Sequence};
/// let mut layer = DepthwiseConv1d::<Sequence<4, 1>, Sequence<2, 1>, 3>::NEW;
/// (layer.w, layer.b) = ([[1.0], [10.0], [100.0]], [0.5]);
/// let mut y = [[0.0]; 2];
/// layer.infer_one(&[[1.0], [2.0], [3.0], [4.0]], &mut y, &mut []);
/// assert_eq!(y, [[321.5], [432.5]]);
/// ```
pub struct DepthwiseConv1d<
    X: Places,
    Y: Places,
    const K: usize,
    const S: usize = 1,
    A = Linear,
    const D: usize = 1,
    const CAUSAL: bool = false,
> {
    /// Weights, `[tap][channel]` as in Keras.
    pub w: [X::Place; K],
    /// Biases.
    pub b: X::Place,
    kind: PhantomData<fn() -> (Y, A)>,
}

/// A [`DepthwiseConv1d`] with Keras' `padding="causal"`: output `o` sees the places up to `o · S`. `Y` is as long as `X`, divided
/// by the stride and rounded up.
///
/// ```
/// use baregrad::{prelude::*, tensor::Sequence};
/// let mut layer = CausalDepthwiseConv1d::<Sequence<3, 1>, Sequence<3, 1>, 2>::NEW;
/// layer.w = [[1.0], [10.0]];
/// let mut y = [[0.0]; 3];
/// layer.infer_one(&[[1.0], [2.0], [3.0]], &mut y, &mut []);
/// assert_eq!(y, [[10.0], [21.0], [32.0]]);
/// ```
pub type CausalDepthwiseConv1d<X, Y, const K: usize, const S: usize = 1, A = Linear, const D: usize = 1> =
    DepthwiseConv1d<X, Y, K, S, A, D, true>;

/// A filter of each channel, and then a convolution of single places that mixes the channels: Keras' `SeparableConv1D(O, K,
/// strides=S, activation=A)`. The filters lead from `X` to `M`, which has the channels of `X` and the length of `Y`. They have
/// biases, which Keras' do not: 0 makes the two equal.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = SeparableConv1d<Sequence<50, 8>, Sequence<50, 8>, Sequence<50, 16>, 3, 1, Relu>;
/// assert_eq!(Net::COUNT, (3 * 8 + 8) + (8 * 16 + 16));
/// ```
pub type SeparableConv1d<X, M, Y, const K: usize, const S: usize = 1, A = Linear> =
    Chain<DepthwiseConv1d<X, M, K, S>, Conv1d<M, Y, 1, 1, A>>;

impl<X: Places, Y: Places, const K: usize, const S: usize, const D: usize, const CAUSAL: bool> WithActivation
    for DepthwiseConv1d<X, Y, K, S, Linear, D, CAUSAL>
{
    type With<A> = DepthwiseConv1d<X, Y, K, S, A, D, CAUSAL>;
    fn with_activation<A: Activation>(self) -> Self::With<A> {
        DepthwiseConv1d { w: self.w, b: self.b, kind: PhantomData }
    }
}

impl<X, Y, const C: usize, const K: usize, const S: usize, const D: usize, const CAUSAL: bool> Foldable<C>
    for DepthwiseConv1d<X, Y, K, S, Linear, D, CAUSAL>
where
    X: Places<Place = [f32; C]>,
    Y: Places,
{
    fn rows_and_biases(&mut self) -> (&mut [[f32; C]], &mut [f32; C]) {
        (&mut self.w, &mut self.b)
    }
}

impl<
    const L: usize,
    const M: usize,
    const C: usize,
    const K: usize,
    const S: usize,
    A,
    const DIL: usize,
    const CAUSAL: bool,
> DepthwiseConv1d<Sequence<L, C>, Sequence<M, C>, K, S, A, DIL, CAUSAL>
{
    const PLACES: Axis = if CAUSAL { Axis::causal(L, M, K, S, DIL) } else { Axis::new(L, M, K, S, DIL) };
    const WINDOWS: Windows = Windows::over_sequence(Self::PLACES, C);

    /// Makes a layer from given weights.
    pub const fn from_weights(w: [[f32; C]; K], b: [f32; C]) -> Self {
        DepthwiseConv1d { w, b, kind: PhantomData }
    }
}

params! {
    [
        const L: usize, const M: usize, const C: usize,
        const K: usize, const S: usize, A: Activation, const DIL: usize, const CAUSAL: bool
    ] DepthwiseConv1d<Sequence<L, C>, Sequence<M, C>, K, S, A, DIL, CAUSAL>, "DepthwiseConv1D",
    Architecture::layer(if CAUSAL { "causal_depthwise_conv1d" } else { "depthwise_conv1d" })
        .sizes(&[L, M, C, K, S, DIL]).then(A::ARCHITECTURE).end();
    trained w: [[f32; C]; K] = [[0.0; C]; K], drawn(K * C, K);
    trained b: [f32; C] = [0.0; C];
    // A wrong length of the output is found here.
    fixed kind = { let _ = Self::WINDOWS; PhantomData };
}

impl<
    const L: usize,
    const M: usize,
    const C: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const DIL: usize,
    const CAUSAL: bool,
> Layer<Sequence<L, C>> for DepthwiseConv1d<Sequence<L, C>, Sequence<M, C>, K, S, A, DIL, CAUSAL>
{
    type Y = Sequence<M, C>;
    /// The values before the activation, if its slope depends on them.
    type Trace<const B: usize, W: Want> = <A::FromInput as Want>::Of<[Sequence<M, C>; B]>;
    leaf!(Sequence<L, C>);

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        let operations = M * C * K;
        visit(LayerInfo { operations, ..LayerInfo::of::<Self, Self::Y>("DepthwiseConv1D", A::NAME) });
    }

    #[inline(always)]
    fn infer(&self, x: &[Sequence<L, C>], y: &mut [Sequence<M, C>], _: &mut [f32]) {
        let (x, y) = (Tensor::flat_all(x), Tensor::flat_all_mut(y));
        forward::<A, [f32; C]>(&Self::WINDOWS, x, self.w.as_flattened(), &self.b, &mut [], y);
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[Sequence<L, C>],
        y: &mut [Sequence<M, C>],
        trace: &mut Self::Trace<B, W>,
        _: Mode<'_>,
    ) {
        let z = A::FromInput::get_mut::<[Sequence<M, C>; B]>(trace).map_or(&mut [][..], |z| front_mut(z, x.len()));
        let (x, z, y) = (Tensor::flat_all(x), Tensor::flat_all_mut(z), Tensor::flat_all_mut(y));
        forward::<A, [f32; C]>(&Self::WINDOWS, x, self.w.as_flattened(), &self.b, z, y);
    }
}

impl<
    const L: usize,
    const M: usize,
    const C: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const DIL: usize,
    const CAUSAL: bool,
> Backward<Sequence<L, C>> for DepthwiseConv1d<Sequence<L, C>, Sequence<M, C>, K, S, A, DIL, CAUSAL>
{
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[Sequence<L, C>],
        y: &[Sequence<M, C>],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [Sequence<M, C>],
        dx: Option<&mut [Sequence<L, C>]>,
    ) {
        let kept = A::FromInput::get::<[Sequence<M, C>; B]>(trace).map_or(y, |z| front(z, x.len()));
        let (kept, dy) = (Tensor::flat_all(kept), Tensor::flat_all_mut(dy));
        backward::<A, [f32; C]>(&Self::WINDOWS, kept, self.w.as_flattened(), dy, dx.map(Tensor::flat_all_mut));
    }

    #[inline(always)]
    fn gradient<const B: usize, W: Want, To: Sinks>(
        x: &[Sequence<L, C>],
        _: &[Sequence<M, C>],
        _: &Self::Trace<B, W>,
        dz: &[Sequence<M, C>],
        (w, b): &mut Self::To<To>,
    ) {
        gradient::<K, [f32; C]>(&Self::WINDOWS, Tensor::flat_all(x), Tensor::flat_all(dz), w, b);
    }

    #[inline(always)]
    fn bound(x: &[Sequence<L, C>], dz: &[Sequence<M, C>]) -> f32 {
        (1.0 + absolute_sum(Tensor::flat_all(x))) * absolute_sum(Tensor::flat_all(dz))
    }
}

impl<
    const L: usize,
    const M: usize,
    const C: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const DIL: usize,
    const CAUSAL: bool,
> Network for DepthwiseConv1d<Sequence<L, C>, Sequence<M, C>, K, S, A, DIL, CAUSAL>
{
    type Input = Sequence<L, C>;
}

impl<const L: usize, const C: usize, const K: usize, A: Activation, const CAUSAL: bool> InPlaceLayer<Sequence<L, C>>
    for DepthwiseConv1d<Sequence<L, C>, Sequence<L, C>, K, 1, A, 1, CAUSAL>
{
    #[inline(always)]
    fn infer_in_place(&self, x: &mut [Sequence<L, C>]) {
        // Each place is a row.
        let windows = Windows { rows: Self::PLACES, columns: Axis::ONE, channels: C };
        let (x, mut rows) = (Tensor::flat_all_mut(x), [[0.0; C]; K]);
        infer_in_place::<A, [f32; C]>(&windows, x, self.w.as_flattened(), &self.b, rows.flat_mut());
    }
}

impl<
    const L: usize,
    const M: usize,
    const C: usize,
    const K: usize,
    const S: usize,
    A: Activation,
    const DIL: usize,
    const CAUSAL: bool,
> StreamLayer<Sequence<L, C>> for DepthwiseConv1d<Sequence<L, C>, Sequence<M, C>, K, S, A, DIL, CAUSAL>
{
    type Memory = Recent<[f32; C], K, DIL>;
    const DELAY: usize = Self::PLACES.delay();
    const HOP: usize = S;

    #[inline(always)]
    fn step(&self, memory: &mut Self::Memory, x: &[f32; C]) -> Option<[f32; C]> {
        let window = memory.push(x, Self::DELAY, S)?;
        let (windows, mut y) = (Windows::over_sequence(Axis::last(window.len(), K), C), [0.0; C]);
        forward::<A, [f32; C]>(&windows, window.as_flattened(), self.w.as_flattened(), &self.b, &mut [], &mut y);
        Some(y)
    }
}

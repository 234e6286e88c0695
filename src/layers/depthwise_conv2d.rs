use super::{Conv2d, Foldable, WithActivation};
use crate::activations::{Activation, Linear, Value, chain_rule, finish};
use crate::kernels::axis::Axis;
use crate::kernels::matmul::Plain;
use crate::kernels::reduce::absolute_sum;
use crate::kernels::windows::Windows;
use crate::kernels::{channels, depthwise, elementwise};
use crate::net::{Backward, Chain, InPlaceLayer, Layer, LayerInfo, Mode, Network};
use crate::tensor::{Architecture, Image, Places, Sink, Sinks, Tensor, Want, front, front_mut};
use crate::{leaf, params};
use core::marker::PhantomData;

/// A filter of `KH` rows and `KW` columns of taps for each channel of an image: Keras'
/// `DepthwiseConv2D((KH, KW), strides=S, dilation_rate=D, activation=A)`, PyTorch's `Conv2d` with as many groups as channels.
///
/// `y[r][s][c] = A(b[c] + Σ x[r · S + i · D − before][s · S + j · D − before][c] · w[i][j][c])`, a sum over the taps `(i, j)` that
/// see a place. `X` is an [`Image<H, W, C>`](Image), `Y` an `Image<U, V, C>`. `U` and `V` say how the image is padded: each is
/// [`same`](crate::tensor::same) or [`valid`](crate::tensor::valid), and another one does not compile.
///
/// ```
/// use baregrad::{prelude::*, tensor::Image};
/// let mut layer = DepthwiseConv2d::<Image<2, 3, 1>, Image<2, 3, 1>, 1, 2, 1, Relu>::NEW;
/// layer.w = [[[1.0], [10.0]]];
/// let mut y = [[[0.0]; 3]; 2];
/// layer.infer_one(&[[[1.0], [2.0], [3.0]], [[4.0], [5.0], [-6.0]]], &mut y, &mut []);
/// assert_eq!(y, [[[21.0], [32.0], [3.0]], [[54.0], [0.0], [0.0]]]);
/// ```
pub struct DepthwiseConv2d<
    X: Places,
    Y: Places,
    const KH: usize,
    const KW: usize,
    const S: usize = 1,
    A = Linear,
    const D: usize = 1,
> {
    /// Weights, `[row][column][channel]` as in Keras.
    pub w: [[X::Place; KW]; KH],
    /// Biases.
    pub b: X::Place,
    kind: PhantomData<fn() -> (Y, A)>,
}

/// A filter of each channel, and then a convolution of single places that mixes the channels: Keras' `SeparableConv2D(O, (KH,
/// KW), strides=S, activation=A)`. The filters lead from `X` to `M`, which has the channels of `X` and the size of `Y`. They have
/// biases, which Keras' do not: 0 makes the two equal.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = SeparableConv2d<Image<25, 5, 64>, Image<25, 5, 64>, Image<25, 5, 32>, 3, 3, 1, Relu>;
/// assert_eq!(Net::COUNT, (3 * 3 * 64 + 64) + (64 * 32 + 32));
/// ```
pub type SeparableConv2d<X, M, Y, const KH: usize, const KW: usize, const S: usize = 1, A = Linear> =
    Chain<DepthwiseConv2d<X, M, KH, KW, S>, Conv2d<M, Y, 1, 1, 1, A>>;

impl<X: Places, Y: Places, const KH: usize, const KW: usize, const S: usize, const D: usize> WithActivation
    for DepthwiseConv2d<X, Y, KH, KW, S, Linear, D>
{
    type With<A> = DepthwiseConv2d<X, Y, KH, KW, S, A, D>;
    fn with_activation<A: Activation>(self) -> Self::With<A> {
        DepthwiseConv2d { w: self.w, b: self.b, kind: PhantomData }
    }
}

impl<X, Y, const C: usize, const KH: usize, const KW: usize, const S: usize, const D: usize> Foldable<C>
    for DepthwiseConv2d<X, Y, KH, KW, S, Linear, D>
where
    X: Places<Place = [f32; C]>,
    Y: Places,
{
    fn rows_and_biases(&mut self) -> (&mut [[f32; C]], &mut [f32; C]) {
        (self.w.as_flattened_mut(), &mut self.b)
    }
}

impl<
    const IH: usize,
    const IW: usize,
    const OH: usize,
    const OW: usize,
    const C: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A,
    const DIL: usize,
> DepthwiseConv2d<Image<IH, IW, C>, Image<OH, OW, C>, KH, KW, S, A, DIL>
{
    const WINDOWS: Windows =
        Windows { rows: Axis::new(IH, OH, KH, S, DIL), columns: Axis::new(IW, OW, KW, S, DIL), channels: C };

    /// Makes a layer from given weights.
    pub const fn from_weights(w: [[[f32; C]; KW]; KH], b: [f32; C]) -> Self {
        DepthwiseConv2d { w, b, kind: PhantomData }
    }
}

params! {
    [
        const IH: usize, const IW: usize, const OH: usize, const OW: usize, const C: usize,
        const KH: usize, const KW: usize, const S: usize, A: Activation, const DIL: usize
    ] DepthwiseConv2d<Image<IH, IW, C>, Image<OH, OW, C>, KH, KW, S, A, DIL>, "DepthwiseConv2D",
    Architecture::layer("depthwise_conv2d").sizes(&[IH, IW, OH, OW, C, KH, KW, S, DIL]).then(A::ARCHITECTURE).end();
    trained w: [[[f32; C]; KW]; KH] = [[[0.0; C]; KW]; KH], drawn(KH * KW * C, KH * KW);
    trained b: [f32; C] = [0.0; C];
    // A wrong length of the output is found here.
    fixed kind = { let _ = Self::WINDOWS; PhantomData };
}

impl<
    const IH: usize,
    const IW: usize,
    const OH: usize,
    const OW: usize,
    const C: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A: Activation,
    const DIL: usize,
> Layer<Image<IH, IW, C>> for DepthwiseConv2d<Image<IH, IW, C>, Image<OH, OW, C>, KH, KW, S, A, DIL>
{
    type Y = Image<OH, OW, C>;
    /// The values before the activation, if its slope depends on them.
    type Trace<const B: usize, W: Want> = <A::FromInput as Want>::Of<[Image<OH, OW, C>; B]>;
    leaf!(Image<IH, IW, C>);

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        let operations = OH * OW * C * KH * KW;
        visit(LayerInfo { operations, ..LayerInfo::of::<Self, Self::Y>("DepthwiseConv2D", A::NAME) });
    }

    #[inline(always)]
    fn infer(&self, x: &[Image<IH, IW, C>], y: &mut [Image<OH, OW, C>], _: &mut [f32]) {
        let (x, y) = (Tensor::flat_all(x), Tensor::flat_all_mut(y));
        forward::<A, [f32; C]>(&Self::WINDOWS, x, self.w.as_flattened().as_flattened(), &self.b, &mut [], y);
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[Image<IH, IW, C>],
        y: &mut [Image<OH, OW, C>],
        trace: &mut Self::Trace<B, W>,
        _: Mode<'_>,
    ) {
        let z = A::FromInput::get_mut::<[Image<OH, OW, C>; B]>(trace).map_or(&mut [][..], |z| front_mut(z, x.len()));
        let (x, z, y) = (Tensor::flat_all(x), Tensor::flat_all_mut(z), Tensor::flat_all_mut(y));
        forward::<A, [f32; C]>(&Self::WINDOWS, x, self.w.as_flattened().as_flattened(), &self.b, z, y);
    }
}

impl<
    const IH: usize,
    const IW: usize,
    const OH: usize,
    const OW: usize,
    const C: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A: Activation,
    const DIL: usize,
> Backward<Image<IH, IW, C>> for DepthwiseConv2d<Image<IH, IW, C>, Image<OH, OW, C>, KH, KW, S, A, DIL>
{
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[Image<IH, IW, C>],
        y: &[Image<OH, OW, C>],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [Image<OH, OW, C>],
        dx: Option<&mut [Image<IH, IW, C>]>,
    ) {
        let kept = A::FromInput::get::<[Image<OH, OW, C>; B]>(trace).map_or(y, |z| front(z, x.len()));
        let (kept, dy) = (Tensor::flat_all(kept), Tensor::flat_all_mut(dy));
        backward::<A, [f32; C]>(
            &Self::WINDOWS,
            kept,
            self.w.as_flattened().as_flattened(),
            dy,
            dx.map(Tensor::flat_all_mut),
        );
    }

    #[inline(always)]
    fn gradient<const B: usize, W: Want, To: Sinks>(
        x: &[Image<IH, IW, C>],
        _: &[Image<OH, OW, C>],
        _: &Self::Trace<B, W>,
        dz: &[Image<OH, OW, C>],
        (w, b): &mut Self::To<To>,
    ) {
        gradient::<KW, [f32; C]>(&Self::WINDOWS, Tensor::flat_all(x), Tensor::flat_all(dz), w, b);
    }

    #[inline(always)]
    fn bound(x: &[Image<IH, IW, C>], dz: &[Image<OH, OW, C>]) -> f32 {
        (1.0 + absolute_sum(Tensor::flat_all(x))) * absolute_sum(Tensor::flat_all(dz))
    }
}

impl<
    const IH: usize,
    const IW: usize,
    const OH: usize,
    const OW: usize,
    const C: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A: Activation,
    const DIL: usize,
> Network for DepthwiseConv2d<Image<IH, IW, C>, Image<OH, OW, C>, KH, KW, S, A, DIL>
{
    type Input = Image<IH, IW, C>;
}

impl<const H: usize, const L: usize, const C: usize, const KH: usize, const KW: usize, A: Activation>
    InPlaceLayer<Image<H, L, C>> for DepthwiseConv2d<Image<H, L, C>, Image<H, L, C>, KH, KW, 1, A, 1>
{
    #[inline(always)]
    fn infer_in_place(&self, x: &mut [Image<H, L, C>]) {
        let (x, w, mut rows) = (Tensor::flat_all_mut(x), self.w.as_flattened(), [[[0.0; C]; L]; KH]);
        infer_in_place::<A, [f32; C]>(&Self::WINDOWS, x, w.as_flattened(), &self.b, rows.flat_mut());
    }
}

/// `y = A(z)` with `z = b + Σ x · w`, which is stored if there is room for it. `P` is one place.
#[inline(always)]
pub(super) fn forward<A: Activation, P: Tensor>(
    windows: &Windows,
    x: &[f32],
    w: &[f32],
    b: &P,
    z: &mut [f32],
    y: &mut [f32],
) {
    let activation = Value::<A>(PhantomData);
    if z.is_empty() {
        depthwise::forward(windows, x, w, b.flat(), y, &activation);
    } else {
        depthwise::forward(windows, x, w, b.flat(), z, &Plain);
        elementwise::map_samples(&activation, P::LEN, z, y);
    }
    finish::<A, P>(P::from_flat_mut(y));
}

/// The same in the place of `x`, sample by sample. `rows` has room for as many rows as there are rows of taps.
pub(super) fn infer_in_place<A: Activation, P: Tensor>(
    windows: &Windows,
    x: &mut [f32],
    w: &[f32],
    b: &P,
    rows: &mut [f32],
) {
    let mut rest = &mut *x;
    while let (true, Some((x, others))) = (windows.input_len() > 0, rest.split_at_mut_checked(windows.input_len())) {
        depthwise::in_place(windows, x, w, b.flat(), &Value::<A>(PhantomData), rows);
        rest = others;
    }
    finish::<A, P>(P::from_flat_mut(x));
}

/// dz = dy · A'(z), left in dy;  dx[i] = Σ dz[o] · w[tap]
#[inline(always)]
pub(super) fn backward<A: Activation, P: Tensor>(
    windows: &Windows,
    kept: &[f32],
    w: &[f32],
    dy: &mut [f32],
    dx: Option<&mut [f32]>,
) {
    chain_rule::<A, P>(P::from_flat(kept), None, P::from_flat_mut(dy));
    if let Some(dx) = dx {
        depthwise::input_gradient(windows, dy, w, dx);
    }
}

/// dw[tap] = Σ x[i] · dz[o], a row of `K` taps at a time;  db = Σ dz
#[inline(always)]
pub(super) fn gradient<const K: usize, P: Tensor>(
    windows: &Windows,
    x: &[f32],
    dz: &[f32],
    w: &mut impl Sink,
    b: &mut impl Sink,
) {
    for row in 0..windows.rows.taps {
        let mut dw = [P::ZERO; K];
        depthwise::weight_gradient(windows, row, x, dz, dw.flat_mut());
        w.add(row * K * P::LEN, dw.flat().into());
    }
    let mut db = P::ZERO;
    channels::total(dz, db.flat_mut());
    b.add(0, db.flat().into());
}

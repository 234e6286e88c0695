use super::WithActivation;
use crate::activations::{Activation, Linear, Value};
use crate::kernels::axis::Axis;
use crate::kernels::conv::{self, Convolution};
use crate::kernels::elementwise;
use crate::kernels::matmul::{Plain, column_sums};
use crate::kernels::reduce::absolute_sum;
use crate::net::{Backward, InPlaceLayer, Layer, LayerInfo, Mode, Network};
use crate::tensor::{Architecture, Penalty, Places, Sink, Sinks, Tensor, Want, add_penalized, front, front_mut};
use crate::{leaf, params};
use core::marker::PhantomData;

/// A convolution over an image, `y[r][c] = A(b + Σ x[r · S + i · D − padding][c · S + j · D − padding] · w[i][j])`: Keras'
/// `Conv2D(O, (KH, KW), strides=S, dilation_rate=D, activation=A)` on `X`, an [`Image`](crate::tensor::Image) of `C` channels.
/// It gives `Y`, an image of `O` channels. As in Keras and PyTorch, the kernel is not mirrored.
///
/// The padding follows from the lengths, along each axis by itself, as Keras' `padding="same"` or `"valid"` has them:
///
/// | padding | length of an axis of `Y` |
/// |---|---|
/// | "same" | the length of `X` / `S`, rounded up ([`same`](crate::tensor::same)) |
/// | "valid" | (the length of `X` − (`K` − 1) · `D` − 1) / `S` + 1, rounded down ([`valid`](crate::tensor::valid)) |
///
/// If "same" padding is odd, the larger half comes after the last place, as in Keras. Any other length does not compile.
///
/// ```
/// use baregrad::{prelude::*, tensor::Image};
/// // The first layer of DS-CNN: 49 frames of 10 coefficients, and windows of 10 by 4, each 2 places from the next.
/// type First = Conv2d<Image<49, 10, 1>, Image<25, 5, 64>, 10, 4, 2, Relu>;
/// assert_eq!(First::COUNT, 10 * 4 * 1 * 64 + 64);
///
/// // A mean of 2 by 2 places.
/// let mut layer = Conv2d::<Image<2, 3, 1>, Image<1, 2, 1>, 2, 2>::NEW;
/// layer.w = [[[[0.25]]; 2]; 2];
/// let mut y = [[[0.0]; 2]; 1];
/// layer.infer_one(&[[[1.0], [2.0], [4.0]], [[3.0], [6.0], [8.0]]], &mut y, &mut []);
/// assert_eq!(y, [[[3.0], [5.0]]]);
/// ```
///
/// A kernel of 1 by 1 is a [`Dense`](super::Dense) layer at each place. The loss can include a [`Penalty`] on `w`, the last
/// parameter, as with `Dense`. Each place of the output may have an activation of all its channels, such as softmax.
pub struct Conv2d<
    X: Places,
    Y: Places,
    const KH: usize,
    const KW: usize,
    const S: usize = 1,
    A = Linear,
    const D: usize = 1,
    P = (),
> {
    /// Weights, `[row tap][column tap][in][out]` as in Keras.
    pub w: [[X::PerChannel<Y::Place>; KW]; KH],
    /// Biases.
    pub b: Y::Place,
    kind: PhantomData<fn() -> (A, P)>,
}

impl<X: Places, Y: Places, const KH: usize, const KW: usize, const S: usize, const D: usize, P> WithActivation
    for Conv2d<X, Y, KH, KW, S, Linear, D, P>
{
    type With<A> = Conv2d<X, Y, KH, KW, S, A, D, P>;
    fn with_activation<A: Activation>(self) -> Self::With<A> {
        Conv2d { w: self.w, b: self.b, kind: PhantomData }
    }
}

params! {
    [const H: usize, const L: usize, const C: usize, const M: usize, const N: usize, const O: usize, const KH: usize, const KW: usize, const S: usize, A: Activation, const R: usize, P: Penalty] Conv2d<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, R, P>, "Conv2D",
    Architecture::layer("conv2d").size(H).size(L).size(C).size(M).size(N).size(O).size(KH).size(KW).size(S).size(R)
        .then(A::ARCHITECTURE).end();
    trained w: [[[[f32; O]; C]; KW]; KH] = [[[[0.0; O]; C]; KW]; KH], drawn(KH * KW * C, KH * KW * O), penalty P;
    trained b: [f32; O] = [0.0; O];
    // A wrong length of the output is found here.
    fixed kind = { let _ = Self::AXES; PhantomData };
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const O: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A: Activation,
    const R: usize,
    P: Penalty,
> Convolution for Conv2d<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, R, P>
{
    const AXES: [Axis; 2] = [Axis::new(H, M, KH, S, R), Axis::new(L, N, KW, S, R)];
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const O: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A: Activation,
    const R: usize,
    P: Penalty,
> Layer<[[[f32; C]; L]; H]> for Conv2d<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, R, P>
{
    type Y = [[[f32; O]; N]; M];
    /// The values before the activation, if its slope depends on them.
    type Trace<const B: usize, W: Want> = <A::FromInput as Want>::Of<[[[[f32; O]; N]; M]; B]>;
    leaf!([[[f32; C]; L]; H]);

    #[inline(always)]
    fn infer(&self, x: &[[[[f32; C]; L]; H]], y: &mut [[[[f32; O]; N]; M]], _: &mut [f32]) {
        let y = y.as_flattened_mut().as_flattened_mut();
        conv::forward::<Self, C, O, _>(
            x.as_flattened().as_flattened(),
            self.w.as_flattened().as_flattened(),
            &self.b,
            y,
            &Value::<A>(PhantomData),
        );
        y.iter_mut().for_each(|y| A::finish_row(y));
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[[[[f32; C]; L]; H]],
        y: &mut [[[[f32; O]; N]; M]],
        trace: &mut Self::Trace<B, W>,
        _: Mode<'_>,
    ) {
        let Some(z) = A::FromInput::get_mut::<[[[[f32; O]; N]; M]; B]>(trace) else {
            return self.infer(x, y, &mut []);
        };
        let (z, y) =
            (front_mut(z, x.len()).as_flattened_mut().as_flattened_mut(), y.as_flattened_mut().as_flattened_mut());
        conv::forward::<Self, C, O, _>(
            x.as_flattened().as_flattened(),
            self.w.as_flattened().as_flattened(),
            &self.b,
            z,
            &Plain,
        );
        elementwise::map_samples(&Value::<A>(PhantomData), M * N * O, z.as_flattened(), y.as_flattened_mut());
        y.iter_mut().for_each(|y| A::finish_row(y));
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        let info = LayerInfo::of::<Self, [[[f32; O]; N]; M]>("Conv2D", A::NAME);
        visit(LayerInfo { operations: M * N * <[[[[f32; O]; C]; KW]; KH]>::LEN, ..info });
    }
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const O: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A: Activation,
    const R: usize,
    P: Penalty,
> Backward<[[[f32; C]; L]; H]> for Conv2d<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, R, P>
{
    // dz = dy · A'(z), left in dy;  dx[input of the tap] += dz · w[tap]ᵀ
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[[[[f32; C]; L]; H]],
        y: &[[[[f32; O]; N]; M]],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [[[[f32; O]; N]; M]],
        dx: Option<&mut [[[[f32; C]; L]; H]]>,
    ) {
        let kept = A::FromInput::get::<[[[[f32; O]; N]; M]; B]>(trace).map_or(y, |z| front(z, x.len()));
        let dy = dy.as_flattened_mut().as_flattened_mut();
        for (kept, dy) in kept.as_flattened().as_flattened().iter().zip(&mut *dy) {
            A::chain_rule(kept, None, dy);
        }
        if let Some(dx) = dx {
            conv::input_gradient::<Self, C, O>(
                dy,
                self.w.as_flattened().as_flattened(),
                dx.as_flattened_mut().as_flattened_mut(),
            );
        }
    }

    // dw[tap] = Σ x[input of the tap]ᵀ · dz,  db = Σ dz
    #[inline(always)]
    fn gradient<const B: usize, W: Want, Kind: Sinks>(
        x: &[[[[f32; C]; L]; H]],
        _: &[[[[f32; O]; N]; M]],
        _: &Self::Trace<B, W>,
        dz: &[[[[f32; O]; N]; M]],
        (w, b): &mut Self::To<Kind>,
    ) {
        let dz = dz.as_flattened().as_flattened();
        conv::weight_gradient::<Self, C, O>(x.as_flattened().as_flattened(), dz, |first, rows| {
            add_penalized::<P>(w, first * O, rows.as_flattened().into());
        });
        b.add(0, (&column_sums(dz)).into());
    }

    #[inline(always)]
    fn bound(x: &[[[[f32; C]; L]; H]], dz: &[[[[f32; O]; N]; M]]) -> f32 {
        (1.0 + absolute_sum(<[[[f32; C]; L]; H]>::flat_all(x))) * absolute_sum(<[[[f32; O]; N]; M]>::flat_all(dz))
    }
}

impl<
    const H: usize,
    const L: usize,
    const C: usize,
    const M: usize,
    const N: usize,
    const O: usize,
    const KH: usize,
    const KW: usize,
    const S: usize,
    A: Activation,
    const R: usize,
    P: Penalty,
> Network for Conv2d<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, R, P>
{
    type Input = [[[f32; C]; L]; H];
}

impl<const H: usize, const L: usize, const C: usize, A: Activation, const R: usize, P: Penalty>
    InPlaceLayer<[[[f32; C]; L]; H]> for Conv2d<[[[f32; C]; L]; H], [[[f32; C]; L]; H], 1, 1, 1, A, R, P>
{
    #[inline(always)]
    fn infer_in_place(&self, x: &mut [[[[f32; C]; L]; H]]) {
        let (x, w) = (x.as_flattened_mut().as_flattened_mut(), self.w.as_flattened().as_flattened());
        conv::in_place::<Self, C, _>(x, w, &self.b, &Value::<A>(PhantomData));
        x.iter_mut().for_each(|x| A::finish_row(x));
    }
}

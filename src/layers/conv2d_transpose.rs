use crate::activations::{Activation, Linear, Value};
use crate::kernels::axis::Axis;
use crate::kernels::conv::{self, Convolution};
use crate::kernels::elementwise;
use crate::kernels::matmul::{Plain, column_sums};
use crate::kernels::reduce::absolute_sum;
use crate::net::{Backward, Layer, LayerInfo, Mode, Network};
use crate::tensor::{Architecture, Penalty, Places, Sink, Sinks, Tensor, Want, add_penalized, front, front_mut};
use crate::{leaf, params};
use core::marker::PhantomData;

/// A transposed convolution over an image: Keras' `Conv2DTranspose(O, (KH, KW), strides=S, dilation_rate=D, activation=A)`,
/// PyTorch's `ConvTranspose2d`. It leads back where a [`Conv2d`](super::Conv2d)`<Y, X, KH, KW, S>` leads from, as in a decoder.
/// `X` is an [`Image`](crate::tensor::Image) of `C` channels, `Y` an image of `O` channels.
///
/// Each place of the input adds its products to the `KH` × `KW` places that its window covers,
/// `z[r · S + i · D − before][c · S + j · D − before] += w[i][j] · x[r][c]`, and `y = A(b + z)`.
///
/// What is cut off follows from the lengths, along each axis by itself, as in
/// [`Conv1dTranspose`](super::Conv1dTranspose): "same" is the length of `X` · `S`, "valid" is (the length of `X` − 1) · `S` +
/// (`K` − 1) · `D` + 1, or the length of `X` · `S` if this is more.
///
/// ```
/// use baregrad::{prelude::*, tensor::Image};
/// // Each place becomes a square of four.
/// let mut layer = Conv2dTranspose::<Image<1, 2, 1>, Image<2, 4, 1>, 2, 2, 2>::NEW;
/// layer.w = [[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]];
/// let mut y = [[[0.0]; 4]; 2];
/// layer.infer_one(&[[[1.0], [10.0]]], &mut y, &mut []);
/// assert_eq!(y, [[[1.0], [2.0], [10.0], [20.0]], [[3.0], [4.0], [30.0], [40.0]]]);
/// ```
///
/// The loss can include a [`Penalty`] on `w`, the last parameter, as with [`Dense`](super::Dense). Each place of the output
/// may have an activation of all its channels, such as softmax.
pub struct Conv2dTranspose<
    X: Places,
    Y: Places,
    const KH: usize,
    const KW: usize,
    const S: usize = 1,
    A = Linear,
    const D: usize = 1,
    P = (),
> {
    /// Weights, `[row tap][column tap][out][in]` as in Keras.
    pub w: [[Y::PerChannel<X::Place>; KW]; KH],
    /// Biases.
    pub b: Y::Place,
    kind: PhantomData<fn() -> (A, P)>,
}

params! {
    [const H: usize, const L: usize, const C: usize, const M: usize, const N: usize, const O: usize, const KH: usize, const KW: usize, const S: usize, A: Activation, const R: usize, P: Penalty] Conv2dTranspose<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, R, P>, "Conv2DTranspose",
    Architecture::layer("conv2d_transpose").sizes(&[H, L, C, M, N, O, KH, KW, S, R]).then(A::ARCHITECTURE).end();
    trained w: [[[[f32; C]; O]; KW]; KH] = [[[[0.0; C]; O]; KW]; KH], drawn(KH * KW * O, KH * KW * C), penalty P;
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
> Convolution for Conv2dTranspose<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, R, P>
{
    // The axes of the convolution from `Y` to `X`.
    const AXES: [Axis; 2] = [Axis::transposed(H, M, KH, S, R), Axis::transposed(L, N, KW, S, R)];
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
> Layer<[[[f32; C]; L]; H]> for Conv2dTranspose<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, R, P>
{
    type Y = [[[f32; O]; N]; M];
    /// The values before the activation, if its slope depends on them.
    type Trace<const B: usize, W: Want> = <A::FromInput as Want>::Of<[[[[f32; O]; N]; M]; B]>;
    leaf!([[[f32; C]; L]; H]);

    #[inline(always)]
    fn infer(&self, x: &[[[[f32; C]; L]; H]], y: &mut [[[[f32; O]; N]; M]], _: &mut [f32]) {
        let y = y.as_flattened_mut().as_flattened_mut();
        conv::transposed::<Self, C, O, _>(
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
        conv::transposed::<Self, C, O, _>(
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
        let info = LayerInfo::of::<Self, [[[f32; O]; N]; M]>("Conv2DTranspose", A::NAME);
        visit(LayerInfo { operations: H * L * <[[[[f32; C]; O]; KW]; KH]>::LEN, ..info });
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
> Backward<[[[f32; C]; L]; H]> for Conv2dTranspose<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, R, P>
{
    // dz = dy · A'(z), left in dy;  dx = Σ dz[output of the tap] · w[tap]
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
            conv::forward::<Self, O, C, _>(
                dy,
                self.w.as_flattened().as_flattened(),
                &[0.0; C],
                dx.as_flattened_mut().as_flattened_mut(),
                &Plain,
            );
        }
    }

    // dw[tap] = Σ dz[output of the tap]ᵀ · x,  db = Σ dz
    #[inline(always)]
    fn gradient<const B: usize, W: Want, Kind: Sinks>(
        x: &[[[[f32; C]; L]; H]],
        _: &[[[[f32; O]; N]; M]],
        _: &Self::Trace<B, W>,
        dz: &[[[[f32; O]; N]; M]],
        (w, b): &mut Self::To<Kind>,
    ) {
        let dz = dz.as_flattened().as_flattened();
        conv::weight_gradient::<Self, O, C>(dz, x.as_flattened().as_flattened(), |first, rows| {
            add_penalized::<P>(w, first * C, rows.as_flattened().into());
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
> Network for Conv2dTranspose<[[[f32; C]; L]; H], [[[f32; O]; N]; M], KH, KW, S, A, R, P>
{
    type Input = [[[f32; C]; L]; H];
}

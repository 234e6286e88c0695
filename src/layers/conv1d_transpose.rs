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

/// A transposed convolution over a sequence: Keras' `Conv1DTranspose(O, K, strides=S, dilation_rate=D, activation=A)`, PyTorch's
/// `ConvTranspose1d`. It leads back where a [`Conv1d`](super::Conv1d)`<Y, X, K, S>` leads from, as in a decoder. `X` is a
/// [`Sequence`](crate::tensor::Sequence) of `C` channels, `Y` a sequence of `O` channels.
///
/// Each place of the input adds its products to the `K` places that its window covers,
/// `z[t · S + k · D − before] += w[k] · x[t]`, and `y = A(b + z)`.
///
/// What is cut off at the ends follows from the lengths, as Keras' `padding="same"` or `"valid"` has them:
///
/// | padding | length of `Y` |
/// |---|---|
/// | "same" | the length of `X` · `S` |
/// | "valid" | (the length of `X` − 1) · `S` + (`K` − 1) · `D` + 1, or the length of `X` · `S` if this is more |
///
/// If an odd number of places is cut off, the larger half is cut off at the end, as in Keras. Other lengths are those of Keras'
/// `output_padding`: all from which a `Conv1d<Y, X, K, S>` leads back. The rest does not compile. PyTorch's `padding=p` gives
/// the length (the length of `X` − 1) · `S` + `K` − 2 · `p`; its `output_padding` cuts off one place more at the front than
/// Keras does.
///
/// ```
/// use baregrad::{prelude::*, tensor::Sequence};
/// // Each place becomes two.
/// let mut layer = Conv1dTranspose::<Sequence<3, 1>, Sequence<6, 1>, 2, 2>::NEW;
/// layer.w = [[[1.0]], [[10.0]]];
/// let mut y = [[0.0]; 6];
/// layer.infer_one(&[[1.0], [2.0], [3.0]], &mut y, &mut []);
/// assert_eq!(y, [[1.0], [10.0], [2.0], [20.0], [3.0], [30.0]]);
///
/// // 128 places of 6 channels through 32 of 4 channels, and back.
/// type Net = chain![
///     Conv1d<Sequence<128, 6>, Sequence<32, 4>, 8, 4, Relu>,
///     Conv1dTranspose<Sequence<32, 4>, Sequence<128, 6>, 8, 4>
/// ];
/// assert_eq!(Net::COUNT, (8 * 6 * 4 + 4) + (8 * 6 * 4 + 6));
/// ```
///
/// The loss can include a [`Penalty`] on `w`, the last parameter, as with [`Dense`](super::Dense). Each place of the output
/// may have an activation of all its channels, such as softmax.
pub struct Conv1dTranspose<
    X: Places,
    Y: Places,
    const K: usize,
    const S: usize = 1,
    A = Linear,
    const D: usize = 1,
    P = (),
> {
    /// Weights, `[tap][out][in]` as in Keras.
    pub w: [Y::PerChannel<X::Place>; K],
    /// Biases.
    pub b: Y::Place,
    kind: PhantomData<fn() -> (A, P)>,
}

params! {
    [const L: usize, const C: usize, const M: usize, const O: usize, const K: usize, const S: usize, A: Activation, const R: usize, P: Penalty] Conv1dTranspose<[[f32; C]; L], [[f32; O]; M], K, S, A, R, P>, "Conv1DTranspose",
    Architecture::layer("conv1d_transpose").sizes(&[L, C, M, O, K, S, R]).then(A::ARCHITECTURE).end();
    trained w: [[[f32; C]; O]; K] = [[[0.0; C]; O]; K], drawn(K * O, K * C), penalty P;
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
    P: Penalty,
> Convolution for Conv1dTranspose<[[f32; C]; L], [[f32; O]; M], K, S, A, R, P>
{
    // The axes of the convolution from `Y` to `X`.
    const AXES: [Axis; 2] = [Axis::ONE, Axis::transposed(L, M, K, S, R)];
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
    P: Penalty,
> Layer<[[f32; C]; L]> for Conv1dTranspose<[[f32; C]; L], [[f32; O]; M], K, S, A, R, P>
{
    type Y = [[f32; O]; M];
    /// The values before the activation, if its slope depends on them.
    type Trace<const B: usize, W: Want> = <A::FromInput as Want>::Of<[[[f32; O]; M]; B]>;
    leaf!([[f32; C]; L]);

    #[inline(always)]
    fn infer(&self, x: &[[[f32; C]; L]], y: &mut [[[f32; O]; M]], _: &mut [f32]) {
        let y = y.as_flattened_mut();
        conv::transposed::<Self, C, O, _>(
            x.as_flattened(),
            self.w.as_flattened(),
            &self.b,
            y,
            &Value::<A>(PhantomData),
        );
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
        conv::transposed::<Self, C, O, _>(x.as_flattened(), self.w.as_flattened(), &self.b, z, &Plain);
        elementwise::map_samples(&Value::<A>(PhantomData), M * O, z.as_flattened(), y.as_flattened_mut());
        y.iter_mut().for_each(|y| A::finish_row(y));
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        let info = LayerInfo::of::<Self, [[f32; O]; M]>("Conv1DTranspose", A::NAME);
        visit(LayerInfo { operations: L * <[[[f32; C]; O]; K]>::LEN, ..info });
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
    P: Penalty,
> Backward<[[f32; C]; L]> for Conv1dTranspose<[[f32; C]; L], [[f32; O]; M], K, S, A, R, P>
{
    // dz = dy · A'(z), left in dy;  dx = Σ dz[output of the tap] · w[tap]
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
            conv::forward::<Self, O, C, _>(dy, self.w.as_flattened(), &[0.0; C], dx.as_flattened_mut(), &Plain);
        }
    }

    // dw[tap] = Σ dz[output of the tap]ᵀ · x,  db = Σ dz
    #[inline(always)]
    fn gradient<const B: usize, W: Want, Kind: Sinks>(
        x: &[[[f32; C]; L]],
        _: &[[[f32; O]; M]],
        _: &Self::Trace<B, W>,
        dz: &[[[f32; O]; M]],
        (w, b): &mut Self::To<Kind>,
    ) {
        let dz = dz.as_flattened();
        conv::weight_gradient::<Self, O, C>(dz, x.as_flattened(), |first, rows| {
            add_penalized::<P>(w, first * C, rows.as_flattened().into());
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
    P: Penalty,
> Network for Conv1dTranspose<[[f32; C]; L], [[f32; O]; M], K, S, A, R, P>
{
    type Input = [[f32; C]; L];
}

use super::WithActivation;
use crate::activations::{Activation, Linear, Value};
use crate::kernels::lanes::NATIVE;
use crate::kernels::reduce::absolute_sum;
use crate::kernels::update::Gradient;
use crate::kernels::{elementwise, matmul};
use crate::net::{Backward, Layer, LayerInfo, Mode, Network, Stepwise};
use crate::tensor::{Architecture, Leaf, Penalty, Sink, Sinks, Want, add_penalized, front, front_mut};
use crate::{leaf, params};
use core::marker::PhantomData;

/// `y = A(x · w + b)`: Keras' `Dense(O, activation=A)` on `I` inputs.
///
/// ```
/// use baregrad::prelude::*;
/// let mut layer = Dense::<2, 1, Relu>::NEW;
/// layer.w = [[1.0], [2.0]];
/// layer.b = [0.5];
/// let mut y = [0.0];
/// layer.infer_one(&[10.0, 20.0], &mut y, &mut []);
/// assert_eq!(y, [50.5]);
/// ```
///
/// On a sequence it takes each step by itself, as Keras' `Dense` and `TimeDistributed(Dense(O))` do.
///
/// The loss can include a [`Penalty`] on `w`: `Dense<I, O, A, L2<100>>` has Keras' `kernel_regularizer=L2(1e-4)`.
pub struct Dense<const I: usize, const O: usize, A = Linear, P = ()> {
    /// Weights, `[in][out]` as in Keras.
    pub w: [[f32; O]; I],
    /// Biases.
    pub b: [f32; O],
    kind: PhantomData<fn() -> (A, P)>,
}

impl<const I: usize, const O: usize, A, P> Dense<I, O, A, P> {
    /// Makes a layer from given weights.
    pub const fn from_weights(w: [[f32; O]; I], b: [f32; O]) -> Self {
        Dense { w, b, kind: PhantomData }
    }
}

impl<const I: usize, const O: usize, P> WithActivation for Dense<I, O, Linear, P> {
    type With<A> = Dense<I, O, A, P>;
    fn with_activation<A: Activation>(self) -> Dense<I, O, A, P> {
        Dense::from_weights(self.w, self.b)
    }
}

params! {
    [const I: usize, const O: usize, A: Activation, P: Penalty] Dense<I, O, A, P>, "Dense",
    Architecture::layer("dense").size(I).size(O).then(A::ARCHITECTURE).end();
    trained w: [[f32; O]; I] = [[0.0; O]; I], drawn(I, O), penalty P;
    trained b: [f32; O] = [0.0; O];
    fixed kind = PhantomData;
}

impl<const I: usize, const O: usize, A: Activation, P: Penalty> Dense<I, O, A, P> {
    #[inline(always)]
    fn infer_rows(&self, x: &[[f32; I]], y: &mut [[f32; O]]) {
        matmul::affine(x, &self.w, &self.b, y, &Value::<A>(PhantomData));
        y.iter_mut().for_each(|y| A::finish_row(y));
    }

    /// Keeps the values before the activation in `z`, if there is one.
    #[inline(always)]
    fn forward_rows(&self, x: &[[f32; I]], y: &mut [[f32; O]], z: Option<&mut [[f32; O]]>) {
        let Some(z) = z else { return self.infer_rows(x, y) };
        let z = front_mut(z, x.len());
        matmul::affine(x, &self.w, &self.b, z, &matmul::Plain);
        elementwise::map_samples(&Value::<A>(PhantomData), O, z.as_flattened(), y.as_flattened_mut());
        y.iter_mut().for_each(|y| A::finish_row(y));
    }

    // dz = dy · A'(z), left in dy;  dx = dz · wᵀ
    #[inline(always)]
    fn backward_rows(&self, kept: &[[f32; O]], dy: &mut [[f32; O]], dx: Option<&mut [[f32; I]]>) {
        for (kept, dy) in kept.iter().zip(dy.iter_mut()) {
            A::chain_rule(kept, None, dy);
        }
        if let Some(dx) = dx {
            matmul::input_gradient(dy, &self.w, dx);
        }
    }

    // dw = xᵀ · dz,  db = Σ dz
    #[inline(always)]
    fn gradient_of_rows<S: Sinks>(x: &[[f32; I]], dz: &[[f32; O]], (w, b): &mut <Self as Leaf>::To<S>) {
        // The gradient of one sample is a product, which need not be stored.
        if let (true, [x], [dz]) = (const { O.is_multiple_of(NATIVE) || I * O <= 16 }, x, dz) {
            add_penalized::<P>(w, 0, Gradient { a: x, b: dz });
        } else {
            matmul::weight_gradient(x, dz, |first, rows| {
                add_penalized::<P>(w, first * O, rows.as_flattened().into());
            });
        }
        match dz {
            [dz] => b.add(0, dz.into()),
            _ => b.add(0, (&matmul::column_sums(dz)).into()),
        }
    }
}

impl<const I: usize, const O: usize, A: Activation, P: Penalty> Layer<[f32; I]> for Dense<I, O, A, P> {
    type Y = [f32; O];
    /// The values before the activation, if its slope depends on them.
    type Trace<const B: usize, W: Want> = <A::FromInput as Want>::Of<[[f32; O]; B]>;
    leaf!([f32; I], "Dense", A::NAME);

    #[inline(always)]
    fn infer(&self, x: &[[f32; I]], y: &mut [[f32; O]], _: &mut [f32]) {
        self.infer_rows(x, y);
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[[f32; I]],
        y: &mut [[f32; O]],
        trace: &mut Self::Trace<B, W>,
        _: Mode<'_>,
    ) {
        self.forward_rows(x, y, A::FromInput::get_mut::<[[f32; O]; B]>(trace).map(|z| &mut z[..]));
    }
}

impl<const I: usize, const O: usize, A: Activation, P: Penalty> Backward<[f32; I]> for Dense<I, O, A, P> {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[[f32; I]],
        y: &[[f32; O]],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [[f32; O]],
        dx: Option<&mut [[f32; I]]>,
    ) {
        let kept = A::FromInput::get::<[[f32; O]; B]>(trace).map_or(y, |z| front(z, x.len()));
        self.backward_rows(kept, dy, dx);
    }

    #[inline(always)]
    fn gradient<const B: usize, W: Want, S: Sinks>(
        x: &[[f32; I]],
        _: &[[f32; O]],
        _: &Self::Trace<B, W>,
        dz: &[[f32; O]],
        to: &mut Self::To<S>,
    ) {
        Self::gradient_of_rows::<S>(x, dz, to);
    }

    #[inline(always)]
    fn bound(x: &[[f32; I]], dz: &[[f32; O]]) -> f32 {
        (1.0 + absolute_sum(x.as_flattened())) * absolute_sum(dz.as_flattened())
    }
}

/// Each step of a sequence is a row: Keras' `Dense` and `TimeDistributed(Dense)` on a sequence.
impl<const T: usize, const I: usize, const O: usize, A: Activation, P: Penalty> Layer<[[f32; I]; T]>
    for Dense<I, O, A, P>
{
    type Y = [[f32; O]; T];
    type Trace<const B: usize, W: Want> = <A::FromInput as Want>::Of<[[[f32; O]; T]; B]>;
    leaf!([[f32; I]; T]);

    #[inline(always)]
    fn infer(&self, x: &[[[f32; I]; T]], y: &mut [[[f32; O]; T]], _: &mut [f32]) {
        self.infer_rows(x.as_flattened(), y.as_flattened_mut());
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[[[f32; I]; T]],
        y: &mut [[[f32; O]; T]],
        trace: &mut Self::Trace<B, W>,
        _: Mode<'_>,
    ) {
        let z = A::FromInput::get_mut::<[[[f32; O]; T]; B]>(trace).map(|z| z.as_flattened_mut());
        self.forward_rows(x.as_flattened(), y.as_flattened_mut(), z);
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        let info = LayerInfo::of::<Self, [[f32; O]; T]>("Dense", A::NAME);
        visit(LayerInfo { operations: T * I * O, ..info });
    }
}

impl<const T: usize, const I: usize, const O: usize, A: Activation, P: Penalty> Backward<[[f32; I]; T]>
    for Dense<I, O, A, P>
{
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[[[f32; I]; T]],
        y: &[[[f32; O]; T]],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [[[f32; O]; T]],
        dx: Option<&mut [[[f32; I]; T]]>,
    ) {
        let kept = A::FromInput::get::<[[[f32; O]; T]; B]>(trace).map_or(y, |z| front(z, x.len()));
        self.backward_rows(kept.as_flattened(), dy.as_flattened_mut(), dx.map(|dx| dx.as_flattened_mut()));
    }

    #[inline(always)]
    fn gradient<const B: usize, W: Want, S: Sinks>(
        x: &[[[f32; I]; T]],
        _: &[[[f32; O]; T]],
        _: &Self::Trace<B, W>,
        dz: &[[[f32; O]; T]],
        to: &mut Self::To<S>,
    ) {
        Self::gradient_of_rows::<S>(x.as_flattened(), dz.as_flattened(), to);
    }

    #[inline(always)]
    fn bound(x: &[[[f32; I]; T]], dz: &[[[f32; O]; T]]) -> f32 {
        <Self as Backward<[f32; I]>>::bound(x.as_flattened(), dz.as_flattened())
    }
}

impl<const I: usize, const O: usize, A: Activation, P: Penalty> Network for Dense<I, O, A, P> {
    type Input = [f32; I];
}

impl<const I: usize, const O: usize, A, P> Stepwise for Dense<I, O, A, P> {}

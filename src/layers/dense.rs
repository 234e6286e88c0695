use crate::activations::{Activation, Keep, Linear, Value};
use crate::kernels::lanes::NATIVE;
use crate::kernels::{compact, elementwise, matmul};
use crate::net::LayerInfo;
use crate::net::{Layer, Mode, Network};
use crate::optimizers::{Gradient, MomentsOf, Optimizer, update};
use crate::tensor::Architecture;
use crate::tensor::from_bytes::{Place, Stored, read};
use crate::tensor::init::Initializer;
use crate::tensor::{Floats, Zero, front, front_mut};
use crate::tensor::{Params, TensorName};
use crate::tensor::{Window, update_aside};
use core::marker::PhantomData;
use rand_core::Rng;

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
pub struct Dense<const I: usize, const O: usize, A = Linear> {
    /// Weights, `[in][out]` as in Keras.
    pub w: [[f32; O]; I],
    /// Biases.
    pub b: [f32; O],
    activation: PhantomData<fn() -> A>,
}

impl<const I: usize, const O: usize, A> Dense<I, O, A> {
    /// A layer of given weights.
    pub const fn from_weights(w: [[f32; O]; I], b: [f32; O]) -> Self {
        Dense { w, b, activation: PhantomData }
    }

    fn tensor(layer: usize, tensor: &'static str, shape: &'static [usize]) -> TensorName {
        TensorName { layer, kind: "Dense", tensor, shape }
    }
}

/// The gradient of a [`Dense`] layer, or anything else with one float a weight.
pub struct DenseGrad<const I: usize, const O: usize> {
    /// Of the weights.
    pub w: [[f32; O]; I],
    /// Of the biases.
    pub b: [f32; O],
}

impl<const I: usize, const O: usize> Zero for DenseGrad<I, O> {
    const ZERO: Self = DenseGrad { w: Zero::ZERO, b: Zero::ZERO };
}

impl<const I: usize, const O: usize> Floats for DenseGrad<I, O> {
    const FLOATS: usize = I * O + O;
    fn walk_all(values: &[Self], visit: &mut dyn FnMut(&[f32])) {
        for value in values {
            value.w.walk(visit);
            value.b.walk(visit);
        }
    }
    fn walk_all_mut(values: &mut [Self], visit: &mut dyn FnMut(&mut [f32])) {
        for value in values {
            value.w.walk_mut(visit);
            value.b.walk_mut(visit);
        }
    }
}

impl<const I: usize, const O: usize, A: Activation> Params for Dense<I, O, A> {
    const NEW: Self = Self::from_weights([[0.0; O]; I], [0.0; O]);
    const COUNT: usize = I * O + O;
    const TRAINABLE: usize = Self::COUNT;
    const ARCHITECTURE: Architecture = Architecture::layer("dense").size(I).size(O).word(A::NAME).end();
    type Grad = DenseGrad<I, O>;
    type State<P: Optimizer> = (MomentsOf<P, [[f32; O]; I]>, MomentsOf<P, [f32; O]>);

    fn init<N: Initializer, R: Rng + ?Sized>(&mut self, initializer: &N, rng: &mut R) {
        initializer.fill(self.w.as_flattened_mut(), I, O, rng);
        for b in &mut self.b {
            *b = 0.0;
            compact();
        }
    }

    #[inline(always)]
    fn apply<P: Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<P>, optimizer: &P) {
        update(optimizer, &mut self.w, 0, grad.w.as_flattened(), &mut state.0);
        update(optimizer, &mut self.b, 0, &grad.b, &mut state.1);
    }

    fn apply_aside<P: Optimizer>(
        &self,
        grad: &mut Self::Grad,
        state: &mut Self::State<P>,
        optimizer: &P,
        window: &mut Window,
    ) {
        update_aside(optimizer, &self.w, &mut grad.w, &mut state.0, window);
        update_aside(optimizer, &self.b, &mut grad.b, &mut state.1, window);
    }

    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        visit(Self::tensor(first, "w", &[I, O]), self.w.as_flattened());
        visit(Self::tensor(first, "b", &[O]), &self.b);
    }

    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        visit(Self::tensor(first, "w", &[I, O]), self.w.as_flattened_mut());
        visit(Self::tensor(first, "b", &[O]), &mut self.b);
    }
}

impl<P: Place, const I: usize, const O: usize, A: Activation> Stored<P> for Dense<I, O, A> {
    const STORED: Self = {
        let mut layer = Self::NEW;
        let rest = read(layer.w.as_flattened_mut(), P::BYTES);
        read(&mut layer.b, rest);
        layer
    };
}

impl<const I: usize, const O: usize, A: Activation> Layer<[f32; I]> for Dense<I, O, A> {
    type Y = [f32; O];
    /// The sums before the activation, if its slope is a function of them.
    type Trace<const B: usize> = <A::Kept as Keep>::Store<[[f32; O]; B]>;
    const WORK: usize = 0;

    #[inline(always)]
    fn infer(&self, x: &[[f32; I]], y: &mut [[f32; O]], _: &mut [f32]) {
        matmul::affine(x, &self.w, &self.b, y, &Value::<A>(PhantomData));
        y.iter_mut().for_each(|y| A::finish_sample(y));
    }

    #[inline(always)]
    fn forward<const B: usize>(&self, x: &[[f32; I]], y: &mut [[f32; O]], trace: &mut Self::Trace<B>, _: Mode<'_>) {
        let Some(z) = A::Kept::inputs_mut::<[[f32; O]; B]>(trace) else {
            return self.infer(x, y, &mut []);
        };
        let z = front_mut(z, x.len());
        matmul::affine(x, &self.w, &self.b, z, &matmul::Plain);
        elementwise::map_into(&Value::<A>(PhantomData), z.as_flattened(), y.as_flattened_mut());
        y.iter_mut().for_each(|y| A::finish_sample(y));
    }

    // dz = dy · A'(z), left in dy;  dx = dz · wᵀ
    #[inline(always)]
    fn backward<const B: usize>(
        &self,
        x: &[[f32; I]],
        y: &[[f32; O]],
        trace: &mut Self::Trace<B>,
        dy: &mut [[f32; O]],
        dx: Option<&mut [[f32; I]]>,
    ) {
        let kept = A::Kept::inputs::<[[f32; O]; B]>(trace).map_or(y, |z| front(z, x.len()));
        for (kept, dy) in kept.iter().zip(dy.iter_mut()) {
            A::chain_rule(kept, dy);
        }
        if let Some(dx) = dx {
            matmul::input_gradient(dy, &self.w, dx);
        }
    }

    // dw += xᵀ · dz,  db += Σ dz
    #[inline(always)]
    fn gradient<const B: usize>(&self, x: &[[f32; I]], _: &Self::Trace<B>, dz: &[[f32; O]], grad: &mut Self::Grad) {
        matmul::weight_gradient(x, dz, |first, rows| {
            elementwise::add(rows.as_flattened(), grad.w.get_mut(first..).unwrap_or_default().as_flattened_mut());
        });
        elementwise::add(&matmul::column_sums(dz), &mut grad.b);
    }

    #[inline(always)]
    fn learn<const B: usize, P: Optimizer>(
        &mut self,
        x: &[[f32; I]],
        _: &Self::Trace<B>,
        dz: &[[f32; O]],
        state: &mut Self::State<P>,
        optimizer: &P,
    ) {
        // Of one sample, the gradient is a product that need not be stored.
        if let (true, [x], [dz]) = (const { O.is_multiple_of(NATIVE) || I * O <= 16 }, x, dz) {
            update(optimizer, &mut self.w, 0, Gradient { a: x, b: dz }, &mut state.0);
        } else {
            matmul::weight_gradient(x, dz, |first, rows| {
                update(optimizer, &mut self.w, first * O, rows.as_flattened(), &mut state.0);
            });
        }
        match dz {
            [dz] => update(optimizer, &mut self.b, 0, dz, &mut state.1),
            _ => update(optimizer, &mut self.b, 0, &matmul::column_sums(dz), &mut state.1),
        }
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, [f32; O]>("Dense", A::NAME));
    }
}

impl<const I: usize, const O: usize, A: Activation> Network for Dense<I, O, A> {
    type Input = [f32; I];
}

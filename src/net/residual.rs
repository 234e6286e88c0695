use crate::kernels::elementwise;
use crate::net::LayerInfo;
use crate::net::chain::Link;
use crate::net::{Layer, Mode, Network};
use crate::optimizers::Optimizer;
use crate::tensor::Architecture;
use crate::tensor::Window;
use crate::tensor::from_bytes::{Place, Stored};
use crate::tensor::init::Initializer;
use crate::tensor::{Params, TensorName};
use crate::tensor::{Tensor, copy};
use rand_core::Rng;

/// `y = F(x) + x`, a residual block (He et al. 2015): Keras' `Add()([x, F(x)])`. `F` gives what it takes.
///
/// ```
/// use baregrad::prelude::*;
/// type Block = Residual<chain![Dense<16, 8, Relu>, Dense<8, 16>]>;
/// type Net = chain![Dense<4, 16, Relu>, Block, Block, Dense<16, 2>];
/// assert_eq!(Block::SCRATCH, 8);
/// ```
///
/// In the text of [`Architecture`] it is a line `residual`, the lines of `F`, and a line `end`.
pub struct Residual<F>(pub F);

/// What the layers of a [`Residual`] must give: samples of the type that they take.
#[diagnostic::on_unimplemented(
    message = "the layers of a residual block take `{X}`, but give `{Self}`",
    label = "x and F(x) of this block cannot be added",
    note = "the output of the layers in a `Residual` must have the shape of their input"
)]
pub trait SameShape<X> {}

impl<X: Tensor> SameShape<X> for X {}

impl<F: Params> Params for Residual<F> {
    const NEW: Self = Residual(F::NEW);
    const COUNT: usize = F::COUNT;
    const TRAINABLE: usize = F::TRAINABLE;
    const LAYERS: usize = F::LAYERS;
    const ARCHITECTURE: Architecture =
        Architecture::NONE.text("residual\n").then(F::ARCHITECTURE).then(Architecture::NONE.text("end\n"));
    type Grad = F::Grad;
    type State<O: Optimizer> = F::State<O>;

    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        self.0.init(initializer, rng);
    }

    #[inline(always)]
    fn apply<O: Optimizer>(&mut self, grad: &F::Grad, state: &mut F::State<O>, optimizer: &O) {
        self.0.apply(grad, state, optimizer);
    }

    fn apply_aside<O: Optimizer>(
        &self,
        grad: &mut Self::Grad,
        state: &mut Self::State<O>,
        optimizer: &O,
        window: &mut Window,
    ) {
        self.0.apply_aside(grad, state, optimizer, window);
    }

    #[inline(always)]
    fn penalty(&self) -> f32 {
        self.0.penalty()
    }

    #[inline(always)]
    fn penalty_gradient(&self, grad: &mut F::Grad) {
        self.0.penalty_gradient(grad);
    }

    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        self.0.tensors(first, visit);
    }

    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        self.0.tensors_mut(first, visit);
    }
}

impl<P: Place, F: Stored<P>> Stored<P> for Residual<F> {
    const STORED: Self = Residual(F::STORED);
}

impl<X: Tensor, F: Layer<X>> Layer<X> for Residual<F>
where
    F::Y: SameShape<X>,
{
    type Y = F::Y;
    /// F(x) and its gradient.
    type Trace<const B: usize> = Link<F::Y, F::Trace<B>, (), B>;
    const WORK: usize = F::WORK;

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [F::Y], work: &mut [f32]) {
        self.0.infer(x, y, work);
        elementwise::add(X::flat_all(x), F::Y::flat_all_mut(y));
    }

    #[inline(always)]
    fn forward<const B: usize>(&self, x: &[X], y: &mut [F::Y], trace: &mut Self::Trace<B>, mode: Mode<'_>) {
        let (f, _, inner, ()) = trace.parts(x.len());
        self.0.forward::<B>(x, f, inner, mode);
        copy(f, y);
        elementwise::add(X::flat_all(x), F::Y::flat_all_mut(y));
    }

    // dx = F's dx + dy
    #[inline(always)]
    fn backward<const B: usize>(
        &self,
        x: &[X],
        _: &[F::Y],
        trace: &mut Self::Trace<B>,
        dy: &mut [F::Y],
        mut dx: Option<&mut [X]>,
    ) {
        let (f, df, inner, ()) = trace.parts(x.len());
        copy(dy, df);
        self.0.backward::<B>(x, f, inner, df, dx.as_deref_mut());
        if let Some(dx) = dx {
            elementwise::add(F::Y::flat_all(dy), X::flat_all_mut(dx));
        }
    }

    #[inline(always)]
    fn gradient<const B: usize>(&self, x: &[X], trace: &Self::Trace<B>, _: &[F::Y], grad: &mut F::Grad) {
        let (_, df, inner, ()) = trace.read(x.len());
        self.0.gradient::<B>(x, inner, df, grad);
    }

    #[inline(always)]
    fn learn<const B: usize, O: Optimizer>(
        &mut self,
        x: &[X],
        trace: &Self::Trace<B>,
        _: &[F::Y],
        state: &mut F::State<O>,
        optimizer: &O,
    ) {
        let (_, df, inner, ()) = trace.read(x.len());
        self.0.learn::<B, O>(x, inner, df, state, optimizer);
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::heading::<F::Y>("Residual"));
        F::describe(&mut |line| visit(line.inside()));
    }
}

impl<F: Network> Network for Residual<F>
where
    F::Y: SameShape<F::Input>,
{
    type Input = F::Input;
}

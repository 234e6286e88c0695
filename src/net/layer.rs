//! The contract of layers, and who writes what.
//!
//! | role | name | who writes it |
//! |---|---|---|
//! | weights | `self` | the optimiser |
//! | gradients of the weights | `grad` | [`Layer::gradient`] **adds** |
//! | moments | `state` | the optimiser |
//! | activations | `x` → `y` | [`Layer::forward`] **overwrites** `y` |
//! | their gradients | `dy` → `dx` | [`Layer::backward`] consumes `dy`, **overwrites** `dx` |
//!
//! A training step calls `forward`, `backward`, and then either `gradient` or `learn`: `backward` goes through all layers
//! from last to first before any weight changes, so that `learn` may change weights while it forms their gradient.

use crate::error::Error;
use crate::net::LayerInfo;
use crate::optimizers::Optimizer;
use crate::tensor::Params;
use crate::tensor::{Tensor, Zero};
use rand_core::Rng;

/// Whether a forward pass trains: some layers then behave differently, and draw random numbers.
pub enum Mode<'a> {
    /// As in inference (Keras' `training=False`).
    Infer,
    /// As in training, with random numbers for the layers that need some.
    Train(&'a mut dyn Rng),
}

impl Mode<'_> {
    /// The same mode, for one layer of several.
    #[inline(always)]
    pub fn again(&mut self) -> Mode<'_> {
        match self {
            Mode::Infer => Mode::Infer,
            Mode::Train(rng) => Mode::Train(&mut **rng),
        }
    }
}

/// A differentiable map from samples `X` to samples `Self::Y`. A batch is a slice of samples.
///
/// All slices of one call have as many samples as `x`, which are at most the capacity `B` of the trace.
#[diagnostic::on_unimplemented(
    message = "layer `{Self}` does not take an input of type `{X}`",
    label = "this layer's input has another shape",
    note = "the output shape of each layer of a chain must be the input shape of the next"
)]
pub trait Layer<X: Tensor>: Params {
    /// The output for one sample.
    type Y: Tensor;
    /// What `forward` leaves for `backward` besides `x` and `y`: `()` for most layers.
    type Trace<const B: usize>: Zero;
    /// Floats for each sample that `infer` needs besides `x` and `y`.
    const WORK: usize;
    /// The same where `x` itself lies in the work space.
    const WORK_WITH_X: usize = X::LEN + Self::WORK;

    /// `y` of `x`, without a trace. `work` has at least `WORK` floats for each sample.
    fn infer(&self, x: &[X], y: &mut [Self::Y], work: &mut [f32]);

    /// `y` of the samples that lie at one end of `work`, which has `WORK_WITH_X` floats for each.
    #[inline(always)]
    fn infer_within(&self, end: End, y: &mut [Self::Y], work: &mut [f32]) {
        let (x, work) = end.split::<X>(work, y.len());
        self.infer(x, y, work);
    }

    /// `y` of `x`, and the trace for `backward`.
    fn forward<const B: usize>(&self, x: &[X], y: &mut [Self::Y], trace: &mut Self::Trace<B>, mode: Mode<'_>);

    /// From `dy`, the loss' gradient with respect to `y`, that with respect to `x`, if asked.
    ///
    /// `dy` is left as what `gradient` and `learn` want of it.
    fn backward<const B: usize>(
        &self,
        x: &[X],
        y: &[Self::Y],
        trace: &mut Self::Trace<B>,
        dy: &mut [Self::Y],
        dx: Option<&mut [X]>,
    );

    /// Adds the gradient of the weights to `grad`, after `backward`.
    fn gradient<const B: usize>(&self, x: &[X], trace: &Self::Trace<B>, dy: &[Self::Y], grad: &mut Self::Grad);

    /// One step of `optimizer` along the gradient of the weights, which is not stored: after `backward`.
    ///
    /// Gives the same bits as [`Layer::gradient`] into zeros, [`Params::penalty_gradient`], and [`Params::apply`], which is what
    /// it does unless a layer knows better: one with a large gradient must, for this one lies on the stack.
    #[inline(always)]
    fn learn<const B: usize, O: Optimizer>(
        &mut self,
        x: &[X],
        trace: &Self::Trace<B>,
        dy: &[Self::Y],
        state: &mut Self::State<O>,
        optimizer: &O,
    ) {
        let mut grad = Self::Grad::ZERO;
        self.gradient(x, trace, dy, &mut grad);
        self.penalty_gradient(&mut grad);
        self.apply(&grad, state, optimizer);
    }

    /// The part of [`Layer::forward`] that belongs to one of the [`LAYERS`](Params::LAYERS), to be called for each from the
    /// first on. By default the whole belongs to the first.
    #[inline(always)]
    fn forward_part<const B: usize>(
        &self,
        layer: usize,
        x: &[X],
        y: &mut [Self::Y],
        trace: &mut Self::Trace<B>,
        mode: Mode<'_>,
    ) {
        if layer == 0 {
            self.forward::<B>(x, y, trace, mode);
        }
    }

    /// The part of [`Layer::backward`] and [`Layer::gradient`] that belongs to one of the layers, to be called for each from
    /// the last on.
    #[inline(always)]
    fn backward_part<const B: usize>(
        &self,
        layer: usize,
        x: &[X],
        y: &[Self::Y],
        trace: &mut Self::Trace<B>,
        dy: &mut [Self::Y],
        dx: Option<&mut [X]>,
        grad: &mut Self::Grad,
    ) {
        if layer == 0 {
            self.backward::<B>(x, y, trace, dy, dx);
            self.gradient::<B>(x, trace, dy, grad);
        }
    }

    /// Calls `visit` with one line for each layer, for [`summary`](crate::Summary).
    fn describe(visit: &mut dyn FnMut(LayerInfo));
}

/// An end of the work space of [`Layer::infer`].
#[derive(Clone, Copy)]
pub enum End {
    /// The first floats.
    Front,
    /// The last floats.
    Back,
}

impl End {
    /// The other end.
    #[inline(always)]
    pub fn other(self) -> End {
        match self {
            End::Front => End::Back,
            End::Back => End::Front,
        }
    }

    /// `count` samples at this end of `work`, and the rest of it.
    #[inline(always)]
    pub fn split<X: Tensor>(self, work: &mut [f32], count: usize) -> (&mut [X], &mut [f32]) {
        let len = count * X::LEN;
        let (samples, rest) = match self {
            End::Front => work.split_at_mut_checked(len).unwrap_or_default(),
            End::Back => {
                let (rest, samples) = work.split_at_mut_checked(work.len().saturating_sub(len)).unwrap_or_default();
                (samples, rest)
            }
        };
        (X::from_flat_mut(samples), rest)
    }
}

/// A layer or chain that names its own input, and so is a whole net: what [`Trainer`](crate::Trainer) takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a whole net: it does not name its input",
    note = "a net starts with a layer of a fixed input shape such as `Dense<I, O>`, and each next layer takes its output"
)]
pub trait Network: Layer<Self::Input> {
    /// One sample of the input.
    type Input: Tensor;

    /// Floats of scratch that inference of one sample needs: at most the two largest neighbouring activations.
    const SCRATCH: usize = <Self as Layer<Self::Input>>::WORK;

    /// Inference of one sample; a scratch of fewer than [`Network::SCRATCH`] floats does not compile.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// type Net = chain![Dense<2, 8, Tanh>, Dense<8, 1>];
    ///
    /// static NET: Net = Net::NEW; // in flash
    /// let mut y = [0.0];
    /// NET.infer_one(&[1.0, 2.0], &mut y, &mut [0.0; Net::SCRATCH]);
    /// ```
    #[inline]
    fn infer_one<const S: usize>(
        &self,
        x: &Self::Input,
        y: &mut <Self as Layer<Self::Input>>::Y,
        scratch: &mut [f32; S],
    ) {
        const { assert!(S >= Self::SCRATCH, "the scratch is smaller than the net's SCRATCH") };
        self.infer(core::slice::from_ref(x), core::slice::from_mut(y), scratch);
    }

    /// Inference of many samples, as many at once as `scratch` has room for.
    ///
    /// # Errors
    /// `x` and `y` of different lengths; fewer than [`Network::SCRATCH`] floats of scratch.
    fn infer_batch(
        &self,
        x: &[Self::Input],
        y: &mut [<Self as Layer<Self::Input>>::Y],
        scratch: &mut [f32],
    ) -> Result<(), Error> {
        if x.len() != y.len() {
            return Err(Error::LengthMismatch { samples: x.len(), targets: y.len() });
        }
        if scratch.len() < Self::SCRATCH {
            return Err(Error::ScratchTooSmall { floats: scratch.len(), needed: Self::SCRATCH });
        }
        let rows = scratch.len().checked_div(Self::SCRATCH).unwrap_or(x.len()).max(1);
        for (x, y) in x.chunks(rows).zip(y.chunks_mut(rows)) {
            self.infer(x, y, scratch);
        }
        Ok(())
    }
}

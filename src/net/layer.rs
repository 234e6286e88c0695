//! The contract of layers, and who writes what.
//!
//! | role | name | who writes it |
//! |---|---|---|
//! | weights | `self` | the optimiser |
//! | gradients of the weights | `to` | [`Backward::gradient`] hands them to sinks, each value once |
//! | moments | `state` | the optimiser |
//! | activations | `x` → `y` | [`Layer::forward`] **overwrites** `y` |
//! | their gradients | `dy` → `dx` | [`Backward::backward`] consumes `dy`, **overwrites** `dx` |
//!
//! A training step calls `forward`, and then walks back once, from the last layer to the first ([`Layer::walk`]): of each
//! layer it calls `backward`, which needs the old weights, and then `gradient`, which may change them, before it comes to the
//! layer before. So only two gradients of activations live at a time. They lie in two buffers, `p` and `q`, which swap their
//! roles from layer to layer: see [`Side`].

use super::{Destination, LayerInfo, NotFinite, Side};
use crate::kernels::reduce::absolute_sum;
use crate::tensor::{Flat, Leaf, Params, Sfc32, Sinks, Tensor, Want, Zero};

/// How a forward pass is made. It is a struct so that more can be told to the layers that want to know, such as the length of
/// each sequence.
pub struct Mode<'a> {
    rng: Option<&'a mut Sfc32>,
}

impl<'a> Mode<'a> {
    /// As in inference: Keras' `training=False`.
    #[inline(always)]
    pub fn infer() -> Self {
        Mode { rng: None }
    }

    /// As in training, with random numbers for the layers that need some: Keras' `training=True`.
    #[inline(always)]
    pub fn train(rng: &'a mut Sfc32) -> Self {
        Mode { rng: Some(rng) }
    }

    /// Training if there are random numbers, else inference.
    #[inline(always)]
    pub fn of(rng: Option<&'a mut Sfc32>) -> Self {
        Mode { rng }
    }

    /// The random numbers of training, or nothing in inference.
    #[inline(always)]
    pub fn rng(self) -> Option<&'a mut Sfc32> {
        self.rng
    }

    /// Whether this is training.
    #[inline(always)]
    pub fn trains(&self) -> bool {
        self.rng.is_some()
    }

    /// The same mode for one layer of several.
    #[inline(always)]
    pub fn again(&mut self) -> Mode<'_> {
        Mode { rng: self.rng.as_deref_mut() }
    }
}

/// A differentiable map from samples `X` to samples `Self::Y`. A batch is a slice of samples.
///
/// All slices of one call have as many samples as `x`, which are at most the capacity `B` of the trace. `W` says whether
/// somebody wants the gradient of the input.
///
/// A simple layer writes `infer`, `forward`, `describe`, and [`leaf!`](crate::leaf) for all else, and implements [`Backward`].
#[diagnostic::on_unimplemented(
    message = "layer `{Self}` does not take an input of type `{X}`",
    label = "this layer's input has another shape",
    note = "the output shape of each layer of a chain must be the input shape of the next"
)]
pub trait Layer<X: Tensor>: Params {
    /// The output for one sample.
    type Y: Tensor;
    /// What `forward` leaves for the walk back besides `x` and `y`: `()` for most layers.
    type Trace<const B: usize, W: Want>: Zero;
    /// In which of the two buffers the walk back leaves `dx`.
    type Side: Side;
    /// The buffer in which `dy` comes.
    type P<const B: usize, W: Want>: Flat;
    /// The other buffer.
    type Q<const B: usize, W: Want>: Flat;
    /// What [`Layer::cross`] needs besides both buffers.
    type Held<const B: usize>: Zero;
    /// Floats per sample that `infer` needs besides `x` and `y`.
    const WORK: usize = 0;
    /// The same where `x` itself lies in the work space.
    const WORK_WITH_X: usize = X::LEN + Self::WORK;

    /// `y` of `x`, without a trace. `work` has at least `WORK` floats per sample.
    fn infer(&self, x: &[X], y: &mut [Self::Y], work: &mut [f32]);

    /// `y` of the samples that lie at one end of `work`, which has `WORK_WITH_X` floats per sample.
    #[inline(always)]
    fn infer_within(&self, end: End, y: &mut [Self::Y], work: &mut [f32]) {
        let (x, work) = end.split::<X>(work, y.len());
        self.infer(x, y, work);
    }

    /// `y` of `x`, and the trace for the walk back.
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[X],
        y: &mut [Self::Y],
        trace: &mut Self::Trace<B, W>,
        mode: Mode<'_>,
    );

    /// The walk back through the layer or the net. `p` begins with `dy`, the gradient of the loss with respect to `y`.
    ///
    /// The gradients of the weights go to the destination `D`, layer by layer. If `W` wants `dx`, it is left at the front of
    /// `p` or `q`, as [`Layer::Side`] says. `y` is as `forward` left it; the layer may use it as scratch.
    ///
    /// # Errors
    /// The gradient of a layer is not finite: the layers behind it have been walked through, and it is the first to be left
    /// alone.
    fn walk<const B: usize, W: Want, D: Destination>(
        at: D::At<'_, Self>,
        x: &[X],
        y: &mut [Self::Y],
        trace: &mut Self::Trace<B, W>,
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite>;

    /// A forward pass of `count` samples that keeps no trace. It leaves `y` at the front of `p`, and needs the buffers
    /// `P<B, Through>` and `Q<B, Through>`. If `x` is not given, it lies at the front of the buffer that [`Layer::Side`] names. If a part is named,
    /// only that one of the [`LAYERS`](Params::LAYERS) runs.
    fn cross<const B: usize>(
        &self,
        part: Option<usize>,
        x: Option<&[X]>,
        count: usize,
        p: &mut [f32],
        q: &mut [f32],
        held: &mut Self::Held<B>,
        mode: Mode<'_>,
    );

    /// What the forward pass has found out for [`Params::settle`].
    #[inline(always)]
    fn statistics<const B: usize, W: Want>(trace: &Self::Trace<B, W>) -> Self::Statistics {
        let _ = trace;
        Zero::ZERO
    }

    /// The part of [`Layer::forward`] that belongs to one of the [`LAYERS`](Params::LAYERS), to be called for each from the
    /// first on. By default the whole belongs to the first.
    #[inline(always)]
    fn forward_part<const B: usize, W: Want>(
        &self,
        layer: usize,
        x: &[X],
        y: &mut [Self::Y],
        trace: &mut Self::Trace<B, W>,
        mode: Mode<'_>,
    ) {
        if layer == 0 {
            self.forward::<B, W>(x, y, trace, mode);
        }
    }

    /// The part of [`Layer::walk`] that belongs to one of the layers, to be called for each from the last on. By default the
    /// whole belongs to the first.
    ///
    /// # Errors
    /// As [`Layer::walk`].
    #[inline(always)]
    fn walk_part<const B: usize, W: Want, D: Destination>(
        layer: usize,
        at: D::At<'_, Self>,
        x: &[X],
        y: &mut [Self::Y],
        trace: &mut Self::Trace<B, W>,
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite> {
        if layer == 0 { Self::walk::<B, W, D>(at, x, y, trace, p, q) } else { Ok(()) }
    }

    /// Calls `visit` with one line per layer, for [`summary`](crate::Summary).
    fn describe(visit: &mut dyn FnMut(LayerInfo));
}

/// The way back through a single layer.
pub trait Backward<X: Tensor>: Layer<X> + Leaf {
    /// From `dy`, the gradient of the loss with respect to `y`, the gradient with respect to `x`, if asked.
    ///
    /// `dy` is left as what `gradient` wants of it: by layers with an activation as `dz`.
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[X],
        y: &[Self::Y],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [Self::Y],
        dx: Option<&mut [X]>,
    );

    /// Hands the gradient of each tensor to its sink, each value once, after `backward`. Layers without tensors need not
    /// write it.
    #[inline(always)]
    fn gradient<const B: usize, W: Want, S: Sinks>(
        x: &[X],
        y: &[Self::Y],
        trace: &Self::Trace<B, W>,
        dz: &[Self::Y],
        to: &mut Self::To<S>,
    ) {
        const { assert!(Self::TRAINABLE == 0, "this layer has tensors, but no `gradient`") };
        let _ = (x, y, trace, dz, to);
    }

    /// A bound on the size of each value of the gradient: infinite or NaN if a value of the gradient may be. By default for
    /// layers that multiply `dz` with moderate numbers.
    #[inline(always)]
    fn bound(x: &[X], dz: &[Self::Y]) -> f32 {
        let _ = x;
        absolute_sum(Self::Y::flat_all(dz)) * 1e4
    }
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

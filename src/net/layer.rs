//! The contract of layers: [`Layer`] says which function writes which buffer, and how to write a layer.

use super::{Destination, LayerInfo, NotFinite, Side};
use crate::kernels::reduce::absolute_sum;
use crate::tensor::{Flat, Leaf, Params, Sfc32, Sinks, Tensor, Want, Zero};

/// Which of the [`LAYERS`](Params::LAYERS) of a net run: all of them, or a single one.
///
/// A pass forward in pieces runs each layer once, from the first to the last; the way back runs each from the last to the
/// first. A composition other than a chain runs as a whole, at the turn of its first layer.
#[derive(Clone, Copy)]
pub struct Part(Option<usize>);

impl Part {
    /// The whole net.
    pub const ALL: Self = Part(None);

    /// The layer of this number.
    #[inline(always)]
    pub fn only(layer: usize) -> Self {
        Part(Some(layer))
    }

    /// The part of the first `layers` layers, or `None` if none of them runs.
    #[inline(always)]
    pub fn first(self, layers: usize) -> Option<Self> {
        self.0.is_none_or(|layer| layer < layers).then_some(self)
    }

    /// The part of the other layers, or `None` if none of them runs.
    #[inline(always)]
    pub fn rest(self, layers: usize) -> Option<Self> {
        match self.0 {
            None => Some(self),
            Some(layer) => layer.checked_sub(layers).map(Part::only),
        }
    }
}

/// How a forward pass runs: in training or in inference. It is a struct so that it can tell the layers more later, such as
/// the length of each sequence.
pub struct Mode<'a> {
    rng: Option<&'a mut Sfc32>,
    /// Which layers run.
    pub part: Part,
    /// Room for [`Layer::Room`]. It must stay the same from part to part.
    pub room: &'a mut [f32],
}

impl<'a> Mode<'a> {
    /// A pass as in inference: Keras' `training=False`.
    #[inline(always)]
    pub fn infer() -> Self {
        Mode::of(None)
    }

    /// A pass as in training, with random numbers for the layers that need them: Keras' `training=True`.
    #[inline(always)]
    pub fn train(rng: &'a mut Sfc32) -> Self {
        Mode::of(Some(rng))
    }

    /// Training if there are random numbers, otherwise inference.
    #[inline(always)]
    pub fn of(rng: Option<&'a mut Sfc32>) -> Self {
        Mode { rng, part: Part::ALL, room: &mut [] }
    }

    /// The same mode, with room for [`Layer::Room`].
    #[inline(always)]
    pub fn with_room(self, room: &'a mut [f32]) -> Self {
        Mode { room, ..self }
    }

    /// Returns the random numbers of training, or `None` in inference.
    #[inline(always)]
    pub fn rng(self) -> Option<&'a mut Sfc32> {
        self.rng
    }

    /// Returns a copy of the random numbers of training, or zero in inference.
    #[inline(always)]
    pub fn rng_before(&self) -> Sfc32 {
        self.rng.as_deref().cloned().unwrap_or(Sfc32::ZERO)
    }

    /// Whether this is a training pass.
    #[inline(always)]
    pub fn trains(&self) -> bool {
        self.rng.is_some()
    }

    /// The same mode, for a part of the layers.
    #[inline(always)]
    pub fn of_part(&mut self, part: Part) -> Mode<'_> {
        Mode { rng: self.rng.as_deref_mut(), part, room: self.room }
    }

    /// The same mode, for a composition whose layers run all at once, with its first layer. Returns `None` if it is not the
    /// first layer that runs.
    #[inline(always)]
    pub fn at_once(self) -> Option<Self> {
        self.part.first(1).map(|_| self.whole())
    }

    /// The same mode, for all layers.
    #[inline(always)]
    pub fn whole(self) -> Self {
        Mode { part: Part::ALL, ..self }
    }

    /// The mode of frozen layers, which always infer.
    #[inline(always)]
    pub fn frozen(self) -> Self {
        Mode { rng: None, ..self }
    }
}

/// A differentiable map from samples `X` to samples `Self::Y`. A batch is a slice of samples.
///
/// All slices of one call have the same number of samples, which is at most the capacity `B` of the trace. `W` says whether
/// the gradient of the input is wanted.
///
/// | role | name | who writes it |
/// |---|---|---|
/// | weights | `self` | the optimiser |
/// | gradients of the weights | `to` | [`Backward::gradient`] gives them to sinks, each value once |
/// | moments | `state` | the optimiser |
/// | activations | `x` → `y` | [`Layer::forward`] **overwrites** `y` |
/// | their gradients | `dy` → `dx` | [`Backward::backward`] consumes `dy`, **overwrites** `dx` |
///
/// A training step calls `forward`, and then walks back once, from the last layer to the first ([`Layer::walk`]). For each
/// layer it calls `backward`, which needs the old weights, and then `gradient`, which may change them. Only then does it go
/// on to the layer before. So only two gradients of activations exist at a time. They lie in two buffers, `p` and `q`, which
/// swap their roles from layer to layer (see [`Side`]). A chain of `L` layers of `n` values, whose traces are `()`, thus
/// keeps `(L + 2) · n` floats per sample.
///
/// # Writing a layer
///
/// 1. Declare the tensors with [`params!`](crate::params). A layer without tensors implements
///    [`Parameterless`](crate::tensor::Parameterless) instead.
/// 2. Implement `Layer`: write `Y`, `Trace` and `infer`, and `forward` if there is a trace. Take the rest from
///    [`leaf!`](crate::leaf).
/// 3. Implement [`Backward`]: `backward` computes `dx`, `gradient` passes the gradient of each tensor to its sink, and
///    `bound` bounds the gradient.
/// 4. Implement [`Network`](super::Network), which names the input, if a net can start with the layer.
///
/// ```
/// use baregrad::net::{Backward, Layer};
/// use baregrad::tensor::{Architecture, Sink, Sinks, Want};
/// use baregrad::{leaf, params, prelude::*};
/// type Rows<'a, const N: usize> = &'a [[f32; N]];
///
/// /// `y = gain · x + offset`, feature by feature.
/// pub struct Affine<const N: usize> { pub gain: [f32; N], pub offset: [f32; N] }
///
/// params! {
///     [const N: usize] Affine<N>, "Affine", Architecture::layer("affine").size(N).end();
///     trained gain: [f32; N] = [1.0; N];
///     trained offset: [f32; N] = [0.0; N];
/// }
///
/// impl<const N: usize> Layer<[f32; N]> for Affine<N> {
///     type Y = [f32; N];
///     type Trace<const B: usize, W: Want> = (); // The way back needs only `x`.
///     leaf!([f32; N], "Affine");
///     fn infer(&self, x: Rows<N>, y: &mut [[f32; N]], _: &mut [f32]) {
///         for (x, y) in x.iter().zip(y) {
///             *y = std::array::from_fn(|i| self.gain[i] * x[i] + self.offset[i]);
///         }
///     }
/// }
///
/// impl<const N: usize> Backward<[f32; N]> for Affine<N> {
///     // dx = gain · dy. There is no activation, so `dy` is `dz` already.
///     fn backward<const B: usize, W: Want>(
///         &self, _: Rows<N>, _: Rows<N>, (): &mut (), dy: &mut [[f32; N]], dx: Option<&mut [[f32; N]]>,
///     ) {
///         for (dy, dx) in dy.iter().zip(dx.unwrap_or_default()) {
///             *dx = std::array::from_fn(|i| self.gain[i] * dy[i]);
///         }
///     }
///     // d_gain = Σ x · dz, d_offset = Σ dz. The batch is summed first: a sink takes each value once.
///     fn gradient<const B: usize, W: Want, S: Sinks>(
///         x: Rows<N>, _: Rows<N>, (): &(), dz: Rows<N>, (gain, offset): &mut Self::To<S>,
///     ) {
///         let d_gain: [f32; N] = std::array::from_fn(|i| x.iter().zip(dz).map(|(x, dz)| x[i] * dz[i]).sum());
///         let d_offset: [f32; N] = std::array::from_fn(|i| dz.iter().map(|dz| dz[i]).sum());
///         gain.add(0, (&d_gain).into());
///         offset.add(0, (&d_offset).into());
///     }
///     fn bound(x: Rows<N>, dz: Rows<N>) -> f32 {
///         let size = |rows: Rows<N>| rows.as_flattened().iter().map(|v| v.abs()).sum::<f32>();
///         (1.0 + size(x)) * size(dz)
///     }
/// }
///
/// impl<const N: usize> Network for Affine<N> { type Input = [f32; N]; }
///
/// let mut model = Trainer::<Affine<1>, _, _, 2>::untrained(MeanSquaredError, Sgd::new(0.5));
/// model.step(&[[2.0], [4.0]], &[[1.0], [4.0]])?; // dy = [1, 0]
/// assert_eq!((model.net.gain, model.net.offset), ([0.0], [-0.5]));
/// assert_eq!(<chain![Dense<2, 3>, Affine<3>, Dense<3, 1>]>::COUNT, 9 + 6 + 4);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "layer `{Self}` does not take an input of type `{X}`",
    label = "this layer's input has another shape",
    note = "the output shape of each layer of a chain must be the input shape of the next"
)]
pub trait Layer<X: Tensor>: Params {
    /// The output for one sample.
    type Y: Tensor;
    /// The data that `forward` keeps for the walk back, besides `x` and `y`. It is `()` for most layers.
    type Trace<const B: usize, W: Want>: Zero;
    /// The buffer in which the walk back leaves `dx`.
    type Side: Side;
    /// The first buffer. It holds `dy` when the walk back begins.
    type P<const B: usize, W: Want>: Flat;
    /// The second buffer.
    type Q<const B: usize, W: Want>: Flat;
    /// The room for floats that [`Layer::forward`] needs for a while: for frozen layers, of which nothing but the last output is
    /// kept.
    type Room<const B: usize, W: Want>: Flat;
    /// The memory that [`Layer::cross`] needs besides both buffers.
    type Held<const B: usize>: Zero;
    /// Floats per sample that `infer` needs besides `x` and `y`.
    const WORK: usize = 0;
    /// Floats per sample that `infer_within` needs, where `x` itself lies in the work space.
    const WORK_WITH_X: usize = X::LEN + Self::WORK;
    /// Floats per sample that `infer_into` needs, where `y` itself lies in the work space.
    const WORK_WITH_Y: usize = Self::Y::LEN + Self::WORK;
    /// Floats per sample that `infer_through` needs, where both lie in the work space.
    const WORK_WITH_BOTH: usize = X::LEN + Self::Y::LEN + Self::WORK;

    /// Computes `y` from `x` and keeps no trace. `work` has at least `WORK` floats per sample.
    fn infer(&self, x: &[X], y: &mut [Self::Y], work: &mut [f32]);

    /// Computes `y` from the samples at one end of `work`, which has at least `WORK_WITH_X` floats per sample.
    #[inline(always)]
    fn infer_within(&self, end: End, y: &mut [Self::Y], work: &mut [f32]) {
        let (x, work) = end.split::<X>(work, y.len());
        self.infer(x, y, work);
    }

    /// Computes `y` from `x`, and leaves it at one end of `work`, which has at least `WORK_WITH_Y` floats per sample.
    #[inline(always)]
    fn infer_into(&self, x: &[X], work: &mut [f32]) -> End {
        let (y, work) = End::Front.split(work, x.len());
        self.infer(x, y, work);
        End::Front
    }

    /// Computes `y` from `count` samples at one end of `work`, and leaves it at one end. `work` has at least `WORK_WITH_BOTH`
    /// floats per sample.
    #[inline(always)]
    fn infer_through(&self, end: End, count: usize, work: &mut [f32]) -> End {
        let (x, work) = end.split::<X>(work, count);
        let (y, work) = end.other().split(work, count);
        self.infer(x, y, work);
        end.other()
    }

    /// Computes `y` from `x`, and the trace for the walk back. Of a net it runs the [part](Part) that `mode` names. The
    /// default is for single layers without a trace: it infers.
    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[X],
        y: &mut [Self::Y],
        trace: &mut Self::Trace<B, W>,
        mode: Mode<'_>,
    ) {
        const { assert!(size_of::<Self::Trace<B, W>>() == 0, "this layer has a trace, but no `forward`") };
        let _ = (trace, mode);
        self.infer(x, y, &mut []);
    }

    /// Walks back through a part of the layer or the net. `p` begins with `dy`, the gradient of the loss with respect to `y`.
    ///
    /// The gradients of the weights go to the destination `D`, layer by layer. If `W` wants `dx`, it is left at the front of
    /// `p` or `q`, as [`Layer::Side`] says. `y` is as `forward` left it, and may be used as scratch.
    ///
    /// # Errors
    /// The gradient of a layer is not finite. The walk ends at this layer: the layers after it have been walked through,
    /// this layer and the layers before it have not changed.
    fn walk<const B: usize, W: Want, D: Destination>(
        part: Part,
        at: D::At<'_, Self>,
        x: &[X],
        y: &mut [Self::Y],
        trace: &mut Self::Trace<B, W>,
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite>;

    /// Runs forward on `count` samples and keeps no trace. It leaves `y` at the front of `p`, and needs the buffers
    /// `P<B, Through>` and `Q<B, Through>`. If `x` is `None`, the samples lie at the front of the buffer that
    /// [`Layer::Side`] names.
    fn cross<const B: usize>(
        &self,
        x: Option<&[X]>,
        count: usize,
        p: &mut [f32],
        q: &mut [f32],
        held: &mut Self::Held<B>,
        mode: Mode<'_>,
    );

    /// Returns the statistics of the forward pass for [`Params::settle`].
    #[inline(always)]
    fn statistics<const B: usize, W: Want>(trace: &Self::Trace<B, W>) -> Self::Statistics {
        let _ = trace;
        Zero::ZERO
    }

    /// Calls `visit` with one line per layer, for [`summary`](crate::Summary).
    fn describe(visit: &mut dyn FnMut(LayerInfo));
}

/// The way back through a single layer.
pub trait Backward<X: Tensor>: Layer<X> + Leaf {
    /// Computes `dx`, the gradient of the loss with respect to `x`, from `dy`, the gradient with respect to `y`. If `dx` is
    /// `None`, nobody needs it.
    ///
    /// It leaves in `dy` what `gradient` needs. A layer with an activation leaves `dz`, the gradient with respect to the
    /// values before the activation.
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[X],
        y: &[Self::Y],
        trace: &mut Self::Trace<B, W>,
        dy: &mut [Self::Y],
        dx: Option<&mut [X]>,
    );

    /// Passes the gradient of each tensor to its sink, each value exactly once. It is called after `backward`. Layers
    /// without tensors need not write it.
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

    /// Returns a bound on the absolute value of each value of the gradient. It must be infinite or NaN if a value of the
    /// gradient may be. The default suits layers that multiply `dz` by numbers of at most 1e4.
    #[inline(always)]
    fn bound(x: &[X], dz: &[Self::Y]) -> f32 {
        let _ = x;
        absolute_sum(Self::Y::flat_all(dz)) * 1e4
    }
}

/// An end of the work space of [`Layer::infer`], or of the arena of an int8 net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The first floats or bytes.
    Front,
    /// The last floats or bytes.
    Back,
}

impl End {
    /// Returns the other end.
    #[inline(always)]
    pub fn other(self) -> End {
        match self {
            End::Front => End::Back,
            End::Back => End::Front,
        }
    }

    /// Splits `work` into `count` samples at this end, and the rest.
    #[inline(always)]
    pub fn split<X: Tensor>(self, work: &mut [f32], count: usize) -> (&mut [X], &mut [f32]) {
        let (samples, rest) = self.split_slice(work, count * X::LEN);
        (X::from_flat_mut(samples), rest)
    }

    /// Splits a slice into `length` elements at this end, and the rest. What does not exist is empty.
    #[inline(always)]
    pub(crate) fn split_slice<T>(self, slice: &mut [T], length: usize) -> (&mut [T], &mut [T]) {
        match self {
            End::Front => slice.split_at_mut_checked(length).unwrap_or_default(),
            End::Back => {
                let (rest, last) = slice.split_at_mut_checked(slice.len().saturating_sub(length)).unwrap_or_default();
                (last, rest)
            }
        }
    }
}

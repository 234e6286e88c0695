use super::composition::composition;
use super::wrapper::stream_inner;
use super::{
    Destination, Layer, LayerInfo, Mode, Network, NotFinite, Other, Part, Side, StepOf, StreamLayer, samples,
    samples_mut,
};
use crate::leaf;
use crate::tensor::{Flat, Params, Steps, Tensor, Want, Zero, copy, length};

/// The layer or chain `F` on sequences of different lengths. The steps that are padding in its input are 0 in its output, so
/// that a layer after it with the option [`Masked`](crate::layers::Masked) still knows the lengths.
///
/// Padding is what it is for `Masked`: the steps at the end whose numbers are all 0. `F` gives one step for each step of its
/// input. A convolution needs this wrapper, because its outputs near the end of a sequence, and its biases, are not 0. In
/// Keras, convolutions lose the mask. An output of `F` is taken for padding, too, if all its numbers happen to be 0 from some
/// step on.
///
/// ```
/// use baregrad::prelude::*;
/// type Frames = Sequence<29, 24>;
/// type Net = chain![KeepPadding<Conv1d<Sequence<29, 12>, Frames, 3, 1, Relu>>, Gru<Frames, [f32; 32], Masked>];
/// # let _ = Net::SCRATCH;
///
/// let mut layer = <KeepPadding<Conv1d<Sequence<4, 1>, Sequence<4, 1>, 3>>>::NEW;
/// layer.0.w = [[[1.0]], [[2.0]], [[1.0]]];
/// layer.0.b = [0.5];
/// let mut y = [[0.0]; 4];
/// layer.infer_one(&[[1.0], [3.0], [0.0], [0.0]], &mut y, &mut []);
/// assert_eq!(y, [[5.5], [7.5], [0.0], [0.0]]);
/// ```
///
/// On a stream there is no padding.
pub struct KeepPadding<F>(pub F);

/// The output of the layers in a [`KeepPadding`]: a sequence with as many steps as their input `X`.
#[diagnostic::on_unimplemented(
    message = "the layers of a `KeepPadding` take `{X}`, but give `{Self}`",
    label = "this is no sequence of equal length",
    note = "the layers in a `KeepPadding` must give one step for each step of their input"
)]
pub trait SameLength<X>: Steps {}

impl<const I: usize, const O: usize, const T: usize> SameLength<[[f32; I]; T]> for [[f32; O]; T] {}

composition! {
    [F: Params] KeepPadding<F>, KeepPadding, "keep_padding\n";
    F = 0 in 0, "end\n"
}

/// Sets the steps of `y` that are padding in `x` to 0.
#[inline(always)]
fn keep<X: Steps, Y: Steps>(x: &[X], y: &mut [Y]) {
    for (x, y) in x.iter().zip(y) {
        let steps = length(X::Step::from_flat(x.flat()));
        Y::Step::from_flat_mut(y.flat_mut()).iter_mut().skip(steps).for_each(|y| *y = Zero::ZERO);
    }
}

impl<X: Steps, F: Layer<X>> Layer<X> for KeepPadding<F>
where
    F::Y: SameLength<X>,
{
    type Y = F::Y;
    type Trace<const B: usize, W: Want> = F::Trace<B, W>;
    type Side = Other;
    type P<const B: usize, W: Want> = F::P<B, W>;
    type Q<const B: usize, W: Want> = <F::Q<B, W> as Flat>::Or<W::Room<[X; B]>>;
    type Room<const B: usize, W: Want> = F::Room<B, W>;
    leaf!(@cross X);
    const WORK: usize = F::WORK;

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [F::Y], work: &mut [f32]) {
        self.0.infer(x, y, work);
        keep(x, y);
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [F::Y], trace: &mut Self::Trace<B, W>, mode: Mode<'_>) {
        let Some(mode) = mode.at_once() else { return };
        self.0.forward::<B, W>(x, y, trace, mode);
        keep(x, y);
    }

    // F sees 0 as its own output where dy is 0.
    #[inline(always)]
    fn walk<const B: usize, W: Want, D: Destination>(
        part: Part,
        at: D::At<'_, Self>,
        x: &[X],
        y: &mut [F::Y],
        trace: &mut Self::Trace<B, W>,
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite> {
        if part.first(1).is_none() {
            return Ok(());
        }
        keep(x, samples_mut::<F::Y>(p, x.len()));
        F::walk::<B, W, D>(Part::ALL, D::inner(at), x, y, trace, p, q)?;
        if W::YES && F::Side::SAME {
            copy(samples::<X>(p, x.len()), samples_mut(q, x.len()));
        }
        Ok(())
    }

    #[inline(always)]
    fn statistics<const B: usize, W: Want>(trace: &Self::Trace<B, W>) -> Self::Statistics {
        (F::statistics(trace),)
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::heading::<F::Y>("KeepPadding"));
        F::describe(&mut |line| visit(line.inside()));
    }
}

impl<F: Network> Network for KeepPadding<F>
where
    F::Input: Steps,
    F::Y: SameLength<F::Input>,
{
    type Input = F::Input;
}

stream_inner!([F: Layer<X, Y: SameLength<X>>] KeepPadding<F>, F, net => net.0);

use super::composition::composition;
use super::{
    Destination, Layer, LayerInfo, Mode, Network, NotFinite, Other, Part, Side, StepOf, StreamLayer, samples,
    samples_mut,
};
use crate::kernels::elementwise;
use crate::leaf;
use crate::tensor::{Flat, Params, Steps, Tensor, Want, copy, front_mut};

/// `y = F(x) + x`, a residual block (He et al. 2015): Keras' `Add()([x, F(x)])`. The output of `F` has the type of its
/// input.
///
/// ```
/// use baregrad::prelude::*;
/// type Block = Residual<chain![Dense<16, 8, Relu>, Dense<8, 16>]>;
/// type Net = chain![Dense<4, 16, Relu>, Block, Block, Dense<16, 2>];
/// assert_eq!(Block::SCRATCH, 8);
/// ```
///
/// In the text of [`Architecture`](crate::Architecture) it is a line `residual`, the lines of `F`, and a line `end`.
pub struct Residual<F>(pub F);

/// The output of the layers in a [`Residual`]: samples of the same type as their input `X`.
#[diagnostic::on_unimplemented(
    message = "the layers of a residual block take `{X}`, but give `{Self}`",
    label = "x and F(x) of this block cannot be added",
    note = "the output of the layers in a `Residual` must have the shape of their input"
)]
pub trait SameShape<X> {}

impl<X: Tensor> SameShape<X> for X {}

composition! {
    [F: Params] Residual<F>, Residual, "residual\n";
    F = 0 in 0, "end\n"
}

impl<X: Tensor, F: Layer<X>> Layer<X> for Residual<F>
where
    F::Y: SameShape<X>,
{
    type Y = F::Y;
    /// F(x), and the trace of F.
    type Trace<const B: usize, W: Want> = ([F::Y; B], F::Trace<B, W>);
    type Side = Other;
    type P<const B: usize, W: Want> = F::P<B, W>;
    type Q<const B: usize, W: Want> = <F::Q<B, W> as Flat>::Or<W::Room<[X; B]>>;
    type Room<const B: usize, W: Want> = F::Room<B, W>;
    leaf!(@cross X);
    const WORK: usize = F::WORK;

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [F::Y], work: &mut [f32]) {
        self.0.infer(x, y, work);
        elementwise::add(X::flat_all(x), F::Y::flat_all_mut(y));
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[X],
        y: &mut [F::Y],
        (f, inner): &mut Self::Trace<B, W>,
        mode: Mode<'_>,
    ) {
        let Some(mode) = mode.at_once() else { return };
        let f = front_mut(f, x.len());
        self.0.forward::<B, W>(x, f, inner, mode);
        copy(f, y);
        elementwise::add(X::flat_all(x), F::Y::flat_all_mut(y));
    }

    // dx = (dx of F) + dy. Meanwhile y holds dy.
    #[inline(always)]
    fn walk<const B: usize, W: Want, D: Destination>(
        part: Part,
        at: D::At<'_, Self>,
        x: &[X],
        y: &mut [F::Y],
        (f, inner): &mut Self::Trace<B, W>,
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite> {
        if part.first(1).is_none() {
            return Ok(());
        }
        let count = x.len();
        copy(samples(p, count), y);
        F::walk::<B, W, D>(Part::ALL, D::inner(at), x, front_mut(f, count), inner, p, q)?;
        if W::YES {
            if F::Side::SAME {
                copy(samples::<X>(p, count), samples_mut(q, count));
            }
            elementwise::add(F::Y::flat_all(y), X::flat_all_mut(samples_mut(q, count)));
        }
        Ok(())
    }

    #[inline(always)]
    fn statistics<const B: usize, W: Want>((_, inner): &Self::Trace<B, W>) -> Self::Statistics {
        (F::statistics(inner),)
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

impl<X: Steps, F: StreamLayer<X>> StreamLayer<X> for Residual<F>
where
    F::Y: SameShape<X>,
{
    type Memory = F::Memory;
    // Input and output have the same length, so there is an output for each step.
    const DELAY: usize = {
        assert!(F::DELAY == 0 && F::HOP == 1, "on a stream, the layers in a `Residual` give an output for each step");
        0
    };
    const HOP: usize = 1;

    #[inline(always)]
    fn step(&self, memory: &mut F::Memory, x: &X::Step) -> Option<StepOf<F::Y>> {
        let mut y = self.0.step(memory, x)?;
        elementwise::add(x.flat(), y.flat_mut());
        Some(y)
    }
}

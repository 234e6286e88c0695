use crate::kernels::int8::dynamic;
use crate::leaf;
use crate::net::{Destination, Layer, LayerInfo, Mode, Network, NotFinite, Part, composition, samples_mut};
use crate::tensor::{Params, Tensor, Want};
use core::slice;

/// A float layer `F` whose weights were quantized alone, such as `Conv2d`: TensorFlow Lite's "dynamic range quantization".
///
/// `F` has int8 weights as whole numbers, neither bias nor activation, and the scale of the weights is `f32::from_bits(SCALE)`. The
/// input of each sample is rounded to steps of its largest absolute value by 127, as `SymmetricQuantizeFloats` does. The sums of `F`
/// are then whole numbers, and exact up to 2²⁴. The output is the sum times the size of a step times the scale: bit for bit that of
/// TensorFlow Lite's kernels. The way back takes rounding for the identity (straight-through).
///
/// ```
/// use baregrad::prelude::*;
/// use baregrad::int8::Rounded;
///
/// const HALF: u32 = 0.5_f32.to_bits();
/// let mut layer = Rounded::<Dense<3, 1>, HALF>::NEW;
/// layer.0.w = [[1.0], [10.0], [100.0]];
/// let (mut y, mut work) = ([0.0], [0.0; 3]);
/// layer.infer_one(&[-127.0, 0.6, 1.4], &mut y, &mut work); // −127, 1, 1
/// assert_eq!(y, [0.5 * (-127.0 + 10.0 + 100.0)]);
/// ```
pub struct Rounded<F, const SCALE: u32>(pub F);

composition! {
    [F: Params, const SCALE: u32] Rounded<F, SCALE>, Rounded, "rounded\n";
    F = 0 in 0, "end\n"
}

impl<F, const SCALE: u32> Rounded<F, SCALE> {
    /// One sample; `q` has room for its input.
    #[inline(always)]
    fn one<X: Tensor>(&self, x: &X, y: &mut F::Y, q: &mut X)
    where
        F: Layer<X>,
    {
        const { assert!(F::WORK == 0, "the layer in a `Rounded` is a single layer") };
        let step = dynamic::units(x.flat(), q.flat_mut());
        self.0.infer(slice::from_ref(q), slice::from_mut(y), &mut []);
        dynamic::scale(y.flat_mut(), step * f32::from_bits(SCALE));
    }
}

impl<X: Tensor, F: Layer<X>, const SCALE: u32> Layer<X> for Rounded<F, SCALE> {
    type Y = F::Y;
    type Trace<const B: usize, W: Want> = F::Trace<B, W>;
    type Side = F::Side;
    type P<const B: usize, W: Want> = F::P<B, W>;
    type Q<const B: usize, W: Want> = F::Q<B, W>;
    type Room<const B: usize, W: Want> = ();
    leaf!(@cross X);
    const WORK: usize = X::LEN;

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [F::Y], work: &mut [f32]) {
        for q in X::from_flat_mut(work).iter_mut().take(1) {
            for (x, y) in x.iter().zip(&mut *y) {
                self.one(x, y, q);
            }
        }
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [F::Y], _: &mut Self::Trace<B, W>, mode: Mode<'_>) {
        const { assert!(size_of::<Self::Trace<B, W>>() == 0, "the slope of this layer depends on more than its output") };
        if mode.at_once().is_some() {
            let mut q = X::ZERO;
            for (x, y) in x.iter().zip(y) {
                self.one(x, y, &mut q);
            }
        }
    }

    // y = scale · F(x), but for rounding.
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
        dynamic::scale(F::Y::flat_all_mut(samples_mut(p, x.len())), f32::from_bits(SCALE));
        F::walk::<B, W, D>(Part::ALL, D::inner(at), x, y, trace, p, q)
    }

    #[inline(always)]
    fn statistics<const B: usize, W: Want>(trace: &Self::Trace<B, W>) -> Self::Statistics {
        (F::statistics(trace),)
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::heading::<F::Y>("Rounded"));
        F::describe(&mut |line| visit(line.inside()));
    }
}

impl<F: Network, const SCALE: u32> Network for Rounded<F, SCALE> {
    type Input = F::Input;
}

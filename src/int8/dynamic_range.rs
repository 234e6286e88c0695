use crate::kernels::int8::dynamic;
use crate::leaf;
use crate::net::{Backward, Layer};
use crate::tensor::{Architecture, Parameterless, Tensor, Want, copy};

/// Rounds the numbers of a sample to 255 steps, from minus its largest absolute value to that value: a float layer for nets whose
/// weights were quantized alone.
///
/// TensorFlow Lite's kernels do so with the input of a layer whose weights are int8 and whose activations are floats ("dynamic
/// range quantization", `SymmetricQuantizeFloats`). A [`Conv2d`](crate::layers::Conv2d) behind it, with these weights as floats,
/// gives their output up to rounding. The way back takes rounding for the identity. An infinity makes the whole sample NaN.
///
/// ```
/// use baregrad::{int8::DynamicRange, net::Layer};
/// let mut y = [[0.0; 3]];
/// DynamicRange.infer(&[[-127.0, 0.6, 1.4]], &mut y, &mut []);
/// assert_eq!(y, [[-127.0, 1.0, 1.0]]);
/// ```
#[derive(Clone)]
pub struct DynamicRange;

crate::tensor::debug!([] DynamicRange);

impl Parameterless for DynamicRange {
    const LAYER: Self = DynamicRange;
    const ARCHITECTURE: Architecture = Architecture::layer("dynamic_range").end();
}

impl<X: Tensor> Layer<X> for DynamicRange {
    type Y = X;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X, "DynamicRange");

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [X], _: &mut [f32]) {
        for (x, y) in x.iter().zip(y) {
            dynamic::round(x.flat(), y.flat_mut());
        }
    }
}

impl<X: Tensor> Backward<X> for DynamicRange {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(&self, _: &[X], _: &[X], (): &mut (), dy: &mut [X], dx: Option<&mut [X]>) {
        copy(dy, dx.unwrap_or_default());
    }
}

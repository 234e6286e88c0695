use super::{Bytes, End, Layer as Int8Layer, Quantization, Twin};
use crate::kernels::int8::activation;
use crate::net::{Destination, Layer, LayerInfo, Mode, Network, NotFinite, Part, composition, samples_mut};
use crate::tensor::{Architecture, Params, Tensor, Want, Zero};
use crate::{leaf, params};

/// A float layer `L` whose forward pass computes in int8, for quantization-aware training (Jacob et al. 2018): its output is
/// the output of the int8 layer [`FakeInt8::int8`], bit for bit. The way back takes rounding for the identity
/// (straight-through): the gradients are those of `L`, but 0 where an output is at an end of its range.
///
/// [`Calibration::aware`](super::Calibration::aware) makes a net of such layers. The scales of inputs and outputs stay as they
/// are; each forward pass takes the scales of the weights from the weights.
pub struct FakeInt8<L> {
    /// The layer, with weights in float.
    pub layer: L,
    /// The scales of its input and output.
    pub scales: Scales,
}

/// The scales and zero points of the input and the output of a layer.
pub struct Scales {
    /// Scale and zero point of the input.
    pub from: [f32; 2],
    /// Scale and zero point of the output.
    pub to: [f32; 2],
}

params! {
    [] Scales, "Quantization", Architecture::layer("quantization").end();
    kept from: [f32; 2] = [1.0, 0.0];
    kept to: [f32; 2] = [1.0, 0.0];
}

/// Makes a layer from its parts.
const fn from_parts<L>(layer: L, scales: Scales) -> FakeInt8<L> {
    FakeInt8 { layer, scales }
}

composition! {
    [L: Params] FakeInt8<L>, from_parts, "fake_int8\n";
    L = 0 in layer, ""; Scales = 1 in scales, "end\n"
}

/// A quantization from its floats.
fn quantization([scale, zero_point]: [f32; 2]) -> Quantization {
    Quantization { scale, zero_point: zero_point as i8 }
}

impl<L> FakeInt8<L> {
    /// A layer from a tensor of one kind to one of another kind.
    pub fn new(layer: L, from: Quantization, to: Quantization) -> Self {
        let floats = |q: Quantization| [q.scale, f32::from(q.zero_point)];
        FakeInt8 { layer, scales: Scales { from: floats(from), to: floats(to) } }
    }

    /// The scale and zero point of the input.
    pub(super) fn from(&self) -> Quantization {
        quantization(self.scales.from)
    }

    /// Returns the int8 layer that the forward pass computes.
    pub fn int8<X: Tensor>(&self) -> L::Int8
    where
        L: Twin<X>,
    {
        self.layer.twin(self.from(), quantization(self.scales.to))
    }
}

impl<X: Tensor, L: Twin<X>> Layer<X> for FakeInt8<L> {
    type Y = L::Y;
    type Trace<const B: usize, W: Want> = L::Trace<B, W>;
    type Side = L::Side;
    type P<const B: usize, W: Want> = L::P<B, W>;
    type Q<const B: usize, W: Want> = L::Q<B, W>;
    type Room<const B: usize, W: Want> = ();
    leaf!(@cross X);

    fn infer(&self, x: &[X], y: &mut [L::Y], _: &mut [f32]) {
        const { assert!(L::Int8::BESIDE == <L::Int8 as Int8Layer>::Y::LEN, "this layer is more than one operator") };
        let twin = self.int8::<X>();
        let (from, to) = (twin.from(), twin.to());
        let mut bytes = ([<L::Int8 as Int8Layer>::X::ZERO], [<L::Int8 as Int8Layer>::Y::ZERO]);
        let (of_x, of_y) = (Bytes::bytes_mut(&mut bytes.0), Bytes::bytes_mut(&mut bytes.1));
        for (x, y) in x.iter().zip(y) {
            from.quantize(x.flat(), of_x);
            twin.beside(&mut { L::Int8::STATE }, of_x, of_y, End::Front, &mut (), 0);
            for (b, y) in of_y.iter().zip(y.flat_mut()) {
                *y = to.number(activation(*b));
            }
        }
    }

    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [L::Y], _: &mut Self::Trace<B, W>, mode: Mode<'_>) {
        const { assert!(size_of::<Self::Trace<B, W>>() == 0, "the slope of this layer depends on more than its output") };
        if mode.at_once().is_some() {
            self.infer(x, y, &mut []);
        }
    }

    fn walk<const B: usize, W: Want, D: Destination>(
        part: Part,
        at: D::At<'_, Self>,
        x: &[X],
        y: &mut [L::Y],
        trace: &mut Self::Trace<B, W>,
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite> {
        if part.first(1).is_none() {
            return Ok(());
        }
        let to = quantization(D::net(&at).scales.to);
        let [low, high] = [to.number(-128), to.number(127)];
        for (y, dy) in L::Y::flat_all(y).iter().zip(L::Y::flat_all_mut(samples_mut(p, x.len()))) {
            if *y <= low || *y >= high {
                *dy = 0.0;
            }
        }
        L::walk::<B, W, D>(Part::ALL, D::pair(at).0, x, y, trace, p, q)
    }

    fn statistics<const B: usize, W: Want>(trace: &Self::Trace<B, W>) -> Self::Statistics {
        (L::statistics(trace), Zero::ZERO)
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        L::describe(visit);
    }
}

impl<L: Network + Twin<L::Input>> Network for FakeInt8<L> {
    type Input = L::Input;
}

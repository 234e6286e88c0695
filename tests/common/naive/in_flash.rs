use super::super::numbers::widen;
use super::super::weights;
use super::{Pass, Twin, Weights};
use baregrad::net::{Flash, InFlash, Layer};
use baregrad::tensor::Tensor;

/// The net infers in training, too, and its weights are not those of the net around it.
impl<X: Tensor, F: Flash> Twin<X> for InFlash<F>
where
    F::Net: Twin<X>,
    Self: Layer<X>,
{
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let own = widen(&weights::all(F::net()));
        F::net().twin(&mut Weights::new(&own), x, &mut Pass::default())
    }
}

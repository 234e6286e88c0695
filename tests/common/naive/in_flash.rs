use super::{Pass, Twin, Weights};
use crate::common::weights;
use baregrad::net::{Flash, InFlash};
use baregrad::tensor::Tensor;

impl<X: Tensor, F: Flash> Twin<X> for InFlash<F>
where
    F::Net: Twin<X>,
{
    /// The weights are those in flash.
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let all = crate::common::numbers::widen(&weights::all(F::net()));
        F::net().twin(&mut Weights::new(&all), x, &mut Pass::default())
    }
}

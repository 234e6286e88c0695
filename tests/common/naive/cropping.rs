use super::zero_padding::in_large;
use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::Places;

impl<X: Places, Y: Places<Place = X::Place>, const TOP: usize, const LEFT: usize> Twin<X>
    for Cropping<X, Y, TOP, LEFT>
{
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let kept = |x: &Vec<f64>| in_large::<Y, X>(TOP, LEFT).zip(x).filter_map(|(i, x)| i.and(Some(*x))).collect();
        x.iter().map(kept).collect()
    }
}

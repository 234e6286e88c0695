use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::{Places, Tensor};

/// Which value of a small sample each value of a large one is, or `None` around it.
pub fn in_large<Small: Places, Large: Places>(top: usize, left: usize) -> impl Iterator<Item = Option<usize>> {
    let channels = Large::Place::LEN;
    (0..Large::LEN).map(move |i| {
        let (place, channel) = (i / channels, i % channels);
        let row = (place / Large::COLUMNS).checked_sub(top)?;
        let column = (place % Large::COLUMNS).checked_sub(left)?;
        let inside = row < Small::ROWS && column < Small::COLUMNS;
        inside.then_some((row * Small::COLUMNS + column) * channels + channel)
    })
}

impl<X: Places, Y: Places<Place = X::Place>, const TOP: usize, const LEFT: usize> Twin<X>
    for ZeroPadding<X, Y, TOP, LEFT>
{
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        x.iter().map(|x| in_large::<X, Y>(TOP, LEFT).map(|i| i.map_or(0.0, |i| x[i])).collect()).collect()
    }
}

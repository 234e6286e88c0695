use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::{Places, Tensor};

impl<X: Places, Y: Places<Place = X::Place>> Twin<X> for UpSampling<X, Y> {
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let (down, across, channels) = (Y::ROWS / X::ROWS, Y::COLUMNS / X::COLUMNS, X::Place::LEN);
        let source = |i: usize| {
            let (row, column) = (i / channels / Y::COLUMNS / down, i / channels % Y::COLUMNS / across);
            (row * X::COLUMNS + column) * channels + i % channels
        };
        x.iter().map(|x| (0..Y::LEN).map(|i| x[source(i)]).collect()).collect()
    }
}

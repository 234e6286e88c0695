use super::windows::{Axis, seen};
use super::{Pass, Twin, Weights};
use baregrad::prelude::*;
use baregrad::tensor::{Places, Tensor};

impl<X: Places, Y: Places<Place = X::Place>, const KH: usize, const KW: usize, const SH: usize, const SW: usize> Twin<X>
    for MaxPool<X, Y, KH, KW, SH, SW>
{
    fn twin(&self, _: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let (rows, columns) = (Axis::pool(X::ROWS, Y::ROWS, KH, SH), Axis::pool(X::COLUMNS, Y::COLUMNS, KW, SW));
        let seen = seen(rows, columns, X::Place::LEN);
        x.iter()
            .map(|x| {
                seen.iter().map(|seen| seen.iter().map(|(i, _)| x[*i]).fold(f64::NEG_INFINITY, f64::max)).collect()
            })
            .collect()
    }
}

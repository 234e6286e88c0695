use super::{Pass, Twin, Weights};
use baregrad::layers::rnn::RnnOptions;
use baregrad::prelude::*;
use baregrad::tensor::{Tensor, Want};

impl<X: Tensor, const T: usize, const N: usize, const V: usize, O: RnnOptions> Twin<X>
    for Embedding<X, Sequence<T, N>, V, O>
{
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], _: &mut Pass) -> Vec<Vec<f64>> {
        let table: Vec<&[f64]> = weights.of(&self.table).chunks(N).collect();
        let vector = |token: &f64| match token.floor() {
            0.0 if O::Masked::YES => vec![0.0; N],
            row if (0.0..V as f64).contains(&row) => table[row as usize].to_vec(),
            _ => vec![0.0; N],
        };
        x.iter().map(|x| x.iter().flat_map(vector).collect()).collect()
    }
}

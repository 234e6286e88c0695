use super::branches::TwinMerge;
use baregrad::prelude::*;

impl<const M: usize> TwinMerge for Concatenate<M> {
    fn merge(a: Vec<f64>, b: Vec<f64>) -> Vec<f64> {
        let places = (a.len() + b.len()) / M;
        let (a, b) = (a.chunks(a.len() / places), b.chunks(b.len() / places));
        a.zip(b).flat_map(|(a, b)| [a, b].concat()).collect()
    }
}

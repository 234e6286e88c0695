use super::branches::TwinMerge;
use baregrad::prelude::*;

impl<const M: usize> TwinMerge for Concatenate<M> {
    fn merge(a: Vec<f64>, b: Vec<f64>) -> Vec<f64> {
        [a, b].concat()
    }
}

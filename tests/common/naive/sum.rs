use super::branches::TwinMerge;
use baregrad::prelude::*;

impl TwinMerge for Add {
    fn merge(a: Vec<f64>, b: Vec<f64>) -> Vec<f64> {
        a.iter().zip(b).map(|(a, b)| a + b).collect()
    }
}

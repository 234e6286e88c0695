//! The checker of folding: a layer and the normalisation behind it, before and after the layer takes over the normalisation.

use super::{BATCH, Complaint};
use crate::common::numbers::{compare, tensors, widen};
use crate::common::{passes, weights};
use baregrad::net::Layer;
use baregrad::prelude::*;
use baregrad::tensor::Tensor;

/// Whether both give the same outputs.
pub fn complaints<X: Tensor, L: Layer<X> + Foldable<C>, const C: usize>() -> Vec<Complaint>
where
    BatchNorm<C>: Layer<L::Y, Y = L::Y>,
{
    let (mut layer, mut norm): (L, BatchNorm<C>) = (weights::random(2), weights::random(3));
    let x: Vec<X> = tensors(BATCH, 11);
    let run = |layer: &L, norm: &BatchNorm<C>| passes::infer(norm, &passes::infer(layer, &x));
    let before = run(&layer, &norm);
    norm.fold_into(&mut layer);
    let after = run(&layer, &norm);
    let result = compare(L::Y::flat_all(&after), &widen(L::Y::flat_all(&before)), 2e-6);
    result.err().map(|details| ("outputs after folding", details)).into_iter().collect()
}

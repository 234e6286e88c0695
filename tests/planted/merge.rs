//! Faults of a merge of branches.

use super::fault::{Fault, planted};
use crate::common::naive::branches::TwinMerge;
use baregrad::net::{Merge, MergeName};
use baregrad::tensor::Tensor;
use std::marker::PhantomData;

/// A merge that has the planted fault, or none.
pub struct PlantedMerge<M>(PhantomData<M>);

impl<M: MergeName> MergeName for PlantedMerge<M> {
    const KIND: &'static str = M::KIND;
    const LINE: &'static str = M::LINE;
}

impl<A: Tensor, B: Tensor, M: Merge<A, B>> Merge<A, B> for PlantedMerge<M> {
    type Y = M::Y;

    fn merge(a: &A, b: &B, y: &mut M::Y) {
        M::merge(a, b, y);
    }

    fn first(dy: &M::Y, da: &mut A) {
        M::first(dy, da);
    }

    fn second(dy: &M::Y, db: &mut B) {
        M::second(dy, db);
        match planted() {
            Fault::SecondBranchWithoutGradient => db.flat_mut().fill(0.0),
            Fault::SecondBranchTakesFront => db.flat_mut().iter_mut().zip(dy.flat()).for_each(|(db, dy)| *db = *dy),
            _ => {}
        }
    }
}

impl<M: TwinMerge> TwinMerge for PlantedMerge<M> {
    fn merge(a: Vec<f64>, b: Vec<f64>) -> Vec<f64> {
        M::merge(a, b)
    }
}

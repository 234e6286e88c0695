//! Where the gradient of a tensor goes.

use super::{MomentsOf, Optimizer, Tensor, update};
use crate::kernels::Lanes;
use crate::kernels::elementwise::{self, Zip};
use crate::kernels::update::Gradient;
use core::marker::PhantomData;

/// Takes the gradient of one tensor. It must get each value exactly once, because it may be a step of an optimiser.
pub trait Sink {
    /// Takes the gradient of the values from flat index `from` on.
    fn add(&mut self, from: usize, gradient: Gradient<'_>);

    /// Returns the weights that the gradient belongs to, if the sink changes them.
    #[inline(always)]
    fn weights(&self) -> Option<&[f32]> {
        None
    }
}

/// A kind of sink: a layer gets one sink per tensor.
pub trait Sinks {
    /// The sink for a tensor `T`.
    type Of<T: Tensor>: Sink;
}

/// Sinks that add the gradient to tensors in memory.
pub struct Sums<'a>(PhantomData<&'a mut f32>);

impl<'a> Sinks for Sums<'a> {
    type Of<T: Tensor> = Sum<'a, T>;
}

/// Adds a gradient to a tensor in memory.
pub struct Sum<'a, T>(pub &'a mut T);

impl<T: Tensor> Sink for Sum<'_, T> {
    #[inline(always)]
    fn add(&mut self, from: usize, gradient: Gradient<'_>) {
        let mut sums = self.0.flat_mut().get_mut(from..).unwrap_or_default();
        for a in gradient.a {
            let (row, rest) = sums.split_at_mut_checked(gradient.b.len()).unwrap_or_default();
            if *a == 1.0 {
                elementwise::add(gradient.b, row)
            } else {
                elementwise::zip(&AddTimes(*a), gradient.b, row)
            }
            sums = rest;
        }
    }
}

/// Adds a product. The product is rounded as in a sum that starts at 0.
struct AddTimes(f32);

impl Zip for AddTimes {
    #[inline(always)]
    fn zip<V: Lanes>(&self, b: V, sum: V) -> V {
        sum + b.splat(self.0).mul_add(b, b.splat(0.0))
    }
}

/// Sinks that make a step of the optimiser `O`. The gradient is not stored.
pub struct Updates<'a, O>(PhantomData<&'a mut O>);

impl<'a, O: Optimizer> Sinks for Updates<'a, O> {
    type Of<T: Tensor> = Update<'a, T, O>;
}

/// Moves a tensor of weights along its gradient.
pub struct Update<'a, T: Tensor, O: Optimizer> {
    /// The weights.
    pub weights: &'a mut T,
    /// The moments of the weights.
    pub moments: &'a mut MomentsOf<O, T>,
    /// The optimiser.
    pub optimizer: &'a O,
}

impl<T: Tensor, O: Optimizer> Sink for Update<'_, T, O> {
    #[inline(always)]
    fn add(&mut self, from: usize, gradient: Gradient<'_>) {
        update(self.optimizer, self.weights, from, gradient, self.moments);
    }

    #[inline(always)]
    fn weights(&self) -> Option<&[f32]> {
        Some(self.weights.flat())
    }
}

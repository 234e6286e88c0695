use super::{RnnCell, RnnOptions};
use crate::kernels::recurrent::{Memory, Order};
use crate::kernels::reduce::absolute_sum;
use crate::tensor::{Tensor, Want, front, zeros};

/// What the way back needs, for `B` samples.
pub struct RnnTrace<
    C: RnnCell,
    O: RnnOptions,
    const T: usize,
    const H: usize,
    const G: usize,
    const N: usize,
    const B: usize,
> {
    pub(super) slots: C::Slots<[[[f32; H]; T]; B]>,
    pub(super) before: [[[f32; H]; T]; B],
    pub(super) states: C::States<[[f32; H]; B]>,
    /// The transposed weights of the state, where there are vectors.
    pub(super) turned: <Turned as Want>::Of<[[[f32; H]; H]; G]>,
    pub(super) lengths: <O::Masked as Want>::Of<[f32; B]>,
    /// The states after the last step.
    pub(super) carried: [[f32; H]; N],
}

zeros!(impl [C: RnnCell, O: RnnOptions, const T: usize, const H: usize, const G: usize, const N: usize, const B: usize] RnnTrace<C, O, T, H, G, N, B> { slots, before, states, turned, lengths, carried });

impl<C: RnnCell, O: RnnOptions, const T: usize, const H: usize, const G: usize, const N: usize, const B: usize>
    RnnTrace<C, O, T, H, G, N, B>
{
    /// Returns the memory of the loops over time, the order of the steps, and the room for transposed weights.
    #[inline(always)]
    pub(super) fn open(&mut self) -> (Memory<'_, H>, Order<'_>, Option<&mut [[[f32; H]; H]; G]>) {
        let lengths = O::Masked::get::<[f32; B]>(&self.lengths).map(|lengths| &lengths[..]);
        let order = Order { steps: T, backwards: O::BACKWARDS, lengths };
        let (slots, states) = (rows_mut(&mut self.slots), rows_mut(&mut self.states));
        let memory = Memory { slots, before: self.before.as_flattened_mut(), states, capacity: B };
        (memory, order, Turned::get_mut::<[[[f32; H]; H]; G]>(&mut self.turned))
    }

    /// Returns the first rows of a slot.
    #[inline(always)]
    pub(super) fn slot(&self, slot: usize, count: usize) -> &[[f32; H]] {
        front(rows(&self.slots).get(slot * B * T..).unwrap_or_default(), count)
    }

    /// Multiplies the sizes of the gradients by those of the states. `dy` has one row for each step, or one for each sample.
    pub(super) fn widen(&self, dy: &mut [[f32; H]], all: bool) {
        let steps = if all { 1 } else { T.max(1) };
        for (before, dy) in self.before.as_flattened().chunks(steps).zip(dy) {
            let size = 1.0 + absolute_sum(before.as_flattened());
            dy.iter_mut().for_each(|dy| *dy *= size);
        }
    }
}

/// Whether products with transposed weights need a transposed copy: where there are vectors.
#[cfg(any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128"))]
type Turned = crate::tensor::Yes;
#[cfg(not(any(target_feature = "sse2", target_feature = "neon", target_feature = "simd128")))]
type Turned = crate::tensor::No;

/// Returns the rows of `H` numbers of which a tensor consists.
#[inline(always)]
pub(super) fn rows<T: Tensor, const H: usize>(tensor: &T) -> &[[f32; H]] {
    <[f32; H]>::from_flat(tensor.flat())
}

#[inline(always)]
pub(super) fn rows_mut<T: Tensor, const H: usize>(tensor: &mut T) -> &mut [[f32; H]] {
    <[f32; H]>::from_flat_mut(tensor.flat_mut())
}

//! Arrays of floats: constant zeros, walks through all floats, and views as one flat slice.

use super::Sample;
use core::marker::PhantomData;

/// A type with a constant zero, so that values of any size can be in a `static`.
pub trait Zero: Sized + 'static {
    /// All numbers zero.
    const ZERO: Self;
}

/// Implements [`Zero`] for structs: `zeros!(A {}, B { x, y })`, and `zeros!(impl [generics] C<T> { x })`.
macro_rules! zeros {
    ($($name:ident { $($field:tt),* }),+) => { $($crate::tensor::zeros!(impl [] $name { $($field),* });)+ };
    (impl [$($generic:tt)*] $name:ident $(<$($argument:ident),*>)? { $($field:tt),* }) => {
        impl<$($generic)*> $crate::tensor::Zero for $name $(<$($argument),*>)? {
            const ZERO: Self = Self { $($field: $crate::tensor::Zero::ZERO),* };
        }
    };
}
pub(crate) use zeros;

macro_rules! zero_numbers {
    ($($number:ty = $zero:expr),+) => { $(impl Zero for $number { const ZERO: Self = $zero; })+ };
}

zero_numbers!(f32 = 0.0, u8 = 0, u16 = 0, u32 = 0, usize = 0, bool = false);

impl<T: 'static> Zero for PhantomData<T> {
    const ZERO: Self = PhantomData;
}

impl<T: Zero, const N: usize> Zero for [T; N] {
    const ZERO: Self = [const { T::ZERO }; N];
}

/// Gradients, moments and the like: floats that can be visited slice by slice, in the order of memory.
///
/// ```
/// use baregrad::tensor::Floats;
/// let mut moments = ([[1.0, 2.0], [3.0, 4.0]], [5.0_f32]);
/// let mut sum = 0.0;
/// moments.walk(&mut |slice| sum += slice.iter().sum::<f32>());
/// moments.walk_mut(&mut |slice| slice.fill(0.0));
/// assert_eq!((sum, moments), (15.0, ([[0.0; 2]; 2], [0.0])));
/// ```
pub trait Floats: Zero {
    /// Number of floats.
    const FLOATS: usize;

    /// Calls `visit` with the floats of several values that lie one after another.
    fn walk_all<'a>(values: &'a [Self], visit: &mut dyn FnMut(&'a [f32]));

    /// The same as [`Floats::walk_all`], but the floats can be changed.
    fn walk_all_mut<'a>(values: &'a mut [Self], visit: &mut dyn FnMut(&'a mut [f32]));

    /// Calls `visit` with all floats, in as few slices as memory allows.
    fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a [f32])) {
        Self::walk_all(core::slice::from_ref(self), visit);
    }

    /// The same as [`Floats::walk`], but the floats can be changed.
    fn walk_mut<'a>(&'a mut self, visit: &mut dyn FnMut(&'a mut [f32])) {
        Self::walk_all_mut(core::slice::from_mut(self), visit);
    }
}

impl Floats for f32 {
    const FLOATS: usize = 1;
    fn walk_all<'a>(values: &'a [f32], visit: &mut dyn FnMut(&'a [f32])) {
        visit(values);
    }
    fn walk_all_mut<'a>(values: &'a mut [f32], visit: &mut dyn FnMut(&'a mut [f32])) {
        visit(values);
    }
}

impl<T: Floats, const N: usize> Floats for [T; N] {
    const FLOATS: usize = N * T::FLOATS;
    fn walk_all<'a>(values: &'a [[T; N]], visit: &mut dyn FnMut(&'a [f32])) {
        T::walk_all(values.as_flattened(), visit);
    }
    fn walk_all_mut<'a>(values: &'a mut [[T; N]], visit: &mut dyn FnMut(&'a mut [f32])) {
        T::walk_all_mut(values.as_flattened_mut(), visit);
    }
}

/// An array of `f32` of any rank. It can be seen as one flat slice in the order of memory. It is a tensor of weights, or one
/// sample; a batch is a slice of samples.
pub trait Tensor: Floats + Copy + Sample<Self> {
    /// Number of axes.
    const RANK: usize;
    /// The length along each axis, in the first [`RANK`](Tensor::RANK) elements.
    const AXES: [usize; MAX_RANK];
    /// The length along each axis.
    const SHAPE: &'static [usize] = Self::AXES.split_at(Self::RANK).0;
    /// Number of floats.
    const LEN: usize;
    /// Returns the floats of several tensors.
    fn flat_all(tensors: &[Self]) -> &[f32];
    /// Returns the floats of several tensors, to change them.
    fn flat_all_mut(tensors: &mut [Self]) -> &mut [f32];
    /// Returns as many tensors as `flat` has floats for.
    fn from_flat(flat: &[f32]) -> &[Self];
    /// Returns as many tensors as `flat` has floats for, to change them.
    fn from_flat_mut(flat: &mut [f32]) -> &mut [Self];
    /// Returns all floats.
    #[inline(always)]
    fn flat(&self) -> &[f32] {
        Self::flat_all(core::slice::from_ref(self))
    }
    /// Returns all floats, to change them.
    #[inline(always)]
    fn flat_mut(&mut self) -> &mut [f32] {
        Self::flat_all_mut(core::slice::from_mut(self))
    }
}

/// The largest number of axes of a tensor.
pub const MAX_RANK: usize = 6;

impl Tensor for f32 {
    const RANK: usize = 0;
    const AXES: [usize; MAX_RANK] = [0; MAX_RANK];
    const LEN: usize = 1;
    #[inline(always)]
    fn flat_all(tensors: &[f32]) -> &[f32] {
        tensors
    }
    #[inline(always)]
    fn flat_all_mut(tensors: &mut [f32]) -> &mut [f32] {
        tensors
    }
    #[inline(always)]
    fn from_flat(flat: &[f32]) -> &[f32] {
        flat
    }
    #[inline(always)]
    fn from_flat_mut(flat: &mut [f32]) -> &mut [f32] {
        flat
    }
}

impl<T: Tensor, const N: usize> Tensor for [T; N] {
    const RANK: usize = 1 + T::RANK;
    const AXES: [usize; MAX_RANK] = {
        assert!(T::RANK < MAX_RANK, "a tensor has at most 6 axes");
        let mut axes = [N; MAX_RANK];
        let mut i = 1;
        while i < MAX_RANK {
            axes[i] = T::AXES[i - 1];
            i += 1;
        }
        axes
    };
    const LEN: usize = N * T::LEN;
    #[inline(always)]
    fn flat_all(tensors: &[Self]) -> &[f32] {
        T::flat_all(tensors.as_flattened())
    }
    #[inline(always)]
    fn flat_all_mut(tensors: &mut [Self]) -> &mut [f32] {
        T::flat_all_mut(tensors.as_flattened_mut())
    }
    #[inline(always)]
    fn from_flat(flat: &[f32]) -> &[Self] {
        T::from_flat(flat).as_chunks().0
    }
    #[inline(always)]
    fn from_flat_mut(flat: &mut [f32]) -> &mut [Self] {
        T::from_flat_mut(flat).as_chunks_mut().0
    }
}

/// Returns the first `n` items, or none if there are fewer: a slice without a panic.
#[inline(always)]
pub(crate) fn front<T>(items: &[T], n: usize) -> &[T] {
    items.get(..n).unwrap_or_default()
}

/// Returns the first `n` items, or none if there are fewer, to change them.
#[inline(always)]
pub(crate) fn front_mut<T>(items: &mut [T], n: usize) -> &mut [T] {
    items.get_mut(..n).unwrap_or_default()
}

/// Splits up to `rows` samples and as many outputs off two slices, as long as both have some. `chunks` divides by a number that
/// a build for size does not see to be above 0.
#[inline(always)]
pub(crate) fn batch<'x, 'y, X, Y>(x: &mut &'x [X], y: &mut &'y mut [Y], rows: usize) -> Option<(&'x [X], &'y mut [Y])> {
    let count = rows.min(x.len()).min(y.len());
    let (x_batch, x_rest) = x.split_at_checked(count)?;
    let (y_batch, y_rest) = core::mem::take(y).split_at_mut_checked(count)?;
    (*x, *y) = (x_rest, y_rest);
    (count > 0).then_some((x_batch, y_batch))
}

/// Copies as many items as both slices have: `copy_from_slice` without a panic.
#[inline(always)]
pub(crate) fn copy<T: Copy>(from: &[T], to: &mut [T]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

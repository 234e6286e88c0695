//! Floats with a shape: constant zeros, walks through all floats, samples, and their view as one flat slice.

/// Has a constant zero, so that values of any size can sit in a `static`.
pub trait Zero: 'static {
    /// All numbers zero.
    const ZERO: Self;
}

impl Zero for f32 {
    const ZERO: f32 = 0.0;
}

impl Zero for u8 {
    const ZERO: u8 = 0;
}

impl Zero for u16 {
    const ZERO: u16 = 0;
}

impl Zero for u32 {
    const ZERO: u32 = 0;
}

impl Zero for usize {
    const ZERO: usize = 0;
}

impl Zero for () {
    const ZERO: () = ();
}

impl<T: Zero, const N: usize> Zero for [T; N] {
    const ZERO: Self = [const { T::ZERO }; N];
}

impl<A: Zero, B: Zero> Zero for (A, B) {
    const ZERO: Self = (A::ZERO, B::ZERO);
}

/// Gradients, moments and the like: floats that can be walked through in the order of memory, slice by slice.
///
/// ```
/// use baregrad::buffer::Floats;
/// let mut moments = ([[1.0, 2.0], [3.0, 4.0]], [5.0_f32]);
/// let mut sum = 0.0;
/// moments.walk(&mut |slice| sum += slice.iter().sum::<f32>());
/// moments.walk_mut(&mut |slice| slice.fill(0.0));
/// assert_eq!((sum, moments), (15.0, ([[0.0; 2]; 2], [0.0])));
/// ```
pub trait Floats: Zero {
    /// How many floats.
    const FLOATS: usize;

    /// Calls `visit` with the floats of several values that lie one after another.
    fn walk_all(values: &[Self], visit: &mut dyn FnMut(&[f32]))
    where
        Self: Sized;

    /// The same, to change them.
    fn walk_all_mut(values: &mut [Self], visit: &mut dyn FnMut(&mut [f32]))
    where
        Self: Sized;

    /// Calls `visit` with all floats, in as few slices as memory allows.
    fn walk(&self, visit: &mut dyn FnMut(&[f32]))
    where
        Self: Sized,
    {
        Self::walk_all(core::slice::from_ref(self), visit);
    }

    /// The same, to change them.
    fn walk_mut(&mut self, visit: &mut dyn FnMut(&mut [f32]))
    where
        Self: Sized,
    {
        Self::walk_all_mut(core::slice::from_mut(self), visit);
    }
}

impl Floats for f32 {
    const FLOATS: usize = 1;
    fn walk_all(values: &[f32], visit: &mut dyn FnMut(&[f32])) {
        visit(values);
    }
    fn walk_all_mut(values: &mut [f32], visit: &mut dyn FnMut(&mut [f32])) {
        visit(values);
    }
}

impl Floats for () {
    const FLOATS: usize = 0;
    fn walk_all(_: &[()], _: &mut dyn FnMut(&[f32])) {}
    fn walk_all_mut(_: &mut [()], _: &mut dyn FnMut(&mut [f32])) {}
}

impl<T: Floats, const N: usize> Floats for [T; N] {
    const FLOATS: usize = N * T::FLOATS;
    fn walk_all(values: &[[T; N]], visit: &mut dyn FnMut(&[f32])) {
        T::walk_all(values.as_flattened(), visit);
    }
    fn walk_all_mut(values: &mut [[T; N]], visit: &mut dyn FnMut(&mut [f32])) {
        T::walk_all_mut(values.as_flattened_mut(), visit);
    }
}

impl<A: Floats, B: Floats> Floats for (A, B) {
    const FLOATS: usize = A::FLOATS + B::FLOATS;
    fn walk_all(values: &[(A, B)], visit: &mut dyn FnMut(&[f32])) {
        for (a, b) in values {
            a.walk(visit);
            b.walk(visit);
        }
    }
    fn walk_all_mut(values: &mut [(A, B)], visit: &mut dyn FnMut(&mut [f32])) {
        for (a, b) in values {
            a.walk_mut(visit);
            b.walk_mut(visit);
        }
    }
}

/// An array of `f32` of any rank, seen as one flat slice in the order of memory.
pub trait Buffer: Floats {
    /// Its length along each axis.
    const SHAPE: &'static [usize];
    /// Number of floats.
    const LEN: usize;
    /// All floats.
    fn flat(&self) -> &[f32];
    /// All floats.
    fn flat_mut(&mut self) -> &mut [f32];
}

impl<const N: usize> Buffer for [f32; N] {
    const SHAPE: &'static [usize] = &[N];
    const LEN: usize = N;
    fn flat(&self) -> &[f32] {
        self
    }
    fn flat_mut(&mut self) -> &mut [f32] {
        self
    }
}

impl<const N: usize, const M: usize> Buffer for [[f32; N]; M] {
    const SHAPE: &'static [usize] = &[M, N];
    const LEN: usize = M * N;
    fn flat(&self) -> &[f32] {
        self.as_flattened()
    }
    fn flat_mut(&mut self) -> &mut [f32] {
        self.as_flattened_mut()
    }
}

/// One sample of a batch: what a layer takes or gives. A batch is a slice of samples.
pub trait Sample: Buffer + Copy {
    /// The floats of many samples.
    fn flat_all(samples: &[Self]) -> &[f32];
    /// The floats of many samples.
    fn flat_all_mut(samples: &mut [Self]) -> &mut [f32];
    /// As many samples as there are floats for.
    fn from_flat(flat: &[f32]) -> &[Self];
    /// As many samples as there are floats for.
    fn from_flat_mut(flat: &mut [f32]) -> &mut [Self];
}

impl<const N: usize> Sample for [f32; N] {
    fn flat_all(samples: &[Self]) -> &[f32] {
        samples.as_flattened()
    }
    fn flat_all_mut(samples: &mut [Self]) -> &mut [f32] {
        samples.as_flattened_mut()
    }
    fn from_flat(flat: &[f32]) -> &[Self] {
        flat.as_chunks().0
    }
    fn from_flat_mut(flat: &mut [f32]) -> &mut [Self] {
        flat.as_chunks_mut().0
    }
}

impl<const N: usize, const M: usize> Sample for [[f32; N]; M] {
    fn flat_all(samples: &[Self]) -> &[f32] {
        samples.as_flattened().as_flattened()
    }
    fn flat_all_mut(samples: &mut [Self]) -> &mut [f32] {
        samples.as_flattened_mut().as_flattened_mut()
    }
    fn from_flat(flat: &[f32]) -> &[Self] {
        flat.as_chunks().0.as_chunks().0
    }
    fn from_flat_mut(flat: &mut [f32]) -> &mut [Self] {
        flat.as_chunks_mut().0.as_chunks_mut().0
    }
}

/// The first `n` items, or none if there are fewer: a slice without a panic.
#[inline(always)]
pub(crate) fn front<T>(items: &[T], n: usize) -> &[T] {
    items.get(..n).unwrap_or_default()
}

/// The first `n` items, or none if there are fewer.
#[inline(always)]
pub(crate) fn front_mut<T>(items: &mut [T], n: usize) -> &mut [T] {
    items.get_mut(..n).unwrap_or_default()
}

/// Copies item by item, as many as both slices have: `copy_from_slice` without a panic.
#[inline(always)]
pub(crate) fn copy<T: Copy>(from: &[T], to: &mut [T]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

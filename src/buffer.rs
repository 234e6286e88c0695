//! Floats with a shape: constant zeros, samples, and their view as one flat slice.

/// Has a constant zero, so that values of any size can sit in a `static`.
pub trait Zero: 'static {
    /// All numbers zero.
    const ZERO: Self;
}

impl Zero for f32 {
    const ZERO: f32 = 0.0;
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

/// An array of `f32` of any rank, seen as one flat slice in the order of memory.
pub trait Buffer: Zero {
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

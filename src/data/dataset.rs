//! Data sets: samples with their targets, and parts of them. Nothing is copied.

use crate::data::{Permutation, Sample};
use crate::error::{ClassError, Error};
use crate::tensor::front_mut;
use rand_core::Rng;

/// A data set or a part of one: samples `X` with targets `T`, in their own order or a random one.
///
/// ```
/// use baregrad::prelude::*;
/// let (x, y) = ([[0.0], [1.0], [2.0], [3.0], [4.0]], [0_u8, 1, 2, 3, 4]);
/// // fit(validation_split=0.2): the last share
/// let (train, validation) = Data::new(&x, &y).split(0.2);
/// assert_eq!((train.len(), validation.get(0)), (4, Some((&[4.0], &4))));
/// // sklearn's train_test_split(x, y, test_size=0.2)
/// let (train, validation) = Data::new(&x, &y).shuffled(&mut Sfc32::seed_from_u64(1)).split(0.2);
/// assert_eq!((train.len(), validation.len()), (4, 1));
/// ```
pub struct Data<'a, X, T> {
    x: &'a [X],
    targets: &'a [T],
    order: Option<Permutation>,
    from: usize,
    len: usize,
}

impl<X, T> Clone for Data<'_, X, T> {
    fn clone(&self) -> Self {
        Data { order: self.order.clone(), ..*self }
    }
}

impl<'a, X, T> Data<'a, X, T> {
    /// Makes a data set in which sample `i` has target `i`.
    #[inline]
    pub const fn new(x: &'a [X], targets: &'a [T]) -> Self {
        Data { x, targets, order: None, from: 0, len: x.len() }
    }

    /// Puts the whole data set, not only this part, in a random order. Needs no memory.
    pub fn shuffled<R: Rng + ?Sized>(self, rng: &mut R) -> Self {
        Data { order: Some(Permutation::new(self.x.len(), rng)), ..Self::new(self.x, self.targets) }
    }

    /// Splits off the last `share` of the samples; returns the first part and the last. Keras' `validation_split`.
    pub fn split(self, share: f64) -> (Self, Self) {
        let first = ((self.len as f64 * (1.0 - share)) as usize).min(self.len);
        let second = Data { order: self.order.clone(), from: self.from + first, len: self.len - first, ..self };
        (Data { len: first, ..self }, second)
    }

    /// The number of samples.
    #[inline]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no samples.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Sample `i` and its target.
    pub fn get(&self, i: usize) -> Option<(&'a X, &'a T)> {
        Some((self.sample(i)?, self.target(i)?))
    }

    /// Sample `i`.
    #[inline]
    pub(crate) fn sample(&self, i: usize) -> Option<&'a X> {
        self.x.get(self.place(i))
    }

    /// Target `i`.
    #[inline]
    pub(crate) fn target(&self, i: usize) -> Option<&'a T> {
        self.targets.get(self.place(i))
    }

    /// The index of sample `i` in the slice that it lies in.
    #[inline]
    pub(crate) fn place(&self, i: usize) -> usize {
        self.order.as_ref().map_or(self.from + i, |order| order.at(self.from + i))
    }

    /// Checks that there is at least one sample, and one target per sample.
    #[inline]
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.x.len() != self.targets.len() {
            return Err(Error::LengthMismatch { samples: self.x.len(), targets: self.targets.len() });
        }
        if self.len == 0 {
            return Err(Error::Empty);
        }
        Ok(())
    }

    /// Checks that all targets fit a net with `classes` outputs.
    #[inline]
    pub(crate) fn check_targets(
        &self,
        check: impl Fn(&T) -> Result<(), ClassError>,
        classes: usize,
    ) -> Result<(), Error> {
        for (sample, target) in self.targets.iter().enumerate() {
            check(target).map_err(|error| error.at(sample, classes))?;
        }
        Ok(())
    }
}

impl<'a, S, T> Data<'a, S, T> {
    /// Samples `start` to `start + count` and their targets as slices; `None` if the order is random, or the samples are
    /// integers.
    #[inline]
    pub(crate) fn inputs<X>(&self, start: usize, count: usize) -> Option<(&'a [X], &'a [T])>
    where
        S: Sample<X>,
    {
        if self.order.is_some() {
            return None;
        }
        let part = self.from + start..self.from + start + count;
        Some((S::inputs(self.x.get(part.clone())?)?, self.targets.get(part)?))
    }

    /// Samples `start` to `start + count` as inputs: a slice of the data, or read to `room` if they are integers or their
    /// order is random.
    #[inline]
    pub(crate) fn gather<'s, X>(&'s self, start: usize, count: usize, room: &'s mut [X]) -> &'s [X]
    where
        S: Sample<X>,
    {
        if let Some((x, _)) = self.inputs(start, count) {
            return x;
        }
        let room = front_mut(room, count);
        self.read(|i| start + i, room);
        room
    }

    /// Reads a sample to each place of `room`: sample `at(i)` to place `i`.
    #[inline(always)]
    pub(crate) fn read<X>(&self, at: impl Fn(usize) -> usize, room: &mut [X])
    where
        S: Sample<X>,
    {
        for (i, slot) in room.iter_mut().enumerate() {
            if let Some(x) = self.sample(at(i)) {
                x.read(slot);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::rng::Sfc32;
    use std::vec::Vec;

    #[test]
    fn splits_have_the_sizes_of_keras() {
        let x = [0_u8; 1797];
        for (len, share, want) in [(10, 0.2, 8), (10, 0.1, 9), (1797, 0.2, 1437), (3, 0.5, 1), (1, 0.5, 0), (4, 0.0, 4)]
        {
            let (train, validation) = Data::new(&x[..len], &x[..len]).split(share);
            assert_eq!((train.len(), validation.len()), (want, len - want), "{share} of {len}");
        }
        assert_eq!(Data::new(&x, &x).split(2.0).0.len(), 0);
        assert_eq!(Data::new(&x, &x).split(-1.0).0.len(), 1797);
        assert_eq!(Data::new(&x, &x).split(f64::NAN).0.len(), 0);
    }

    #[test]
    fn parts_have_each_sample_once() {
        let x: Vec<usize> = (0..100).collect();
        let (train, rest) = Data::new(&x, &x).shuffled(&mut Sfc32::NEW.clone()).split(0.5);
        let (validation, test) = rest.split(0.4);
        let mut all = Vec::new();
        for part in [&train, &validation, &test] {
            all.extend((0..part.len()).map(|i| *part.get(i).unwrap().0));
        }
        assert_eq!((train.len(), validation.len(), test.len()), (50, 30, 20));
        assert_ne!(all, x, "in a random order");
        all.sort_unstable();
        assert_eq!(all, x);
    }
}

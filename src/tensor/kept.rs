//! What layers keep of a stream, as words of a file.

use super::Zero;

/// Some words of four bytes each.
#[derive(Clone, Copy, Debug)]
pub enum Slice<'a> {
    /// Floats.
    Floats(&'a [f32]),
    /// Integers.
    Words(&'a [u32]),
}

impl Slice<'_> {
    /// The number of words.
    pub(crate) fn len(&self) -> usize {
        match self {
            Slice::Floats(floats) => floats.len(),
            Slice::Words(words) => words.len(),
        }
    }
}

/// Some words of four bytes each, to be changed.
#[derive(Debug)]
pub enum SliceMut<'a> {
    /// Floats.
    Floats(&'a mut [f32]),
    /// Integers.
    Words(&'a mut [u32]),
}

/// What a layer keeps of the steps of a stream. A file can hold it.
pub trait Kept: Zero {
    /// The number of words.
    const WORDS: usize;

    /// Calls `visit` with all words.
    fn walk(&self, visit: &mut dyn FnMut(Slice<'_>));

    /// Calls `visit` with the same words, to be changed.
    fn walk_mut(&mut self, visit: &mut dyn FnMut(SliceMut<'_>));
}

impl Kept for () {
    const WORDS: usize = 0;
    fn walk(&self, _: &mut dyn FnMut(Slice<'_>)) {}
    fn walk_mut(&mut self, _: &mut dyn FnMut(SliceMut<'_>)) {}
}

impl<A: Kept, B: Kept> Kept for (A, B) {
    const WORDS: usize = A::WORDS + B::WORDS;

    fn walk(&self, visit: &mut dyn FnMut(Slice<'_>)) {
        self.0.walk(visit);
        self.1.walk(visit);
    }

    fn walk_mut(&mut self, visit: &mut dyn FnMut(SliceMut<'_>)) {
        self.0.walk_mut(visit);
        self.1.walk_mut(visit);
    }
}

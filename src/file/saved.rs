//! Types that can be saved, seen as a sequence of words.

use super::error::Part;
use super::layout::HEADER;
use crate::net::{Network, Stream, StreamState};
use crate::tensor::rng::Sfc32;
use crate::tensor::{Floats, Kept, Optimizer, Params, Slice, SliceMut};
use crate::training::{Gradients, Trainer};

/// A type that a file can hold: a net, saved as its weights, a [`Trainer`], saved as a checkpoint, or a [`StreamState`].
///
/// A net can also be read from a checkpoint.
pub trait Saved {
    /// The value of "contents" in the file's header.
    const CONTENTS: u16;
    /// Fingerprint of the net.
    const NET: u64;
    /// Fingerprint of the optimiser and of what it trains; 0 for a net.
    const OPTIMIZER: u64;
    /// Length of the table of layers, which the payload begins with, in words of four bytes.
    const TABLE: usize;
    /// Length of the payload, in words of four bytes.
    const WORDS: usize;
    /// Length of the whole file in bytes.
    const FILE_LEN: usize = HEADER + 4 * Self::WORDS;

    /// Calls `visit` with the words of the table, each with the number of its layer.
    fn table(visit: &mut dyn FnMut(usize, u32));

    /// Calls `visit` with all words behind the table, in the order of the payload.
    fn walk(&self, visit: &mut dyn FnMut(Part, Slice<'_>));

    /// Calls `visit` with the same words as mutable slices, in the order of the payload.
    fn walk_mut(&mut self, visit: &mut dyn FnMut(SliceMut<'_>));
}

const WEIGHTS: u16 = 1;
const TRAINING: u16 = 2;
const STREAM: u16 = 4;
pub(super) const ALL: u16 = WEIGHTS | TRAINING | STREAM;

// Not inlined: otherwise the walks are there ten times.
impl<N: Params> Saved for N {
    const CONTENTS: u16 = WEIGHTS;
    const NET: u64 = N::ARCHITECTURE.fingerprint();
    const OPTIMIZER: u64 = 0;
    const TABLE: usize = N::ROWS + 1;
    const WORDS: usize = Self::TABLE + N::COUNT;

    #[inline(never)]
    fn table(visit: &mut dyn FnMut(usize, u32)) {
        N::rows(0, visit);
        visit(N::LAYERS, 0);
    }

    #[inline(never)]
    fn walk(&self, visit: &mut dyn FnMut(Part, Slice<'_>)) {
        self.tensors(0, &mut |name, values| visit(Part::Tensor(name), Slice::Floats(values)));
    }

    #[inline(never)]
    fn walk_mut(&mut self, visit: &mut dyn FnMut(SliceMut<'_>)) {
        self.tensors_mut(0, &mut |_, values| visit(SliceMut::Floats(values)));
    }
}

impl<N: Network, L, O: Optimizer, const BATCH: usize, G: Gradients> Saved for Trainer<N, L, O, BATCH, G> {
    const CONTENTS: u16 = WEIGHTS | TRAINING;
    const NET: u64 = <N as Saved>::NET;
    const OPTIMIZER: u64 = O::KIND.text(if G::WAITS { " accumulate" } else { "" }).end().then(N::MASK).fingerprint();
    const TABLE: usize = <N as Saved>::TABLE;
    // The state of the run: four words of the random number generator, and one of progress.
    const WORDS: usize = <N as Saved>::WORDS
        + <N::State<O> as Floats>::FLOATS
        + O::Numbers::FLOATS
        + 5
        + if G::WAITS { 1 + N::Grad::FLOATS } else { 0 }
        + N::CARRIED;

    fn table(visit: &mut dyn FnMut(usize, u32)) {
        <N as Saved>::table(visit);
    }

    #[inline(never)]
    fn walk(&self, visit: &mut dyn FnMut(Part, Slice<'_>)) {
        Saved::walk(&self.net, visit);
        self.state.walk(&mut |values| visit(Part::Moments, Slice::Floats(values)));
        self.optimizer.numbers().walk(&mut |values| visit(Part::Numbers, Slice::Floats(values)));
        let [a, b, c, d] = self.rng.state();
        visit(Part::Run, Slice::Words(&[a, b, c, d, self.progress]));
        if let Some(waiting) = G::waiting(&self.grad) {
            visit(Part::Run, Slice::Words(&[waiting.batches]));
            waiting.sum.walk(&mut |values| visit(Part::Gradient, Slice::Floats(values)));
        }
        self.net.carried(&mut |values| visit(Part::Carried, Slice::Floats(values)));
    }

    #[inline(never)]
    fn walk_mut(&mut self, visit: &mut dyn FnMut(SliceMut<'_>)) {
        Saved::walk_mut(&mut self.net, visit);
        self.state.walk_mut(&mut |values| visit(SliceMut::Floats(values)));
        let mut numbers = self.optimizer.numbers();
        numbers.walk_mut(&mut |values| visit(SliceMut::Floats(values)));
        self.optimizer.set_numbers(&numbers);
        let [a, b, c, d] = self.rng.state();
        let mut run = [a, b, c, d, self.progress];
        visit(SliceMut::Words(&mut run));
        let [a, b, c, d, progress] = run;
        self.rng = Sfc32::from_state([a, b, c, d]);
        self.progress = progress;
        if let Some(waiting) = G::waiting_mut(&mut self.grad) {
            visit(SliceMut::Words(core::slice::from_mut(&mut waiting.batches)));
            waiting.sum.walk_mut(&mut |values| visit(SliceMut::Floats(values)));
        }
        self.net.carried_mut(&mut |values| visit(SliceMut::Floats(values)));
    }
}

impl<N: Stream> Saved for StreamState<N> {
    const CONTENTS: u16 = STREAM;
    const NET: u64 = <N as Saved>::NET;
    const OPTIMIZER: u64 = 0;
    const TABLE: usize = <N as Saved>::TABLE;
    const WORDS: usize = Self::TABLE + N::Memory::WORDS;

    fn table(visit: &mut dyn FnMut(usize, u32)) {
        <N as Saved>::table(visit);
    }

    #[inline(never)]
    fn walk(&self, visit: &mut dyn FnMut(Part, Slice<'_>)) {
        self.0.walk(&mut |slice| visit(Part::Stream, slice));
    }

    #[inline(never)]
    fn walk_mut(&mut self, visit: &mut dyn FnMut(SliceMut<'_>)) {
        self.0.walk_mut(visit);
    }
}

//! What can be saved, as a walk through its words.

use super::error::Part;
use super::layout::HEADER;
use crate::net::Network;
use crate::optimizers::Optimizer;
use crate::tensor::Floats;
use crate::tensor::Params;
use crate::tensor::rng::Sfc32;
use crate::training::{Gradients, Trainer};

/// What a file can hold: a net, of which it has the weights, or a [`Trainer`], of which it is a checkpoint.
///
/// A net takes the weights of a checkpoint as well.
pub trait Saved {
    /// What the file holds: the field "contents" of its header.
    const CONTENTS: u16;
    /// Fingerprint of the net.
    const NET: u64;
    /// Fingerprint of the optimiser, or 0.
    const OPTIMIZER: u64;
    /// Numbers of four bytes in the payload.
    const WORDS: usize;
    /// Bytes of the whole file.
    const FILE_LEN: usize = HEADER + 4 * Self::WORDS;

    /// Calls `visit` with all numbers in the order of the payload.
    fn walk(&self, visit: &mut dyn FnMut(Part, Slice<'_>));

    /// The same, to change them.
    fn walk_mut(&mut self, visit: &mut dyn FnMut(SliceMut<'_>));
}

/// Some numbers of four bytes each.
#[derive(Clone, Copy, Debug)]
pub enum Slice<'a> {
    /// Floats.
    Floats(&'a [f32]),
    /// Integers.
    Words(&'a [u32]),
}

impl Slice<'_> {
    /// How many.
    pub(super) fn len(&self) -> usize {
        match self {
            Slice::Floats(floats) => floats.len(),
            Slice::Words(words) => words.len(),
        }
    }
}

/// Some numbers of four bytes each, to be changed.
#[derive(Debug)]
pub enum SliceMut<'a> {
    /// Floats.
    Floats(&'a mut [f32]),
    /// Integers.
    Words(&'a mut [u32]),
}

const WEIGHTS: u16 = 1;
const TRAINING: u16 = 2;
pub(super) const ALL: u16 = WEIGHTS | TRAINING;

impl<N: Params> Saved for N {
    const CONTENTS: u16 = WEIGHTS;
    const NET: u64 = N::ARCHITECTURE.fingerprint();
    const OPTIMIZER: u64 = 0;
    const WORDS: usize = N::COUNT;

    fn walk(&self, visit: &mut dyn FnMut(Part, Slice<'_>)) {
        self.tensors(0, &mut |name, values| visit(Part::Tensor(name), Slice::Floats(values)));
    }

    fn walk_mut(&mut self, visit: &mut dyn FnMut(SliceMut<'_>)) {
        self.tensors_mut(0, &mut |_, values| visit(SliceMut::Floats(values)));
    }
}

impl<N: Network, L, O: Optimizer, const BATCH: usize, G: Gradients> Saved for Trainer<N, L, O, BATCH, G> {
    const CONTENTS: u16 = ALL;
    const NET: u64 = <N as Saved>::NET;
    const OPTIMIZER: u64 = O::KIND.fingerprint();
    // The run is four words of the generator and one of progress.
    const WORDS: usize = N::COUNT + <N::State<O> as Floats>::FLOATS + O::Numbers::FLOATS + 5;

    fn walk(&self, visit: &mut dyn FnMut(Part, Slice<'_>)) {
        Saved::walk(&self.net, visit);
        self.state.walk(&mut |values| visit(Part::Moments, Slice::Floats(values)));
        self.optimizer.numbers().walk(&mut |values| visit(Part::Numbers, Slice::Floats(values)));
        let [a, b, c, d] = self.rng.state();
        visit(Part::Run, Slice::Words(&[a, b, c, d, self.progress]));
    }

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
    }
}

use super::trace::rows;
use super::{Rnn, RnnCell, RnnOptions, Which};
use crate::net::StreamLayer;
use crate::tensor::{Kept, Slice, SliceMut, Tensor, Zero, zeros};

/// The memory of a recurrent layer on a stream: its states.
pub struct RnnMemory<S> {
    states: S,
    /// How many steps have come, up to the length of a window.
    seen: usize,
}

zeros!(impl [S: Zero] RnnMemory<S> { states, seen });

impl<S: Tensor> Kept for RnnMemory<S> {
    const WORDS: usize = S::LEN + 1;

    fn walk(&self, visit: &mut dyn FnMut(Slice<'_>)) {
        visit(Slice::Floats(self.states.flat()));
        visit(Slice::Words(&[self.seen as u32]));
    }

    fn walk_mut(&mut self, visit: &mut dyn FnMut(SliceMut<'_>)) {
        visit(SliceMut::Floats(self.states.flat_mut()));
        let mut seen = self.seen as u32;
        visit(SliceMut::Words(core::slice::from_mut(&mut seen)));
        self.seen = seen as usize;
    }
}

impl<
    C: RnnCell,
    const T: usize,
    const I: usize,
    const H: usize,
    R: Which,
    O: RnnOptions,
    const G: usize,
    const NB: usize,
    const CARRIED: usize,
    const LEARNT: usize,
> StreamLayer<[[f32; I]; T]> for Rnn<C, [[f32; I]; T], [f32; H], R, O, G, NB, CARRIED, LEARNT>
{
    type Memory = RnnMemory<C::States<[f32; H]>>;
    // The last state of a window is known with its last step.
    const DELAY: usize = {
        assert!(!O::BACKWARDS, "a stream does not know its end, so no layer can run backwards on it");
        if R::ALL.is_some() { 0 } else { T - 1 }
    };
    const HOP: usize = 1;

    #[inline(always)]
    fn step(&self, memory: &mut Self::Memory, x: &[f32; I]) -> Option<[f32; H]> {
        if memory.seen == 0 {
            self.begin(&mut memory.states);
        }
        if memory.seen < T {
            memory.seen += 1;
        }
        self.advance(&mut memory.states, x);
        rows(&memory.states).first().copied().filter(|_| memory.seen > Self::DELAY)
    }
}

use super::{Kept, Slice, SliceMut, Tensor, Zero, zeros};
use crate::kernels::lanes::NATIVE;
use core::hint::black_box;

/// The steps of a stream that the next windows of a convolution or a pool see: windows of `K` taps at the distance `D`.
///
/// With dilation, a window sees each `D`-th step. So there are `D` rows of `K` steps: the steps that come go to the rows in
/// turn, and each row is a window.
pub struct Recent<T, const K: usize, const D: usize> {
    /// The oldest steps come first.
    rows: [[T; K]; D],
    /// The row for the next step.
    row: usize,
    /// How many steps have come, up to `K · D`.
    seen: usize,
    /// The number of steps to the next output is counted from here.
    clock: usize,
}

zeros!(impl [T: Zero, const K: usize, const D: usize] Recent<T, K, D> { rows, row, seen, clock });

impl<T: Tensor, const K: usize, const D: usize> Recent<T, K, D> {
    /// Takes a step. If an output is known with it, the window of this output is returned: the steps that it sees, the oldest
    /// first. The first output is known with step number `delay`, and the next ones with each `hop`-th step after it. A window
    /// has fewer than `K` steps if some of them would lie before the first one, as with causal padding.
    #[inline(always)]
    pub(crate) fn push(&mut self, step: &T, delay: usize, hop: usize) -> Option<&[T]> {
        let row = self.rows.get_mut(self.row)?;
        self.row = if self.row + 1 == D { 0 } else { self.row + 1 };
        shift(row);
        *row.last_mut()? = *step;
        if self.seen < K * D {
            self.seen += 1;
        }
        self.clock = self.clock.wrapping_add(1);
        if self.clock != delay + 1 {
            return None;
        }
        self.clock = self.clock.wrapping_sub(hop);
        // The first output already has a whole window, unless there is padding.
        let padded = delay < (K - 1) * D;
        let missing = if padded { K.saturating_sub(self.seen.div_ceil(D.max(1))) } else { 0 };
        row.get(missing..)
    }
}

impl<T: Tensor, const K: usize, const D: usize> Kept for Recent<T, K, D> {
    const WORDS: usize = D * K * T::LEN + 3;

    fn walk(&self, visit: &mut dyn FnMut(Slice<'_>)) {
        visit(Slice::Floats(self.rows.flat()));
        visit(Slice::Words(&[self.row as u32, self.seen as u32, self.clock as u32]));
    }

    fn walk_mut(&mut self, visit: &mut dyn FnMut(SliceMut<'_>)) {
        visit(SliceMut::Floats(self.rows.flat_mut()));
        let mut numbers = [self.row as u32, self.seen as u32, self.clock as u32];
        visit(SliceMut::Words(&mut numbers));
        let [row, seen, clock] = numbers;
        // The clock may be below 0.
        (self.row, self.seen, self.clock) = (row as usize, seen as usize, clock.cast_signed() as usize);
    }
}

/// Drops the first step, and moves the others one place to the front.
#[inline(always)]
fn shift<T: Copy>(steps: &mut [T]) {
    if NATIVE > 1 && steps.len() > 16 {
        return steps.copy_within(1.., 0);
    }
    // One by one. If the compiler moved two steps at once, a load would overlap two earlier stores, and the processor would wait
    // until both have left for the cache: a convolution of 5 steps would take twice as long. And `copy_within` has a path to a
    // panic in builds for size.
    let mut rest = steps;
    while let [first, others @ ..] = rest {
        if let Some(next) = others.first() {
            *first = *next;
        }
        rest = others;
        black_box(());
    }
}

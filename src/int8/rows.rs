//! Operators that write their output row by row, and how their input and output share an arena.

use super::{Bytes, End, Layer, Observe, Quantization, Tail};
use crate::kernels::axis::Axis;

/// The rows of the input and the output of an operator.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Which rows of the input a row of the output sees.
    pub axis: Axis,
    /// Bytes of a row of the input.
    pub x: usize,
    /// Bytes of a row of the output.
    pub y: usize,
}

impl Shape {
    /// One row of `x` bytes gives one of `y` bytes.
    pub const fn one(x: usize, y: usize) -> Self {
        Shape { axis: Axis::ONE, x, y }
    }

    /// The first row of the input that row `r` sees, or the end of the input if it lies below.
    const fn first(self, r: usize) -> usize {
        let Axis { inputs, outputs, stride, before, .. } = self.axis;
        let first = (r * stride).saturating_sub(before);
        // The first condition is a constant: windows do not lie below the input.
        if (outputs - 1) * stride > inputs + before && first > inputs { inputs } else { first }
    }

    /// The row of the input behind the last one that row `r` sees.
    const fn end(self, r: usize) -> usize {
        let end =
            (r * self.axis.stride + (self.axis.taps - 1) * self.axis.dilation + 1).saturating_sub(self.axis.before);
        if end < self.axis.inputs { end } else { self.axis.inputs }
    }

    /// Bytes of the input.
    const fn input(self) -> usize {
        self.axis.inputs * self.x
    }

    /// Bytes of the output.
    pub const fn output(self) -> usize {
        self.axis.outputs * self.y
    }

    /// Bytes of an arena in which the output may be written over the input, in both directions.
    pub const fn arena(self) -> usize {
        let (mut needed, mut r) = (0, 0);
        while r < self.axis.outputs {
            // The input lies at the back: the rows up to r of the output lie before the first row that r sees.
            let down = (r + 1) * self.y + self.input() - self.first(r) * self.x;
            // The input lies at the front: the rows from r of the output lie behind the last row that r sees.
            let up = self.end(r) * self.x + (self.axis.outputs - r) * self.y;
            needed = larger(needed, larger(down, up));
            r += 1;
        }
        needed
    }
}

/// The larger of two sizes.
pub const fn larger(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// An operator that writes its output row by row. It is a [`Layer`].
pub trait Rows {
    /// The input.
    type X: Bytes;
    /// The output.
    type Y: Bytes;
    /// What it remembers from one inference to the next.
    type State: Copy + 'static;
    /// The state before the first inference.
    const STATE: Self::State;
    /// Its rows.
    const SHAPE: Shape;
    /// Whether its rows must be written from the first one to the last one, as a recurrent layer's.
    const FORWARD: bool = false;

    /// Writes row `r` of the output. `x` is the input from row `r · stride − before`, or from the first row.
    fn row(&self, state: &mut Self::State, r: usize, x: &[u8], y: &mut [u8]);
    /// The scale and zero point of the input.
    fn from(&self) -> Quantization;
    /// The scale and zero point of the output.
    fn to(&self) -> Quantization;
}

/// From an input at one end of an arena to the output at the other end.
#[inline(always)]
pub fn through<R: Rows>(
    rows: &R,
    state: &mut R::State,
    arena: &mut [u8],
    end: End,
    observe: &mut impl Observe,
    operator: usize,
) {
    let (shape, outputs, length) = (R::SHAPE, R::SHAPE.axis.outputs, arena.len());
    // From the back to the front, the rows follow each other forward.
    let moves = R::FORWARD && outputs > 1 && end == End::Front;
    if moves {
        to_back(arena, shape.input());
    }
    for i in 0..outputs {
        let (r, x, y) = match if moves { End::Back } else { end } {
            End::Back => {
                let (y, x) = arena.split_at_mut_checked((i + 1) * shape.y).unwrap_or_default();
                let first = (length + shape.first(i) * shape.x).saturating_sub(shape.input() + y.len());
                (i, x.get(first..), y.get_mut(i * shape.y..))
            }
            End::Front => {
                let r = outputs - 1 - i;
                let cut = length.saturating_sub((i + 1) * shape.y);
                let (x, y) = arena.split_at_mut_checked(cut).unwrap_or_default();
                let x = x.get(..shape.input().min(cut)).and_then(|x| x.get(shape.first(r) * shape.x..));
                (r, x, y.get_mut(..shape.y))
            }
        };
        // A net's ARENA has room for both.
        if let (Some(x), Some(y)) = (x, y) {
            rows.row(state, r, x, y);
            observe.row(operator, r, y, Rows::to(rows));
        }
    }
    if moves {
        to_back(arena, shape.output());
    }
}

/// Moves the first `length` bytes to the back.
fn to_back(arena: &mut [u8], length: usize) {
    if let Some(to) = arena.len().checked_sub(length) {
        arena.copy_within(..length, to);
    }
}

/// Writes row `r` of the output of an input `x` that stays.
#[inline(always)]
fn beside<R: Rows>(
    rows: &R,
    state: &mut R::State,
    x: &[u8],
    r: usize,
    y: &mut [u8],
    observe: &mut impl Observe,
    operator: usize,
) {
    rows.row(state, r, x.get(R::SHAPE.first(r) * R::SHAPE.x..).unwrap_or_default(), y);
    observe.row(operator, r, y, Rows::to(rows));
}

impl<R: Rows> Layer for R {
    type X = R::X;
    type Y = R::Y;
    type State = R::State;
    const STATE: R::State = R::STATE;
    const OPERATORS: usize = 1;
    const ARENA: usize = R::SHAPE.arena();
    const BESIDE: usize = R::SHAPE.output();
    const FLIPS: bool = true;

    #[inline(always)]
    fn run(&self, state: &mut R::State, arena: &mut [u8], end: End, observe: &mut impl Observe, first: usize) -> End {
        through(self, state, arena, end, observe, first);
        end.other()
    }

    #[inline(always)]
    fn beside(
        &self,
        state: &mut R::State,
        x: &[u8],
        arena: &mut [u8],
        end: End,
        observe: &mut impl Observe,
        first: usize,
    ) {
        let (output, _) = end.split_slice(arena, R::SHAPE.output());
        for (r, y) in output.chunks_exact_mut(R::SHAPE.y).enumerate() {
            beside(self, state, x, r, y, observe, first);
        }
    }

    fn from(&self) -> Quantization {
        Rows::from(self)
    }

    fn to(&self) -> Quantization {
        Rows::to(self)
    }
}

impl<R: Rows> Tail for R {
    type Last = R::X;
    const BODY: usize = 0;
    const ROW: usize = R::SHAPE.y;

    #[inline(always)]
    fn body(&self, _: &mut R::State, _: &mut [u8], end: End, _: &mut impl Observe, _: usize) -> End {
        end
    }

    #[inline(always)]
    fn tail<O: Observe>(
        &self,
        state: &mut R::State,
        x: &[u8],
        row: &mut [u8],
        observe: &mut O,
        first: usize,
        mut to: impl FnMut(&mut O, usize, &[u8]),
    ) {
        for r in 0..R::SHAPE.axis.outputs {
            beside(self, state, x, r, row, observe, first);
            to(observe, r, row);
        }
    }
}

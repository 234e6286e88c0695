//! Convolutions over two axes, channels last. A convolution over one axis is the case of a single row.
//!
//! # Forward
//!
//! The tile of [products](super::matmul), whose rows are output places at equal distances: the numbers to broadcast come from
//! their windows, and the streamed rows are the weights of one tap and one input channel. A window is never copied: one row of
//! it is contiguous, so a run of steps covers all taps of that row and all channels (with dilation, one tap and all channels).
//! Tiles lie along the axis with more outputs, so that narrow images fill them, too. The tap ranges of the other axis may be
//! cut by padding; they are the same for all places of a tile. Places whose windows are cut along the first axis lie in tiles
//! along the other one; those whose windows are cut along both are computed one by one. The last tile of a row is moved back
//! until it ends with the row; a few places are then computed twice.
//!
//! # The way back
//!
//! - `dx`: tap after tap, `dx[input of the tap] += dz · w[tap]ᵀ` for all output places that see an input with this tap. Some
//!   columns of `w[tap]ᵀ` are copied once per tap and batch.
//! - `dx` of up to 4 channels, which do not fill a vector: dot products along the outputs, if these are 8 at least. A tile has the
//!   places that are seen with the same taps.
//! - `dw`: a tile of a few weights of one tap and two vectors of outputs, whose steps are the output places that see an input
//!   with this tap. If there are few channels, the rows of the tile go on with the next taps of the same row of the window.
//!
//! # Transposed
//!
//! A transposed convolution is the `dx` of a convolution, which then begins at the bias. On the way back, its `dx` is that
//! convolution forward, and its `dw` is that convolution's `dw` with both sides swapped.
//!
//! Entries give the windows to a machine as constants. A machine that is chosen at run time has a function of its own, and
//! the compiler would not know a variable there.
//!
//! # The order of a sum
//!
//! An output begins at the bias; the taps follow row by row, and column by column within a row; within a tap, channel by
//! channel. `dx` begins at 0, or at the bias of a transposed convolution, and has the same order of taps; within a tap, output
//! channel by output channel. If there are up to 4 channels and 8 outputs or more, output `o` instead goes to partial sum `o mod
//! 8`, each starting at 0; the partial sums are added by halves (4 + 4, 2 + 2, 1 + 1), and then to what `dx` begins at. `dw`
//! begins at 0; the output places of each sample follow along the axis with fewer outputs, and in each of these along the other
//! one. Other sums are single ones. Padding is left out. If the kernel has a single tap and the stride is 1, all three are the
//! [products](super::matmul) of a dense layer over all places, in their order; a transposed convolution keeps its own.

use super::axis::Axis;
use super::elementwise::{Map, map_on};
use super::lanes::NATIVE;
use super::machine::{Build, Machine, dispatch};
use super::matmul::{self, kernel, lanes_for};
use core::ops::Range;

mod few_channels;
mod forward;
mod input_gradient;
mod one_lane;
mod weight_gradient;
#[cfg(test)]
mod widths;

/// A layer that convolves.
pub trait Convolution {
    /// How its windows lie from row to row, and from column to column.
    const AXES: [Axis; 2];
}

/// How windows lie in an image of some channels. All of it is known to the compiler, but on machines without vectors.
#[derive(Clone, Copy)]
pub struct Windows {
    rows: Axis,
    columns: Axis,
    channels: usize,
    /// Whether tiles lie along a row, from column to column.
    along_columns: bool,
}

/// An output place, by row and column.
type Place = [usize; 2];

/// The taps of a window that see inputs, by row and column.
type Taps = [Range<usize>; 2];

impl Windows {
    #[inline(always)]
    const fn of<G: Convolution>(channels: usize) -> Self {
        let [rows, columns] = G::AXES;
        // Along the axis with more outputs.
        Windows { rows, columns, channels, along_columns: columns.outputs >= rows.outputs }
    }

    /// The same with tiles along the other axis.
    #[inline(always)]
    const fn turned(self) -> Self {
        Windows { along_columns: !self.along_columns, ..self }
    }

    /// Whether each output place sees one input place, its own.
    const fn is_dense(self) -> bool {
        self.rows.taps * self.rows.stride * self.columns.taps * self.columns.stride == 1
    }

    /// Whether a sample takes so many products that it is worth to choose a machine at run time.
    const fn is_worth_a_choice(self, outputs: usize) -> bool {
        self.outputs() * self.rows.taps * self.columns.taps * self.channels * outputs >= 128
    }

    /// Number of output places.
    #[inline(always)]
    const fn outputs(self) -> usize {
        self.rows.outputs * self.columns.outputs
    }

    /// Number of input places.
    #[inline(always)]
    const fn inputs(self) -> usize {
        self.rows.inputs * self.columns.inputs
    }

    /// The axis across the tiles, and the axis along which they lie.
    #[inline(always)]
    const fn axes(self) -> (Axis, Axis) {
        if self.along_columns { (self.rows, self.columns) } else { (self.columns, self.rows) }
    }

    /// A number along each of [`axes`](Windows::axes), by row and column.
    #[inline(always)]
    fn by_row<T>(self, across: T, along: T) -> [T; 2] {
        if self.along_columns { [across, along] } else { [along, across] }
    }

    /// The distance of the inputs that adjacent places of a tile see, in places.
    #[inline(always)]
    const fn distance(self) -> usize {
        if self.along_columns { self.columns.stride } else { self.rows.stride * self.columns.inputs }
    }

    /// The distance of adjacent places of a tile in the output.
    #[inline(always)]
    const fn pitch(self) -> usize {
        if self.along_columns { 1 } else { self.columns.outputs }
    }

    /// The index of an output place.
    #[inline(always)]
    const fn output(self, [row, column]: Place) -> usize {
        row * self.columns.outputs + column
    }

    /// The index of the input place that an output place sees with a tap. It must see one.
    #[inline(always)]
    const fn input(self, [row, column]: Place, [row_tap, column_tap]: [usize; 2]) -> usize {
        let row = (row * self.rows.stride + row_tap * self.rows.dilation).saturating_sub(self.rows.before);
        let column =
            (column * self.columns.stride + column_tap * self.columns.dilation).saturating_sub(self.columns.before);
        row * self.columns.inputs + column
    }

    /// The index of the first row of weights of a tap.
    #[inline(always)]
    const fn weights(self, [row_tap, column_tap]: [usize; 2]) -> usize {
        (row_tap * self.columns.taps + column_tap) * self.channels
    }
}

/// Splits the first `n` items off a slice.
#[inline(always)]
fn split<'a, T>(items: &mut &'a [T], n: usize) -> Option<&'a [T]> {
    let (first, rest) = items.split_at_checked(n)?;
    *items = rest;
    Some(first)
}

/// The same for a slice that can be changed.
#[inline(always)]
fn split_mut<'a, T>(items: &mut &'a mut [T], n: usize) -> Option<&'a mut [T]> {
    let (first, rest) = core::mem::take(items).split_at_mut_checked(n)?;
    *items = rest;
    Some(first)
}

/// `y = epilogue(x ∗ w + b)`: `x` has the places of all samples, `C` numbers each, `y` `O` numbers each. `w` is
/// `[row tap][column tap][C][O]`.
#[inline]
pub fn forward<G: Convolution, const C: usize, const O: usize, E: Map>(
    x: &[[f32; C]],
    w: &[[f32; O]],
    b: &[f32; O],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    if const { Windows::of::<G>(C).is_dense() } {
        if const { NATIVE == 1 && one_lane::is_in_fours(C, O, matmul::partial_sums(C, O)) } {
            let (x, y) = (x.as_flattened(), y.as_flattened_mut());
            one_lane::dense(x, w.as_flattened(), b, y, const { matmul::partial_sums(C, O) });
            matmul::finish(y, epilogue);
        } else if let Some(w) = w.first_chunk() {
            matmul::affine::<C, O, E>(x, w, b, y, epilogue);
        }
        return;
    }
    dispatch!(machine if const { Windows::of::<G>(C).is_worth_a_choice(O) } => forward_on(machine, const { Windows::of::<G>(C) }, x.as_flattened(), w, b, y, epilogue))
}

#[inline(always)]
fn forward_on<M: Machine, const O: usize, E: Map>(
    machine: M,
    windows: Windows,
    x: &[f32],
    w: &[[f32; O]],
    b: &[f32; O],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    match const { lanes_for::<M>(O) } {
        kernel::LANES_16 => forward::forward::<M::V16, O, E>(machine, windows, x, w, b, y, epilogue),
        kernel::LANES_8 => forward::forward::<M::V8, O, E>(machine, windows, x, w, b, y, epilogue),
        kernel::LANES_4 => forward::forward::<M::V4, O, E>(machine, windows, x, w, b, y, epilogue),
        kernel::ONE_LANE => {
            one_lane::forward(&windows, x, w.as_flattened(), b, y.as_flattened_mut());
            matmul::finish(y.as_flattened_mut(), epilogue);
        }
        _ => forward::forward::<f32, O, E>(Build, windows, x, w, b, y, epilogue),
    }
}

/// The outputs of a 1x1 convolution, in the place of its inputs. A few of these at a time are copied. It has the bits of
/// [`forward()`].
pub fn in_place<G: Convolution, const C: usize, E: Map>(
    x: &mut [[f32; C]],
    w: &[[f32; C]],
    b: &[f32; C],
    epilogue: &E,
) {
    const { assert!(Windows::of::<G>(C).is_dense()) };
    // As many as a tile has, or a multiple.
    const PLACES: usize = if NATIVE == 1 { 4 } else { 12 };
    for y in x.chunks_mut(PLACES) {
        let mut copied = [[0.0; C]; PLACES];
        copied.iter_mut().zip(&*y).for_each(|(copied, x)| *copied = *x);
        forward::<G, C, C, E>(copied.get(..y.len()).unwrap_or_default(), w, b, y, epilogue);
    }
}

/// One output of a convolution over a sequence: `y = epilogue(window · w + b)`. The window has the places that the output sees,
/// the last of the taps. It has the bits of [`forward()`].
#[inline]
pub fn step<G: Convolution, const C: usize, const O: usize, E: Map>(
    window: &[[f32; C]],
    w: &[[[f32; O]; C]],
    b: &[f32; O],
    y: &mut [f32; O],
    epilogue: &E,
) {
    if const { Windows::of::<G>(C).is_dense() } {
        return forward::<G, C, O, E>(window, w.as_flattened(), b, core::slice::from_mut(y), epilogue);
    }
    let w = w.get(w.len().saturating_sub(window.len())..).unwrap_or_default().as_flattened();
    dispatch!(machine if const { G::AXES[1].taps * C * O >= 128 } => step_on(machine, window.as_flattened(), w, b, y, epilogue))
}

#[inline(always)]
fn step_on<M: Machine, const O: usize, E: Map>(
    machine: M,
    window: &[f32],
    w: &[[f32; O]],
    b: &[f32; O],
    y: &mut [f32; O],
    epilogue: &E,
) {
    match const { lanes_for::<M>(O) } {
        kernel::LANES_16 => forward::step::<M::V16, O, E>(machine, window, w, b, y, epilogue),
        kernel::LANES_8 => forward::step::<M::V8, O, E>(machine, window, w, b, y, epilogue),
        kernel::LANES_4 => forward::step::<M::V4, O, E>(machine, window, w, b, y, epilogue),
        kernel::ONE_LANE => {
            one_lane::step(window, w.as_flattened(), b, y);
            matmul::finish(y, epilogue);
        }
        _ => forward::step::<f32, O, E>(Build, window, w, b, y, epilogue),
    }
}

/// The gradient of `x`, from `dz`, the gradient of the outputs before the epilogue.
#[inline]
pub fn input_gradient<G: Convolution, const C: usize, const O: usize>(
    dz: &[[f32; O]],
    w: &[[f32; O]],
    dx: &mut [[f32; C]],
) {
    if const { Windows::of::<G>(C).is_dense() } {
        if let Some(w) = w.first_chunk() {
            matmul::input_gradient::<C, O>(dz, w, dx);
        }
        return;
    }
    dispatch!(machine if const { Windows::of::<G>(C).is_worth_a_choice(O) } => input_gradient_on(machine, const { Windows::of::<G>(C) }, &[0.0; C], dz, w, dx))
}

/// The transposed convolution `y = epilogue(b + the input gradient for dz = x)`, where `G` leads from `y` to `x`: `x` has `C`
/// numbers per place, `y` `O`. `w` is `[row tap][column tap][O][C]`.
#[inline]
pub fn transposed<G: Convolution, const C: usize, const O: usize, E: Map>(
    x: &[[f32; C]],
    w: &[[f32; C]],
    b: &[f32; O],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    dispatch!(machine if const { Windows::of::<G>(O).is_worth_a_choice(C) } => transposed_on(machine, const { Windows::of::<G>(O) }, x, w, b, y, epilogue))
}

#[inline(always)]
fn transposed_on<M: Machine, const C: usize, const O: usize, E: Map>(
    machine: M,
    windows: Windows,
    x: &[[f32; C]],
    w: &[[f32; C]],
    b: &[f32; O],
    y: &mut [[f32; O]],
    epilogue: &E,
) {
    input_gradient_on(machine, windows, b, x, w, y);
    if const { M::LANES == 1 } {
        return matmul::finish(y.as_flattened_mut(), epilogue);
    }
    let mut y = y;
    while let Some(y) = split_mut(&mut y, windows.inputs()) {
        map_on(machine, epilogue, y.as_flattened_mut());
    }
}

/// `begin` has what each place begins at.
#[inline(always)]
fn input_gradient_on<M: Machine, const C: usize, const O: usize>(
    machine: M,
    windows: Windows,
    begin: &[f32; C],
    dz: &[[f32; O]],
    w: &[[f32; O]],
    dx: &mut [[f32; C]],
) {
    if const { few_channels::is_better(C, O) } {
        let (dz, w, dx) = (dz.as_flattened(), w.as_flattened(), dx.as_flattened_mut());
        return match const { M::LANES } {
            1 => one_lane::input_gradient_of_few_channels(&windows, begin, dz, w, dx, O),
            4 => few_channels::input_gradient::<M::V4, 2, C, 2>(machine, windows, begin, dz, w, dx, O),
            _ => few_channels::input_gradient::<M::V8, 1, C, 4>(machine, windows, begin, dz, w, dx, O),
        };
    }
    match const { lanes_for::<M>(C) } {
        kernel::LANES_16 => input_gradient::input_gradient::<M::V16, 16, C, O>(machine, windows, begin, dz, w, dx),
        kernel::LANES_8 => input_gradient::input_gradient::<M::V8, 8, C, O>(machine, windows, begin, dz, w, dx),
        kernel::LANES_4 => input_gradient::input_gradient::<M::V4, 4, C, O>(machine, windows, begin, dz, w, dx),
        kernel::ONE_LANE => {
            one_lane::input_gradient(&windows, begin, dz.as_flattened(), w.as_flattened(), dx.as_flattened_mut(), O);
        }
        _ => {
            input_gradient::input_gradient::<f32, 1, C, O>(Build, windows, begin, dz, w, dx);
        }
    }
}

/// The gradient of `w`, a few rows at a time: calls `take(first, rows)` with the rows of weights from `first` on, each row once.
#[inline]
pub fn weight_gradient<G: Convolution, const C: usize, const O: usize>(
    x: &[[f32; C]],
    dz: &[[f32; O]],
    take: impl FnMut(usize, &[[f32; O]]),
) {
    if const { Windows::of::<G>(C).is_dense() } {
        return matmul::weight_gradient(x, dz, take);
    }
    dispatch!(machine if const { Windows::of::<G>(C).is_worth_a_choice(O) } => weight_gradient_on(machine, const { Windows::of::<G>(C) }, x.as_flattened(), dz, take))
}

#[inline(always)]
fn weight_gradient_on<M: Machine, const O: usize>(
    machine: M,
    windows: Windows,
    x: &[f32],
    dz: &[[f32; O]],
    mut take: impl FnMut(usize, &[[f32; O]]),
) {
    match const { lanes_for::<M>(O) } {
        kernel::LANES_16 => weight_gradient::weight_gradient::<M::V16, O>(machine, windows, x, dz, take),
        kernel::LANES_8 => weight_gradient::weight_gradient::<M::V8, O>(machine, windows, x, dz, take),
        kernel::LANES_4 => weight_gradient::weight_gradient::<M::V4, O>(machine, windows, x, dz, take),
        kernel::ONE_LANE => {
            let mut row = [[0.0; O]];
            let rows = windows.rows.taps * windows.columns.taps * windows.channels;
            for i in 0..rows {
                super::no_unrolling();
                one_lane::weight_gradient_row(&windows, i, x, dz.as_flattened(), row.as_flattened_mut());
                take(i, &row);
            }
        }
        _ => weight_gradient::weight_gradient::<f32, O>(Build, windows, x, dz, take),
    }
}

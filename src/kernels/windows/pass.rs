//! How a pass of windows goes over the places of a sample, forward or backward.

use super::Windows;
use crate::kernels::axis::Axis;

/// How a pass goes along one axis. Its output number `m` is stored at `first + m · step`. With tap number `t`, whose weight is
/// at `tap + t · tap_step`, it sees the input `start + m · stride + t · dilation`, if there is one. What is below 0 wraps.
#[derive(Clone, Copy)]
pub struct Line {
    pub inputs: usize,
    pub outputs: usize,
    pub first: usize,
    pub step: usize,
    pub taps: usize,
    pub tap: usize,
    pub tap_step: usize,
    pub start: usize,
    pub stride: usize,
    pub dilation: usize,
}

impl Line {
    /// From the inputs to the outputs.
    pub const fn forward(axis: Axis) -> Self {
        let Axis { inputs, outputs, taps, stride, dilation, before } = axis;
        let start = 0_usize.wrapping_sub(before);
        Line { inputs, outputs, first: 0, step: 1, taps, tap: 0, tap_step: 1, start, stride, dilation }
    }

    /// From the outputs to the inputs `first`, `first + stride`, …: these are seen with the same taps, each by outputs that
    /// lie side by side.
    pub fn backward(axis: Axis, first: usize) -> Self {
        let Axis { inputs, outputs, taps, stride, dilation, before } = axis;
        let mut line = Line {
            inputs: outputs,
            outputs: inputs,
            first,
            step: stride,
            taps: 0,
            tap: 0,
            tap_step: 0,
            start: 0,
            stride: 1,
            dilation: 0,
        };
        // Input `first` is seen by the output (first + before − tap · dilation) / stride. This is not below −lift.
        let lift = taps * dilation;
        for tap in 0..taps {
            let distance = first + before + lift * stride - tap * dilation;
            if distance.is_multiple_of(stride) {
                let output = distance.checked_div(stride).unwrap_or_default().wrapping_sub(lift);
                match line.taps {
                    0 => (line.start, line.tap) = (output, tap),
                    1 => (line.dilation, line.tap_step) = (output.wrapping_sub(line.start), tap - line.tap),
                    _ => {}
                }
                line.taps += 1;
            }
        }
        line
    }
}

/// A pass over both axes.
#[derive(Clone, Copy)]
pub struct Pass {
    pub rows: Line,
    pub columns: Line,
    pub channels: usize,
    /// Numbers from an input to the one that the next tap or output of its row sees.
    pub right: usize,
    pub distance: usize,
    /// Numbers in a row of inputs, and from a row to the one that the next tap sees.
    pub width: usize,
    pub down: usize,
    /// The weights of the first tap, and numbers from them to those of the next tap in its row and the next row of taps.
    pub weights: usize,
    pub weights_right: usize,
    pub weights_down: usize,
    /// Numbers from an output to the next one of its row.
    pub outputs: usize,
    /// Whether windows have three places side by side, and lie side by side themselves.
    pub threes: bool,
}

impl Pass {
    pub const fn new(windows: &Windows, rows: Line, columns: Line) -> Self {
        let channels = windows.channels;
        let (width, tap_row) = (columns.inputs * channels, windows.columns.taps * channels);
        let side_by_side = columns.dilation == 1 || columns.dilation == usize::MAX;
        Pass {
            rows,
            columns,
            channels,
            right: columns.dilation.wrapping_mul(channels),
            distance: columns.stride * channels,
            width,
            down: rows.dilation.wrapping_mul(width),
            weights: rows.tap * tap_row + columns.tap * channels,
            weights_right: columns.tap_step * channels,
            weights_down: rows.tap_step * tap_row,
            outputs: columns.step * channels,
            threes: side_by_side && columns.taps == 3 && columns.stride == 1 && columns.step == 1,
        }
    }
}

pub fn forward(windows: &Windows) -> Pass {
    Pass::new(windows, Line::forward(windows.rows), Line::forward(windows.columns))
}

/// The pass for every `stride`-th input from this row and this column on.
pub fn backward(windows: &Windows, row: usize, column: usize) -> Pass {
    Pass::new(windows, Line::backward(windows.rows, row), Line::backward(windows.columns, column))
}

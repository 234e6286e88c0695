//! What faults do to the windows of a layer over sequences: some numbers are computed anew, by an axis or a rule that is wrong.
//! Batches are flat.

use super::fault::Fault;
use crate::common::naive::conv::{Axis, each};

/// Calls `visit(output place, tap, input place)` for all samples of a batch.
fn all(axis: Axis, samples: usize, mut visit: impl FnMut(usize, usize, usize)) {
    for sample in 0..samples {
        each(Axis::ONE, axis, |o, tap, i| visit(sample * axis.outputs + o, tap, sample * axis.inputs + i));
    }
}

/// Outputs. Of the weights, the biases come last.
pub fn y(fault: Fault, axis: Axis, samples: usize, x: &[f32], y: &mut [f32], weights: &[f32]) {
    let (channels, outputs) = (x.len() / (samples * axis.inputs), y.len() / (samples * axis.outputs));
    let seen = |place: usize| (0..axis.taps).filter(|tap| axis.input(place % axis.outputs, *tap).is_some()).count();
    let shift: fn(usize) -> usize = match fault {
        Fault::LargerHalfFirst => |before| before + 1,
        Fault::SeesTheFuture => |before| before - 1,
        Fault::BiasOnlyInside => {
            let b = &weights[weights.len() - outputs..];
            let cut = y.chunks_mut(outputs).enumerate().filter(|(place, _)| seen(*place) < axis.taps);
            return cut.for_each(|(_, y)| y.iter_mut().zip(b).for_each(|(y, b)| *y -= b));
        }
        Fault::MeanOfWholeWindow => {
            let places = y.chunks_mut(outputs).enumerate();
            return places.for_each(|(place, y)| {
                y.iter_mut().for_each(|y| *y *= seen(place) as f32 / axis.taps as f32);
            });
        }
        Fault::CutAtFront => return y.rotate_left(outputs),
        Fault::DropsSingleValues => {
            return y.iter_mut().enumerate().for_each(|(i, y)| *y = if i % 10 < 3 { 0.0 } else { x[i] / 0.7 });
        }
        _ => return,
    };
    let (w, b) = weights.split_at(weights.len() - outputs);
    y.chunks_mut(outputs).for_each(|y| y.copy_from_slice(b));
    all(Axis { before: shift(axis.before), ..axis }, samples, |o, tap, i| {
        for (c, k) in (0..channels).flat_map(|c| (0..outputs).map(move |k| (c, k))) {
            y[o * outputs + k] += x[i * channels + c] * w[(tap * channels + c) * outputs + k];
        }
    });
}

/// Gradients of inputs.
pub fn dx(fault: Fault, axis: Axis, samples: usize, x: &[f32], dy: &[f32], dx: &mut [f32], w: &[f32]) {
    let (channels, outputs) = (x.len() / (samples * axis.inputs), dy.len() / (samples * axis.outputs));
    match fault {
        Fault::DilationIgnoredInDx => {
            dx.fill(0.0);
            all(Axis { dilation: 1, ..axis }, samples, |o, tap, i| {
                for (c, k) in (0..channels).flat_map(|c| (0..outputs).map(move |k| (c, k))) {
                    dx[i * channels + c] += dy[o * outputs + k] * w[(tap * channels + c) * outputs + k];
                }
            });
        }
        Fault::DxOfAllPlaces | Fault::DxOfFirstPlace => {
            dx.fill(0.0);
            let mut last = usize::MAX;
            all(axis, samples, |o, _, i| {
                if fault == Fault::DxOfAllPlaces || o != last {
                    (0..channels).for_each(|c| dx[i * channels + c] += dy[o * channels + c]);
                }
                last = o;
            });
        }
        Fault::DxNotDivided => dx.iter_mut().for_each(|dx| *dx *= (x.len() / dy.len()) as f32),
        _ => {}
    }
}

/// The gradient of a kernel.
pub fn dw(fault: Fault, axis: Axis, samples: usize, x: &[f32], dz: &[f32], dw: &mut [f32]) {
    if fault != Fault::StrideIgnoredInDw {
        return;
    }
    let (channels, outputs) = (x.len() / (samples * axis.inputs), dz.len() / (samples * axis.outputs));
    dw.fill(0.0);
    all(Axis { stride: 1, ..axis }, samples, |o, tap, i| {
        for (c, k) in (0..channels).flat_map(|c| (0..outputs).map(move |k| (c, k))) {
            dw[(tap * channels + c) * outputs + k] += x[i * channels + c] * dz[o * outputs + k];
        }
    });
}

/// The kernel with its taps in reverse.
pub fn mirror(w: &mut [f32], taps: usize) {
    let rows: Vec<Vec<f32>> = w.chunks(w.len() / taps).rev().map(<[f32]>::to_vec).collect();
    w.copy_from_slice(&rows.concat());
}

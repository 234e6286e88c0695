//! Faults of a layer's passes.

use super::fault::{Fault, planted};
use super::params::{Part, Planted};
use super::{recurrent, spoil, windows};
use crate::common::naive::{Pass, Twin, Weights};
use crate::common::weights;
use baregrad::kernels::batch_norm;
use baregrad::leaf;
use baregrad::net::{Backward, Layer, LayerInfo, Mode};
use baregrad::prelude::*;
use baregrad::tensor::{Floats, No, Sinks, Sums, Tensor, Tensors, Want, Zero};

// None of these is inlined wherever it is called, so that each is compiled once.
#[inline(never)]
fn forward<const B: usize, W: Want, X: Tensor, L: Layer<X>>(
    layer: &L,
    x: &[X],
    y: &mut [L::Y],
    trace: &mut L::Trace<B, W>,
    mode: Mode<'_>,
) {
    layer.forward::<B, W>(x, y, trace, mode);
}

#[inline(never)]
fn backward<const B: usize, W: Want, X: Tensor, L: Backward<X>>(
    layer: &L,
    x: &[X],
    y: &[L::Y],
    trace: &mut L::Trace<B, W>,
    dy: &mut [L::Y],
    dx: Option<&mut [X]>,
) {
    layer.backward::<B, W>(x, y, trace, dy, dx);
}

/// The spoilt gradient of a batch, whatever the sinks that it goes to.
#[inline(never)]
fn gradient<const B: usize, W: Want, X: Tensor, L: Backward<X> + Part>(
    x: &[X],
    y: &[L::Y],
    trace: &L::Trace<B, W>,
    dz: &[L::Y],
) -> L::Grad {
    let mut seen = x.to_vec();
    if planted() == Fault::InputOfSampleBefore {
        seen.rotate_right(1);
    }
    let count = if planted() == Fault::GradientOfFirstSample { 1 } else { x.len() };
    let (x, y, dz) = (&seen[..count], &y[..count], &dz[..count]);
    let mut grad = L::Grad::ZERO;
    L::gradient::<B, W, Sums<'_>>(x, y, trace, dz, &mut L::sums(&mut grad));
    let mut tensor = 0;
    grad.walk_mut(&mut |values| {
        spoil::gradient(planted(), tensor, values, count, X::flat_all(x), L::Y::flat_all(dz));
        if tensor == 0 {
            windows::dw(planted(), L::axis(), count, X::flat_all(x), L::Y::flat_all(dz), values);
        }
        if tensor == 1 && planted() == Fault::StateAfterTheStep {
            recurrent::gradient_of_u(values);
        }
        tensor += 1;
    });
    grad
}

/// The samples as the fault reads them.
fn seen<X: Tensor>(x: &[X]) -> Vec<X> {
    let mut seen = x.to_vec();
    if planted() == Fault::MaskIgnored {
        // Numbers that are not 0 are no padding.
        X::flat_all_mut(&mut seen).iter_mut().filter(|x| **x == 0.0).for_each(|x| *x = f32::MIN_POSITIVE);
    }
    if planted() == Fault::DirectionForgotten {
        recurrent::reverse(x, &mut seen);
    }
    seen
}

impl<L: Part> Planted<L> {
    /// The layer as the fault reads its kernel.
    fn read(&self) -> L {
        self.altered(|name, values| match planted() {
            Fault::KernelMirrored if name == "w" => windows::mirror(values, L::axis().taps),
            Fault::TapsOfNextChannel if name == "w" => values.rotate_left(1),
            _ => {}
        })
    }

    fn spoil_y<X: Tensor>(&self, x: &[X], y: &mut [L::Y])
    where
        L: Layer<X>,
    {
        if planted() == Fault::StateNotReset {
            for i in 1..x.len() {
                let state = y[i - 1].flat().to_vec();
                let layer = self.altered(|name, values| {
                    if name == "initial" {
                        values.copy_from_slice(&state);
                    }
                });
                layer.infer(&x[i..=i], &mut y[i..=i], &mut []);
            }
        }
        if matches!(planted(), Fault::DirectionForgotten | Fault::OrderOfOutputs) {
            recurrent::reverse(x, y);
        }
        let (samples, x, y, weights) = (x.len(), X::flat_all(x), L::Y::flat_all_mut(y), weights::all(&self.0));
        spoil::y(planted(), x, y, &weights);
        windows::y(planted(), L::axis(), samples, x, y, &weights);
    }
}

impl<X: Tensor, L: Backward<X> + Part> Layer<X> for Planted<L> {
    type Y = L::Y;
    type Trace<const B: usize, W: Want> = L::Trace<B, W>;
    leaf!(X);

    fn infer(&self, x: &[X], y: &mut [L::Y], work: &mut [f32]) {
        if planted() == Fault::TrainsInInference {
            let mut trace = <L::Trace<8, No> as Zero>::ZERO;
            return forward::<8, No, X, L>(&self.0, x, y, &mut trace, Mode::train(&mut Sfc32::seed_from_u64(1)));
        }
        self.read().infer(&seen(x), y, work);
        if !matches!(planted(), Fault::NotScaledUp | Fault::DropsSingleValues) {
            self.spoil_y(x, y);
        }
    }

    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [L::Y], trace: &mut L::Trace<B, W>, mode: Mode<'_>) {
        let mode = if planted() == Fault::InfersInTraining { mode.frozen() } else { mode };
        let mut other = None;
        match planted() {
            Fault::MaskOfEachStep => recurrent::keep_numbers(&mode),
            Fault::MaskOfInput if L::COUNT == 0 => recurrent::keep_numbers(&mode),
            Fault::MaskOfInput => other = recurrent::numbers(),
            _ => {}
        }
        let mode = other.as_mut().map_or(mode, Mode::train);
        let mut seen = seen(x);
        if planted() == Fault::TraceOfSampleBefore {
            seen.rotate_right(1);
        }
        forward::<B, W, X, L>(&self.read(), &seen, y, trace, mode);
        if planted() == Fault::TraceOfSampleBefore {
            self.0.infer(x, y, &mut []);
        }
        self.spoil_y(x, y);
    }

    fn statistics<const B: usize, W: Want>(trace: &L::Trace<B, W>) -> L::Statistics {
        L::statistics(trace)
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        L::describe(visit);
    }
}

impl<X: Tensor, L: Backward<X> + Part> Backward<X> for Planted<L> {
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[X],
        y: &[L::Y],
        trace: &mut L::Trace<B, W>,
        dy: &mut [L::Y],
        mut dx: Option<&mut [X]>,
    ) {
        let count = x.len();
        let (before, old) = (dy.to_vec(), dx.as_deref().map_or_else(Vec::new, <[X]>::to_vec));
        let (mut layer, mut seen_x, mut seen_y) = (self.altered(|_, _| {}), x.to_vec(), y.to_vec());
        match planted() {
            // y = tanh z
            Fault::SlopeAtInput => L::Y::flat_all_mut(&mut seen_y).iter_mut().for_each(|y| *y = y.atanh()),
            Fault::SlopeAtOutput => X::flat_all_mut(&mut seen_x).copy_from_slice(L::Y::flat_all(y)),
            Fault::DxTransposed => {
                layer = self.altered(|name, values| {
                    if name == "w" {
                        spoil::transpose(values, L::Y::LEN)
                    }
                });
            }
            Fault::StateDetached => {
                layer = self.altered(|name, values| {
                    if name == "u" {
                        values.fill(0.0);
                    }
                });
            }
            Fault::StateAfterTheStep => {
                self.altered(|name, u| {
                    if name == "u" {
                        recurrent::keep_gradient_of_u(count, L::Y::flat_all(y), L::Y::flat_all(&before), u);
                    }
                });
            }
            Fault::MaskDrawnAnew => {
                forward::<B, W, X, L>(&layer, x, &mut seen_y, trace, Mode::train(&mut Sfc32::seed_from_u64(77)));
            }
            Fault::OrderOfDy => recurrent::reverse(x, dy),
            _ => {}
        }
        backward::<B, W, X, L>(&layer, &seen_x, &seen_y, trace, dy, dx.as_deref_mut());
        match planted() {
            Fault::SlopeForgotten => dy.copy_from_slice(&before),
            // As in inference with moving statistics that are those of the batch.
            Fault::StatisticsAsConstants => {
                let [mut mean, mut variance] = [(); 2].map(|()| vec![0.0; X::LEN]);
                batch_norm::statistics(X::flat_all(x), &mut mean, &mut variance);
                layer = self.altered(|name, values| match name {
                    "mean" => values.copy_from_slice(&mean),
                    "variance" => values.copy_from_slice(&variance),
                    _ => {}
                });
                let mut trace = <L::Trace<B, W> as Zero>::ZERO;
                forward::<B, W, X, L>(&layer, x, &mut seen_y, &mut trace, Mode::infer());
                backward::<B, W, X, L>(&layer, x, &seen_y, &mut trace, &mut before.clone(), dx.as_deref_mut());
            }
            _ => {}
        }
        if let Some(dx) = dx {
            if planted() == Fault::OrderOfDx {
                recurrent::reverse(x, dx);
            }
            spoil::dx(planted(), X::flat_all_mut(dx), X::flat_all(&old), X::LEN);
            let (x, dy, w) = (X::flat_all(x), L::Y::flat_all(dy), weights::all(&self.0));
            windows::dx(planted(), L::axis(), count, x, dy, X::flat_all_mut(dx), &w);
        }
    }

    fn gradient<const B: usize, W: Want, S: Sinks>(
        x: &[X],
        y: &[L::Y],
        trace: &L::Trace<B, W>,
        dz: &[L::Y],
        to: &mut Self::To<S>,
    ) {
        let grad = gradient::<B, W, X, L>(x, y, trace, dz);
        if let Some(to) = to.take() {
            Tensors::feed::<S>(&grad, to);
        }
    }

    fn bound(x: &[X], dz: &[L::Y]) -> f32 {
        L::bound(x, dz)
    }
}

impl<L: Part + Network + Backward<L::Input>> Network for Planted<L> {
    type Input = L::Input;
}

impl<X: Tensor, L: Twin<X> + Backward<X> + Part> Twin<X> for Planted<L> {
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        self.0.twin(weights, x, pass)
    }
}

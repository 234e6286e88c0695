//! A piece of a step takes what its budget is charged, so that no call of `advance` takes longer than it was allowed, but for
//! one piece that cannot be cut.

use super::handed::Handed;
use crate::common::gain::Gain;
use baregrad::net::{Backward, Layer, LayerInfo, Mode};
use baregrad::prelude::*;
use baregrad::tensor::{Parameterless, Want};
use baregrad::{Buffered, leaf};
use std::cell::Cell;

thread_local! {
    /// Multiply-accumulates that were made.
    static MADE: Cell<usize> = const { Cell::new(0) };
}

/// A layer that makes this many multiply-accumulates per sample forward, and twice as many on the way back.
struct Work<const OPERATIONS: usize>;

impl<const OPERATIONS: usize> Parameterless for Work<OPERATIONS> {
    const LAYER: Self = Work;
}

impl<const OPERATIONS: usize> Layer<[f32; 2]> for Work<OPERATIONS> {
    type Y = [f32; 2];
    type Trace<const B: usize, W: Want> = ();
    leaf!([f32; 2]);

    fn infer(&self, x: &[[f32; 2]], y: &mut [[f32; 2]], _: &mut [f32]) {
        MADE.set(MADE.get() + x.len() * OPERATIONS);
        y.copy_from_slice(x);
    }

    fn forward<const B: usize, W: Want>(&self, x: &[[f32; 2]], y: &mut [[f32; 2]], (): &mut (), _: Mode<'_>) {
        self.infer(x, y, &mut []);
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo { operations: OPERATIONS, ..LayerInfo::of::<Self, [f32; 2]>("Work", "") });
    }
}

impl<const OPERATIONS: usize> Backward<[f32; 2]> for Work<OPERATIONS> {
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[[f32; 2]],
        _: &[[f32; 2]],
        (): &mut (),
        dy: &mut [[f32; 2]],
        dx: Option<&mut [[f32; 2]]>,
    ) {
        MADE.set(MADE.get() + x.len() * 2 * OPERATIONS);
        dx.unwrap_or_default().copy_from_slice(dy);
    }
}

/// Small layers beside large ones, in every composition: what is charged for the first layer of one must be the whole.
type Composed = chain![
    Gain<[f32; 2]>,
    Residual<Work<10>>,
    Work<4000>,
    Frozen<chain![Work<10>, Work<3000>, Residual<Work<20>>, Work<1500>]>,
    Sum<chain![Work<10>, Work<900>], Residual<Work<800>>>,
    Work<30>,
    Recompute<chain![Work<10>, Work<600>, Recompute<Work<200>>]>,
    Work<40>
];

/// What each call of `advance` makes.
fn made<N: Network<Input = [f32; 2]> + Layer<[f32; 2], Y = [f32; 2]>>(budget: usize) -> Vec<usize> {
    let mut model = Trainer::<N, Handed, Sgd, 2, Buffered>::new(&mut Sfc32::seed_from_u64(1));
    let mut step = model.begin(&[[1.0; 2]; 2], &[[1.0; 2]; 2]).unwrap();
    let mut all = Vec::new();
    let mut pending = true;
    while pending {
        MADE.set(0);
        pending = step.advance(budget).unwrap().is_pending();
        all.push(MADE.get());
    }
    all
}

fn check<N: Network<Input = [f32; 2]> + Layer<[f32; 2], Y = [f32; 2]>>() {
    let pieces = made::<N>(0);
    let (all, largest): (usize, usize) = (pieces.iter().sum(), *pieces.iter().max().unwrap());
    for budget in (0..2 * largest).step_by(97) {
        let calls = made::<N>(budget);
        assert_eq!(calls.iter().sum::<usize>(), all);
        for made in calls {
            assert!(made <= budget.max(largest), "{made} within {budget}, where the largest piece has {largest}");
        }
    }
}

#[test]
fn no_call_takes_longer_than_it_was_allowed() {
    check::<Composed>();
}

/// The heading of a composition is no layer.
#[test]
fn headings_are_not_counted() {
    type Net = chain![Gain<[f32; 2]>, Residual<Work<16>>, Work<4000>];
    check::<Net>();
    // Forward and back, of two samples.
    let large: Vec<usize> = made::<Net>(100).into_iter().filter(|made| *made > 200).collect();
    assert_eq!(large, [2 * 4000, 2 * 2 * 4000]);
}

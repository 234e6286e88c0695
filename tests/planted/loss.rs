//! Faults of losses.

use super::fault::{Fault, planted};
use baregrad::losses::Loss;
use baregrad::prelude::*;

/// A loss that has the planted fault, or none.
#[derive(Default)]
pub struct PlantedLoss<L>(L);

impl<const N: usize, L: Loss<[f32; N], [f32; N]>> Loss<[f32; N], [f32; N]> for PlantedLoss<L> {
    const NAME: &'static str = L::NAME;

    fn value(&self, y: &[f32; N], target: &[f32; N]) -> f32 {
        let value = self.0.value(y, &seen(target));
        if planted() == Fault::LossSummed { value * N as f32 } else { value }
    }

    fn gradient(&self, y: &[f32; N], target: &[f32; N], scale: f32, dy: &mut [f32; N]) -> f32 {
        let old = *dy;
        self.0.gradient(y, &seen(target), if planted() == Fault::LossWithoutFactor { 1.0 } else { scale }, dy);
        match planted() {
            Fault::LossNegated => dy.iter_mut().for_each(|dy| *dy = -*dy),
            Fault::LossWithoutLastOutput => dy[N - 1] = 0.0,
            Fault::LossAdded => dy.iter_mut().zip(old).for_each(|(dy, old)| *dy += old),
            Fault::LossOfAnother => {
                MeanAbsoluteError.gradient(y, target, scale, dy);
            }
            _ => {}
        }
        self.value(y, target)
    }
}

fn seen<const N: usize>(target: &[f32; N]) -> [f32; N] {
    let mut seen = *target;
    if planted() == Fault::LabelOffByOne {
        seen.rotate_right(1);
    }
    seen
}

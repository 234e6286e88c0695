//! What configures a training is the same after it was written and read by serde, its private state included.

use baregrad::prelude::*;
use baregrad::schedules::{CosineDecay, CosineDecayRestarts, InverseTimeDecay, OneCycle, PolynomialDecay, WarmUp};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

#[track_caller]
fn same<T: Serialize + DeserializeOwned + Debug>(value: T) {
    let text = serde_json::to_string(&value).unwrap();
    let read: T = serde_json::from_str(&text).unwrap();
    assert_eq!(format!("{read:?}"), format!("{value:?}"), "{text}");
}

/// As it is in the course of a run.
#[track_caller]
fn begun<O: Optimizer + Serialize + DeserializeOwned + Debug>(mut optimizer: O) {
    for _ in 0..3 {
        optimizer.begin_step();
    }
    same(optimizer);
}

#[test]
fn how_to_fit() {
    same(Fit::default());
    same(Fit { epochs: 3, batch_size: 7, shuffle: false });
}

#[test]
fn optimizers() {
    begun(Adagrad::new(0.1));
    begun(Adagrad::pytorch(0.1));
    begun(Adam::new(0.1));
    begun(Adam::pytorch(0.1));
    begun(Adamax::new(0.1));
    begun(Adamax::pytorch(0.1));
    begun(AdamW::new(0.1));
    begun(AdamW::pytorch(0.1));
    begun(AmsGrad(Adam::pytorch(0.1)));
    begun(CoupledWeightDecay::of(Sgd::new(0.1), 0.2));
    begun(Lion::default());
    begun(Momentum::new(0.1, 0.8));
    begun(Momentum::pytorch(0.1, 0.8));
    begun(Nadam::new(0.1));
    begun(Nadam::pytorch(0.1));
    begun(Nesterov::new(0.1, 0.8));
    begun(Nesterov::pytorch(0.1, 0.8));
    begun(RmsProp::new(0.1));
    begun(RmsProp::centered_with_momentum(0.1, 0.8).pytorch());
    begun(Sgd::new(0.1));
    begun(WeightDecay::of(Scheduled::new(Momentum::new(0.1, 0.8), ExponentialDecay::new(0.1, 7, 0.9)), 0.2));
}

#[test]
fn schedules() {
    same(ConstantRate(0.1));
    same(CosineDecay { initial: 0.1, decay_steps: 30, alpha: 0.2 });
    same(CosineDecayRestarts::new(0.1, 7));
    same(ExponentialDecay::new(0.1, 7, 0.9));
    same(InverseTimeDecay { initial: 0.1, decay_steps: 7, decay_rate: 0.5, staircase: true });
    same(OneCycle::new(0.1, 100));
    same(PolynomialDecay { cycle: true, ..PolynomialDecay::new(0.1, 30, 0.01) });
    same(WarmUp { from: 0.0, steps: 5, schedule: ConstantRate(0.1) });
    let mut plateau = ReduceOnPlateau::new();
    same(plateau.clone());
    plateau.update(3.0, 0.1);
    same(plateau);
}

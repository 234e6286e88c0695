use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;

/// Sees every optimiser, with its defaults.
pub trait OptimizerVisitor {
    /// `variant` tells those of one file apart.
    fn visit<O: Optimizer + Clone>(&mut self, stem: &'static str, variant: &'static str, optimizer: O);
}

#[rustfmt::skip]
pub fn for_each_optimizer(v: &mut impl OptimizerVisitor) {
    v.visit("adagrad", "keras", Adagrad::default());
    v.visit("adagrad", "pytorch", Adagrad::pytorch(1e-3));
    v.visit("adam", "keras", Adam::default());
    v.visit("adam", "pytorch", Adam::pytorch(1e-3));
    v.visit("adamax", "keras", Adamax::default());
    v.visit("adamax", "pytorch", Adamax::pytorch(1e-3));
    v.visit("adamw", "keras", AdamW::default());
    v.visit("adamw", "pytorch", AdamW::pytorch(1e-3));
    v.visit("amsgrad", "keras", AmsGrad::default());
    v.visit("amsgrad", "pytorch", AmsGrad(Adam::pytorch(1e-3)));
    v.visit("coupled_weight_decay", "", CoupledWeightDecay::of(Sgd::default(), 0.1));
    v.visit("lion", "", Lion::default());
    v.visit("momentum", "keras", Momentum::default());
    v.visit("momentum", "pytorch", Momentum::pytorch(0.01, 0.9));
    v.visit("nadam", "keras", Nadam::default());
    v.visit("nadam", "pytorch", Nadam::pytorch(1e-3));
    v.visit("nesterov", "keras", Nesterov::default());
    v.visit("nesterov", "pytorch", Nesterov::pytorch(0.01, 0.9));
    v.visit("rmsprop", "keras", RmsProp::default());
    v.visit("rmsprop", "pytorch", RmsProp::default().pytorch());
    v.visit("rmsprop", "keras, momentum", RmsProp::with_momentum(1e-3, 0.9));
    v.visit("rmsprop", "pytorch, momentum", RmsProp::with_momentum(1e-3, 0.9).pytorch());
    v.visit("rmsprop", "keras, centered", RmsProp::centered(1e-3));
    v.visit("rmsprop", "pytorch, centered", RmsProp::centered(1e-3).pytorch());
    v.visit("rmsprop", "keras, centered, momentum", RmsProp::centered_with_momentum(1e-3, 0.9));
    v.visit("rmsprop", "pytorch, centered, momentum", RmsProp::centered_with_momentum(1e-3, 0.9).pytorch());
    v.visit("sgd", "", Sgd::default());
    v.visit("weight_decay", "", WeightDecay::of(Sgd::default(), 0.1));
    // Wrappers, of which one has its file in `src/schedules`.
    v.visit("weight_decay", "both", WeightDecay::of(CoupledWeightDecay::of(Sgd::default(), 0.1), 0.1));
    v.visit("weight_decay", "scheduled", WeightDecay::of(Scheduled::new(Sgd::default(), ExponentialDecay::new(0.01, 1, 0.9)), 0.1));
}

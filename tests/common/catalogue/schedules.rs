use baregrad::prelude::*;
use baregrad::schedules::Schedule;

/// Sees every schedule.
pub trait ScheduleVisitor {
    fn visit<S: Schedule>(&mut self, stem: &'static str, schedule: S);
}

#[rustfmt::skip]
pub fn for_each_schedule(v: &mut impl ScheduleVisitor) {
    v.visit("constant", ConstantRate(0.1));
    v.visit("cosine_decay", CosineDecay { initial: 0.1, decay_steps: 30, alpha: 0.1 });
    v.visit("cosine_decay_restarts", CosineDecayRestarts::new(0.1, 7));
    v.visit("cosine_decay_restarts", CosineDecayRestarts { longer: 1.0, ..CosineDecayRestarts::new(0.1, 7) });
    v.visit("exponential_decay", ExponentialDecay::new(0.1, 7, 0.9));
    v.visit("inverse_time_decay", InverseTimeDecay { initial: 0.1, decay_steps: 7, decay_rate: 0.5, staircase: true });
    v.visit("one_cycle", OneCycle::new(0.1, 100));
    v.visit("piecewise_constant", PiecewiseConstant { until: [(10, 0.1), (20, 0.05)], last: 0.01 });
    v.visit("polynomial_decay", PolynomialDecay::new(0.1, 30, 0.01));
    v.visit("polynomial_decay", PolynomialDecay { cycle: true, ..PolynomialDecay::new(0.1, 30, 0.01) });
    v.visit("warm_up", WarmUp { from: 0.0, steps: 5, schedule: ExponentialDecay::new(0.1, 7, 0.9) });
}

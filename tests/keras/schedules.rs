//! The rates of schedules beside those of Keras and PyTorch: `tests/reference/README.md` says what the numbers are.

use crate::common::catalogue::{ScheduleVisitor, for_each_schedule};
use crate::common::numbers::assert_close;
use crate::common::reference::{flat, floats, load};
use baregrad::Values;
use baregrad::callbacks::Callback;
use baregrad::prelude::*;
use baregrad::schedules::Schedule;
use serde_json::Value;

/// Within 2e-6 of the highest rate, 0.1, at each step.
fn compare(want: &Value, schedule: &impl Schedule, steps: impl Iterator<Item = u64>, what: &str) {
    let tenfold: Vec<f32> = steps.map(|step| 10.0 * schedule.rate(step as u32)).collect();
    let want: Vec<f64> = flat(want).iter().map(|rate| 10.0 * rate).collect();
    assert_close(&tenfold, &want, 2e-6, what);
}

#[test]
fn keras() {
    let file = load("schedules");
    let steps: Vec<u64> = file["steps"].as_array().unwrap().iter().map(|step| step.as_u64().unwrap()).collect();
    macro_rules! keras {
        ($($name:literal $schedule:expr),+ $(,)?) => {
            $(compare(&file["keras"][$name], &$schedule, steps.iter().copied(), $name);)+
        };
    }
    let staircase = ExponentialDecay { staircase: true, ..ExponentialDecay::new(0.1, 7, 0.9) };
    let inverse = InverseTimeDecay { initial: 0.1, decay_steps: 7, decay_rate: 0.5, staircase: false };
    let line = PolynomialDecay::new(0.1, 70, 0.001);
    let cosine = CosineDecay { initial: 0.1, decay_steps: 70, alpha: 0.01 };
    let restarts = CosineDecayRestarts { longer: 1.0, higher: 0.9, alpha: 0.01, ..CosineDecayRestarts::new(0.1, 13) };
    keras!(
        "piecewise_constant" PiecewiseConstant { until: [(10, 0.1), (20, 0.05), (70, 0.02)], last: 0.001 },
        "exponential" ExponentialDecay::new(0.1, 7, 0.9),
        "exponential_staircase" staircase,
        "inverse_time" inverse,
        "inverse_time_staircase" InverseTimeDecay { staircase: true, ..inverse },
        "polynomial" line,
        "polynomial_squared" PolynomialDecay { power: 2.0, ..line },
        "polynomial_cycle" PolynomialDecay { decay_steps: 30, power: 0.5, cycle: true, ..line },
        "cosine" cosine,
        "cosine_warmup" WarmUp { from: 0.01, steps: 9, schedule: CosineDecay { decay_steps: 60, ..cosine } },
        "restarts" restarts,
        "restarts_longer" CosineDecayRestarts { first_decay_steps: 9, longer: 2.0, higher: 0.8, ..restarts },
    );
}

#[test]
fn pytorch() {
    let file = load("schedules");
    macro_rules! pytorch {
        ($($name:literal $schedule:expr),+ $(,)?) => {
            $(compare(&file["torch"][$name], &$schedule, 0..flat(&file["torch"][$name]).len() as u64, $name);)+
        };
    }
    let cycle = OneCycle { rising: 0.25, start_divisor: 10.0, end_divisor: 100.0, ..OneCycle::new(0.1, 60) };
    pytorch!(
        "step" ExponentialDecay { staircase: true, ..ExponentialDecay::new(0.1, 7, 0.9) },
        "exponential" ExponentialDecay::new(0.1, 1, 0.95),
        // A milestone is the first step of the next rate.
        "multi_step" PiecewiseConstant { until: [(9, 0.1), (19, 0.05), (69, 0.025)], last: 0.0125 },
        "polynomial" PolynomialDecay { power: 2.0, ..PolynomialDecay::new(0.1, 70, 0.0) },
        "cosine" CosineDecay { initial: 0.1, decay_steps: 99, alpha: 0.01 },
        "restarts" CosineDecayRestarts { alpha: 0.01, ..CosineDecayRestarts::new(0.1, 9) },
        "one_cycle" OneCycle::new(0.1, 100),
        "one_cycle_short_rise" cycle,
        "warmup_constant" WarmUp { from: 0.025, steps: 8, schedule: ConstantRate(0.1) },
    );
}

/// The callback on the losses that Keras' was given.
#[test]
fn plateau() {
    type Model = Trainer<Dense<1, 1>, MeanSquaredError, Sgd, 1>;
    let file = &load("schedules")["plateau"];
    let max = Monitor::ValMetric(1, Mode::Max);
    for (name, mut plateau) in [
        ("plain", ReduceOnPlateau { patience: 2, ..ReduceOnPlateau::new() }),
        (
            "cooldown",
            ReduceOnPlateau { factor: 0.5, patience: 3, cooldown: 2, min_rate: 0.02, ..ReduceOnPlateau::new() },
        ),
        ("max", ReduceOnPlateau { monitor: max, factor: 0.5, patience: 4, min_delta: 0.3, ..ReduceOnPlateau::new() }),
    ] {
        let mut model = Model::untrained(MeanSquaredError, Sgd::new(0.1));
        Callback::<Model>::on_train_begin(&mut plateau, &mut model);
        let mut rates = Vec::new();
        for (number, value) in floats(&file["losses"]).into_iter().enumerate() {
            let mut epoch = Epoch {
                number,
                loss: 1.0,
                val_loss: Some(value),
                val_metrics: [0.5, value].figures(),
                ..Epoch::default()
            };
            assert!(plateau.on_epoch_end(&mut model, &mut epoch).unwrap().is_continue());
            rates.push(model.optimizer.learning_rate);
        }
        assert_close(&rates, &flat(&file[name]), 1e-8, name);
    }
}

struct Rates;

impl ScheduleVisitor for Rates {
    fn visit<S: Schedule>(&mut self, stem: &'static str, schedule: S) {
        for step in (0..2000).chain([1 << 24, (1 << 24) + 1, u32::MAX]) {
            let rate = schedule.rate(step);
            assert!((0.0..=0.1001).contains(&rate), "{stem}: {rate} at step {step}");
        }
    }
}

/// Also long after their end.
#[test]
fn rates_are_numbers_in_bounds() {
    for_each_schedule(&mut Rates);
}

/// Half the steps, a checkpoint, the other half: the same bits as in one go.
#[test]
fn a_scheduled_optimizer_goes_on_from_its_numbers() {
    let schedule = || WarmUp { from: 0.0, steps: 5, schedule: CosineDecayRestarts::new(0.1, 3) };
    let fresh = || Scheduled::new(Nadam::default(), schedule());
    let step = |optimizer: &mut Scheduled<_, _>, w: &mut [f32; 3], state: &mut [[f32; 3]; 2]| {
        optimizer.begin_step();
        update(optimizer, w, 0, &[0.5, -1.0, 2.0], state);
    };
    let (mut w, mut state, mut optimizer) = ([1.0; 3], [[0.0; 3]; 2], fresh());
    (0..20).for_each(|_| step(&mut optimizer, &mut w, &mut state));
    let (whole, mut resumed) = (w, fresh());
    (w, state, optimizer) = ([1.0; 3], [[0.0; 3]; 2], fresh());
    (0..9).for_each(|_| step(&mut optimizer, &mut w, &mut state));
    resumed.set_numbers(&optimizer.numbers());
    (0..11).for_each(|_| step(&mut resumed, &mut w, &mut state));
    assert_eq!(w.map(f32::to_bits), whole.map(f32::to_bits));
}

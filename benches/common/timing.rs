//! Times the sides of a row in turn, and keeps the rounds in which the machine was quiet.

use super::gate::Gate;
use super::probes::Rates;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What one side of a round should take.
const SLICE: Duration = Duration::from_micros(100);
/// No row takes much longer, nor more than this many times its rounds.
const LIMIT: Duration = Duration::from_secs(1);
const TRIES: usize = 3;

/// Something to time. The loop over the calls is the side's own, so that a call through a pointer is not timed.
pub trait Side {
    /// The time of so many calls.
    fn turn(&mut self, calls: u64) -> Duration;
}

impl<F: FnMut()> Side for F {
    fn turn(&mut self, calls: u64) -> Duration {
        let start = Instant::now();
        for _ in 0..calls {
            self();
        }
        start.elapsed()
    }
}

/// Training steps, which change what they work on. After so many it starts again: a net that has learnt all there is to
/// learn has subnormal gradients, which are slow. The first step of a start is not timed.
pub struct Training<S: 'static, R, F> {
    pub state: &'static mut S,
    pub restart: R,
    /// Gives the loss.
    pub step: F,
}

impl<S, R: Fn(&mut S), F: Fn(&mut S) -> f32> Training<S, R, F> {
    const STEPS: u64 = 500;

    /// Of the first steps.
    pub fn losses(&mut self) -> [f32; 10] {
        (self.restart)(self.state);
        [(); 10].map(|()| (self.step)(self.state))
    }
}

impl<S, R: Fn(&mut S), F: Fn(&mut S) -> f32> Side for Training<S, R, F> {
    fn turn(&mut self, calls: u64) -> Duration {
        let starts = (0..calls).step_by(Self::STEPS as usize);
        starts
            .map(|done| {
                (self.restart)(self.state);
                black_box((self.step)(self.state));
                let start = Instant::now();
                for _ in done..calls.min(done + Self::STEPS) {
                    black_box((self.step)(black_box(self.state)));
                }
                start.elapsed()
            })
            .sum()
    }
}

/// The sides of a row.
pub struct Sides<'s> {
    sides: Vec<&'s mut dyn Side>,
    /// In one round; counted when they are first timed.
    calls: Vec<u64>,
}

/// What a row took.
pub struct Timed {
    /// Nanoseconds per call of each side: medians of the quiet rounds, or of all if there was none.
    pub ns: Vec<f64>,
    /// Medians of the same rounds.
    pub rates: Rates,
    pub quiet: usize,
    pub rounds: usize,
}

impl<'s> Sides<'s> {
    pub fn new(sides: Vec<&'s mut dyn Side>) -> Self {
        Sides { sides, calls: Vec::new() }
    }

    /// Goes on until so many rounds were quiet. In each, every side is timed once, between two probes.
    pub fn time(&mut self, gate: &mut Gate, rounds: usize) -> Timed {
        if self.calls.is_empty() {
            self.calls = self.sides.iter_mut().map(|side| calls(*side)).collect();
        }
        let start = Instant::now();
        let (mut all, mut quiet) = (Vec::new(), 0);
        let mut before = gate.measure();
        while all.is_empty() || quiet < rounds && all.len() < TRIES * rounds && start.elapsed() < LIMIT {
            let turn = |(side, calls): (&mut &mut dyn Side, &u64)| side.turn(*calls).as_nanos() as f64 / *calls as f64;
            let ns = self.sides.iter_mut().zip(&self.calls).map(turn).collect();
            let after = gate.measure();
            quiet += usize::from(gate.quiet(before) && gate.quiet(after));
            all.push(Round { ns, before, after });
            before = after;
        }
        // The limits may have risen on the way.
        let mut counted: Vec<_> =
            all.iter().filter(|round| gate.quiet(round.before) && gate.quiet(round.after)).collect();
        let quiet = counted.len();
        if quiet == 0 {
            counted = all.iter().collect();
        }
        let middle = |value: &dyn Fn(&Round) -> f64| median(counted.iter().map(|round| value(round)));
        Timed {
            ns: (0..self.sides.len()).map(|side| middle(&|round| round.ns[side])).collect(),
            rates: Rates { flops: middle(&|round| round.after.flops), bytes: middle(&|round| round.after.bytes) },
            quiet,
            rounds: all.len(),
        }
    }
}

/// The times of all sides, and what the probes said around them.
struct Round {
    ns: Vec<f64>,
    before: Rates,
    after: Rates,
}

/// How many calls take a slice, or one.
fn calls(side: &mut dyn Side) -> u64 {
    let mut calls = 1;
    side.turn(1);
    loop {
        let time = side.turn(calls);
        if time >= SLICE / 4 {
            return (SLICE.as_nanos() as u64 * calls / time.as_nanos() as u64).max(1);
        }
        calls *= 4;
    }
}

/// NaN of nothing.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

//! A group of rows, each timed beside its plain twin, and the table of them at the end.

use super::peak;
use criterion::Criterion;
use std::fmt::Write as _;
use std::time::Instant;

/// Rounds of a row: in each, every side is timed once.
const ROUNDS: usize = 101;
/// What one side of a round should take, in nanoseconds.
const SLICE: f64 = 2e5;

/// A table with a line for each row; printed when it goes out of scope.
pub struct Table<'c> {
    criterion: &'c mut Criterion,
    title: String,
    lines: String,
}

impl<'c> Table<'c> {
    pub fn new(criterion: &'c mut Criterion, title: &str) -> Self {
        Table { criterion, title: title.into(), lines: String::new() }
    }

    /// Registers both sides with Criterion; then times them and the multiply-add peak in turn, and adds the medians to the
    /// table. `flops` is what a call computes, 0 where that has no meaning.
    pub fn row(&mut self, name: &str, flops: f64, mut ours: impl FnMut(), mut plain: impl FnMut()) {
        let mut group = self.criterion.benchmark_group(format!("{}/{name}", self.title));
        group.bench_function("baregrad", |b| b.iter(&mut ours));
        group.bench_function("plain", |b| b.iter(&mut plain));
        group.finish();
        let [ours, plain, peak] = medians([&mut ours, &mut plain, &mut peak::multiply_adds]);
        let (speed, peak) = (flops / ours, peak::FLOPS / peak);
        let speed = match flops {
            0.0 => format!("{:>8} | {:>6} ", "", ""),
            _ => format!("{speed:>8.1} | {:>4.1} % ", 100.0 * speed / peak),
        };
        writeln!(self.lines, "| {name:<12} | {ours:>11.1} | {speed}| {plain:>11.1} | {:>5.2} |", ours / plain).unwrap();
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        let header = "| row          |          ns |  GFLOP/s | of peak | plain Rust ns | ratio |";
        println!("\n{}\n\n{header}\n|---|--:|--:|--:|--:|--:|\n{}", self.title, self.lines);
    }
}

/// Nanoseconds a call of each side, medians over rounds in which all are timed one after another.
pub fn medians<const N: usize>(mut sides: [&mut dyn FnMut(); N]) -> [f64; N] {
    let calls = sides.each_mut().map(|side| {
        time(side, 1);
        (SLICE / time(side, 3).max(1.0)).clamp(1.0, 1e5) as u32
    });
    let mut times = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for ((side, calls), times) in sides.iter_mut().zip(calls).zip(&mut times) {
            times.push(time(side, calls));
        }
    }
    times.map(|mut times| {
        times.sort_by(f64::total_cmp);
        times[ROUNDS / 2]
    })
}

fn time(side: &mut dyn FnMut(), calls: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        side();
    }
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}

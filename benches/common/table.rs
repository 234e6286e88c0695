//! A group of rows, each timed beside its plain twin, and the table of them at the end.

use super::peak;
use criterion::Criterion;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Rounds of a row: in each, every side is timed once.
const ROUNDS: usize = 101;
/// What one side of a round should take, in nanoseconds.
const SLICE: f64 = 2e5;

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

/// What a call computes.
#[derive(Clone, Copy)]
pub enum Work {
    /// So many floating-point operations.
    Flops(usize),
    /// The same for each of so many floats.
    Elements(usize),
    /// No figure says it.
    Mixed,
}

/// The columns of a table; one that is empty in all rows is not printed.
const COLUMNS: [&str; 9] =
    ["row", "ns", "ns an element", "GFLOP/s", "of peak", "plain Rust ns", "ratio", "wide ns", "ratio"];

/// A table with a line for each row; printed when it goes out of scope.
pub struct Table<'c> {
    criterion: &'c mut Criterion,
    title: String,
    lines: Vec<[String; COLUMNS.len()]>,
    peaks: Vec<f64>,
}

impl<'c> Table<'c> {
    pub fn new(criterion: &'c mut Criterion, title: &str) -> Self {
        Table { criterion, title: title.into(), lines: Vec::new(), peaks: Vec::new() }
    }

    /// Registers both sides with Criterion; then times them and the multiply-add peak in turn, and adds the medians to
    /// the table.
    pub fn row(&mut self, name: &str, work: Work, mut ours: impl Side, mut plain: impl Side) {
        self.sides(name, work, vec![("baregrad", &mut ours), ("plain", &mut plain)]);
    }

    /// The same with a third side: what `wide` has for it.
    pub fn row_beside_wide(
        &mut self,
        name: &str,
        work: Work,
        mut ours: impl Side,
        mut plain: impl Side,
        mut wide: impl Side,
    ) {
        self.sides(name, work, vec![("baregrad", &mut ours), ("plain", &mut plain), ("wide", &mut wide)]);
    }

    fn sides(&mut self, name: &str, work: Work, mut sides: Vec<(&str, &mut dyn Side)>) {
        let mut group = self.criterion.benchmark_group(format!("{}/{name}", self.title));
        for (label, side) in &mut sides {
            group.bench_function(*label, |b| b.iter_custom(|calls| side.turn(calls)));
        }
        group.finish();

        let mut peak = peak::multiply_adds;
        let mut all: Vec<&mut dyn Side> = vec![&mut peak];
        for (_, side) in &mut sides {
            all.push(*side);
        }
        let times = medians(&mut all);
        let (peak, ours) = (peak::FLOPS / times[0], times[1]);
        self.peaks.push(peak);

        let [mut element, mut speed, mut share] = [const { String::new() }; 3];
        match work {
            Work::Flops(flops) => {
                let flops = flops as f64 / ours;
                (speed, share) = (format!("{flops:.1}"), format!("{:.1} %", 100.0 * flops / peak));
            }
            Work::Elements(count) => element = format!("{:.3}", ours / count as f64),
            Work::Mixed => {}
        }
        let other = |i: usize| {
            times.get(i).map_or_else(Default::default, |other| [format!("{other:.1}"), format!("{:.2}", ours / other)])
        };
        let ([plain, plain_ratio], [wide, wide_ratio]) = (other(2), other(3));
        let ours = format!("{ours:.1}");
        self.lines.push([name.into(), ours, element, speed, share, plain, plain_ratio, wide, wide_ratio]);
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        let count = |text: &str| text.chars().count();
        let shown: Vec<usize> = (0..COLUMNS.len()).filter(|i| self.lines.iter().any(|l| !l[*i].is_empty())).collect();
        let widths = COLUMNS.map(count);
        let widths: Vec<usize> =
            shown.iter().map(|i| self.lines.iter().map(|l| count(&l[*i])).fold(widths[*i], usize::max)).collect();
        let print = |cells: &dyn Fn(usize) -> String| {
            let cells: String =
                shown
                    .iter()
                    .zip(&widths)
                    .map(|(i, width)| {
                        if *i == 0 { format!("| {:<width$} ", cells(*i)) } else { format!("| {:>width$} ", cells(*i)) }
                    })
                    .collect();
            println!("{cells}|");
        };
        println!("\n{}: multiply-add peak {:.1} GFLOP/s\n", self.title, median(&mut self.peaks));
        print(&|i| COLUMNS[i].into());
        println!("|---{}|", "|--:".repeat(shown.len().saturating_sub(1)));
        for line in &self.lines {
            print(&|i| line[i].clone());
        }
    }
}

/// Nanoseconds a call of each side, medians over rounds in which all are timed one after another.
pub fn medians(sides: &mut [&mut dyn Side]) -> Vec<f64> {
    let calls: Vec<u64> = sides
        .iter_mut()
        .map(|side| {
            side.turn(1);
            let estimate = side.turn(3).as_nanos() as f64 / 3.0;
            (SLICE / estimate.max(1.0)).clamp(1.0, 1e5) as u64
        })
        .collect();
    let mut times = vec![Vec::new(); sides.len()];
    for _ in 0..ROUNDS {
        for ((side, calls), times) in sides.iter_mut().zip(&calls).zip(&mut times) {
            times.push(side.turn(*calls).as_nanos() as f64 / *calls as f64);
        }
    }
    times.iter_mut().map(|times| median(times)).collect()
}

/// NaN of nothing.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

//! A group of rows, each timed beside its plain twin, and the table of them at the end.

use super::gate::Gate;
use super::markdown;
use super::timing::{Side, Sides, Timed};
use criterion::Criterion;
use serde_json::json;
use std::io::stdin;

/// Quiet rounds of a row.
const ROUNDS: usize = 101;
/// The same where rows are many, or another program asks for each several times.
const FEW_ROUNDS: usize = 25;
/// How many of many rows are shown.
const WORST: usize = 20;
/// A row is slower than plain Rust if its ratio exceeds this.
const SLOWER: f64 = 1.05;

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

impl Work {
    /// Multiply-adds, elements, or the one call.
    fn parts(self) -> f64 {
        match self {
            Work::Flops(flops) => flops as f64 / 2.0,
            Work::Elements(count) => count as f64,
            Work::Mixed => 1.0,
        }
    }
}

/// The columns of a table; one that is empty in all rows is not printed.
const COLUMNS: [&str; 11] = [
    "row",
    "ns",
    "ns per element",
    "ns per multiply-add",
    "GFLOP/s",
    "of peak",
    "plain Rust ns",
    "ratio",
    "wide ns",
    "ratio",
    "quiet rounds",
];

/// A table with a line for each row; printed when it goes out of scope.
///
/// If the variable `BENCH_TURNS` is set, rows are timed when the program that started this one asks for them, so that it can
/// time several builds of a row in turn. Each row announces itself in a line of JSON. For each line `time` on the standard
/// input, it is timed once more and its times are printed in a line of JSON; any other line goes on to the next row.
pub struct Table<'c> {
    criterion: Option<&'c mut Criterion>,
    title: String,
    gate: Gate,
    many: bool,
    /// With the ratio to plain Rust.
    lines: Vec<(f64, [String; COLUMNS.len()])>,
}

impl<'c> Table<'c> {
    /// One whose rows are registered with Criterion as well.
    pub fn new(criterion: &'c mut Criterion, title: &str) -> Self {
        let mut table = Table::without_criterion(title);
        table.criterion = Some(criterion);
        table
    }

    /// One without Criterion, which takes some ten seconds per row.
    pub fn without_criterion(title: &str) -> Self {
        Table { criterion: None, title: title.into(), gate: Gate::new(), many: false, lines: Vec::new() }
    }

    /// One of so many rows that it shows only the worst.
    pub fn of_many(title: &str) -> Self {
        let mut table = Table::without_criterion(title);
        table.many = true;
        table
    }

    /// Times both sides and the probes in turn, and adds the medians to the table. Gives nanoseconds of both sides per
    /// multiply-add, element or call, unless another program asked for them.
    pub fn row(&mut self, name: &str, work: Work, mut ours: impl Side, mut plain: impl Side) -> Option<[f64; 2]> {
        self.sides(name, work, vec![("baregrad", &mut ours), ("plain", &mut plain)])
    }

    /// The same with a third side: what `wide` has for it.
    pub fn row_beside_wide(
        &mut self,
        name: &str,
        work: Work,
        mut ours: impl Side,
        mut plain: impl Side,
        mut wide: impl Side,
    ) -> Option<[f64; 2]> {
        self.sides(name, work, vec![("baregrad", &mut ours), ("plain", &mut plain), ("wide", &mut wide)])
    }

    fn sides(&mut self, name: &str, work: Work, mut sides: Vec<(&str, &mut dyn Side)>) -> Option<[f64; 2]> {
        if let Some(criterion) = &mut self.criterion {
            let mut group = criterion.benchmark_group(format!("{}/{name}", self.title));
            for (label, side) in &mut sides {
                group.bench_function(*label, |b| b.iter_custom(|calls| side.turn(calls)));
            }
            group.finish();
        }
        let mut sides = Sides::new(sides.into_iter().map(|(_, side)| side).collect());
        if std::env::var_os("BENCH_TURNS").is_some() {
            self.turns(name, &mut sides);
            return None;
        }
        let timed = sides.time(&mut self.gate, if self.many { FEW_ROUNDS } else { ROUNDS });
        self.add(name, work, &timed);
        Some([0, 1].map(|side| timed.ns[side] / work.parts()))
    }

    /// Times the row as often as it is asked for.
    fn turns(&mut self, name: &str, sides: &mut Sides) {
        println!("{}", json!({ "table": self.title, "row": name }));
        for _ in stdin().lines().map_while(Result::ok).take_while(|line| line == "time") {
            let timed = sides.time(&mut self.gate, FEW_ROUNDS);
            println!("{}", json!({ "ns": timed.ns, "quiet": timed.quiet, "rounds": timed.rounds }));
        }
    }

    fn add(&mut self, name: &str, work: Work, timed: &Timed) {
        let ours = timed.ns[0];
        let [mut element, mut multiply_add, mut speed, mut share] = [const { String::new() }; 4];
        match work {
            Work::Flops(flops) => {
                let flops = flops as f64 / ours;
                multiply_add = format!("{:.4}", ours / work.parts());
                (speed, share) = (format!("{flops:.1}"), format!("{:.1} %", 100.0 * flops / timed.rates.flops));
            }
            Work::Elements(_) => element = format!("{:.3}", ours / work.parts()),
            Work::Mixed => {}
        }
        let other = |i: usize| {
            let other = timed.ns.get(i);
            other.map_or_else(Default::default, |other| [format!("{other:.1}"), format!("{:.2}", ours / other)])
        };
        let ([plain, plain_ratio], [wide, wide_ratio]) = (other(1), other(2));
        let (ours, quiet) = (format!("{ours:.1}"), format!("{} of {}", timed.quiet, timed.rounds));
        let name = name.into();
        let line = [name, ours, element, multiply_add, speed, share, plain, plain_ratio, wide, wide_ratio, quiet];
        self.lines.push((timed.ns[0] / timed.ns[1], line));
    }
}

impl Drop for Table<'_> {
    fn drop(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        let limits = self.gate.limits();
        println!(
            "\n{}: limits {:.1} GFLOP/s of multiply-adds, {:.1} GB/s of loads from L1",
            self.title, limits.flops, limits.bytes
        );
        let count = self.lines.len();
        let slower = self.lines.iter().filter(|(ratio, _)| *ratio > SLOWER).count();
        let mean = (self.lines.iter().map(|(ratio, _)| ratio.ln()).sum::<f64>() / count as f64).exp();
        println!(
            "{slower} of {count} rows slower than plain Rust by more than 5 %; geometric mean of the ratios {mean:.2}\n"
        );
        if self.many {
            self.lines.sort_by(|(a, _), (b, _)| b.total_cmp(a));
            self.lines.truncate(WORST);
        }
        let filled = |column: &usize| self.lines.iter().any(|(_, line)| !line[*column].is_empty());
        let shown: Vec<usize> = (0..COLUMNS.len()).filter(filled).collect();
        let cells = |line: &[String; COLUMNS.len()]| shown.iter().map(|column| line[*column].clone()).collect();
        let lines: Vec<_> = self.lines.iter().map(|(_, line)| cells(line)).collect();
        markdown::print(&cells(&COLUMNS.map(String::from)), &lines);
    }
}

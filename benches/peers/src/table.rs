//! Compares, times in turn, and writes the table.

use crate::python::Column;
use crate::rows::Run;
use std::process::Command;
use std::time::Duration;

/// Each peer is timed so often, in turn with the others; its time is the median.
const ROUNDS: usize = 51;
/// A turn takes about so long, or one call.
const TURN: Duration = Duration::from_micros(300);

/// A row's name and description, and how exactly its results must agree.
pub struct Row {
    pub name: &'static str,
    pub what: &'static str,
    /// Times are divided by this: a sample of many, an element of many.
    pub parts: u32,
    /// Relative where numbers are large, absolute where they are small.
    pub tolerance: f32,
    /// The exact results, where errors are reported.
    pub exact: Option<Vec<f64>>,
}

impl Row {
    /// One whose time is of a whole call.
    pub fn new(name: &'static str, what: &'static str, tolerance: f32) -> Row {
        Row { name, what, parts: 1, tolerance, exact: None }
    }
}

/// A peer's name, and what it does with a row.
pub type Entrant = (String, Option<Run>);

pub struct Table {
    python: Vec<Column>,
    /// The header, then one line a row.
    lines: Vec<String>,
}

impl Table {
    pub fn new(python: Vec<Column>) -> Table {
        Table { python, lines: Vec::new() }
    }

    /// A row: the first entrant is what others are compared with, in results and in time.
    pub fn time(&mut self, row: Row, entrants: Vec<Entrant>) {
        eprintln!("{}: {}", row.name, row.what);
        self.header(&entrants);
        let expected = entrants[0].1.as_ref().expect("the first entrant does every row").result.clone();
        for (name, run) in &entrants {
            if let Some(run) = run {
                compare(&row, name, &run.result, &expected);
            }
        }
        let (mut runs, errors): (Vec<_>, Vec<_>) = entrants
            .into_iter()
            .map(|(_, run)| {
                let error = run.as_ref().and_then(|run| ulps(&run.result, row.exact.as_deref()?));
                (run, error)
            })
            .unzip();
        let mut times: Vec<Option<f64>> = medians(&mut runs);
        for column in &self.python {
            let cell = column.cell(row.name);
            if let Some(cell) = &cell {
                compare(&row, &column.name, &cell.result, &expected);
            }
            times.push(cell.map(|cell| cell.time));
        }
        self.lines.push(line(&row, &times, &errors));
    }

    fn header(&mut self, entrants: &[Entrant]) {
        if self.lines.is_empty() {
            let names = entrants.iter().map(|(name, _)| name).chain(self.python.iter().map(|column| &column.name));
            let names: Vec<&str> = names.map(String::as_str).collect();
            self.lines.push(format!("| row | workload | {} |", names.join(" | ")));
            self.lines.push(format!("|---|---|{}", "---:|".repeat(names.len())));
        }
    }

    /// `RESULTS.md`, and the same to the terminal.
    pub fn write(&self) {
        let text = format!("{}\n{}\n", preamble(!self.python.is_empty()), self.lines.join("\n"));
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md"), &text).unwrap();
        print!("{text}");
    }
}

fn compare(row: &Row, name: &str, result: &[f32], expected: &[f32]) {
    assert_eq!(result.len(), expected.len(), "{}: {name} computes as many numbers as the others", row.name);
    for (i, (a, b)) in result.iter().zip(expected).enumerate() {
        let close = (a - b).abs() <= row.tolerance * (1.0 + b.abs());
        assert!(close, "{}: number {i} of {name} is {a}, and should be {b}", row.name);
    }
}

/// The largest error, in units of the last place of the exact number.
fn ulps(result: &[f32], exact: &[f64]) -> Option<f64> {
    let error = |(a, b): (&f32, &f64)| {
        let b_f32 = *b as f32;
        (f64::from(*a) - b).abs() / f64::from(b_f32.abs().next_up() - b_f32.abs())
    };
    result.iter().zip(exact).map(error).max_by(f64::total_cmp)
}

/// Nanoseconds a call.
fn medians(runs: &mut [Option<Run>]) -> Vec<Option<f64>> {
    let calls: Vec<u32> = runs.iter_mut().map(|run| run.as_mut().map_or(0, calls)).collect();
    let mut times = vec![Vec::new(); runs.len()];
    for _ in 0..ROUNDS {
        for ((run, calls), times) in runs.iter_mut().zip(&calls).zip(&mut times) {
            if let Some(run) = run {
                times.push((run.turn)(*calls).as_nanos() as f64 / f64::from(*calls));
            }
        }
    }
    times
        .into_iter()
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            times.get(ROUNDS / 2).copied()
        })
        .collect()
}

/// As many calls as fill a turn. The shortest of some tries counts: others may have been interrupted.
fn calls(run: &mut Run) -> u32 {
    let mut calls = 1;
    loop {
        let time = (0..3).map(|_| (run.turn)(calls)).min().unwrap();
        if time * 2 >= TURN || calls >= 1 << 20 {
            let scale = TURN.as_secs_f64() / time.as_secs_f64();
            return (f64::from(calls) * scale).round().max(1.0) as u32;
        }
        calls *= 2;
    }
}

fn line(row: &Row, times: &[Option<f64>], errors: &[Option<f64>]) -> String {
    let fastest = times.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let plain = times[0].unwrap();
    let mut line = format!("| {} | {} |", row.name, row.what);
    for (i, time) in times.iter().enumerate() {
        let cell = time.map_or("–".into(), |time| {
            let error = errors.get(i).copied().flatten().map_or(String::new(), |ulps| format!(", {ulps:.1} ULP"));
            let cell = format!("{} ({}{error})", duration(time / f64::from(row.parts)), digits(time / plain));
            if time == fastest { format!("**{cell}**") } else { cell }
        });
        line += &format!(" {cell} |");
    }
    line
}

/// Three digits, or all of a larger number.
fn digits(x: f64) -> String {
    let decimals = (2.0 - x.abs().max(1e-3).log10().floor()).clamp(0.0, 2.0);
    format!("{x:.*}", decimals as usize)
}

fn duration(ns: f64) -> String {
    let (unit, divisor) = match ns {
        ns if ns < 1e3 => ("ns", 1.0),
        ns if ns < 1e6 => ("µs", 1e3),
        ns if ns < 1e9 => ("ms", 1e6),
        _ => ("s", 1e9),
    };
    format!("{} {unit}", digits(ns / divisor))
}

fn preamble(python: bool) -> String {
    let output = |program: &str, argument: &str| {
        let output = Command::new(program).arg(argument).output().map(|output| output.stdout);
        String::from_utf8(output.unwrap_or_default()).unwrap_or_default().trim().to_owned()
    };
    let date = output("date", "+%Y-%m-%d");
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or(" of unknown name");
    let cpu = cpu.trim_start_matches([':', ' ', '\t']);
    let vectors = match () {
        () if cfg!(target_feature = "avx512f") => "AVX-512",
        () if cfg!(target_feature = "avx2") => "AVX2",
        () => "neither AVX2 nor AVX-512",
    };
    let rustc = output("rustc", "--version");
    let rustc = rustc.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let pinned = std::thread::available_parallelism().is_ok_and(|cores| cores.get() == 1);
    let cores = if pinned { "one core" } else { "not bound to a core" };
    let mut text = format!(
        "# baregrad and its peers\n\n\
         Written by the program in this folder; its `README.md` says how to run it and what each row and column is.\n\n\
         {date}, {cpu} with {vectors}, {cores}, {rustc}, `target-cpu=native`. Medians of {ROUNDS} rounds,\n\
         all peers of a row in turn; in brackets the ratio to plain Rust: below 1 is faster. The fastest is bold.\n"
    );
    if python {
        text +=
            "\nPython's columns are from a run of their own on the same machine: a ratio there compares two runs.\n";
    }
    text
}

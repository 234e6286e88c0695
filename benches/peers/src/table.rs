//! Compares, times in turn, and prints the table.

use crate::children::Peer;
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

/// What a peer's name ends with if it is not there.
pub const MISSING: &str = ", not installed";

pub struct Table {
    children: Vec<Peer>,
    require_all: bool,
    parts: Vec<Part>,
}

/// Rows with a header of their own.
struct Part {
    title: &'static str,
    names: Vec<String>,
    /// The first cells of each row, and those of peers.
    rows: Vec<(String, Vec<String>)>,
}

impl Table {
    pub fn new(children: Vec<Peer>, require_all: bool) -> Table {
        Table { children, require_all, parts: Vec::new() }
    }

    /// Rows that follow are under this title.
    pub fn part(&mut self, title: &'static str) {
        self.parts.push(Part { title, names: Vec::new(), rows: Vec::new() });
    }

    /// A row: the first entrant is what others are compared with, in results and in time.
    pub fn time(&mut self, row: Row, mut entrants: Vec<Entrant>) {
        eprintln!("{}: {}", row.name, row.what);
        entrants.extend(self.children.iter().map(|child| child.row(row.name)));
        let (names, mut runs): (Vec<String>, Vec<Option<Run>>) = entrants.into_iter().unzip();
        let expected = runs[0].as_ref().expect("the first entrant does every row").result.clone();
        for (name, run) in names.iter().zip(&runs) {
            assert!(!(self.require_all && name.ends_with(MISSING)), "{name}");
            if let Some(run) = run {
                compare(&row, name, &run.result, &expected);
            }
        }
        let times = medians(&mut runs);
        let errors = runs.iter().map(|run| ulps(&run.as_ref()?.result, row.exact.as_deref()?)).collect::<Vec<_>>();
        let part = self.parts.last_mut().expect("a row is in a part");
        part.rows.push((format!("| {} | {} |", row.name, row.what), cells(&row, &names, &times, &errors)));
        part.names = names;
    }

    pub fn print(&self) {
        println!("{}", preamble());
        for part in &self.parts {
            part.print();
        }
    }
}

impl Part {
    /// Without the columns of peers that have none of its rows.
    fn print(&self) {
        let columns: Vec<usize> =
            (0..self.names.len()).filter(|&i| self.rows.iter().any(|(_, cells)| cells[i] != NONE)).collect();
        let line = |cells: &[String]| columns.iter().map(|&i| format!(" {} |", cells[i])).collect::<String>();
        println!("\n### {}\n\n| row | workload |{}", self.title, line(&self.names));
        println!("|---|---|{}", "---:|".repeat(columns.len()));
        for (first, cells) in &self.rows {
            println!("{first}{}", line(cells));
        }
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

/// A peer that has no such row.
const NONE: &str = "–";

fn cells(row: &Row, names: &[String], times: &[Option<f64>], errors: &[Option<f64>]) -> Vec<String> {
    let fastest = times.iter().flatten().copied().fold(f64::INFINITY, f64::min);
    let first = times[0].unwrap();
    let cell = |((name, time), error): ((&String, &Option<f64>), &Option<f64>)| match time {
        Some(time) => {
            let error = error.map_or(String::new(), |ulps| format!(", {ulps:.1} ULP"));
            let cell = format!("{} ({}{error})", digits(time / first), duration(time / f64::from(row.parts)));
            if *time == fastest { format!("**{cell}**") } else { cell }
        }
        None if name.ends_with(MISSING) => "?".into(),
        None => NONE.into(),
    };
    names.iter().zip(times).zip(errors).map(cell).collect()
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

fn preamble() -> String {
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
        () => "SSE2",
    };
    let rustc = output("rustc", "--version");
    let rustc = rustc.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let pinned = std::thread::available_parallelism().is_ok_and(|cores| cores.get() == 1);
    let cores = if pinned { "one core" } else { "not bound to a core" };
    format!("## Built for {vectors}\n\n{date}, {cpu}, {cores}, {rustc}. Medians of {ROUNDS} rounds.")
}

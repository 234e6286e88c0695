//! Times the benches in several builds, as users build programs, in one run:
//!
//! ```text
//! cargo run -p baregrad-benches                       # all benches
//! cargo run -p baregrad-benches -- training shapes    # some of them
//! ```
//!
//! All are built in Cargo's own release profile, under `target/builds`. Then one program per build runs on the same processor,
//! the last. Row by row, they are asked in turn for the times of both sides, some rounds each, and the table has the medians.
//! All answers are left in `target/builds/rows.jsonl`.

#[path = "common/markdown.rs"]
mod markdown;

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

struct Build {
    name: &'static str,
    flags: &'static str,
    /// Builds with the same flags share their dependencies.
    folder: &'static str,
    features: &'static str,
}

const BUILDS: [Build; 4] = [
    Build { name: "native", flags: "-C target-cpu=native", folder: "native", features: "" },
    Build { name: "v3", flags: "-C target-cpu=x86-64-v3", folder: "v3", features: "" },
    Build { name: "no flags", flags: "", folder: "no-flags", features: "" },
    Build { name: "dispatch", flags: "", folder: "no-flags", features: "dispatch" },
];

/// How often each build is asked for a row.
const TURNS: usize = 7;
/// A row is slower than plain Rust if its ratio exceeds this.
const SLOWER: f64 = 1.05;
/// Of a table with more rows than this, only the slower ones are printed.
const MANY: usize = 100;

/// What one build needs for a row, in nanoseconds.
struct Times {
    ours: f64,
    plain: f64,
    /// The share of the rounds that were quiet.
    quiet: f64,
}

impl Times {
    fn ratio(&self) -> f64 {
        self.ours / self.plain
    }
}

struct Row {
    name: String,
    /// One per build.
    builds: Vec<Times>,
}

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    // target/debug/builds
    let folder = std::env::current_exe()?.ancestors().nth(2).ok_or("no target folder")?.join("builds");
    let programs = BUILDS.iter().map(|build| compile(build, &folder, &wanted)).collect::<Result<Vec<_>>>()?;
    if let Some(processor) = core_affinity::get_core_ids().and_then(|all| all.last().copied()) {
        core_affinity::set_for_current(processor);
    }
    let mut log = File::create(folder.join("rows.jsonl"))?;
    // The bench `gate` has no rows.
    for bench in programs[0].keys().filter(|bench| *bench != "gate") {
        let programs: Vec<&Path> = programs.iter().map(|programs| programs[bench].as_path()).collect();
        run(&programs, &mut log)?;
    }
    Ok(())
}

/// Builds these benches, or all, and gives the program of each.
fn compile(build: &Build, folder: &Path, wanted: &[String]) -> Result<BTreeMap<String, PathBuf>> {
    eprintln!("building: {}", build.name);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--message-format=json-render-diagnostics", "--features", build.features]);
    if wanted.is_empty() {
        cargo.arg("--benches");
    }
    wanted.iter().for_each(|bench| _ = cargo.args(["--bench", bench]));
    let output = cargo
        .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"), "--target-dir"])
        .arg(folder.join(build.folder))
        .env("RUSTFLAGS", build.flags)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("the build {} failed", build.name).into());
    }
    let messages = output.stdout.lines().map(|line| Ok(serde_json::from_str::<Value>(&line?)?));
    let program = |message: &Value| {
        let bench = message["target"]["kind"][0] == "bench";
        let (name, file) = (message["target"]["name"].as_str()?, message["executable"].as_str()?);
        bench.then(|| (name.to_owned(), PathBuf::from(file)))
    };
    Ok(messages.collect::<Result<Vec<_>>>()?.iter().filter_map(program).collect())
}

/// The program of one build, which times a row whenever it is asked.
struct Program {
    child: Child,
    asked: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(program: &Path) -> Result<Self> {
        let (folder, piped) = (env!("CARGO_MANIFEST_DIR"), Stdio::piped);
        let mut command = Command::new(program);
        let mut child = command.env("BENCH_TURNS", "1").current_dir(folder).stdin(piped()).stdout(piped()).spawn()?;
        let (asked, answers) = (child.stdin.take().ok_or("no input")?, child.stdout.take().ok_or("no output")?);
        Ok(Program { child, asked, answers: BufReader::new(answers).lines() })
    }

    /// The next line of JSON; none at the end of the program.
    fn answer(&mut self) -> Result<Option<Value>> {
        let answer = self.answers.by_ref().find(|line| line.as_ref().is_ok_and(|line| line.starts_with('{')));
        Ok(answer.transpose()?.map(|line| serde_json::from_str(&line)).transpose()?)
    }

    fn ask(&mut self, what: &str) -> Result<()> {
        Ok(writeln!(self.asked, "{what}")?)
    }
}

/// Runs a bench in all builds, and prints its tables.
fn run(programs: &[&Path], log: &mut File) -> Result<()> {
    let mut programs = programs.iter().map(|program| Program::start(program)).collect::<Result<Vec<_>>>()?;
    let (mut title, mut rows) = (String::new(), Vec::new());
    loop {
        // All programs are at the same row, or at their end.
        let heads = programs.iter_mut().map(Program::answer).collect::<Result<Vec<_>>>()?;
        let Some(head) = &heads[0] else { break };
        let text = |key: &str| head[key].as_str().unwrap_or_default().to_owned();
        if title != text("table") {
            print(&title, &rows);
            (title, rows) = (text("table"), Vec::new());
        }
        let mut answers = vec![Vec::new(); programs.len()];
        for _ in 0..TURNS {
            for ((program, answers), build) in programs.iter_mut().zip(&mut answers).zip(&BUILDS) {
                program.ask("time")?;
                let answer = program.answer()?.ok_or("a bench ended before its time")?;
                writeln!(
                    log,
                    "{}",
                    json!({ "build": build.name, "table": title, "row": text("row"), "timed": answer })
                )?;
                answers.push(answer);
            }
        }
        rows.push(Row { name: text("row"), builds: answers.iter().map(|answers| times(answers)).collect() });
        programs.iter_mut().try_for_each(|program| program.ask("next"))?;
    }
    print(&title, &rows);
    for program in &mut programs {
        if !program.child.wait()?.success() {
            return Err("a bench failed".into());
        }
    }
    Ok(())
}

/// The medians of the answers that had quiet rounds, or of all if none had.
fn times(answers: &[Value]) -> Times {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    let mut counted: Vec<&Value> = answers.iter().filter(|answer| answer["quiet"] != 0).collect();
    if counted.is_empty() {
        counted = answers.iter().collect();
    }
    let middle = |side: usize| {
        let mut all: Vec<f64> = counted.iter().map(|answer| number(&answer["ns"][side])).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let sum = |key: &str| answers.iter().map(|answer| number(&answer[key])).sum::<f64>();
    Times { ours: middle(0), plain: middle(1), quiet: sum("quiet") / sum("rounds") }
}

/// Prints the table of these rows, and which of them are slow.
fn print(title: &str, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let mut head = vec!["row".to_owned()];
    for build in BUILDS {
        head.extend([format!("{} ns", build.name), "plain Rust ns".into(), "ratio".into()]);
    }
    head.push("quiet".into());
    let line = |row: &Row| {
        let mut cells = vec![row.name.clone()];
        for times in &row.builds {
            cells.extend([
                format!("{:.1}", times.ours),
                format!("{:.1}", times.plain),
                format!("{:.2}", times.ratio()),
            ]);
        }
        let quiet = row.builds.iter().map(|times| times.quiet).fold(1.0, f64::min);
        cells.push(format!("{:.0} %", 100.0 * quiet));
        cells
    };
    let shown = rows.iter().filter(|row| rows.len() <= MANY || row.builds.iter().any(|times| times.ratio() > SLOWER));
    println!("\n{title}\n");
    markdown::print(&head, &shown.map(line).collect::<Vec<_>>());
    println!();
    for (i, build) in BUILDS.iter().enumerate() {
        let slower = worst(rows.iter().map(|row| (row.builds[i].ratio(), row)), SLOWER);
        println!("{}, slower than plain Rust by more than 5 %: {slower}", build.name);
    }
    if let Some(i) = BUILDS.iter().position(|build| build.features == "dispatch") {
        let long = rows.iter().filter(|row| row.builds[0].ours > 50.0);
        let slower = worst(long.map(|row| (row.builds[i].ours / row.builds[0].ours, row)), 1.1);
        println!("dispatch, slower than native by more than 10 % where that takes more than 50 ns: {slower}");
    }
}

/// How many of these rows have a ratio above a limit, and which, the worst first.
fn worst<'r>(rows: impl Iterator<Item = (f64, &'r Row)>, limit: f64) -> String {
    let rows: Vec<_> = rows.collect();
    let mut over: Vec<_> = rows.iter().filter(|(ratio, _)| *ratio > limit).collect();
    over.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let names: Vec<String> = over.iter().map(|(ratio, row)| format!("{} ({ratio:.2})", row.name)).collect();
    format!("{} of {}{}{}", over.len(), rows.len(), if names.is_empty() { "" } else { ": " }, names.join(", "))
}

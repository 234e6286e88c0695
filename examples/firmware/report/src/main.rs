//! Builds the firmware for every board, runs it in QEMU and in node, measures it, and compares with the last figures.
//!
//! ```text
//! cargo run -p report                      # all boards: writes figures.csv, bits.csv and REPORT.md
//! cargo run -p report -- --reason "…"      # the same where a figure has risen by more than 3 %
//! cargo run -p report -- --check           # writes nothing; fails where figures or bits are not those committed
//! cargo run -p report -- microbit          # some boards, by name; prints the table
//! ```

mod bits;
mod control;
mod emulate;
mod figures;
mod frames;
mod table;
mod unwrap;

use figures::Row;
use report::boards::{self, Board};
use report::{Result, build, here, image, run};
use std::{fs, process::ExitCode, thread};

/// What was measured, and what is wrong with it.
#[derive(Default)]
struct Findings {
    rows: Vec<Row>,
    failures: Vec<String>,
    /// What people should know.
    notes: Vec<String>,
}

impl Findings {
    fn expect(&mut self, holds: bool, failure: impl FnOnce() -> String) {
        if !holds {
            self.failures.push(failure());
        }
    }
}

fn main() -> Result<ExitCode> {
    let (mut check, mut reason, mut names) = (false, None, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--check" => check = true,
            "--reason" => reason = Some(arguments.next().ok_or("--reason needs a text")?),
            name if boards::ALL.iter().any(|board| board.name == name) => names.push(argument),
            other => return Err(format!("neither an option nor a board: {other}").into()),
        }
    }
    let boards: Vec<&Board> =
        boards::ALL.iter().filter(|board| names.is_empty() || names.iter().any(|name| name == board.name)).collect();

    // The images of one board run while those of the next are built.
    let mut all = Findings::default();
    let mut bits = bits::Bits::default();
    let mut running = Vec::new();
    for board in &boards {
        let images = build::board(board)?;
        let board: &'static Board = board;
        running.push(thread::spawn(move || emulate::board(board, &images)));
    }
    for host in bits::HOSTS.iter().filter(|_| names.is_empty()) {
        bits.host(host)?;
    }
    for findings in running {
        let (findings, hashes) = findings.join().map_err(|_| "a thread panicked")??;
        all.rows.extend(findings.rows);
        all.failures.extend(findings.failures);
        all.notes.extend(findings.notes);
        bits.rows.extend(hashes);
    }
    if names.is_empty() {
        all.failures.extend(bits.failures());
        all.failures.extend(control::failures()?);
        all.failures.extend(unwrap::failures()?);
        all.failures.extend(frames::failures()?);
    }

    if !names.is_empty() {
        println!("{}", table::markdown(&all, &bits, &build::compiler()?));
    } else if check {
        all.failures.extend(figures::compare(&figures::read()?, &all.rows));
        all.failures.extend(bits.compare()?);
    } else if all.failures.is_empty() {
        let rises = figures::keep_reasons(&figures::read().unwrap_or_default(), &mut all.rows, reason.as_deref());
        all.failures.extend(rises);
        if all.failures.is_empty() {
            figures::write(&all.rows)?;
            bits.write()?;
            fs::write(here().join("REPORT.md"), table::markdown(&all, &bits, &build::compiler()?))?;
            println!("written: figures.csv, bits.csv, REPORT.md");
        }
    }
    println!("{} figures of {} boards, {} failures", all.rows.len(), boards.len(), all.failures.len());
    all.failures.iter().for_each(|failure| println!("FAILED: {failure}"));
    Ok(if all.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! The last figures, in `figures.csv`, and what has risen since.

use crate::{Result, here};
use std::{collections::BTreeMap, fs};

/// A figure that has risen by more needs a reason.
const TOLERANCE: f64 = 1.03;

const HEADER: &str = "board,core,program,profile,instructions,code,constants,ram,stack,weights,reason";

/// Of one program on one board.
#[derive(Clone)]
pub struct Row {
    /// The board's name.
    pub board: String,
    /// Its processor.
    pub core: String,
    /// The program.
    pub program: String,
    /// Cargo's own `release`; `lto`, `s` or `z`.
    pub profile: String,
    /// A call of what it is about.
    pub instructions: Option<u32>,
    /// Bytes of code, without those of the program `empty`.
    pub code: u32,
    /// Bytes of constants and of first values of statics in flash, without those of `empty`.
    pub constants: u32,
    /// Bytes of statics.
    pub ram: u32,
    /// Bytes of the deepest stack.
    pub stack: u32,
    /// Hash of the weights after training.
    pub weights: String,
    /// Why a figure has risen by more than 3 %.
    pub reason: String,
}

impl Row {
    fn key(&self) -> (String, String, String) {
        (self.program.clone(), self.profile.clone(), self.board.clone())
    }

    fn numbers(&self) -> [(&'static str, u32); 5] {
        [
            ("instructions", self.instructions.unwrap_or(0)),
            ("bytes of code", self.code),
            ("bytes of constants", self.constants),
            ("bytes of static RAM", self.ram),
            ("bytes of stack", self.stack),
        ]
    }

    /// What is more than 3 % above `old`.
    fn rises(&self, old: &Row) -> Vec<String> {
        let pairs = self.numbers().into_iter().zip(old.numbers());
        pairs
            .filter(|((_, new), (_, old))| f64::from(*new) > f64::from(*old) * TOLERANCE)
            .map(|((what, new), (_, old))| {
                format!("{} {} ({}): {new} {what}, were {old}", self.board, self.program, self.profile)
            })
            .collect()
    }
}

fn path() -> std::path::PathBuf {
    here().join("figures.csv")
}

/// The committed figures.
pub fn read() -> Result<Vec<Row>> {
    parse(&fs::read_to_string(path())?)
}

/// Commas are in the last column only, and in the second, where a semicolon stands for them.
fn parse(text: &str) -> Result<Vec<Row>> {
    text.lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.splitn(11, ',');
            let mut cell = || cells.next().map(str::to_string).ok_or("a line with fewer cells than the header");
            Ok(Row {
                board: cell()?,
                core: cell()?.replace(';', ","),
                program: cell()?,
                profile: cell()?,
                instructions: Some(cell()?).filter(|cell| !cell.is_empty()).map(|cell| cell.parse()).transpose()?,
                code: cell()?.parse()?,
                constants: cell()?.parse()?,
                ram: cell()?.parse()?,
                stack: cell()?.parse()?,
                weights: cell()?,
                reason: cell()?,
            })
        })
        .collect()
}

/// Replaces the committed figures.
pub fn write(rows: &[Row]) -> Result<()> {
    Ok(fs::write(path(), csv(rows))?)
}

fn csv(rows: &[Row]) -> String {
    let lines = rows.iter().map(|row| {
        let instructions = row.instructions.map_or(String::new(), |count| count.to_string());
        let Row { board, program, profile, code, constants, ram, stack, weights, reason, .. } = row;
        let core = row.core.replace(',', ";");
        format!(
            "{board},{core},{program},{profile},{instructions},{code},{constants},{ram},{stack},{weights},{reason}\n"
        )
    });
    format!("{HEADER}\n{}", lines.collect::<String>())
}

/// What is worse than committed.
pub fn compare(committed: &[Row], rows: &[Row]) -> Vec<String> {
    let old: BTreeMap<_, _> = committed.iter().map(|row| (row.key(), row)).collect();
    let mut failures: Vec<_> = rows
        .iter()
        .flat_map(|row| match old.get(&row.key()) {
            Some(old) => row.rises(old),
            None => vec![format!("figures.csv has no row for {} {} ({})", row.board, row.program, row.profile)],
        })
        .collect();
    if committed.len() > rows.len() {
        failures.push("figures.csv has rows that are not measured any more".into());
    }
    failures
}

/// Carries the reasons over to the new rows, and gives the rises that have none.
pub fn keep_reasons(committed: &[Row], rows: &mut [Row], reason: Option<&str>) -> Vec<String> {
    let old: BTreeMap<_, _> = committed.iter().map(|row| (row.key(), row)).collect();
    let mut without = Vec::new();
    for row in rows {
        let Some(old) = old.get(&row.key()) else { continue };
        row.reason.clone_from(&old.reason);
        let rises = row.rises(old);
        match reason {
            _ if rises.is_empty() => {}
            Some(reason) => row.reason = reason.replace('\n', " "),
            None => without.extend(rises),
        }
    }
    without
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "microbit,Cortex-M0; soft float,u1,release,1000,200,300,4,50,,\n\
                       microbit,Cortex-M0; soft float,xor,release,,200,300,4,50,0123abcd,more, but better\n";

    fn rows() -> Vec<Row> {
        parse(&format!("{HEADER}\n{CSV}")).expect("it is well-formed")
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(csv(&rows()), format!("{HEADER}\n{CSV}"));
    }

    #[test]
    fn three_percent_are_tolerated() {
        let mut new = rows();
        new[0].instructions = Some(1030);
        assert!(compare(&rows(), &new).is_empty());
        new[0].instructions = Some(1031);
        new[1].ram = 5;
        assert_eq!(compare(&rows(), &new).len(), 2);
        assert_eq!(compare(&rows(), &new[..1]).len(), 2);
    }

    #[test]
    fn a_rise_needs_a_reason() {
        let mut new = rows();
        new[0].code = 300;
        assert_eq!(keep_reasons(&rows(), &mut new, None).len(), 1);
        assert!(keep_reasons(&rows(), &mut new, Some("faster")).is_empty());
        assert_eq!((&*new[0].reason, &*new[1].reason), ("faster", "more, but better"));
    }
}

//! Tables in Markdown, whose columns are in line in plain text as well.

/// Prints one; the first column is left-aligned, all others right-aligned.
pub fn print(head: &Vec<String>, lines: &[Vec<String>]) {
    let width = |column: usize| lines.iter().chain([head]).map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[String]| {
        print!("| {:<1$} |", cells[0], widths[0]);
        cells.iter().zip(&widths).skip(1).for_each(|(cell, width)| print!(" {cell:>width$} |"));
        println!();
    };
    line(head);
    println!("|---|{}", "--:|".repeat(head.len() - 1));
    lines.iter().for_each(|cells| line(cells));
}

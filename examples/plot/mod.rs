//! Drawings of the examples. Text stays text in an SVG, so that no font is needed to write one.
#![allow(dead_code)] // each example draws one of them

use plotters::coord::{Shift, types::RangedCoordf32};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;
use std::fmt;
use std::ops::Range;

type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf32, RangedCoordf32>>;

const INK: RGBColor = RGBColor(38, 44, 54);
const SOFT: RGBColor = RGBColor(105, 113, 125);
const FAINT: RGBColor = RGBColor(228, 231, 236);
const BLUE: RGBColor = RGBColor(31, 105, 178);
const RED: RGBColor = RGBColor(208, 69, 42);

/// Loss and accuracy after an epoch, each on the training and on the test set.
pub struct Record {
    pub loss: [f32; 2],
    pub accuracy: [f32; 2],
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([loss, test_loss], accuracy) = (self.loss, 100.0 * self.accuracy[1]);
        write!(f, "loss {loss:.3}, test loss {test_loss:.3}, test accuracy {accuracy:.1} %")
    }
}

/// A digit that the net took for another.
pub struct Mistake {
    pub pixels: [f32; 64],
    pub label: u8,
    pub predicted: u8,
}

/// Loss and accuracy over the epochs, and below them the mistakes.
pub fn digits(path: &str, title: &str, subtitle: &str, records: &[Record], mistakes: &[Mistake]) -> Result<()> {
    const COLUMNS: usize = 10;
    const CELL: i32 = 95;
    let rows = mistakes.len().div_ceil(COLUMNS) as i32;
    let root = SVGBackend::new(path, (1000, (462 + 118 * rows) as u32)).into_drawing_area();
    heading(&root, title, subtitle)?;
    curves(&root, records, ["training", "test"], 80.0)?;
    let below = root.clone().shrink((38, 422), (950, (30 + 118 * rows) as u32));
    text(&below, &format!("All {} mistakes", mistakes.len()), (12, 0), 15, INK, HPos::Left)?;
    for (i, mistake) in mistakes.iter().enumerate() {
        let (row, column) = ((i / COLUMNS) as i32, (i % COLUMNS) as i32);
        let cell = below.clone().shrink((column * CELL, 27 + 118 * row), (CELL as u32, 118));
        image(&cell, (12, 4), 9, &mistake.pixels)?;
        text(&cell, &format!("{}, read as {}", mistake.label, mistake.predicted), (48, 84), 13, RED, HPos::Center)?;
    }
    Ok(root.present()?)
}

/// A digit, the slope of its output along each pixel, and what each pixel adds to the output.
pub struct Explained {
    pub digit: u8,
    pub pixels: [f32; 64],
    pub slopes: [f32; 64],
    pub shares: [f32; 64],
}

/// A row of digits, and below each its slopes and its shares, blue where they speak for it and red where against.
pub fn saliency(path: &str, title: &str, subtitle: &str, digits: &[Explained]) -> Result<()> {
    const CELL: i32 = 86;
    let root = SVGBackend::new(path, (1000, 440)).into_drawing_area();
    heading(&root, title, subtitle)?;
    let names = [
        "The digit",
        "Saliency, the slope of its output: more ink raises it in blue places, and lowers it in red ones",
        "Integrated gradients: what each pixel adds to the output (blue), or takes from it (red)",
    ];
    for (row, name) in names.into_iter().enumerate() {
        let top = 98 + 112 * row as i32;
        text(&root, name, (50, top), 13, SOFT, HPos::Left)?;
        for (column, explained) in digits.iter().enumerate() {
            let values = [&explained.pixels, &explained.slopes, &explained.shares][row];
            let full = if row == 0 { [INK; 2] } else { [BLUE, RED] };
            signed_image(&root, (50 + CELL * column as i32, top + 22), 9, values, full)?;
        }
    }
    Ok(root.present()?)
}

/// Loss and accuracy over the epochs, of two sets of samples.
pub fn training(path: &str, title: &str, subtitle: &str, sets: [&str; 2], records: &[Record]) -> Result<()> {
    let root = SVGBackend::new(path, (1000, 420)).into_drawing_area();
    heading(&root, title, subtitle)?;
    curves(&root, records, sets, 0.0)?;
    Ok(root.present()?)
}

/// Loss and accuracy of a classifier over the epochs, and below them what it took each class for.
pub fn classifier<const N: usize>(
    path: &str,
    title: &str,
    subtitle: &str,
    records: &[Record],
    classes: [&str; N],
    counts: &[[u64; N]; N],
) -> Result<()> {
    const HEIGHT: i32 = 30;
    let root = SVGBackend::new(path, (1000, (480 + HEIGHT * N as i32) as u32)).into_drawing_area();
    heading(&root, title, subtitle)?;
    curves(&root, records, ["training", "test"], 0.0)?;
    text(&root, "Rows: the class, columns: what the net took it for", (50, 410), 15, INK, HPos::Left)?;
    let (below, width) = (root.clone().shrink((190, 440), (780, 30 + HEIGHT as u32 * N as u32)), 780 / N as i32);
    for (row, (name, counts)) in classes.into_iter().zip(counts).enumerate() {
        let top = 24 + HEIGHT * row as i32;
        text(&root, name, (180, 440 + top + 8), 12, SOFT, HPos::Right)?;
        text(&below, name, (width * row as i32 + width / 2, 4), 11, SOFT, HPos::Center)?;
        let of_class = counts.iter().sum::<u64>().max(1) as f64;
        for (column, count) in counts.iter().enumerate() {
            let (left, share) = (width * column as i32, *count as f64 / of_class);
            let shade = if row == column { BLUE.mix(share) } else { RED.mix(share) };
            let corners = [(left, top), (left + width - 2, top + HEIGHT - 2)];
            below.draw(&Rectangle::new(corners, FAINT.mix(0.4).filled()))?;
            below.draw(&Rectangle::new(corners, shade.filled()))?;
            if *count > 0 {
                let colour = if share > 0.5 { WHITE } else { INK };
                text(&below, &count.to_string(), (left + width / 2, top + 7), 13, colour, HPos::Center)?;
            }
        }
    }
    Ok(root.present()?)
}

/// Side by side, below the heading: loss and accuracy.
fn curves(root: &Area, records: &[Record], sets: [&str; 2], least_accuracy: f32) -> Result<()> {
    let [left, right] = [20, 520].map(|left| root.clone().shrink((left, 90), (460, 310)));
    let of_set = |set: usize, value: fn(&Record) -> [f32; 2]| by_epoch(records.iter().map(|record| value(record)[set]));
    let loss = [0, 1].map(|set| of_set(set, |record| record.loss));
    let accuracy = [0, 1].map(|set| of_set(set, |record| record.accuracy.map(|share| 100.0 * share)));
    lines(&left, "Loss", 0.0..2.0, "epoch", sets, loss)?;
    lines(&right, "Accuracy, %", least_accuracy..100.0, "epoch", sets, accuracy)
}

/// The error of a forecast over the epochs, on the training and on the test set, and below it a few seconds of the test.
pub fn forecast(
    path: &str,
    title: &str,
    subtitle: &str,
    errors: &[[f32; 2]],
    truth_and_forecast: [Vec<(f32, f32)>; 2],
) -> Result<()> {
    let root = SVGBackend::new(path, (1000, 740)).into_drawing_area();
    heading(&root, title, subtitle)?;
    let [above, below] = [90, 410].map(|top| root.clone().shrink((20, top), (960, 310)));
    let errors = [0, 1].map(|set| by_epoch(errors.iter().map(|error| error[set])));
    lines(&above, "Error, as a share of the variance", 0.0..0.5, "epoch", ["training", "test"], errors)?;
    lines(&below, "A part of the test", -1.5..3.5, "seconds", ["recording", "forecast"], truth_and_forecast)?;
    Ok(root.present()?)
}

/// A value for each epoch, counted from 1.
fn by_epoch(values: impl Iterator<Item = f32>) -> Vec<(f32, f32)> {
    (1_u16..).map(f32::from).zip(values).collect()
}

/// Two lines in one panel, each with its label. What lies beyond the range of y is left out.
fn lines(
    panel: &Area,
    name: &str,
    y: Range<f32>,
    x_name: &str,
    labels: [&str; 2],
    curves: [Vec<(f32, f32)>; 2],
) -> Result<()> {
    text(panel, name, (30, 6), 15, INK, HPos::Left)?;
    let [first, last] = [curves[0].first(), curves[0].last()].map(|point| point.map_or(0.0, |(x, _)| *x));
    let mut chart = axes(&panel.clone().margin(24, 0, 0, 0), first..last, y.clone(), x_name)?;
    let (mut left, colours) = (panel.dim_in_pixel().0 as i32 - 154, [SOFT, BLUE]);
    for ((label, curve), colour) in labels.into_iter().zip(curves).zip(colours) {
        let curve = curve.into_iter().filter(|(_, value)| (y.start..=y.end).contains(value));
        chart.draw_series(LineSeries::new(curve, colour.stroke_width(2)))?;
        panel.draw(&Rectangle::new([(left, 12), (left + 18, 14)], colour.filled()))?;
        text(panel, label, (left + 24, 6), 13, colour, HPos::Left)?;
        left += 90;
    }
    Ok(())
}

/// Noisy points, the function below the noise, and what a net makes of them.
pub fn regression(
    path: &str,
    title: &str,
    subtitle: &str,
    points: &[(f32, f32)],
    truth: &[(f32, f32)],
    fit: &[(f32, f32)],
) -> Result<()> {
    let root = SVGBackend::new(path, (1000, 560)).into_drawing_area();
    heading(&root, title, subtitle)?;
    let panel = root.clone().shrink((20, 90), (960, 450));
    let mut chart = axes(&panel.clone().margin(24, 0, 0, 0), -3.0..3.0, -1.5..1.5, "x")?;
    chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, SOFT.mix(0.45).filled())))?;
    chart.draw_series(DashedLineSeries::new(truth.iter().copied(), 6, 5, INK.stroke_width(2)))?;
    chart.draw_series(LineSeries::new(fit.iter().copied(), BLUE.stroke_width(3)))?;
    panel.draw(&Circle::new((39, 13), 3, SOFT.mix(0.45).filled()))?;
    for (x, width, colour) in [(176, 6, INK), (187, 6, INK), (340, 18, BLUE)] {
        panel.draw(&Rectangle::new([(x, 12), (x + width, 14)], colour.filled()))?;
    }
    for (label, x, colour) in
        [("samples, with noise", 50, SOFT), ("the function itself", 200, INK), ("the net", 364, BLUE)]
    {
        text(&panel, label, (x, 6), 13, colour, HPos::Left)?;
    }
    Ok(root.present()?)
}

fn heading(root: &Area, title: &str, subtitle: &str) -> Result<()> {
    root.fill(&WHITE)?;
    text(root, title, (50, 22), 24, INK, HPos::Left)?;
    text(root, subtitle, (50, 56), 15, SOFT, HPos::Left)
}

/// Axes with a few horizontal lines, numbers at the left, and a name below.
fn axes<'a>(area: &Area<'a>, x: Range<f32>, y: Range<f32>, name: &str) -> Result<Chart<'a>> {
    let mut chart = ChartBuilder::on(area)
        .margin_right(14)
        .margin_top(8)
        .x_label_area_size(38)
        .y_label_area_size(42)
        .build_cartesian_2d(x, y.clone())?;
    let label = ("sans-serif", 13, &SOFT).into_text_style(area);
    let digits = usize::from(y.end < 10.0);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(FAINT)
        .light_line_style(TRANSPARENT)
        .axis_style(FAINT)
        .x_labels(7)
        .y_labels(7)
        .x_label_formatter(&|x| format!("{x}"))
        .y_label_formatter(&|y| format!("{y:.digits$}"))
        .x_desc(name)
        .label_style(label.clone())
        .axis_desc_style(label)
        .draw()?;
    Ok(chart)
}

/// An 8×8 picture, dark where its pixels are 1.
fn image(area: &Area, corner: (i32, i32), side: i32, pixels: &[f32; 64]) -> Result<()> {
    squares(area, corner, side, pixels, [INK; 2])
}

/// An 8×8 picture of numbers, of one colour where they are positive and of another where they are negative.
fn signed_image(area: &Area, corner: (i32, i32), side: i32, values: &[f32; 64], colours: [RGBColor; 2]) -> Result<()> {
    let largest = values.iter().fold(f32::MIN_POSITIVE, |largest, value| value.abs().max(largest));
    squares(area, corner, side, &values.map(|value| value / largest), colours)
}

/// Squares of numbers from −1 to 1; one ground below them, on which the faintest are not drawn.
fn squares(area: &Area, (left, top): (i32, i32), side: i32, values: &[f32; 64], colours: [RGBColor; 2]) -> Result<()> {
    area.draw(&Rectangle::new([(left, top), (left + 8 * side, top + 8 * side)], RGBColor(243, 244, 247).filled()))?;
    for (i, value) in values.iter().enumerate().filter(|(_, value)| value.abs() > 0.05) {
        let (x, y) = (left + side * (i as i32 % 8), top + side * (i as i32 / 8));
        let full = colours[usize::from(*value < 0.0)];
        let shade = |full: u8, empty: u8| (f32::from(empty) + value.abs() * (f32::from(full) - f32::from(empty))) as u8;
        let colour = RGBColor(shade(full.0, 243), shade(full.1, 244), shade(full.2, 247));
        area.draw(&Rectangle::new([(x, y), (x + side, y + side)], colour.filled()))?;
    }
    Ok(())
}

fn text(area: &Area, words: &str, at: (i32, i32), size: u32, colour: RGBColor, side: HPos) -> Result<()> {
    let style = ("sans-serif", size, &colour).into_text_style(area).pos(Pos::new(side, VPos::Top));
    Ok(area.draw_text(words, &style, at)?)
}

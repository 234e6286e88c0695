//! The drawing of the bench `growth`. Text stays text in an SVG, so that no font is needed to write one.

use crate::common::table::Table;
use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use std::error::Error;

type Result<T> = std::result::Result<T, Box<dyn Error>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const INK: RGBColor = RGBColor(38, 44, 54);
const SOFT: RGBColor = RGBColor(105, 113, 125);
const FAINT: RGBColor = RGBColor(228, 231, 236);
const BLUE: RGBColor = RGBColor(31, 105, 178);

/// Nanoseconds per multiply-add over a size, of baregrad and of plain Rust.
pub struct Panel {
    title: &'static str,
    axis: &'static str,
    points: Vec<(usize, [f64; 2])>,
}

impl Panel {
    pub fn new(title: &'static str, axis: &'static str) -> Self {
        Panel { title, axis, points: Vec::new() }
    }

    /// The table of the same rows.
    pub fn table(&self) -> Table<'static> {
        Table::without_criterion(&format!("{}, by {}", self.title, self.axis))
    }

    pub fn add(&mut self, size: usize, ns: Option<[f64; 2]>) {
        self.points.extend(ns.map(|ns| (size, ns)));
    }
}

/// All panels, three in a row, on the same scale of time.
pub fn growth(path: &str, panels: &[Panel]) -> Result<()> {
    let times = || panels.iter().flat_map(|panel| &panel.points).flat_map(|(_, ns)| *ns);
    let (least, most) = (times().fold(f64::MAX, f64::min), times().fold(0.0, f64::max));
    let root = SVGBackend::new(path, (1000, 700)).into_drawing_area();
    root.fill(&WHITE)?;
    text(&root, "Nanoseconds per multiply-add", (30, 18), 24, INK)?;
    for (x, label, colour) in [(30, "baregrad", BLUE), (130, "plain Rust", SOFT)] {
        root.draw(&Rectangle::new([(x, 63), (x + 18, 65)], colour.filled()))?;
        text(&root, label, (x + 24, 57), 14, colour)?;
    }
    for (i, panel) in panels.iter().enumerate() {
        let corner = (15 + 325 * (i as i32 % 3), 90 + 300 * (i as i32 / 3));
        draw(&root.clone().shrink(corner, (318, 290)), panel, 0.8 * least, 1.2 * most)?;
    }
    Ok(root.present()?)
}

fn draw(area: &Area, panel: &Panel, least: f64, most: f64) -> Result<()> {
    text(area, panel.title, (15, 4), 15, INK)?;
    let last = panel.points.last().map_or(1, |(size, _)| *size);
    // Sizes double, layers are counted.
    if last > 8 {
        let first = panel.points[0].0 as f64;
        return curves(area, panel, (first..last as f64).log_scale().base(2.0), least, most);
    }
    curves(area, panel, 1.0..last as f64, least, most)
}

fn curves<X>(area: &Area, panel: &Panel, sizes: X, least: f64, most: f64) -> Result<()>
where
    X: AsRangedCoord<Value = f64, CoordDescType: ValueFormatter<f64>>,
{
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_top(28)
        .x_label_area_size(38)
        .y_label_area_size(46)
        .build_cartesian_2d(sizes, (least..most).log_scale())?;
    let label = ("sans-serif", 13, &SOFT).into_text_style(area);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(FAINT)
        .light_line_style(TRANSPARENT)
        .axis_style(FAINT)
        .x_labels(11)
        .y_labels(8)
        .x_label_formatter(&|x| format!("{x}"))
        .y_label_formatter(&|y| format!("{y}"))
        .x_desc(panel.axis)
        .label_style(label.clone())
        .axis_desc_style(label)
        .draw()?;
    for (side, colour) in [(1, SOFT), (0, BLUE)] {
        let points: Vec<_> = panel.points.iter().map(|(size, ns)| (*size as f64, ns[side])).collect();
        chart.draw_series(points.iter().map(|point| Circle::new(*point, 2, colour.filled())))?;
        chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
    }
    Ok(())
}

fn text(area: &Area, words: &str, at: (i32, i32), size: u32, colour: RGBColor) -> Result<()> {
    let style = ("sans-serif", size, &colour).into_text_style(area).pos(Pos::new(HPos::Left, VPos::Top));
    Ok(area.draw_text(words, &style, at)?)
}

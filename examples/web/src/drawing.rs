//! Makes a drawing into what the data set has: 8×8 pixels, each the ink of 4×4 dots, 0 to 16.

/// Dots in a row or column.
const DOTS: usize = 32;
/// Half the width of the pen, in dots.
const PEN: f32 = 3.5;
/// What is drawn smaller than this share of the paper is a dot of ink, and not scaled up any further.
const SMALLEST: f32 = 0.15;

/// Scales a drawing to the height or the width of the image, whichever fills it first, and centres it. The pen has the same
/// width in every image. Points are on a paper from 0 to 1; one that is not a number lifts the pen.
pub fn pixels(points: &[[f32; 2]]) -> [u8; 64] {
    let (mut low, mut high) = ([f32::MAX; 2], [f32::MIN; 2]);
    for point in points.iter().filter(|point| !lifts(point)) {
        for axis in 0..2 {
            low[axis] = low[axis].min(point[axis]);
            high[axis] = high[axis].max(point[axis]);
        }
    }
    let size = (high[0] - low[0]).max(high[1] - low[1]).max(SMALLEST);
    let middle = [0, 1].map(|axis| (low[axis] + high[axis]) / 2.0);
    let scale = (DOTS as f32 - 2.0 * PEN) / size;
    let place = |point: &[f32; 2]| [0, 1].map(|axis| (point[axis] - middle[axis]) * scale + DOTS as f32 / 2.0);

    let mut dots = [[false; DOTS]; DOTS];
    for (i, to) in points.iter().enumerate().filter(|(_, point)| !lifts(point)) {
        // A point after a lift is a line to itself.
        let from = i.checked_sub(1).and_then(|i| points.get(i)).filter(|point| !lifts(point)).unwrap_or(to);
        line(&mut dots, place(from), place(to));
    }
    let mut pixels = [0; 64];
    for (row, dots) in dots.iter().enumerate() {
        for (column, dot) in dots.iter().enumerate() {
            pixels[row / 4 * 8 + column / 4] += u8::from(*dot);
        }
    }
    pixels
}

fn lifts(point: &[f32; 2]) -> bool {
    point[0].is_nan()
}

/// Inks the dots whose centre is at most half a pen's width from a line.
fn line(dots: &mut [[bool; DOTS]; DOTS], from: [f32; 2], to: [f32; 2]) {
    let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    let length = (dx * dx + dy * dy).max(1e-9);
    for (row, dots) in dots.iter_mut().enumerate() {
        for (column, dot) in dots.iter_mut().enumerate() {
            let [x, y] = [column as f32 + 0.5 - from[0], row as f32 + 0.5 - from[1]];
            let along = ((x * dx + y * dy) / length).clamp(0.0, 1.0);
            let [x, y] = [x - along * dx, y - along * dy];
            *dot |= x * x + y * y <= PEN * PEN;
        }
    }
}

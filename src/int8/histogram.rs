use super::Statistic;

/// Number of bins of a histogram.
const BINS: usize = 512;

/// How often numbers occurred: the bins divide the numbers from −`reach` to `reach`. It takes 2 KB.
#[derive(Clone, Copy, Debug)]
struct Histogram {
    reach: f32,
    counts: [u32; BINS],
}

impl Histogram {
    const NEW: Self = Histogram { reach: 0.0, counts: [0; BINS] };

    fn see(&mut self, numbers: &[f32]) {
        for number in numbers.iter().filter(|number| number.is_finite() && **number != 0.0) {
            if self.reach == 0.0 {
                self.reach = number.abs();
            }
            while number.abs() > self.reach {
                self.double();
            }
            // From 0 to BINS, the last one for `reach` itself.
            let bin = ((number / self.reach + 1.0) * (BINS / 2) as f32) as usize;
            if let Some(count) = self.counts.get_mut(bin.min(BINS - 1)) {
                *count = count.saturating_add(1);
            }
        }
    }

    /// Doubles the reach: two bins become one.
    fn double(&mut self) {
        let mut counts = [0_u32; BINS];
        let middle = counts.iter_mut().skip(BINS / 4);
        for (count, [a, b]) in middle.zip(self.counts.as_chunks().0) {
            *count = a.saturating_add(*b);
        }
        (self.reach, self.counts) = (self.reach * 2.0, counts);
    }

    /// Width of a bin.
    fn width(&self) -> f32 {
        self.reach / (BINS / 2) as f32
    }

    /// The bins that are not empty, with the number in their middle.
    fn bins(&self) -> impl DoubleEndedIterator<Item = (f32, u32)> + Clone + '_ {
        let (width, reach) = (self.width(), self.reach);
        let bins = self.counts.iter().enumerate();
        bins.filter(|(_, count)| **count > 0).map(move |(i, count)| ((i as f32 + 0.5) * width - reach, *count))
    }

    /// The range of all numbers.
    fn all(&self) -> [f32; 2] {
        let half = self.width() / 2.0;
        let edge = |bin: Option<(f32, u32)>, half: f32| bin.map_or(0.0, |(middle, _)| middle + half);
        [edge(self.bins().next(), -half).min(0.0), edge(self.bins().next_back(), half).max(0.0)]
    }
}

/// All numbers but the outermost ones: of each million, `OUTSIDE` below the range and as many above it. Zeros do not count.
#[derive(Clone, Copy, Debug)]
pub struct Percentile<const OUTSIDE: u32 = 100>(Histogram);

impl<const OUTSIDE: u32> Statistic for Percentile<OUTSIDE> {
    const NEW: Self = Percentile(Histogram::NEW);

    fn see(&mut self, numbers: &[f32]) {
        self.0.see(numbers);
    }

    fn range(&self) -> [f32; 2] {
        let total: f64 = self.0.bins().map(|(_, count)| f64::from(count)).sum();
        let (outside, half) = (total * f64::from(OUTSIDE) / 1e6, self.0.width() / 2.0);
        let low = edge(self.0.bins(), outside).map_or(0.0, |middle| middle - half);
        let high = edge(self.0.bins().rev(), outside).map_or(0.0, |middle| middle + half);
        [low.min(0.0), high.max(0.0)]
    }
}

/// The first bin with which more numbers are seen than stay outside.
fn edge(mut bins: impl Iterator<Item = (f32, u32)>, outside: f64) -> Option<f32> {
    let mut seen = 0.0;
    bins.find_map(|(middle, count)| {
        seen += f64::from(count);
        (seen > outside).then_some(middle)
    })
}

/// The range with the smallest mean squared error of the numbers, among shares of the range of all.
#[derive(Clone, Copy, Debug)]
pub struct LeastSquares(Histogram);

impl Statistic for LeastSquares {
    const NEW: Self = LeastSquares(Histogram::NEW);

    fn see(&mut self, numbers: &[f32]) {
        self.0.see(numbers);
    }

    fn range(&self) -> [f32; 2] {
        let [low, high] = self.0.all();
        let mut best = (f32::INFINITY, [low, high]);
        for share in (10..=100).rev().map(|percent| percent as f32 / 100.0) {
            // The longer side is cut first.
            let reach = share * high.max(-low);
            let [low, high] = [low.max(-reach), high.min(reach)];
            let step = (high - low) / 255.0;
            // The error of rounding is uniform within a step; a number outside gets the nearest end.
            let error = self.0.bins().fold(0.0, |sum, (number, count)| {
                let outside = number - number.clamp(low, high);
                sum + count as f32 * if outside == 0.0 { step * step / 12.0 } else { outside * outside }
            });
            if error < best.0 {
                best = (error, [low, high]);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1000 numbers from −1 to 1, and one of 100.
    fn numbers() -> [f32; 1001] {
        let mut numbers = core::array::from_fn(|i| i as f32 / 500.0 - 1.0);
        numbers[1000] = 100.0;
        numbers
    }

    #[test]
    fn outliers_stay_outside() {
        let (mut all, mut most) = (Percentile::<0>::NEW, Percentile::<2000>::NEW);
        all.see(&numbers());
        most.see(&numbers());
        let ([all_low, all_high], [low, high]) = (all.range(), most.range());
        assert!(all_high >= 100.0 && all_low <= -0.99, "{all_low} {all_high}");
        assert!(high < 1.5 && low <= -0.9, "{low} {high}");
    }

    #[test]
    fn the_error_falls() {
        let error = |[low, high]: [f32; 2]| {
            let step = (high - low) / 255.0;
            numbers().iter().map(|x| (x - ((x / step).round() * step).clamp(low, high)).powi(2)).sum::<f32>()
        };
        let (mut squares, mut all) = (LeastSquares::NEW, super::super::MinMax::NEW);
        squares.see(&numbers());
        all.see(&numbers());
        assert!(error(squares.range()) <= error(all.range()) * 1.05);
        // Without the outlier's 10000, the steps are what counts.
        let mut tails = LeastSquares::NEW;
        tails.see(&[&numbers()[..1000], &[1.2]].concat());
        assert!(tails.range()[1] > 0.9);
    }
}

//! What the fuzz targets share: floats that break things, and sums in f64 with their allowed error.

use arbitrary::{Result, Unstructured};

/// Floats at the edges of the format.
const EDGES: [f32; 20] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f32::NAN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    f32::MAX,
    f32::MIN,
    f32::MIN_POSITIVE,
    -f32::MIN_POSITIVE,
    1e-45,
    -1e-45,
    1e-40,
    1e-30,
    -1e19,
    1e19,
    88.8,
    -104.0,
    1e-7,
];

/// Any float: mostly moderate ones, then edges, then any bit pattern.
pub fn float(u: &mut Unstructured<'_>) -> Result<f32> {
    Ok(match u.arbitrary::<u8>()? {
        0..=25 => *u.choose(&EDGES)?,
        26..=50 => f32::from_bits(u.arbitrary()?),
        _ => moderate(u)?,
    })
}

/// A float of about −8 to 8.
pub fn moderate(u: &mut Unstructured<'_>) -> Result<f32> {
    Ok(f32::from(u.arbitrary::<i16>()?) / 4096.0)
}

/// Floats from `one`.
pub fn array<const N: usize>(
    u: &mut Unstructured<'_>,
    one: fn(&mut Unstructured<'_>) -> Result<f32>,
) -> Result<[f32; N]> {
    let mut out = [0.0; N];
    for out in &mut out {
        *out = one(u)?;
    }
    Ok(out)
}

/// Rows of floats from `one`.
pub fn matrix<const N: usize, const M: usize>(
    u: &mut Unstructured<'_>,
    one: fn(&mut Unstructured<'_>) -> Result<f32>,
) -> Result<[[f32; N]; M]> {
    let mut out = [[0.0; N]; M];
    for out in &mut out {
        *out = array(u, one)?;
    }
    Ok(out)
}

/// Whether two floats are the same bits; all NaNs are the same.
pub fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// Whether all floats are the same bits.
pub fn all_same(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(*a, *b))
}

/// A sum of products in f64, and what f32 may make of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sum {
    /// The sum; NaN or infinite as IEEE 754 has it.
    pub value: f64,
    /// Σ of the magnitudes of the finite terms.
    pub magnitude: f64,
    /// Number of terms.
    pub terms: usize,
}

impl Sum {
    /// Adds `a · b`.
    pub fn add(&mut self, a: f32, b: f32) {
        let term = f64::from(a) * f64::from(b);
        self.value += term;
        self.magnitude += if term.is_finite() { term.abs() } else { 0.0 };
        self.terms += 1;
    }

    /// Fails unless `y` is the sum up to `(terms + 2) · ε · Σ |term|`, and one smallest subnormal a term.
    ///
    /// Each term takes part in at most so many roundings, in whatever order. NaN and infinities must be what IEEE 754
    /// says; only a sum whose finite terms could leave the range of f32 on the way may be anything.
    pub fn check(&self, y: f32, what: impl std::fmt::Display) {
        if self.magnitude > f64::from(f32::MAX) / 2.0 {
            // It may have become infinite on the way, and then NaN; what was NaN stays so.
            assert!(!self.value.is_nan() || y.is_nan(), "{what}: {y} for {self:?}");
            return;
        }
        let y = f64::from(y);
        let good = if self.value.is_finite() {
            (y - self.value).abs() <= allowed(self.terms + 2, self.magnitude)
        } else {
            y == self.value || (y.is_nan() && self.value.is_nan())
        };
        assert!(good, "{what}: {y} for {self:?}");
    }
}

/// The error of so many roundings of numbers of this magnitude.
pub fn allowed(roundings: usize, magnitude: f64) -> f64 {
    let roundings = roundings as f64;
    roundings * (f64::from(f32::EPSILON) * magnitude + f64::from(f32::from_bits(1)))
}

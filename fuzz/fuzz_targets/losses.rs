//! Every loss against its formula in f64: value and gradient, within an error stated beside the formula.
//!
//! What is not finite must show in the value, and losses of logits must stay finite for all moderate targets.

#![no_main]

use arbitrary::{Result, Unstructured};
use baregrad::losses::{ClassError, Loss};
use baregrad::prelude::*;
use baregrad_fuzz::{allowed, array, float, moderate};
use libfuzzer_sys::fuzz_target;

const CLIP: f32 = 1e-7;
/// Above this, an intermediate result may leave the range of f32.
const LARGE: f64 = 1e37;

fuzz_target!(|data: &[u8]| {
    let _ = run(&mut Unstructured::new(data));
});

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    match u.int_in_range(0..=4)? {
        0 => losses::<1>(u),
        1 => losses::<2>(u),
        2 => losses::<5>(u),
        3 => losses::<17>(u),
        _ => losses::<33>(u),
    }
}

/// A probability, often at an end.
fn probability(u: &mut Unstructured<'_>) -> Result<f32> {
    Ok(match u.arbitrary::<u8>()? {
        0..=20 => 0.0,
        21..=40 => 1.0,
        41..=50 => CLIP,
        51..=60 => 1.0 - CLIP,
        61..=70 => 1e-12,
        _ => f32::from(u.arbitrary::<u16>()?) / 65535.0,
    })
}

/// Zeros and ones.
fn hot(u: &mut Unstructured<'_>) -> Result<f32> {
    Ok(f32::from(u8::from(u.arbitrary::<u8>()? < 40)))
}

/// A term of a loss: value and slope, and the magnitudes that their rounding errors are shares of.
struct Term {
    value: f64,
    slope: f64,
    value_magnitude: f64,
    slope_magnitude: f64,
}

fn losses<const N: usize>(u: &mut Unstructured<'_>) -> Result<()> {
    let scale = *u.choose(&[1.0, 0.5, 1.0 / 3.0, 1.0 / 32.0])?;
    let one = *u.choose(&[float as fn(&mut Unstructured<'_>) -> Result<f32>, moderate, probability])?;
    let y: [f32; N] = array(u, one)?;
    let other = *u.choose(&[one, probability, hot])?;
    let t: [f32; N] = array(u, other)?;
    match u.int_in_range(0..=8)? {
        0 => pointwise(&MeanSquaredError, &y, &t, scale, |y, t| {
            let d = y - t;
            Term { value: d * d, slope: 2.0 * d, value_magnitude: d * d, slope_magnitude: d.abs() }
        }),
        1 => pointwise(&MeanAbsoluteError, &y, &t, scale, |y, t| {
            let d = y - t;
            let slope = if d == 0.0 { 0.0 } else { d.signum() };
            Term { value: d.abs(), slope, value_magnitude: d.abs(), slope_magnitude: 1.0 }
        }),
        2 => {
            let delta = *u.choose(&[1.0, 0.1, 3.5])?;
            pointwise(&Huber { delta }, &y, &t, scale, |y, t| {
                let (d, delta) = (y - t, f64::from(delta));
                let value = if d.abs() <= delta { d * d / 2.0 } else { delta * (d.abs() - delta / 2.0) };
                let slope = d.clamp(-delta, delta);
                Term { value, slope, value_magnitude: value, slope_magnitude: slope.abs() }
            });
        }
        3 => pointwise(&BinaryCrossEntropy::<Probabilities>::default(), &y, &t, scale, |y, t| {
            let (low, high) = (f64::from(CLIP), f64::from(1.0 - CLIP));
            let p = y.clamp(low, high);
            let (a, b) = (t * p.ln(), (1.0 - t) * (1.0 - p).ln());
            let slope = if (low..=high).contains(&y) { (y - t) / (y * (1.0 - y)) } else { 0.0 };
            // 1 − p and 1 − t are rounded before use. The value is NaN for a target whose slope might overflow.
            let rounded = (1.0 - t).abs() / (1.0 - p).max(0.5) + t.abs();
            let value_magnitude = if t.abs() < 1e30 { a.abs() + b.abs() + rounded } else { f64::INFINITY };
            Term { value: -(a + b), slope, value_magnitude, slope_magnitude: slope.abs() }
        }),
        4 => pointwise(&BinaryCrossEntropy::<Logits>::default(), &y, &t, scale, |y, t| {
            let softplus = y.max(0.0) + (-y.abs()).exp().ln_1p();
            let sigmoid = 1.0 / (1.0 + (-y).exp());
            Term {
                value: softplus - y * t,
                slope: sigmoid - t,
                value_magnitude: softplus + (y * t).abs(),
                slope_magnitude: sigmoid + t.abs(),
            }
        }),
        5 => categorical_logits(&y, &t, scale),
        6 => categorical_probabilities(&y, &t, scale),
        7 => sparse_logits(&y, u.int_in_range(0..=N + 1)?, scale),
        _ => sparse_probabilities(&y, u.int_in_range(0..=N + 1)?, scale),
    }
    Ok(())
}

/// Value and gradient, whose value must be the same, and finite only if the gradient is.
fn both<const N: usize, T, L: Loss<[f32; N], T>>(loss: &L, y: &[f32; N], t: &T, scale: f32) -> (f32, [f32; N]) {
    let mut dy = [7.0; N];
    let value = loss.value(y, t);
    let beside = loss.gradient(y, t, scale, &mut dy);
    let near = f64::from((value - beside).abs()) <= allowed(32, f64::from(value.abs()) + 1.0);
    assert!(
        near || value == beside || !beside.is_finite() && (!value.is_finite() || !finite(&dy)),
        "{}: {value} and {beside}",
        L::NAME
    );
    assert!(finite(&dy) || !beside.is_finite(), "{}: {beside}, but {dy:?}", L::NAME);
    (value, dy)
}

fn close(what: &str, found: f32, expected: f64, roundings: usize, magnitude: f64) {
    if magnitude > LARGE {
        return;
    }
    let error = (f64::from(found) - expected).abs();
    assert!(error <= allowed(roundings, magnitude), "{what}: {found}, not {expected}, of magnitude {magnitude}");
}

fn finite(values: &[f32]) -> bool {
    values.iter().all(|v| v.is_finite())
}

fn wide(v: &[f32]) -> Vec<f64> {
    v.iter().map(|v| f64::from(*v)).collect()
}

fn pointwise<const N: usize, L: Loss<[f32; N], [f32; N]>>(
    loss: &L,
    y: &[f32; N],
    t: &[f32; N],
    scale: f32,
    term: impl Fn(f64, f64) -> Term,
) {
    let (value, dy) = both(loss, y, t, scale);
    if y.iter().chain(t).any(|v| v.is_nan()) {
        assert!(value.is_nan(), "{}: NaN is lost in the value {value}", L::NAME);
    }
    // A NaN target shows in the value alone: beyond a bound the slope is the same for every target.
    for (y, dy) in y.iter().zip(&dy) {
        assert!(!y.is_nan() || dy.is_nan(), "{}: NaN is lost in the slope {dy}", L::NAME);
    }
    if !finite(y) || !finite(t) {
        return;
    }
    let terms: Vec<Term> = wide(y).into_iter().zip(wide(t)).map(|(y, t)| term(y, t)).collect();
    let share = 1.0 / N as f64;
    let sum: f64 = terms.iter().map(|t| t.value).sum();
    let magnitude: f64 = terms.iter().map(|t| t.value_magnitude).sum();
    // 16 roundings within a term, and those of a sum and a division.
    if magnitude <= LARGE {
        close(L::NAME, value, sum * share, 17 + N, magnitude * share + f64::from(f32::MIN_POSITIVE));
    }
    for (term, dy) in terms.iter().zip(dy) {
        let share = share * f64::from(scale);
        if term.slope_magnitude <= LARGE {
            close(L::NAME, dy, term.slope * share, 16, term.slope_magnitude * share);
        }
    }
}

fn log_sum_exp(y: &[f64]) -> f64 {
    let max = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    max + y.iter().map(|y| (y - max).exp()).sum::<f64>().ln()
}

/// The softmax, and what its rounding errors are shares of: eˣ has a relative error of x · ε where its argument x, a
/// difference, is rounded; what is below the range of f32 is lost.
fn softmax(y: &[f64]) -> Vec<(f64, f64)> {
    let max = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = y.iter().map(|y| (y - max).exp()).sum();
    y.iter().map(|y| ((y - max).exp() / sum, y - max)).map(|(p, x)| (p, p * (1.0 + x.abs()) + 1e-38)).collect()
}

fn categorical_logits<const N: usize>(y: &[f32; N], t: &[f32; N], scale: f32) {
    let (value, dy) = both(&CategoricalCrossEntropy::<Logits>::default(), y, t, scale);
    if y.iter().chain(t).any(|v| v.is_nan()) && t.iter().any(|t| *t != 0.0) {
        assert!(value.is_nan(), "categorical, logits: NaN is lost in the value {value}");
    }
    if !finite(y) || !finite(t) {
        return;
    }
    let (y, t) = (wide(y), wide(t));
    let (log_sum, total) = (log_sum_exp(&y), t.iter().sum::<f64>());
    let max = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let absolute: f64 = t.iter().map(|t| t.abs()).sum();
    let largest = y.iter().fold(1.0, |a: f64, y| a.max(y.abs()));
    if largest > LARGE || absolute > LARGE || largest * absolute > LARGE {
        return;
    }
    let expected: f64 = y.iter().zip(&t).map(|(y, t)| t * (log_sum - y)).sum();
    let magnitude: f64 = y.iter().zip(&t).map(|(y, t)| t.abs() * (log_sum.abs() + max.abs() + y.abs() + 1.0)).sum();
    close("categorical, logits", value, expected, 16 + 2 * N, magnitude);
    for (((p, error), t), dy) in softmax(&y).into_iter().zip(&t).zip(dy) {
        let expected = (p * total - t) * f64::from(scale);
        let magnitude = (error * absolute + t.abs()) * f64::from(scale);
        close("categorical, logits, gradient", dy, expected, 16 + 2 * N, magnitude + 1e-38);
    }
}

/// Probabilities as a softmax gives them: others make no loss.
fn proper(y: &[f32]) -> bool {
    y.iter().all(|y| (0.0..=1.0).contains(y)) && y.iter().sum::<f32>() > 1e-5
}

fn categorical_probabilities<const N: usize>(y: &[f32; N], t: &[f32; N], scale: f32) {
    let (value, dy) = both(&CategoricalCrossEntropy::<Probabilities>::default(), y, t, scale);
    if y.iter().chain(t).any(|v| v.is_nan()) && t.iter().any(|t| *t != 0.0) {
        assert!(value.is_nan(), "categorical: NaN is lost in the value {value}");
    }
    if !proper(y) || !finite(t) || t.iter().any(|t| t.abs() > 1e30) {
        return;
    }
    assert!(finite(&dy) && value.is_finite(), "categorical: {value} and {dy:?}");
    let (y, t) = (wide(y), wide(t));
    let (low, high) = (f64::from(CLIP), f64::from(1.0 - CLIP));
    let sum: f64 = y.iter().sum();
    let p: Vec<f64> = y.iter().map(|y| y / sum).collect();
    let expected: f64 = p.iter().zip(&t).map(|(p, t)| -t * p.clamp(low, high).ln()).sum();
    let magnitude: f64 = p.iter().zip(&t).map(|(p, t)| t.abs() * (1.0 - p.clamp(low, high).ln())).sum();
    close("categorical", value, expected, 16 + 2 * N, magnitude);
    // At a bound of the clipping the gradient jumps: rounding decides.
    if p.iter().any(|p| (p / low - 1.0).abs() < 1e-4 || *p > 1.0 - 1e-5) {
        return;
    }
    let open = |p: f64| (low..=high).contains(&p);
    let live: f64 = p.iter().zip(&t).map(|(p, t)| if open(*p) { *t } else { 0.0 }).sum();
    let live_magnitude: f64 = t.iter().map(|t| t.abs()).sum();
    for ((p, t), dy) in p.iter().zip(&t).zip(dy) {
        let own = if open(*p) { -t / p } else { 0.0 };
        let share = f64::from(scale) / sum;
        close("categorical, gradient", dy, (own + live) * share, 16 + 2 * N, (own.abs() + live_magnitude) * share);
    }
}

/// What a class without output must give.
fn no_such_class<const N: usize, L: Loss<[f32; N], usize>>(loss: &L, y: &[f32; N], class: usize) -> bool {
    assert_eq!(loss.check(&class), if class < N { Ok(()) } else { Err(ClassError::NoOutput { class }) });
    assert!(class < N || loss.value(y, &class).is_nan(), "the loss of class {class} of {N} is a number");
    class >= N
}

fn sparse_logits<const N: usize>(y: &[f32; N], class: usize, scale: f32) {
    let loss = SparseCategoricalCrossEntropy::<Logits>::default();
    let (value, dy) = both(&loss, y, &class, scale);
    if no_such_class(&loss, y, class) {
        return;
    }
    assert!(!y.iter().any(|y| y.is_nan()) || value.is_nan(), "sparse, logits: NaN is lost in the value {value}");
    let y = wide(y);
    let max = y.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !y.iter().all(|y| y.abs() <= LARGE) {
        return;
    }
    let log_sum = log_sum_exp(&y);
    let magnitude = log_sum.abs() + max.abs() + y[class].abs() + 1.0;
    close("sparse, logits", value, log_sum - y[class], 16 + 2 * N, magnitude);
    for (i, ((p, error), dy)) in softmax(&y).into_iter().zip(dy).enumerate() {
        let hot = f64::from(u8::from(i == class));
        let magnitude = (error + hot) * f64::from(scale);
        let expected = (p - hot) * f64::from(scale);
        close("sparse, logits, gradient", dy, expected, 16 + 2 * N, magnitude + 1e-38);
    }
}

fn sparse_probabilities<const N: usize>(y: &[f32; N], class: usize, scale: f32) {
    let loss = SparseCategoricalCrossEntropy::<Probabilities>::default();
    let (value, dy) = both(&loss, y, &class, scale);
    if no_such_class(&loss, y, class) {
        return;
    }
    assert!(!y.iter().any(|y| y.is_nan()) || value.is_nan(), "sparse: NaN is lost in the value {value}");
    if !finite(y) {
        return;
    }
    let (low, high) = (f64::from(CLIP), f64::from(1.0 - CLIP));
    let y = wide(y);
    let sum: f64 = y.iter().map(|y| y.clamp(low, high)).sum();
    let right = y[class].clamp(low, high);
    close("sparse", value, sum.ln() - right.ln(), 16 + 2 * N, 1.0 + sum.ln().abs() + right.ln().abs());
    for (i, (y, dy)) in y.iter().zip(dy).enumerate() {
        let open = (low..=high).contains(y);
        let own = if i == class { 1.0 / y } else { 0.0 };
        let (expected, magnitude) = if open { (1.0 / sum - own, 1.0 / sum + own) } else { (0.0, 0.0) };
        let scale = f64::from(scale);
        close("sparse, gradient", dy, expected * scale, 16 + 2 * N, magnitude * scale);
    }
}

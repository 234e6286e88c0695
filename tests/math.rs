//! The elementary functions: their errors against f64, special values, and the same bits at every width.

mod common;

use baregrad::Lanes;
use baregrad::kernels::math;
use common::numbers::{bits, ulps};
use std::ops::ControlFlow;
use wide::{f32x4, f32x8, f32x16};

/// A function over vectors, and what it should give.
trait Function {
    const NAME: &'static str;
    /// Arguments for which it is made.
    fn takes(x: f64) -> bool {
        let _ = x;
        true
    }
    fn f<V: Lanes>(x: V) -> V;
    fn exact(x: f64) -> f64;
}

/// Calls `visit` with one line for each function.
macro_rules! functions {
    ($($name:ident($v:ident, $x:ident) $takes:expr, $exact:expr;)+) => { $(
        #[allow(non_camel_case_types)]
        struct $name;
        impl Function for $name {
            const NAME: &'static str = stringify!($name);
            fn takes($x: f64) -> bool { $takes }
            fn f<V: Lanes>($v: V) -> V { math::$name($v) }
            fn exact($x: f64) -> f64 { $exact }
        }
    )+ };
}

functions! {
    exp(v, x) !x.is_nan(), x.exp();
    exp_m1(v, x) !x.is_nan(), x.exp_m1();
    ln(v, x) x >= 0.0, x.ln();
    ln_1p(v, x) x >= 0.0, x.ln_1p();
    tanh(v, x) !x.is_nan(), x.tanh();
    sigmoid(v, x) !x.is_nan(), 1.0 / (1.0 + (-x).exp());
    softplus(v, x) !x.is_nan(), x.max(0.0) + (-x.abs()).exp().ln_1p();
    erf(v, x) !x.is_nan(), libm::erf(x);
    normal_density(v, x) !x.is_nan(), (-0.5 * x * x).exp() / (2.0 * std::f64::consts::PI).sqrt();
}

/// Largest error in units of the last place over a sweep of all floats: of normal results, and of subnormal ones.
///
/// The larger of the errors with fused multiply-add and without. An entry more than twice too loose fails.
const ALLOWED: [(&str, f64, f64); 9] = [
    ("exp", 1.2, 1.0),
    ("exp_m1", 1.6, 0.0),
    ("ln", 0.9, 0.0),
    ("ln_1p", 1.2, 0.0),
    ("tanh", 5.5, 0.0),
    ("sigmoid", 2.3, 0.8),
    ("softplus", 1.9, 0.8),
    ("erf", 40.0, 40.0),            // where z · p underflows, below 1e-37; 4 elsewhere
    ("normal_density", 64.0, 32.0), // x² / 2 is rounded before the exponential enlarges it
];

/// The largest errors over every `step`th bit pattern.
fn errors<F: Function>(step: u64) -> [(f64, f32); 2] {
    let mut worst = [(0.0, 0.0); 2];
    let mut pattern = 0_u64;
    while pattern <= u64::from(u32::MAX) {
        let x: [f32; 16] = std::array::from_fn(|i| f32::from_bits((pattern + i as u64 * step) as u32));
        pattern += 16 * step;
        let y = F::f(f32x16::new(x));
        for (x, y) in x.iter().zip(y.as_array()) {
            if F::takes(f64::from(*x)) {
                let want = F::exact(f64::from(*x));
                let subnormal = usize::from(want.abs() < f64::from(f32::MIN_POSITIVE));
                let error = ulps(*y, want);
                if error > worst[subnormal].0 {
                    worst[subnormal] = (error, *x);
                }
            }
        }
    }
    worst
}

fn check<F: Function>(step: u64) -> Vec<String> {
    let (_, normal, subnormal) = ALLOWED.iter().find(|(name, ..)| *name == F::NAME).unwrap();
    let [of_normal, of_subnormal] = errors::<F>(step);
    let mut faults = Vec::new();
    for (allowed, (error, x), results) in [(*normal, of_normal, "normal"), (*subnormal, of_subnormal, "subnormal")] {
        println!("{}: {error:.3} at {x:e} ({results} results)", F::NAME);
        if error > allowed || error < allowed / 2.0 {
            let fault = if error > allowed { "too much for" } else { "less than half of" };
            let name = F::NAME;
            faults.push(format!("{name}: {error:.3} at {x:e} is {fault} the table's {allowed} ({results} results)"));
        }
    }
    faults
}

fn check_all(step: u64) {
    let results = [
        check::<exp>(step),
        check::<exp_m1>(step),
        check::<ln>(step),
        check::<ln_1p>(step),
        check::<tanh>(step),
        check::<sigmoid>(step),
        check::<softplus>(step),
        check::<erf>(step),
        check::<normal_density>(step),
    ];
    let faults = results.concat();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn errors_are_as_the_table_says() {
    check_all(997);
}

/// Every float there is: `cargo test --release --test math -- --ignored`, some minutes.
#[test]
#[ignore = "2³² arguments take minutes"]
fn errors_over_all_floats() {
    check_all(1);
}

/// The bits of `F` at one width.
fn at_width<F: Function, V: Lanes>(x: &[f32]) -> Vec<u32> {
    let mut y = vec![0.0; x.len()];
    for (x, y) in x.chunks(V::LANES).zip(y.chunks_mut(V::LANES)) {
        F::f(V::load(x)).store(y);
    }
    bits(&y)
}

fn widths<F: Function>() -> ControlFlow<String> {
    let special = [0.0, -0.0, 1.0, -1.0, f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN];
    let tiny = [f32::MIN_POSITIVE, -f32::MIN_POSITIVE, 1e-45, -1e-45, 1e-40, -1e-40, 88.72, 88.73, -87.4, -103.98];
    let sweep = (0..=u32::MAX).step_by(65_521).map(f32::from_bits);
    let x: Vec<f32> = special.into_iter().chain(tiny).chain(sweep).collect();
    let one = at_width::<F, f32>(&x);
    for (width, other) in
        [(4, at_width::<F, f32x4>(&x)), (8, at_width::<F, f32x8>(&x)), (16, at_width::<F, f32x16>(&x))]
    {
        if let Some(i) = (0..x.len()).find(|i| one[*i] != other[*i]) {
            let (a, b) = (f32::from_bits(one[i]), f32::from_bits(other[i]));
            return ControlFlow::Break(format!(
                "{} of {:e} ({:#x}): {a:e} alone, {b:e} of {width} lanes",
                F::NAME,
                x[i],
                x[i].to_bits()
            ));
        }
    }
    ControlFlow::Continue(())
}

#[test]
fn all_widths_give_the_same_bits() {
    let results = [
        widths::<exp>(),
        widths::<exp_m1>(),
        widths::<ln>(),
        widths::<ln_1p>(),
        widths::<tanh>(),
        widths::<sigmoid>(),
        widths::<softplus>(),
        widths::<erf>(),
        widths::<normal_density>(),
    ];
    let faults: Vec<String> = results.into_iter().filter_map(ControlFlow::break_value).collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn special_values() {
    const INF: f32 = f32::INFINITY;
    for f in [math::exp, math::exp_m1, math::ln, math::ln_1p, math::tanh, math::sigmoid, math::softplus, math::erf] {
        assert!(f(f32::NAN).is_nan() && f(-f32::NAN).is_nan(), "NaN stays NaN");
    }
    let same = |got: f32, want: f32| assert_eq!(got.to_bits(), want.to_bits(), "{got} is not {want}");
    same(math::exp(0.0), 1.0);
    same(math::exp(-0.0), 1.0);
    same(math::exp(-INF), 0.0);
    same(math::exp(INF), INF);
    same(math::exp(88.8), INF);
    same(math::exp(-104.1), 0.0);
    same(math::exp_m1(0.0), 0.0);
    assert_eq!(math::exp_m1(-0.0_f32), 0.0, "of either sign");
    same(math::exp_m1(-INF), -1.0);
    same(math::exp_m1(INF), INF);
    same(math::ln(1.0), 0.0);
    same(math::ln(0.0), -INF);
    same(math::ln(-0.0), -INF);
    same(math::ln(INF), INF);
    assert!(math::ln(-1.0_f32).is_nan() && math::ln(-INF).is_nan() && math::ln(-1e-45_f32).is_nan());
    same(math::ln_1p(0.0), 0.0);
    same(math::ln_1p(INF), INF);
    same(math::tanh(0.0), 0.0);
    same(math::tanh(-0.0), -0.0);
    // The fraction saturates one to three units of the last place short of 1, by how multiply-adds are rounded.
    let short = 1.0 - math::tanh(INF);
    assert!((0.0..=1.8e-7).contains(&short), "{short}");
    same(math::tanh(-INF), short - 1.0);
    same(math::tanh(1e-45), 1e-45);
    same(math::sigmoid(0.0), 0.5);
    same(math::sigmoid(INF), 1.0);
    same(math::sigmoid(-INF), 0.0);
    same(math::softplus(INF), INF);
    same(math::softplus(-INF), 0.0);
    same(math::erf(0.0), 0.0);
    same(math::erf(-0.0), -0.0);
    same(math::erf(INF), 1.0);
    same(math::erf(-INF), -1.0);
    same(math::normal_density(INF), 0.0);
}

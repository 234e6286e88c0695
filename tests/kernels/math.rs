//! The elementary functions: their errors against f64, special values, and the same bits at every width.

use crate::common::numbers::{bits, ulps};
use baregrad::Lanes;
use baregrad::kernels::lanes::FUSED;
use baregrad::kernels::machine::Build;
use baregrad::kernels::math::*;
use std::f64::consts::PI;
use std::thread;
use wide::{f32x4, f32x8, f32x16};

/// A function of vectors of every width, what it should give, and how far off it may be.
struct Function {
    name: &'static str,
    /// Arguments for which it is made.
    takes: fn(f64) -> bool,
    exact: fn(f64) -> f64,
    /// With 1, 4, 8 and 16 lanes.
    widths: [fn(&[f32]) -> Vec<f32>; 4],
    /// Largest errors of normal results in units of the last place, with fused multiply-add and without.
    normal: [f64; 2],
    /// The same of subnormal results.
    subnormal: [f64; 2],
}

macro_rules! function {
    ($f:ident, $takes:expr, $exact:expr, $normal:expr, $subnormal:expr) => {
        Function {
            name: stringify!($f),
            takes: $takes,
            exact: $exact,
            widths: [
                |x| at_width($f::<f32>, x),
                |x| at_width($f::<f32x4>, x),
                |x| at_width($f::<f32x8>, x),
                |x| at_width($f::<f32x16>, x),
            ],
            normal: $normal,
            subnormal: $subnormal,
        }
    };
}

/// The errors allowed are those over all floats, rounded up; an entry that is looser than needed fails.
#[rustfmt::skip]
const FUNCTIONS: [Function; 11] = [
    function!(exp, any, f64::exp, [1.05, 1.04], [0.76, 0.76]),
    function!(exp_m1, any, f64::exp_m1, [1.61, 1.74], [0.0, 0.0]),
    function!(ln, |x| x >= 0.0, f64::ln, [0.86, 0.86], [0.0, 0.0]),
    function!(ln_1p, |x| x >= -1.0, f64::ln_1p, [1.44, 1.44], [0.0, 0.0]),
    function!(tanh, any, f64::tanh, [2.61, 2.61], [0.0, 0.0]),
    function!(sigmoid, any, |x| 1.0 / (1.0 + (-x).exp()), [2.44, 2.44], [0.63, 0.63]),
    function!(softplus, any, |x| x.max(0.0) + (-x.abs()).exp().ln_1p(), [2.87, 2.87], [0.76, 0.76]),
    function!(erf, any, libm::erf, [2.28, 2.47], [0.83, 0.83]),
    function!(normal_density, any, |x| (-0.5 * x * x).exp() / (2.0 * PI).sqrt(), [2.18, 2.19], [1.4, 1.4]),
    function!(sqrt, |x| x >= 0.0, f64::sqrt, [0.5, 0.5], [0.0, 0.0]),
    function!(reciprocal_sqrt, |x| x >= 0.0, |x| 1.0 / x.sqrt(), [1.5, 1.5], [0.0, 0.0]),
];

fn any(x: f64) -> bool {
    !x.is_nan()
}

fn sqrt<V: Lanes>(x: V) -> V {
    x.sqrt()
}

fn at_width<V: Lanes<Machine = Build>>(f: fn(V) -> V, x: &[f32]) -> Vec<f32> {
    let mut y = vec![0.0; x.len()];
    for (x, y) in x.chunks(V::LANES).zip(y.chunks_mut(V::LANES)) {
        f(V::load(Build, x)).store(y);
    }
    y
}

impl Function {
    /// The largest errors of normal and of subnormal results over every `step`th bit pattern, and where they are.
    fn errors(&self, step: usize) -> [(f64, f32); 2] {
        let threads = thread::available_parallelism().map_or(1, |n| n.get());
        if threads == 1 {
            return self.errors_of_part(step, 0, 1024 * step);
        }
        let parts = thread::scope(|scope| {
            let parts: Vec<_> = (0..threads)
                .map(|part| scope.spawn(move || self.errors_of_part(step, part * 1024 * step, threads * 1024 * step)))
                .collect();
            parts.into_iter().map(|part| part.join().unwrap()).collect::<Vec<_>>()
        });
        [0, 1].map(|i| parts.iter().map(|part| part[i]).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap())
    }

    /// The same over 1024 patterns from `start` on, and again `stride` further, and so on.
    fn errors_of_part(&self, step: usize, start: usize, stride: usize) -> [(f64, f32); 2] {
        let mut worst = [(0.0, 0.0); 2];
        for block in (start..=u32::MAX as usize).step_by(stride) {
            let x: [f32; 1024] = std::array::from_fn(|i| f32::from_bits(block.wrapping_add(i * step) as u32));
            for (x, y) in x.iter().zip(self.widths[3](&x)) {
                if (self.takes)(f64::from(*x)) {
                    let want = (self.exact)(f64::from(*x));
                    let subnormal = usize::from(want.abs() < f64::from(f32::MIN_POSITIVE));
                    let error = ulps(y, want);
                    if error > worst[subnormal].0 {
                        worst[subnormal] = (error, *x);
                    }
                }
            }
        }
        worst
    }
}

/// Compares with the table, of whose entries a run over every `step`th pattern must need the share `needed`.
fn check(step: usize, needed: f64) {
    let mut faults = Vec::new();
    for f in &FUNCTIONS {
        let mode = usize::from(!FUSED);
        let [of_normal, of_subnormal] = f.errors(step);
        for (results, allowed, (error, x)) in
            [("normal", f.normal[mode], of_normal), ("subnormal", f.subnormal[mode], of_subnormal)]
        {
            println!("{}: {error:.4} at {x:e} ({results} results)", f.name);
            if error > allowed || error < allowed * needed {
                let fault = if error > allowed { "too much for" } else { "far below" };
                faults.push(format!("{}: {error:.4} at {x:e} is {fault} {allowed} ({results} results)", f.name));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn errors_are_as_the_table_says() {
    let (step, needed) = if cfg!(debug_assertions) { (4999, 0.6) } else { (1997, 0.75) };
    check(step, needed);
}

/// Every float there is: `cargo test --release --test math -- --ignored --nocapture`, some minutes.
#[test]
#[ignore = "2³² arguments take minutes"]
fn errors_over_all_floats() {
    check(1, 0.98);
}

/// Floats of every size and sign, and those where something happens.
fn sweep() -> Vec<f32> {
    let special = [0.0, -0.0, 1.0, -1.0, f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN];
    let tiny = [f32::MIN_POSITIVE, -f32::MIN_POSITIVE, 1e-45, -1e-45, 1e-40, -1e-40, 88.72, 88.73, -87.4, -103.98];
    special.into_iter().chain(tiny).chain((0..=u32::MAX).step_by(65_521).map(f32::from_bits)).collect()
}

#[test]
fn all_widths_give_the_same_bits() {
    let x = sweep();
    for f in &FUNCTIONS {
        let [one, wider @ ..] = f.widths.map(|f| bits(&f(&x)));
        for (lanes, wider) in [4, 8, 16].into_iter().zip(wider) {
            for ((x, a), b) in x.iter().zip(&one).zip(wider) {
                assert_eq!(*a, b, "{} of {x:e} ({:#x}): alone and of {lanes} lanes", f.name, x.to_bits());
            }
        }
    }
}

#[test]
fn tanh_and_erf_are_odd_and_within_one() {
    for f in [tanh::<f32>, erf] {
        for x in sweep().into_iter().filter(|x| !x.is_nan()) {
            let y = f(x);
            assert_eq!(y.to_bits(), (-f(-x)).to_bits(), "of {x:e}");
            assert!(y.abs() <= 1.0, "{y} of {x:e}");
        }
    }
}

#[test]
fn special_values() {
    const INF: f32 = f32::INFINITY;
    for f in FUNCTIONS {
        assert!(f.widths[0](&[f32::NAN, -f32::NAN]).iter().all(|y| y.is_nan()), "{}: NaN stays NaN", f.name);
        for x in [-1.5, -1e30, -INF].into_iter().filter(|x| !(f.takes)(f64::from(*x))) {
            assert!(f.widths[0](&[x])[0].is_nan(), "{} of {x}, which is not of its domain", f.name);
        }
    }
    let same = |got: f32, want: f32| assert_eq!(got.to_bits(), want.to_bits(), "{got} is not {want}");
    for f in [exp_m1::<f32>, ln_1p, tanh] {
        for x in [0.0, 1e-45, 1e-40, f32::MIN_POSITIVE] {
            same(f(x), x);
            same(f(-x), -x);
        }
    }
    same(exp(0.0), 1.0);
    same(exp(-0.0), 1.0);
    same(exp(-INF), 0.0);
    same(exp(INF), INF);
    same(exp(88.8), INF);
    same(exp(-104.1), 0.0);
    same(exp_m1(-INF), -1.0);
    same(exp_m1(INF), INF);
    same(ln(1.0), 0.0);
    same(ln(0.0), -INF);
    same(ln(-0.0), -INF);
    same(ln(INF), INF);
    assert!(ln(-1e-45_f32).is_nan());
    same(ln_1p(-1.0), -INF);
    same(ln_1p(INF), INF);
    same(tanh(9.1), 1.0);
    same(tanh(INF), 1.0);
    same(sigmoid(0.0), 0.5);
    same(sigmoid(-0.0), 0.5);
    same(sigmoid(18.0), 1.0);
    same(sigmoid(INF), 1.0);
    same(sigmoid(-100.0), (-100.0_f64).exp() as f32);
    same(sigmoid(-INF), 0.0);
    same(softplus(INF), INF);
    same(softplus(-INF), 0.0);
    same(erf(0.0), 0.0);
    same(erf(-0.0), -0.0);
    same(erf(4.0), 1.0);
    same(erf(INF), 1.0);
    same(normal_density(INF), 0.0);
    same(normal_density(-INF), 0.0);
    same(reciprocal_sqrt(0.0), INF);
    same(reciprocal_sqrt(-0.0), -INF);
    same(reciprocal_sqrt(4.0), 0.5);
    same(reciprocal_sqrt(INF), 0.0);
}

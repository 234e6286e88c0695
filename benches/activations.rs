//! Row A1: elementary functions and activations of 1024 numbers, beside plain Rust and, where it has them, `wide`.

#[allow(dead_code)]
mod common;

use baregrad::activations::Activation;
use baregrad::kernels::elementwise::{self, Zip};
use baregrad::kernels::math;
use baregrad::layer::Layer;
use baregrad::prelude::*;
use baregrad::{Lanes, Params};
use common::{assert_close, hide, numbers, plain};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::{Duration, Instant};
use wide::f32x16;

type Numbers = [f32; 1024];
type Side<'a> = &'a dyn Fn(&Numbers, &mut Numbers);

/// One row: checks that all sides agree, registers them with Criterion, then times them in turn and prints medians.
fn row(criterion: &mut Criterion, name: &str, x: &Numbers, ours: Side, plain: Side, wide: Option<Side>) {
    let result = |side: Side| {
        let mut y = [0.0; 1024];
        side(x, &mut y);
        y
    };
    let mut sides = vec![("baregrad", ours), ("plain", plain)];
    sides.extend(wide.map(|wide| ("wide", wide)));
    for (_, side) in &sides[1..] {
        assert_close(&result(ours), &result(side), 2e-6);
    }

    let mut group = criterion.benchmark_group(format!("activations/{name}"));
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(500)).sample_size(20);
    let mut y = [0.0; 1024];
    for (label, side) in &sides {
        group.bench_function(*label, |b| b.iter(|| side(hide(x), black_box(&mut y))));
    }
    group.finish();

    let mut time = |side: Side| {
        let start = Instant::now();
        for _ in 0..20 {
            side(hide(x), black_box(&mut y));
        }
        start.elapsed().as_nanos() as f64 / (20.0 * 1024.0)
    };
    let mut times = vec![Vec::new(); sides.len()];
    for _ in 0..101 {
        for ((_, side), times) in sides.iter().zip(&mut times) {
            times.push(time(side));
        }
    }
    let medians: Vec<f64> = times
        .iter_mut()
        .map(|times| {
            times.sort_by(f64::total_cmp);
            times[50]
        })
        .collect();
    let ratio = |i: usize| medians.get(i).map_or("      –".into(), |other| format!("{:>7.3}", medians[0] / other));
    println!("| {name:<18} | {:>7.3} ns | {} × plain Rust | {} × wide |\n", medians[0], ratio(1), ratio(2));
}

/// A function of one number in a loop.
fn each(f: impl Fn(f32) -> f32) -> impl Fn(&Numbers, &mut Numbers) {
    move |x, y| {
        for (x, y) in x.iter().zip(y) {
            *y = f(*x);
        }
    }
}

/// A function of sixteen numbers in a loop.
fn sixteen(f: impl Fn(f32x16) -> f32x16) -> impl Fn(&Numbers, &mut Numbers) {
    move |x, y| {
        for (x, y) in x.as_chunks::<16>().0.iter().zip(y.as_chunks_mut::<16>().0) {
            *y = *f(f32x16::new(*x)).as_array();
        }
    }
}

/// Numbers in [−8, 8).
fn signed() -> Numbers {
    numbers::<1024, 1>(1)[0].map(|x| 8.0 * x)
}

/// Numbers in (0, 8].
fn positive() -> Numbers {
    signed().map(|x| x.abs() + 1e-3)
}

/// A row of one function of `math`.
macro_rules! function {
    ($criterion:ident, $name:ident, $x:expr, $plain:expr, $wide:expr) => {{
        struct Function;
        impl Zip for Function {
            #[inline(always)]
            fn zip<V: Lanes>(&self, x: V, _: V) -> V {
                math::$name(x)
            }
        }
        let ours = |x: &Numbers, y: &mut Numbers| elementwise::zip(&Function, x, y);
        row($criterion, stringify!($name), &$x, &ours, &each($plain), $wide);
    }};
}

fn functions(c: &mut Criterion) {
    let one = f32x16::splat(1.0);
    function!(c, exp, signed(), f32::exp, Some(&sixteen(|x| x.exp())));
    function!(c, tanh, signed(), f32::tanh, Some(&sixteen(|x| x.tanh())));
    function!(c, sigmoid, signed(), plain::sigmoid, Some(&sixteen(|x| one / (one + (-x).exp()))));
    function!(c, exp_m1, signed(), f32::exp_m1, Some(&sixteen(|x| x.exp_m1())));
    function!(c, ln, positive(), f32::ln, Some(&sixteen(|x| x.ln())));
    function!(c, ln_1p, positive(), f32::ln_1p, Some(&sixteen(|x| x.ln_1p())));
    function!(c, softplus, signed(), softplus, None);
    function!(c, erf, signed(), libm::erff, None);
    function!(c, normal_density, signed(), |x| (-0.5 * x * x).exp() * 0.398_942_3, None);
    function!(c, reciprocal_sqrt, positive(), |x| 1.0 / x.sqrt(), Some(&sixteen(|x| one / x.sqrt())));
}

/// A row of one activation, as a layer.
fn activation<A: Activation>(criterion: &mut Criterion, plain: Side) {
    let layer = <Activate<A> as Params>::NEW;
    let ours = |x: &Numbers, y: &mut Numbers| layer.infer(std::slice::from_ref(x), std::slice::from_mut(y), &mut []);
    row(criterion, &format!("layer {}", A::NAME), &signed(), &ours, plain, None);
}

fn softplus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn selu(x: f32) -> f32 {
    1.050_701 * if x < 0.0 { 1.673_263_2 * x.exp_m1() } else { x }
}

fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + libm::erff(x * std::f32::consts::FRAC_1_SQRT_2))
}

fn gelu_tanh(x: f32) -> f32 {
    0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh())
}

fn softmax(x: &Numbers, y: &mut Numbers) {
    *y = *x;
    plain::softmax(y);
}

fn log_softmax(x: &Numbers, y: &mut Numbers) {
    let max = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let log_sum = x.iter().map(|x| (x - max).exp()).sum::<f32>().ln();
    for (x, y) in x.iter().zip(y) {
        *y = x - max - log_sum;
    }
}

fn activations(c: &mut Criterion) {
    activation::<Elu>(c, &each(|x| if x < 0.0 { x.exp_m1() } else { x }));
    activation::<Gelu>(c, &each(gelu));
    activation::<GeluTanh>(c, &each(gelu_tanh));
    activation::<HardSigmoid>(c, &each(|x| (x + 3.0).clamp(0.0, 6.0) / 6.0));
    activation::<HardSwish>(c, &each(|x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0));
    activation::<LeakyRelu>(c, &each(|x| if x < 0.0 { 0.2 * x } else { x }));
    activation::<Linear>(c, &each(plain::identity));
    activation::<LogSoftmax>(c, &log_softmax);
    activation::<Relu>(c, &each(plain::relu));
    activation::<Selu>(c, &each(selu));
    activation::<Sigmoid>(c, &each(plain::sigmoid));
    activation::<Silu>(c, &each(|x| x * plain::sigmoid(x)));
    activation::<Softmax>(c, &softmax);
    activation::<Softplus>(c, &each(softplus));
    activation::<Softsign>(c, &each(|x| x / (1.0 + x.abs())));
    activation::<Tanh>(c, &each(f32::tanh));
}

criterion_group!(benches, functions, activations);
criterion_main!(benches);

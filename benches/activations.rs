//! Row A1: elementary functions, activations and normalisation of about 1024 numbers, beside plain Rust and, where it
//! has them, `wide`.

#[allow(dead_code)]
mod common;

use baregrad::Lanes;
use baregrad::activations::Activation;
use baregrad::kernels::elementwise::{self, Zip};
use baregrad::kernels::math;
use baregrad::net::{Backward, Mode};
use baregrad::prelude::*;
use baregrad::tensor::{Yes, Zero};
use common::table::{Table, Work};
use common::{assert_close, hide, hide_mut, keep, numbers, plain, zeros};
use criterion::{Criterion, criterion_group, criterion_main};
use std::time::Duration;
use wide::f32x16;

type Numbers = [f32; 1024];

/// Numbers in [−8, 8).
fn signed() -> &'static Numbers {
    let [x] = numbers::<1024, 1>(1);
    x.iter_mut().for_each(|x| *x *= 8.0);
    x
}

/// Numbers in (0, 8].
fn positive() -> &'static Numbers {
    keep(signed().map(|x| x.abs() + 1e-3))
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

/// A row of one function, with or without a twin in `wide`.
fn function(
    table: &mut Table,
    name: &str,
    x: &'static Numbers,
    ours: impl Fn(&Numbers, &mut Numbers),
    plain: impl Fn(&Numbers, &mut Numbers),
    wide: Option<&dyn Fn(&Numbers, &mut Numbers)>,
) {
    let ([y], [y_plain], [y_wide]) = (zeros::<1024, 1>(), zeros::<1024, 1>(), zeros::<1024, 1>());
    ours(x, y);
    plain(x, y_plain);
    assert_close(y, y_plain, 2e-6);
    if let Some(wide) = wide {
        wide(x, y_wide);
        assert_close(y_wide, y_plain, 2e-6);
    }
    let (ours, plain) = (|| ours(hide(x), hide_mut(y)), || plain(hide(x), hide_mut(y_plain)));
    match wide {
        None => table.row(name, Work::Elements(1024), ours, plain),
        Some(wide) => {
            table.row_beside_wide(name, Work::Elements(1024), ours, plain, || wide(hide(x), hide_mut(y_wide)))
        }
    };
}

/// A row of one function of `math`.
macro_rules! math {
    ($table:ident, $name:ident, $x:expr, $plain:expr, $wide:expr) => {{
        struct Function;
        impl Zip for Function {
            #[inline(always)]
            fn zip<V: Lanes>(&self, x: V, _: V) -> V {
                math::$name(x)
            }
        }
        let ours = |x: &Numbers, y: &mut Numbers| elementwise::zip(&Function, x, y);
        function($table, stringify!($name), $x, ours, each($plain), $wide);
    }};
}

fn functions(c: &mut Criterion) {
    let table = &mut Table::new(c, "functions");
    let one = f32x16::splat(1.0);
    math!(table, exp, signed(), f32::exp, Some(&sixteen(|x| x.exp())));
    math!(table, tanh, signed(), f32::tanh, Some(&sixteen(|x| x.tanh())));
    math!(table, sigmoid, signed(), plain::sigmoid, Some(&sixteen(|x| one / (one + (-x).exp()))));
    math!(table, exp_m1, signed(), f32::exp_m1, Some(&sixteen(|x| x.exp_m1())));
    math!(table, ln, positive(), f32::ln, Some(&sixteen(|x| x.ln())));
    math!(table, ln_1p, positive(), f32::ln_1p, Some(&sixteen(|x| x.ln_1p())));
    math!(table, softplus, signed(), softplus, None);
    math!(table, erf, signed(), libm::erff, None);
    math!(table, normal_density, signed(), density, None);
    math!(table, reciprocal_sqrt, positive(), |x| 1.0 / x.sqrt(), Some(&sixteen(|x| one / x.sqrt())));
}

/// What layers are fed with.
fn inputs<const N: usize, const M: usize>() -> &'static [[f32; N]; M] {
    let x = numbers::<N, M>(1);
    x.as_flattened_mut().iter_mut().for_each(|x| *x *= 8.0);
    x
}

/// A layer's rows, forward and backward, on `M` samples. The plain twins take one: `x` and `y`; its index, `x`, `y`, `dy`
/// and `dx`.
fn layer<L: Backward<[f32; N], Y = [f32; N]>, const N: usize, const M: usize>(
    table: &mut Table,
    name: &str,
    forward: impl Fn(&[f32; N], &mut [f32; N]),
    backward: impl Fn(usize, &[f32; N], &[f32; N], &[f32; N], &mut [f32; N]),
) {
    let (layer, trace) = (&*keep(L::NEW), keep(<L::Trace<M, Yes> as Zero>::ZERO));
    let (x, dy) = (inputs::<N, M>(), numbers::<N, M>(2));
    let (y, y_plain) = (zeros::<N, M>(), zeros::<N, M>());
    let (dx, dx_plain) = (zeros::<N, M>(), zeros::<N, M>());
    let forward = |y: &mut [[f32; N]; M]| hide(x).iter().zip(y).for_each(|(x, y)| forward(x, y));
    let backward = |y: &[[f32; N]; M], dy: &[[f32; N]; M], dx: &mut [[f32; N]; M]| {
        let samples = hide(x).iter().zip(hide(y)).zip(hide(dy)).zip(dx).enumerate();
        samples.for_each(|(i, (((x, y), dy), dx))| backward(i, x, y, dy, dx));
    };

    layer.forward::<M, Yes>(x, y, trace, Mode::infer());
    forward(y_plain);
    assert_close(y.as_flattened(), y_plain.as_flattened(), 5e-6);
    layer.backward::<M, Yes>(x, y, trace, dy, Some(dx));
    backward(y_plain, dy, dx_plain);
    assert_close(dx.as_flattened(), dx_plain.as_flattened(), 5e-6);

    // Both sides hide as many references: each takes half a nanosecond.
    table.row(
        name,
        Work::Elements(N * M),
        || layer.forward::<M, Yes>(hide(x), hide_mut(y), hide_mut(trace), Mode::infer()),
        || {
            hide(&());
            forward(hide_mut(y_plain));
        },
    );
    let dy_plain = numbers::<N, M>(2);
    table.row(
        &format!("{name} backward"),
        Work::Elements(N * M),
        || layer.backward::<M, Yes>(hide(x), hide(y), hide_mut(trace), hide_mut(dy), Some(hide_mut(dx))),
        || {
            hide(&());
            backward(y_plain, dy_plain, hide_mut(dx_plain));
        },
    );
}

/// An activation of single numbers; `slope` is a function of `x` and `y`.
fn activation<A: Activation>(table: &mut Table, value: impl Fn(f32) -> f32, slope: impl Fn(f32, f32) -> f32) {
    let backward = |_: usize, x: &Numbers, y: &Numbers, dy: &Numbers, dx: &mut Numbers| {
        for i in 0..1024 {
            dx[i] = dy[i] * slope(x[i], y[i]);
        }
    };
    layer::<Activate<A>, 1024, 1>(table, A::NAME, each(value), backward);
}

fn softplus(x: f32) -> f32 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn density(x: f32) -> f32 {
    (-0.5 * x * x).exp() * 0.398_942_3
}

/// The share of a normal distribution that lies below x.
fn below(x: f32) -> f32 {
    0.5 * (1.0 + libm::erff(x * std::f32::consts::FRAC_1_SQRT_2))
}

fn gelu_tanh(x: f32) -> f32 {
    0.5 * x * (1.0 + (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh())
}

fn gelu_tanh_slope(x: f32) -> f32 {
    let t = (0.797_884_6 * (x + 0.044_715 * x * x * x)).tanh();
    0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.797_884_6 * (1.0 + 0.134_145 * x * x)
}

fn silu_slope(x: f32) -> f32 {
    let s = plain::sigmoid(x);
    s * (1.0 + x * (1.0 - s))
}

fn hard_swish_slope(x: f32) -> f32 {
    if x <= -3.0 {
        0.0
    } else if x < 3.0 {
        (2.0 * x + 3.0) / 6.0
    } else {
        1.0
    }
}

fn activations(c: &mut Criterion) {
    let t = &mut Table::new(c, "activations");
    activation::<Linear>(t, plain::identity, |_, _| 1.0);
    activation::<Relu>(t, plain::relu, |_, y| if y > 0.0 { 1.0 } else { 0.0 });
    activation::<Relu6>(t, |x| x.clamp(0.0, 6.0), |_, y| if y > 0.0 && y < 6.0 { 1.0 } else { 0.0 });
    activation::<LeakyRelu>(t, |x| if x < 0.0 { 0.2 * x } else { x }, |x, _| if x < 0.0 { 0.2 } else { 1.0 });
    activation::<HardSigmoid>(
        t,
        |x| (x + 3.0).clamp(0.0, 6.0) / 6.0,
        |x, _| if x.abs() < 3.0 { 1.0 / 6.0 } else { 0.0 },
    );
    activation::<HardSwish>(t, |x| x * (x + 3.0).clamp(0.0, 6.0) / 6.0, |x, _| hard_swish_slope(x));
    activation::<Softsign>(t, |x| x / (1.0 + x.abs()), |x, _| 1.0 / ((1.0 + x.abs()) * (1.0 + x.abs())));
    activation::<Sigmoid>(t, plain::sigmoid, |_, y| y * (1.0 - y));
    activation::<Tanh>(t, f32::tanh, |_, y| 1.0 - y * y);
    activation::<Silu>(t, |x| x * plain::sigmoid(x), |x, _| silu_slope(x));
    activation::<Softplus>(t, softplus, |x, _| plain::sigmoid(x));
    activation::<Elu>(t, |x| if x < 0.0 { x.exp_m1() } else { x }, |x, y| if x < 0.0 { y + 1.0 } else { 1.0 });
    activation::<Selu>(
        t,
        |x| 1.050_701 * if x < 0.0 { 1.673_263_2 * x.exp_m1() } else { x },
        |x, y| if x < 0.0 { y + 1.758_099_3 } else { 1.050_701 },
    );
    activation::<Gelu>(t, |x| x * below(x), |x, _| below(x) + x * density(x));
    activation::<GeluTanh>(t, gelu_tanh, |x, _| gelu_tanh_slope(x));
}

fn softmax<const N: usize>(x: &[f32; N], y: &mut [f32; N]) {
    *y = *x;
    plain::softmax(y);
}

fn softmax_backward<const N: usize>(_: usize, _: &[f32; N], y: &[f32; N], dy: &[f32; N], dx: &mut [f32; N]) {
    let sum: f32 = y.iter().zip(dy).map(|(y, dy)| y * dy).sum();
    for i in 0..N {
        dx[i] = y[i] * (dy[i] - sum);
    }
}

fn log_softmax<const N: usize>(x: &[f32; N], y: &mut [f32; N]) {
    let max = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let log_sum = x.iter().map(|x| (x - max).exp()).sum::<f32>().ln();
    for i in 0..N {
        y[i] = x[i] - max - log_sum;
    }
}

fn log_softmax_backward<const N: usize>(_: usize, _: &[f32; N], y: &[f32; N], dy: &[f32; N], dx: &mut [f32; N]) {
    let sum: f32 = dy.iter().sum();
    for i in 0..N {
        dx[i] = dy[i] - y[i].exp() * sum;
    }
}

/// Mean, and 1 / √(variance + ε).
fn statistics<const N: usize>(x: &[f32; N]) -> (f32, f32) {
    let mean = x.iter().sum::<f32>() / N as f32;
    let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / N as f32;
    (mean, 1.0 / (variance + 1e-3).sqrt())
}

fn layer_norm<const N: usize>(x: &[f32; N], y: &mut [f32; N], gamma: &[f32; N], beta: &[f32; N]) {
    let (mean, scale) = statistics(x);
    for i in 0..N {
        y[i] = (x[i] - mean) * scale * gamma[i] + beta[i];
    }
}

fn layer_norm_backward<const N: usize>(
    x: &[f32; N],
    (mean, scale): (f32, f32),
    gamma: &[f32; N],
    dy: &[f32; N],
    dx: &mut [f32; N],
) {
    let (mut average, mut slant) = (0.0, 0.0);
    for i in 0..N {
        average += dy[i] * gamma[i] / N as f32;
        slant += dy[i] * gamma[i] * (x[i] - mean) * scale / N as f32;
    }
    for i in 0..N {
        dx[i] = scale * (dy[i] * gamma[i] - average - (x[i] - mean) * scale * slant);
    }
}

/// On samples of `N` numbers, `M` of them.
fn of_samples<const N: usize, const M: usize>(t: &mut Table) {
    layer::<Activate<Softmax>, N, M>(t, &format!("softmax {M}×{N}"), softmax, softmax_backward);
    layer::<Activate<LogSoftmax>, N, M>(t, &format!("log_softmax {M}×{N}"), log_softmax, log_softmax_backward);
    let (gamma, beta) = (&*keep([1.0; N]), &*keep([0.0; N]));
    let trace = &*keep(inputs::<N, M>().each_ref().map(statistics));
    layer::<LayerNorm<N>, N, M>(
        t,
        &format!("layer norm {M}×{N}"),
        |x, y| layer_norm(x, y, hide(gamma), hide(beta)),
        |i, x, _, dy, dx| layer_norm_backward(x, hide(trace)[i], hide(gamma), dy, dx),
    );
}

fn samples(c: &mut Criterion) {
    let table = &mut Table::new(c, "samples");
    of_samples::<1024, 1>(table);
    of_samples::<64, 16>(table);
    of_samples::<10, 100>(table);
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(500));
    targets = functions, activations, samples
}
criterion_main!(benches);

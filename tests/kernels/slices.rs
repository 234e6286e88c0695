//! The kernels on slices against f64 twins, for all lengths 0–67.

use crate::common::catalogue::{OptimizerVisitor, for_each_optimizer};
use crate::common::naive;
use crate::common::numbers::{assert_close, bits, uniform, widen};
use baregrad::Lanes;
use baregrad::kernels::elementwise::{self, Map, Zip};
use baregrad::kernels::reduce::{self, First, Product};
use baregrad::kernels::{norm, softmax};
use baregrad::optimizers::{MomentsOf, Optimizer, update};

const LENGTHS: std::ops::Range<usize> = 0..68;

/// x / 2 + 1.
struct Half;
impl Map for Half {
    fn map<V: Lanes>(&self, x: V) -> V {
        x * x.splat(0.5) + x.splat(1.0)
    }
}

/// x − 2 y.
struct Less;
impl Zip for Less {
    fn zip<V: Lanes>(&self, x: V, y: V) -> V {
        x - y * y.splat(2.0)
    }
}

#[test]
fn elementwise() {
    for n in LENGTHS {
        let x = uniform(n, -1.0, 1.0, 1);
        // What lies behind the slice must stay.
        let mut y = uniform(n + 20, -1.0, 1.0, 2);
        let before = y.clone();
        elementwise::map(&Half, &mut y[..n]);
        let want: Vec<f32> = before.iter().enumerate().map(|(i, y)| if i < n { y * 0.5 + 1.0 } else { *y }).collect();
        assert_eq!(bits(&y), bits(&want), "map, length {n}");

        y.copy_from_slice(&before);
        elementwise::zip(&Less, &x, &mut y[..n]);
        let at = |i: usize| if i < n { x[i] - before[i] * 2.0 } else { before[i] };
        assert_eq!(bits(&y), bits(&(0..n + 20).map(at).collect::<Vec<_>>()), "zip, length {n}");

        y.copy_from_slice(&before);
        elementwise::add(&x, &mut y);
        let at = |i: usize| if i < n { x[i] + before[i] } else { before[i] };
        assert_eq!(bits(&y), bits(&(0..n + 20).map(at).collect::<Vec<_>>()), "add, length {n}");
    }
}

#[test]
fn reduce() {
    for n in LENGTHS {
        let (x, y) = (uniform(n, -1.0, 1.0, 3), uniform(n, -1.0, 1.0, 4));
        let (x64, y64) = (widen(&x), widen(&y));
        assert_close(&[reduce::sum(&First, &x, &x)], &[x64.iter().sum()], 1e-6, "sum");
        let dot = x64.iter().zip(&y64).map(|(x, y)| x * y).sum();
        assert_close(&[reduce::sum(&Product, &x, &y)], &[dot], 1e-6, "sum of products");
        assert_eq!(reduce::max(&x), x.iter().copied().fold(f32::NEG_INFINITY, f32::max), "length {n}");
        let first = x.iter().position(|v| *v == reduce::max(&x)).unwrap_or(0);
        assert_eq!(reduce::argmax(&x), first, "length {n}");
        // Padding must not count, even where the function makes something of it.
        assert_close(&[reduce::sum(&PlusOne, &x, &x)], &[x64.iter().sum::<f64>() + n as f64], 1e-6, "sum of x + 1");
    }
}

/// x + 1, which is not 0 of padding.
struct PlusOne;
impl Zip for PlusOne {
    fn zip<V: Lanes>(&self, x: V, _: V) -> V {
        x + x.splat(1.0)
    }
}

type ChainRule = fn(&[f32], Option<&[f32]>, &mut [f32]);

#[test]
fn softmax_and_its_gradients() {
    for n in LENGTHS.skip(1) {
        for (scale, shift) in [(1.0, 0.0), (30.0, 0.0), (1.0, 1000.0), (1.0, -1000.0)] {
            let z: Vec<f32> = uniform(n, -scale, scale, 5).iter().map(|z| z + shift).collect();
            let z64 = widen(&z);
            let dy = uniform(n, -1.0, 1.0, 6);
            for (name, f, gradient) in [
                ("softmax", softmax::softmax as fn(&mut [f32]), softmax::softmax_gradient as ChainRule),
                ("log_softmax", softmax::log_softmax, softmax::log_softmax_gradient),
            ] {
                let what = format!("{name} of {n} around {shift} ± {scale}");
                let mut y = z.clone();
                f(&mut y);
                // The logarithm's own size, up to 60, is what rounding is relative to.
                assert_close(&y, &naive::activate(name, &z64), 1e-6, &what);
                let (mut dz, mut in_place) = (vec![f32::NAN; n], dy.clone());
                gradient(&y, Some(&dy), &mut dz);
                gradient(&y, None, &mut in_place);
                assert_eq!(dz, in_place);
                assert_close(&dz, &naive::chain_rule(name, &z64, &widen(&dy)), 5e-6, &format!("gradient of {what}"));
            }
            let want = z64.iter().map(|z| (z - f64::from(shift)).exp()).sum::<f64>().ln() + f64::from(shift);
            let (max, log_sum) = softmax::log_sum_exp(&z);
            assert_close(&[max + log_sum], &[want], 1e-6, "log_sum_exp");
            let mut y = z.clone();
            let (max, log_sum) = softmax::scaled_softmax(&mut y, 0.25);
            assert_close(&[max + log_sum], &[want], 1e-6, "scaled_softmax");
            let quarter: Vec<f64> = naive::activate("softmax", &z64).iter().map(|p| 0.25 * p).collect();
            assert_close(&y, &quarter, 1e-6, "scaled_softmax");
        }
    }
}

#[test]
fn layer_norm() {
    for n in LENGTHS.skip(1) {
        let (x, gamma, beta) = (uniform(n, -2.0, 3.0, 7), uniform(n, 0.5, 1.5, 8), uniform(n, -1.0, 1.0, 9));
        let [mean, scale] = norm::statistics(&x, 1e-3);
        let mut y = vec![f32::NAN; n];
        norm::normalise(&x, [mean, scale], &gamma, &beta, &mut y);
        // One number has the variance 0: its distance from the mean is rounding, 32 times enlarged.
        let want = naive::layer_norm(&widen(&x), &widen(&gamma), &widen(&beta), 1e-3);
        assert_close(&y, &want, 2e-6, &format!("layer norm of {n}"));
    }
}

/// Ten steps of each optimiser over each length.
struct Steps;

impl OptimizerVisitor for Steps {
    fn visit<O: Optimizer + Clone>(&mut self, stem: &'static str, variant: &'static str, optimizer: O) {
        // The length of the tensor does not matter to the kernel: parts of one tensor are updated.
        for n in LENGTHS {
            let mut optimizer = optimizer.clone();
            let mut state = <MomentsOf<O, [f32; 70]> as baregrad::tensor::Zero>::ZERO;
            let mut w: [f32; 70] = uniform(70, -1.0, 1.0, 10).try_into().unwrap();
            let before = w;
            let (mut w64, mut twin) = (widen(&w[1..1 + n]), naive::optimizers::Optimizer::new(stem, variant, n));
            for step in 0..10 {
                let grad = uniform(n, -1.0, 1.0, 20 + step);
                optimizer.begin_step();
                update(&optimizer, &mut w, 1, grad.as_slice(), &mut state);
                twin.step(&mut w64, &widen(&grad));
            }
            assert_close(&w[1..1 + n], &w64, 1e-6, &format!("{stem} {variant} on {n} weights"));
            assert_eq!(w[0], before[0], "{stem}: the weight before");
            assert_eq!(w[1 + n..], before[1 + n..], "{stem}: the weights behind");
        }
    }
}

#[test]
fn optimizers() {
    for_each_optimizer(&mut Steps);
}

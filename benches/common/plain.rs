//! What a good engineer writes in ten minutes: const-generic arrays and plain loops.

use super::Aligned;

/// `y = x · w`, as Rust has it: the compiler knows the shapes of both sides, the number of samples of neither.
pub fn product<const K: usize, const N: usize>(x: &[[f32; K]], w: &[[f32; N]; K], y: &mut [[f32; N]]) {
    for (x, y) in x.iter().zip(y) {
        let mut sum = [0.0; N];
        for k in 0..K {
            for n in 0..N {
                sum[n] += x[k] * w[k][n];
            }
        }
        *y = sum;
    }
}

/// `dx = dy · wᵀ`.
pub fn input_gradient<const I: usize, const O: usize>(dy: &[[f32; O]], w: &[[f32; O]; I], dx: &mut [[f32; I]]) {
    for (dy, dx) in dy.iter().zip(dx) {
        for i in 0..I {
            dx[i] = 0.0;
            for o in 0..O {
                dx[i] += w[i][o] * dy[o];
            }
        }
    }
}

/// `dw = xᵀ · dy`.
pub fn weight_gradient<const I: usize, const O: usize>(x: &[[f32; I]], dy: &[[f32; O]], dw: &mut [[f32; O]; I]) {
    *dw = [[0.0; O]; I];
    for (x, dy) in x.iter().zip(dy) {
        for i in 0..I {
            for o in 0..O {
                dw[i][o] += x[i] * dy[o];
            }
        }
    }
}

pub struct Dense<const I: usize, const O: usize> {
    pub w: [[f32; O]; I],
    pub b: [f32; O],
}

impl<const I: usize, const O: usize> Dense<I, O> {
    pub const ZERO: Self = Dense { w: [[0.0; O]; I], b: [0.0; O] };

    pub fn forward(&self, x: &[f32; I], y: &mut [f32; O], activation: impl Fn(f32) -> f32) {
        let mut z = self.b;
        for i in 0..I {
            for o in 0..O {
                z[o] += x[i] * self.w[i][o];
            }
        }
        for o in 0..O {
            y[o] = activation(z[o]);
        }
    }

    /// Adds to `grad`; `dz` is the gradient before the activation.
    pub fn backward(&self, x: &[f32; I], dz: &[f32; O], dx: Option<&mut [f32; I]>, grad: &mut Self) {
        for i in 0..I {
            for o in 0..O {
                grad.w[i][o] += x[i] * dz[o];
            }
        }
        for o in 0..O {
            grad.b[o] += dz[o];
        }
        if let Some(dx) = dx {
            for i in 0..I {
                dx[i] = 0.0;
                for o in 0..O {
                    dx[i] += self.w[i][o] * dz[o];
                }
            }
        }
    }

    fn tensors(&mut self) -> [&mut [f32]; 2] {
        [self.w.as_flattened_mut(), &mut self.b]
    }
}

/// A layer with its gradient and moments.
pub struct Trained<const I: usize, const O: usize> {
    pub net: Dense<I, O>,
    pub grad: Dense<I, O>,
    m: Dense<I, O>,
    v: Dense<I, O>,
}

impl<const I: usize, const O: usize> Trained<I, O> {
    pub fn new(w: [[f32; O]; I], b: [f32; O]) -> Self {
        Trained { net: Dense { w, b }, grad: Dense::ZERO, m: Dense::ZERO, v: Dense::ZERO }
    }

    /// Keras' Adam; clears the gradient.
    pub fn adam(&mut self, rate: f32) {
        let [w, g] = [self.net.tensors(), self.grad.tensors()];
        let [m, v] = [self.m.tensors(), self.v.tensors()];
        for (((w, g), m), v) in w.into_iter().zip(g).zip(m).zip(v) {
            for (((w, g), m), v) in w.iter_mut().zip(g).zip(m).zip(v) {
                *m += (*g - *m) * (1.0 - 0.9);
                *v += (*g * *g - *v) * (1.0 - 0.999);
                *w -= rate * *m / (v.sqrt() + 1e-7);
                *g = 0.0;
            }
        }
    }
}

/// α of step `t`, from 1.
pub fn adam_rate(t: i32) -> f32 {
    1e-3 * (1.0 - 0.999_f32.powi(t)).sqrt() / (1.0 - 0.9_f32.powi(t))
}

pub fn relu(z: f32) -> f32 {
    z.max(0.0)
}

pub fn identity(z: f32) -> f32 {
    z
}

pub fn sigmoid(z: f32) -> f32 {
    1.0 / (1.0 + (-z).exp())
}

pub fn softmax<const N: usize>(y: &mut [f32; N]) {
    let max = y.iter().fold(f32::NEG_INFINITY, |a, b| a.max(*b));
    let mut sum = 0.0;
    for y in y.iter_mut() {
        *y = (*y - max).exp();
        sum += *y;
    }
    for y in y {
        *y /= sum;
    }
}

/// Two layers that train on batches of `B` with softmax cross-entropy and Adam: rows T2 and T3.
pub struct Classifier<const I: usize, const H: usize, const O: usize, const B: usize> {
    pub first: Trained<I, H>,
    pub second: Trained<H, O>,
    step: i32,
}

impl<const I: usize, const H: usize, const O: usize, const B: usize> Classifier<I, H, O, B> {
    pub fn new(first: Trained<I, H>, second: Trained<H, O>) -> Self {
        Classifier { first, second, step: 0 }
    }

    pub fn step(&mut self, x: &[[f32; I]; B], targets: &[u8; B]) -> f32 {
        let mut loss = 0.0;
        for (x, target) in x.iter().zip(targets) {
            let (mut h, mut y, mut dh) = (Aligned([0.0; H]), Aligned([0.0; O]), Aligned([0.0; H]));
            self.first.net.forward(x, &mut h, relu);
            self.second.net.forward(&h, &mut y, identity);
            softmax(&mut y);
            loss -= y[usize::from(*target)].ln() / B as f32;
            y[usize::from(*target)] -= 1.0;
            let dz = Aligned(y.map(|y| y / B as f32));
            self.second.net.backward(&h, &dz, Some(&mut dh), &mut self.second.grad);
            for j in 0..H {
                dh[j] = if h[j] > 0.0 { dh[j] } else { 0.0 };
            }
            self.first.net.backward(x, &dh, None, &mut self.first.grad);
        }
        self.step += 1;
        let rate = adam_rate(self.step);
        self.first.adam(rate);
        self.second.adam(rate);
        loss
    }
}

/// Row T4: 16 → 32 tanh → 4, mean squared error, one sample.
pub struct Regressor {
    pub first: Trained<16, 32>,
    pub second: Trained<32, 4>,
    step: i32,
}

impl Regressor {
    pub fn new(first: Trained<16, 32>, second: Trained<32, 4>) -> Self {
        Regressor { first, second, step: 0 }
    }

    pub fn step(&mut self, x: &[f32; 16], target: &[f32; 4]) -> f32 {
        let (mut h, mut y, mut dh) = (Aligned([0.0; 32]), Aligned([0.0; 4]), Aligned([0.0; 32]));
        self.first.net.forward(x, &mut h, f32::tanh);
        self.second.net.forward(&h, &mut y, identity);
        let mut loss = 0.0;
        let mut dy = Aligned([0.0; 4]);
        for o in 0..4 {
            let d = y[o] - target[o];
            loss += d * d / 4.0;
            dy[o] = d / 2.0;
        }
        self.second.net.backward(&h, &dy, Some(&mut dh), &mut self.second.grad);
        for j in 0..32 {
            dh[j] *= 1.0 - h[j] * h[j];
        }
        self.first.net.backward(x, &dh, None, &mut self.first.grad);
        self.step += 1;
        let rate = adam_rate(self.step);
        self.first.adam(rate);
        self.second.adam(rate);
        loss
    }
}

/// `D` layers of `N` → `N` relu that train on batches of `B` with the mean squared error and Adam.
pub struct Deep<const N: usize, const D: usize, const B: usize> {
    pub layers: [Trained<N, N>; D],
    step: i32,
}

impl<const N: usize, const D: usize, const B: usize> Deep<N, D, B> {
    pub fn new(weights: impl Fn(usize) -> [[f32; N]; N]) -> Self {
        Deep { layers: std::array::from_fn(|layer| Trained::new(weights(layer), [0.0; N])), step: 0 }
    }

    /// `h` holds what the layers put out; gives the last output.
    pub fn infer<'h>(&self, x: &[f32; N], h: &'h mut [[f32; N]; D]) -> &'h [f32; N] {
        for i in 0..D {
            let (before, rest) = h.split_at_mut(i);
            self.layers[i].net.forward(before.last().unwrap_or(x), &mut rest[0], relu);
        }
        &h[D - 1]
    }

    pub fn step(&mut self, x: &[[f32; N]; B], targets: &[[f32; N]; B]) -> f32 {
        let mut loss = 0.0;
        for (x, target) in x.iter().zip(targets) {
            let mut h = Aligned([[0.0; N]; D]);
            let (mut dy, mut dx) = (Aligned([0.0; N]), Aligned([0.0; N]));
            let y = self.infer(x, &mut h);
            for n in 0..N {
                let d = y[n] - target[n];
                loss += d * d / (B * N) as f32;
                dy[n] = 2.0 * d / (B * N) as f32;
            }
            for i in (0..D).rev() {
                for n in 0..N {
                    dy[n] = if h[i][n] > 0.0 { dy[n] } else { 0.0 };
                }
                let Trained { net, grad, .. } = &mut self.layers[i];
                if i == 0 {
                    net.backward(x, &dy, None, grad);
                } else {
                    net.backward(&h[i - 1], &dy, Some(&mut dx), grad);
                }
                std::mem::swap(&mut dy, &mut dx);
            }
        }
        self.step += 1;
        let rate = adam_rate(self.step);
        self.layers.iter_mut().for_each(|layer| layer.adam(rate));
        loss
    }
}

/// Row T1: 2 → 2 relu → 1 sigmoid, binary cross-entropy, batch 1, in order. Gives the last epoch's mean loss.
pub fn xor(first: &mut Trained<2, 2>, second: &mut Trained<2, 1>, x: &[[f32; 2]; 4], t: &[[f32; 1]; 4]) -> f32 {
    // 1 − βᵗ: the powers themselves would soon be subnormal, which is slow.
    let (mut correction_1, mut correction_2, mut total) = (0.0_f32, 0.0_f32, 0.0);
    for _ in 0..1000 {
        total = 0.0;
        for (x, t) in x.iter().zip(t) {
            let (mut h, mut y, mut dh) = (Aligned([0.0; 2]), Aligned([0.0; 1]), Aligned([0.0; 2]));
            first.net.forward(x, &mut h, relu);
            second.net.forward(&h, &mut y, sigmoid);
            let p = y[0].clamp(1e-7, 1.0 - 1e-7);
            total -= t[0] * p.ln() + (1.0 - t[0]) * (1.0 - p).ln();
            let dz = [y[0] - t[0]];
            second.net.backward(&h, &dz, Some(&mut dh), &mut second.grad);
            for j in 0..2 {
                dh[j] = if h[j] > 0.0 { dh[j] } else { 0.0 };
            }
            first.net.backward(x, &dh, None, &mut first.grad);
            correction_1 = 0.9 * correction_1 + (1.0 - 0.9);
            correction_2 = 0.999 * correction_2 + (1.0 - 0.999);
            let rate = 1e-3 * correction_2.sqrt() / correction_1;
            first.adam(rate);
            second.adam(rate);
        }
    }
    total / 4.0
}

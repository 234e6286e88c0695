//! Convolutions as [`plain`] has dense layers: channels last, and the innermost loop over the channels of the output. Weights
//! are those of baregrad's layers, in Keras' order.

use super::nets::{Cnn, Convolution, Depthwise, DsCnn, Map, Pointwise, ResNet8};
use super::plain::{Trained, adam_rate, identity, relu, softmax};
use baregrad::prelude::*;
use baregrad::tensor::Zero;
use std::array::from_fn;

/// A convolution of `KH` by `KW` taps and this stride.
struct Kernel<const KH: usize, const KW: usize, const S: usize>;

/// The taps with which an output sees inputs, and these inputs. Padding is the least that there can be, half of it on each side.
fn taps(taps: usize, stride: usize, [inputs, outputs]: [usize; 2], output: usize) -> impl Iterator<Item = [usize; 2]> {
    let before = ((outputs - 1) * stride + taps).saturating_sub(inputs) / 2;
    let first = output * stride;
    (before.saturating_sub(first)..taps.min(inputs + before - first)).map(move |tap| [tap, first + tap - before])
}

impl<const KH: usize, const KW: usize, const S: usize> Kernel<KH, KW, S> {
    /// `w` has a row for each tap and input channel.
    fn convolve<const H: usize, const L: usize, const C: usize, const M: usize, const N: usize, const O: usize>(
        x: &Image<H, L, C>,
        w: &[[f32; O]],
        b: &[f32; O],
        y: &mut Image<M, N, O>,
        activation: impl Fn(f32) -> f32,
    ) {
        for (r, y) in y.iter_mut().enumerate() {
            for (c, y) in y.iter_mut().enumerate() {
                let mut sum = *b;
                for [i, row] in taps(KH, S, [H, M], r) {
                    for [j, column] in taps(KW, S, [L, N], c) {
                        let w = &w[(i * KW + j) * C..][..C];
                        for (x, w) in x[row][column].iter().zip(w) {
                            for o in 0..O {
                                sum[o] += x * w[o];
                            }
                        }
                    }
                }
                *y = sum.map(&activation);
            }
        }
    }

    /// `w` has a row for each tap.
    fn filter<const H: usize, const L: usize, const C: usize, const M: usize, const N: usize>(
        x: &Image<H, L, C>,
        w: &[[f32; C]],
        b: &[f32; C],
        y: &mut Image<M, N, C>,
        activation: impl Fn(f32) -> f32,
    ) {
        for (r, y) in y.iter_mut().enumerate() {
            for (c, y) in y.iter_mut().enumerate() {
                let mut sum = *b;
                for [i, row] in taps(KH, S, [H, M], r) {
                    for [j, column] in taps(KW, S, [L, N], c) {
                        let (x, w) = (&x[row][column], &w[i * KW + j]);
                        for k in 0..C {
                            sum[k] += x[k] * w[k];
                        }
                    }
                }
                *y = sum.map(&activation);
            }
        }
    }

    /// Adds to `dw` and `db`.
    fn weight_gradient<
        const H: usize,
        const L: usize,
        const C: usize,
        const M: usize,
        const N: usize,
        const O: usize,
    >(
        x: &Image<H, L, C>,
        dz: &Image<M, N, O>,
        dw: &mut [[f32; O]],
        db: &mut [f32; O],
    ) {
        for (r, dz) in dz.iter().enumerate() {
            for (c, dz) in dz.iter().enumerate() {
                for o in 0..O {
                    db[o] += dz[o];
                }
                for [i, row] in taps(KH, S, [H, M], r) {
                    for [j, column] in taps(KW, S, [L, N], c) {
                        let dw = &mut dw[(i * KW + j) * C..][..C];
                        for (x, dw) in x[row][column].iter().zip(dw) {
                            for o in 0..O {
                                dw[o] += x * dz[o];
                            }
                        }
                    }
                }
            }
        }
    }

    /// `w` has a row for each tap and output channel, so that the innermost loop is over the channels of the input.
    fn input_gradient<
        const H: usize,
        const L: usize,
        const C: usize,
        const M: usize,
        const N: usize,
        const O: usize,
    >(
        dz: &Image<M, N, O>,
        w: &[[f32; C]],
        dx: &mut Image<H, L, C>,
    ) {
        *dx = [[[0.0; C]; L]; H];
        for (r, dz) in dz.iter().enumerate() {
            for (c, dz) in dz.iter().enumerate() {
                for [i, row] in taps(KH, S, [H, M], r) {
                    for [j, column] in taps(KW, S, [L, N], c) {
                        let (dx, w) = (&mut dx[row][column], &w[(i * KW + j) * O..][..O]);
                        for (dz, w) in dz.iter().zip(w) {
                            for k in 0..C {
                                dx[k] += dz * w[k];
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The mean of all places.
fn average<const H: usize, const L: usize, const C: usize>(x: &Image<H, L, C>) -> [f32; C] {
    let mut sum = [0.0; C];
    for x in x.as_flattened() {
        for k in 0..C {
            sum[k] += x[k];
        }
    }
    sum.map(|sum| sum / (H * L) as f32)
}

/// One step of a stream: row C1.
pub fn push<const C: usize, const O: usize, const K: usize>(
    window: &mut [[f32; C]; K],
    x: &[f32; C],
    w: &[[[f32; O]; C]; K],
    b: &[f32; O],
) -> [f32; O] {
    window.copy_within(1.., 0);
    window[K - 1] = *x;
    let mut y = *b;
    for (x, w) in window.as_flattened().iter().zip(w.as_flattened()) {
        for o in 0..O {
            y[o] += x * w[o];
        }
    }
    y
}

/// The twin of a net.
pub trait Twin: Network {
    /// What it keeps between its layers.
    type Work: Zero + 'static;
    /// Infers one sample, with the weights of the net.
    fn plain(&self, x: &Self::Input, y: &mut Self::Y, work: &mut Self::Work);
}

impl Twin for Convolution {
    type Work = ();
    fn plain(&self, x: &Self::Input, y: &mut Self::Y, (): &mut ()) {
        Kernel::<3, 3, 1>::convolve(x, flat(&self.w), &self.b, y, relu);
    }
}

impl Twin for Depthwise {
    type Work = ();
    fn plain(&self, x: &Map, y: &mut Map, (): &mut ()) {
        Kernel::<3, 3, 1>::filter(x, self.w.as_flattened(), &self.b, y, identity);
    }
}

impl Twin for Pointwise {
    type Work = ();
    fn plain(&self, x: &Map, y: &mut Map, (): &mut ()) {
        Kernel::<1, 1, 1>::convolve(x, flat(&self.w), &self.b, y, identity);
    }
}

impl Twin for DsCnn {
    type Work = [Map; 2];
    fn plain(&self, x: &Image<49, 10, 1>, y: &mut [f32; 12], [even, odd]: &mut [Map; 2]) {
        let Chain(first, Chain(b1, Chain(b2, Chain(b3, Chain(b4, Chain(_, last)))))) = self;
        Kernel::<10, 4, 2>::convolve(x, flat(&first.w), &first.b, even, relu);
        for Chain(filter, mix) in [b1, b2, b3, b4] {
            Kernel::<3, 3, 1>::filter(even, filter.w.as_flattened(), &filter.b, odd, relu);
            Kernel::<1, 1, 1>::convolve(odd, flat(&mix.w), &mix.b, even, relu);
        }
        *y = dense(&average(even), last);
        softmax(y);
    }
}

impl Twin for ResNet8 {
    type Work = ([Image<32, 32, 16>; 3], [Image<16, 16, 32>; 3], [Image<8, 8, 64>; 3]);
    fn plain(&self, x: &Image<32, 32, 3>, y: &mut [f32; 10], (a, b, c): &mut Self::Work) {
        let Chain(first, Chain(one, Chain(two, Chain(three, Chain(_, last))))) = self;
        let ([x0, h, x1], Chain(Residual(Chain(conv1, conv2)), _)) = (a, one);
        Kernel::<3, 3, 1>::convolve(x, flat(&first.w), &first.b, x0, relu);
        Kernel::<3, 3, 1>::convolve(x0, flat(&conv1.w), &conv1.b, h, relu);
        Kernel::<3, 3, 1>::convolve(h, flat(&conv2.w), &conv2.b, x1, identity);
        add(x1, x0);
        let ([h, short, x2], Chain(Branches { a: Chain(conv1, conv2), b, .. }, _)) = (b, two);
        Kernel::<3, 3, 2>::convolve(x1, flat(&conv1.w), &conv1.b, h, relu);
        Kernel::<3, 3, 1>::convolve(h, flat(&conv2.w), &conv2.b, x2, identity);
        Kernel::<1, 1, 2>::convolve(x1, flat(&b.w), &b.b, short, identity);
        add(x2, short);
        let ([h, short, x3], Chain(Branches { a: Chain(conv1, conv2), b, .. }, _)) = (c, three);
        Kernel::<3, 3, 2>::convolve(x2, flat(&conv1.w), &conv1.b, h, relu);
        Kernel::<3, 3, 1>::convolve(h, flat(&conv2.w), &conv2.b, x3, identity);
        Kernel::<1, 1, 2>::convolve(x2, flat(&b.w), &b.b, short, identity);
        add(x3, short);
        *y = dense(&average(x3), last);
        softmax(y);
    }
}

/// A row of weights for each tap and input channel.
fn flat<const C: usize, const O: usize, const KH: usize, const KW: usize>(
    w: &[[[[f32; O]; C]; KW]; KH],
) -> &[[f32; O]] {
    w.as_flattened().as_flattened()
}

fn dense<const I: usize, const O: usize, A>(x: &[f32; I], layer: &Dense<I, O, A>) -> [f32; O] {
    let mut y = [[[0.0; O]]];
    Kernel::<1, 1, 1>::convolve(&[[*x]], &layer.w, &layer.b, &mut y, identity);
    y[0][0]
}

/// `y = relu(y + x)`.
fn add<const H: usize, const L: usize, const C: usize>(y: &mut Image<H, L, C>, x: &Image<H, L, C>) {
    for (y, x) in y.as_flattened_mut().as_flattened_mut().iter_mut().zip(x.as_flattened().as_flattened()) {
        *y = relu(*y + x);
    }
}

/// The largest of each two by two places, and which it is.
fn pool<const H: usize, const L: usize, const C: usize, const M: usize, const N: usize>(
    x: &Image<H, L, C>,
    y: &mut Image<M, N, C>,
    which: &mut [[[u8; C]; N]; M],
) {
    for (r, (y, which)) in y.iter_mut().zip(which).enumerate() {
        for (c, (y, which)) in y.iter_mut().zip(which).enumerate() {
            let [a, b] = [&x[2 * r], &x[2 * r + 1]];
            let four = [&a[2 * c], &a[2 * c + 1], &b[2 * c], &b[2 * c + 1]];
            (*y, *which) = (*four[0], [0; C]);
            for (i, x) in four.into_iter().enumerate().skip(1) {
                for k in 0..C {
                    which[k] = if x[k] > y[k] { i as u8 } else { which[k] };
                    y[k] = y[k].max(x[k]);
                }
            }
        }
    }
}

/// The gradient of the pool's input, and of the relu before it: where the largest is 0, the slope is.
fn unpool<const H: usize, const L: usize, const C: usize, const M: usize, const N: usize>(
    y: &Image<M, N, C>,
    dy: &Image<M, N, C>,
    which: &[[[u8; C]; N]; M],
    dx: &mut Image<H, L, C>,
) {
    for r in 0..M {
        for c in 0..N {
            let (y, dy, which) = (&y[r][c], &dy[r][c], &which[r][c]);
            for i in 0..4 {
                let dx = &mut dx[2 * r + i / 2][2 * c + i % 2];
                for k in 0..C {
                    dx[k] = if usize::from(which[k]) == i && y[k] > 0.0 { dy[k] } else { 0.0 };
                }
            }
        }
    }
}

/// The net of row N3 with what it takes to train it.
pub struct PlainCnn {
    pub first: Trained<9, 8>,
    pub second: Trained<72, 16>,
    pub last: Trained<784, 10>,
    step: i32,
}

impl PlainCnn {
    pub fn new(net: &Cnn) -> Self {
        let Chain(first, Chain(_, Chain(second, Chain(_, Chain(_, last))))) = net;
        PlainCnn {
            first: Trained::new(from_fn(|i| flat(&first.w)[i]), first.b),
            second: Trained::new(from_fn(|i| flat(&second.w)[i]), second.b),
            last: Trained::new(last.w, last.b),
            step: 0,
        }
    }

    /// A step of Adam.
    pub fn step(&mut self, x: &[Image<28, 28, 1>], targets: &[u8]) -> f32 {
        let mut loss = 0.0;
        let (mut h1, mut p1, mut which1) = ([[[0.0; 8]; 28]; 28], [[[0.0; 8]; 14]; 14], [[[0; 8]; 14]; 14]);
        let (mut h2, mut p2, mut which2) = ([[[0.0; 16]; 14]; 14], [[[0.0; 16]; 7]; 7], [[[0; 16]; 7]; 7]);
        let mut turned = [[0.0; 8]; 144];
        for (tap, w) in self.second.net.w.as_chunks::<8>().0.iter().enumerate() {
            for o in 0..16 {
                turned[tap * 16 + o] = from_fn(|k| w[k][o]);
            }
        }
        for (x, target) in x.iter().zip(targets) {
            let (mut y, mut dx) = ([0.0; 10], [0.0; 784]);
            Kernel::<3, 3, 1>::convolve(x, &self.first.net.w, &self.first.net.b, &mut h1, relu);
            pool(&h1, &mut p1, &mut which1);
            Kernel::<3, 3, 1>::convolve(&p1, &self.second.net.w, &self.second.net.b, &mut h2, relu);
            pool(&h2, &mut p2, &mut which2);
            let features = p2.as_flattened().as_flattened().first_chunk().unwrap();
            self.last.net.forward(features, &mut y, identity);
            softmax(&mut y);
            loss -= y[usize::from(*target)].ln() / targets.len() as f32;
            y[usize::from(*target)] -= 1.0;
            let dz = y.map(|y| y / targets.len() as f32);
            self.last.net.backward(features, &dz, Some(&mut dx), &mut self.last.grad);
            let dp2: &Image<7, 7, 16> = &from_fn(|r| from_fn(|c| from_fn(|k| dx[(r * 7 + c) * 16 + k])));
            unpool(&p2, dp2, &which2, &mut h2);
            let grad = &mut self.second.grad;
            Kernel::<3, 3, 1>::weight_gradient(&p1, &h2, &mut grad.w, &mut grad.b);
            let mut dp1 = [[[0.0; 8]; 14]; 14];
            Kernel::<3, 3, 1>::input_gradient(&h2, &turned, &mut dp1);
            unpool(&p1, &dp1, &which1, &mut h1);
            let grad = &mut self.first.grad;
            Kernel::<3, 3, 1>::weight_gradient(x, &h1, &mut grad.w, &mut grad.b);
        }
        self.step += 1;
        let rate = adam_rate(self.step);
        self.first.adam(rate);
        self.second.adam(rate);
        self.last.adam(rate);
        loss
    }
}

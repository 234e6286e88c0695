//! Rows that more than one bench has. Each gives what [`Table::row`] gives.

use super::plain::{self, Classifier, Trained};
use super::table::{Table, Work};
use super::timing::Training;
use super::{Aligned, assert_close, hide, hide_mut, keep, numbers, zeros};
use baregrad::kernels::matmul::{self, Plain};
use baregrad::prelude::*;

/// `y = x · w`: `B` samples of `I` inputs, `O` outputs.
pub fn product<const B: usize, const I: usize, const O: usize>(table: &mut Table, name: &str) -> Option<[f64; 2]> {
    let (x, w) = (&*numbers::<I, B>(1), &*numbers::<O, I>(2));
    let (y, twin) = (zeros::<O, B>(), zeros::<O, B>());
    matmul::affine(x, w, &[0.0; O], y, &Plain);
    plain::product(x, w, twin);
    assert_close(y.as_flattened(), twin.as_flattened(), 1e-6 * I as f32);
    table.row(
        name,
        Work::Flops(2 * B * I * O),
        || matmul::affine(hide(x), hide(w), &[0.0; O], hide_mut(y), &Plain),
        || plain::product(hide(x), hide(w), hide_mut(twin)),
    )
}

/// A layer of ours and its plain twin with the same weights.
pub fn pair<const I: usize, const O: usize, A: Activation>(seed: u32) -> (Dense<I, O, A>, plain::Dense<I, O>) {
    let scale = 2.0 / (I as f32).sqrt();
    let w = numbers::<O, I>(seed).map(|row| row.map(|w| w * scale));
    let b = numbers::<O, 1>(seed + 1)[0];
    (Dense::from_weights(w, b), plain::Dense { w, b })
}

/// Inference of `B` samples: `I` → `H` relu → 10 softmax. One sample goes its own way.
pub fn inference<const I: usize, const H: usize, const B: usize>(table: &mut Table, name: &str) -> Option<[f64; 2]> {
    let ((a, pa), (b, pb)) = (pair::<I, H, Relu>(1), pair::<H, 10, Softmax>(3));
    let (net, twin) = (&*keep(baregrad::Chain(a, b)), &*keep((pa, pb)));
    let x = &*numbers::<I, B>(7);
    let scratch = zeros::<H, B>().as_flattened_mut();
    let mut ours = |x: &[[f32; I]; B], y: &mut [[f32; 10]; B]| match (x, y) {
        (x, y) if B == 1 => net.infer_one(&x[0], &mut y[0], scratch.first_chunk_mut::<H>().unwrap()),
        (x, y) => net.infer_batch(x, y, scratch).unwrap(),
    };
    let plain = |x: &[[f32; I]; B], y: &mut [[f32; 10]; B]| {
        for (x, y) in x.iter().zip(y) {
            let mut h = Aligned([0.0; H]);
            twin.0.forward(x, &mut h, plain::relu);
            twin.1.forward(&h, y, plain::identity);
            plain::softmax(y);
        }
    };
    let (y, y_twin) = (zeros::<10, B>(), zeros::<10, B>());
    ours(x, y);
    plain(x, y_twin);
    assert_close(y.as_flattened(), y_twin.as_flattened(), 1e-4);
    let work = Work::Flops(B * 2 * (I * H + H * 10));
    table.row(name, work, || ours(hide(x), hide_mut(y)), || plain(hide(x), hide_mut(y_twin)))
}

/// Glorot-like weights and zero biases.
pub fn weights<const I: usize, const O: usize>(seed: u32) -> &'static [[f32; O]; I] {
    let scale = (6.0 / (I + O) as f32).sqrt();
    let w = numbers::<O, I>(seed);
    w.as_flattened_mut().iter_mut().for_each(|w| *w *= scale);
    w
}

/// A training step on `B` samples: `I` → `H` relu → 10, softmax cross-entropy, Adam.
pub fn classifier<const I: usize, const H: usize, const B: usize>(table: &mut Table, name: &str) -> Option<[f64; 2]> {
    type Model<const I: usize, const H: usize, const B: usize> =
        Trainer<chain![Dense<I, H, Relu>, Dense<H, 10>], SparseCategoricalCrossEntropy<Logits>, Adam, B>;
    let x = &*numbers::<I, B>(7);
    let t = &*keep(std::array::from_fn::<u8, B, _>(|i| (i % 10) as u8));
    let (w1, w2) = (weights::<I, H>(1), weights::<H, 10>(3));
    let (mut ours, mut plain) = (
        Training {
            state: keep(Model::<I, H, B>::untrained(Default::default(), Adam::default())),
            restart: |model: &mut Model<I, H, B>| {
                *model = Model::untrained(Default::default(), Adam::default());
                (model.net.0.w, model.net.1.w) = (*w1, *w2);
            },
            step: |model: &mut Model<I, H, B>| model.step(hide(x), hide(t)).unwrap(),
        },
        Training {
            state: keep(Classifier::<I, H, 10, B>::new(Trained::new(*w1, [0.0; H]), Trained::new(*w2, [0.0; 10]))),
            restart: |model: &mut Classifier<I, H, 10, B>| {
                *model = Classifier::new(Trained::new(*w1, [0.0; H]), Trained::new(*w2, [0.0; 10]));
            },
            step: |model: &mut Classifier<I, H, 10, B>| model.step(hide(x), hide(t)),
        },
    );
    assert_close(&ours.losses(), &plain.losses(), 1e-4);
    // Adam's first steps follow the sign of the gradient, so that rounding shows where it is nearly zero.
    assert_close(ours.state.net.0.w.as_flattened(), plain.state.first.net.w.as_flattened(), 2e-2);
    // Forward, gradient of the weights, and the input gradient of the second layer.
    table.row(name, Work::Flops(B * 2 * (2 * I * H + 3 * H * 10)), ours, plain)
}

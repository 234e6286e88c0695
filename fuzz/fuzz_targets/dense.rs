//! A dense layer against sums in f64: outputs, input gradient and weight gradient of many shapes, for any floats.
//!
//! Besides: a batch gives the bits of its samples, inference those of training, and an update on the way back those of a
//! stored gradient.

#![no_main]

use arbitrary::{Result, Unstructured};
use baregrad::activations::Activation;
use baregrad::net::{Backward, Layer, Mode};
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::tensor::{Leaf, Sums, Updates, Yes, Zero};
use baregrad_fuzz::{Sum, all_same, array, float, matrix, moderate};
use libfuzzer_sys::fuzz_target;

const CAPACITY: usize = 11;

fuzz_target!(|data: &[u8]| {
    let _ = run(&mut Unstructured::new(data));
});

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    match u.int_in_range(0..=15)? {
        0 => linear::<1, 1>(u),
        1 => linear::<2, 3>(u),
        2 => linear::<3, 5>(u),
        3 => linear::<4, 4>(u),
        4 => linear::<7, 8>(u),
        5 => linear::<8, 7>(u),
        6 => linear::<9, 16>(u),
        7 => linear::<16, 17>(u),
        8 => linear::<33, 9>(u),
        9 => linear::<40, 31>(u),
        10 => linear::<37, 67>(u),
        11 => linear::<5, 130>(u),
        12 => linear::<130, 2>(u),
        13 => consistent::<9, 6, Tanh>(u),
        14 => consistent::<7, 19, Gelu>(u),
        _ => consistent::<5, 11, Softmax>(u),
    }
}

/// Numbers of a whole run, which are all moderate in half of them, so that sums are seldom NaN.
fn floats(u: &mut Unstructured<'_>) -> Result<fn(&mut Unstructured<'_>) -> Result<f32>> {
    Ok(if u.arbitrary()? { float } else { moderate })
}

fn linear<const I: usize, const O: usize>(u: &mut Unstructured<'_>) -> Result<()> {
    let one = floats(u)?;
    let samples = u.int_in_range(1..=CAPACITY)?;
    let layer = Dense::<I, O>::from_weights(matrix(u, one)?, array(u, one)?);
    let (x, dy) = (matrix::<I, CAPACITY>(u, one)?, matrix::<O, CAPACITY>(u, one)?);
    let (x, dy) = (&x[..samples], &dy[..samples]);

    let mut y = [[7.0; O]; CAPACITY];
    layer.infer(x, &mut y[..samples], &mut []);
    for (x, y) in x.iter().zip(&y) {
        for o in 0..O {
            let mut sum = Sum::default();
            (0..I).for_each(|i| sum.add(x[i], layer.w[i][o]));
            sum.add(layer.b[o], 1.0);
            sum.check(y[o], format_args!("y[{o}]"));
        }
    }

    let mut dz: [[f32; O]; CAPACITY] = [[0.0; O]; CAPACITY];
    dz[..samples].copy_from_slice(dy);
    let mut dx = [[7.0; I]; CAPACITY];
    layer.backward::<CAPACITY, Yes>(x, &y[..samples], &mut (), &mut dz[..samples], Some(&mut dx[..samples]));
    assert!(all_same(dz[..samples].as_flattened(), dy.as_flattened()), "a linear layer changed dy");
    for (dy, dx) in dy.iter().zip(&dx) {
        for i in 0..I {
            let mut sum = Sum::default();
            (0..O).for_each(|o| sum.add(dy[o], layer.w[i][o]));
            sum.check(dx[i], format_args!("dx[{i}]"));
        }
    }

    let before: f32 = one(u)?;
    let mut grad = ([[before; O]; I], [before; O]);
    let mut to = Dense::<I, O>::sums(&mut grad);
    Dense::<I, O>::gradient::<CAPACITY, Yes, Sums<'_>>(x, &y[..samples], &(), dy, &mut to);
    let (dw, db) = grad;
    for o in 0..O {
        for i in 0..I {
            let mut sum = Sum::default();
            x.iter().zip(dy).for_each(|(x, dy)| sum.add(x[i], dy[o]));
            sum.add(before, 1.0);
            sum.check(dw[i][o], format_args!("dw[{i}][{o}]"));
        }
        let mut sum = Sum::default();
        dy.iter().for_each(|dy| sum.add(dy[o], 1.0));
        sum.add(before, 1.0);
        sum.check(db[o], format_args!("db[{o}]"));
    }
    same_bits(layer, x, dy)
}

fn consistent<const I: usize, const O: usize, A: Activation>(u: &mut Unstructured<'_>) -> Result<()> {
    let one = floats(u)?;
    let samples = u.int_in_range(1..=CAPACITY)?;
    let layer = Dense::<I, O, A>::from_weights(matrix(u, one)?, array(u, one)?);
    let (x, dy) = (matrix::<I, CAPACITY>(u, one)?, matrix::<O, CAPACITY>(u, one)?);
    same_bits(layer, &x[..samples], &dy[..samples])
}

/// What must give the same bits by two ways.
fn same_bits<const I: usize, const O: usize, A: Activation>(
    mut layer: Dense<I, O, A>,
    x: &[[f32; I]],
    dy: &[[f32; O]],
) -> Result<()> {
    type Trace<const I: usize, const O: usize, A> = <Dense<I, O, A> as Layer<[f32; I]>>::Trace<CAPACITY, Yes>;
    let n = x.len();
    let (mut inferred, mut y) = ([[0.0; O]; CAPACITY], [[0.0; O]; CAPACITY]);
    let mut trace = Trace::<I, O, A>::ZERO;
    layer.infer(x, &mut inferred[..n], &mut []);
    layer.forward::<CAPACITY, Yes>(x, &mut y[..n], &mut trace, Mode::infer());
    assert!(all_same(inferred.as_flattened(), y.as_flattened()), "infer and forward differ");

    let mut dz = [[0.0; O]; CAPACITY];
    dz[..n].copy_from_slice(dy);
    let mut dx = [[0.0; I]; CAPACITY];
    layer.backward::<CAPACITY, Yes>(x, &y[..n], &mut trace, &mut dz[..n], Some(&mut dx[..n]));

    for s in 0..n {
        let (mut y_s, mut dz_s, mut dx_s) = ([[0.0; O]], [dy[s]], [[0.0; I]]);
        let mut trace = Trace::<I, O, A>::ZERO;
        layer.forward::<CAPACITY, Yes>(&x[s..=s], &mut y_s, &mut trace, Mode::infer());
        layer.backward::<CAPACITY, Yes>(&x[s..=s], &y_s, &mut trace, &mut dz_s, Some(&mut dx_s));
        assert!(all_same(&y_s[0], &y[s]), "sample {s} of {n}: y alone {y_s:?}, in the batch {:?}", y[s]);
        assert!(all_same(&dx_s[0], &dx[s]), "sample {s} of {n}: dx alone {dx_s:?}, in the batch {:?}", dx[s]);
        // A layer's sums are NaN where one of their inputs is, and no activation may hide that.
        if x[s].iter().any(|x| x.is_nan()) {
            assert!(y[s].iter().all(|y| y.is_nan()), "NaN of x is lost in y = {:?}", y[s]);
        }
    }

    let mut optimizer = Adam::new(0.125);
    optimizer.begin_step();
    type State<const I: usize, const O: usize, A> = <Dense<I, O, A> as Params>::State<Adam>;
    let (y, dz) = (&y[..n], &dz[..n]);
    let mut stored = Dense::<I, O, A>::from_weights(layer.w, layer.b);
    let (mut grad, mut state) = (Zero::ZERO, State::<I, O, A>::ZERO);
    let mut to = Dense::<I, O, A>::sums(&mut grad);
    Dense::<I, O, A>::gradient::<CAPACITY, Yes, Sums<'_>>(x, y, &trace, dz, &mut to);
    stored.apply(&grad, &mut state, &optimizer);
    let mut state = State::<I, O, A>::ZERO;
    let mut to = layer.updates(&mut state, &optimizer);
    Dense::<I, O, A>::gradient::<CAPACITY, Yes, Updates<'_, Adam>>(x, y, &trace, dz, &mut to);
    assert!(all_same(stored.w.as_flattened(), layer.w.as_flattened()), "an update and a stored gradient differ in w");
    assert!(all_same(&stored.b, &layer.b), "an update and a stored gradient differ in b");
    Ok(())
}

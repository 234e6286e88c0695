//! Any calls of a trainer with any data: no panic, no net changed by a call that failed, no finite loss from a net that
//! is not a number, and the same bits with and without a stored gradient.
//!
//! A gradient that is not finite ends a run: without a stored gradient, the layers behind it have moved.

#![no_main]

use arbitrary::{Result, Unstructured};
use baregrad::losses::Loss;
use baregrad::optimizers::Optimizer;
use baregrad::prelude::*;
use baregrad::{Buffered, Direct, Error};
use baregrad_fuzz::{all_same, array, float, moderate, same};
use libfuzzer_sys::fuzz_target;

type Net = chain![Dense<3, 7, Tanh>, Dense<7, 9, Relu>, Dense<9, 2>];
const CAPACITY: usize = 5;

fuzz_target!(|data: &[u8]| {
    let _ = run(&mut Unstructured::new(data));
});

fn run(u: &mut Unstructured<'_>) -> Result<()> {
    let pair = |u: &mut Unstructured<'_>| array::<2>(u, float);
    let class = |u: &mut Unstructured<'_>| Ok(u.arbitrary::<u8>()? % 3); // 2 has no output
    // Where all targets are 0, this loss is 0 by its definition, whatever the net.
    let shares = |u: &mut Unstructured<'_>| {
        let share = float(u)?;
        Ok([share, if share == 0.0 { 1.0 } else { 1.0 - share }])
    };
    match u.int_in_range(0..=7)? {
        0 => calls::<MeanSquaredError, Adam, _>(u, pair),
        1 => calls::<MeanAbsoluteError, Sgd, _>(u, pair),
        2 => calls::<Huber, Momentum, _>(u, pair),
        3 => calls::<BinaryCrossEntropy, Nesterov, _>(u, pair),
        4 => calls::<BinaryCrossEntropy<Logits>, Adam, _>(u, pair),
        5 => calls::<CategoricalCrossEntropy<Logits>, Adam, _>(u, shares),
        6 => calls::<SparseCategoricalCrossEntropy<Logits>, Sgd, _>(u, class),
        _ => calls::<SparseCategoricalCrossEntropy, Adam, _>(u, class),
    }
}

fn weights(net: &Net) -> Vec<f32> {
    first_layers(net, Net::LAYERS)
}

/// The weights of the first layers.
fn first_layers(net: &Net, count: usize) -> Vec<f32> {
    let mut all = Vec::new();
    net.tensors(0, &mut |name, floats| {
        if name.layer < count {
            all.extend(floats);
        }
    });
    all
}

fn calls<L: Loss<[f32; 2], T> + Default, O: Optimizer + Default, T>(
    u: &mut Unstructured<'_>,
    target: impl Fn(&mut Unstructured<'_>) -> Result<T>,
) -> Result<()> {
    let seed = u.arbitrary()?;
    let mut model = Trainer::<Net, L, O, CAPACITY, Direct>::new(&mut Sfc32::seed_from_u64(seed));
    let mut twin = Trainer::<Net, L, O, CAPACITY, Buffered>::new(&mut Sfc32::seed_from_u64(seed));
    while !u.is_empty() {
        let one = if u.arbitrary()? { float } else { moderate };
        let mut x = Vec::new();
        for _ in 0..u.int_in_range(0..=12)? {
            x.push(array::<3>(u, one)?);
        }
        let mut targets = Vec::new();
        // Seldom a target too many.
        for _ in 0..x.len() + usize::from(u.arbitrary::<u8>()? == 0) {
            targets.push(target(u)?);
        }
        let before = weights(&model.net);
        match u.int_in_range(0..=4)? {
            0 | 1 => {
                // More samples than it takes are an error too.
                let count = x.len().min(CAPACITY + 1);
                let targets = &targets[..targets.len().min(count)];
                let loss = model.step(&x[..count], targets);
                agree(loss, twin.step(&x[..count], targets), |a, b| same(*a, *b));
                if let Err(Error::NonFiniteGradient { layer }) = loss {
                    let kept = first_layers(&model.net, layer + 1);
                    assert!(
                        all_same(&before[..kept.len()], &kept),
                        "{loss:?}, but its layer or one before has changed"
                    );
                    assert!(all_same(&before, &weights(&twin.net)), "{loss:?}, but the net has changed");
                    return Ok(());
                } else if let Ok(loss) = loss {
                    assert!(loss.is_finite(), "a step was made with the loss {loss}");
                    assert!(before.iter().all(|w| !w.is_nan()), "loss {loss} of a net that is not a number");
                } else {
                    assert!(all_same(&before, &weights(&model.net)), "{loss:?}, but the net has changed");
                }
            }
            2 => {
                let fit = Fit {
                    epochs: u.int_in_range(0..=3)?,
                    batch_size: u.int_in_range(0..=CAPACITY + 1)?,
                    shuffle: u.arbitrary()?,
                };
                let epoch = model.fit(&x, &targets, &fit);
                agree(epoch, twin.fit(&x, &targets, &fit), |a, b| a.number == b.number && same(a.loss, b.loss));
                if matches!(epoch, Err(Error::NonFiniteGradient { .. })) {
                    return Ok(());
                } else if epoch.is_err_and(|e| !matches!(e, Error::NonFiniteLoss { .. })) {
                    assert!(all_same(&before, &weights(&model.net)), "{epoch:?}, but the net has changed");
                }
            }
            3 => {
                let loss = model.evaluate(&x, &targets, &mut ());
                agree(loss, twin.evaluate(&x, &targets, &mut ()), |a, b| same(*a, *b));
                assert!(all_same(&before, &weights(&model.net)), "evaluation has changed the net");
            }
            _ => {
                let mut y = vec![[0.0; 2]; u.int_in_range(0..=13)?];
                model.predict_into(&x, &mut y);
                let mut inferred = vec![[0.0; 2]; y.len()];
                let mut scratch = vec![0.0; u.int_in_range(0..=100)?];
                if model.net.infer_batch(&x, &mut inferred, &mut scratch).is_ok() {
                    assert!(all_same(y.as_flattened(), inferred.as_flattened()), "predict and infer differ");
                }
                assert!(all_same(&before, &weights(&model.net)), "inference has changed the net");
            }
        }
        assert!(all_same(&weights(&model.net), &weights(&twin.net)), "Direct and Buffered differ");
    }
    Ok(())
}

/// Fails unless both are the same value or errors of one kind.
fn agree<V: std::fmt::Debug>(
    a: std::result::Result<V, Error>,
    b: std::result::Result<V, Error>,
    same: impl Fn(&V, &V) -> bool,
) {
    let good = match (&a, &b) {
        (Ok(a), Ok(b)) => same(a, b),
        (Err(Error::NonFiniteGradient { layer: a }), Err(Error::NonFiniteGradient { layer: b })) => a == b,
        (Err(a), Err(b)) => std::mem::discriminant(a) == std::mem::discriminant(b),
        _ => false,
    };
    assert!(good, "Direct gives {a:?}, Buffered {b:?}");
}

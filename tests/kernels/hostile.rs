//! A law of all losses: a finite loss has a finite gradient. Otherwise a step would be made that leaves NaN in the weights.

use crate::common::catalogue::*;
use baregrad::losses::Loss;
use baregrad::prelude::*;

/// Small and large numbers, ordinary ones, and numbers that sum to 0.
const NUMBERS: [f32; 23] = [
    0.0,
    -0.0,
    1e-45,
    -1e-45,
    1e-38,
    2e-38,
    1e-30,
    1e-7,
    0.2,
    0.5,
    -0.5,
    0.999_999_9,
    1.0,
    -1.0,
    16.0,
    -16.0,
    1e19,
    2e19,
    3e38,
    -3e38,
    f32::MAX,
    f32::INFINITY,
    f32::NAN,
];

/// Tests that are not optimised take one of so many triples, and of so many targets of each pair.
const SHARE: usize = if cfg!(debug_assertions) { 7 } else { 1 };

const TARGETS: [f32; 10] = [0.0, 1.0, -1.0, 0.5, 1e-45, 1e19, -1e31, 2e38, 3e38, f32::MIN];

/// Asserts the law for one pair, and that both ways to the loss agree.
#[track_caller]
fn hold<const N: usize, T>(
    loss: &impl Loss<[f32; N], T>,
    name: &str,
    y: &[f32; N],
    target: &T,
    what: &dyn std::fmt::Debug,
) {
    let mut dy = [f32::NAN; N];
    let (value, alone) = (loss.gradient(y, target, 1.0, &mut dy), loss.value(y, target));
    let finite = dy.iter().all(|dy| dy.is_finite());
    assert!(finite || !value.is_finite(), "{name}: {value} with gradient {dy:?} at {y:?} for {what:?}");
    assert!(
        !finite || value == alone || (value.is_nan() && alone.is_nan()),
        "{name}: {value}, {alone} at {y:?} for {what:?}"
    );
}

/// A target for each start, of `N` numbers.
fn targets<const N: usize>(first: usize) -> [f32; N] {
    std::array::from_fn(|i| TARGETS[(first + i * (1 + first / TARGETS.len())) % TARGETS.len()])
}

struct Law;

impl<const N: usize> LossVisitor<N> for Law {
    fn visit<L: Loss<[f32; N], [f32; N]> + Default>(&mut self, stem: &'static str, _: Outputs, _: Targets) {
        let loss = L::default();
        // Of the many triples, some.
        for place in (0..NUMBERS.len().pow(N as u32)).step_by(if N < 3 { 1 } else { 9 * SHARE }) {
            let y = std::array::from_fn(|i| NUMBERS[place / NUMBERS.len().pow(i as u32) % NUMBERS.len()]);
            // All zeros, one class, all the same large number, and mixtures.
            let mut some: Vec<[f32; N]> =
                vec![[0.0; N], std::array::from_fn(|i| f32::from(i == 0)), [3e38; N], [2e38; N]];
            some.extend((0..if N < 3 { 12 } else { 3 }).map(|first| targets(first + place % 7)));
            for target in some {
                hold(&loss, stem, &y, &target, &target);
                let weight = [1e38, 3e38, -1e30, 1e-45, 0.0][place % 5];
                hold(&SampleWeighted(L::default()), stem, &y, &(target, weight), &(target, weight));
            }
        }
    }
}

#[test]
fn a_finite_loss_has_a_finite_gradient() {
    for_each_loss::<1>(&mut Law);
    for_each_loss::<2>(&mut Law);
    for_each_loss::<3>(&mut Law);
}

/// The options that are not the defaults of the catalogue; classes and their weights.
#[test]
fn a_finite_loss_of_other_options_has_a_finite_gradient() {
    fn options<const N: usize>(law: impl Fn(&[f32; N], &[f32; N])) {
        for place in 0..NUMBERS.len().pow(N as u32) {
            let y = std::array::from_fn(|i| NUMBERS[place / NUMBERS.len().pow(i as u32) % NUMBERS.len()]);
            (place % SHARE..40).step_by(SHARE).for_each(|first| law(&y, &targets(first)));
        }
    }
    options::<2>(|y, target| {
        for gamma in [0.0, 0.5, 1.0, 5.0] {
            hold(&BinaryFocalCrossEntropy::balanced(gamma, 0.25), "binary focal", y, target, &(gamma, target));
            hold(&CategoricalFocalCrossEntropy { gamma, alpha: 3.0 }, "categorical focal", y, target, &(gamma, target));
        }
        hold(&Quantile { quantile: 0.9 }, "quantile", y, target, target);
        hold(&Huber { delta: 1e30 }, "huber", y, target, target);
        for class in [0_u8, 1, 2] {
            hold(&SparseCategoricalCrossEntropy::<Logits>::new(), "sparse", y, &class, &class);
            hold(&SparseCategoricalCrossEntropy::<Probabilities>::new(), "sparse", y, &class, &class);
            let weighted = ClassWeighted::new(SparseCategoricalCrossEntropy::<Probabilities>::new(), [1e38, -3e38]);
            hold(&weighted, "weighted", y, &class, &class);
        }
    });
}

/// From a step of which the outputs sum to 0: it is refused, and nothing changes.
#[test]
fn outputs_that_sum_to_0() {
    let mut model = Trainer::<Dense<1, 3>, CategoricalCrossEntropy, Sgd, 1, baregrad::Direct<false>>::untrained(
        CategoricalCrossEntropy::new(),
        Sgd::new(0.1),
    );
    for w in [[-0.5, 0.5, 0.0], [0.0; 3]] {
        for target in [[1.0, 0.0, 0.0], [0.0; 3]] {
            model.net.w = [w];
            let error = model.step(&[[1.0]], &[target]);
            assert!(matches!(error, Err(Error::NonFiniteLoss { .. })), "{w:?}, {target:?}: {error:?}");
            assert_eq!(model.net.w, [w]);
        }
    }
}

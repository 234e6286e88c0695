//! What holds for every layer: its four ways through give the same bits.

use crate::common::catalogue::{LayerVisitor, for_each_layer};
use crate::common::numbers::{bits, samples, uniform};
use crate::common::weights;
use baregrad::net::{End, Layer, Mode};
use baregrad::prelude::*;
use baregrad::tensor::{Tensor, Zero};

const BATCH: usize = 3;

struct Layers;

impl<const N: usize> LayerVisitor<N> for Layers {
    fn visit<L: Layer<[f32; N]>>(&mut self, stem: &'static str) {
        let layer: L = weights::random(4);
        let x: Vec<[f32; N]> = samples(BATCH, 11);
        let forward = |x: &[[f32; N]]| {
            let mut trace = Box::new(L::Trace::<BATCH>::ZERO);
            let mut y = vec![L::Y::ZERO; x.len()];
            layer.forward::<BATCH>(x, &mut y, &mut trace, Mode::Infer);
            bits(L::Y::flat_all(&y))
        };
        let want = forward(&x);
        for (x, want) in x.iter().zip(want.chunks(L::Y::LEN)) {
            assert_eq!(forward(&[*x]), want, "{stem}: a batch and its samples");
        }

        // Inference, in exactly as much work space as it asks for, whatever lies there.
        let mut y = vec![L::Y::ZERO; BATCH];
        layer.infer(&x, &mut y, &mut vec![f32::NAN; BATCH * L::WORK]);
        assert_eq!(bits(L::Y::flat_all(&y)), want, "{stem}: inference");
        for end in [End::Front, End::Back] {
            let mut work = vec![f32::NAN; BATCH * L::WORK_WITH_X];
            end.split::<[f32; N]>(&mut work, BATCH).0.copy_from_slice(&x);
            y.fill(L::Y::ZERO);
            layer.infer_within(end, &mut y, &mut work);
            assert_eq!(bits(L::Y::flat_all(&y)), want, "{stem}: inference within the work space");
        }

        for batch in [1, BATCH] {
            let [direct, buffered] = [true, false].map(|direct| step::<N, L>(&x[..batch], direct));
            assert_eq!(bits(&direct), bits(&buffered), "{stem}: a step with and without a stored gradient");
        }
    }
}

/// All weights after a step of Adam.
fn step<const N: usize, L: Layer<[f32; N]>>(x: &[[f32; N]], direct: bool) -> Vec<f32> {
    let mut layer: L = weights::random(4);
    let mut trace = Box::new(L::Trace::<BATCH>::ZERO);
    let (mut y, mut dy) = (vec![L::Y::ZERO; x.len()], vec![L::Y::ZERO; x.len()]);
    let mut state = <L::State<Adam>>::ZERO;
    let mut adam = Adam::new(0.1);
    L::Y::flat_all_mut(&mut dy).copy_from_slice(&uniform(x.len() * L::Y::LEN, -1.0, 1.0, 12));
    layer.forward::<BATCH>(x, &mut y, &mut trace, Mode::Train(&mut Sfc32::seed_from_u64(9)));
    layer.backward::<BATCH>(x, &y, &mut trace, &mut dy, None);
    adam.begin_step();
    if direct {
        layer.learn::<BATCH, Adam>(x, &trace, &dy, &mut state, &adam);
    } else {
        let mut grad = L::Grad::ZERO;
        layer.gradient::<BATCH>(x, &trace, &dy, &mut grad);
        layer.penalty_gradient(&mut grad);
        layer.apply(&grad, &mut state, &adam);
    }
    weights::all(&layer)
}

#[test]
fn all_ways_give_the_same_bits() {
    for_each_layer::<1>(&mut Layers);
    for_each_layer::<5>(&mut Layers);
    for_each_layer::<16>(&mut Layers);
}

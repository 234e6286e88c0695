//! A block that is computed again gives the bits of the block: random layers and moving statistics in it too.

use crate::common::numbers::{bits, samples, tensors};
use crate::common::passes;
use crate::common::weights;
use baregrad::net::Layer;
use baregrad::prelude::*;
use baregrad::tensor::{Floats, No, Want, Yes};
use baregrad::{Buffered, Direct, Gradients};

type Block = chain![Dense<4, 6, Gelu>, Dropout<30>, BatchNorm<6, Tanh>, GaussianNoise<20>, Dense<6, 4>];
/// At the start, in a residual block, and one within the other.
type Plain = chain![Block, Residual<Block>, chain![Block, Activate<Softsign>], Dense<4, 2>];
type Again = chain![
    Recompute<Block>,
    Residual<Recompute<Block>>,
    Recompute<chain![Recompute<Block>, Activate<Softsign>]>,
    Dense<4, 2>
];

const CAPACITY: usize = 3;
type Model<N, G> = Trainer<N, MeanSquaredError, Adam, CAPACITY, G>;

/// All that some steps leave behind: after each of them loss, weights, moments, and where the random numbers are.
fn steps<N, G>(step: impl Fn(&mut Model<N, G>, &[[f32; 4]], &[[f32; 2]]) -> f32) -> Vec<u32>
where
    N: Network<Input = [f32; 4]> + Layer<[f32; 4], Y = [f32; 2]>,
    G: Gradients,
{
    let mut model = Box::new(Model::<N, G>::new(&mut Sfc32::seed_from_u64(1)));
    let mut all = Vec::new();
    for (seed, count) in [(1, CAPACITY), (2, 1), (3, 2), (4, CAPACITY), (5, 2)] {
        all.push(step(&mut model, &samples(count, seed), &samples(count, seed + 9)));
        all.extend(weights::all(&model.net));
        model.state.walk(&mut |slice| all.extend(slice));
        all.push(model.rng.clone().next_u32() as f32);
    }
    bits(&all)
}

#[test]
fn steps_have_the_same_bits() {
    let plain = steps::<Plain, Direct>(|model, x, y| model.step(x, y).unwrap());
    assert_eq!(steps::<Again, Direct>(|model, x, y| model.step(x, y).unwrap()), plain, "direct");
    assert_eq!(steps::<Again, Buffered>(|model, x, y| model.step(x, y).unwrap()), plain, "buffered");
    for budget in [0, 100, 400, usize::MAX] {
        let pieces = steps::<Again, Buffered>(|model, x, y| {
            let mut step = model.begin(x, y).unwrap();
            loop {
                if let std::task::Poll::Ready(loss) = step.advance(budget).unwrap() {
                    return loss;
                }
            }
        });
        assert_eq!(pieces, plain, "in pieces of {budget}");
    }
}

#[test]
fn gradients_have_the_same_bits() {
    fn pass<W: Want, N: Layer<[f32; 4], Y = [f32; 2]>>() -> Vec<Vec<u32>> {
        let dy: Vec<[f32; 2]> = tensors(CAPACITY, 12);
        let set_dy: passes::SetDy<[f32; 2]> = &|_, to| to.copy_from_slice(&dy);
        let net: N = weights::random(4);
        let passed = passes::train::<CAPACITY, W, _, N>(&net, &samples(CAPACITY, 11), Some(9), set_dy);
        [passed.y.as_flattened(), passed.dx.as_flattened(), &passed.gradient, &passed.twice].map(bits).to_vec()
    }
    assert_eq!(pass::<Yes, Again>(), pass::<Yes, Plain>());
    assert_eq!(pass::<No, Again>(), pass::<No, Plain>());
}

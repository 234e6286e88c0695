//! Trains one net on several machines. A batch has a fixed number of shards. Each rank computes the gradients of its shards, all
//! ranks gather all gradients, and each adds them in the order of the shards: 1, 2 and 4 ranks give the same bits. `MPI_SUM` would
//! add in another order for each number of ranks.

use baregrad::tensor::{Floats, Zero};
use baregrad::{Accumulate, Permutation, prelude::*};
use mpi::traits::*;
use std::error::Error;

#[path = "../../data/mod.rs"]
mod data;

type Net = chain![Dense<64, 32, Relu>, Dense<32, 10>];
/// `Accumulate<0>`: a step leaves its gradient in `grad`, and only `apply` moves the weights.
type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Adam, SHARD, Accumulate<0>>;
const SHARDS: usize = 4;
const SHARD: usize = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let universe = mpi::initialize().ok_or("MPI is initialised already")?;
    let world = universe.world();
    let (rank, ranks) = (world.rank() as usize, world.size() as usize);
    assert_eq!(SHARDS % ranks, 0, "the number of ranks must divide the number of shards");
    let share = SHARDS / ranks;
    let [train, test] = data::digits::load()?;
    // The same seed gives every rank the same weights and the same order of the samples.
    let mut rng = Sfc32::seed_from_u64(1);
    let mut model = Model::new(&mut rng);
    let mut all = vec![0.0; SHARDS * Net::TRAINABLE];
    for _epoch in 0..60 {
        let order = Permutation::new(train.x.len(), &mut rng);
        for start in (0..=train.x.len() - SHARDS * SHARD).step_by(SHARDS * SHARD) {
            let mut own = Vec::new();
            for shard in rank * share..(rank + 1) * share {
                let place = |i| order.at(start + shard * SHARD + i);
                let x: [_; SHARD] = std::array::from_fn(|i| train.x[place(i)]);
                let y: [_; SHARD] = std::array::from_fn(|i| train.y[place(i)]);
                model.step(&x, &y)?;
                model.grad.sum.walk(&mut |gradient| own.extend_from_slice(gradient));
                model.grad = Zero::ZERO;
            }
            world.all_gather_into(&own[..], &mut all[..]);
            for gradient in all.chunks_exact(Net::TRAINABLE) {
                let mut gradient = gradient.iter();
                model.grad.sum.walk_mut(&mut |sum| sum.iter_mut().zip(&mut gradient).for_each(|(sum, g)| *sum += g));
                model.grad.batches += 1;
            }
            model.apply();
        }
    }
    let mut accuracy = CategoricalAccuracy::new();
    model.evaluate(&test.x, &test.y, &mut accuracy)?;
    let mut weights = 0_u32; // a hash: equal bits, equal numbers
    model.net.tensors(0, &mut |_, tensor| tensor.iter().for_each(|w| weights = weights.rotate_left(5) ^ w.to_bits()));
    if rank == 0 {
        println!("{ranks} ranks: test accuracy {:.1} %, weights {weights:08x}", 100.0 * accuracy.value());
    }
    Ok(())
}

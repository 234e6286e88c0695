//! `fit_parallel` on 1, 2, 4, … threads beside `fit`, which has the whole batch in one run and one thread.
//!
//! ```text
//! RUSTFLAGS="-C target-cpu=native" cargo bench -p baregrad-benches --features rayon --bench threads
//! ```
//!
//! The last line is the machine's own limit: as many trainings as threads at the same time, each with a net of its own, so that
//! no thread waits for another. Where it is far from the number of threads, two of the machine's processors share a core, or
//! they clock lower if all of them work.
//!
//! Each row is timed in rounds. In a round all columns are timed one after another, and the table has their medians. First
//! it is asserted that any number of threads gives the same bits.

use baregrad::{Buffered, Params, Shard, prelude::*};
use rayon::{ThreadPool, ThreadPoolBuilder, prelude::*};
use std::thread::available_parallelism;
use std::time::Instant;

/// Samples in the data set.
const SAMPLES: usize = 16_384;
/// Each timed call goes through the data twice.
const EPOCHS: usize = 2;
const ROUNDS: usize = 11;

type T2 = chain![Dense<64, 32, Relu>, Dense<32, 10>];
type T3 = chain![Dense<784, 128, Relu>, Dense<128, 10>];
type Loss = SparseCategoricalCrossEntropy<Logits>;
type Plain<N, const BATCH: usize> = Trainer<N, Loss, Adam, BATCH>;
type Parallel<N, const RUN: usize> = Trainer<N, Loss, Adam, RUN, Buffered>;

fn main() {
    let cores = available_parallelism().map_or(1, usize::from);
    let pools: Vec<ThreadPool> = std::iter::successors(Some(1), |threads| Some(2 * threads))
        .take_while(|threads| *threads <= cores.max(2))
        .map(|threads| ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool of threads"))
        .collect();
    println!("{cores} cores; microseconds per step, and how many times as fast as on one thread\n");
    print!("| net | batch | run | `fit` | 1 thread | ratio |");
    pools.iter().skip(1).for_each(|pool| print!(" {} | × |", pool.current_num_threads()));
    println!("\n|---|--:|--:|--:|--:|--:|{}", "--:|--:|".repeat(pools.len() - 1));
    row::<T3, 784, 512, 32>("784→128→10", &pools);
    row::<T3, 784, 512, 128>("784→128→10", &pools);
    row::<T3, 784, 4096, 32>("784→128→10", &pools);
    row::<T3, 784, 4096, 128>("784→128→10", &pools);
    row::<T2, 64, 4096, 32>("64→32→10", &pools);
    limit(&pools);
}

/// Prints how many trainings that know nothing of each other the machine does at once.
fn limit(pools: &[ThreadPool]) {
    let (x, y) = data::<784>(SAMPLES);
    let fit = Fit { epochs: 1, batch_size: 32, shuffle: false };
    let mut times = vec![Vec::new(); pools.len()];
    let model = || Plain::<T3, 32>::boxed(&mut Sfc32::seed_from_u64(1));
    let models = |pool: &ThreadPool| (0..pool.current_num_threads()).map(|_| model()).collect::<Vec<_>>();
    let mut models: Vec<_> = pools.iter().map(models).collect();
    for _ in 0..=ROUNDS {
        for ((models, pool), times) in models.iter_mut().zip(pools).zip(&mut times) {
            let start = Instant::now();
            pool.install(|| {
                models.par_iter_mut().for_each(|model| _ = model.fit(&x, &y, &fit).expect("a finite loss"))
            });
            times.push(start.elapsed().as_secs_f64() / models.len() as f64);
        }
    }
    let medians: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
    print!("| limit | | | | {:.0} | |", medians[0] * 1e6 / (SAMPLES / 32) as f64);
    medians.iter().skip(1).for_each(|time| print!(" | {:.2} |", medians[0] / time));
    println!();
}

/// Random samples, and classes that follow from them.
fn data<const I: usize>(samples: usize) -> (Vec<[f32; I]>, Vec<u8>) {
    let mut random = Sfc32::seed_from_u64(7);
    let mut x = vec![[0.0; I]; samples];
    x.as_flattened_mut().iter_mut().for_each(|x| *x = random.next_u32() as f32 / u32::MAX as f32);
    let y = x.iter().map(|x| (10.0 * x[0]).min(9.0) as u8).collect();
    (x, y)
}

/// Prints the line of a net, for batches of `BATCH` samples and runs of `RUN`.
fn row<N, const I: usize, const BATCH: usize, const RUN: usize>(name: &str, pools: &[ThreadPool])
where
    N: Network<Input = [f32; I], Y = [f32; 10]> + Sync,
    Plain<N, BATCH>: Send,
    Parallel<N, RUN>: Send,
    Shard<N, RUN>: Send + Sync,
{
    let (x, y) = data::<I>(SAMPLES);
    let fit = Fit { epochs: EPOCHS, batch_size: BATCH, ..Fit::default() };
    let seed = || Sfc32::seed_from_u64(1);

    let mut plain = Plain::<N, BATCH>::boxed(&mut seed());
    let mut models: Vec<_> = pools.iter().map(|_| Parallel::<N, RUN>::boxed(&mut seed())).collect();
    let mut times = vec![Vec::new(); 1 + pools.len()];
    for round in 0..=ROUNDS {
        let mut times = times.iter_mut();
        let mut timed = |run: &mut dyn FnMut()| {
            let start = Instant::now();
            run();
            let time = start.elapsed().as_secs_f64() * 1e6 / (EPOCHS * SAMPLES / BATCH) as f64;
            times.next().expect("a column").push(time);
        };
        timed(&mut || _ = plain.fit(&x, &y, &fit).expect("a finite loss"));
        for (model, pool) in models.iter_mut().zip(pools) {
            timed(&mut || pool.install(|| _ = model.fit_parallel(Data::new(&x, &y), &fit, ()).expect("a finite loss")));
        }
        if round == 0 {
            let all: Vec<Vec<u32>> = models.iter().map(|model| bits(&model.net)).collect();
            assert!(all.iter().all(|bits| *bits == all[0]), "other bits on other numbers of threads");
        }
    }
    let medians: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
    print!("| {name} | {BATCH} | {RUN} | {:.0} | {:.0} | {:.2} |", medians[0], medians[1], medians[1] / medians[0]);
    medians.iter().skip(2).for_each(|time| print!(" {time:.0} | {:.2} |", medians[1] / time));
    println!();
}

/// The bits of all weights.
fn bits(net: &impl Params) -> Vec<u32> {
    let mut bits = Vec::new();
    net.tensors(0, &mut |_, values| bits.extend(values.iter().map(|value| value.to_bits())));
    bits
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

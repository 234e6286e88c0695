//! One program at every level of SIMD instructions that this processor has.

use baregrad::prelude::*;
use std::{env, process::Command};

/// Kernels of all kinds, on shapes that are worth a choice and on others.
type Net = chain![
    Dense<20, 24, Tanh>,
    BatchNorm<24, Gelu>,
    LayerNorm<24>,
    Dense<24, 17, Sigmoid, L2<100>>,
    Dense<17, 5, Silu>,
    Dense<5, 24>
];
type Model<M> = Trainer<Net, CategoricalCrossEntropy<Logits>, Adam, 7, M>;

/// Trains on 20 samples, in batches that are not full.
fn train<M: baregrad::Gradients>() -> Vec<f32> {
    let mut rng = Sfc32::seed_from_u64(3);
    let mut number = || (rng.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0;
    let x: [[f32; 20]; 20] = std::array::from_fn(|_| std::array::from_fn(|_| number()));
    let y: [[f32; 24]; 20] = std::array::from_fn(|i| std::array::from_fn(|j| f32::from(i == j)));
    let mut model = Model::<M>::untrained(CategoricalCrossEntropy::new(), Adam::new(1e-3));
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(4));
    model.fit(&x, &y, &Fit { epochs: 5, batch_size: 7, ..Fit::default() }).unwrap();
    let mut all = model.predict(&x).concat();
    // One by one, the samples must give the same bits.
    let single: Vec<f32> = x.iter().flat_map(|x| model.predict(&[*x])[0]).collect();
    assert_eq!(all, single);
    model.net.tensors(0, &mut |_, tensor| all.extend_from_slice(tensor));
    all
}

/// Run by the other test, with a level in the environment: prints the level, and bits.
#[test]
#[ignore = "a part of the other test"]
fn part() {
    let (direct, buffered) = (train::<baregrad::Direct>(), train::<baregrad::Buffered>());
    assert_eq!(direct, buffered, "a gradient in memory gives the same bits");
    println!("level {}", baregrad::simd_level());
    println!("bits {}", direct.iter().map(|x| format!("{:08x}", x.to_bits())).collect::<String>());
}

fn run(level: &str) -> (String, Vec<f32>) {
    let arguments = ["--ignored", "--exact", "dispatch::part", "--nocapture"];
    let output =
        Command::new(env::current_exe().unwrap()).args(arguments).env("BAREGRAD_SIMD", level).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{level}: {text}{}", String::from_utf8_lossy(&output.stderr));
    let line = |name: &str| text.lines().find_map(|line| line.split_once(name)).unwrap().1.trim().to_string();
    let bits = line("bits ");
    let numbers = bits.as_bytes().chunks(8).map(|digits| str::from_utf8(digits).unwrap());
    (line("level "), numbers.map(|digits| f32::from_bits(u32::from_str_radix(digits, 16).unwrap())).collect())
}

#[test]
fn every_level_of_this_machine() {
    let (build, expected) = run("build");
    assert_eq!(build, "build");
    let best = run("").0;
    // The levels up to the best one, each of which must be taken if it is asked for.
    let levels: &[&str] = match best.as_str() {
        "avx512" => &["avx2", "avx512"],
        "avx2" => &["avx2"],
        _ => &[],
    };
    for &level in levels {
        let (taken, numbers) = run(level);
        assert!(taken == level || cfg!(target_feature = "avx2"), "{level} is asked for, {taken} is taken");
        assert_eq!(numbers.len(), expected.len());
        for (i, (number, expected)) in numbers.iter().zip(&expected).enumerate() {
            if cfg!(feature = "strict") {
                assert_eq!(number.to_bits(), expected.to_bits(), "{level}: number {i}");
            } else {
                assert!((number - expected).abs() < 1e-4, "{level}: number {i}: {number}, {expected}");
            }
        }
    }
}

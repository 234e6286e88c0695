//! What the machine can do at this moment: multiply-adds and loads from L1, which no kernel can exceed.
//!
//! Both are needed to know whether a neighbour disturbs a timing. Where two virtual processors share a core, a busy
//! neighbour takes a third of the loads, but hardly a multiply-add. A lower clock takes of both.

use std::hint::black_box;
use std::time::Instant;

#[cfg(target_feature = "avx512f")]
type Vectors = (wide::f32x16, wide::u32x16);
#[cfg(all(target_feature = "avx", not(target_feature = "avx512f")))]
type Vectors = (wide::f32x8, wide::u32x8);
#[cfg(not(target_feature = "avx"))]
type Vectors = (wide::f32x4, wide::u32x4);

/// The widest vectors of the build.
trait Widest {
    type Floats;
    type Integers;
}

impl<F, I> Widest for (F, I) {
    type Floats = F;
    type Integers = I;
}

type Floats = <Vectors as Widest>::Floats;
type Integers = <Vectors as Widest>::Integers;

/// Enough for two pipes of latency 4, and few enough for 16 registers.
const CHAINS: usize = 12;
/// A probe takes about ten microseconds.
const STEPS: usize = 2000;
/// Half of the smallest L1 cache.
const BYTES: usize = 16_384;
const READS: usize = 64;

/// Billions per second.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Floating-point operations of multiply-adds, two each.
    pub flops: f64,
    /// Bytes loaded from L1.
    pub bytes: f64,
}

/// The memory that the probe of loads reads.
pub struct Probes {
    memory: Box<[Integers; BYTES / size_of::<Integers>()]>,
}

impl Probes {
    pub fn new() -> Self {
        Probes { memory: Box::new([Integers::splat(1); _]) }
    }

    /// Measures both rates, each in some ten microseconds.
    pub fn measure(&self) -> Rates {
        let start = Instant::now();
        multiply_adds();
        let middle = Instant::now();
        self.loads();
        let end = Instant::now();
        let flops = 2 * STEPS * CHAINS * size_of::<Floats>() / size_of::<f32>();
        Rates {
            flops: flops as f64 / (middle - start).as_nanos() as f64,
            bytes: (BYTES * READS) as f64 / (end - middle).as_nanos() as f64,
        }
    }

    /// Loads into independent chains: `or` runs on as many ports as loads do.
    fn loads(&self) {
        let mut chains = [Integers::splat(0); 8];
        for _ in 0..READS {
            for values in black_box(&self.memory).as_chunks::<8>().0 {
                for (chain, value) in chains.iter_mut().zip(values) {
                    *chain |= *value;
                }
            }
        }
        black_box(chains);
    }
}

/// Independent chains of multiply-adds in registers.
fn multiply_adds() {
    let (a, b) = (black_box(Floats::splat(0.999)), black_box(Floats::splat(1e-3)));
    let mut chains = [black_box(Floats::splat(1.0)); CHAINS];
    for _ in 0..STEPS {
        for chain in &mut chains {
            *chain = chain.mul_add(a, b);
        }
    }
    black_box(chains);
}

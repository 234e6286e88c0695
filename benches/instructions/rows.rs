//! The rows of figures.txt; `.ci/run instructions` compares them.

#![allow(non_snake_case)] // the names of rows are those of the other benches

use baregrad_instructions::*;
use gungraun::{Callgrind, prelude::*};

// All is made before, and dropped after, the count.
#[library_benchmark]
#[bench::M8(m8())]
#[bench::M16(m16())]
#[bench::M32(m32())]
#[bench::M64(m64())]
#[bench::M128(m128())]
#[bench::V64(v64())]
#[bench::I1(i1())]
#[bench::I2(i2())]
#[bench::I3(i3())]
#[bench::I3B(i3b())]
#[bench::C1(c1())]
#[bench::C2(c2())]
#[bench::C3(c3())]
#[bench::C4(c4())]
#[bench::N1(n1())]
#[bench::R1(r1())]
#[bench::R2(r2())]
#[bench::R3b1(r3b1())]
#[bench::R4b1(r4b1())]
#[bench::T1(t1())]
#[bench::T2(t2())]
#[bench::T3(t3())]
#[bench::T4(t4())]
#[bench::T2checked(t2_checked())]
#[bench::T4checked(t4_checked())]
#[bench::exp(exp())]
#[bench::tanh(tanh())]
#[bench::sigmoid(sigmoid())]
#[bench::adam(adam())]
fn row(mut call: Call) -> Call {
    call();
    call
}

library_benchmark_group!(name = rows, benchmarks = row);
main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"])),
    library_benchmark_groups = rows
);

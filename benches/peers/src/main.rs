//! Every row with all peers: computed, compared, timed in turn, and printed as a table.
//!
//! With `--require-all` a peer that is missing is an error; with `--only=PART` the table has one part.

#[path = "../../common/aligned.rs"]
mod aligned;
mod children;
#[allow(dead_code)]
#[path = "../../common/nets.rs"]
mod nets;
mod peers;
#[allow(dead_code)]
#[path = "../../common/plain.rs"]
mod plain;
#[allow(dead_code)]
#[path = "../../common/plain_convolutions.rs"]
mod plain_convolutions;
#[allow(dead_code)]
#[path = "../../common/plain_recurrent.rs"]
mod plain_recurrent;
mod rows;
mod table;

use aligned::Aligned;
use baregrad::tensor::{Tensor, Zero};
use nets::{Convolution, Depthwise, DsCnn, OnStream, Pointwise, ResNet8, drawn, drawn_recurrent};
use peers::*;
use plain_convolutions::Twin;
use rows::{BATCH, Function, Peer, buffer, fill, keep, numbers, trained, untrained};
use table::{Row, Table};

/// What each peer makes of a row, in the order of the columns; results and times are compared with the first's.
macro_rules! entrants {
    ($row:ident $data:tt) => {
        entrants!($row $data: Baregrad PlainRust NanoGemm MatrixMultiply Gemm Nalgebra Dfdx Candle Burn Wide Libm)
    };
    ($row:ident $data:tt: $($peer:ident)+) => {
        vec![$(($peer::column(), $peer::$row $data)),+]
    };
}

const PARTS: [(&str, fn(&mut Table)); 6] = [
    ("Products", products),
    ("Inference", inference),
    ("Convolutions", convolutions),
    ("Sequences", sequences),
    ("Training", training),
    ("Functions", functions),
];

fn main() {
    let threads = std::env::var("RAYON_NUM_THREADS");
    assert_eq!(threads.as_deref(), Ok("1"), "`cargo run` in this folder sets this");
    let mut table = Table::new(children::start(), std::env::args().any(|argument| argument == "--require-all"));
    let only = std::env::args().find_map(|argument| Some(argument.strip_prefix("--only=")?.to_owned()));
    for (title, rows) in PARTS {
        if only.as_ref().is_none_or(|only| only == title) {
            table.part(title);
            rows(&mut table);
        }
    }
    table.print();
}

fn products(table: &mut Table) {
    matmul::<8>(table, "M8", "8×8 · 8×8");
    matmul::<16>(table, "M16", "16×16 · 16×16");
    matmul::<32>(table, "M32", "32×32 · 32×32");
    matmul::<64>(table, "M64", "64×64 · 64×64");
    matmul::<128>(table, "M128", "128×128 · 128×128");
    v64(table);
}

fn functions(table: &mut Table) {
    activation(table, "A1 exp", Function::Exp, f64::exp);
    activation(table, "A1 tanh", Function::Tanh, f64::tanh);
    activation(table, "A1 sigmoid", Function::Sigmoid, |x| 1.0 / (1.0 + (-x).exp()));
}

fn matmul<const N: usize>(table: &mut Table, name: &'static str, what: &'static str) {
    let (a, b) = (keep(*numbers::<N, N>(1)), keep(*numbers::<N, N>(2)));
    table.time(Row::new(name, what, 1e-4), entrants!(matmul(a, b)));
}

fn v64(table: &mut Table) {
    let (x, layer) = (keep(numbers::<64, 1>(7)[0]), keep(trained::<64, 64>(1)));
    table.time(Row::new("V64", "64×64 · vector + vector", 1e-5), entrants!(v64(x, layer)));
}

fn inference(table: &mut Table) {
    let (x, net) = (keep([0.3, -0.7]), keep((trained(1), trained(3))));
    table.time(Row::new("I1", "2→2 relu→1 sigmoid, one sample", 1e-5), entrants!(i1(x, net)));

    let (x, net) = (keep(numbers::<16, 1>(7)[0]), keep((trained(1), trained(3), trained(5))));
    table.time(Row::new("I2", "16→64 tanh→64 tanh→8, one sample", 1e-4), entrants!(i2(x, net)));

    let (x, net) = (keep(*numbers::<784, BATCH>(7)), keep((trained(1), trained(3))));
    let (one, two, three) = (keep([x[0]]), keep([x[0], x[1]]), keep([x[0], x[1], x[2]]));
    table.time(Row::new("I3", "784→128 relu→10 softmax, one sample", 1e-4), entrants!(i3(one, net)));
    let row = |name, what, parts| Row { parts, ..Row::new(name, what, 1e-4) };
    table.time(row("I3b2", "the same, a sample of a batch of 2", 2), entrants!(i3(two, net)));
    table.time(row("I3b3", "the same, a sample of a batch of 3", 3), entrants!(i3(three, net)));
    table.time(row("I3B", "the same, a sample of a batch of 32", BATCH as u32), entrants!(i3(x, net)));
}

fn convolutions(table: &mut Table) {
    let (x, layer) = (keep(*numbers::<4, 64>(7)), drawn::<OnStream>());
    table.time(Row::new("C1", "a step of a stream, conv1d 5, 4→8 channels", 1e-5), entrants!(c1(x, layer)));
    net::<Convolution>(table, "C2", "conv2d 3×3, 8→16 channels, relu, 16×16 places");
    net::<Depthwise>(table, "C3", "depthwise 3×3, 64 channels, 25×5 places");
    net::<Pointwise>(table, "C4", "conv2d 1×1, 64→64 channels, 25×5 places");
    net::<DsCnn>(table, "N1", "DS-CNN, one sample");
    net::<ResNet8>(table, "N2", "ResNet-8, one sample");
}

fn net<N: Twin + 'static>(table: &mut Table, name: &'static str, what: &'static str) {
    let (x, net) = (buffer(N::Input::ZERO), drawn::<N>());
    fill(x.flat_mut(), 7);
    let x = &*x;
    table.time(Row::new(name, what, 1e-4), entrants!(net(x, net)));
}

fn sequences(table: &mut Table) {
    let x = keep(*numbers::<1, 64>(7));
    let lstm = drawn_recurrent();
    table.time(Row::new("R1", "a step of a stream, LSTM 1→32, dense 1", 1e-5), entrants!(r1(x, lstm)));
    let gru = drawn_recurrent();
    table.time(Row::new("R2", "a step of a stream, GRU 1→32, dense 1", 1e-5), entrants!(r2(x, gru)));

    let x = buffer([[[0.0; 6]; 64]; BATCH]);
    fill(x.flat_mut(), 7);
    let (x, t): (&_, &[u8; BATCH]) = (x, keep(std::array::from_fn(|i| (i % 6) as u8)));
    let (one, first) = (keep([x[0]]), keep([t[0]]));
    let gru = drawn_recurrent();
    table.time(Row::new("R3", "training, GRU 6→32 over 64 steps, dense 6, batch 32", 1e-3), entrants!(r3(x, t, gru)));
    table.time(Row::new("R3b1", "the same, batch 1", 1e-3), entrants!(r3(one, first, gru)));
    let lstm = drawn_recurrent();
    table.time(Row::new("R4", "training, LSTM 6→32 over 64 steps, dense 6, batch 32", 1e-3), entrants!(r4(x, t, lstm)));
    table.time(Row::new("R4b1", "the same, batch 1", 1e-3), entrants!(r4(one, first, lstm)));
}

fn training(table: &mut Table) {
    let (x, t) = (keep([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), keep([[0.0], [1.0], [1.0], [0.0]]));
    // Biases that are not zero keep sums off zero, where libraries differ on the slope of relu.
    let first = plain::Dense { w: [[0.9, -0.4], [0.8, 0.7]], b: [0.1, -0.1] };
    let net = keep((first, plain::Dense { w: [[-0.9], [1.1]], b: [0.1] }));
    table.time(Row::new("T1", "2→2 relu→1 sigmoid, 1000 epochs of 4 steps, batch 1", 1e-3), entrants!(t1(x, t, net)));

    let t: &[u8; BATCH] = keep(std::array::from_fn(|i| (i % 10) as u8));
    let (x, net) = (keep(*numbers::<64, BATCH>(7)), keep((untrained::<64, 32>(1), untrained(3))));
    table.time(Row::new("T2", "a step, 64→32 relu→10, batch 32", 1e-4), entrants!(classifier(x, t, net)));
    let (one, first) = (keep([x[0]]), keep([t[0]]));
    table.time(Row::new("T2b1", "the same, batch 1", 1e-4), entrants!(classifier(one, first, net)));
    let (x, net) = (keep(*numbers::<784, BATCH>(7)), keep((untrained::<784, 128>(1), untrained(3))));
    table.time(Row::new("T3", "a step, 784→128 relu→10, batch 32", 1e-3), entrants!(classifier(x, t, net)));

    let (x, t) = (keep(numbers::<16, 1>(7)[0]), keep(numbers::<4, 1>(8)[0]));
    let net = keep((untrained(1), untrained(3)));
    table.time(Row::new("T4", "a step, 16→32 tanh→4, batch 1", 1e-4), entrants!(t4(x, t, net)));
}

fn activation(table: &mut Table, name: &'static str, function: Function, exact: fn(f64) -> f64) {
    let x = keep(numbers::<1024, 1>(7)[0].map(|x| 8.0 * x));
    let exact = x.map(|x| exact(f64::from(x))).to_vec();
    let row = Row::new(name, "one of 1024 floats in [-8, 8)", 1e-5);
    table.time(Row { parts: 1024, exact: Some(exact), ..row }, entrants!(activation(function, x)));
}

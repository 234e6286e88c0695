//! How the time grows with the size of a product, with the batch and with the number of layers, beside plain Rust, without
//! Criterion.
//!
//! ```text
//! RUSTFLAGS="-C target-cpu=native" cargo bench -p baregrad-benches --bench growth -- growth.svg
//! ```
//!
//! The file is drawn if it is named; its folder is `benches`.

#[allow(dead_code)]
#[path = "../common/mod.rs"]
mod common;
mod plot;

use baregrad::prelude::*;
use common::plain::Deep;
use common::rows::{classifier, inference, product, weights};
use common::table::{Table, Work};
use common::timing::Training;
use common::{assert_close, hide, hide_mut, keep, numbers, zeros};
use plot::{Panel, growth};

/// Neurons of each layer of the deep nets.
const N: usize = 32;
const BATCH: usize = 32;

type L = Dense<N, N, Relu>;

/// `row::<net, layers>(table, name)` for all these nets, into one table and panel.
macro_rules! depths {
    ($row:ident, $panel:ident: $([$($layer:ident)+])+) => {
        let table = &mut $panel.table();
        $(let depth = [$(stringify!($layer)),+].len();
        $panel.add(depth, $row::<chain![$($layer),+], { [$(stringify!($layer)),+].len() }>(table, &depth.to_string()));)+
    };
}

/// The row for all these sizes, into one table and panel.
macro_rules! sizes {
    (product, $panel:ident: $($n:literal)+) => {
        let table = &mut $panel.table();
        $($panel.add($n, product::<$n, $n, $n>(table, stringify!($n)));)+
    };
    ($row:ident, $panel:ident: $($batch:literal)+) => {
        let table = &mut $panel.table();
        $($panel.add($batch, $row::<64, 32, $batch>(table, stringify!($batch)));)+
    };
}

/// Weights of a layer that keep the size of what goes through it.
fn layer(i: usize) -> [[f32; N]; N] {
    weights::<N, N>(i as u32 + 1).map(|row| row.map(|w| 1.4 * w))
}

/// Puts these weights into all layers, whose tensors are visited in turn: weights, bias.
fn fill(net: &mut impl Params) {
    let mut tensors = 0;
    net.tensors_mut(0, &mut |_, values| {
        if tensors % 2 == 0 {
            values.copy_from_slice(layer(tensors / 2).as_flattened());
        }
        tensors += 1;
    });
}

/// Inference of one sample by `D` layers.
fn deep_inference<Net, const D: usize>(table: &mut Table, name: &str) -> Option<[f64; 2]>
where
    Net: Network<Input = [f32; N], Y = [f32; N]>,
{
    let net = keep(Net::NEW);
    fill(net);
    let (net, twin) = (&*net, &*keep(Deep::<N, D, 1>::new(layer)));
    let [x] = &*numbers::<N, 1>(7);
    let ([scratch], h) = (zeros::<{ 2 * N }, 1>(), keep([[0.0; N]; D]));
    let [y] = zeros::<N, 1>();
    net.infer_one(x, y, scratch);
    assert_close(y, twin.infer(x, h), 1e-4);
    table.row(
        name,
        Work::Flops(2 * D * N * N),
        || net.infer_one(hide(x), hide_mut(y), scratch),
        || _ = hide(twin.infer(hide(x), hide_mut(h))),
    )
}

/// A training step of `D` layers.
fn deep_step<Net, const D: usize>(table: &mut Table, name: &str) -> Option<[f64; 2]>
where
    Net: Network<Input = [f32; N], Y = [f32; N]> + 'static,
{
    type Model<Net> = Trainer<Net, MeanSquaredError, Adam, BATCH>;
    let (x, t) = (&*numbers::<N, BATCH>(7), &*numbers::<N, BATCH>(8));
    let (mut ours, mut plain) = (
        Training {
            state: keep(Model::<Net>::untrained(MeanSquaredError, Adam::default())),
            restart: |model: &mut Model<Net>| {
                *model = Model::untrained(MeanSquaredError, Adam::default());
                fill(&mut model.net);
            },
            step: |model: &mut Model<Net>| model.step(hide(x), hide(t)).unwrap(),
        },
        Training {
            state: keep(Deep::<N, D, BATCH>::new(layer)),
            restart: |model: &mut Deep<N, D, BATCH>| *model = Deep::new(layer),
            step: |model: &mut Deep<N, D, BATCH>| model.step(hide(x), hide(t)),
        },
    );
    assert_close(&ours.losses(), &plain.losses(), 1e-4);
    // Forward, the gradient of the weights, and the input gradient of all layers but the first.
    table.row(name, Work::Flops(2 * BATCH * N * N * (3 * D - 1)), ours, plain)
}

fn main() {
    let mut panels = [
        Panel::new("Product of square matrices", "rows and columns"),
        Panel::new("Training step of 64→32→10", "batch"),
        Panel::new("Inference by 64→32→10", "batch"),
        Panel::new("Training step of layers 32→32, batch 32", "layers"),
        Panel::new("Inference by layers 32→32, one sample", "layers"),
    ];
    let [products, steps, inferences, deep_steps, deep_inferences] = &mut panels;
    sizes!(product, products: 2 4 8 16 32 64 128 256 512 1024);
    sizes!(classifier, steps: 1 4 16 64 256 1024);
    sizes!(inference, inferences: 1 4 16 64 256 1024);
    depths!(deep_step, deep_steps:
        [L] [L L] [L L L] [L L L L] [L L L L L] [L L L L L L] [L L L L L L L] [L L L L L L L L]);
    depths!(deep_inference, deep_inferences:
        [L] [L L] [L L L] [L L L L] [L L L L L] [L L L L L L] [L L L L L L L] [L L L L L L L L]);
    if let Some(file) = std::env::args().skip(1).find(|argument| argument.ends_with(".svg")) {
        growth(&file, &panels).expect("a drawing");
    }
}

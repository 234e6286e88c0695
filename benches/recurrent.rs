//! Rows R1 to R4: recurrent nets on a stream, and their training, beside plain Rust.

#[allow(dead_code)]
mod common;

use baregrad::net::StreamLayer;
use baregrad::prelude::*;
use baregrad::tensor::Zero;
use common::nets::{Gated, GatedStream, Memory, MemoryStream, drawn_recurrent};
use common::plain_recurrent::{Plain, PlainGru, PlainLstm, PlainSequences, PlainStream};
use common::table::{Table, Work};
use common::timing::Training;
use common::{assert_close, hide, hide_mut, keep, numbers};
use criterion::{Criterion, criterion_group, criterion_main};

/// A step of a stream.
fn stream<N, L: Plain<1> + 'static>(table: &mut Table, name: &str, net: &'static N, twin: PlainStream<L>)
where
    N: StreamLayer<Sequence<64, 1>, Y = Sequence<64, 1>>,
{
    let (memory, twin) = (keep(N::Memory::ZERO), keep(twin));
    let x = numbers::<1, 64>(7);
    for x in x.iter() {
        assert_close(&net.step(memory, x).unwrap(), &twin.push(x), 1e-5);
    }
    let (x, y, z) = (&x[0], keep(None), keep([0.0]));
    table.row(
        name,
        Work::Mixed,
        || *hide_mut(y) = hide(net).step(memory, hide(x)),
        || *hide_mut(z) = hide_mut(twin).push(hide(x)),
    );
}

/// A training step on `B` samples of the net `$Net`.
macro_rules! training {
    ($table:expr, $name:expr, $Net:ty, $B:literal, $plain:path) => {{
        type Model = Trainer<$Net, SparseCategoricalCrossEntropy<Logits>, Adam, $B>;
        let x: &[Sequence<64, 6>] = numbers::<6, { 64 * $B }>(7).as_chunks().0;
        let t = &*keep(std::array::from_fn::<u8, $B, _>(|i| (i % 6) as u8));
        let net: &$Net = drawn_recurrent();
        let (mut ours, mut plain) = (
            Training {
                state: keep(Model::of(net.clone(), Default::default(), Adam::default())),
                restart: |model: &mut Model| {
                    model.set_up(Default::default(), Adam::default());
                    model.net.clone_from(net);
                },
                step: |model: &mut Model| model.step(hide(x), hide(t)).unwrap(),
            },
            Training {
                state: keep($plain(net)),
                restart: |model: &mut PlainSequences<_>| *model = $plain(net),
                step: |model: &mut PlainSequences<_>| model.step(hide(x), hide(t)),
            },
        );
        assert_close(&ours.losses(), &plain.losses(), 1e-3);
        $table.row($name, Work::Mixed, ours, plain);
    }};
}

fn recurrent(c: &mut Criterion) {
    let table = &mut Table::new(c, "recurrent");
    let net: &MemoryStream = drawn_recurrent();
    let twin = PlainLstm::<33>::new(&net.0.w, &net.0.u, &net.0.b);
    stream(table, "R1", net, PlainStream::new(twin, &net.1));
    let net: &GatedStream = drawn_recurrent();
    let twin = PlainGru::new(&net.0.w, &net.0.u, &net.0.b);
    stream(table, "R2", net, PlainStream::new(twin, &net.1));
    training!(table, "R3", Gated, 32, PlainSequences::gated);
    training!(table, "R3b1", Gated, 1, PlainSequences::gated);
    training!(table, "R4", Memory, 32, PlainSequences::memory);
    training!(table, "R4b1", Memory, 1, PlainSequences::memory);
}

criterion_group!(benches, recurrent);
criterion_main!(benches);

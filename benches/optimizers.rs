//! One fused pass over a tensor with each optimiser, beside plain Rust.

#[allow(dead_code)]
mod common;

use baregrad::prelude::*;
use baregrad::tensor::Zero;
use common::table::{Table, Work};
use common::{assert_close, hide, hide_mut, keep, numbers};
use criterion::{Criterion, criterion_group, criterion_main};

/// Steps after which both sides must have the same weights.
const STEPS: usize = 10;

/// One optimiser on `N` parameters whose gradient stays the same; `twin` makes the same step of weights and moments.
fn row<O: Optimizer, const N: usize, M: 'static>(
    table: &mut Table,
    name: &str,
    mut optimizer: O,
    moments: M,
    mut twin: impl FnMut(&mut [f32; N], &[f32; N], &mut M),
) {
    let [g] = &*numbers::<N, 1>(1);
    let ([w], [w_twin]) = (numbers::<N, 1>(2), numbers::<N, 1>(2));
    let (m, m_twin) = (keep(<MomentsOf<O, [f32; N]> as Zero>::ZERO), keep(moments));
    for _ in 0..STEPS {
        optimizer.begin_step();
        update(&optimizer, w, 0, g, m);
        twin(w_twin, g, m_twin);
    }
    assert_close(w, w_twin, 1e-5);
    table.row(
        &format!("{name} of {N}"),
        Work::Elements(N),
        || {
            optimizer.begin_step();
            update(&optimizer, hide_mut(w), 0, hide(g), hide_mut(m));
        },
        || twin(hide_mut(w_twin), hide(g), hide_mut(m_twin)),
    );
}

/// 1 − βᵗ of Adam's steps.
struct Corrections(f32, f32);

impl Corrections {
    fn next(&mut self) -> (f32, f32) {
        self.0 = 0.9 * self.0 + (1.0 - 0.9);
        self.1 = 0.999 * self.1 + (1.0 - 0.999);
        (self.0, self.1.sqrt())
    }
}

fn all<const N: usize>(table: &mut Table) {
    row::<_, N, _>(table, "sgd", Sgd::new(0.01), (), |w, g, ()| {
        for i in 0..N {
            w[i] -= 0.01 * g[i];
        }
    });
    row::<_, N, _>(table, "momentum", Momentum::new(0.01, 0.9), [0.0; N], |w, g, v| {
        for i in 0..N {
            v[i] = 0.9 * v[i] - 0.01 * g[i];
            w[i] += v[i];
        }
    });
    row::<_, N, _>(table, "nesterov", Nesterov::new(0.01, 0.9), [0.0; N], |w, g, v| {
        for i in 0..N {
            v[i] = 0.9 * v[i] - 0.01 * g[i];
            w[i] += 0.9 * v[i] - 0.01 * g[i];
        }
    });
    let mut corrections = Corrections(0.0, 0.0);
    row::<_, N, _>(table, "adam", Adam::new(1e-3), [[0.0; N]; 2], |w, g, [m, v]| {
        let (c1, root) = corrections.next();
        let rate = 1e-3 * root / c1;
        for i in 0..N {
            m[i] += (g[i] - m[i]) * (1.0 - 0.9);
            v[i] += (g[i] * g[i] - v[i]) * (1.0 - 0.999);
            w[i] -= rate * m[i] / (v[i].sqrt() + 1e-7);
        }
    });
    let mut corrections = Corrections(0.0, 0.0);
    row::<_, N, _>(table, "adam, PyTorch's", Adam::pytorch(1e-3), [[0.0; N]; 2], |w, g, [m, v]| {
        let (c1, root) = corrections.next();
        let (rate, scale) = (1e-3 / c1, 1.0 / root);
        for i in 0..N {
            m[i] += (g[i] - m[i]) * (1.0 - 0.9);
            v[i] += (g[i] * g[i] - v[i]) * (1.0 - 0.999);
            w[i] -= rate * m[i] / (v[i].sqrt() * scale + 1e-8);
        }
    });
}

fn optimizers(c: &mut Criterion) {
    let table = &mut Table::new(c, "optimizers");
    all::<676>(table);
    all::<16384>(table);
}

criterion_group!(benches, optimizers);
criterion_main!(benches);

//! Whether the gate of the benches notices a neighbour: what the probes measure, and which samples it keeps, with nobody else at
//! work and with a thread on each processor in turn.
//!
//! Where another processor shares the core, its thread takes a third of the loads: no sample is kept, although the
//! multiply-adds are as fast as before. A thread on a core of its own changes nothing. On a virtual machine, the neighbour may
//! be another machine, which comes and goes.

#[allow(dead_code)]
mod common;

use common::gate::{self, Gate};
use common::probes::Rates;
use common::timing::median;
use common::{hide, hide_mut, markdown, numbers, plain, zeros};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

const SAMPLES: usize = 2000;

fn main() {
    gate::check();
    let processors = core_affinity::get_core_ids().unwrap_or_default();
    let Some((own, others)) = processors.split_last() else { return println!("no thread can be pinned here") };
    core_affinity::set_for_current(*own);
    let gate = &mut Gate::new();
    let mut lines = vec![line("nobody", gate)];
    for other in others.iter().take(8) {
        let done = &AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                core_affinity::set_for_current(*other);
                let (x, w, y) = (numbers::<64, 64>(1), numbers::<64, 64>(2), zeros::<64, 64>());
                while !done.load(Relaxed) {
                    plain::product(hide(x), hide(w), hide_mut(y));
                }
            });
            lines.push(line(&format!("processor {}", other.id), gate));
            done.store(true, Relaxed);
        });
    }
    println!("\nThe benches' gate on processor {}\n", own.id);
    let head = ["neighbour", "GFLOP/s", "GB/s", "samples kept", "by multiply-adds alone"].map(String::from).to_vec();
    markdown::print(&head, &lines);
}

/// What the probes measure next to this neighbour.
fn line(neighbour: &str, gate: &mut Gate) -> Vec<String> {
    let rates = [(); SAMPLES].map(|()| gate.measure());
    let kept = rates.iter().filter(|rates| gate.quiet(**rates)).count();
    // If all loads were fast.
    let alone = rates.iter().filter(|rates| gate.quiet(Rates { bytes: f64::MAX, ..**rates })).count();
    let (flops, bytes) = (median(rates.map(|rates| rates.flops)), median(rates.map(|rates| rates.bytes)));
    let percent = |count: usize| format!("{} %", 100 * count / SAMPLES);
    vec![neighbour.into(), format!("{flops:.1}"), format!("{bytes:.1}"), percent(kept), percent(alone)]
}

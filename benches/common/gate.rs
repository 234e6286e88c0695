//! Which samples count: those before and after which the machine did what it can do at best.

use super::probes::{Probes, Rates};
use std::time::{Duration, Instant};

/// A sample counts if both rates reach this share of the best so far.
const SHARE: f64 = 0.9;
/// How long the first best is looked for.
const START: Duration = Duration::from_millis(100);

pub struct Gate {
    probes: Probes,
    best: Rates,
}

impl Gate {
    pub fn new() -> Self {
        let mut gate = Gate { probes: Probes::new(), best: Rates { flops: 0.0, bytes: 0.0 } };
        let start = Instant::now();
        while start.elapsed() < START {
            gate.measure();
        }
        gate
    }

    /// The rates of now; the best of all become the limits.
    pub fn measure(&mut self) -> Rates {
        let now = self.probes.measure();
        self.best = Rates { flops: self.best.flops.max(now.flops), bytes: self.best.bytes.max(now.bytes) };
        now
    }

    /// Whether nobody disturbed the machine while these rates were measured.
    pub fn quiet(&self, rates: Rates) -> bool {
        quiet(rates, self.best)
    }

    /// The best rates so far.
    pub fn limits(&self) -> Rates {
        self.best
    }
}

fn quiet(rates: Rates, best: Rates) -> bool {
    rates.flops >= SHARE * best.flops && rates.bytes >= SHARE * best.bytes
}

/// Checks the rule with rates that were measured on a virtual machine: quiet, while a neighbour shared the core, and while it
/// had a lower clock.
pub fn check() {
    let best = Rates { flops: 177.3, bytes: 347.9 };
    assert!(quiet(Rates { flops: 171.9, bytes: 340.0 }, best));
    assert!(!quiet(Rates { flops: 171.9, bytes: 248.1 }, best));
    assert!(!quiet(Rates { flops: 129.7, bytes: 340.0 }, best));
}

//! Learns in the field: two pixels of the sensor have drifted, so the last layer is trained anew, in RAM, on samples that
//! the device has collected. The backbone stays in flash.

use crate::board::{figure, take};
use crate::digits::{NET, Sample, TEST, hundred, input};
use crate::fnv::Fnv;
use baregrad::prelude::*;
use heapless::Vec;
use static_cell::ConstStaticCell;

/// What is trained: the last layer.
pub type Head = Trainer<Dense<32, 10>, SparseCategoricalCrossEntropy<Logits>, Adam, 1>;

/// Samples that are kept: a feature a byte, in steps of 1/16.
const KEPT: usize = 192;
const STEPS: f32 = 16.0;

/// What is trained, and what it is trained on.
struct Memory {
    head: Head,
    kept: Vec<([u8; 32], u8), KEPT>,
}

const _: () = assert!(size_of::<Memory>() <= 11 * 1024, "a Cortex-M0 with 16 KB needs the rest for its stack");

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory {
    head: Trainer::untrained(SparseCategoricalCrossEntropy::new(), Adam::new(0.01)),
    kept: Vec::new(),
});

/// Samples in the order in which the sensor sees them.
pub static STREAM: &[Sample] = include_bytes!("../data/digits.stream").as_chunks().0;

/// What the sensor sees since it has drifted: twice the full scale is added to two neighbouring pixels.
pub fn drifted(sample: &Sample) -> ([f32; 64], u8) {
    let (mut x, label) = input(sample);
    x[1] += 2.0;
    x[2] += 2.0;
    (x, label)
}

/// The outputs of the backbone.
pub fn features(x: &[f32; 64]) -> [f32; 32] {
    let mut features = [0.0; 32];
    NET.0.infer_one(x, &mut features, &mut []);
    features
}

/// Right classes of a hundred, with some head, as the sensor is.
fn accuracy(head: &Dense<32, 10>, sensor: fn(&Sample) -> ([f32; 64], u8)) -> u32 {
    let mut accuracy = CategoricalAccuracy::new();
    for sample in TEST {
        let (x, label) = sensor(sample);
        let mut y = [0.0; 10];
        head.infer_one(&features(&x), &mut y, &mut []);
        accuracy.add(&y, &label);
    }
    hundred(&accuracy)
}

/// At most 2 points worse than before the drift.
pub fn run() -> Result<bool, Error> {
    let Memory { head, kept } = take(&MEMORY);
    let mut rng = Sfc32::seed_from_u64(1);
    head.init(&Zeros, &mut rng);
    head.net.w = NET.1.w;
    head.net.b = NET.1.b;
    let (before, with_drift) = (accuracy(&head.net, input), accuracy(&head.net, drifted));
    say!("{before} of 100 digits read right; {with_drift} since two pixels have drifted");

    // Reservoir sampling (Vitter 1985): each of the samples seen so far is kept with the same probability.
    for (seen, sample) in (1_u64..).zip(STREAM) {
        let (x, label) = drifted(sample);
        let next = (features(&x).map(|feature| (feature * STEPS + 0.5) as u8), label);
        if let Err(next) = kept.push(next) {
            let place = ((u64::from(rng.next_u32()) * seen) >> 32) as usize;
            if let Some(kept) = kept.get_mut(place) {
                *kept = next;
            }
        }
    }

    for _ in 0..20 {
        for batch in kept.as_chunks::<1>().0 {
            let x = batch.map(|(features, _)| features.map(|feature| f32::from(feature) / STEPS));
            head.step(&x, &batch.map(|(_, label)| label))?;
        }
    }
    let after = accuracy(&head.net, drifted);
    say!("{after} after training of the last layer on {} of {} samples seen", kept.len(), STREAM.len());
    figure("before", before);
    figure("drifted", with_drift);
    figure("after", after);
    figure("weights", Fnv::NEW.with(head.net.w.as_flattened()).with(&head.net.b).0);
    Ok(after + 2 >= before && with_drift + 20 < before)
}

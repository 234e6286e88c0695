//! Survives power cuts: the last layer, which `adapt` trains, is saved to flash, and the power fails within every operation
//! of a save, one after the other. Each time the device starts again, loads what is there, and goes on.

use crate::adapt::{Head, STREAM, drifted, features};
use crate::board::{figure, take};
use crate::digits::NET;
use crate::flash::Flash;
use crate::fnv::Fnv;
use baregrad::{file::Slots, prelude::*, tensor::Zero};
use static_cell::ConstStaticCell;

/// Two slots, read and written in few large chunks: few places to cut.
type Checkpoints<'a> = Slots<&'a mut Emulated, Head, 2, 256>;
type Emulated = Flash<{ 8 * 1024 }>;

/// What a restart loses, and what it does not.
struct Memory {
    head: Head,
    flash: Emulated,
}

const _: () = assert!(size_of::<Memory>() <= 13 * 1024, "a Cortex-M0 with 16 KB needs the rest for its stack");

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory {
    head: Trainer::untrained(SparseCategoricalCrossEntropy::new(), Adam::new(0.01)),
    flash: Flash::NEW,
});

/// The head as it is after a restart: nothing learned, no moments, no steps.
fn restart(head: &mut Head) {
    head.init(&Zeros, &mut Sfc32::seed_from_u64(1));
    head.net.w = NET.1.w;
    head.net.b = NET.1.b;
    head.state = Zero::ZERO;
    head.optimizer = Adam::new(0.01);
}

/// Some steps, on samples from number `from` on.
fn learn(head: &mut Head, from: usize) -> Result<(), Error> {
    for sample in STREAM.iter().skip(from).take(SAMPLES) {
        let (x, label) = drifted(sample);
        head.step(&[features(&x)], &[label])?;
    }
    Ok(())
}

const SAMPLES: usize = 8;

/// Which head this is.
fn hash(head: &Head) -> u32 {
    Fnv::NEW.with(head.net.w.as_flattened()).with(&head.net.b).0
}

/// Gives the number of the checkpoint, if there is one.
fn load(flash: &mut Emulated, head: &mut Head) -> Option<u32> {
    Checkpoints::open::<0, { 8 * 1024 }>(flash).ok()?.load(head).ok()?
}

/// Whether it was saved.
fn save(flash: &mut Emulated, head: &Head) -> bool {
    let slots = Checkpoints::open::<0, { 8 * 1024 }>(flash);
    slots.is_ok_and(|mut slots| slots.save(head).is_ok_and(|save| save.finish().is_ok()))
}

/// In the end the head is, to the bit, that of a device whose power has never failed.
pub fn run() -> Result<bool, Error> {
    let Memory { head, flash } = take(&MEMORY);
    restart(head);
    learn(head, 0)?;
    let (first, saved) = (hash(head), save(flash, head));
    learn(head, SAMPLES)?;
    let second = hash(head);

    let mut cuts = 0;
    loop {
        restart(head);
        flash.power = u32::MAX;
        if !saved || load(flash, head) != Some(1) || hash(head) != first {
            say!("the checkpoint is lost after {cuts} cuts");
            return Ok(false);
        }
        learn(head, SAMPLES)?;
        flash.power = cuts;
        if save(flash, head) {
            break;
        }
        cuts += 1;
    }
    say!("the power has failed in each of {cuts} operations of a save, and the checkpoint before was there each time");

    restart(head);
    let loaded = load(flash, head);
    figure("cuts", cuts);
    figure("weights", hash(head));
    Ok(cuts > 0 && loaded == Some(2) && hash(head) == second)
}

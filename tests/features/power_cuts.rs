//! Checkpoints in flash survive a power cut at any time: within every erase and every write of random sequences of saves,
//! in the save after a cut too, the old checkpoint or the new one can be loaded, whole.

use super::flash::{Flash, Operations, PowerCut, Tear};
use baregrad::file::{Saved, Slice, SliceMut, Slots, SlotsError};
use baregrad::prelude::*;

type Model = Trainer<Dense<3, 2>, MeanSquaredError, Momentum, 1>;

/// Where the slots begin in flash, and where they must end.
const FROM: u32 = 512;
const TO: u32 = 4096;

/// A checkpoint all of whose numbers say which it is.
fn numbered(number: u32) -> Model {
    let mut model = Model::untrained(MeanSquaredError, Momentum::default());
    let mut place = 0;
    model.walk_mut(&mut |slice| match slice {
        SliceMut::Floats(floats) => {
            for float in floats {
                *float = (number * 64 + place) as f32;
                place += 1;
            }
        }
        SliceMut::Words(words) => words.fill(number),
    });
    model
}

/// Which checkpoint this is. Fails if it is a mixture.
fn number(model: &Model) -> u32 {
    let number = model.progress;
    let mut place = 0;
    model.walk(&mut |_, slice| match slice {
        Slice::Floats(floats) => {
            for float in floats {
                assert_eq!(*float, (number * 64 + place) as f32, "a mixture");
                place += 1;
            }
        }
        Slice::Words(words) => assert!(words.iter().all(|word| *word == number), "a mixture"),
    });
    number
}

/// What lies in the flash after a restart.
fn loaded<const W: usize, const P: usize, const S: usize, const C: usize>(flash: &mut Flash<W, P>) -> Option<u32> {
    flash.dead = false;
    flash.cut = None;
    let changes = flash.changes;
    let mut slots = Slots::<_, Model, S, C>::open::<FROM, TO>(flash.clone()).unwrap();
    let mut model = numbered(9999);
    let sequence = slots.load(&mut model).unwrap();
    assert_eq!(slots.newest(), sequence);
    let found = number(&model);
    *flash = slots.into_flash();
    assert_eq!(flash.changes, changes, "loading changes nothing");
    assert_eq!(sequence.is_none(), found == 9999);
    sequence.map(|_| found)
}

/// Saves, with the cut that the flash is set to. Gives whether the save has ended.
fn saved<const W: usize, const P: usize, const S: usize, const C: usize>(flash: &mut Flash<W, P>, number: u32) -> bool {
    let mut slots = Slots::<_, Model, S, C>::open::<FROM, TO>(flash.clone()).unwrap();
    let result = slots.save(&numbered(number)).unwrap().finish();
    *flash = slots.into_flash();
    assert!(result == Ok(()) || result == Err(SlotsError::Flash(PowerCut)), "{result:?}");
    result.is_ok()
}

/// Runs sequences of saves. Gives the number of cuts.
fn cut_everywhere<const W: usize, const P: usize, const S: usize, const C: usize>(sequences: u64) -> usize {
    let mut cuts = 0;
    for seed in 0..sequences {
        let mut rng = Sfc32::seed_from_u64(seed);
        let mut flash = Flash::<W, P>::new(TO as usize, rng.clone());
        flash.slots = (FROM as usize, Slots::<Flash<W, P>, Model, S, C>::LEN as usize / S, S);
        let outside = |flash: &Flash<W, P>| {
            let end = FROM as usize + Slots::<Flash<W, P>, Model, S, C>::LEN as usize;
            (flash.bytes[..FROM as usize].to_vec(), flash.bytes[end..].to_vec())
        };
        let before = outside(&flash);
        let mut old = None;
        for number in 1..=4 {
            // The same save, cut in each of its operations.
            for operation in 0.. {
                let mut torn = flash.clone();
                torn.rng = Sfc32::seed_from_u64(rng.next_u64());
                let tear = Tear::ALL[rng.next_u32() as usize % Tear::ALL.len()];
                torn.cut = Some((Operations::Changes, operation, tear));
                if saved::<W, P, S, C>(&mut torn, number) {
                    assert_eq!(loaded::<W, P, S, C>(&mut torn), Some(number));
                    break;
                }
                cuts += 1;
                let found = loaded::<W, P, S, C>(&mut torn);
                assert!(found == old || found == Some(number), "{seed}: {found:?} after {tear:?} in {operation}");
                // The save that comes next is cut as well, or not.
                let again = rng.next_u32() as usize % 12;
                torn.cut = Some((Operations::Changes, again, Tear::ALL[again % Tear::ALL.len()]));
                let whole = saved::<W, P, S, C>(&mut torn, number + 1000);
                cuts += usize::from(!whole);
                let then = loaded::<W, P, S, C>(&mut torn);
                assert!(!whole && then == found || then == Some(number + 1000), "{seed}: {then:?} after {found:?}");
            }
            // The next save finds what one of these cuts has left, or none.
            if rng.next_u32().is_multiple_of(2) {
                let operation = rng.next_u32() as usize % 12;
                flash.cut = Some((Operations::Changes, operation, Tear::ALL[rng.next_u32() as usize % 6]));
            }
            cuts += usize::from(!saved::<W, P, S, C>(&mut flash, number));
            let found = loaded::<W, P, S, C>(&mut flash);
            assert!(found == old || found == Some(number));
            old = found;
        }
        assert_eq!(outside(&flash), before);
    }
    cuts
}

/// Two slots of one page, and three slots of several pages each, in small chunks.
#[track_caller]
fn survives<const W: usize, const C: usize>() {
    let cuts = cut_everywhere::<W, 256, 2, 64>(300) + cut_everywhere::<W, 64, 3, C>(300);
    println!("{cuts} cuts");
    assert!(cuts >= 17_000, "{cuts} cuts");
}

// More than 100,000 cuts together.
#[test]
fn words_of_1() {
    survives::<1, 40>();
}
#[test]
fn words_of_2() {
    survives::<2, 40>();
}
#[test]
fn words_of_4() {
    survives::<4, 40>();
}
#[test]
fn words_of_8() {
    survives::<8, 48>();
}
#[test]
fn words_of_16() {
    survives::<16, 48>();
}
#[test]
fn words_of_32() {
    survives::<32, 64>();
}

//! Slots in flash: one test for each thing that can happen to them.

use super::flash::{Driver, Flash, FlashError, Layout, Misread, Tear, Worn};
use baregrad::file::{self, Saved, Slots, SlotsError};
use baregrad::prelude::*;
use std::cell::RefCell;

type Net = chain![Dense<8, 16, Tanh>, Dense<16, 4>];
type Model = Trainer<Net, MeanSquaredError, Adam, 1>;
type Words<'a> = Driver<'a, 8, 512>;
type Of<'a, const SLOTS: usize> = Slots<Words<'a>, Model, SLOTS>;

const FROM: u32 = 1024;
const TO: u32 = 20 * 1024;
/// The length of a slot.
const SLOT: usize = Of::<'static, 1>::LEN as usize;

fn flash(slots: usize) -> RefCell<Flash> {
    let layout = Layout { word: 8, page: 512, first: FROM as usize, slot: SLOT, slots };
    RefCell::new(Flash::new(TO as usize, layout, Sfc32::NEW))
}

/// The device starts again.
fn open<const SLOTS: usize>(flash: &RefCell<Flash>) -> Of<'_, SLOTS> {
    flash.borrow_mut().power_on();
    Slots::open::<FROM, TO>(Driver(flash)).unwrap()
}

fn model(seed: u64) -> Model {
    Model::new(&mut Sfc32::seed_from_u64(seed))
}

/// Saves model number `seed` after a restart.
fn save<const SLOTS: usize>(flash: &RefCell<Flash>, seed: u64) -> Result<(), SlotsError<FlashError>> {
    open::<SLOTS>(flash).save(&model(seed))?.finish()
}

/// Loads, and checks that it is model number `seed`.
#[track_caller]
fn holds<const SLOTS: usize>(slots: &mut Of<'_, SLOTS>, seed: u64) -> u32 {
    let mut found = model(99);
    let sequence = slots.load(&mut found).unwrap();
    assert_eq!(bytes(&found), bytes(&model(seed)));
    sequence.unwrap()
}

fn bytes<T: Saved>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0; T::FILE_LEN];
    file::encode(value, &mut bytes).unwrap();
    bytes
}

#[test]
fn a_run_goes_on_from_flash() {
    let flash = flash(3);
    let mut whole = model(1);
    let mut slots = open::<3>(&flash);
    assert_eq!((slots.load(&mut whole), slots.newest()), (Ok(None), None));
    for number in 1..=7 {
        whole.step(&[[0.5; 8]], &[[number as f32; 4]]).unwrap();
        slots.save(&whole).unwrap().finish().unwrap();
        slots = open(&flash);
        let mut resumed = Model::untrained(MeanSquaredError, Adam::default());
        assert_eq!(slots.load(&mut resumed), Ok(Some(number)));
        assert_eq!(bytes(&resumed), bytes(&whole));
        // The bytes in flash are a model file.
        let file = bytes(&whole);
        assert!(flash.borrow().bytes.windows(file.len()).any(|window| window == file));
    }
}

#[test]
fn pages_wear_evenly() {
    let flash = flash(3);
    let mut slots = open::<3>(&flash);
    for _ in 0..30 {
        slots.save(&model(1)).unwrap().finish().unwrap();
    }
    let flash = slots.into_flash().0.borrow();
    let (first, end) = (FROM as usize / 512, (FROM as usize + 3 * SLOT) / 512);
    for (page, erases) in flash.erases.iter().enumerate() {
        assert_eq!(*erases, if (first..end).contains(&page) { 10 } else { 0 }, "page {page}");
    }
}

#[test]
fn each_step_is_one_erase_or_one_write() {
    let flash = flash(3);
    let mut steps = 0;
    let mut slots = open::<3>(&flash);
    let model = model(1);
    let mut save = slots.save(&model).unwrap();
    while save.step().unwrap().is_continue() {
        steps += 1;
    }
    assert!(save.step().unwrap().is_break(), "it is done, and stays so");
    let payload = 4 * Model::WORDS;
    assert_eq!(flash.borrow().changes, steps + 1);
    assert_eq!(steps + 1, (40 + payload).div_ceil(512) + payload.div_ceil(64) + 1);
}

#[test]
fn a_damaged_checkpoint_gives_way_to_the_one_before() {
    let flash = flash(3);
    save::<3>(&flash, 1).unwrap();
    save::<3>(&flash, 2).unwrap();
    let second = FROM as usize + SLOT;
    // All bits of its front and of some of its payload.
    for bit in (0..40 * 8).chain((40 * 8..(8 + Model::FILE_LEN) * 8).step_by(97)) {
        let (at, mask) = (second + bit / 8, 1 << (bit % 8));
        flash.borrow_mut().bytes[at] ^= mask;
        assert_eq!(holds(&mut open::<3>(&flash), 1), 1, "bit {bit}");
        flash.borrow_mut().bytes[at] ^= mask;
    }
}

#[test]
fn a_save_that_is_given_up_harms_nothing() {
    let flash = flash(2);
    let mut slots = open::<2>(&flash);
    slots.save(&model(1)).unwrap().finish().unwrap();
    let new = model(2);
    for steps in 0..20 {
        let mut save = slots.save(&new).unwrap();
        for _ in 0..steps {
            assert!(save.step().unwrap().is_continue());
        }
        assert_eq!(holds(&mut slots, 1), 1);
    }
    slots.save(&new).unwrap().finish().unwrap();
    assert_eq!(holds(&mut slots, 2), 2);
}

#[test]
fn a_failed_save_is_not_repeated() {
    let flash = flash(2);
    save::<2>(&flash, 1).unwrap();
    let mut slots = open::<2>(&flash);
    flash.borrow_mut().cut = Some((3, Tear::Nothing));
    let model = model(2);
    let mut save = slots.save(&model).unwrap();
    for _ in 0..3 {
        assert!(save.step().unwrap().is_continue());
    }
    assert_eq!(save.step(), Err(SlotsError::Flash(FlashError::PowerCut)));
    assert_eq!(save.step(), Err(SlotsError::Failed));
}

#[test]
fn torn_words_that_cannot_be_read_do_not_hide_the_checkpoint_before() {
    let flash = flash(2);
    save::<2>(&flash, 1).unwrap();
    for operation in 0.. {
        let torn = RefCell::new(flash.borrow().clone());
        let mut slots = open::<2>(&torn);
        torn.borrow_mut().cut = Some((operation, Tear::Unreadable));
        if slots.save(&model(2)).unwrap().finish().is_ok() {
            assert!(operation > 30);
            break;
        }
        assert!(torn.borrow().unreadable.contains(&true));
        assert_eq!(holds(&mut open::<2>(&torn), 1), 1, "operation {operation}");
        save::<2>(&torn, 2).unwrap();
        assert_eq!(holds(&mut open::<2>(&torn), 2), 2, "operation {operation}");
        assert!(!torn.borrow().unreadable.contains(&true), "the torn page is erased");
    }
}

#[test]
fn one_bad_read_neither_hides_a_checkpoint_nor_restarts_the_sequence() {
    let flash = flash(3);
    for seed in 1..=4 {
        save::<3>(&flash, seed).unwrap();
    }
    let mut slots = open::<3>(&flash);
    flash.borrow_mut().cut = Some((9, Tear::Unreadable));
    slots.save(&model(5)).unwrap().finish().unwrap_err();
    for misread in Misread::ALL {
        for reads in 0.. {
            let flash = RefCell::new(flash.borrow().clone());
            flash.borrow_mut().power_on();
            flash.borrow_mut().misread = Some((reads, misread));
            let mut slots = Of::<3>::open::<FROM, TO>(Driver(&flash)).unwrap();
            assert_eq!(holds(&mut slots, 4), 4, "read {reads}: {misread:?}");
            slots.save(&model(6)).unwrap().finish().unwrap();
            let later = flash.borrow().misread.is_some();
            assert_eq!(holds(&mut open::<3>(&flash), 6), 5, "read {reads}: {misread:?}");
            if later {
                break;
            }
        }
    }
}

#[test]
fn a_slot_that_rots_while_open_gives_way_to_the_one_before() {
    for changed in [true, false] {
        let flash = flash(2);
        let mut slots = open::<2>(&flash);
        for seed in 1..=2 {
            slots.save(&model(seed)).unwrap().finish().unwrap();
        }
        let at = FROM as usize + SLOT + 100;
        if changed {
            flash.borrow_mut().bytes[at] ^= 4;
        } else {
            flash.borrow_mut().unreadable[at / 8] = true;
        }
        // Without loading before, a save does not erase the only whole slot.
        for operation in 0..3 {
            let torn = RefCell::new(flash.borrow().clone());
            let mut slots = open::<2>(&torn);
            torn.borrow_mut().cut = Some((operation, Tear::Garbage));
            slots.save(&model(3)).unwrap().finish().unwrap_err();
            assert_eq!(holds(&mut open::<2>(&torn), 1), 1);
        }
        flash.borrow_mut().cut = Some((2, Tear::Garbage));
        slots.save(&model(3)).unwrap().finish().unwrap_err();
        assert_eq!(holds(&mut open::<2>(&flash), 1), 1);

        let mut slots = open::<2>(&flash);
        slots.save(&model(4)).unwrap().finish().unwrap();
        flash.borrow_mut().bytes[at] ^= 4;
        assert_eq!(holds(&mut slots, 1), 1, "loading turns to the one before");
        slots.save(&model(5)).unwrap().finish().unwrap();
        assert_eq!(holds(&mut open::<2>(&flash), 5), 3);
    }
}

#[test]
fn a_checkpoint_that_cannot_be_read_for_a_moment_is_the_last_to_be_erased() {
    let flash = flash(2);
    let mut slots = open::<2>(&flash);
    slots.save(&model(1)).unwrap().finish().unwrap();
    flash.borrow_mut().unreadable.fill(true);
    let new = model(2);
    let mut save = slots.save(&new).unwrap();
    flash.borrow_mut().unreadable.fill(false);
    assert!(save.step().unwrap().is_continue());
    assert_eq!(holds(&mut open::<2>(&flash), 1), 1);
}

#[test]
fn zero_follows_the_last_sequence_number() {
    let flash = flash(3);
    save::<3>(&flash, 1).unwrap();
    // The same slot with the number 2³² − 2, and the checksum that belongs to it.
    let at = FROM as usize;
    let number = (u32::MAX - 1).to_le_bytes();
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);
    let check = crc.checksum(&[&number, &flash.borrow().bytes[at + 8..at + 40]].concat());
    flash.borrow_mut().bytes[at..at + 8].copy_from_slice(&[number, check.to_le_bytes()].concat());
    for (seed, sequence) in [(2, u32::MAX), (3, 0), (4, 1), (5, 2)] {
        save::<3>(&flash, seed).unwrap();
        assert_eq!(holds(&mut open::<3>(&flash), seed), sequence);
    }
}

#[test]
fn a_worn_slot_is_passed_over_after_each_restart() {
    for slot in 0..3 {
        for at in [8, 12, 50, 500, 700] {
            let flash = flash(3);
            let at = FROM as usize + slot * SLOT + at;
            flash.borrow_mut().worn = Some(Worn { at, mask: 0xff, one: false, erases: 0 });
            for seed in 1..=10 {
                save::<3>(&flash, seed).unwrap();
                holds(&mut open::<3>(&flash), seed);
                // The checkpoint before is still there: the slots that are not worn are used in turn.
                if seed > 1 {
                    let mut slots = open::<3>(&flash);
                    flash.borrow_mut().cut = Some((3, Tear::Unreadable));
                    slots.save(&model(seed + 20)).unwrap().finish().unwrap_err();
                    holds(&mut open::<3>(&flash), seed);
                }
            }
        }
    }
}

#[test]
fn with_two_slots_a_worn_one_costs_the_save_but_not_the_checkpoint() {
    let flash = flash(2);
    save::<2>(&flash, 1).unwrap();
    let at = FROM as usize + SLOT + 700;
    flash.borrow_mut().worn = Some(Worn { at, mask: 0xff, one: true, erases: 0 });
    for seed in 2..5 {
        let error = save::<2>(&flash, seed).unwrap_err();
        assert!(
            matches!(error, SlotsError::Verify { at: begin } if (begin as usize..begin as usize + 64).contains(&at))
        );
        assert_eq!(holds(&mut open::<2>(&flash), 1), 1);
    }
}

#[test]
fn flash_that_cannot_be_read_can_be_opened_and_saved_to() {
    let flash = flash(2);
    flash.borrow_mut().unreadable.fill(true);
    let mut slots = open::<2>(&flash);
    let mut found = model(1);
    assert_eq!(slots.load(&mut found), Err(SlotsError::Flash(FlashError::Unreadable)));
    assert_eq!(bytes(&found), bytes(&model(1)));
    slots.save(&model(2)).unwrap().finish().unwrap();
    assert_eq!(holds(&mut slots, 2), 1);
    assert_eq!(holds(&mut open::<2>(&flash), 2), 1);
}

#[test]
fn loading_looks_again_for_what_could_not_be_read() {
    let flash = flash(2);
    save::<2>(&flash, 1).unwrap();
    flash.borrow_mut().dead = true;
    let mut slots = Of::<2>::open::<FROM, TO>(Driver(&flash)).unwrap();
    assert_eq!(slots.newest(), None);
    assert_eq!(slots.load(&mut model(9)), Err(SlotsError::Flash(FlashError::PowerCut)));
    flash.borrow_mut().power_on();
    assert_eq!(holds(&mut slots, 1), 1);
}

#[test]
fn what_cannot_be_saved_or_opened() {
    let mut broken = model(1);
    broken.net.0.w[1][2] = f32::NAN;
    let flash = flash(3);
    assert!(matches!(open::<3>(&flash).save(&broken).err(), Some(SlotsError::Model(ModelError::NonFinite { .. }))));
    flash.borrow_mut().bytes.truncate(TO as usize - 512);
    let error = SlotsError::Capacity { capacity: TO as usize - 512, needed: TO as usize };
    assert_eq!(Of::<3>::open::<FROM, TO>(Driver(&flash)).err(), Some(error));
    // The slots of another net.
    flash.borrow_mut().bytes.resize(TO as usize, 0);
    save::<3>(&flash, 1).unwrap();
    let mut other = Slots::<Words<'_>, Net, 3>::open::<FROM, TO>(Driver(&flash)).unwrap();
    let mut net = Net::NEW;
    assert_eq!(other.load(&mut net), Ok(None));
}

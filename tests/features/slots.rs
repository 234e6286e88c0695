//! Slots in flash, where no power is cut: wear, damage, steps, and saves that are given up.

use super::flash::{Flash as Memory, Operations, PowerCut, Tear};
use baregrad::file::{self, Saved, Slots, SlotsError};
use baregrad::prelude::*;

type Net = chain![Dense<8, 16, Tanh>, Dense<16, 4>];
type Model = Trainer<Net, MeanSquaredError, Adam, 1>;
type Flash = Memory<8, 512>;
type Three = Slots<Flash, Model, 3>;

const FROM: u32 = 1024;
const TO: u32 = 20 * 1024;

fn flash() -> Flash {
    let mut flash = Flash::new(TO as usize, Sfc32::NEW);
    flash.slots = (FROM as usize, Three::LEN as usize / 3, 3);
    flash
}

fn open(flash: &Flash) -> Three {
    Slots::open::<FROM, TO>(flash.clone()).unwrap()
}

fn bytes<T: Saved>(value: &T) -> Vec<u8> {
    let mut bytes = vec![0; T::FILE_LEN];
    file::encode(value, &mut bytes).unwrap();
    bytes
}

/// The same flash, with other bytes.
fn changed(flash: &Flash, change: impl FnOnce(&mut [u8])) -> Flash {
    let mut flash = flash.clone();
    change(&mut flash.bytes);
    flash
}

#[test]
fn a_run_goes_on_from_flash() {
    let mut slots = open(&flash());
    let mut whole = Model::new(&mut Sfc32::seed_from_u64(1));
    assert_eq!((slots.load(&mut whole), slots.newest()), (Ok(None), None));
    for number in 1..=7 {
        whole.step(&[[0.5; 8]], &[[number as f32; 4]]).unwrap();
        slots.save(&whole).unwrap().finish().unwrap();
        let mut restarted = open(&slots.into_flash());
        let mut resumed = Model::untrained(MeanSquaredError, Adam::default());
        assert_eq!(restarted.load(&mut resumed), Ok(Some(number)));
        assert_eq!(bytes(&resumed), bytes(&whole));
        // The bytes in flash are a model file.
        let file = bytes(&whole);
        let flash = restarted.into_flash();
        assert!(flash.bytes.windows(file.len()).any(|window| window == file));
        slots = open(&flash);
    }
}

#[test]
fn pages_wear_evenly() {
    let model = Model::new(&mut Sfc32::seed_from_u64(1));
    let mut slots = open(&flash());
    for _ in 0..30 {
        slots.save(&model).unwrap().finish().unwrap();
    }
    let flash = slots.into_flash();
    let (first, end) = (FROM as usize / 512, (FROM + Three::LEN) as usize / 512);
    for (page, erases) in flash.erases.iter().enumerate() {
        assert_eq!(*erases, if (first..end).contains(&page) { 10 } else { 0 }, "page {page}");
    }
}

#[test]
fn each_step_is_one_erase_or_one_write() {
    let model = Model::new(&mut Sfc32::seed_from_u64(1));
    let mut steps = 0;
    let mut slots = open(&flash());
    let mut save = slots.save(&model).unwrap();
    while save.step().unwrap().is_continue() {
        steps += 1;
    }
    assert!(save.step().unwrap().is_break(), "it is done, and stays so");
    let payload = 4 * Model::WORDS;
    assert_eq!(slots.into_flash().changes, steps + 1);
    assert_eq!(steps + 1, (40 + payload).div_ceil(512) + payload.div_ceil(64) + 1);
}

#[test]
fn a_damaged_checkpoint_gives_way_to_the_one_before() {
    let mut slots = open(&flash());
    let mut files = Vec::new();
    for number in 1..=2 {
        let model = Model::new(&mut Sfc32::seed_from_u64(number));
        slots.save(&model).unwrap().finish().unwrap();
        files.push(bytes(&model));
    }
    let flash = slots.into_flash();
    let second = FROM as usize + Three::LEN as usize / 3;
    // All bits of its front and of some of its payload.
    for bit in (0..40 * 8).chain((40 * 8..(8 + files[1].len()) * 8).step_by(97)) {
        let mut slots = open(&changed(&flash, |bytes| bytes[second + bit / 8] ^= 1 << (bit % 8)));
        let mut model = Model::new(&mut Sfc32::seed_from_u64(3));
        assert_eq!(slots.load(&mut model), Ok(Some(1)), "bit {bit}");
        assert_eq!(bytes(&model), files[0], "bit {bit}");
    }
}

#[test]
fn a_save_that_is_given_up_harms_nothing() {
    let old = Model::new(&mut Sfc32::seed_from_u64(1));
    let new = Model::new(&mut Sfc32::seed_from_u64(2));
    let mut memory = flash();
    memory.slots.2 = 2;
    let mut slots = Slots::<_, Model, 2>::open::<FROM, TO>(memory).unwrap();
    slots.save(&old).unwrap().finish().unwrap();
    for steps in 0..20 {
        let mut save = slots.save(&new).unwrap();
        for _ in 0..steps {
            assert!(save.step().unwrap().is_continue());
        }
        let mut model = Model::new(&mut Sfc32::seed_from_u64(3));
        assert_eq!(slots.load(&mut model), Ok(Some(1)));
        assert_eq!(bytes(&model), bytes(&old));
    }
    slots.save(&new).unwrap().finish().unwrap();
    let mut model = Model::new(&mut Sfc32::seed_from_u64(3));
    assert_eq!(slots.load(&mut model), Ok(Some(22)));
    assert_eq!(bytes(&model), bytes(&new));
}

#[test]
fn a_failed_save_is_not_repeated() {
    let model = Model::new(&mut Sfc32::seed_from_u64(1));
    let mut memory = flash();
    memory.cut = Some((Operations::Changes, 3, Tear::Nothing));
    let mut slots = open(&memory);
    let mut save = slots.save(&model).unwrap();
    for _ in 0..3 {
        assert!(save.step().unwrap().is_continue());
    }
    assert_eq!(save.step(), Err(SlotsError::Flash(PowerCut)));
    assert_eq!(save.step(), Err(SlotsError::Failed));
}

#[test]
fn cuts_while_loading_change_nothing() {
    let saved = Model::new(&mut Sfc32::seed_from_u64(1));
    let mut slots = open(&flash());
    slots.save(&saved).unwrap().finish().unwrap();
    let flash = slots.into_flash();
    for reads in 0.. {
        let mut memory = flash.clone();
        memory.cut = Some((Operations::Reads, reads, Tear::Nothing));
        let Ok(mut slots) = Slots::<_, Model, 3>::open::<FROM, TO>(memory) else { continue };
        let mut model = Model::new(&mut Sfc32::seed_from_u64(2));
        let before = bytes(&model);
        match slots.load(&mut model) {
            Ok(found) => {
                assert_eq!((found, bytes(&model)), (Some(1), bytes(&saved)));
                break;
            }
            Err(SlotsError::Flash(PowerCut)) => assert!(bytes(&model) == before, "{reads}"),
            Err(error) => assert_eq!(error, SlotsError::Unstable),
        }
        assert_eq!(slots.into_flash().bytes, flash.bytes);
    }
}

#[test]
fn what_cannot_be_saved_or_opened() {
    let mut model = Model::new(&mut Sfc32::seed_from_u64(1));
    model.net.0.w[1][2] = f32::NAN;
    assert!(matches!(open(&flash()).save(&model).err(), Some(SlotsError::Model(ModelError::NonFinite { .. }))));
    let small = Flash::new(TO as usize - 512, Sfc32::NEW);
    let error = SlotsError::Capacity { capacity: TO as usize - 512, needed: TO as usize };
    assert_eq!(Slots::<_, Model, 3>::open::<FROM, TO>(small).err(), Some(error));
    // The slots of another net.
    let mut slots = open(&flash());
    slots.save(&Model::new(&mut Sfc32::seed_from_u64(1))).unwrap().finish().unwrap();
    let mut other = Slots::<_, Net, 3>::open::<FROM, TO>(slots.into_flash()).unwrap();
    let mut empty = Net::NEW;
    assert_eq!(other.load(&mut empty), Ok(None));
}

//! Checkpoints in flash survive what can happen to flash: in each operation of random sequences of saves the power is cut,
//! words cannot be read, reads fail, bits rot and wear out. The table of what was tried is in `docs/flash.md`.

mod checkpoint;
mod twin;

use super::flash::{Driver, Flash, Layout, Misread, Tear, Worn};
use baregrad::file::{Saved, Slots};
use baregrad::prelude::*;
use checkpoint::{Model, NUMBERS, count, newest, number, numbered, slot};
use std::cell::RefCell;
use std::fmt::Write;
use twin::{FAULTS, Fault, Twin};

/// Where the slots begin in flash, and where they must end.
const FROM: u32 = 256;
const TO: u32 = 1024;

/// What happens to the flash besides power cuts.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    text: &'static str,
    /// Torn words cannot be read.
    unreadable: bool,
    /// One read after each start of the device returns something else, or fails.
    misread: bool,
    /// The newest slot changes, or cannot be read any more, while the slots are open.
    rot: bool,
    /// A bit of one slot no longer changes after some erases.
    worn: bool,
    /// The next sequence numbers are the last ones.
    full: bool,
}

const TORN: Kind = Kind {
    name: "torn",
    text: "words and pages are left half done, or as anything",
    unreadable: false,
    misread: false,
    rot: false,
    worn: false,
    full: false,
};
const UNREADABLE: Kind =
    Kind { name: "unreadable", text: "some of them cannot be read until they are erased", unreadable: true, ..TORN };
const KINDS: [Kind; 7] = [
    TORN,
    UNREADABLE,
    Kind {
        name: "misread",
        text: "also, one read after each start returns garbage, or fails",
        misread: true,
        ..UNREADABLE
    },
    Kind {
        name: "rot",
        text: "also, the newest slot changes while open, or cannot be read any more",
        rot: true,
        ..UNREADABLE
    },
    Kind { name: "worn", text: "also, a bit no longer changes after some erases", worn: true, ..UNREADABLE },
    Kind { name: "full", text: "also, the sequence numbers pass 2³² − 1", full: true, ..UNREADABLE },
    Kind { name: "all", text: "all of these", misread: true, rot: true, worn: true, full: true, ..UNREADABLE },
];

/// What came of the power cuts of one kind.
#[derive(Clone, Default)]
struct Row {
    cuts: usize,
    /// The checkpoint that was loaded after a cut: the one before the save, or the saved one.
    old: usize,
    new: usize,
    /// No slot was whole before the save, and none is now.
    none: usize,
    /// The same, and loading fails until the next save.
    error: usize,
    /// What may not be.
    faults: Vec<String>,
}

impl Row {
    fn add(&mut self, other: Row) {
        self.cuts += other.cuts;
        self.old += other.old;
        self.new += other.new;
        self.none += other.none;
        self.error += other.error;
        self.faults.extend(other.faults);
    }
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Row { cuts, old, new, none, error, faults } = self;
        write!(f, "{cuts} | {new} | {old} | {none} | {error} | {} |", faults.len())
    }
}

/// Slots that are open: those of the crate, or the twin.
trait Device {
    /// Gives the number of the checkpoint.
    fn load(&mut self) -> Result<Option<u32>, String>;
    fn save(&mut self, number: u32) -> Result<(), String>;
}

type Opened<'a> = Option<Box<dyn Device + 'a>>;
type Open<'o> = dyn for<'a> Fn(&'a RefCell<Flash>) -> Opened<'a> + 'o;

impl<const W: usize, const P: usize, const S: usize, const C: usize> Device for Slots<Driver<'_, W, P>, Model, S, C> {
    fn load(&mut self) -> Result<Option<u32>, String> {
        let mut model = numbered(NUMBERS);
        let sequence = Slots::load(self, &mut model).map_err(|error| error.to_string())?;
        assert_eq!(self.newest(), sequence);
        let found = number(&model);
        assert_eq!(sequence.is_none(), found == NUMBERS);
        Ok(sequence.map(|_| found))
    }

    fn save(&mut self, number: u32) -> Result<(), String> {
        let model = numbered(number);
        let save = Slots::save(self, &model).map_err(|error| error.to_string())?;
        save.finish().map_err(|error| error.to_string())
    }
}

fn open<const W: usize, const P: usize, const S: usize, const C: usize>(flash: &RefCell<Flash>) -> Opened<'_> {
    Some(Box::new(Slots::<_, Model, S, C>::open::<FROM, TO>(Driver::<W, P>(flash)).ok()?))
}

/// Random sequences of saves.
struct Lives<'a> {
    kind: Kind,
    layout: Layout,
    open: &'a Open<'a>,
    rng: Sfc32,
    row: Row,
}

impl Lives<'_> {
    fn below(&mut self, n: usize) -> usize {
        self.rng.next_u32() as usize % n
    }

    fn tear(&mut self) -> Tear {
        let all = Tear::READABLE.len();
        let chosen = self.below(if self.kind.unreadable { 2 * all } else { all });
        Tear::READABLE.get(chosen).copied().unwrap_or(Tear::Unreadable)
    }

    /// A cut in one of the operations of a save, or after them.
    fn cut(&mut self) -> (usize, Tear) {
        let operations = self.layout.slot / self.layout.page + Model::WORDS / 10 + 2;
        (self.below(operations), self.tear())
    }

    fn misread(&mut self) -> Option<(usize, Misread)> {
        let chosen = (self.below(48), Misread::ALL[self.below(Misread::ALL.len())]);
        self.kind.misread.then_some(chosen)
    }

    fn flash(&mut self) -> Flash {
        let mut flash = Flash::new(TO as usize, self.layout, Sfc32::seed_from_u64(self.rng.next_u64()));
        let slots = self.layout.slots * self.layout.slot;
        let fresh = self.below(8) == 0;
        if !fresh || self.kind.full {
            let below = self.below(4) as u32;
            let sequence = if self.kind.full { u32::MAX - below } else { below };
            let bytes = slot(&self.layout, sequence, 0);
            flash.bytes[FROM as usize..][..bytes.len()].copy_from_slice(&bytes);
        }
        if self.kind.worn {
            let (at, mask) = (FROM as usize + self.below(slots), 1 << self.below(8));
            flash.worn = Some(Worn { at, mask, one: self.below(2) == 0, erases: self.below(3) });
        }
        flash
    }

    /// A device lives for four saves; each is tried with a cut in each of its operations.
    fn live(&mut self) {
        let mut flash = self.flash();
        for number in 1..=4 {
            let mut operation = 0;
            let mut cut = true;
            while cut {
                let mut torn = flash.clone();
                torn.rng = Sfc32::seed_from_u64(self.rng.next_u64());
                let torn = RefCell::new(torn);
                let tear = self.tear();
                cut = self.save(&torn, number, Some((operation, tear)));
                // The save that comes next is cut, too, or not. The one after that is not.
                let next = self.cut();
                self.save(&torn, number + 16, Some(next));
                self.save(&torn, number + 32, None);
                operation += 1;
            }
            // The next save finds what one of these cuts has left, or none.
            let cut = self.cut();
            let main = RefCell::new(flash);
            self.save(&main, number, Some(cut).filter(|(operation, _)| operation % 2 == 0));
            flash = main.into_inner();
        }
    }

    /// The device starts, and saves; then it starts again, and loads. Returns whether the power was cut.
    fn save(&mut self, flash: &RefCell<Flash>, number: u32, cut: Option<(usize, Tear)>) -> bool {
        let Some(mut device) = self.start(flash) else { return false };
        if self.kind.rot && self.below(2) == 0 {
            self.rot(&mut flash.borrow_mut());
        }
        let before = newest(&flash.borrow());
        if self.below(2) == 0 {
            self.expect(device.load(), before, "before a save");
        }
        flash.borrow_mut().cut = cut;
        let saved = device.save(number);
        drop(device);
        let (after, was_cut) = (newest(&flash.borrow()), flash.borrow().dead);
        let (old, new) = (after == before, after.is_some_and(|(_, found)| found == number));
        let free = (0..self.layout.slots).any(|slot| {
            let start = self.layout.start(slot);
            let worn = flash.borrow().worn.is_some_and(|worn| (start..start + self.layout.slot).contains(&worn.at));
            !worn && before.is_none_or(|(newest, _)| newest != slot)
        });
        self.require(saved.is_err() || new, || format!("checkpoint {number} is saved, but not whole"));
        self.require(old || new, || format!("of {before:?} a save of {number} has left {after:?}"));
        self.require(saved.is_ok() || was_cut || !free, || format!("{number} cannot be saved: {saved:?}"));
        let Some(mut device) = self.start(flash) else { return was_cut };
        let changes = flash.borrow().changes;
        let loaded = device.load();
        if was_cut {
            self.row.cuts += 1;
            self.row.new += usize::from(new);
            self.row.old += usize::from(!new && after.is_some());
            self.row.error += usize::from(after.is_none() && loaded.is_err());
            self.row.none += usize::from(after.is_none() && loaded.is_ok());
        }
        self.expect(loaded, after, "after a restart");
        assert_eq!(flash.borrow().changes, changes, "loading changes nothing");
        was_cut
    }

    /// Switches the power on, and opens the slots.
    fn start<'f>(&mut self, flash: &'f RefCell<Flash>) -> Opened<'f> {
        flash.borrow_mut().power_on();
        flash.borrow_mut().misread = self.misread();
        let device = (self.open)(flash);
        self.require(device.is_some(), || "the slots cannot be opened".into());
        device
    }

    /// Changes a bit of the newest slot, or makes a word unreadable. It is rarely the only whole one.
    fn rot(&mut self, flash: &mut Flash) {
        let Some((slot, _)) = newest(flash).filter(|_| count(flash) > 1 || self.below(8) == 0) else { return };
        let at = self.layout.start(slot) + self.layout.front() - 40 + self.below(40 + 4 * Model::WORDS);
        if self.below(2) == 0 {
            flash.bytes[at] ^= 1 << self.below(8);
        } else {
            flash.unreadable[at / self.layout.word] = true;
        }
    }

    /// Loading gives the newest checkpoint that is whole. If there is none, it may fail.
    fn expect(&mut self, loaded: Result<Option<u32>, String>, newest: Option<(usize, u32)>, when: &str) {
        let right = match &loaded {
            Ok(number) => *number == newest.map(|(_, number)| number),
            Err(_) => newest.is_none(),
        };
        self.require(right, || format!("{when}, loading gives {loaded:?} instead of {newest:?}"));
    }

    fn require(&mut self, holds: bool, what: impl Fn() -> String) {
        if !holds {
            self.row.faults.push(what());
        }
    }
}

/// Some lives for each kind.
fn lives(layout: Layout, count: usize, open: &Open<'_>) -> [Row; KINDS.len()] {
    let mut seed = layout.word as u64;
    KINDS.map(|kind| {
        seed += 100;
        let mut lives = Lives { kind, layout, open, rng: Sfc32::seed_from_u64(seed), row: Row::default() };
        (0..count).for_each(|_| lives.live());
        lives.row
    })
}

fn slots<const W: usize, const P: usize, const S: usize, const C: usize>() -> [Row; KINDS.len()] {
    let slot = Slots::<Driver<'_, W, P>, Model, S, C>::LEN as usize / S;
    let layout = Layout { word: W, page: P, first: FROM as usize, slot, slots: S };
    lives(layout, 36, &open::<W, P, S, C>)
}

/// Two slots of one page, and three slots of several pages each, in small chunks.
fn words<const W: usize, const C: usize>() -> [Row; KINDS.len()] {
    sum(slots::<W, 256, 2, 64>(), slots::<W, 64, 3, C>())
}

/// The same with the twin.
fn twin(fault: Option<Fault>) -> [Row; KINDS.len()] {
    let open: &Open<'_> = &move |flash| Some(Box::new(Twin::open(flash, fault)?));
    let [two, three] = [(256, 2), (64, 3)].map(|(page, slots)| {
        let slot = (40 + 4 * Model::WORDS).next_multiple_of(page);
        lives(Layout { word: 8, page, first: FROM as usize, slot, slots }, 12, open)
    });
    sum(two, three)
}

fn sum(mut rows: [Row; KINDS.len()], others: [Row; KINDS.len()]) -> [Row; KINDS.len()] {
    rows.iter_mut().zip(others).for_each(|(row, other)| row.add(other));
    rows
}

/// The kinds in which something was lost.
fn lost(rows: [Row; KINDS.len()]) -> Vec<&'static str> {
    KINDS.iter().zip(rows).filter(|(_, row)| !row.faults.is_empty()).map(|(kind, _)| kind.name).collect()
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/flash.md");
const HEAD: &str =
    "| kind | what happens | cuts | new | old | none | error | lost |\n|---|---|--:|--:|--:|--:|--:|--:|\n";
const FAULTS_HEAD: &str = "
A copy of the rules with one of these faults loses checkpoints, or can no longer save; without a fault, it does not.

| fault | found by |
|---|---|
";

#[test]
fn nothing_is_lost_and_planted_faults_are_found() {
    let sizes: [fn() -> [Row; KINDS.len()]; 6] =
        [words::<1, 40>, words::<2, 40>, words::<4, 40>, words::<8, 48>, words::<16, 48>, words::<32, 64>];
    let sizes = sizes.map(std::thread::spawn);
    let planted = FAULTS.map(|(fault, name)| (name, lost(twin(Some(fault)))));
    let rows = sizes.map(|size| size.join().unwrap()).into_iter().reduce(sum).unwrap();

    let mut tables = HEAD.to_owned();
    let mut all = Row::default();
    for (Kind { name, text, .. }, row) in KINDS.iter().zip(rows) {
        writeln!(tables, "| {name} | {text} | {row}").unwrap();
        all.add(row);
    }
    write!(tables, "| | together | {all}\n{FAULTS_HEAD}").unwrap();
    for (name, kinds) in &planted {
        writeln!(tables, "| {name} | {} |", kinds.join(", ")).unwrap();
    }
    println!("{tables}");
    assert!(all.faults.is_empty(), "{} faults, such as {}", all.faults.len(), all.faults[0]);
    assert_eq!(all.cuts, all.old + all.new + all.none + all.error);
    assert!(all.cuts >= 100_000, "{} cuts", all.cuts);
    assert!(all.old.min(all.new).min(all.none).min(all.error) > 0, "each outcome");
    for (name, kinds) in planted {
        assert!(!kinds.is_empty(), "not found: {name}");
    }
    assert_eq!(lost(twin(None)), [""; 0], "without a fault");

    let page = std::fs::read_to_string(PAGE).unwrap();
    let (text, committed) = page.split_at(page.find(HEAD).expect("docs/flash.md has the table"));
    if std::env::var_os("RENEW").is_some() {
        std::fs::write(PAGE, format!("{text}{tables}")).unwrap();
    } else {
        assert!(committed == tables, "docs/flash.md is stale: with RENEW=1 this test renews it");
    }
}

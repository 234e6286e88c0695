//! A smart watch recognises the exercise that its wearer does, from the stream of its sensors, and learns how this wearer does
//! it: the head of the net is trained on the watch, on one series of each exercise.

use crate::board::{figure, instructions, take};
use crate::fnv::Fnv;
use baregrad::net::StreamMemory;
use baregrad::prelude::*;
use heapless::Vec;
use static_cell::ConstStaticCell;

/// Five seconds of six axes.
pub type Window = Sequence<64, 6>;
/// The part that stays in flash. It runs on the stream: every fourth frame gives the features of the last five seconds.
pub type Body = chain![
    Conv1d<Window, Sequence<29, 24>, 7, 2, Relu>,
    Conv1d<Sequence<29, 24>, Sequence<13, 32>, 5, 2, Relu>,
    GlobalMaxPool
];
/// The part that is trained on the watch.
type Head = Dense<32, 7>;
/// Both.
pub type Net = Chain<Body, Head>;

/// Seven other people have trained it, on the host.
static NET: Net = baregrad::include_model!(Net, "../data/gesture.bgrd");

/// What the watch keeps: the last steps of the stream, and what is trained on which samples.
struct Memory {
    stream: StreamMemory<Body>,
    head: Trainer<Head, SparseCategoricalCrossEntropy<Logits>, Adam, 8>,
    features: Vec<[f32; 32], 192>,
    exercises: Vec<u8, 192>,
}

const _: () = assert!(size_of::<Memory>() <= 32 * 1024);

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory {
    stream: Body::MEMORY,
    head: Trainer::untrained(SparseCategoricalCrossEntropy::new(), Adam::new(0.005)),
    features: Vec::new(),
    exercises: Vec::new(),
});

/// One wearer does one exercise.
struct Series {
    exercise: u8,
    wearer: u8,
    /// One signed byte per axis, as the sensors give them.
    frames: &'static [[u8; 6]],
}

/// What the watch sees of its wearers: `build.rs` has cut it out of the host's data.
fn series() -> impl Iterator<Item = Series> {
    let mut rest: &'static [[u8; 6]] = include_bytes!(concat!(env!("OUT_DIR"), "/wearers")).as_chunks().0;
    core::iter::from_fn(move || {
        let ([low, high, exercise, wearer, ..], after) = rest.split_first()?;
        let (frames, after) = after.split_at_checked(u16::from_le_bytes([*low, *high]).into())?;
        rest = after;
        Some(Series { exercise: *exercise, wearer: *wearer, frames })
    })
}

impl Series {
    /// Streams the series, and calls `see` with all features that it gives, and their numbers.
    fn stream(&self, memory: &mut StreamMemory<Body>, mut see: impl FnMut(usize, &[f32; 32])) {
        Body::reset_states(memory);
        let features = self.frames.iter().filter_map(|frame| {
            let frame = frame.map(|axis| f32::from(axis as i8) / 32.0);
            NET.0.push(memory, &frame)
        });
        features.enumerate().for_each(|(number, features)| see(number, &features));
    }
}

/// The share of the features of the second halves that a head gives the right exercise for.
fn accuracy(wearer: u8, head: &Head, memory: &mut StreamMemory<Body>) -> CategoricalAccuracy {
    let mut accuracy = CategoricalAccuracy::new();
    for [_, series] in halves(wearer) {
        series.stream(memory, |_, features| {
            let mut y = [0.0; 7];
            head.infer_one(features, &mut y, &mut []);
            accuracy.add(&y, &series.exercise);
        });
    }
    accuracy
}

/// The series of a wearer, in two halves: the watch learns from the first ones.
fn halves(wearer: u8) -> impl Iterator<Item = [Series; 2]> {
    series().filter(move |series| series.wearer == wearer).map(|series| {
        let (first, second) = series.frames.split_at_checked(series.frames.len() / 2).unwrap_or_default();
        [first, second].map(|frames| Series { frames, ..series })
    })
}

/// Each wearer gains, or was recognised already.
pub fn run() -> Result<bool, Error> {
    let Memory { stream, head, features: x, exercises: y } = take(&MEMORY);
    let (mut passed, mut hash) = (true, Fnv::NEW);
    // As many frames as it takes to begin, and then some.
    let count = instructions(600, || _ = NET.0.push(stream, &[0.5; 6]));
    say!("a frame takes {count} instructions");
    figure("instructions", count);
    for wearer in 8..=10 {
        head.init(&Zeros, &mut Sfc32::seed_from_u64(u64::from(wearer)));
        head.net.copy_from(&NET.1);
        let before = accuracy(wearer, &head.net, stream);

        // A sample every 16 frames.
        x.clear();
        y.clear();
        for [series, _] in halves(wearer) {
            series.stream(stream, |number, features| {
                // The last ones may find no room.
                if number.is_multiple_of(4) && x.push(*features).is_ok() {
                    let _ = y.push(series.exercise);
                }
            });
        }
        head.fit(x, y, &Fit { epochs: 40, batch_size: 8, ..Fit::default() })?;
        let after = accuracy(wearer, &head.net, stream);
        let [before, after] = [before, after].map(|accuracy| (accuracy.value() * 1000.0 + 0.5) as u32);
        say!("wearer {wearer}: {before} of 1000 exercises recognised, {after} after training on {} samples", x.len());
        figure("before", before);
        figure("after", after);
        hash = hash.with(head.net.w.as_flattened()).with(&head.net.b);
        passed &= after >= before && after > 800;
    }
    figure("weights", hash.0);
    Ok(passed)
}

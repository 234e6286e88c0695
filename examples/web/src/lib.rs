//! What the page calls: a net that learns digits, from the data set and from the visitor.
//!
//! The page calls [`begin`] once, and passes the address that it returns to the other functions; references are addresses in
//! JavaScript. The module is linked alone, so `no_mangle` names meet no others.

#![no_std]

mod augment;
mod drawing;

use baregrad::{Permutation, prelude::*};
use firmware::{fnv::Fnv, u2};
use static_cell::ConstStaticCell;

/// The net of the example `digits`. The first layer divides pixels by 16.
type Net = chain![Rescale<64>, Dense<64, 32, Relu>, Dense<32, 10>];
type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, AdamW, BATCH>;

/// Samples per step.
const BATCH: usize = 32;
/// Training samples of the data set.
const TRAINING: usize = 1437;
/// How many of the visitor's drawings are kept.
const DRAWINGS: usize = 63;
/// The most steps that one drawing is taught with.
const LESSON: usize = 60;
/// A lesson ends when the right digit's output is above all others by this much: it is e³, 20 times as probable as each.
const MARGIN: f32 = 3.0;

/// Pixels from 0 to 16, row by row.
type Pixels = [u8; 64];

/// The data set, as the page writes it here.
#[repr(C)]
pub struct Digits {
    /// The visitor's drawings come last.
    x: [Pixels; TRAINING + DRAWINGS],
    y: [u8; TRAINING + DRAWINGS],
    test_x: [Pixels; 360],
    test_y: [u8; 360],
}

/// All memory of the page.
pub struct Page {
    digits: Digits,
    model: Model,
    /// How many drawings the visitor has taught.
    taught: usize,
    /// The numbers of the training samples in the order of this epoch, and how many of them steps have used.
    order: [u16; TRAINING + DRAWINGS],
    used: usize,
    points: [[f32; 2]; 1024],
    drawing: Pixels,
    output: [f32; 10],
    figures: [f32; 4],
    confusions: [[u64; 10]; 10],
}

/// All zeros: it takes no bytes of the module.
static PAGE: ConstStaticCell<Page> = ConstStaticCell::new(Page {
    digits: Digits {
        x: [[0; 64]; TRAINING + DRAWINGS],
        y: [0; TRAINING + DRAWINGS],
        test_x: [[0; 64]; 360],
        test_y: [0; 360],
    },
    model: Model::ZERO,
    taught: 0,
    order: [0; TRAINING + DRAWINGS],
    used: 0,
    points: [[0.0; 2]; 1024],
    drawing: [0; 64],
    output: [0.0; 10],
    figures: [0.0; 4],
    confusions: [[0; 10]; 10],
});

impl Page {
    /// The training samples: those of the data set, and the visitor's.
    fn samples(&self) -> usize {
        TRAINING + self.taught.min(DRAWINGS)
    }

    /// Makes a step on the training samples with these numbers.
    fn step(&mut self, numbers: impl Iterator<Item = usize>) -> Result<(), Error> {
        let (mut x, mut y, mut count) = ([[0.0; 64]; BATCH], [0; BATCH], 0);
        let samples = numbers.filter_map(|i| Some((self.digits.x.get(i)?, self.digits.y.get(i)?)));
        for ((x, y), sample) in x.iter_mut().zip(&mut y).zip(samples) {
            (*x, *y) = (augment::vary(sample.0, &mut self.model.rng), *sample.1);
            count += 1;
        }
        self.model.step(x.get(..count).unwrap_or_default(), y.get(..count).unwrap_or_default())?;
        Ok(())
    }

    /// Makes steps on the next training samples of this epoch. Returns whether that was its end.
    fn steps(&mut self, steps: usize) -> Result<bool, Error> {
        for _ in 0..steps {
            let order = self.order; // a copy: a step changes random numbers and weights
            let left = order.get(self.used..self.samples()).unwrap_or_default();
            self.step(left.iter().take(BATCH).map(|i| usize::from(*i)))?;
            self.used += BATCH;
            if self.used >= self.samples() {
                self.shuffle();
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Begins an epoch. A drawing that is taught meanwhile comes at its end.
    fn shuffle(&mut self) {
        let order = Permutation::new(self.samples(), &mut self.model.rng);
        self.order.iter_mut().enumerate().for_each(|(i, place)| *place = order.at(i) as u16);
        self.used = 0;
    }

    /// Losses and accuracies of both sets, and the confusions in the test set.
    fn evaluate(&mut self) -> Result<(), Error> {
        let (samples, Digits { x, y, test_x, test_y }) = (self.samples(), &self.digits);
        let (x, y) = (x.get(..samples).unwrap_or(x), y.get(..samples).unwrap_or(y));
        let (mut train, mut test) = (ConfusionMatrix::new(), ConfusionMatrix::new());
        let losses = [self.model.evaluate(x, y, &mut train)?, self.model.evaluate(test_x, test_y, &mut test)?];
        self.figures = [losses[0], losses[1], train.accuracy(), test.accuracy()];
        self.confusions = test.counts;
        Ok(())
    }

    /// Makes steps on this sample, with others, until the net reads it. Returns their number.
    fn lesson(&mut self, sample: usize, label: u8) -> Result<usize, Error> {
        for steps in 0..LESSON {
            let output = read(self);
            let right = output.get(usize::from(label)).copied().unwrap_or(f32::MAX);
            let above = |(digit, y): (usize, &f32)| digit == usize::from(label) || right - y >= MARGIN;
            if output.iter().enumerate().all(above) {
                return Ok(steps);
            }
            // Most of a batch are other samples, so that the net forgets none.
            let others = Permutation::new(self.samples(), &mut self.model.rng);
            self.step((0..BATCH).map(|i| if i < BATCH / 8 { sample } else { others.at(i) }))?;
        }
        Ok(LESSON)
    }
}

/// The memory, with an untrained net; nothing the second time.
#[unsafe(no_mangle)]
pub extern "C" fn begin() -> Option<&'static mut Page> {
    PAGE.try_take()
}

/// Where the data set belongs.
#[unsafe(no_mangle)]
pub extern "C" fn digits(page: &mut Page) -> &mut Digits {
    &mut page.digits
}

/// Draws new weights, and forgets the drawings that were taught.
#[unsafe(no_mangle)]
pub extern "C" fn restart(page: &mut Page, seed: u32) {
    page.model.set_up(SparseCategoricalCrossEntropy::new(), AdamW::of(Adam::new(2e-3), 0.1));
    page.model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed.into()));
    page.model.net.0.scale = [1.0 / 16.0; 64];
    page.taught = 0;
    page.shuffle();
}

/// Makes at most this many steps, not beyond the end of the epoch. Returns 1 if the epoch has ended, 0 if not, −1 if training
/// has failed.
#[unsafe(no_mangle)]
pub extern "C" fn train(page: &mut Page, steps: usize) -> i32 {
    page.steps(steps).map_or(-1, i32::from)
}

/// Losses of the training and the test set, then their accuracies.
#[unsafe(no_mangle)]
pub extern "C" fn evaluate(page: &mut Page) -> Option<&[f32; 4]> {
    page.evaluate().ok()?;
    Some(&page.figures)
}

/// How many test images of each digit, by row, were read as each, by column, when the net was last evaluated.
#[unsafe(no_mangle)]
pub extern "C" fn confusions(page: &Page) -> &[[u64; 10]; 10] {
    &page.confusions
}

/// The weights of the first layer: by pixel, then by neuron.
#[unsafe(no_mangle)]
pub extern "C" fn weights(page: &Page) -> &[[f32; 32]; 64] {
    &page.model.net.1.0.w
}

/// Where the points of a drawing belong: pairs from 0 to 1, and one that is not a number between strokes.
#[unsafe(no_mangle)]
pub extern "C" fn points(page: &mut Page) -> &mut [[f32; 2]; 1024] {
    &mut page.points
}

/// Makes the first points a drawing of 8×8 pixels.
#[unsafe(no_mangle)]
pub extern "C" fn draw(page: &mut Page, count: usize) -> &Pixels {
    page.drawing = drawing::pixels(page.points.get(..count).unwrap_or(&page.points));
    &page.drawing
}

/// Reads the drawing: ten logits.
#[unsafe(no_mangle)]
pub extern "C" fn read(page: &mut Page) -> &[f32; 10] {
    let x = page.drawing.map(f32::from);
    page.model.net.infer_one(&x, &mut page.output, &mut [0.0; Net::SCRATCH]);
    &page.output
}

/// Learns the drawing, which joins the training samples. Returns the number of steps, or −1 if training has failed.
#[unsafe(no_mangle)]
pub extern "C" fn teach(page: &mut Page, label: u8) -> i32 {
    let sample = TRAINING + page.taught % DRAWINGS;
    if let (Some(x), Some(y)) = (page.digits.x.get_mut(sample), page.digits.y.get_mut(sample)) {
        (*x, *y) = (page.drawing, label);
    }
    page.taught += 1;
    page.lesson(sample, label).map_or(-1, |steps| steps as i32)
}

/// Bytes of the trainer: weights, moments, activations.
#[unsafe(no_mangle)]
pub extern "C" fn bytes() -> usize {
    size_of::<Model>()
}

/// Floats per instruction.
#[unsafe(no_mangle)]
pub extern "C" fn lanes() -> usize {
    if cfg!(target_feature = "simd128") { 4 } else { 1 }
}

/// The weights after the firmware's workload U2, a hundred steps of another net, as one number; 0 if training has failed.
#[unsafe(no_mangle)]
pub extern "C" fn hash() -> u32 {
    let model = u2::start();
    if u2::train(model).is_err() {
        return 0;
    }
    u2::weights(&model.net).into_iter().fold(Fnv::NEW, Fnv::with).0
}

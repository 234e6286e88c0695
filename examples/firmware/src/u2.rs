//! Workload U2: training steps of 16→32 tanh→4 on single samples, with squared error and Adam.

use crate::board::{figure, take};
use crate::fnv::Fnv;
use baregrad::prelude::*;
use static_cell::ConstStaticCell;

/// 676 parameters.
pub type Net = chain![Dense<16, 32, Tanh>, Dense<32, 4>];
/// Trains it.
pub type Model = Trainer<Net, MeanSquaredError, Adam, 1>;

/// RAM for training, of the 16 KB of the smallest board. It is checked when compiling.
const BUDGET: usize = if cfg!(feature = "over-budget") { 8 * 1024 } else { 9 * 1024 };
const _: () = assert!(size_of::<Model>() <= BUDGET, "the trainer takes more RAM than its budget");

/// In RAM; its first value lies in flash.
pub static MODEL: ConstStaticCell<Model> = ConstStaticCell::new(Model::untrained(MeanSquaredError, Adam::new(1e-3)));

/// What an f64 twin on the host makes of the same weights in [`STEPS`] steps.
pub const EXPECTED: &[u8; Net::COUNT * 4] = include_bytes!("../data/u2.expected");

/// Steps until the weights are compared.
pub const STEPS: usize = 100;

/// Draws the first weights.
pub fn init(model: &mut Model) {
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(7));
}

/// Samples and targets from −1 to 1.
pub struct Samples(Sfc32);

impl Samples {
    /// From the first one on, the same ones each time.
    pub fn first() -> Self {
        Samples(Sfc32::seed_from_u64(8))
    }

    fn number(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / 8_388_608.0 - 1.0
    }

    /// A sample and its target.
    pub fn draw(&mut self) -> ([f32; 16], [f32; 4]) {
        ([(); 16].map(|()| self.number()), [(); 4].map(|()| self.number()))
    }
}

/// Trains for [`STEPS`] steps.
pub fn train(model: &mut Model) -> Result<(), Error> {
    init(model);
    let mut samples = Samples::first();
    for _ in 0..STEPS {
        let (x, y) = samples.draw();
        model.step(&[x], &[y])?;
    }
    Ok(())
}

/// The weights in the order of the file.
pub fn weights(net: &Net) -> impl Iterator<Item = f32> {
    let (first, second) = (&net.0, &net.1);
    [first.w.as_flattened(), &first.b, second.w.as_flattened(), &second.b].into_iter().flatten().copied()
}

/// All parameters within 2e-5 of the twin's.
pub fn run() -> Result<bool, Error> {
    let model = take(&MODEL);
    train(model)?;
    let mut worst = 0.0;
    for (weight, expected) in weights(&model.net).zip(EXPECTED.as_chunks().0) {
        let error = (weight - f32::from_le_bytes(*expected)).abs();
        // Not a number is the worst.
        worst = if error <= worst { worst } else { error };
    }
    say!("{} parameters after {STEPS} steps, at most {worst:e} from those of an f64 twin", Net::COUNT);
    let (first, second) = (&model.net.0, &model.net.1);
    figure("weights", Fnv::NEW.with(&first.w).with(&first.b).with(&second.w).with(&second.b).0);
    figure("ram", size_of::<Model>() as u32);
    Ok(worst <= 2e-5)
}

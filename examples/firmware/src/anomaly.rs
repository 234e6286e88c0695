//! Learns what is normal for this very machine, on the device, and then notices a fault: an autoencoder of a vibration.

use crate::board::{figure, take};
use crate::fnv::Fnv;
use baregrad::prelude::*;
use static_cell::ConstStaticCell;

/// A window of the signal through six numbers, and back.
type Net = chain![Dense<16, 6, Tanh>, Dense<6, 16>];
type Model = Trainer<Net, MeanSquaredError, Adam, 1>;
const _: () = assert!(size_of::<Model>() <= 3 * 1024);

static MODEL: ConstStaticCell<Model> = ConstStaticCell::new(Model::untrained(MeanSquaredError, Adam::new(0.005)));

/// Windows to train on, and of each kind to test.
const TRAINING: u32 = 2000;
const TESTS: u32 = 300;

/// A tone, made by rotation of a vector.
struct Tone {
    at: [f32; 2],
    turn: [f32; 2],
}

impl Tone {
    /// The sine and cosine of the angle that a sample takes are given.
    const fn new(sin: f32, cos: f32) -> Self {
        Tone { at: [1.0, 0.0], turn: [cos, sin] }
    }

    fn next(&mut self) -> f32 {
        let ([x, y], [cos, sin]) = (self.at, self.turn);
        let (x, y) = (x * cos - y * sin, x * sin + y * cos);
        let length = 1.5 - 0.5 * (x * x + y * y); // stays 1
        self.at = [x * length, y * length];
        y
    }
}

/// A motor's vibration: its turns, twice its turns, and noise. A worn bearing adds a tone of its own.
struct Motor {
    turns: Tone,
    double: Tone,
    bearing: Tone,
    noise: Sfc32,
}

impl Motor {
    fn new() -> Self {
        Motor {
            turns: Tone::new(0.434_965_53, 0.900_447_1),   // 0.45
            double: Tone::new(0.783_326_9, 0.621_61),      // 0.9
            bearing: Tone::new(0.991_664_8, -0.128_844_5), // 1.7
            noise: Sfc32::seed_from_u64(2),
        }
    }

    /// 16 samples, with a share of the bearing's tone.
    fn window(&mut self, worn: f32) -> [f32; 16] {
        [(); 16].map(|()| {
            let noise = (self.noise.next_u32() >> 8) as f32 / 16_777_216.0 - 0.5;
            0.6 * self.turns.next() + 0.3 * self.double.next() + worn * self.bearing.next() + 0.1 * noise
        })
    }
}

/// How badly the net knows a window.
fn error(net: &Net, window: &[f32; 16]) -> f32 {
    let mut y = [0.0; 16];
    net.infer_one(window, &mut y, &mut [0.0; Net::SCRATCH]);
    Loss::value(&MeanSquaredError, &y, window)
}

/// At least 95 % of the faulty windows are noticed, and at most 1 % of the normal ones.
pub fn run() -> Result<bool, Error> {
    let model = take(&MODEL);
    let mut motor = Motor::new();
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    for _ in 0..TRAINING {
        let x = [motor.window(0.0)];
        model.step(&x, &x)?;
    }
    let mut worst = 0.0;
    for _ in 0..TESTS {
        let error = error(&model.net, &motor.window(0.0));
        worst = if error > worst { error } else { worst };
    }
    let threshold = 1.5 * worst;

    let mut alarms = |worn| (0..TESTS).filter(|_| error(&model.net, &motor.window(worn)) > threshold).count() as u32;
    let (false_alarms, detected) = (alarms(0.0), alarms(0.2));
    say!(
        "threshold {threshold:.5}: {false_alarms} of {TESTS} normal windows above it, {detected} of {TESTS} faulty ones"
    );
    figure("false", false_alarms);
    figure("detected", detected);
    let (first, second) = (&model.net.0, &model.net.1);
    figure(
        "weights",
        Fnv::NEW.with(first.w.as_flattened()).with(&first.b).with(second.w.as_flattened()).with(&second.b).0,
    );
    Ok(false_alarms * 100 <= TESTS && detected * 100 >= 95 * TESTS)
}

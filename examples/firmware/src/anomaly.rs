//! Learns how this very machine vibrates, on the device, and then notices a fault: a recurrent net predicts the next sample of
//! the vibration, as it comes from the sensor. A worn machine is predicted badly.

use crate::board::{figure, take};
use crate::fnv::Fnv;
use baregrad::net::StreamMemory;
use baregrad::prelude::*;
use static_cell::ConstStaticCell;

/// Samples of a window. Gradients go back to its beginning, and the state goes on from window to window: truncated
/// backpropagation through time.
const T: usize = 16;

/// Each sample gives a guess of the next one.
type Net = chain![StatefulGru<Sequence<T, 1>, Sequence<T, 8>>, Dense<8, 1>];
type Model = Trainer<Net, MeanSquaredError, Adam, 1>;
const _: () = assert!(size_of::<Model>() <= 8 * 1024);

static MODEL: ConstStaticCell<Model> = ConstStaticCell::new(Model::ZERO);

/// Windows to train on, and of each kind to test.
const TRAINING: u32 = 200;
const TESTS: u32 = 100;

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

    /// A sample, with a share of the bearing's tone.
    fn next(&mut self, worn: f32) -> f32 {
        let noise = (self.noise.next_u32() >> 8) as f32 / 16_777_216.0 - 0.5;
        0.6 * self.turns.next() + 0.3 * self.double.next() + worn * self.bearing.next() + 0.1 * noise
    }
}

/// What the net has heard.
struct Listener<'a> {
    net: &'a Net,
    memory: StreamMemory<Net>,
    /// Its guess of the next sample.
    guess: f32,
}

impl Listener<'_> {
    /// How badly the net guesses the next samples: the mean of the squared errors.
    fn error(&mut self, motor: &mut Motor, worn: f32) -> f32 {
        let mut sum = 0.0;
        for _ in 0..T {
            let sample = motor.next(worn);
            sum += (sample - self.guess) * (sample - self.guess);
            if let Some([guess]) = self.net.push(&mut self.memory, &[sample]) {
                self.guess = guess;
            }
        }
        sum / T as f32
    }
}

/// Learns from the samples as they come, window by window.
fn learn(model: &mut Model, motor: &mut Motor) -> Result<(), Error> {
    let mut sample = motor.next(0.0);
    for _ in 0..TRAINING {
        let (mut x, mut y) = ([[0.0]; T], [[0.0]; T]);
        for (x, y) in x.iter_mut().zip(&mut y) {
            *x = [sample];
            sample = motor.next(0.0);
            *y = [sample];
        }
        model.step(&[x], &[y])?;
    }
    Ok(())
}

/// At least 95 % of the faulty windows are noticed, and at most 1 % of the normal ones.
pub fn run() -> Result<bool, Error> {
    let (model, mut motor) = (take(&MODEL), Motor::new());
    model.set_up(MeanSquaredError, Adam::new(0.02));
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    learn(model, &mut motor)?;

    let mut listener = Listener { net: &model.net, memory: Net::MEMORY, guess: 0.0 };
    listener.error(&mut motor, 0.0); // it has to hear the machine first
    let mut worst = 0.0;
    for _ in 0..TESTS {
        let error = listener.error(&mut motor, 0.0);
        worst = if error > worst { error } else { worst };
    }
    let threshold = 1.5 * worst;

    let mut alarms = |worn| (0..TESTS).filter(|_| listener.error(&mut motor, worn) > threshold).count() as u32;
    let (false_alarms, detected) = (alarms(0.0), alarms(0.2));
    say!(
        "threshold {threshold:.5}: {false_alarms} of {TESTS} normal windows above it, {detected} of {TESTS} faulty ones"
    );
    figure("false", false_alarms);
    figure("detected", detected);
    let (gru, guess) = (&model.net.0, &model.net.1);
    let hash = Fnv::NEW.with(gru.w.as_flattened().as_flattened()).with(gru.u.as_flattened().as_flattened());
    figure("weights", hash.with(gru.b.as_flattened()).with(guess.w.as_flattened()).with(&guess.b).0);
    Ok(false_alarms * 100 <= TESTS && detected * 100 >= 95 * TESTS)
}

//! A sensor is read every 10 ms, and between the samples a net learns to correct it.
//!
//! The task `correct` works at training steps in pieces. Before each piece it looks whether a sample is due, and lets the task
//! `blink` run. Both check that they are never late. The program fails if the error does not fall.

#![no_std]
#![no_main]

mod sensor;

use baregrad::{Buffered, data::Ring, prelude::*};
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicU32, Ordering};
use defmt::{assert, info, unwrap};
use defmt_semihosting as _; // the logger
use embassy_executor::Spawner;
use embassy_futures::yield_now;
use embassy_time::{Duration, Instant, Timer};
use semihosting::process;
use sensor::Sensor;
use static_cell::ConstStaticCell;
use systick_timer::SystickDriver;

type Net = chain![Dense<2, 24, Tanh>, Dense<24, 24, Tanh>, Dense<24, 1>];
type Model = Trainer<Net, MeanSquaredError, Adam, BATCH, Buffered>;

const BATCH: usize = 8;
/// A piece of training, in multiply-accumulates. The way back through the largest layer is the longest piece.
const BUDGET: usize = 500;
/// The time between two samples.
const PERIOD: Duration = Duration::from_millis(10);
const SAMPLES: u32 = 1000;
/// A task may be this much too late: the timer interrupts every millisecond, and the longest piece takes less than three. A
/// whole step takes longer.
const LATE: Duration = Duration::from_millis(4);

static MODEL: ConstStaticCell<Model> = ConstStaticCell::new(Model::ZERO);
/// The latest that a task was, in microseconds.
static LATEST: AtomicU32 = AtomicU32::new(0);

// The processor's clock, and the number that SysTick counts down from: an interrupt per millisecond.
embassy_time_driver::time_driver_impl!(static CLOCK: SystickDriver<4> = SystickDriver::new(25_000_000, 24_999));

#[cortex_m_rt::exception]
fn SysTick() {
    CLOCK.systick_interrupt();
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let mut peripherals = unwrap!(cortex_m::Peripherals::take());
    CLOCK.start(&mut peripherals.SYST);
    let model = MODEL.take();
    model.set_up(MeanSquaredError, Adam::new(0.005));
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    spawner.spawn(unwrap!(blink()));
    spawner.spawn(unwrap!(correct(model)));
}

/// Checks that it is not much later than a time.
fn on_time(due: Instant) {
    let late = Instant::now() - due;
    assert!(late <= LATE, "{} µs late", late.as_micros());
    LATEST.fetch_max(late.as_micros() as u32, Ordering::Relaxed);
}

/// Stands for all that must be on time while the net learns.
#[embassy_executor::task]
async fn blink() {
    let mut due = Instant::now();
    loop {
        due += Duration::from_millis(7);
        Timer::at(due).await;
        on_time(due);
    }
}

#[embassy_executor::task]
async fn correct(model: &'static mut Model) {
    let (mut sensor, mut due) = (Sensor::new(), Instant::now());
    let mut latest = Ring::<[f32; 2], [f32; 1], 64>::NEW;
    for _ in 0..BATCH {
        let (x, y) = sensor.read();
        latest.push(x, y);
    }
    let (mut samples, mut steps, mut first, mut error) = (0, 0, None, 0.0);
    while samples < SAMPLES {
        // The step keeps its batch while new samples come in.
        let (x, y) = (latest.x().as_chunks::<BATCH>().0, latest.targets().as_chunks::<BATCH>().0);
        let (x, y) = (x[steps % x.len()], y[steps % y.len()]);
        let mut step = unwrap!(model.begin(&x, &y));
        let mut done = false;
        while !done {
            done = unwrap!(step.advance(BUDGET)).is_ready();
            yield_now().await;
            if Instant::now() < due {
                continue;
            }
            on_time(due);
            let (x, y) = sensor.read();
            let mut corrected = [0.0];
            step.net().infer_one(&x, &mut corrected, &mut [0.0; Net::SCRATCH]);
            latest.push(x, y);
            due += PERIOD;
            samples += 1;
            // The mean over about fifty samples.
            let now = (corrected[0] - y[0]) * (corrected[0] - y[0]);
            error += (now - error) / samples.min(50) as f32;
            if samples % 100 == 0 {
                let first = *first.get_or_insert(error);
                info!("{} ms, {} steps: squared error {}, at first {}", due.as_millis(), steps, error, first);
            }
        }
        steps += 1;
    }
    info!("never more than {} µs late", LATEST.load(Ordering::Relaxed));
    assert!(error < 2e-3 && first.is_some_and(|first| error < first / 4.0), "the net has not learned");
    process::exit(0)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    defmt::error!("{}", defmt::Display2Format(info));
    process::exit(1)
}

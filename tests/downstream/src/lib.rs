//! What firmware does with the library: a trainer in a `static`, behind functions that C can call.
//!
//! The panic handler calls a function that does not exist, so that an image links only if the optimiser has removed every
//! path to a panic: the linker proves that there is none.

#![no_std]

use baregrad::init::GlorotUniform;
use baregrad::prelude::*;

/// 16 features of a sensor, 4 numbers to predict.
pub type Net = chain![Dense<16, 32, Tanh>, Dense<32, 4>];
/// Trains it, 8 samples a step at most.
pub type Model = Trainer<Net, MeanSquaredError, Adam, 8>;

const _: () = assert!(size_of::<Net>() == 676 * 4);
const _: () = assert!(size_of::<Model>() <= 16 * 1024);

static mut MODEL: Model = Trainer::untrained(MeanSquaredError, Adam::new(1e-3));

/// The one model.
fn model() -> &'static mut Model {
    // SAFETY: the exported functions are called from one thread, never from an interrupt, and keep no reference.
    #[expect(clippy::deref_addrof, reason = "a reference to a `static mut` is what must not be named")]
    unsafe {
        &mut *(&raw mut MODEL)
    }
}

/// Draws the weights.
#[unsafe(no_mangle)]
pub extern "C" fn downstream_init(seed: u32) {
    model().init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed.into()));
}

/// One step on one sample. Gives its loss, or NaN if the step was not made.
#[unsafe(no_mangle)]
pub extern "C" fn downstream_step(x: &[f32; 16], y: &[f32; 4]) -> f32 {
    model().step(core::slice::from_ref(x), core::slice::from_ref(y)).unwrap_or(f32::NAN)
}

/// Some epochs over a data set of 20 samples, whose last batch is a smaller one. Gives the last mean loss, or NaN.
#[unsafe(no_mangle)]
pub extern "C" fn downstream_fit(x: &[[f32; 16]; 20], y: &[[f32; 4]; 20], epochs: usize) -> f32 {
    let fit = Fit { epochs, batch_size: 8, ..Fit::default() };
    model().fit(x, y, &fit).map_or(f32::NAN, |epoch| epoch.loss)
}

/// The output for one sample.
#[unsafe(no_mangle)]
pub extern "C" fn downstream_infer(x: &[f32; 16], y: &mut [f32; 4]) {
    model().net.infer_one(x, y, &mut [0.0; Net::SCRATCH]);
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        fn baregrad_can_panic() -> !;
    }
    // SAFETY: there is no such function, so nothing that calls it can be linked.
    unsafe { baregrad_can_panic() }
}

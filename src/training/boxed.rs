//! Large values on the heap of a host, without a large stack.

use super::gradients::Gradients;
use super::trainer::Trainer;
use crate::net::Network;
use crate::tensor::Optimizer;
use crate::tensor::init::GlorotUniform;
use rand_core::Rng;
use std::boxed::Box;
use std::panic::resume_unwind;
use std::thread;

/// Puts a value on the heap, however large it is. `Box::new` would first build it on the stack, which a net of some
/// megabytes overflows. Needs the feature `std`.
///
/// ```
/// use baregrad::{boxed, prelude::*};
/// type Net = chain![Dense<784, 512, Relu>, Dense<512, 512, Relu>, Dense<512, 10>]; // 2.7 MB
/// let mut net = boxed(|| Net::NEW);
/// net.init(&HeNormal, &mut Sfc32::seed_from_u64(1));
/// ```
///
/// A large value is made on a thread of its own. If there can be no such thread, it is made on the caller's stack.
pub fn boxed<T: Send>(make: impl Fn() -> T + Sync) -> Box<T> {
    on_large_stack(size_of::<T>(), || Box::new(make()))
}

/// Runs `make` on a stack that has room for a value of `size` bytes.
pub(super) fn on_large_stack<T: Send>(size: usize, make: impl Fn() -> T + Sync) -> T {
    // A value of this size has room on any stack of a host.
    if size <= 64 * 1024 {
        return make();
    }
    // Builds without optimisation copy the value from call to call.
    let stack = size.saturating_mul(4).saturating_add(1 << 20);
    let made = thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(stack).spawn_scoped(scope, &make);
        thread.ok().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
    });
    made.unwrap_or_else(|| apart(make))
}

/// Calls a function. It is not inlined, so that its caller needs no stack for the value.
#[inline(never)]
fn apart<T>(make: impl Fn() -> T) -> T {
    make()
}

impl<N: Network, L, O: Optimizer, const BATCH: usize, G: Gradients> Trainer<N, L, O, BATCH, G> {
    /// Does what [`Trainer::new`] does, on the heap: for trainers that are too large for the stack. Needs the feature `std`.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// type Net = chain![Dense<784, 512, Relu>, Dropout<20>, Dense<512, 512, Relu>, Dropout<20>, Dense<512, 10>];
    /// type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Adam, 128>; // 10.5 MB
    /// let mut model = Model::boxed(&mut Sfc32::seed_from_u64(1));
    /// model.step(&[[0.0; 784]; 2], &[3_u8, 4])?;
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// With another loss, optimiser or initialiser: [`boxed`](crate::boxed), then [`Trainer::init`].
    pub fn boxed<R: Rng + ?Sized>(rng: &mut R) -> Box<Self>
    where
        L: Default,
        O: Default,
        Self: Send,
    {
        let mut trainer = boxed(|| Self::untrained(L::default(), O::default()));
        trainer.init(&GlorotUniform, rng);
        trainer
    }
}

//! Trainable tensors, with their own type of gradient and of optimiser state.

use crate::buffer::Zero;
use crate::init::Initializer;
use crate::optimizers::Optimizer;
use rand_core::Rng;

/// The parameters of a layer or a net.
pub trait Params: Sized + 'static {
    /// The constant to put into a `static`: gains one, all else zero. [`Params::init`] makes weights of it.
    const NEW: Self;
    /// Number of parameters, in flash or RAM.
    const COUNT: usize;
    /// Number of parameters that training changes.
    const TRAINABLE: usize;
    /// A gradient: one float for each trainable parameter, `()` where there are none.
    type Grad: Zero;
    /// What the optimiser `O` remembers: its moments of each trainable tensor.
    type State<O: Optimizer>: Zero;

    /// Draws new weights; biases become zero and gains one.
    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R);

    /// One step of `optimizer` along `grad`.
    fn apply<O: Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<O>, optimizer: &O);
}

//! Tensors of weights, with their own type of gradient and of optimiser state.

use crate::architecture::Architecture;
use crate::buffer::Floats;
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
    /// Number of layers, those without parameters included.
    const LAYERS: usize = 1;
    /// Layers, shapes and activations as a fingerprint: what a file of weights must have in common with the net.
    const ARCHITECTURE: Architecture;
    /// A gradient: one float for each trainable parameter, `()` where there are none.
    type Grad: Floats;
    /// What the optimiser `O` remembers: its moments of each trainable tensor.
    type State<O: Optimizer>: Floats;

    /// Draws new weights; biases become zero and gains one.
    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R);

    /// One step of `optimizer` along `grad`.
    fn apply<O: Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<O>, optimizer: &O);

    /// Calls `visit` with each tensor, in a fixed order; `first` is the number of the first layer.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// type Net = chain![Dense<2, 3, Relu>, Dropout<20>, Dense<3, 1>];
    /// let mut names = Vec::new();
    /// Net::NEW.tensors(0, &mut |name, _| names.push(format!("{}.{} {:?}", name.layer, name.tensor, name.shape)));
    /// assert_eq!(names, ["0.w [2, 3]", "0.b [3]", "2.w [3, 1]", "2.b [1]"]);
    /// ```
    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        let _ = (first, visit);
    }

    /// The same, to change them.
    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        let _ = (first, visit);
    }
}

/// Which tensor of a net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TensorName {
    /// Number of its layer, from 0; layers without parameters count, as in PyTorch's `Sequential`.
    pub layer: usize,
    /// Keras' name of the layer, such as `Dense`.
    pub kind: &'static str,
    /// Its name in the layer: that of the field, such as `w`.
    pub tensor: &'static str,
    /// Its length along each axis.
    pub shape: &'static [usize],
}

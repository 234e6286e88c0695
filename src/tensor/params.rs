//! Tensors of weights, with their own type of gradient and of optimiser state.

use crate::optimizers::Optimizer;
use crate::tensor::Architecture;
use crate::tensor::Window;
use crate::tensor::init::Initializer;
use crate::tensor::{Floats, copy};
use rand_core::Rng;

/// The parameters of a layer or a net. A layer without any is [`Parameterless`].
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
    /// A gradient: one float for each trainable parameter, `()` where there are none. A walk gives a slice a tensor.
    type Grad: Floats;
    /// What the optimiser `O` remembers: its moments of each trainable tensor.
    type State<O: Optimizer>: Floats;

    /// Draws new weights; biases become zero and gains one.
    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R);

    /// One step of `optimizer` along `grad`.
    fn apply<O: Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<O>, optimizer: &O);

    /// The part of [`Params::apply`] that falls into a window of the trainable parameters: their new values take the place of
    /// their gradient, and the parameters themselves stay. Gives the same bits.
    ///
    /// A layer whose `apply` updates tensors calls [`update_aside`](crate::update_aside) for each instead.
    fn apply_aside<O: Optimizer>(
        &self,
        grad: &mut Self::Grad,
        state: &mut Self::State<O>,
        optimizer: &O,
        window: &mut Window,
    ) {
        const { assert!(Self::TRAINABLE == 0, "this layer cannot be trained in pieces: it lacks `apply_aside`") };
        let _ = (grad, state, optimizer, window);
    }

    /// What is added to the loss for the size of the weights, as in [`Regularized`](crate::layers::Regularized).
    #[inline(always)]
    fn penalty(&self) -> f32 {
        // What adds nothing: the compiler takes away −0, but not 0.
        -0.0
    }

    /// Adds the gradient of the penalty to `grad`.
    #[inline(always)]
    fn penalty_gradient(&self, grad: &mut Self::Grad) {
        let _ = grad;
    }

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

    /// Takes over the weights of a net of the same architecture, whichever of its layers are frozen; another one does not
    /// compile.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// type Net = chain![Dense<4, 8, Relu>, Dense<8, 2>];
    /// type Tuned = FreezeFirst<1, Net>;
    /// let mut net = Net::NEW;
    /// net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    /// let mut tuned = Tuned::NEW;
    /// tuned.copy_from(&net);
    /// assert_eq!((tuned.0.0.w, tuned.1.w), (net.0.w, net.1.w));
    /// ```
    fn copy_from<P: Params>(&mut self, other: &P) {
        const {
            let same = Self::ARCHITECTURE.fingerprint() == P::ARCHITECTURE.fingerprint();
            assert!(same, "weights can only be copied between nets of the same architecture");
        }
        let mut place = 0_usize;
        self.tensors_mut(0, &mut |_, to| {
            // Layers may be numbered differently, where one net has dropout: the order of the tensors is the same.
            let mut at = 0;
            other.tensors(0, &mut |_, from| {
                if at == place {
                    copy(from, to);
                }
                at += 1;
            });
            place += 1;
        });
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

/// A layer without parameters, such as a dropout: [`Params`] and [`Stored`](crate::tensor::from_bytes::Stored) come with it.
pub trait Parameterless: Sized + 'static {
    /// The layer.
    const LAYER: Self;
    /// Its line in [`Params::ARCHITECTURE`]; by default none, as for layers that do nothing when they infer.
    const ARCHITECTURE: Architecture = Architecture::NONE;
}

impl<L: Parameterless> Params for L {
    const NEW: Self = L::LAYER;
    const COUNT: usize = 0;
    const TRAINABLE: usize = 0;
    const ARCHITECTURE: Architecture = <L as Parameterless>::ARCHITECTURE;
    type Grad = ();
    type State<O: Optimizer> = ();
    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, _: &I, _: &mut R) {}
    fn apply<O: Optimizer>(&mut self, _: &(), _: &mut (), _: &O) {}
}

//! Layers without parameters.

use super::from_bytes::{Bytes, FromBytes};
use super::init::Initializer;
use super::sinks::Sinks;
use super::{Architecture, Leaf, No, Optimizer, Params, Window};
use rand_core::Rng;

/// A layer without parameters, such as dropout. [`Params`], [`Leaf`] and [`FromBytes`] are implemented for it.
pub trait Parameterless: Sized + 'static {
    /// The layer.
    const LAYER: Self;
    /// Its line in [`Params::ARCHITECTURE`]. By default it has none, as suits a layer that does nothing in inference.
    const ARCHITECTURE: Architecture = Architecture::NONE;
}

impl<L: Parameterless> Params for L {
    const NEW: Self = L::LAYER;
    const ZERO: Self = L::LAYER;
    const COUNT: usize = 0;
    const TRAINABLE: usize = 0;
    const ARCHITECTURE: Architecture = <L as Parameterless>::ARCHITECTURE;
    type Trained = No;
    type Grad = ();
    type State<O: Optimizer> = ();
    type Statistics = ();
    fn reset(&mut self) {}
    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, _: &I, _: &mut R) {}
    fn apply<O: Optimizer>(&mut self, (): &(), (): &mut (), _: &O) {}
    fn stage<O: Optimizer>(&self, (): &mut (), (): &mut (), _: &O, _: &mut Window) {}
    fn commit(&mut self, (): &()) {}
}

impl<L: Parameterless> Leaf for L {
    type To<S: Sinks> = ();
    fn sums((): &mut ()) {}
    fn updates<'a, O: Optimizer>(&'a mut self, (): &'a mut (), _: &'a O) {}
}

impl<P: Bytes, L: Parameterless> FromBytes<P> for L {
    const LAYER: Self = L::LAYER;
}

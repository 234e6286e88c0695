use super::{Architecture, Floats, Tensor};
pub use crate::kernels::update::Gradient;

/// Changes weights along their gradient.
pub trait Optimizer: 'static {
    /// Keras' name of it.
    const NAME: &'static str;
    /// What its moments and numbers mean: a checkpoint of another kind is refused.
    const KIND: Architecture = Architecture::layer(Self::NAME);
    /// What it remembers of a tensor `T`: `()`, `T`, or an array of `T`.
    type Moments<T: Tensor>: Floats;
    /// Its own numbers: rates, and what depends on the steps so far. A checkpoint has them beside the moments.
    type Numbers: Floats;

    /// All its numbers.
    fn numbers(&self) -> Self::Numbers;

    /// Goes on from such numbers.
    fn set_numbers(&mut self, numbers: &Self::Numbers);

    /// Whether it must see the whole gradient before any weight moves, so that this must be in memory.
    const WHOLE_GRADIENT: bool = false;

    /// The learning rate.
    fn learning_rate(&self) -> f32;

    /// Sets the learning rate of the steps to come.
    fn set_learning_rate(&mut self, rate: f32);

    /// Begins a step: called once, before the first `update`.
    fn begin_step(&mut self);

    /// Sees the whole gradient, and may change it, if it is in memory: between `begin_step` and the first `update`.
    #[inline(always)]
    fn prepare<G: Floats>(&mut self, grad: &mut G) {
        let _ = grad;
    }

    /// Moves the weights of `w` from flat index `from` on, as many as `grad` has values.
    fn update<'g, T: Tensor>(
        &self,
        w: &mut T,
        from: usize,
        grad: impl Into<Gradient<'g>>,
        moments: &mut Self::Moments<T>,
    );
}

/// What the optimiser `O` remembers of a tensor `T`.
pub type Of<O, T> = <O as Optimizer>::Moments<T>;

/// Moves the weights of `w` from flat index `from` on.
#[inline(always)]
pub fn update<'g, O: Optimizer, T: Tensor>(
    o: &O,
    w: &mut T,
    from: usize,
    grad: impl Into<Gradient<'g>>,
    moments: &mut Of<O, T>,
) {
    o.update(w, from, grad, moments);
}

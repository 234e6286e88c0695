use super::{Architecture, Floats, Tensor};
use crate::kernels::Lanes;
use crate::kernels::lanes::NATIVE;
pub use crate::kernels::update::Gradient;
use crate::kernels::update::{self as kernel, Rule, one_lane};

/// An optimiser: a rule that moves one weight along its gradient, written once over [`Lanes`].
///
/// ```
/// use baregrad::{Lanes, optimizers::Moments, prelude::*};
/// /// Signum (Bernstein et al. 2018): `m ← β m + (1 − β) g`, `w ← w − lr · sign(m)`.
/// #[derive(Clone)]
/// struct Signum {
///     learning_rate: f32,
///     beta: f32,
/// }
/// impl Optimizer for Signum {
///     const NAME: &'static str = "signum";
///     type Moments = Moments<1>;
///     type Numbers = [f32; 2];
///     fn numbers(&self) -> [f32; 2] {
///         [self.learning_rate, self.beta]
///     }
///     fn set_numbers(&mut self, numbers: &[f32; 2]) {
///         [self.learning_rate, self.beta] = *numbers;
///     }
///     fn learning_rate(&self) -> f32 {
///         self.learning_rate
///     }
///     fn apply<V: Lanes>(&self, w: V, g: V, [m]: &mut [V; 1]) -> V {
///         *m = m.mul_add(w.splat(self.beta), g * w.splat(1.0 - self.beta));
///         let (zero, rate) = (w.splat(0.0), w.splat(self.learning_rate));
///         w - zero.if_less(*m, rate, m.if_less(zero, -rate, zero))
///     }
/// }
/// let mut model = Trainer::<Dense<1, 1>, _, _, 1>::untrained(MeanSquaredError, Signum { learning_rate: 0.5, beta: 0.9 });
/// model.step(&[[1.0]], &[[1.0]])?;
/// assert_eq!(model.net.w, [[0.5]]);
/// # Ok::<(), Error>(())
/// ```
pub trait Optimizer: Clone + 'static {
    /// Its name in Keras.
    const NAME: &'static str;
    /// A fingerprint of what its moments and numbers mean. A checkpoint of another kind is refused.
    const KIND: Architecture = Architecture::layer(Self::NAME);
    /// Whether the rule needs the whole gradient before any weight moves. The gradient must then be in memory.
    const WHOLE_GRADIENT: bool = false;
    /// How many numbers it stores per weight: with [`Moments<2>`](Moments) it stores two.
    type Moments: Count;
    /// Its own numbers: rates, and numbers that depend on the steps so far. A checkpoint stores them beside the moments.
    type Numbers: Floats;

    /// Returns all its numbers.
    fn numbers(&self) -> Self::Numbers;

    /// Restores the numbers that [`Optimizer::numbers`] has returned.
    fn set_numbers(&mut self, numbers: &Self::Numbers);

    /// Returns the learning rate.
    fn learning_rate(&self) -> f32;

    /// Sets the numbers that depend on the steps so far to their values before the first step. Rates stay. By default there are
    /// no such numbers.
    fn restart(&mut self) {}

    /// Begins a step. It is called before the first weight moves; a step in pieces calls it again before each update, with
    /// the same numbers. What it computes must depend on the [numbers](Optimizer::numbers) alone.
    #[inline(always)]
    fn begin_step(&mut self) {}

    /// Takes the whole gradient and may change it. If the gradient is in memory, it is called after `begin_step` and before
    /// the first weight moves.
    #[inline(always)]
    fn prepare<G: Floats>(&self, grad: &mut G) {
        let _ = grad;
    }

    /// The rule. It returns the new values of the weights `w`, whose gradients are `g`, and replaces their moments by the
    /// new ones.
    ///
    /// All moments are 0 before the first step. Mark the function with `#[inline(always)]`.
    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut MomentLanes<Self, V>) -> V;

    /// The same rule, where neither the square of the gradient nor a mean of such squares can overflow. A gradient of 0 may
    /// have either sign here; [`Optimizer::apply`] gets a positive one.
    #[inline(always)]
    fn apply_tame<V: Lanes>(&self, w: V, g: V, moments: &mut MomentLanes<Self, V>) -> V {
        self.apply(w, g + w.splat(0.0), moments)
    }

    /// Makes a whole pass on a machine without vectors. Returns false, and changes nothing, if it has no copy for this rule
    /// that is compiled with the library.
    #[doc(hidden)]
    #[inline(always)]
    fn pass(&self, _w: &mut [f32], _gradient: Gradient<'_>, _moments: &mut [Option<&mut [f32]>]) -> bool {
        false
    }
}

/// An optimiser whose learning rate can be set between steps, because it does not take the rate from a
/// [schedule](crate::schedules::Scheduled).
#[diagnostic::on_unimplemented(
    message = "the learning rate of `{Self}` cannot be set",
    note = "`Scheduled` takes the rate of each step from its schedule, so a rate that is set in between would have no effect"
)]
pub trait FreeRate: Optimizer {
    /// Sets the learning rate of the next steps.
    fn set_learning_rate(&mut self, rate: f32);
}

/// How many numbers an optimiser stores per weight: [`Moments`].
pub trait Count: Sized + 'static {
    /// This many tensors.
    type Tensors<T: Floats>: Floats;
    /// This many vectors.
    type Lanes<V: Lanes>;

    #[doc(hidden)]
    fn update<O: Optimizer<Moments = Self>, T: Tensor>(
        optimizer: &O,
        w: &mut T,
        from: usize,
        grad: Gradient<'_>,
        moments: &mut Self::Tensors<T>,
    );
}

/// `M` numbers per weight. They lie in memory as `M` tensors, one after another.
pub struct Moments<const M: usize>;

/// The moments of a tensor `T` with the optimiser `O`: `[T; 2]` for [`Adam`](crate::optimizers::Adam).
pub type MomentsOf<O, T> = <<O as Optimizer>::Moments as Count>::Tensors<T>;

/// The moments of the weights in the lanes of `V`: `[V; 2]` for [`Adam`](crate::optimizers::Adam).
pub type MomentLanes<O, V> = <<O as Optimizer>::Moments as Count>::Lanes<V>;

impl<const M: usize> Count for Moments<M> {
    type Tensors<T: Floats> = [T; M];
    type Lanes<V: Lanes> = [V; M];

    #[inline(always)]
    fn update<O: Optimizer<Moments = Self>, T: Tensor>(
        optimizer: &O,
        w: &mut T,
        from: usize,
        grad: Gradient<'_>,
        moments: &mut [T; M],
    ) {
        let part = from..from + grad.count();
        if NATIVE == 1 {
            let w = w.flat_mut().get_mut(part.clone()).unwrap_or_default();
            // A loop instead of closures, each of which is a function in a build for size.
            let mut parts = [const { None }; M];
            for (slot, m) in parts.iter_mut().zip(moments) {
                *slot = m.flat_mut().get_mut(part.clone());
            }
            if !optimizer.pass(w, grad, &mut parts) {
                one_lane::update(optimizer, w, grad, &mut parts);
            }
            return;
        }
        kernel::update(
            optimizer,
            T::LEN,
            w.flat_mut().get_mut(part.clone()).unwrap_or_default(),
            grad,
            moments.each_mut().map(|m| m.flat_mut().get_mut(part.clone()).unwrap_or_default()),
        );
    }
}

impl<const M: usize, O: Optimizer<Moments = Moments<M>>> Rule<M> for O {
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn apply<V: Lanes>(&self, w: V, g: V, moments: &mut [V; M]) -> V {
        Optimizer::apply(self, w, g, moments)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    #[cfg_attr(debug_assertions, inline)]
    fn apply_tame<V: Lanes>(&self, w: V, g: V, moments: &mut [V; M]) -> V {
        Optimizer::apply_tame(self, w, g, moments)
    }
}

/// Moves weights of `w` in one pass over memory: as many as `grad` has values, from flat index `from` on.
///
/// ```
/// use baregrad::{optimizers::update, prelude::*};
/// let (mut w, mut velocity) = ([1.0, 2.0], [[0.0; 2]]);
/// update(&Momentum::new(0.5, 0.9), &mut w, 1, &[4.0], &mut velocity);
/// assert_eq!((w, velocity), ([1.0, 0.0], [[0.0, -2.0]]));
/// ```
#[inline(always)]
pub fn update<'g, O: Optimizer, T: Tensor>(
    optimizer: &O,
    w: &mut T,
    from: usize,
    grad: impl Into<Gradient<'g>>,
    moments: &mut MomentsOf<O, T>,
) {
    <O::Moments as Count>::update(optimizer, w, from, grad.into(), moments);
}

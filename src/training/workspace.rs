//! What a pass forward and back needs besides the net.

use super::trainer::Output;
use crate::kernels::unknown;
use crate::losses::Loss;
use crate::net::{Destination, Layer, Mode, Network, NotFinite, samples_mut};
use crate::tensor::{Flat, No, Tensor, Zero, front, front_mut};

/// Room for at most `B` samples on their way through the net `N` and back.
pub struct Workspace<N: Network, const B: usize> {
    /// Inputs that do not lie one after another in the data.
    pub x: [N::Input; B],
    /// Outputs.
    pub y: [Output<N>; B],
    /// The activations between the layers.
    pub trace: <N as Layer<N::Input>>::Trace<B, No>,
    /// The gradients of two neighbouring activations: see [`Layer::walk`].
    pub p: <N as Layer<N::Input>>::P<B, No>,
    /// The other one of them.
    pub q: <N as Layer<N::Input>>::Q<B, No>,
}

impl<N: Network, const B: usize> Zero for Workspace<N, B> {
    const ZERO: Self = Workspace { x: Zero::ZERO, y: Zero::ZERO, trace: Zero::ZERO, p: Zero::ZERO, q: Zero::ZERO };
}

/// The samples of a step: a slice of the data, or this many that were gathered in the workspace.
pub enum Samples<'a, X> {
    /// A slice of the data.
    Given(&'a [X]),
    /// Gathered samples.
    Gathered(usize),
}

impl<X> Samples<'_, X> {
    /// How many there are.
    #[inline(always)]
    pub fn count(&self) -> usize {
        match self {
            Samples::Given(x) => x.len(),
            Samples::Gathered(count) => *count,
        }
    }
}

impl<N: Network, const B: usize> Workspace<N, B> {
    /// Forward, and the sum of the losses. `share` of the gradient of each loss then waits for the way back. `target(i)`
    /// belongs to sample `i`.
    #[inline(always)]
    pub fn forward<'t, T: 't, L: Loss<Output<N>, T>>(
        &mut self,
        net: &N,
        loss: &L,
        samples: &Samples<'_, N::Input>,
        share: f32,
        target: impl Fn(usize) -> Option<&'t T>,
        mode: Mode<'_>,
    ) -> f32 {
        let Workspace { x, y, trace, p, .. } = self;
        let x = x_of(samples, x);
        let y = front_mut(unknown(y), x.len());
        net.forward::<B, No>(x, y, trace, mode);
        let dy = samples_mut(p.flat(), x.len());
        loss_and_gradient(loss, y, dy, share, target)
    }

    /// Back from the loss.
    ///
    /// # Errors
    /// As [`Layer::walk`].
    #[inline(always)]
    pub fn back<D: Destination>(&mut self, at: D::At<'_, N>, samples: &Samples<'_, N::Input>) -> Result<(), NotFinite> {
        let Workspace { x, y, trace, p, q } = self;
        let x = x_of(samples, x);
        let y = front_mut(unknown(y), x.len());
        N::walk::<B, No, D>(at, x, y, trace, p.flat(), q.flat())
    }
}

#[inline(always)]
fn x_of<'a, X>(samples: &Samples<'a, X>, gathered: &'a [X]) -> &'a [X] {
    match samples {
        Samples::Given(x) => x,
        Samples::Gathered(count) => front(gathered, *count),
    }
}

/// The sum of the losses of outputs; `dy` becomes `share` of its gradient. `target(i)` belongs to output `i`.
#[inline(always)]
pub fn loss_and_gradient<'t, Y: Tensor, T: 't, L: Loss<Y, T>>(
    loss: &L,
    y: &[Y],
    dy: &mut [Y],
    share: f32,
    target: impl Fn(usize) -> Option<&'t T>,
) -> f32 {
    let mut sum = 0.0;
    for (i, (y, dy)) in y.iter().zip(dy).enumerate() {
        if let Some(target) = target(i) {
            sum += loss.gradient(y, target, share, dy);
        }
    }
    sum
}

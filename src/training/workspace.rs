//! The memory for a pass forward and back, besides the net.

use super::trainer::Output;
use crate::kernels::opaque;
use crate::losses::Loss;
use crate::metrics::Metric;
use crate::net::{Destination, Layer, Mode, Network, NotFinite, Part, samples, samples_mut};
use crate::tensor::{Flat, No, Tensor, front, front_mut, zeros};

/// Room for at most `B` samples on their way through the net `N` and back.
pub struct Workspace<N: Network, const B: usize> {
    /// The outputs.
    pub y: [Output<N>; B],
    /// The activations between the layers, and the other data that the layers keep.
    pub trace: <N as Layer<N::Input>>::Trace<B, No>,
    /// The first buffer for the gradients of two neighbouring activations; see [`Layer::walk`].
    pub p: <N as Layer<N::Input>>::P<B, No>,
    /// The second buffer. The pass forward has its [`Layer::Room`] here.
    pub q: <<N as Layer<N::Input>>::Q<B, No> as Flat>::Or<<N as Layer<N::Input>>::Room<B, No>>,
}

zeros!(impl [N: Network, const B: usize] Workspace<N, B> { y, trace, p, q });

impl<N: Network, const B: usize> Workspace<N, B> {
    /// Returns the parts, with both buffers as slices.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn open(&mut self) -> Open<'_, N, B> {
        Open { y: opaque(&mut self.y), trace: &mut self.trace, p: self.p.flat(), q: self.q.flat() }
    }
}

/// A workspace with its buffers as slices.
pub struct Open<'a, N: Network, const B: usize> {
    y: &'a mut [Output<N>; B],
    trace: &'a mut <N as Layer<N::Input>>::Trace<B, No>,
    p: &'a mut [f32],
    q: &'a mut [f32],
}

impl<N: Network, const B: usize> Open<'_, N, B> {
    /// Runs forward. Returns the sum of the losses, and leaves the gradient of each loss, times `share`, for the way back.
    /// `target(i)` is the target of sample `i`. `metric` sees each output.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn forward<'t, T: 't, L: Loss<Output<N>, T>>(
        &mut self,
        net: &N,
        loss: &L,
        x: &[N::Input],
        share: f32,
        target: impl Fn(usize) -> Option<&'t T>,
        mode: Mode<'_>,
        metric: &mut impl Metric<Output<N>, T>,
    ) -> f32 {
        let y = front_mut(self.y, x.len());
        net.forward::<B, No>(x, y, self.trace, mode.with_room(self.q));
        loss_and_gradient(loss, y, samples_mut(self.p, x.len()), share, target, metric)
    }

    /// Returns the first sample with a number that is not finite, after a forward pass.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn first_bad(&self, x: &[N::Input]) -> Option<usize> {
        first_bad::<N::Input, Output<N>>(B, x, front(self.y, x.len()), samples(self.p, x.len()))
    }

    /// Walks back from the loss.
    ///
    /// # Errors
    /// As [`Layer::walk`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn back<D: Destination>(&mut self, at: D::At<'_, N>, x: &[N::Input]) -> Result<(), NotFinite> {
        N::walk::<B, No, D>(Part::ALL, at, x, front_mut(self.y, x.len()), self.trace, self.p, self.q)
    }

    /// Returns the statistics of the forward pass for [`Params::settle`](crate::Params::settle).
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn statistics(&self) -> N::Statistics {
        N::statistics(self.trace)
    }
}

/// Returns the first sample with a number that is not finite: in itself, in its output or in the gradient of that. `capacity`
/// is the most that there can be.
#[cold]
pub fn first_bad<X: Tensor, Y: Tensor>(capacity: usize, x: &[X], y: &[Y], dy: &[Y]) -> Option<usize> {
    if capacity == 1 {
        return Some(0);
    }
    // The samples come first: a batch normalisation spreads NaN over all outputs.
    first_bad_row(X::flat_all(x), X::LEN)
        .or_else(|| first_bad_row(Y::flat_all(y), Y::LEN))
        .or_else(|| first_bad_row(Y::flat_all(dy), Y::LEN))
}

#[inline(never)]
fn first_bad_row(rows: &[f32], width: usize) -> Option<usize> {
    rows.iter().position(|value| !value.is_finite())?.checked_div(width)
}

/// Returns the sum of the losses of outputs, and sets `dy` to its gradient times `share`. `target(i)` is the target of
/// output `i`. `metric` sees each output.
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn loss_and_gradient<'t, Y: Tensor, T: 't, L: Loss<Y, T>>(
    loss: &L,
    y: &[Y],
    dy: &mut [Y],
    share: f32,
    target: impl Fn(usize) -> Option<&'t T>,
    metric: &mut impl Metric<Y, T>,
) -> f32 {
    let mut sum = 0.0;
    for (i, (y, dy)) in y.iter().zip(dy).enumerate() {
        if let Some(target) = target(i) {
            sum += loss.gradient(y, target, share, dy);
            metric.add(y, target);
        }
    }
    sum
}

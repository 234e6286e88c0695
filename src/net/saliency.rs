//! Gradients of an output or a loss with respect to the input.

use super::{Layer, Mode, Network, Nowhere, Part, Side, samples, samples_mut};
use crate::error::Error;
use crate::losses::Loss;
use crate::tensor::{Flat, Tensor, Yes, Zero};

type Output<N> = <N as Layer<<N as Network>::Input>>::Y;

/// Explains single outputs of a net by its input. It has room for one sample's activations and their gradients, and is a
/// constant that can be in a `static`. It needs no trainer and changes no weights. Frozen layers take part.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<3, 8, Tanh>, Dense<8, 2>];
/// let mut net = Net::NEW;
/// net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
///
/// let mut saliency = Saliency::<Net>::NEW;
/// let (x, baseline) = ([0.5, -1.0, 2.0], [0.0; 3]);
/// let slopes = *saliency.of_output(&net, &x, 1)?;
///
/// let mut share = [0.0; 3];
/// saliency.integrate(&net, &x, &baseline, 1, 50, &mut share)?;
/// // The attributions add up to the difference of the two outputs.
/// let mut y = [[0.0; 2]; 2];
/// net.infer_batch(&[x, baseline], &mut y, &mut [0.0; Net::SCRATCH])?;
/// assert!((share.iter().sum::<f32>() - (y[0][1] - y[1][1])).abs() < 1e-3);
/// # Ok::<(), Error>(())
/// ```
pub struct Saliency<N: Network> {
    trace: <N as Layer<N::Input>>::Trace<1, Yes>,
    x: [N::Input; 1],
    y: [Output<N>; 1],
    p: <N as Layer<N::Input>>::P<1, Yes>,
    q: <<N as Layer<N::Input>>::Q<1, Yes> as Flat>::Or<<N as Layer<N::Input>>::Room<1, Yes>>,
    dx: N::Input,
}

impl<N: Network> Saliency<N> {
    /// The constant to start with.
    pub const NEW: Self =
        Saliency { trace: Zero::ZERO, x: Zero::ZERO, y: Zero::ZERO, p: Zero::ZERO, q: Zero::ZERO, dx: Zero::ZERO };

    /// Computes `∂y[output] / ∂x` at `x`, the saliency (Simonyan et al. 2013). Often only its absolute value is used.
    ///
    /// For a class, use the output before a softmax: the slopes of a softmax vanish where the net is sure.
    ///
    /// # Errors
    /// The net has no such output.
    pub fn of_output(&mut self, net: &N, x: &N::Input, output: usize) -> Result<&N::Input, Error> {
        self.x = [*x];
        self.slopes(net, output)?;
        Ok(&self.dx)
    }

    /// Computes `∂loss / ∂x` at `x`. It is largest where a change of the input would change the loss most.
    ///
    /// # Errors
    /// The target names a class that the net has no output for.
    pub fn of_loss<L, T>(&mut self, net: &N, x: &N::Input, loss: &L, target: &T) -> Result<&N::Input, Error>
    where
        L: Loss<Output<N>, T>,
    {
        loss.check(target).map_err(|error| error.at(0, Output::<N>::LEN))?;
        self.x = [*x];
        self.explain(net, |y, dy| _ = loss.gradient(y, target, 1.0, dy));
        Ok(&self.dx)
    }

    /// Computes integrated gradients (Sundararajan et al. 2017):
    /// `(x − baseline) · ∫₀¹ ∂y[output]/∂x (baseline + α (x − baseline)) dα`, by the midpoint rule in `steps` steps, at
    /// least 1.
    ///
    /// The attributions add up to `y[output]` at `x` minus `y[output]` at the baseline, except for the error of the rule.
    /// For smooth activations the error is of the order of 1/steps². 20 to 300 steps are usual.
    ///
    /// # Errors
    /// The net has no such output.
    pub fn integrate(
        &mut self,
        net: &N,
        x: &N::Input,
        baseline: &N::Input,
        output: usize,
        steps: u32,
        attributions: &mut N::Input,
    ) -> Result<(), Error> {
        let steps = steps.max(1);
        *attributions = N::Input::ZERO;
        for step in 0..steps {
            let alpha = (step as f32 + 0.5) / steps as f32;
            let ends = x.flat().iter().zip(baseline.flat());
            for (at, (x, baseline)) in self.x[0].flat_mut().iter_mut().zip(ends) {
                *at = baseline + alpha * (x - baseline);
            }
            self.slopes(net, output)?;
            for (sum, slope) in attributions.flat_mut().iter_mut().zip(self.dx.flat()) {
                *sum += slope;
            }
        }
        for (share, (x, baseline)) in attributions.flat_mut().iter_mut().zip(x.flat().iter().zip(baseline.flat())) {
            *share *= (x - baseline) / steps as f32;
        }
        Ok(())
    }

    /// Computes the slopes of an output at `self.x`.
    fn slopes(&mut self, net: &N, output: usize) -> Result<(), Error> {
        let outputs = Output::<N>::LEN;
        if output >= outputs {
            return Err(Error::NoSuchOutput { output, outputs });
        }
        self.explain(net, |_, dy| {
            for (i, dy) in dy.flat_mut().iter_mut().enumerate() {
                *dy = if i == output { 1.0 } else { 0.0 };
            }
        });
        Ok(())
    }

    /// Runs forward from `self.x`, and back from the `dy` that `start` computes from `y`.
    fn explain(&mut self, net: &N, start: impl FnOnce(&Output<N>, &mut Output<N>)) {
        let Saliency { trace, x, y, p, q, dx } = self;
        let (p, q) = (p.flat(), q.flat());
        net.forward::<1, Yes>(x, y, trace, Mode::infer().with_room(q));
        if let ([y], [dy]) = (&*y, samples_mut(p, 1)) {
            start(y, dy);
        }
        // `Nowhere` returns no error.
        let _ = N::walk::<1, Yes, Nowhere>(Part::ALL, net, x, y, trace, p, q);
        if let [from] = samples(N::Side::order(&*p, &*q).0, 1) {
            *dx = *from;
        }
    }
}

use super::{Norm, storable};
use crate::kernels::Lanes;
use crate::tensor::Zero;
use crate::tensor::{Architecture, Floats};
use crate::tensor::{FreeRate, MomentLanes, Optimizer, forward, numbers};

/// Scales the whole gradient to a norm of at most `limit`: Keras' `global_clipnorm`, PyTorch's `clip_grad_norm_`. The
/// gradient must be in memory.
///
/// ```
/// use baregrad::{Buffered, clipping::GlobalClipNorm, prelude::*};
/// // Sgd(global_clipnorm=1.0): no step is longer than the learning rate.
/// let sgd = GlobalClipNorm::new(Sgd::new(0.1), 1.0);
/// let mut model = Trainer::<Dense<1, 1>, _, _, 8, Buffered>::untrained(MeanSquaredError, sgd);
/// model.step(&[[1e6]], &[[1.0]])?;
/// assert_eq!(model.net.w[0][0], 0.1);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct GlobalClipNorm<O> {
    /// The optimiser that takes the clipped gradient.
    pub optimizer: O,
    /// The largest norm; ∞ means that nothing is clipped.
    pub limit: f32,
}

crate::tensor::zeros!(impl [O: Zero] GlobalClipNorm<O> { optimizer, limit });
crate::tensor::free_rate!([O: FreeRate] GlobalClipNorm<O>, optimizer);

impl<O: Optimizer> GlobalClipNorm<O> {
    /// Wraps an optimiser, with the largest norm.
    pub const fn new(optimizer: O, limit: f32) -> Self {
        GlobalClipNorm { optimizer, limit }
    }
}

impl<O: Optimizer> Optimizer for GlobalClipNorm<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word("global_clip_norm");
    const WHOLE_GRADIENT: bool = true;
    type Moments = O::Moments;
    numbers!(limit as storable; of optimizer);
    forward!(optimizer: begin_step, apply);

    fn prepare<G: Floats>(&self, grad: &mut G) {
        let norm = Norm::of(|visit| grad.walk(visit));
        grad.walk_mut(&mut |tensor| norm.clip(tensor, self.limit));
        self.optimizer.prepare(grad);
    }
}

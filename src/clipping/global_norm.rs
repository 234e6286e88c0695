use super::{scale, squares};
use crate::kernels::Lanes;
use crate::kernels::sqrt::sqrt;
use crate::optimizers::{MomentLanes, Optimizer, forward, numbers};
use crate::tensor::{Architecture, Floats};

/// Scales the whole gradient to a norm of at most `limit`: Keras' `global_clipnorm`, PyTorch's `clip_grad_norm_`. It needs
/// the gradient in memory.
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
    /// What takes the clipped gradient.
    pub optimizer: O,
    /// The largest norm.
    pub limit: f32,
}

impl<O: Optimizer> GlobalClipNorm<O> {
    /// Of an optimiser and the largest norm.
    pub const fn new(optimizer: O, limit: f32) -> Self {
        GlobalClipNorm { optimizer, limit }
    }
}

impl<O: Optimizer> Optimizer for GlobalClipNorm<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word("global_clip_norm");
    const WHOLE_GRADIENT: bool = true;
    type Moments = O::Moments;
    numbers!(limit; of optimizer);
    forward!(optimizer: begin_step, apply);

    fn prepare<G: Floats>(&mut self, grad: &mut G) {
        let mut sum = 0.0;
        grad.walk(&mut |tensor| sum += squares(tensor));
        grad.walk_mut(&mut |tensor| scale(tensor, sqrt(sum), self.limit));
        self.optimizer.prepare(grad);
    }
}

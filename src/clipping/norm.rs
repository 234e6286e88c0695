use super::{scale, squares};
use crate::kernels::Lanes;
use crate::kernels::sqrt::sqrt;
use crate::optimizers::{MomentLanes, Optimizer, forward, numbers};
use crate::tensor::{Architecture, Floats};

/// Scales the gradient of each tensor to a norm of at most `limit`: Keras' `clipnorm`. It needs the gradient in memory.
///
/// ```
/// use baregrad::{Buffered, clipping::ClipNorm, prelude::*};
/// // Adam(clipnorm=1.0)
/// let adam = ClipNorm::new(Adam::new(1e-3), 1.0);
/// let mut model = Trainer::<Dense<2, 1>, _, _, 8, Buffered>::untrained(MeanSquaredError, adam);
/// model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
/// model.step(&[[1e6, 0.0]], &[[1.0]])?;
/// # Ok::<(), Error>(())
/// ```
///
/// Without it, the program does not compile:
///
/// ```compile_fail
/// use baregrad::{clipping::ClipNorm, prelude::*};
/// let adam = ClipNorm::new(Adam::new(1e-3), 1.0);
/// let mut model = Trainer::<Dense<2, 1>, _, _, 8>::untrained(MeanSquaredError, adam);
/// let _ = model.step(&[[1e6, 0.0]], &[[1.0]]);
/// ```
#[derive(Clone, Debug)]
pub struct ClipNorm<O> {
    /// What takes the clipped gradient.
    pub optimizer: O,
    /// The largest norm.
    pub limit: f32,
}

impl<O: Optimizer> ClipNorm<O> {
    /// Of an optimiser and the largest norm.
    pub const fn new(optimizer: O, limit: f32) -> Self {
        ClipNorm { optimizer, limit }
    }
}

impl<O: Optimizer> Optimizer for ClipNorm<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word("clip_norm");
    const WHOLE_GRADIENT: bool = true;
    type Moments = O::Moments;
    numbers!(limit; of optimizer);
    forward!(optimizer: begin_step, apply);

    fn prepare<G: Floats>(&mut self, grad: &mut G) {
        grad.walk_mut(&mut |tensor| scale(tensor, sqrt(squares(tensor)), self.limit));
        self.optimizer.prepare(grad);
    }
}

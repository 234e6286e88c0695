use super::{Norm, storable};
use crate::kernels::Lanes;
use crate::tensor::Zero;
use crate::tensor::{Architecture, Floats};
use crate::tensor::{FreeRate, MomentLanes, Optimizer, forward, numbers};

/// Scales the gradient of each tensor to a norm of at most `limit`: Keras' `clipnorm`. The gradient must be in memory.
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
/// If it is not in memory, the program does not compile:
///
/// ```compile_fail
/// use baregrad::{clipping::ClipNorm, prelude::*};
/// let adam = ClipNorm::new(Adam::new(1e-3), 1.0);
/// let mut model = Trainer::<Dense<2, 1>, _, _, 8>::untrained(MeanSquaredError, adam);
/// let _ = model.step(&[[1e6, 0.0]], &[[1.0]]);
/// ```
#[derive(Clone, Debug)]
pub struct ClipNorm<O> {
    /// The optimiser that takes the clipped gradient.
    pub optimizer: O,
    /// The largest norm; ∞ means that nothing is clipped.
    pub limit: f32,
}

crate::tensor::zeros!(impl [O: Zero] ClipNorm<O> { optimizer, limit });
crate::tensor::free_rate!([O: FreeRate] ClipNorm<O>, optimizer);

impl<O: Optimizer> ClipNorm<O> {
    /// Wraps an optimiser, with the largest norm.
    pub const fn new(optimizer: O, limit: f32) -> Self {
        ClipNorm { optimizer, limit }
    }
}

impl<O: Optimizer> Optimizer for ClipNorm<O> {
    const NAME: &'static str = O::NAME;
    const KIND: Architecture = O::KIND.word("clip_norm");
    const WHOLE_GRADIENT: bool = true;
    type Moments = O::Moments;
    numbers!(limit as storable; of optimizer);
    forward!(optimizer: begin_step, apply);

    fn prepare<G: Floats>(&self, grad: &mut G) {
        grad.walk_mut(&mut |tensor| Norm::of(|visit| visit(tensor)).clip(tensor, self.limit));
        self.optimizer.prepare(grad);
    }
}

use super::Callback;
use crate::error::Error;
use crate::net::Network;
use crate::tensor::FreeRate;
use crate::training::{Epoch, Gradients, Trainer};
use core::ops::ControlFlow;

/// Sets the learning rate before each epoch, as a function of the epoch's number and the current rate: Keras'
/// `LearningRateScheduler`.
///
/// ```
/// use baregrad::prelude::*;
/// let halve = LearningRateScheduler(|epoch, rate| if epoch > 0 && epoch % 10 == 0 { rate / 2.0 } else { rate });
/// let mut model = Trainer::<Dense<1, 1>, MeanSquaredError, Sgd>::new(&mut Sfc32::seed_from_u64(1));
/// model.optimizer.learning_rate = 0.4;
/// model.fit_callbacks(Data::new(&[[1.0]], &[[2.0]]), &Fit { epochs: 25, ..Fit::default() }, halve)?;
/// assert_eq!(model.optimizer.learning_rate, 0.1);
/// # Ok::<(), Error>(())
/// ```
pub struct LearningRateScheduler<F>(pub F);

impl<N: Network, L, O: FreeRate, F: FnMut(usize, f32) -> f32, const BATCH: usize, G: Gradients>
    Callback<Trainer<N, L, O, BATCH, G>> for LearningRateScheduler<F>
{
    fn on_epoch_begin(&mut self, model: &mut Trainer<N, L, O, BATCH, G>, number: usize) {
        let rate = (self.0)(number, model.optimizer.learning_rate());
        model.optimizer.set_learning_rate(rate);
    }

    fn on_epoch_end(&mut self, _: &mut Trainer<N, L, O, BATCH, G>, _: &mut Epoch) -> Result<ControlFlow<()>, Error> {
        Ok(ControlFlow::Continue(()))
    }
}

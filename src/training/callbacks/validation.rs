use super::Callback;
use crate::data::Data;
use crate::error::Error;
use crate::losses::Loss;
use crate::metrics::Metric;
use crate::net::{Layer, Network};
use crate::tensor::Optimizer;
use crate::training::{Epoch, Gradients, Trainer};
use core::ops::ControlFlow;

/// Evaluates validation data after each epoch: Keras' `validation_data`. It must come before the callbacks that monitor its
/// figures.
///
/// ```
/// use baregrad::prelude::*;
/// let (x, y) = ([[0.0, 1.0], [1.0, 0.0], [0.2, 0.9], [0.9, 0.2]], [0_u8, 1, 0, 1]);
/// type Model = Trainer<Dense<2, 2>, SparseCategoricalCrossEntropy<Logits>, Adam>;
/// let mut model = Model::new(&mut Sfc32::seed_from_u64(1));
/// model.optimizer.learning_rate = 0.1;
/// let (train, validation) = Data::new(&x, &y).split(0.5);
/// let validation = Validation::new(validation).metric(CategoricalAccuracy::new(), CategoricalAccuracy::value);
/// let epoch = model.fit_callbacks(train, &Fit { epochs: 50, ..Fit::default() }, validation)?;
/// assert_eq!(epoch.val_metric, Some(1.0));
/// # Ok::<(), Error>(())
/// ```
pub struct Validation<'a, X, T, M = ()> {
    data: Data<'a, X, T>,
    metric: M,
    value: Option<fn(&M) -> f32>,
}

impl<'a, X, T> Validation<'a, X, T> {
    /// Computes the loss over `data`.
    pub const fn new(data: Data<'a, X, T>) -> Self {
        Validation { data, metric: (), value: None }
    }

    /// Also computes a metric, which is reset before each epoch. `value` reads its result.
    pub fn metric<M>(self, metric: M, value: fn(&M) -> f32) -> Validation<'a, X, T, M> {
        Validation { data: self.data, metric, value: Some(value) }
    }
}

impl<N, L, O, T, M, const BATCH: usize, G> Callback<Trainer<N, L, O, BATCH, G>> for Validation<'_, N::Input, T, M>
where
    N: Network,
    L: Loss<<N as Layer<N::Input>>::Y, T>,
    O: Optimizer,
    M: Metric<<N as Layer<N::Input>>::Y, T>,
    G: Gradients,
{
    fn on_epoch_end(
        &mut self,
        model: &mut Trainer<N, L, O, BATCH, G>,
        epoch: &mut Epoch,
    ) -> Result<ControlFlow<()>, Error> {
        self.metric.reset();
        epoch.val_loss = Some(model.evaluate_on(&self.data, &mut self.metric)?);
        epoch.val_metric = self.value.map(|value| value(&self.metric));
        Ok(ControlFlow::Continue(()))
    }
}

use super::Callback;
use crate::data::{Data, Sample};
use crate::error::Error;
use crate::losses::Loss;
use crate::metrics::Metric;
use crate::net::{Layer, Network};
use crate::tensor::Optimizer;
use crate::training::{Epoch, Gradients, METRICS, Trainer, Values};
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
/// assert_eq!(epoch.val_metrics[0], Some(1.0));
/// # Ok::<(), Error>(())
/// ```
///
/// Several metrics are a tuple, whose values are an array: `metric((a, b), |(a, b)| [a.value(), b.value()])`.
pub struct Validation<'a, X, T, M = (), V = f32> {
    data: Data<'a, X, T>,
    metric: M,
    values: Option<fn(&M) -> V>,
}

impl<'a, X, T> Validation<'a, X, T> {
    /// Computes the loss over `data`.
    pub const fn new(data: Data<'a, X, T>) -> Self {
        Validation { data, metric: (), values: None }
    }

    /// Also computes a metric, which is reset before each epoch. `values` reads its value, or an array of up to four values.
    pub fn metric<M, V: Values>(self, metric: M, values: fn(&M) -> V) -> Validation<'a, X, T, M, V> {
        Validation { data: self.data, metric, values: Some(values) }
    }
}

impl<N, L, O, S, T, M, V, const BATCH: usize, G> Callback<Trainer<N, L, O, BATCH, G>> for Validation<'_, S, T, M, V>
where
    N: Network,
    S: Sample<N::Input>,
    L: Loss<<N as Layer<N::Input>>::Y, T>,
    O: Optimizer,
    M: Metric<<N as Layer<N::Input>>::Y, T>,
    V: Values,
    G: Gradients,
{
    fn on_epoch_end(
        &mut self,
        model: &mut Trainer<N, L, O, BATCH, G>,
        epoch: &mut Epoch,
    ) -> Result<ControlFlow<()>, Error> {
        self.metric.reset();
        epoch.val_loss = Some(model.evaluate_on(&self.data, &mut self.metric)?);
        epoch.val_metrics = self.values.map_or([None; METRICS], |values| values(&self.metric).figures());
        Ok(ControlFlow::Continue(()))
    }
}

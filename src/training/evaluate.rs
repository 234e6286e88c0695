//! Predictions, and the loss and metrics over a data set.

use super::gradients::Gradients;
use super::trainer::{Output, Trainer};
use super::workspace::Workspace;
use crate::data::{Data, Sample};
use crate::error::Error;
use crate::kernels::compensated::Total;
use crate::losses::Loss;
use crate::metrics::Metric;
use crate::net::{Mode, Network};
use crate::tensor::Optimizer;
use crate::tensor::{Flat, No, Zero, batch, front_mut};

impl<N: Network, L, O: Optimizer, const BATCH: usize, G: Gradients> Trainer<N, L, O, BATCH, G> {
    /// Returns the outputs for some inputs.
    pub fn predict<const M: usize>(&mut self, x: &[N::Input; M]) -> [Output<N>; M] {
        let mut y = [Zero::ZERO; M];
        self.predict_into(x, &mut y);
        y
    }

    /// Writes the outputs for some inputs: as many as both slices have.
    pub fn predict_into(&mut self, x: &[N::Input], y: &mut [Output<N>]) {
        let (mut x, mut y) = (x, y);
        while let Some((x, y)) = batch(&mut x, &mut y, BATCH) {
            let Workspace { trace, q, .. } = &mut self.workspace;
            self.net.forward::<BATCH, No>(x, y, trace, Mode::infer().with_room(q.flat()));
        }
    }

    /// Returns the mean loss over a data set. `metric` sees every sample. Several metrics are a tuple, no metric is `()`.
    ///
    /// # Errors
    /// The data set is empty, the numbers of samples and targets differ, a target's class has no output, or the trainer is
    /// not set up.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// let mut model = Trainer::<Dense<2, 3>, SparseCategoricalCrossEntropy<Logits>, Sgd>::new(&mut Sfc32::NEW.clone());
    /// let mut accuracy = CategoricalAccuracy::new();
    /// let loss = model.evaluate(&[[1.0, 2.0], [3.0, 4.0]], &[0_u8, 2], &mut accuracy)?;
    /// println!("loss {loss}, accuracy {}", accuracy.value());
    /// # Ok::<(), baregrad::Error>(())
    /// ```
    pub fn evaluate<S: Sample<N::Input>, T>(
        &mut self,
        x: &[S],
        targets: &[T],
        metric: &mut impl Metric<Output<N>, T>,
    ) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.evaluate_on(&Data::new(x, targets), metric)
    }

    /// Does what [`Trainer::evaluate`] does, on a part of a data set.
    ///
    /// # Errors
    /// As [`Trainer::evaluate`].
    pub fn evaluate_on<S: Sample<N::Input>, T>(
        &mut self,
        data: &Data<'_, S, T>,
        metric: &mut impl Metric<Output<N>, T>,
    ) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.check(data, 1)?;
        let mut total = Total::ZERO;
        let mut start = 0;
        while start < data.len() {
            let count = BATCH.min(data.len() - start);
            let Workspace { y, trace, q, .. } = &mut self.workspace;
            let (x, y) = (data.gather(start, count, &mut self.x), front_mut(y, count));
            self.net.forward::<BATCH, No>(x, y, trace, Mode::infer().with_room(q.flat()));
            for (i, y) in y.iter().enumerate() {
                if let Some(target) = data.target(start + i) {
                    total.add(self.loss.evaluation(y, target));
                    metric.add(y, target);
                }
            }
            start += count;
        }
        Ok(total.value() / data.len() as f32 + self.net.penalty())
    }
}

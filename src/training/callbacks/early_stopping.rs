use super::{Callback, Monitor};
use crate::error::Error;
use crate::net::Network;
use crate::tensor::{Optimizer, Params, copy};
use crate::training::{Epoch, Gradients, Trainer};
use core::ops::ControlFlow;

/// Ends the training when the validation loss, or another monitored figure, has not improved for some epochs: Keras'
/// `EarlyStopping`, with its rules and defaults.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<1, 8, Tanh>, Dense<8, 1>];
/// let x: Vec<[f32; 1]> = (0..40).map(|i| [i as f32 / 40.0]).collect();
/// let y: Vec<[f32; 1]> = x.iter().map(|x| [x[0] * x[0]]).collect();
/// let (train, validation) = Data::new(&x, &y).shuffled(&mut Sfc32::seed_from_u64(2)).split(0.25);
///
/// // EarlyStopping(patience=10, min_delta=1e-4, restore_best_weights=True)
/// let mut best = [0.0; Net::COUNT];
/// let mut stop = EarlyStopping::new(10).min_delta(1e-4).restore_best_weights(&mut best);
/// let mut model = Trainer::<Net, MeanSquaredError, Adam>::new(&mut Sfc32::seed_from_u64(1));
/// let fit = Fit { epochs: 10_000, ..Fit::default() };
/// let last = model.fit_callbacks(train, &fit, (Validation::new(validation), &mut stop))?;
/// assert_eq!(stop.stopped_epoch(), Some(last.number));
/// # Ok::<(), Error>(())
/// ```
pub struct EarlyStopping<W = ()> {
    rule: Rule,
    progress: Progress,
    weights: W,
}

struct Rule {
    monitor: Monitor,
    patience: usize,
    min_delta: f32,
    baseline: Option<f32>,
    start_from_epoch: usize,
}

struct Progress {
    wait: usize,
    best: Option<f32>,
    best_epoch: usize,
    stopped_epoch: Option<usize>,
}

impl EarlyStopping {
    /// Stops after `patience` epochs without an improvement of the validation loss. The weights stay those of the last
    /// epoch.
    pub const fn new(patience: usize) -> Self {
        let monitor = Monitor::ValLoss;
        EarlyStopping {
            rule: Rule { monitor, patience, min_delta: 0.0, baseline: None, start_from_epoch: 0 },
            progress: Progress { wait: 0, best: None, best_epoch: 0, stopped_epoch: None },
            weights: (),
        }
    }

    /// Restores the weights of the best epoch at the end. They are kept in `buffer`, of `Net::COUNT` floats; a smaller one
    /// does not compile. The moments and the optimiser's step count are not restored.
    pub fn restore_best_weights<const S: usize>(self, buffer: &mut [f32; S]) -> EarlyStopping<&mut [f32; S]> {
        EarlyStopping { rule: self.rule, progress: self.progress, weights: buffer }
    }
}

impl<W> EarlyStopping<W> {
    /// Monitors this figure instead of the validation loss.
    pub fn monitor(mut self, monitor: Monitor) -> Self {
        self.rule.monitor = monitor;
        self
    }

    /// Counts only changes larger than this as improvements; 0 by default.
    pub fn min_delta(mut self, min_delta: f32) -> Self {
        self.rule.min_delta = min_delta.abs();
        self
    }

    /// Epochs whose value is not better than `baseline` count as epochs without improvement.
    pub fn baseline(mut self, baseline: f32) -> Self {
        self.rule.baseline = Some(baseline);
        self
    }

    /// Ignores all epochs before this one.
    pub fn start_from_epoch(mut self, number: usize) -> Self {
        self.rule.start_from_epoch = number;
        self
    }

    /// The best value so far.
    pub fn best(&self) -> Option<f32> {
        self.progress.best
    }

    /// The number of the epoch with the best value.
    pub fn best_epoch(&self) -> usize {
        self.progress.best_epoch
    }

    /// The number of the epoch after which training was stopped; `None` if it was not.
    pub fn stopped_epoch(&self) -> Option<usize> {
        self.progress.stopped_epoch
    }
}

/// Storage for the best weights: `()` for none, or `&mut [f32; S]` with room for all weights.
pub trait BestWeights {
    /// Stores the weights of a net.
    fn keep<N: Params>(&mut self, net: &N);
    /// Writes the stored weights to a net.
    fn restore<N: Params>(&self, net: &mut N);
}

impl BestWeights for () {
    fn keep<N: Params>(&mut self, _: &N) {}
    fn restore<N: Params>(&self, _: &mut N) {}
}

impl<const S: usize> BestWeights for &mut [f32; S] {
    fn keep<N: Params>(&mut self, net: &N) {
        const { assert!(S >= N::COUNT, "the buffer for the best weights is smaller than the net's COUNT") };
        let mut place = 0;
        net.tensors(0, &mut |_, values| {
            copy(values, self.get_mut(place..).unwrap_or_default());
            place += values.len();
        });
    }

    fn restore<N: Params>(&self, net: &mut N) {
        let mut place = 0;
        net.tensors_mut(0, &mut |_, values| {
            copy(self.get(place..).unwrap_or_default(), values);
            place += values.len();
        });
    }
}

impl<N: Network, L, O: Optimizer, W: BestWeights, const BATCH: usize, G: Gradients> Callback<Trainer<N, L, O, BATCH, G>>
    for EarlyStopping<W>
{
    fn on_train_begin(&mut self, _: &mut Trainer<N, L, O, BATCH, G>) {
        self.progress = Progress { wait: 0, best: None, best_epoch: 0, stopped_epoch: None };
    }

    fn on_epoch_end(
        &mut self,
        model: &mut Trainer<N, L, O, BATCH, G>,
        epoch: &mut Epoch,
    ) -> Result<ControlFlow<()>, Error> {
        let EarlyStopping { rule, progress, weights } = self;
        let value = rule.monitor.value(epoch)?;
        if epoch.number < rule.start_from_epoch {
            return Ok(ControlFlow::Continue(()));
        }
        progress.wait += 1;
        if rule.monitor.improves(value, progress.best, rule.min_delta) {
            progress.best = Some(value);
            progress.best_epoch = epoch.number;
            weights.keep(&model.net);
            if rule.baseline.is_none() || rule.monitor.improves(value, rule.baseline, rule.min_delta) {
                progress.wait = 0;
            }
        } else if progress.wait >= rule.patience && epoch.number > 0 {
            progress.stopped_epoch = Some(epoch.number);
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    }

    fn on_train_end(&mut self, model: &mut Trainer<N, L, O, BATCH, G>) {
        if self.progress.best.is_some() {
            self.weights.restore(&mut model.net);
        }
    }
}

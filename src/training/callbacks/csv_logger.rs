use super::Callback;
use crate::error::Error;
use crate::training::{Epoch, METRICS};
use core::fmt;
use core::ops::ControlFlow;

/// Passes each epoch to a function, as a line of a table with commas: Keras' `CSVLogger`. The first epoch has a line with the
/// names of the columns before it. The lines have no line feed at their ends.
///
/// A column is missing if the epoch does not have its figure. So in a tuple,
/// [`Validation`](crate::training::callbacks::Validation) must come first.
///
/// ```
/// use baregrad::{callbacks::CsvLogger, prelude::*};
/// let mut table = String::new(); // or `writeln!(file, "{line}")`, or a line to the serial port
/// let log = CsvLogger::new(|line| table += &format!("{line}\n"));
/// let mut model = Trainer::<Dense<1, 1>, MeanSquaredError, Sgd>::untrained(MeanSquaredError, Sgd::new(0.125));
/// let data = Data::new(&[[1.0]], &[[2.0]]);
/// let fit = Fit { epochs: 2, ..Fit::default() };
/// model.fit_callbacks(data.clone(), &fit, (Validation::new(data), log))?;
/// assert_eq!(table, "epoch,loss,val_loss\n0,4,1\n1,1,0.25\n");
/// # Ok::<(), Error>(())
/// ```
pub struct CsvLogger<F> {
    write: F,
}

impl<F: FnMut(fmt::Arguments<'_>)> CsvLogger<F> {
    /// Calls `write` with each line.
    pub const fn new(write: F) -> Self {
        CsvLogger { write }
    }
}

impl<M, F: FnMut(fmt::Arguments<'_>)> Callback<M> for CsvLogger<F> {
    fn on_epoch_end(&mut self, _: &mut M, epoch: &mut Epoch) -> Result<ControlFlow<()>, Error> {
        if epoch.number == 0 {
            (self.write)(format_args!("{}", Names(epoch)));
        }
        (self.write)(format_args!("{}", Figures(epoch)));
        Ok(ControlFlow::Continue(()))
    }
}

struct Names<'a>(&'a Epoch);
struct Figures<'a>(&'a Epoch);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("epoch")?;
        columns(self.0).try_for_each(|(name, _)| write!(f, ",{name}"))
    }
}

impl fmt::Display for Figures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.number)?;
        columns(self.0).try_for_each(|(_, figure)| write!(f, ",{figure}"))
    }
}

/// Returns the names and values of the figures that an epoch has.
fn columns(epoch: &Epoch) -> impl Iterator<Item = (&'static str, f32)> {
    const METRIC: [&str; METRICS] = ["metric_0", "metric_1", "metric_2", "metric_3"];
    const VAL_METRIC: [&str; METRICS] = ["val_metric_0", "val_metric_1", "val_metric_2", "val_metric_3"];
    let training = [("loss", Some(epoch.loss))].into_iter().chain(METRIC.into_iter().zip(epoch.metrics));
    let validation = [("val_loss", epoch.val_loss)].into_iter().chain(VAL_METRIC.into_iter().zip(epoch.val_metrics));
    training.chain(validation).filter_map(|(name, figure)| Some((name, figure?)))
}

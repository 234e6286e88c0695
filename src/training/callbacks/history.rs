//! Keras' `History`: stores the epochs in a container that the caller provides.

use super::Callback;
use crate::error::Error;
use crate::training::Epoch;
use core::ops::ControlFlow;

/// Keeps the last `N` epochs. Needs the feature `heapless-v0_9`.
///
/// ```
/// use baregrad::prelude::*;
/// use heapless_v0_9::HistoryBuf; // `heapless::HistoryBuf` in your crate
/// let mut history = HistoryBuf::<Epoch, 8>::new();
/// let mut model = Trainer::<Dense<1, 1>, MeanSquaredError, Adam>::new(&mut Sfc32::seed_from_u64(1));
/// model.fit_callbacks(Data::new(&[[1.0]], &[[2.0]]), &Fit { epochs: 20, ..Fit::default() }, &mut history)?;
/// assert!(history.oldest_ordered().map(|epoch| epoch.number).eq(12..20));
/// # Ok::<(), Error>(())
/// ```
#[cfg(feature = "heapless-v0_9")]
impl<M, const N: usize> Callback<M> for heapless_v0_9::HistoryBuf<Epoch, N> {
    fn on_epoch_end(&mut self, _: &mut M, epoch: &mut Epoch) -> Result<ControlFlow<()>, Error> {
        self.write(*epoch);
        Ok(ControlFlow::Continue(()))
    }
}

/// Keeps all epochs. Needs the feature `std`.
#[cfg(feature = "std")]
impl<M> Callback<M> for std::vec::Vec<Epoch> {
    fn on_epoch_end(&mut self, _: &mut M, epoch: &mut Epoch) -> Result<ControlFlow<()>, Error> {
        self.push(*epoch);
        Ok(ControlFlow::Continue(()))
    }
}

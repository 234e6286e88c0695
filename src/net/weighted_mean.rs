//! The mean of nets that learnt on several devices.

use crate::error::Error;
use crate::kernels::batch_norm::moving_average;
use crate::tensor::{Params, pairs};

/// The mean of several nets of one type, weighted by the number of samples that each has learnt from: the global net of
/// federated averaging (McMahan et al. 2017).
///
/// Every tensor is averaged, also moving statistics and tensors that no optimiser moves. The nets are added one by one, so
/// memory for one net is enough. The bits depend on the order of the nets: add them in an order of their own, such as the order
/// of the devices' names, and not as they arrive.
///
/// ```
/// use baregrad::{prelude::*, net::WeightedMean};
/// let [mut a, mut b] = [Dense::<1, 1>::NEW; 2];
/// (a.w, b.w) = ([[1.0]], [[4.0]]);
///
/// let mut mean = WeightedMean::new();
/// mean.add(&a, 200)?;
/// mean.add(&b, 100)?;
/// assert_eq!((mean.net().w, mean.samples()), ([[2.0]], 300));
///
/// b.w = [[f32::NAN]];
/// assert_eq!(mean.add(&b, 100), Err(Error::NonFiniteWeight { layer: 0 }));
/// assert_eq!(mean.net().w, [[2.0]]);
/// # Ok::<(), Error>(())
/// ```
pub struct WeightedMean<N> {
    net: N,
    samples: u32,
}

impl<N: Params> WeightedMean<N> {
    /// The mean of no nets.
    pub const fn new() -> Self {
        WeightedMean { net: N::NEW, samples: 0 }
    }

    /// Adds a net that has learnt from this many samples. If there are none, nothing changes.
    ///
    /// # Errors
    /// [`Error::NonFiniteWeight`]: the mean is unchanged.
    pub fn add(&mut self, net: &N, samples: u32) -> Result<(), Error> {
        let mut bad = None;
        net.tensors(0, &mut |name, tensor| {
            bad = bad.or(tensor.iter().any(|weight| !weight.is_finite()).then_some(name.layer));
        });
        if let Some(layer) = bad {
            return Err(Error::NonFiniteWeight { layer });
        }
        self.samples = self.samples.saturating_add(samples);
        let rest = 1.0 - samples as f32 / self.samples.max(1) as f32;
        pairs(&mut self.net, net, &mut |from, to| moving_average(from, rest, to));
        Ok(())
    }

    /// The mean.
    pub fn net(&self) -> &N {
        &self.net
    }

    /// The number of samples of all nets.
    pub fn samples(&self) -> u32 {
        self.samples
    }
}

impl<N: Params> Default for WeightedMean<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Lowers the rate when the loss of the epochs has stopped falling, as Keras' callback `ReduceLROnPlateau` does.
///
/// PyTorch's class of that name waits one epoch longer, and asks for a relative improvement.
///
/// ```
/// use baregrad::prelude::*;
/// let mut plateau = ReduceOnPlateau { patience: 2, ..ReduceOnPlateau::new() };
/// let mut optimizer = Adam::new(0.5);
/// for loss in [3.0, 2.0, 2.0, 2.0] {
///     if let Some(rate) = plateau.update(loss, optimizer.learning_rate()) {
///         optimizer.set_learning_rate(rate);
///     }
/// }
/// assert_eq!(optimizer.learning_rate(), 0.05);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReduceOnPlateau {
    /// By what the rate is multiplied.
    pub factor: f32,
    /// How many epochs without improvement it takes.
    pub patience: u32,
    /// An improvement is larger than this.
    pub min_delta: f32,
    /// How many epochs after a reduction are not counted.
    pub cooldown: u32,
    /// The rate does not fall below this.
    pub min_rate: f32,
    /// The lowest loss so far.
    pub best: f32,
    /// Epochs without improvement.
    pub waited: u32,
    /// Epochs that are still not counted.
    pub cooling: u32,
}

impl ReduceOnPlateau {
    /// Keras' defaults: a tenth of the rate after 10 epochs without an improvement of 1e-4.
    pub const fn new() -> Self {
        ReduceOnPlateau {
            factor: 0.1,
            patience: 10,
            min_delta: 1e-4,
            cooldown: 0,
            min_rate: 0.0,
            best: f32::MAX,
            waited: 0,
            cooling: 0,
        }
    }

    /// Takes the loss of an epoch and the rate. Gives a new rate, or none if it stays.
    ///
    /// For what should rise, such as an accuracy, hand over its negative.
    pub fn update(&mut self, loss: f32, rate: f32) -> Option<f32> {
        if self.cooling > 0 {
            self.cooling -= 1;
            self.waited = 0;
        }
        if loss < self.best - self.min_delta {
            self.best = loss;
            self.waited = 0;
        } else if self.cooling == 0 {
            self.waited += 1;
            if self.waited >= self.patience && rate > self.min_rate {
                self.cooling = self.cooldown;
                self.waited = 0;
                return Some((rate * self.factor).max(self.min_rate));
            }
        }
        None
    }
}

impl Default for ReduceOnPlateau {
    fn default() -> Self {
        Self::new()
    }
}

//! Code that runs between the epochs of [`Trainer::fit_callbacks`](crate::Trainer::fit_callbacks): Keras' `callbacks=[…]`.
//!
//! Several callbacks form a tuple and are called in its order: [`Validation`] must come before a callback that monitors its
//! figures. To read what a callback has found after the training, pass it as `&mut`.

mod csv_logger;
mod early_stopping;
#[cfg(any(feature = "std", feature = "heapless-v0_9"))]
mod history;
mod learning_rate;
mod model_checkpoint;
mod monitor;
mod reduce_on_plateau;
mod validation;

pub use super::{Callback, LambdaCallback};
pub use csv_logger::CsvLogger;
pub use early_stopping::{BestWeights, EarlyStopping};
pub use learning_rate::LearningRateScheduler;
pub use model_checkpoint::ModelCheckpoint;
pub use monitor::{Mode, Monitor};
pub use reduce_on_plateau::ReduceOnPlateau;
pub use validation::Validation;

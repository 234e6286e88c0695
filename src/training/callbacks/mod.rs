//! What happens between the epochs of [`Trainer::fit_callbacks`](crate::Trainer::fit_callbacks): Keras' `callbacks=[…]`.
//!
//! Several are a tuple, and are called in its order: [`Validation`] stands before what monitors it. A callback that is wanted
//! after the training, for what it found out, is lent as `&mut`.

mod early_stopping;
mod history;
mod learning_rate;
mod model_checkpoint;
mod monitor;
mod reduce_on_plateau;
mod validation;

pub use super::{Callback, LambdaCallback};
pub use early_stopping::{BestWeights, EarlyStopping};
pub use learning_rate::LearningRateScheduler;
pub use model_checkpoint::ModelCheckpoint;
pub use monitor::{Mode, Monitor};
pub use reduce_on_plateau::ReduceOnPlateau;
pub use validation::Validation;

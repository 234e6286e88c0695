use super::epoch::Epoch;
use crate::error::Error;
use core::ops::ControlFlow;

/// Functions that are called during the training of a model `M`, a [`Trainer`](crate::Trainer).
pub trait Callback<M> {
    /// Called before the first epoch.
    fn on_train_begin(&mut self, model: &mut M) {
        let _ = model;
    }

    /// Called before each epoch.
    fn on_epoch_begin(&mut self, model: &mut M, number: usize) {
        let _ = (model, number);
    }

    /// Called after each epoch; it may add figures to the epoch. If it ends the training, the other callbacks are still
    /// called.
    ///
    /// # Errors
    /// An error ends the training at once, for example [`Error::NotMonitored`].
    fn on_epoch_end(&mut self, model: &mut M, epoch: &mut Epoch) -> Result<ControlFlow<()>, Error>;

    /// Called after the last epoch, even if that failed.
    fn on_train_end(&mut self, model: &mut M) {
        let _ = model;
    }
}

impl<M, C: Callback<M>> Callback<M> for &mut C {
    fn on_train_begin(&mut self, model: &mut M) {
        (**self).on_train_begin(model);
    }
    fn on_epoch_begin(&mut self, model: &mut M, number: usize) {
        (**self).on_epoch_begin(model, number);
    }
    fn on_epoch_end(&mut self, model: &mut M, epoch: &mut Epoch) -> Result<ControlFlow<()>, Error> {
        (**self).on_epoch_end(model, epoch)
    }
    fn on_train_end(&mut self, model: &mut M) {
        (**self).on_train_end(model);
    }
}

/// Implements `Callback` for tuples: the first callback, then the others.
macro_rules! tuples {
    ($($name:ident)*) => {
        #[allow(non_snake_case, unused_variables)]
        impl<M, $($name: Callback<M>),*> Callback<M> for ($($name,)*) {
            fn on_train_begin(&mut self, model: &mut M) { let ($($name,)*) = self; $($name.on_train_begin(model);)* }
            fn on_epoch_begin(&mut self, model: &mut M, number: usize) { let ($($name,)*) = self; $($name.on_epoch_begin(model, number);)* }
            fn on_epoch_end(&mut self, model: &mut M, epoch: &mut Epoch) -> Result<ControlFlow<()>, Error> {
                let ($($name,)*) = self;
                let end = [$($name.on_epoch_end(model, epoch)?.is_break()),*].contains(&true);
                Ok(if end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            }
            fn on_train_end(&mut self, model: &mut M) { let ($($name,)*) = self; $($name.on_train_end(model);)* }
        }
    };
}

tuples!();
tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);

/// Calls a function after each epoch: Keras' `LambdaCallback(on_epoch_end=…)`.
///
/// If it is the only callback, [`Trainer::fit_with`](crate::Trainer::fit_with) is shorter. In a tuple, the type of the model
/// must be written out:
///
/// ```
/// use baregrad::{callbacks::LambdaCallback, prelude::*};
/// use core::ops::ControlFlow;
/// type Model = Trainer<Dense<1, 1>, MeanSquaredError, Adam>;
/// let print = LambdaCallback(|model: &mut Model, epoch: &Epoch| {
///     println!("epoch {}: loss {}, slope {}", epoch.number, epoch.loss, model.net.w[0][0]);
///     ControlFlow::Continue(())
/// });
/// let mut model = Model::new(&mut Sfc32::seed_from_u64(1));
/// model.fit_callbacks(Data::new(&[[1.0]], &[[2.0]]), &Fit { epochs: 3, ..Fit::default() }, (print,))?;
/// # Ok::<(), Error>(())
/// ```
pub struct LambdaCallback<F>(pub F);

impl<M, F: FnMut(&mut M, &Epoch) -> ControlFlow<()>> Callback<M> for LambdaCallback<F> {
    #[inline(always)]
    fn on_epoch_end(&mut self, model: &mut M, epoch: &mut Epoch) -> Result<ControlFlow<()>, Error> {
        Ok((self.0)(model, epoch))
    }
}

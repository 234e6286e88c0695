//! The history of a training: Keras' `fit(…, validation_data=…)`, for classifiers.

use crate::data::Set;
use crate::plot::Record;
use baregrad::prelude::*;
use std::ops::ControlFlow;

/// Trains a net, and evaluates it on the training and on the test set after each epoch, which is then shown. Returns the
/// confusions in the test set, too, after the last epoch.
pub fn fit<N, L, O, const BATCH: usize, const CLASSES: usize>(
    model: &mut Trainer<N, L, O, BATCH>,
    [train, test]: &[Set<N::Input>; 2],
    epochs: usize,
    mut show: impl FnMut(usize, &Record),
) -> Result<(Vec<Record>, ConfusionMatrix<CLASSES>), Error>
where
    N: Network<Y = [f32; CLASSES]>,
    L: Loss<[f32; CLASSES], u8>,
    O: Optimizer,
{
    let (mut records, mut confusions) = (Vec::new(), ConfusionMatrix::new());
    let fit = Fit { epochs, batch_size: BATCH, ..Fit::default() };
    model.fit_with(&train.x, &train.y, &fit, |model, epoch| {
        let figures = [train, test].map(|set| {
            confusions = ConfusionMatrix::new();
            (model.evaluate(&set.x, &set.y, &mut confusions), confusions.accuracy())
        });
        let [(Ok(train_loss), train_accuracy), (Ok(test_loss), test_accuracy)] = figures else {
            return ControlFlow::Break(());
        };
        let record = Record { loss: [train_loss, test_loss], accuracy: [train_accuracy, test_accuracy] };
        show(epoch.number + 1, &record);
        records.push(record);
        ControlFlow::Continue(())
    })?;
    Ok((records, confusions))
}

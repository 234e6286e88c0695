//! A `Vec` takes the history of a training.

use baregrad::prelude::*;

#[test]
fn history() {
    let (x, y) = ([[1.0], [2.0]], [[2.0], [4.0]]);
    let mut model = Trainer::<Dense<1, 1>, MeanSquaredError, Sgd>::new(&mut Sfc32::seed_from_u64(1));
    let mut history = Vec::new();
    let fit = Fit { epochs: 9, ..Fit::default() };
    let last = model.fit_callbacks(Data::new(&x, &y), &fit, &mut history).unwrap();
    assert!(history.iter().map(|epoch| epoch.number).eq(0..9));
    assert_eq!(history.last(), Some(&last));
}

//! Metrics beside those of Keras: `tests/reference/README.md` says what the numbers are.

use crate::common::catalogue::{MetricVisitor, for_each_metric};
use crate::common::numbers::{assert_close, samples};
use crate::common::reference::{flat, floats, load};
use baregrad::metrics::Metric;
use baregrad::prelude::*;
use serde_json::Value;

/// Outputs and targets of a set of the file.
fn data<const N: usize>(set: &Value) -> (Vec<[f32; N]>, Vec<[f32; N]>) {
    let rows = |name: &str| floats(&set[name]).as_chunks::<N>().0.to_vec();
    (rows("y"), rows("target"))
}

/// The values of a metric after some samples and after all.
fn compare<const N: usize, M: Metric<[f32; N], [f32; N]>>(
    set: &Value,
    name: &str,
    mut metric: M,
    value: impl Fn(&M) -> f32,
) {
    let (y, targets) = data::<N>(set);
    let mut done = 0;
    for (count, want) in set["after"].as_array().unwrap().iter().zip(set["values"][name].as_array().unwrap()) {
        for (y, target) in y.iter().zip(&targets).take(count.as_u64().unwrap() as usize).skip(done) {
            metric.add(y, target);
            done += 1;
        }
        assert_close(&[value(&metric)], &flat(want), 2e-6, &format!("{name} after {done} samples"));
    }
    assert_eq!(done, y.len());
}

#[test]
fn binary() {
    let set = &load("metrics")["binary"];
    compare::<2, _>(set, "binary_accuracy", BinaryAccuracy::new(), BinaryAccuracy::value);
    compare::<2, _>(set, "precision", Precision::new(), Precision::value);
    compare::<2, _>(set, "precision_07", Precision::with_threshold(0.7), Precision::value);
    compare::<2, _>(set, "recall", Recall::new(), Recall::value);
    compare::<2, _>(set, "auc", Auc::<200>::new(), Auc::value);
    compare::<2, _>(set, "auc_20", Auc::<20>::new(), Auc::value);
    let set = &load("metrics")["logits"];
    compare::<2, _>(set, "binary_accuracy", BinaryAccuracy::with_threshold(0.0), BinaryAccuracy::value);
    compare::<2, _>(set, "auc", Auc::<200, Logits>::new(), Auc::value);
    compare::<2, _>(set, "auc_20", Auc::<20, Logits>::new(), Auc::value);
    compare::<1, _>(&load("metrics")["one"], "f1", F1Score::new(), F1Score::value);
}

#[test]
fn classes() {
    let set = &load("metrics")["classes"];
    compare::<5, _>(set, "categorical_accuracy", CategoricalAccuracy::new(), CategoricalAccuracy::value);
    compare::<5, _>(set, "categorical_accuracy", ConfusionMatrix::<5>::new(), ConfusionMatrix::accuracy);
    compare::<5, _>(set, "top_2", TopKAccuracy::<2>::new(), TopKAccuracy::value);
    compare::<5, _>(set, "top_3", TopKAccuracy::<3>::new(), TopKAccuracy::value);
    compare::<5, _>(set, "macro_f1", ConfusionMatrix::<5>::new(), ConfusionMatrix::macro_f1);

    let mut matrix = ConfusionMatrix::<5>::new();
    let (y, targets) = data::<5>(set);
    y.iter().zip(&targets).for_each(|(y, target)| matrix.add(y, target));
    let counts: Vec<f32> = matrix.counts.as_flattened().iter().map(|count| *count as f32).collect();
    assert_eq!(counts, floats(&set["confusion_matrix"]));
    type OfClass = fn(&ConfusionMatrix<5>, usize) -> f32;
    for (name, of_class) in [
        ("precision", ConfusionMatrix::precision as OfClass),
        ("recall", ConfusionMatrix::recall),
        ("f1", ConfusionMatrix::f1),
    ] {
        let values: Vec<f32> = (0..5).map(|class| of_class(&matrix, class)).collect();
        assert_close(&values, &flat(&set["values"][name][1]), 2e-6, name);
    }
}

#[test]
fn real() {
    let set = &load("metrics")["real"];
    compare::<3, _>(set, "mean_absolute_error", MeanLoss::new(MeanAbsoluteError), MeanLoss::value);
    compare::<3, _>(set, "mean_squared_error", MeanLoss::new(MeanSquaredError), MeanLoss::value);
    compare::<3, _>(set, "log_cosh", MeanLoss::new(LogCosh), MeanLoss::value);
    compare::<3, _>(set, "root_mean_squared_error", RootMeanSquaredError::new(), RootMeanSquaredError::value);
    compare::<3, _>(set, "r2", R2Score::<3>::new(), R2Score::value);
}

/// One output splits two classes; class numbers do as targets.
#[test]
fn a_matrix_of_one_output() {
    let mut matrix = ConfusionMatrix::<2>::new();
    for (y, target) in [(0.9, 1_u8), (0.2, 1), (0.7, 0), (0.1, 0), (0.3, 0)] {
        matrix.add(&[y], &target);
        matrix.add(&[y], &[f32::from(target)]);
    }
    assert_eq!(matrix.counts, [[4, 2], [2, 2]]);
    assert_eq!(matrix.accuracy(), 0.6);
}

#[test]
fn a_matrix_of_one_logit() {
    let mut matrix = ConfusionMatrix::<2>::with_threshold(0.0);
    for turn in 0..2 {
        for (z, target) in [(2.0, 1_u8), (0.3, 1), (-0.1, 1), (0.2, 0), (-3.0, 0)] {
            matrix.add(&[z], &target);
        }
        assert_eq!(matrix.counts, [[1, 1], [1, 2]], "turn {turn}");
        Metric::<[f32; 1], u8>::reset(&mut matrix);
    }
}

/// They are counted, and shown.
#[test]
fn a_matrix_of_classes_out_of_range() {
    let mut matrix = ConfusionMatrix::<2>::new();
    matrix.add(&[0.9, 0.1], &0_u8);
    matrix.add(&[0.9, 0.1], &2_u8);
    matrix.add(&[0.9], &[1.0]);
    matrix.add(&[0.9], &7_u8);
    assert_eq!((matrix.counts, matrix.out_of_range, matrix.accuracy()), ([[1, 0], [0, 1]], 2, 0.5));
    assert_eq!((matrix.precision(0), matrix.recall(0)), (1.0, 1.0));
    assert!(matrix.to_string().ends_with("\nout of range     2\n"), "{matrix}");
}

/// After a reset a metric is as it was.
struct Resets;

impl<const N: usize> MetricVisitor<N> for Resets {
    fn visit<M: Metric<[f32; N], [f32; N]> + Default>(&mut self, stem: &'static str, value: fn(&M) -> f32) {
        let (y, targets) = (samples::<N>(30, 1), samples::<N>(30, 2));
        let feed = |metric: &mut M| {
            y.iter().zip(&targets).for_each(|(y, target)| metric.add(y, target));
            value(metric).to_bits()
        };
        let mut metric = M::default();
        let empty = value(&metric);
        let first = feed(&mut metric);
        metric.reset();
        let again = value(&metric);
        assert!(again == empty || (again.is_nan() && empty.is_nan()), "{stem}: {again} after a reset, not {empty}");
        assert_eq!(feed(&mut metric), first, "{stem}");
    }
}

#[test]
fn every_metric_can_be_reset() {
    for_each_metric::<1>(&mut Resets);
    for_each_metric::<4>(&mut Resets);
}

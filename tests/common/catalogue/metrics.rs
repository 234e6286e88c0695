use baregrad::metrics::Metric;
use baregrad::prelude::*;

/// Sees every metric, on samples of `N` outputs.
pub trait MetricVisitor<const N: usize> {
    fn visit<M: Metric<[f32; N], [f32; N]> + Default>(&mut self, stem: &'static str, value: fn(&M) -> f32);
}

#[rustfmt::skip]
pub fn for_each_metric<const N: usize>(v: &mut impl MetricVisitor<N>) {
    v.visit("auc", Auc::<20>::value);
    v.visit("auc", Auc::<20, Logits>::value);
    v.visit("binary_accuracy", BinaryAccuracy::value);
    v.visit("categorical_accuracy", CategoricalAccuracy::value);
    v.visit("confusion_matrix", ConfusionMatrix::<N>::macro_f1);
    v.visit("f1_score", F1Score::value);
    v.visit("mean_loss", MeanLoss::<MeanAbsoluteError>::value);
    v.visit("precision", Precision::value);
    v.visit("r2_score", R2Score::<N>::value);
    v.visit("recall", Recall::value);
    v.visit("root_mean_squared_error", RootMeanSquaredError::value);
    v.visit("top_k_accuracy", TopKAccuracy::<2>::value);
}

use baregrad::losses::Loss;
use baregrad::prelude::*;

/// What the outputs that a loss takes must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outputs {
    /// Any numbers.
    Real,
    /// Each between 0 and 1.
    Probabilities,
}

/// What its targets must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Targets {
    /// Any numbers.
    Real,
    /// Each between 0 and 1.
    Probabilities,
    /// Not negative, with the sum 1.
    Distribution,
    /// One 1 among zeros.
    OneHot,
}

/// Sees every loss, on samples of `N` outputs.
pub trait LossVisitor<const N: usize> {
    fn visit<L: Loss<[f32; N], [f32; N]> + Default>(&mut self, stem: &'static str, outputs: Outputs, targets: Targets);
}

#[rustfmt::skip]
pub fn for_each_loss<const N: usize>(v: &mut impl LossVisitor<N>) {
    v.visit::<BinaryCrossEntropy>("binary_cross_entropy", Outputs::Probabilities, Targets::Probabilities);
    v.visit::<BinaryCrossEntropy<Logits>>("binary_cross_entropy", Outputs::Real, Targets::Probabilities);
    v.visit::<BinaryFocalCrossEntropy>("binary_focal_cross_entropy", Outputs::Probabilities, Targets::Probabilities);
    v.visit::<CategoricalCrossEntropy>("categorical_cross_entropy", Outputs::Probabilities, Targets::Distribution);
    v.visit::<CategoricalCrossEntropy<Logits>>("categorical_cross_entropy", Outputs::Real, Targets::Distribution);
    v.visit::<CategoricalFocalCrossEntropy>("categorical_focal_cross_entropy", Outputs::Probabilities, Targets::Distribution);
    v.visit::<CategoricalHinge>("categorical_hinge", Outputs::Real, Targets::OneHot);
    v.visit::<ClassWeighted<MeanSquaredError, 40>>("class_weighted", Outputs::Real, Targets::OneHot);
    v.visit::<CosineSimilarity>("cosine_similarity", Outputs::Real, Targets::Real);
    v.visit::<Hinge>("hinge", Outputs::Real, Targets::OneHot);
    v.visit::<Huber>("huber", Outputs::Real, Targets::Real);
    v.visit::<KlDivergence>("kl_divergence", Outputs::Probabilities, Targets::Distribution);
    v.visit::<LabelSmoothing<BinaryCrossEntropy>>("label_smoothing", Outputs::Probabilities, Targets::Probabilities);
    v.visit::<LabelSmoothing<BinaryCrossEntropy<Logits>>>("label_smoothing", Outputs::Real, Targets::Probabilities);
    v.visit::<LabelSmoothing<CategoricalCrossEntropy>>("label_smoothing", Outputs::Probabilities, Targets::Distribution);
    v.visit::<LabelSmoothing<CategoricalCrossEntropy<Logits>>>("label_smoothing", Outputs::Real, Targets::Distribution);
    v.visit::<LabelSmoothing<SparseCategoricalCrossEntropy>>("label_smoothing", Outputs::Probabilities, Targets::OneHot);
    v.visit::<LabelSmoothing<SparseCategoricalCrossEntropy<Logits>>>("label_smoothing", Outputs::Real, Targets::OneHot);
    v.visit::<LogCosh>("log_cosh", Outputs::Real, Targets::Real);
    v.visit::<MeanAbsoluteError>("mean_absolute_error", Outputs::Real, Targets::Real);
    v.visit::<MeanSquaredError>("mean_squared_error", Outputs::Real, Targets::Real);
    v.visit::<Poisson>("poisson", Outputs::Probabilities, Targets::Probabilities);
    v.visit::<Quantile>("quantile", Outputs::Real, Targets::Real);
    v.visit::<SparseCategoricalCrossEntropy>("sparse_categorical_cross_entropy", Outputs::Probabilities, Targets::OneHot);
    v.visit::<SparseCategoricalCrossEntropy<Logits>>("sparse_categorical_cross_entropy", Outputs::Real, Targets::OneHot);
    v.visit::<SquaredHinge>("squared_hinge", Outputs::Real, Targets::OneHot);
}

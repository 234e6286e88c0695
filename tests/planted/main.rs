//! The checkers are themselves checked: faults are planted in real layers, losses and optimisers, and each must be caught.

#[path = "../common/mod.rs"]
mod common;

mod around;
mod fault;
mod layer;
mod loss;
mod merge;
mod optimizer;
mod params;
mod recurrent;
mod spoil;
mod subjects;
mod windows;

use crate::common::checker::Complaint;
use fault::Fault;
use std::fmt::Write;
use subjects::*;

/// Runs all checks of one thing.
type Checks = fn() -> Vec<Complaint>;

/// What faults are planted in, its checks, and the faults.
#[rustfmt::skip]
const PLAN: &[(&str, Checks, &[(Fault, &str)])] = &[
    ("`Dense`", dense, &[
        (Fault::DxNegated, "dx has the wrong sign"),
        (Fault::DxAdded, "dx is added to what lies there"),
        (Fault::DxWithoutLastColumn, "the last column of dx is 0"),
        (Fault::DxOfSampleBefore, "each sample gets the dx of the sample before"),
        (Fault::DxTransposed, "the kernel is transposed in the product for dx"),
        (Fault::SlopeAtInput, "the slope of tanh is taken at its input instead of its output"),
        (Fault::SlopeForgotten, "the gradient of the weights lacks the slope of the activation"),
        (Fault::GradientNegated, "the gradient has the wrong sign"),
        (Fault::GradientOfFirstSample, "the gradient is of the first sample, not summed over the batch"),
        (Fault::GradientDividedTwice, "the gradient is divided by the batch size twice"),
        (Fault::GradientTransposed, "the gradient of the kernel is stored as `[out][in]`"),
        (Fault::GradientWithoutLastColumn, "the last column of the gradient is 0"),
        (Fault::GradientOverwritten, "the gradient overwrites the sum of earlier batches"),
        (Fault::InputOfSampleBefore, "the gradient uses the input of the sample before"),
        (Fault::BiasWithoutGradient, "the bias has no gradient"),
        (Fault::BiasLeftByDirectStep, "a step without a stored gradient does not move the bias"),
    ]),
    ("`Activate<Gelu>`", gelu, &[
        (Fault::SlopeAtOutput, "the slope is taken at the output instead of the input"),
    ]),
    ("`LayerNorm`", layer_norm, &[
        (Fault::MeanOverWrongAxis, "mean and variance are over the batch instead of the features"),
        (Fault::VarianceUnbiased, "the variance is unbiased"),
        (Fault::EpsilonOutsideRoot, "epsilon is added after the square root"),
        (Fault::GammaWithoutNormalisation, "the gradient of gamma uses x before normalisation"),
        (Fault::TraceOfSampleBefore, "the trace is that of the sample before"),
    ]),
    ("`BatchNorm`", batch_norm, &[
        (Fault::StatisticsAsConstants, "dx treats mean and variance as constants"),
        (Fault::MovingMeanStays, "the moving mean never moves"),
        (Fault::MomentumReversed, "the momentum is the share of the new value"),
        (Fault::SettledTwice, "the moving statistics follow each batch twice"),
        (Fault::TrainsInInference, "inference normalises by the statistics of the batch"),
        (Fault::InfersInTraining, "training normalises by the moving statistics"),
    ]),
    ("`Dropout`", dropout, &[
        (Fault::NotScaledUp, "what is left is not scaled up"),
        (Fault::ScaleForgottenOnTheWayBack, "dx lacks the scale"),
        (Fault::MaskDrawnAnew, "the walk back draws another mask"),
        (Fault::TrainsInInference, "inference drops"),
    ]),
    ("`Conv1d`", conv1d, &[
        (Fault::LargerHalfFirst, "the larger half of the padding comes first"),
        (Fault::KernelMirrored, "the kernel is mirrored"),
        (Fault::BiasOnlyInside, "places whose windows have padding lack the bias"),
        (Fault::DilationIgnoredInDx, "dx takes the taps without dilation"),
        (Fault::StrideIgnoredInDw, "the gradient of the kernel takes the windows without stride"),
    ]),
    ("`CausalConv1d`", causal_conv1d, &[
        (Fault::SeesTheFuture, "each place sees the next one"),
    ]),
    ("`Conv1dTranspose`", conv1d_transpose, &[
        (Fault::CutAtFront, "the odd place is cut off at the front"),
        (Fault::KernelMirrored, "the kernel is mirrored"),
    ]),
    ("`DepthwiseConv1d`", depthwise_conv1d, &[
        (Fault::TapsOfNextChannel, "each channel has taps of the next one"),
        (Fault::BiasOnlyInside, "places whose windows have padding lack the bias"),
    ]),
    ("`MaxPool1d`", max_pool, &[
        (Fault::DxOfAllPlaces, "all places of a window get the gradient"),
        (Fault::DxOfFirstPlace, "the first place of a window gets the gradient"),
    ]),
    ("`AveragePool1d`", average_pool, &[
        (Fault::MeanOfWholeWindow, "the divisor counts padding"),
    ]),
    ("`GlobalAveragePool`", global_average_pool, &[
        (Fault::DxNotDivided, "dx is not divided by the number of places"),
    ]),
    ("`SpatialDropout`", spatial_dropout, &[
        (Fault::DropsSingleValues, "single values are dropped"),
        (Fault::NotScaledUp, "what is left is not scaled up"),
        (Fault::ScaleForgottenOnTheWayBack, "dx lacks the scale"),
        (Fault::MaskDrawnAnew, "the walk back draws another mask"),
        (Fault::TrainsInInference, "inference drops"),
    ]),
    ("`Gru`", gru, &[
        (Fault::GatesSwapped, "the gates z and r are swapped"),
        (Fault::StateDetached, "the recurrent path is detached: dh is not handed on to the step before"),
        (Fault::StateNotReset, "each sample begins with the last state of the sample before"),
        (Fault::MaskIgnored, "the mask is ignored: padding changes the state"),
        (Fault::ResetGateIgnored, "the way back takes the reset gate as 1"),
    ]),
    ("`GruResetBefore`", gru_reset_before, &[
        (Fault::ResetGateIgnored, "the way back takes the reset gate as 1"),
    ]),
    ("`Lstm`", lstm, &[
        (Fault::GatesWithoutGradient, "the gates i and f have no gradient"),
        (Fault::ForgetBiasNotOne, "the biases of the gate f start at 0"),
    ]),
    ("`SimpleRnn`", simple_rnn, &[
        (Fault::StateAfterTheStep, "the gradient of u takes the state after each step instead of before"),
    ]),
    ("`RecurrentDropout`", recurrent_dropout, &[
        (Fault::MaskOfEachStep, "each step has masks of its own"),
        (Fault::MaskOfFirstGate, "all gates have the mask of the first one"),
        (Fault::MaskOfInput, "the state has the masks of the inputs"),
        (Fault::MaskNotScaledUp, "what is left is not scaled up"),
        (Fault::MaskForgottenInDh, "dh lacks the masks"),
        (Fault::MaskForgottenInDu, "the gradient of u takes the states without their masks"),
        (Fault::MaskDrawnAnew, "the walk back draws other masks"),
        (Fault::TrainsInInference, "inference drops"),
    ]),
    ("`Bidirectional`", bidirectional, &[
        (Fault::DirectionForgotten, "the second direction runs forward, too"),
        (Fault::OrderOfOutputs, "the outputs of the second direction stay in the order in which it makes them"),
        (Fault::OrderOfDy, "the second direction takes dy in that order"),
        (Fault::OrderOfDx, "the dx of the second direction stays in that order"),
        (Fault::MaskIgnored, "the second direction ignores the mask"),
    ]),
    ("`Embedding`", embedding, &[
        (Fault::LastPlaceOfToken, "a token that comes again has the gradient of its last place alone"),
        (Fault::TraceOfSampleBefore, "the trace is that of the sample before"),
    ]),
    ("`fold_into`", folding, &[
        (Fault::BiasNotFolded, "the bias stays"),
    ]),
    ("A penalty", regularized, &[
        (Fault::PenaltyWithoutGradient, "the penalty is missing in the stored gradient"),
    ]),
    ("`Residual`", residual, &[
        (Fault::ResidualWithoutDy, "dx lacks the dy of the shortcut"),
    ]),
    ("`Sum`", sum, &[
        (Fault::DxLost, "the dx of the first branch is lost"),
        (Fault::SecondBranchWithoutGradient, "the second branch gets no gradient"),
    ]),
    ("`Concat`", concat, &[
        (Fault::SecondBranchTakesFront, "the second branch gets the gradient of the first numbers"),
    ]),
    ("`Frozen`", frozen, &[
        (Fault::FrozenMoves, "a step moves the frozen weights"),
    ]),
    ("`MeanSquaredError`", mean_squared_error, &[
        (Fault::LossNegated, "the gradient has the wrong sign"),
        (Fault::LossSummed, "the value is the sum instead of the mean"),
        (Fault::LossWithoutFactor, "the gradient lacks its factor"),
        (Fault::LossOfAnother, "the value is right, the gradient that of `MeanAbsoluteError`"),
        (Fault::LossWithoutLastOutput, "the last output has no gradient"),
        (Fault::LossAdded, "the gradient is added to what lies there"),
    ]),
    ("`SparseCategoricalCrossEntropy`", sparse_categorical_cross_entropy, &[
        (Fault::LabelOffByOne, "the class is one too high"),
    ]),
    ("`Momentum`", momentum, &[
        (Fault::Uphill, "a step goes up the gradient"),
        (Fault::VelocityNotStored, "the velocity is not stored"),
        (Fault::StaleVelocity, "a step takes the velocity of the step before"),
    ]),
    ("`Nesterov`", nesterov, &[
        (Fault::LookaheadForgotten, "the step does not look ahead"),
    ]),
    ("`Adam`", adam, &[
        (Fault::BiasUncorrected, "the moments are not corrected for their start at 0"),
        (Fault::BetasSwapped, "beta_1 and beta_2 are swapped"),
        (Fault::EpsilonElsewhere, "epsilon is added after the correction, as in PyTorch"),
        (Fault::MeanSquareNotStored, "the mean square is not stored"),
        (Fault::StepCountedTwice, "each step counts as two"),
    ]),
    ("`AdamW`", adamw, &[
        (Fault::DecayCoupled, "the decay is coupled: added to the gradient"),
    ]),
    ("`AmsGrad`", amsgrad, &[
        (Fault::LargestForgotten, "the largest mean square is forgotten"),
    ]),
    ("`RmsProp`", rms_prop, &[
        (Fault::EpsilonElsewhere, "epsilon is added after the square root, as in PyTorch"),
    ]),
    ("`Scheduled`", scheduled, &[
        (Fault::RateOfStepBefore, "a step takes the rate of the step before"),
    ]),
    ("`ClipNorm`", clip_norm, &[
        (Fault::ClippingForgotten, "nothing is clipped"),
        (Fault::SecondTensorNotClipped, "the second tensor is not clipped"),
        (Fault::NormOverflows, "a norm whose square overflows makes the gradient 0"),
    ]),
    ("`GlobalClipNorm`", global_clip_norm, &[
        (Fault::NormOfEachTensor, "each tensor is clipped by its own norm"),
    ]),
];

/// The page with the table of faults.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/checks.md");
const HEAD: &str = "| planted in | fault | caught by |\n|---|---|---|\n";

#[test]
fn every_fault_is_caught() {
    let (mut table, mut planted, mut missed) = (String::from(HEAD), 0, Vec::new());
    for (place, checks, faults) in PLAN {
        let complaints = checks();
        assert!(complaints.is_empty(), "{place} without a fault: {complaints:?}");
        for (fault, text) in *faults {
            let mut caught: Vec<&str> = Vec::new();
            for (name, _) in fault::with(*fault, checks) {
                if !caught.contains(&name) {
                    caught.push(name);
                }
            }
            planted += 1;
            if caught.is_empty() {
                missed.push((place, text));
            }
            writeln!(table, "| {place} | {text} | {} |", caught.join(", ")).unwrap();
        }
    }
    println!("{table}\n{} of {planted} faults caught", planted - missed.len());
    assert!(missed.is_empty(), "not caught: {missed:?}");

    let page = std::fs::read_to_string(PAGE).unwrap();
    let (text, committed) = page.split_at(page.find(HEAD).expect("docs/checks.md has the table"));
    if std::env::var_os("RENEW").is_some() {
        std::fs::write(PAGE, format!("{text}{table}")).unwrap();
    } else {
        assert!(committed == table, "docs/checks.md is stale: RENEW=1 cargo test --test planted renews it");
    }
}

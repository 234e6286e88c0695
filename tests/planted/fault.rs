//! The faults, and which of them is planted.

use std::cell::Cell;

/// Each is one wrong thing that a wrapper of this folder does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    // The gradient of the input.
    DxNegated,
    DxAdded,
    DxWithoutLastColumn,
    DxOfSampleBefore,
    DxTransposed,
    DxLost,
    // The gradient of the weights.
    GradientNegated,
    GradientOfFirstSample,
    GradientDividedTwice,
    GradientTransposed,
    GradientWithoutLastColumn,
    GradientOverwritten,
    BiasWithoutGradient,
    BiasLeftByDirectStep,
    InputOfSampleBefore,
    TraceOfSampleBefore,
    // The slope of the activation.
    SlopeAtInput,
    SlopeAtOutput,
    SlopeForgotten,
    // Normalisation.
    MeanOverWrongAxis,
    VarianceUnbiased,
    EpsilonOutsideRoot,
    GammaWithoutNormalisation,
    StatisticsAsConstants,
    MovingMeanStays,
    MomentumReversed,
    SettledTwice,
    // Training and inference.
    TrainsInInference,
    InfersInTraining,
    // Dropout.
    NotScaledUp,
    ScaleForgottenOnTheWayBack,
    MaskDrawnAnew,
    // Convolutions and pools.
    LargerHalfFirst,
    KernelMirrored,
    SeesTheFuture,
    BiasOnlyInside,
    DilationIgnoredInDx,
    StrideIgnoredInDw,
    TapsOfNextChannel,
    CutAtFront,
    DxOfAllPlaces,
    DxOfFirstPlace,
    MeanOfWholeWindow,
    DxNotDivided,
    DropsSingleValues,
    BiasNotFolded,
    // Recurrent layers.
    GatesSwapped,
    StateDetached,
    StateNotReset,
    MaskIgnored,
    ResetGateIgnored,
    GatesWithoutGradient,
    ForgetBiasNotOne,
    StateAfterTheStep,
    // Recurrent dropout.
    MaskOfEachStep,
    MaskOfFirstGate,
    MaskOfInput,
    MaskNotScaledUp,
    MaskForgottenInDh,
    MaskForgottenInDu,
    // The direction that runs backwards.
    DirectionForgotten,
    OrderOfOutputs,
    OrderOfDy,
    OrderOfDx,
    // Embeddings.
    LastPlaceOfToken,
    // Compositions.
    ResidualWithoutDy,
    SecondBranchWithoutGradient,
    SecondBranchTakesFront,
    FrozenMoves,
    PenaltyWithoutGradient,
    // Losses.
    LossNegated,
    LossSummed,
    LossWithoutFactor,
    LossOfAnother,
    LossWithoutLastOutput,
    LossAdded,
    LabelOffByOne,
    // Optimisers.
    Uphill,
    VelocityNotStored,
    StaleVelocity,
    LookaheadForgotten,
    BiasUncorrected,
    BetasSwapped,
    EpsilonElsewhere,
    MeanSquareNotStored,
    StepCountedTwice,
    DecayCoupled,
    LargestForgotten,
    RateOfStepBefore,
    // Clipping.
    ClippingForgotten,
    SecondTensorNotClipped,
    NormOverflows,
    NormOfEachTensor,
}

thread_local! {
    static PLANTED: Cell<Fault> = const { Cell::new(Fault::None) };
}

/// The fault that wrappers have in this thread. It is no type: one wrapped layer is compiled once for all of its faults.
pub fn planted() -> Fault {
    PLANTED.get()
}

/// Runs checks with a fault planted.
pub fn with<R>(fault: Fault, checks: impl FnOnce() -> R) -> R {
    PLANTED.set(fault);
    let found = checks();
    PLANTED.set(Fault::None);
    found
}

//! Float layers and their int8 twins.

use super::{Layer as Int8Layer, Quantization, Statistic};
use crate::net::{Chain, Layer};
use crate::tensor::{Tensor, Zero};
use core::slice::{from_mut, from_ref};

/// A float layer that one operator of an int8 net computes.
pub trait Twin<X: Tensor>: Layer<X> + Clone {
    /// The operator.
    type Int8: Int8Layer;

    /// Returns the operator with the weights of this layer. The weights of each output get a scale of their own.
    fn twin(&self, from: Quantization, to: Quantization) -> Self::Int8;

    /// Returns the scale and zero point of the output, where calibration measured one. A pool keeps the scale of its input.
    fn output(from: Quantization, measured: Quantization) -> Quantization {
        let _ = from;
        measured
    }
}

/// A float net that has an int8 twin, as a type. It is a [`Chain`] of layers such as `Dense`, `Conv2d` and pools, whose
/// activations are linear, `Relu`, or a layer [`Activate`](crate::layers::Activate) of their own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no int8 twin",
    note = "activations other than `Linear` and `Relu` are layers of their own, `Activate<Softmax>`; a `BatchNorm` is folded first"
)]
pub trait Quantizable<X: Tensor>: Layer<X> {
    /// The int8 net.
    type Int8: Int8Layer;
    /// The same net for training: each layer computes in int8 ([`FakeInt8`](super::FakeInt8)).
    type Aware: Layer<X, Y = Self::Y>;
    /// The outputs of all layers but the last one, of one sample.
    type Between: Zero;
    /// The statistic of each output.
    type Ranges<S: Statistic>: Copy + 'static;

    /// Statistics of no numbers.
    fn ranges<S: Statistic>() -> Self::Ranges<S>;
    /// Infers one sample, and shows the statistics each output.
    fn observe<S: Statistic>(&self, x: &X, y: &mut Self::Y, between: &mut Self::Between, ranges: &mut Self::Ranges<S>);
    /// Returns the scale and zero point of the output.
    fn output<S: Statistic>(from: Quantization, ranges: &Self::Ranges<S>) -> Quantization;
    /// Returns the int8 net.
    fn int8<S: Statistic>(&self, from: Quantization, ranges: &Self::Ranges<S>) -> Self::Int8;
    /// Returns the net for training.
    fn aware<S: Statistic>(&self, from: Quantization, ranges: &Self::Ranges<S>) -> Self::Aware;
    /// Returns the scale and zero point of the input of a net for training, if one of its layers is quantized.
    fn input_of(aware: &Self::Aware) -> Option<Quantization>;
    /// Returns the int8 net that a net for training computes.
    fn of_aware(aware: &Self::Aware, from: Quantization) -> Self::Int8;
    /// Returns the output of an operator, counted from 0.
    fn float_output<'a>(operator: usize, between: &'a Self::Between, y: &'a Self::Y) -> Option<&'a [f32]>;
}

/// Implements [`Quantizable`] for a layer with a [`Twin`]: `twin! { [generics] input, layer }`.
macro_rules! quantizable {
    ([$($generic:tt)*] $X:ty, $L:ty) => {
        impl<$($generic)*> $crate::int8::Quantizable<$X> for $L {
            $crate::int8::twin::one_operator!($X);
        }
    };
}
pub(super) use quantizable;

/// The items of [`Quantizable`] for a layer with a [`Twin`] on `X`.
macro_rules! one_operator {
    ($X:ty) => {
        type Int8 = <Self as $crate::int8::Twin<$X>>::Int8;
        type Aware = $crate::int8::FakeInt8<Self>;
        type Between = ();
        type Ranges<Stat: $crate::int8::Statistic> = Stat;

        fn ranges<Stat: $crate::int8::Statistic>() -> Stat {
            Stat::NEW
        }
        fn observe<Stat: $crate::int8::Statistic>(&self, x: &$X, y: &mut Self::Y, (): &mut (), ranges: &mut Stat) {
            $crate::int8::twin::observe(self, x, y, ranges);
        }
        fn output<Stat: $crate::int8::Statistic>(from: Quantization, ranges: &Stat) -> Quantization {
            <Self as $crate::int8::Twin<$X>>::output(from, Quantization::of_range(ranges.range()))
        }
        fn int8<Stat: $crate::int8::Statistic>(&self, from: Quantization, ranges: &Stat) -> Self::Int8 {
            $crate::int8::Twin::<$X>::twin(self, from, <Self as $crate::int8::Quantizable<$X>>::output(from, ranges))
        }
        fn aware<Stat: $crate::int8::Statistic>(&self, from: Quantization, ranges: &Stat) -> Self::Aware {
            $crate::int8::FakeInt8::new(
                self.clone(),
                from,
                <Self as $crate::int8::Quantizable<$X>>::output(from, ranges),
            )
        }
        fn input_of(aware: &Self::Aware) -> Option<Quantization> {
            Some(aware.from())
        }
        fn of_aware(aware: &Self::Aware, _: Quantization) -> Self::Int8 {
            aware.int8::<$X>()
        }
        $crate::int8::twin::last_operator!();
    };
}
pub(super) use one_operator;

/// The output of a layer is the output of its last operator.
macro_rules! last_operator {
    () => {
        fn float_output<'a>(operator: usize, (): &'a (), y: &'a Self::Y) -> Option<&'a [f32]> {
            let last = operator + 1 == <Self::Int8 as $crate::int8::Layer>::OPERATORS;
            last.then(|| $crate::tensor::Tensor::flat(y))
        }
    };
}
pub(super) use last_operator;

/// The items of [`Quantizable`] for a layer on `X` whose outputs are some of its inputs, such as a pool, or that is the identity
/// in inference: the scale stays, and in training the layer stays as it is. `$new` makes the int8 layer.
macro_rules! same_scale {
    ($X:ty, $Int8:ty, $new:path) => {
        type Int8 = $Int8;
        type Aware = Self;
        type Between = ();
        type Ranges<Stat: $crate::int8::Statistic> = ();

        fn ranges<Stat: $crate::int8::Statistic>() {}
        fn observe<Stat: $crate::int8::Statistic>(&self, x: &$X, y: &mut Self::Y, (): &mut (), (): &mut ()) {
            $crate::int8::twin::observe(self, x, y, &mut ());
        }
        fn output<Stat: $crate::int8::Statistic>(from: Quantization, (): &()) -> Quantization {
            from
        }
        fn int8<Stat: $crate::int8::Statistic>(&self, from: Quantization, (): &()) -> Self::Int8 {
            $new(from)
        }
        fn aware<Stat: $crate::int8::Statistic>(&self, _: Quantization, (): &()) -> Self {
            self.clone()
        }
        fn input_of(_: &Self) -> Option<Quantization> {
            None
        }
        fn of_aware(_: &Self, from: Quantization) -> Self::Int8 {
            $new(from)
        }
        $crate::int8::twin::last_operator!();
    };
}
pub(super) use same_scale;

/// Infers one sample, and shows the statistic the output.
pub(super) fn observe<X: Tensor, L: Layer<X>, S: Statistic>(layer: &L, x: &X, y: &mut L::Y, statistic: &mut S) {
    layer.infer(from_ref(x), from_mut(y), &mut []);
    statistic.see(y.flat());
}

impl<X: Tensor, A: Quantizable<X>, B: Quantizable<A::Y>> Quantizable<X> for Chain<A, B>
where
    B::Int8: Int8Layer<X = <A::Int8 as Int8Layer>::Y>,
{
    type Int8 = Chain<A::Int8, B::Int8>;
    type Aware = Chain<A::Aware, B::Aware>;
    type Between = (A::Y, (A::Between, B::Between));
    type Ranges<S: Statistic> = (A::Ranges<S>, B::Ranges<S>);

    fn ranges<S: Statistic>() -> Self::Ranges<S> {
        (A::ranges(), B::ranges())
    }

    fn observe<S: Statistic>(
        &self,
        x: &X,
        y: &mut B::Y,
        (between, (of_a, of_b)): &mut Self::Between,
        (a, b): &mut Self::Ranges<S>,
    ) {
        self.0.observe(x, between, of_a, a);
        self.1.observe(between, y, of_b, b);
    }

    fn output<S: Statistic>(from: Quantization, (a, b): &Self::Ranges<S>) -> Quantization {
        B::output(A::output(from, a), b)
    }

    fn int8<S: Statistic>(&self, from: Quantization, (a, b): &Self::Ranges<S>) -> Self::Int8 {
        Chain(self.0.int8(from, a), self.1.int8(A::output(from, a), b))
    }

    fn aware<S: Statistic>(&self, from: Quantization, (a, b): &Self::Ranges<S>) -> Self::Aware {
        Chain(self.0.aware(from, a), self.1.aware(A::output(from, a), b))
    }

    fn input_of(aware: &Self::Aware) -> Option<Quantization> {
        A::input_of(&aware.0).or(B::input_of(&aware.1))
    }

    fn of_aware(aware: &Self::Aware, from: Quantization) -> Self::Int8 {
        let first = A::of_aware(&aware.0, from);
        let between = first.to();
        Chain(first, B::of_aware(&aware.1, between))
    }

    fn float_output<'a>(operator: usize, (between, (of_a, of_b)): &'a Self::Between, y: &'a B::Y) -> Option<&'a [f32]> {
        match operator.checked_sub(A::Int8::OPERATORS) {
            None => A::float_output(operator, of_a, between),
            Some(operator) => B::float_output(operator, of_b, y),
        }
    }
}

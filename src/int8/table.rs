use super::{Activation, Bytes, End, Layer, Multiplier, Observe, Quantization};
use crate::activations;
use crate::kernels::int8::table::{self, Curve};
use core::marker::PhantomData;

/// A function `F` of each activation by itself, as a table of 256 bytes: [`Sigmoid`], [`Tanh`], [`Relu`] and [`Requantize`].
/// It changes its input in place.
#[derive(Clone, Copy, Debug)]
pub struct Table<X, F> {
    bytes: table::Table,
    from: Quantization,
    to: Quantization,
    kind: PhantomData<fn(X) -> F>,
}

/// The sigmoid of each activation: TensorFlow Lite's `LOGISTIC` of int8.
///
/// ```
/// use baregrad::int8::{Layer, Memory, Quantization, Sigmoid};
///
/// static SIGMOID: Sigmoid<[u8; 3]> = Sigmoid::new(Quantization { scale: 0.25, zero_point: 1 });
/// let mut memory = Memory::<Sigmoid<[u8; 3]>, 3>::NEW;
/// SIGMOID.input(&mut memory).set(&[-100.0, 0.0, 1.0]);
/// assert_eq!(SIGMOID.infer(&mut memory).numbers(), [0.0, 0.5, 187.0 / 256.0]);
/// ```
pub type Sigmoid<X> = Table<X, activations::Sigmoid>;

/// The hyperbolic tangent of each activation: TensorFlow Lite's `TANH` of int8.
pub type Tanh<X> = Table<X, activations::Tanh>;

/// A relu or relu6 that is no part of another layer: TensorFlow Lite's `RELU` and `RELU6` of int8.
pub type Relu<X> = Table<X, activations::Relu>;

/// The same numbers with another scale and zero point: TensorFlow Lite's `QUANTIZE` from int8 to int8.
pub type Requantize<X> = Table<X, activations::Linear>;

impl<X: Bytes> Table<X, activations::Sigmoid> {
    /// The scale and zero point of the outputs.
    pub const OUTPUTS: Quantization = Quantization { scale: 1.0 / 256.0, zero_point: -128 };

    /// A sigmoid of inputs with a scale and zero point.
    pub const fn new(from: Quantization) -> Self {
        let bytes = table::curve(Curve::Sigmoid, from.scale, from.zero_point);
        Table { bytes, from, to: Self::OUTPUTS, kind: PhantomData }
    }
}

impl<X: Bytes> Table<X, activations::Tanh> {
    /// The scale and zero point of the outputs.
    pub const OUTPUTS: Quantization = Quantization { scale: 1.0 / 128.0, zero_point: 0 };

    /// A tanh of inputs with a scale and zero point.
    pub const fn new(from: Quantization) -> Self {
        let bytes = table::curve(Curve::Tanh, from.scale, from.zero_point);
        Table { bytes, from, to: Self::OUTPUTS, kind: PhantomData }
    }
}

impl<X: Bytes> Table<X, activations::Relu> {
    /// A relu or relu6 from one scale and zero point to another.
    pub const fn new(from: Quantization, to: Quantization, activation: Activation) -> Self {
        Self::scaled(from, to, activation)
    }
}

impl<X: Bytes> Table<X, activations::Linear> {
    /// From one scale and zero point to another.
    pub const fn new(from: Quantization, to: Quantization) -> Self {
        Self::scaled(from, to, Activation::None)
    }
}

impl<X, F> Table<X, F> {
    const fn scaled(from: Quantization, to: Quantization, activation: Activation) -> Self {
        let factor = Multiplier::new(from.scale as f64 / to.scale as f64);
        let bytes = table::scaled(factor, [from.zero_point, to.zero_point], to.range(activation));
        Table { bytes, from, to, kind: PhantomData }
    }
}

impl<X: Bytes, F> Layer for Table<X, F> {
    type X = X;
    type Y = X;
    type State = ();
    const STATE: () = ();
    const OPERATORS: usize = 1;
    const ARENA: usize = X::LEN;
    const FLIPS: bool = false;

    #[inline(always)]
    fn run(&self, _: &mut (), arena: &mut [u8], end: End, observe: &mut impl Observe, first: usize) -> End {
        let (x, _) = end.split_slice(arena, X::LEN);
        table::look_up(&self.bytes, x);
        observe.row(first, 0, x, self.to);
        end
    }

    fn from(&self) -> Quantization {
        self.from
    }

    fn to(&self) -> Quantization {
        self.to
    }
}

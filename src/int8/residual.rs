use super::rows::larger;
use super::{Bytes, End, Layer, Multiplier, Observe, Quantization, Tail};
use crate::kernels::int8::add::{LEFT, Sum};
use crate::kernels::int8::byte;
use crate::net::Chain;

/// What adds two tensors of different scales: TensorFlow Lite's `ADD`, with its fused activation.
#[derive(Clone, Copy, Debug)]
pub struct Addition {
    sum: Sum,
    to: Quantization,
}

impl Addition {
    /// Adds a tensor `a`, the shortcut of a block, and a tensor `b`, the output of its layers.
    pub const fn new(a: Quantization, b: Quantization, to: Quantization, activation: super::Activation) -> Self {
        let twice = 2.0 * if a.scale > b.scale { a.scale as f64 } else { b.scale as f64 };
        let sum = Sum {
            zeros: [byte(a.zero_point), byte(b.zero_point)],
            inputs: [Multiplier::new(a.scale as f64 / twice), Multiplier::new(b.scale as f64 / twice)],
            output: Multiplier::new(twice / ((1 << LEFT) as f64 * to.scale as f64)),
            range: to.range(activation),
        };
        Addition { sum, to }
    }

    /// Runs the last layer of a block on an input at one end of the arena, and adds its rows to `sum`. `first` is the number of
    /// the block's first layer, `addition` that of this operator.
    #[inline(always)]
    pub(super) fn add_tail<F: Tail>(
        &self,
        layers: &F,
        state: &mut F::State,
        (arena, end): (&mut [u8], End),
        sum: &mut [u8],
        observe: &mut impl Observe,
        [first, addition]: [usize; 2],
    ) {
        let (x, rest) = end.split_slice(arena, F::Last::LEN);
        let row = rest.get_mut(..F::ROW).unwrap_or_default();
        layers.tail(state, x, row, observe, first, |observe, r, row| {
            if let Some(y) = sum.get_mut(r * F::ROW..(r + 1) * F::ROW) {
                for (y, b) in y.iter_mut().zip(row) {
                    *y = self.sum.byte(*y, *b);
                }
                observe.row(addition, r, y, self.to);
            }
        });
    }

    /// The scale and zero point of the sum.
    pub(super) fn to(&self) -> Quantization {
        self.to
    }
}

/// `y = F(x) + x`, a residual block: the int8 twin of [`net::Residual`](crate::net::Residual). The last layer of `F` adds into
/// the place of `x`, so that a block needs `x`, the largest activation in `F`, and one row.
pub struct Residual<F> {
    /// The layers of the block: a chain of two at least.
    pub layers: F,
    /// What adds `x` and `F(x)`.
    pub addition: Addition,
}

impl<A: Layer, B: Tail<X = A::Y, Y = A::X>> Residual<Chain<A, B>> {
    /// Bytes beside `x`.
    const REST: usize = larger(larger(A::BESIDE, B::BODY), B::Last::LEN + B::ROW);
}

impl<A: Layer, B: Tail<X = A::Y, Y = A::X>> Layer for Residual<Chain<A, B>> {
    type X = A::X;
    type Y = A::X;
    type State = (A::State, B::State);
    const STATE: Self::State = (A::STATE, B::STATE);
    const OPERATORS: usize = A::OPERATORS + B::OPERATORS + 1;
    const ARENA: usize = A::X::LEN + Self::REST;
    const FLIPS: bool = false;

    #[inline(always)]
    fn run(
        &self,
        state: &mut Self::State,
        arena: &mut [u8],
        end: End,
        observe: &mut impl Observe,
        first: usize,
    ) -> End {
        let Chain(head, layers) = &self.layers;
        let (x, rest) = end.split_slice(arena, A::X::LEN);
        head.beside(&mut state.0, x, rest, End::Front, observe, first);
        let last = layers.body(&mut state.1, rest, End::Front, observe, first + A::OPERATORS);
        let operators = [first + A::OPERATORS, first + Self::OPERATORS - 1];
        self.addition.add_tail(layers, &mut state.1, (rest, last), x, observe, operators);
        end
    }

    fn from(&self) -> Quantization {
        self.layers.0.from()
    }

    fn to(&self) -> Quantization {
        self.addition.to()
    }
}

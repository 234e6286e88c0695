use super::rows::larger;
use super::{Addition, Bytes, End, Layer, Observe, Quantization, Tail};

/// `y = F(x) + S(x)`, a residual block whose shortcut has layers of its own, such as a convolution of 1×1 with a stride: the
/// int8 twin of [`net::Sum`](crate::net::Sum). The last layer of `F` adds into the place of `S(x)`.
pub struct Sum<F, S> {
    /// The layers of the block.
    pub layers: F,
    /// The shortcut.
    pub shortcut: S,
    /// What adds `S(x)` and `F(x)`.
    pub addition: Addition,
}

impl<F: Tail, S: Layer<X = F::X, Y = F::Y>> Layer for Sum<F, S> {
    type X = F::X;
    type Y = F::Y;
    type State = (F::State, S::State);
    const STATE: Self::State = (F::STATE, S::STATE);
    const OPERATORS: usize = F::OPERATORS + S::OPERATORS + 1;
    const ARENA: usize =
        larger(F::X::LEN + S::BESIDE, F::Y::LEN + larger(larger(F::X::LEN, F::BODY), F::Last::LEN + F::ROW));
    const FLIPS: bool = true;

    #[inline(always)]
    fn run(
        &self,
        state: &mut Self::State,
        arena: &mut [u8],
        end: End,
        observe: &mut impl Observe,
        first: usize,
    ) -> End {
        let (x, rest) = end.split_slice(arena, F::X::LEN);
        self.shortcut.beside(&mut state.1, x, rest, end.other(), observe, first + F::OPERATORS);
        let (sum, rest) = end.other().split_slice(arena, F::Y::LEN);
        let last = self.layers.body(&mut state.0, rest, end, observe, first);
        let operators = [first, first + Self::OPERATORS - 1];
        self.addition.add_tail(&self.layers, &mut state.0, (rest, last), sum, observe, operators);
        end.other()
    }

    fn from(&self) -> Quantization {
        self.layers.from()
    }

    fn to(&self) -> Quantization {
        self.addition.to()
    }
}

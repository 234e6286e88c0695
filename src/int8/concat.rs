use super::rows::larger;
use super::{Bytes, End, Layer, Observe, Quantization};
use crate::kernels::int8::copy::copy_channels;

/// The output of `A` followed by the output of `B`, `M` channels in all: TensorFlow Lite's `CONCATENATION` of int8 along the
/// channels, the int8 twin of [`net::Concat`](crate::net::Concat). A wrong `M` does not compile.
///
/// Both outputs must have the same scale and zero point, as in TensorFlow Lite Micro; a branch of another scale ends with a
/// [`Requantize`](super::Requantize). A branch that is the input itself is a [`Reshape`](super::Reshape).
///
/// ```
/// use baregrad::int8::{Concat, Layer, Memory, Quantization, Reshape, Sequence, Tanh};
///
/// const X: Quantization = Quantization { scale: 1.0 / 128.0, zero_point: 0 };
/// type Pair = Sequence<2, 1>;
/// type Net = Concat<Reshape<Pair, Pair>, Tanh<Pair>, 2>;
/// static NET: Net = Concat { first: Reshape::new(X), second: Tanh::new(X) };
/// let mut memory = Memory::<Net, { Net::ARENA }>::NEW;
/// NET.input(&mut memory).set_int8(&[[64], [-32]]);
/// assert_eq!(NET.infer(&mut memory).int8(), [[64, 59], [-32, -31]]);
/// ```
pub struct Concat<A, B, const M: usize> {
    /// The branch whose channels come first.
    pub first: A,
    /// The branch whose channels follow.
    pub second: B,
}

/// An output whose channels another output of as many places follows, so that there are `M` channels.
pub trait Join<B, const M: usize>: Bytes {
    /// Both outputs.
    type Y: Bytes;
    /// The channels of each output.
    const CHANNELS: [usize; 2];
}

impl<const A: usize, const B: usize, const M: usize> Join<[u8; B], M> for [u8; A] {
    type Y = [u8; M];
    const CHANNELS: [usize; 2] = {
        assert!(A > 0 && B > 0, "a branch of `Concat` has no channels");
        assert!(A + B == M, "the outputs of both branches together do not have as many channels as `Concat` says");
        [A, B]
    };
}

impl<A: Join<B, M>, B: Bytes, const L: usize, const M: usize> Join<[B; L], M> for [A; L] {
    type Y = [A::Y; L];
    const CHANNELS: [usize; 2] = A::CHANNELS;
}

impl<A: Layer<Y: Join<B::Y, M>>, B: Layer<X = A::X>, const M: usize> Concat<A, B, M> {
    /// Bytes of an arena for the larger branch.
    const BRANCH: usize = larger(A::BESIDE, B::BESIDE);
}

impl<A: Layer<Y: Join<B::Y, M>>, B: Layer<X = A::X>, const M: usize> Layer for Concat<A, B, M> {
    type X = A::X;
    type Y = <A::Y as Join<B::Y, M>>::Y;
    type State = (A::State, B::State);
    const STATE: Self::State = (A::STATE, B::STATE);
    const OPERATORS: usize = A::OPERATORS + B::OPERATORS + 1;
    const ARENA: usize = A::X::LEN + Self::BESIDE;
    const BESIDE: usize = Self::Y::LEN + Self::BRANCH;
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
        let (x, rest) = end.split_slice(arena, A::X::LEN);
        self.beside(state, x, rest, end.other(), observe, first);
        end.other()
    }

    #[inline(always)]
    fn beside(
        &self,
        state: &mut Self::State,
        x: &[u8],
        arena: &mut [u8],
        end: End,
        observe: &mut impl Observe,
        first: usize,
    ) {
        let [a, b] = <A::Y as Join<B::Y, M>>::CHANNELS;
        let (y, rest) = end.split_slice(arena, Self::Y::LEN);
        self.first.beside(&mut state.0, x, rest, End::Front, observe, first);
        copy_channels(End::Front.split_slice(rest, A::Y::LEN).0, a, y, M, 0);
        self.second.beside(&mut state.1, x, rest, End::Front, observe, first + A::OPERATORS);
        copy_channels(End::Front.split_slice(rest, B::Y::LEN).0, b, y, M, a);
        observe.row(first + Self::OPERATORS - 1, 0, y, self.to());
    }

    fn from(&self) -> Quantization {
        self.first.from()
    }

    fn to(&self) -> Quantization {
        self.first.to()
    }
}

use super::{Bytes, End, Layer, Observe, Quantization};
use core::marker::PhantomData;

/// The same bytes in another shape: TensorFlow Lite's `RESHAPE`. It costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct Reshape<X, Y> {
    of: Quantization,
    kind: PhantomData<fn(X) -> Y>,
}

impl<X: Bytes, Y: Bytes> Reshape<X, Y> {
    /// A reshape of a tensor of this scale and zero point.
    pub const fn new(of: Quantization) -> Self {
        const { assert!(X::LEN == Y::LEN, "the two shapes have different numbers of elements") };
        Reshape { of, kind: PhantomData }
    }
}

impl<X: Bytes, Y: Bytes> Layer for Reshape<X, Y> {
    type X = X;
    type Y = Y;
    type State = ();
    const STATE: () = ();
    const OPERATORS: usize = 1;
    const ARENA: usize = X::LEN;
    const FLIPS: bool = false;

    #[inline(always)]
    fn run(&self, _: &mut (), arena: &mut [u8], end: End, observe: &mut impl Observe, first: usize) -> End {
        observe.row(first, 0, end.split_slice(arena, X::LEN).0, self.of);
        end
    }

    fn from(&self) -> Quantization {
        self.of
    }

    fn to(&self) -> Quantization {
        self.of
    }
}

use super::rows::{Rows, Shape};
use super::{Bytes, Multiplier, Places, Quantization};
use crate::kernels::int8::{Range, byte, pool};
use core::marker::PhantomData;

/// The mean of each channel over all places: TensorFlow Lite's `MEAN` over rows and columns or over time, as it exports Keras'
/// `GlobalAveragePooling2D` and `1D`. `X` is an [`Image`](super::Image) or a [`Sequence`](super::Sequence). The output is a row of
/// channels, with a scale of its own.
///
/// An [`AveragePool`](super::AveragePool) of all places keeps the scale of its input, and rounds once.
///
/// ```
/// use baregrad::int8::{GlobalAveragePool, Layer, Memory, Quantization, Sequence};
///
/// type Mean = GlobalAveragePool<Sequence<3, 2>>;
/// static MEAN: Mean = Mean::new(Quantization { scale: 1.0, zero_point: 0 }, Quantization { scale: 0.5, zero_point: -10 });
/// let mut memory = Memory::<Mean, { Mean::ARENA }>::NEW;
/// MEAN.input(&mut memory).set_int8(&[[1, -10], [2, -20], [6, -24]]);
/// assert_eq!(MEAN.infer(&mut memory).int8(), [6 - 10, -36 - 10]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GlobalAveragePool<X> {
    /// What makes the sum of all places, less the zero point of each, a number of the output.
    multiplier: Multiplier,
    from: Quantization,
    to: Quantization,
    kind: PhantomData<fn(X)>,
}

impl<X: Places> GlobalAveragePool<X> {
    /// Number of places.
    const PLACES: usize = {
        let places = X::LEN / X::Place::LEN;
        assert!(places as u64 <= 1 << 23, "the sum of so many places may overflow 32 bits");
        places
    };

    /// A pool from one scale and zero point to another.
    pub const fn new(from: Quantization, to: Quantization) -> Self {
        let multiplier = Multiplier::new(from.scale as f64 / to.scale as f64).divided(Self::PLACES);
        GlobalAveragePool { multiplier, from, to, kind: PhantomData }
    }
}

impl<X: Places> Rows for GlobalAveragePool<X> {
    type X = X;
    type Y = X::Place;
    type State = ();
    const STATE: () = ();
    const SHAPE: Shape = Shape::one(X::LEN, X::Place::LEN);

    #[inline(always)]
    fn row(&self, _: &mut (), _: usize, x: &[u8], y: &mut [u8]) {
        let zeros = i32::from(byte(self.from.zero_point)) * Self::PLACES as i32;
        let range = Range::all(self.to.zero_point);
        pool::of_all(x.get(..X::LEN).unwrap_or_default(), X::Place::LEN, y, |sum| {
            range.byte(self.multiplier.apply(sum - zeros))
        });
    }

    fn from(&self) -> Quantization {
        self.from
    }

    fn to(&self) -> Quantization {
        self.to
    }
}

use super::rnn::RnnOptions;
use crate::kernels::elementwise;
use crate::net::{Backward, Layer, Mode, Network, StreamLayer};
use crate::tensor::init::RandomUniform;
use crate::tensor::{Architecture, Places, Sink, Sinks, Tensor, Want, zeros};
use crate::{leaf, params};
use core::marker::PhantomData;
use core::mem::replace;

/// A vector of `N` numbers for each of `T` tokens, from a table of `V` vectors: Keras' `Embedding(V, N)` on `T` tokens, and
/// PyTorch's `Embedding`.
///
/// `Y` is `Sequence<T, N>`. `X` has `T` numbers: it is `[f32; T]`, or `Sequence<T, 1>`, which can also come as a stream. Samples
/// may be integers, such as `[u8; T]`; see [`Sample`](crate::data::Sample).
///
/// With the option [`Masked`](super::Masked), token 0 is padding: Keras' `mask_zero=True`, and PyTorch's `padding_idx=0`. Its
/// vector is 0, which masked recurrent layers take for padding, and row 0 of the table is not used. A token that is not in the
/// table gives the zero vector, too. In Keras that depends on the device.
///
/// ```
/// use baregrad::prelude::*;
/// // The sentiment of reviews of up to 80 words, of which there are 1000.
/// type Words = Sequence<80, 16>;
/// type Net = chain![Embedding<[f32; 80], Words, 1000, Masked>, Gru<Words, [f32; 24], Masked>, Dense<24, 1>];
/// assert_eq!(Net::COUNT, 1000 * 16 + 3 * (16 * 24 + 24 * 24 + 2 * 24) + 24 + 1);
/// let (reviews, labels) = ([[0_u16; 80]; 2], [[0.0], [1.0]]);
/// let mut model = Trainer::<Net, BinaryCrossEntropy<Logits>, Adam, 2>::new(&mut Sfc32::seed_from_u64(1));
/// model.fit(&reviews, &labels, &Fit { epochs: 1, batch_size: 2, ..Fit::default() })?;
/// # Ok::<(), Error>(())
/// ```
///
/// The first numbers are uniform between ±0.05, as in Keras. Its line in the text of [`Architecture`] is `embedding V N`.
pub struct Embedding<X, Y: Places, const V: usize, O = ()> {
    /// The vector of each token.
    pub table: [Y::Place; V],
    kind: PhantomData<fn() -> (X, O)>,
}

params! {
    [X: Tensor, const T: usize, const N: usize, const V: usize, O: RnnOptions] Embedding<X, [[f32; N]; T], V, O>,
    "Embedding", Architecture::layer("embedding").size(V).size(N).end();
    trained table: [[f32; N]; V] = [[0.0; N]; V], drawn(V, N) by RandomUniform::default();
    fixed kind = { let () = Self::FITS; PhantomData };
}

impl<X: Tensor, const T: usize, const N: usize, const V: usize, O: RnnOptions> Embedding<X, [[f32; N]; T], V, O> {
    const FITS: () = {
        assert!(X::LEN == T, "an embedding gives one vector for each number of its input");
        assert!(
            !O::BACKWARDS && O::DROPPED == 0,
            "an embedding treats each token by itself: the only option is `Masked`"
        );
        assert!((V as u64) < 1 << 24, "an f32 does not tell so many tokens apart");
    };

    /// Returns the row of a token, if the table has one.
    #[inline(always)]
    fn row(token: f32) -> Option<usize> {
        let first = if O::Masked::YES { 1.0 } else { 0.0 };
        // NaN is not in the range.
        (first..V as f32).contains(&token).then_some(token as usize)
    }

    /// Returns the vector of a token.
    #[inline(always)]
    fn vector(&self, token: f32) -> [f32; N] {
        Self::row(token).and_then(|row| self.table.get(row)).copied().unwrap_or([0.0; N])
    }
}

/// Where the tokens stand in a batch: a list of places for each row of the table. A place is counted from 1, so that 0 is the
/// end of a list.
pub struct TokenPlaces<const T: usize, const V: usize, const B: usize> {
    /// The first place of each row.
    first: [usize; V],
    /// The next place of the same row, for each place.
    next: [[usize; T]; B],
}

zeros!(impl [const T: usize, const V: usize, const B: usize] TokenPlaces<T, V, B> { first, next });

impl<X: Tensor, const T: usize, const N: usize, const V: usize, O: RnnOptions> Layer<X>
    for Embedding<X, [[f32; N]; T], V, O>
{
    type Y = [[f32; N]; T];
    type Trace<const B: usize, W: Want> = TokenPlaces<T, V, B>;
    leaf!(X, "Embedding");

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [Self::Y], _: &mut [f32]) {
        for (token, y) in X::flat_all(x).iter().zip(y.as_flattened_mut()) {
            *y = self.vector(*token);
        }
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(&self, x: &[X], y: &mut [Self::Y], trace: &mut Self::Trace<B, W>, _: Mode<'_>) {
        self.infer(x, y, &mut []);
        let (tokens, next) = (X::flat_all(x), trace.next.as_flattened_mut());
        trace.first.fill(0);
        for place in (0..tokens.len()).rev() {
            if let (Some(token), Some(next)) = (tokens.get(place), next.get_mut(place))
                && let Some(first) = Self::row(*token).and_then(|row| trace.first.get_mut(row))
            {
                *next = replace(first, place + 1);
            }
        }
    }
}

impl<X: Tensor, const T: usize, const N: usize, const V: usize, O: RnnOptions> Backward<X>
    for Embedding<X, [[f32; N]; T], V, O>
{
    // A token is no number that could be a little larger.
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        _: &[X],
        _: &[Self::Y],
        _: &mut Self::Trace<B, W>,
        _: &mut [Self::Y],
        dx: Option<&mut [X]>,
    ) {
        X::flat_all_mut(dx.unwrap_or_default()).fill(0.0);
    }

    // Each row is the sum of dy over the places of its token. They are added in their order.
    #[inline(always)]
    fn gradient<const B: usize, W: Want, S: Sinks>(
        _: &[X],
        _: &[Self::Y],
        trace: &Self::Trace<B, W>,
        dy: &[Self::Y],
        (table,): &mut Self::To<S>,
    ) {
        let (dy, next) = (dy.as_flattened(), trace.next.as_flattened());
        for (row, first) in trace.first.iter().enumerate() {
            let (mut sum, mut place) = ([0.0; N], *first);
            while let Some(i) = place.checked_sub(1)
                && let (Some(dy), Some(next)) = (dy.get(i), next.get(i))
            {
                elementwise::add(dy, &mut sum);
                place = *next;
            }
            table.add(row * N, (&sum).into());
        }
    }
}

impl<X: Tensor, const T: usize, const N: usize, const V: usize, O: RnnOptions> Network
    for Embedding<X, [[f32; N]; T], V, O>
{
    type Input = X;
}

impl<const T: usize, const N: usize, const V: usize, O: RnnOptions> StreamLayer<[[f32; 1]; T]>
    for Embedding<[[f32; 1]; T], [[f32; N]; T], V, O>
{
    type Memory = ();
    const DELAY: usize = 0;
    const HOP: usize = 1;

    #[inline(always)]
    fn step(&self, (): &mut (), [token]: &[f32; 1]) -> Option<[f32; N]> {
        Some(self.vector(*token))
    }
}

use super::rnn::{Backwards, Rnn, RnnOptions, State};
use crate::net::Concat;
use crate::tensor::Places;

/// The recurrent layer `L`, and beside it another one that runs [`Backwards`]: Keras' `Bidirectional(L)`, and PyTorch's
/// `bidirectional=True`. The outputs of both stand side by side, `M` numbers in all, at each step or at the end.
///
/// A wrong `M` does not compile. On a stream it does not run, because a stream does not know its end. Keras'
/// `merge_mode="sum"` is [`Sum<L, Reversed<L>>`](crate::net::Sum).
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![
///     Bidirectional<Lstm<Sequence<64, 6>, Sequence<64, 16>>, 32>,
///     Bidirectional<Gru<Sequence<64, 32>, [f32; 8]>, 16>,
///     Dense<16, 4>
/// ];
/// assert_eq!(Net::NEW.0.b.u, Net::NEW.0.a.u); // `a` runs forward, `b` backwards
/// let mut y = [0.0; 4];
/// Net::NEW.infer_one(&[[0.0; 6]; 64], &mut y, &mut [0.0; Net::SCRATCH]);
/// ```
pub type Bidirectional<L, const M: usize> = Concat<L, Reversed<L>, M>;

/// The recurrent layer `L`, but running [`Backwards`].
pub type Reversed<L> = <L as Reverse>::Reversed;

/// A recurrent layer that can run backwards.
pub trait Reverse {
    /// The same layer, but running [`Backwards`].
    type Reversed;
}

impl<
    C,
    X: Places,
    S: State,
    R,
    O: RnnOptions,
    const G: usize,
    const NB: usize,
    const CARRIED: usize,
    const LEARNT: usize,
> Reverse for Rnn<C, X, S, R, O, G, NB, CARRIED, LEARNT>
{
    type Reversed = Rnn<C, X, S, R, (O, Backwards), G, NB, CARRIED, LEARNT>;
}

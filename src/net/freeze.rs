//! Freezing the first layers of a chain by its type.

use super::frozen::Frozen;
use crate::net::chain::Chain;

/// The net `N` with its first `K` layers frozen, up to 8: training changes the layers behind them alone, and has no gradient
/// and no moments for the others. [`Params::copy_from`](crate::Params::copy_from) brings the weights over.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<64, 32, Relu>, Dense<32, 16, Relu>, Dense<16, 10>];
/// type Tuned = FreezeFirst<2, Net>;
/// assert_eq!((Tuned::COUNT, Tuned::TRAINABLE), (Net::COUNT, 16 * 10 + 10));
/// # let _: chain![Frozen<Dense<64, 32, Relu>>, Frozen<Dense<32, 16, Relu>>, Dense<16, 10>] = Tuned::NEW;
/// ```
pub type FreezeFirst<const K: usize, N> = <N as FreezesFirst<K>>::Net;

/// A chain of more than `K` layers.
#[diagnostic::on_unimplemented(
    message = "the first {K} layers of `{Self}` cannot be frozen",
    note = "there must be a layer behind them, and no more than 8 can be frozen"
)]
pub trait FreezesFirst<const K: usize> {
    /// The same chain, its first `K` layers frozen.
    type Net;
}

impl<N> FreezesFirst<0> for N {
    type Net = N;
}

macro_rules! freezes_first {
    ($($k:literal after $less:literal)+) => { $(
        impl<A, B: FreezesFirst<$less>> FreezesFirst<$k> for Chain<A, B> {
            type Net = Chain<Frozen<A>, B::Net>;
        }
    )+ };
}

freezes_first!(1 after 0 2 after 1 3 after 2 4 after 3 5 after 4 6 after 5 7 after 6 8 after 7);

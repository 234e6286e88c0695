//! A type that freezes the first layers of a chain.

use super::{Chain, Frozen};

/// The net `N` with its first `K` layers frozen, at most 8. Training changes only the layers after them. The frozen layers
/// have no gradient and no moments, and only their last output is kept. [`Params::copy_from`](crate::Params::copy_from)
/// copies the weights of `N`.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![Dense<64, 32, Relu>, Dense<32, 16, Relu>, Dense<16, 10>];
/// type Tuned = FreezeFirst<2, Net>;
/// assert_eq!((Tuned::COUNT, Tuned::TRAINABLE), (Net::COUNT, 16 * 10 + 10));
/// # let _: chain![Frozen<chain![Dense<64, 32, Relu>, Dense<32, 16, Relu>]>, Dense<16, 10>] = Tuned::NEW;
/// ```
pub type FreezeFirst<const K: usize, N> = Chain<Frozen<<N as FreezesFirst<K>>::First>, <N as FreezesFirst<K>>::Rest>;

/// A chain of more than `K` layers.
#[diagnostic::on_unimplemented(
    message = "the first {K} layers of `{Self}` cannot be frozen",
    note = "there must be a layer behind them, and no more than 8 can be frozen"
)]
pub trait FreezesFirst<const K: usize> {
    /// The first `K` layers.
    type First;
    /// The layers after them.
    type Rest;
}

impl<A, B> FreezesFirst<1> for Chain<A, B> {
    type First = A;
    type Rest = B;
}

macro_rules! freezes_first {
    ($($k:literal after $less:literal)+) => { $(
        impl<A, B: FreezesFirst<$less>> FreezesFirst<$k> for Chain<A, B> {
            type First = Chain<A, B::First>;
            type Rest = B::Rest;
        }
    )+ };
}

freezes_first!(2 after 1 3 after 2 4 after 3 5 after 4 6 after 5 7 after 6 8 after 7);

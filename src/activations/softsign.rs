use super::{Activation, Lanes, No};

/// y = z / (1 + |z|).
pub struct Softsign;

impl Activation for Softsign {
    const NAME: &'static str = "softsign";
    type FromInput = No;

    #[inline(always)]
    fn value<V: Lanes>(z: V) -> V {
        z / (z.splat(1.0) + z.abs())
    }

    #[inline(always)]
    fn slope<V: Lanes>(y: V) -> V {
        let rest = y.splat(1.0) - y.abs();
        rest * rest
    }
}

use super::branches::{Branches, Merge, MergeName};
use crate::kernels::elementwise;
use crate::tensor::Tensor;

/// `y = A(x) + B(x)`: Keras' `Add()([A(x), B(x)])`. Both outputs have the same shape.
///
/// ```
/// use baregrad::prelude::*;
/// // A path through a hidden layer, and a linear one beside it.
/// type Net = Sum<chain![Dense<4, 8, Tanh>, Dense<8, 3>], Dense<4, 3>>;
/// assert_eq!((Net::COUNT, Net::SCRATCH), (4 * 8 + 8 + 8 * 3 + 3 + 4 * 3 + 3, 3 + 8));
/// ```
pub type Sum<A, B> = Branches<A, B, Add>;

/// Adds the outputs of two branches. Its line in the text of [`Architecture`](crate::Architecture) is `sum`.
pub struct Add;

impl MergeName for Add {
    const KIND: &'static str = "Add";
    const LINE: &'static str = "sum\n";
}

impl<Y: Tensor> Merge<Y, Y> for Add {
    type Y = Y;

    #[inline(always)]
    fn merge(a: &Y, b: &Y, y: &mut Y) {
        *y = *a;
        elementwise::add(b.flat(), y.flat_mut());
    }

    #[inline(always)]
    fn first(dy: &Y, da: &mut Y) {
        *da = *dy;
    }

    #[inline(always)]
    fn second(dy: &Y, db: &mut Y) {
        *db = *dy;
    }
}

//! Macros for items that optimisers share: their numbers, and methods that call an inner optimiser.

/// Writes the numbers and the learning rate of an optimiser. `numbers!(learning_rate, momentum)` takes them from these
/// fields: floats, and flags as 0 or 1. `numbers!(limit; of optimizer)` takes the numbers of the inner optimiser, and one
/// field more; with `limit as storable` it takes that function of the field.
#[rustfmt::skip]
macro_rules! numbers {
    ($($field:ident),+) => {
        type Numbers = [f32; [$(stringify!($field)),+].len()];
        fn numbers(&self) -> Self::Numbers { [$(f32::from(self.$field)),+] }
        fn set_numbers(&mut self, &[$($field),+]: &Self::Numbers) {
            $(crate::tensor::Number::set(&mut self.$field, $field);)+
        }
        #[inline] fn learning_rate(&self) -> f32 { self.learning_rate }
        fn set_learning_rate(&mut self, rate: f32) { self.learning_rate = rate; }
    };
    ($field:ident $(as $stored:ident)?; of $inner:ident) => {
        type Numbers = (O::Numbers, f32);
        fn numbers(&self) -> Self::Numbers { (self.$inner.numbers(), $($stored)?(self.$field)) }
        fn set_numbers(&mut self, (inner, own): &Self::Numbers) { self.$inner.set_numbers(inner); self.$field = *own; }
        crate::tensor::forward!($inner: learning_rate);
    };
}
pub(crate) use numbers;

/// Writes methods that call the inner optimiser: `forward!(optimizer: learning_rate, begin_step, prepare, apply)`.
#[rustfmt::skip]
macro_rules! forward {
    ($inner:tt: $($method:ident),+) => { $(crate::tensor::forward!(@$method $inner);)+ };
    (@learning_rate $inner:tt) => {
        #[inline] fn learning_rate(&self) -> f32 { self.$inner.learning_rate() }
        fn set_learning_rate(&mut self, rate: f32) { self.$inner.set_learning_rate(rate); }
    };
    (@begin_step $inner:tt) => { #[inline] fn begin_step(&mut self) { self.$inner.begin_step(); } };
    (@prepare $inner:tt) => { #[inline(always)] fn prepare<G: Floats>(&mut self, grad: &mut G) { self.$inner.prepare(grad); } };
    (@apply $inner:tt) => {
        #[inline(always)]
        fn apply<V: Lanes>(&self, w: V, g: V, m: &mut MomentLanes<O, V>) -> V { self.$inner.apply(w, g, m) }
        #[inline(always)]
        fn apply_tame<V: Lanes>(&self, w: V, g: V, m: &mut MomentLanes<O, V>) -> V { self.$inner.apply_tame(w, g, m) }
    };
}
pub(crate) use forward;

/// The type of a field that can be a number of an optimiser.
pub trait Number {
    fn set(&mut self, number: f32);
}

impl Number for f32 {
    fn set(&mut self, number: f32) {
        *self = number;
    }
}

impl Number for bool {
    fn set(&mut self, number: f32) {
        *self = number != 0.0;
    }
}

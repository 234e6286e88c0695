//! Macros for items that optimisers share: their numbers, and methods that call an inner optimiser.

/// Writes the numbers and the learning rate of an optimiser. `numbers!(learning_rate, beta; count = 0.0)` takes them from
/// these fields: floats, and flags as 0 or 1. The fields behind the semicolon depend on the steps so far, and have this value
/// before the first step. `numbers!(limit; of optimizer)` takes the numbers of the inner optimiser, and one field
/// more; with `limit as storable` it takes that function of the field.
#[rustfmt::skip]
macro_rules! numbers {
    ($($field:ident),+ $(; $($count:ident = $start:literal),+)?) => {
        type Numbers = [f32; [$(stringify!($field),)+ $($(stringify!($count)),+)?].len()];
        fn numbers(&self) -> Self::Numbers { [$(f32::from(self.$field),)+ $($(self.$count),+)?] }
        fn set_numbers(&mut self, &[$($field,)+ $($($count),+)?]: &Self::Numbers) {
            $(crate::tensor::Number::set(&mut self.$field, $field);)+ $($(self.$count = $count;)+)?
        }
        $(fn restart(&mut self) { $(self.$count = $start;)+ })?
        #[inline] fn learning_rate(&self) -> f32 { self.learning_rate }
    };
    ($field:ident $(as $stored:ident)?; of $inner:ident) => {
        type Numbers = (O::Numbers, f32);
        fn numbers(&self) -> Self::Numbers { (self.$inner.numbers(), $($stored)?(self.$field)) }
        fn set_numbers(&mut self, (inner, own): &Self::Numbers) { self.$inner.set_numbers(inner); self.$field = *own; }
        crate::tensor::forward!($inner: learning_rate, restart);
    };
}
pub(crate) use numbers;

/// Implements [`FreeRate`](super::FreeRate): `free_rate!([] Sgd)` sets the field `learning_rate`, and
/// `free_rate!([O: FreeRate] ClipValue<O>, optimizer)` sets the rate of the inner optimiser.
macro_rules! free_rate {
    ([$($generic:tt)*] $Optimizer:ty $(, $inner:tt)?) => {
        impl<$($generic)*> crate::tensor::FreeRate for $Optimizer {
            fn set_learning_rate(&mut self, rate: f32) {
                crate::tensor::free_rate!(@set self, rate $(, $inner)?);
            }
        }
    };
    (@set $self:ident, $rate:ident) => { $self.learning_rate = $rate };
    (@set $self:ident, $rate:ident, $inner:tt) => { $self.$inner.set_learning_rate($rate) };
}
pub(crate) use free_rate;

/// Writes methods that call the inner optimiser: `forward!(optimizer: learning_rate, restart, begin_step, prepare, apply)`.
#[rustfmt::skip]
macro_rules! forward {
    ($inner:tt: $($method:ident),+) => { $(crate::tensor::forward!(@$method $inner);)+ };
    (@learning_rate $inner:tt) => { #[inline] fn learning_rate(&self) -> f32 { self.$inner.learning_rate() } };
    (@restart $inner:tt) => { fn restart(&mut self) { self.$inner.restart(); } };
    (@begin_step $inner:tt) => { #[inline] fn begin_step(&mut self) { self.$inner.begin_step(); } };
    (@prepare $inner:tt) => { #[inline(always)] fn prepare<G: Floats>(&self, grad: &mut G) { self.$inner.prepare(grad); } };
    (@apply $inner:tt) => {
        #[inline(always)]
        fn apply<V: Lanes>(&self, w: V, g: V, m: &mut MomentLanes<O, V>) -> V { self.$inner.apply(w, g, m) }
        #[inline(always)]
        fn apply_tame<V: Lanes>(&self, w: V, g: V, m: &mut MomentLanes<O, V>) -> V { self.$inner.apply_tame(w, g, m) }
        #[inline(always)]
        fn pass(&self, w: &mut [f32], g: crate::tensor::Gradient<'_>, m: &mut [Option<&mut [f32]>]) -> bool { self.$inner.pass(w, g, m) }
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

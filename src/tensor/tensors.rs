//! Tuples of up to six tensors, for the tensors of one layer.

use super::sinks::{Sink, Sinks, Sum, Sums, Update, Updates};
use super::{Floats, MomentsOf, Optimizer, Tensor, Window, Zero, update_staged};

/// The tensors of a layer that training changes, as a tuple. Their gradient has the same type.
pub trait Tensors: Floats {
    /// References to the tensors.
    type Refs<'a>;
    /// References to change the tensors.
    type Muts<'a>;
    /// The moments that the optimiser `O` stores for each tensor.
    type State<O: Optimizer>: Floats;
    /// A sink for each tensor.
    type To<S: Sinks>;

    /// Returns sinks that add to a gradient in memory.
    fn sums(gradient: &mut Self) -> Self::To<Sums<'_>>;

    /// Returns sinks that make a step of an optimiser.
    fn updates<'a, O: Optimizer>(
        weights: Self::Muts<'a>,
        state: &'a mut Self::State<O>,
        optimizer: &'a O,
    ) -> Self::To<Updates<'a, O>>;

    /// Passes a gradient in memory to sinks.
    fn feed<S: Sinks>(gradient: &Self, to: Self::To<S>);

    /// Makes the part of an update that falls into a window; see [`update_staged`].
    fn stage<O: Optimizer>(
        weights: Self::Refs<'_>,
        gradient: &mut Self,
        state: &mut Self::State<O>,
        optimizer: &O,
        window: &mut Window,
    );
}

#[rustfmt::skip]
macro_rules! tuples {
    ($($T:ident $i:tt)*) => {
        #[allow(unused_variables, unused_mut, clippy::unused_unit)]
        impl<$($T: Tensor),*> Tensors for ($($T,)*) {
            type Refs<'a> = ($(&'a $T,)*);
            type Muts<'a> = ($(&'a mut $T,)*);
            type State<O: Optimizer> = ($(MomentsOf<O, $T>,)*);
            type To<S: Sinks> = ($(S::Of<$T>,)*);
            #[inline(always)]
            fn sums(gradient: &mut Self) -> Self::To<Sums<'_>> { ($(Sum(&mut gradient.$i),)*) }
            #[inline(always)]
            fn updates<'a, O: Optimizer>(weights: Self::Muts<'a>, state: &'a mut Self::State<O>, optimizer: &'a O) -> Self::To<Updates<'a, O>> {
                ($(Update { weights: weights.$i, moments: &mut state.$i, optimizer },)*)
            }
            #[inline(always)]
            fn feed<S: Sinks>(gradient: &Self, mut to: Self::To<S>) { $(to.$i.add(0, gradient.$i.flat().into());)* }
            fn stage<O: Optimizer>(weights: Self::Refs<'_>, gradient: &mut Self, state: &mut Self::State<O>, optimizer: &O, window: &mut Window) {
                $(update_staged(optimizer, weights.$i, &mut gradient.$i, &mut state.$i, window);)*
            }
        }

        impl<$($T: Zero),*> Zero for ($($T,)*) { const ZERO: Self = ($($T::ZERO,)*); }
        #[allow(unused_variables)]
        impl<$($T: Floats),*> Floats for ($($T,)*) {
            const FLOATS: usize = 0 $(+ $T::FLOATS)*;
            fn walk_all<'a>(values: &'a [Self], visit: &mut dyn FnMut(&'a [f32])) { for value in values { $(value.$i.walk(visit);)* } }
            fn walk_all_mut<'a>(values: &'a mut [Self], visit: &mut dyn FnMut(&'a mut [f32])) { for value in values { $(value.$i.walk_mut(visit);)* } }
        }
    };
}

tuples!();
tuples!(A 0);
tuples!(A 0 B 1);
tuples!(A 0 B 1 C 2);
tuples!(A 0 B 1 C 2 D 3);
tuples!(A 0 B 1 C 2 D 3 E 4);
tuples!(A 0 B 1 C 2 D 3 E 4 F 5);

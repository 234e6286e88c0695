//! The parameters of compositions: each call goes on to the parts.

/// Writes the items of [`Params`](crate::tensor::Params) that have nothing to do with training, for a net that consists of
/// other nets. It takes `constructor; field: part, …`. The constructor takes the parts in this order.
macro_rules! values {
    ($make:expr; $($field:tt: $T:ty),+) => {
        const NEW: Self = $make($(<$T as crate::tensor::Params>::NEW),+);
        const ZERO: Self = $make($(<$T as crate::tensor::Params>::ZERO),+);
        const COUNT: usize = 0 $(+ <$T as crate::tensor::Params>::COUNT)+;
        const CARRIED: usize = 0 $(+ <$T as crate::tensor::Params>::CARRIED)+;
        const LAYERS: usize = 0 $(+ <$T as crate::tensor::Params>::LAYERS)+;

        fn reset(&mut self) {
            $(self.$field.reset();)+
        }

        fn init<Init: crate::tensor::Initializer, Random: crate::tensor::Rng + ?Sized>(&mut self, initializer: &Init, rng: &mut Random) {
            $(self.$field.init(initializer, rng);)+
        }

        #[allow(unused_mut, unused_assignments)]
        fn tensors(&self, mut first: usize, visit: &mut dyn FnMut(crate::tensor::TensorName, &[f32])) {
            $(self.$field.tensors(first, visit);
            first += <$T as crate::tensor::Params>::LAYERS;)+
        }

        #[allow(unused_mut, unused_assignments)]
        fn tensors_mut(&mut self, mut first: usize, visit: &mut dyn FnMut(crate::tensor::TensorName, &mut [f32])) {
            $(self.$field.tensors_mut(first, visit);
            first += <$T as crate::tensor::Params>::LAYERS;)+
        }

        fn carried(&self, visit: &mut dyn FnMut(&[f32])) {
            $(self.$field.carried(visit);)+
        }

        fn carried_mut(&mut self, visit: &mut dyn FnMut(&mut [f32])) {
            $(self.$field.carried_mut(visit);)+
        }
    };
}
pub(crate) use values;

/// Implements [`Params`](crate::tensor::Params), [`FromBytes`](crate::tensor::FromBytes), `Clone` and `Debug` for a composition, and
/// [`Pair`](super::Pair) or [`Wrapper`](super::Wrapper).
///
/// It takes `[generics] Type, constructor, line; part = index in field, line; …`. The constructor takes the parts in this
/// order. Gradients and moments are tuples with one element per part. The lines, which may be empty, stand before the first
/// part and after each part in the text of [`Architecture`](crate::Architecture).
macro_rules! composition {
    (
        [$($generic:tt)*] $Net:ty, $make:expr, $before:expr;
        $($T:ident = $i:tt in $field:tt, $after:expr);+
    ) => {
        impl<$($generic)*> crate::tensor::Params for $Net {
            crate::net::values!($make; $($field: $T),+);
            const TRAINABLE: usize = 0 $(+ $T::TRAINABLE)+;
            const ARCHITECTURE: crate::tensor::Architecture =
                crate::tensor::Architecture::NONE.text($before)$(.then($T::ARCHITECTURE).text($after))+;
            const ROWS: usize = !$before.is_empty() as usize $(+ $T::ROWS + !$after.is_empty() as usize)+;
            const MASK: crate::tensor::Architecture = crate::tensor::Architecture::NONE$(.then($T::MASK))+;
            type Trained = $crate::net::composition!(@trained $($T)+);
            type Grad = ($(<$T as crate::tensor::Params>::Grad,)+);
            type State<Optim: crate::tensor::Optimizer> = ($(<$T as crate::tensor::Params>::State<Optim>,)+);
            type Statistics = ($(<$T as crate::tensor::Params>::Statistics,)+);

            fn rows(mut first: usize, visit: &mut dyn FnMut(usize, u32)) {
                $crate::net::composition!(@row first, visit, $before);
                $($T::rows(first, visit);
                first += $T::LAYERS;
                $crate::net::composition!(@row first, visit, $after);)+
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn apply<Optim: crate::tensor::Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<Optim>, optimizer: &Optim) {
                $(self.$field.apply(&grad.$i, &mut state.$i, optimizer);)+
            }

            fn stage<Optim: crate::tensor::Optimizer>(
                &self, grad: &mut Self::Grad, state: &mut Self::State<Optim>, optimizer: &Optim, window: &mut crate::tensor::Window,
            ) {
                $(self.$field.stage(&mut grad.$i, &mut state.$i, optimizer, window);)+
            }

            fn commit(&mut self, staged: &Self::Grad) {
                $(self.$field.commit(&staged.$i);)+
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn settle(&mut self, statistics: &Self::Statistics) {
                $(self.$field.settle(&statistics.$i);)+
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn penalty(&self) -> f32 {
                -0.0 $(+ self.$field.penalty())+
            }

            #[cfg_attr(not(debug_assertions), inline(always))]
            fn penalty_gradient(&self, grad: &mut Self::Grad) {
                $(self.$field.penalty_gradient(&mut grad.$i);)+
            }
        }

        impl<$($generic)*> Clone for $Net
        where
            $($T: Clone),+
        {
            fn clone(&self) -> Self {
                $make($(self.$field.clone()),+)
            }
        }

        crate::tensor::debug!([$($generic)*] $Net);

        $crate::net::composition!(@parts [$($generic)*] $Net, $make; $($T $field),+);
    };
    (@row $layer:ident, $visit:ident, $line:expr) => {
        if let Some(row) = const { crate::tensor::Architecture::NONE.text($line).row() } {
            $visit($layer, row);
        }
    };
    (@trained $A:ident) => { <$A as crate::tensor::Params>::Trained };
    (@trained $A:ident $B:ident) => {
        <<$A as crate::tensor::Params>::Trained as crate::tensor::Want>::Or<<$B as crate::tensor::Params>::Trained>
    };
    (@parts [$($generic:tt)*] $Net:ty, $make:expr; $A:ident $a:tt, $B:ident $b:tt) => {
        impl<$($generic)*> crate::net::Pair for $Net {
            type A = $A;
            type B = $B;
            #[inline(always)]
            fn parts(&self) -> (&$A, &$B) { (&self.$a, &self.$b) }
            #[inline(always)]
            fn parts_mut(&mut self) -> (&mut $A, &mut $B) { (&mut self.$a, &mut self.$b) }
            #[inline(always)]
            fn grads(grad: &mut Self::Grad) -> (&mut <$A as crate::tensor::Params>::Grad, &mut <$B as crate::tensor::Params>::Grad) { (&mut grad.0, &mut grad.1) }
            #[inline(always)]
            fn states<Optim: crate::tensor::Optimizer>(state: &mut Self::State<Optim>) -> (&mut <$A as crate::tensor::Params>::State<Optim>, &mut <$B as crate::tensor::Params>::State<Optim>) {
                (&mut state.0, &mut state.1)
            }
        }

        impl<Place: crate::tensor::Bytes, $($generic)*> crate::tensor::FromBytes<Place> for $Net
        where
            $A: crate::tensor::FromBytes<Place>,
            $B: crate::tensor::FromBytes<crate::tensor::Behind<Place, $A>>,
        {
            const LAYER: Self = $make(<$A as crate::tensor::FromBytes<Place>>::LAYER, <$B as crate::tensor::FromBytes<_>>::LAYER);
        }
    };
    (@parts [$($generic:tt)*] $Net:ty, $make:expr; $F:ident $f:tt) => {
        impl<$($generic)*> crate::net::Wrapper for $Net {
            type Inner = $F;
            #[inline(always)]
            fn inner(&self) -> &$F { &self.$f }
            #[inline(always)]
            fn inner_mut(&mut self) -> &mut $F { &mut self.$f }
            #[inline(always)]
            fn grad(grad: &mut Self::Grad) -> &mut $F::Grad { &mut grad.0 }
            #[inline(always)]
            fn state<Optim: crate::tensor::Optimizer>(state: &mut Self::State<Optim>) -> &mut $F::State<Optim> { &mut state.0 }
        }

        impl<Place: crate::tensor::Bytes, $($generic)*> crate::tensor::FromBytes<Place> for $Net
        where
            $F: crate::tensor::FromBytes<Place>,
        {
            const LAYER: Self = $make(<$F as crate::tensor::FromBytes<Place>>::LAYER);
        }
    };
}
pub(crate) use composition;

/// Writes the items of [`Layer`](super::Layer) for a wrapper that infers as `$F` does. It stands in the
/// `impl` for the input `X`. `as_inner!(F, X, net => expression, mode => expression)` has the net inside, and how it runs.
macro_rules! as_inner {
    ($F:ty, $X:ty, $net:ident => $inner:expr, $mode:ident => $runs:expr) => {
        type Y = <$F as Layer<$X>>::Y;
        type Side = <$F as Layer<$X>>::Side;
        type P<const B: usize, W: Want> = <$F as Layer<$X>>::P<B, W>;
        type Q<const B: usize, W: Want> = <$F as Layer<$X>>::Q<B, W>;
        type Room<const B: usize, W: Want> = <$F as Layer<$X>>::Room<B, W>;
        type Held<const B: usize> = <$F as Layer<$X>>::Held<B>;
        const WORK: usize = <$F as Layer<$X>>::WORK;
        const WORK_WITH_X: usize = <$F as Layer<$X>>::WORK_WITH_X;
        const WORK_WITH_Y: usize = <$F as Layer<$X>>::WORK_WITH_Y;
        const WORK_WITH_BOTH: usize = <$F as Layer<$X>>::WORK_WITH_BOTH;

        #[inline(always)]
        fn infer(&self, x: &[$X], y: &mut [Self::Y], work: &mut [f32]) {
            let $net = self;
            $inner.infer(x, y, work);
        }

        #[inline(always)]
        fn infer_within(&self, end: super::End, y: &mut [Self::Y], work: &mut [f32]) {
            let $net = self;
            $inner.infer_within(end, y, work);
        }

        #[inline(always)]
        fn infer_into(&self, x: &[$X], work: &mut [f32]) -> super::End {
            let $net = self;
            $inner.infer_into(x, work)
        }

        #[inline(always)]
        fn infer_through(&self, end: super::End, count: usize, work: &mut [f32]) -> super::End {
            let $net = self;
            $inner.infer_through(end, count, work)
        }

        #[inline(always)]
        fn cross<const B: usize>(
            &self,
            x: Option<&[$X]>,
            count: usize,
            p: &mut [f32],
            q: &mut [f32],
            held: &mut Self::Held<B>,
            $mode: Mode<'_>,
        ) {
            let $net = self;
            $inner.cross::<B>(x, count, p, q, held, $runs);
        }
    };
}
pub(super) use as_inner;

/// Writes the items of [`Layer`](super::Layer) for a frozen net, except `describe`, as `as_inner!` does. The last pair has the
/// part of the net inside that the way back walks through.
macro_rules! frozen {
    ($F:ty, $X:ty, $net:ident => $inner:expr, $mode:ident => $runs:expr, $part:ident => $walks:expr) => {
        type Trace<const B: usize, W: Want> = <$F as Layer<$X>>::Trace<B, W>;
        super::wrapper::as_inner!($F, $X, $net => $inner, $mode => $runs);

        #[inline(always)]
        fn forward<const B: usize, W: Want>(
            &self,
            x: &[$X],
            y: &mut [Self::Y],
            trace: &mut Self::Trace<B, W>,
            $mode: Mode<'_>,
        ) {
            let $net = self;
            $inner.forward::<B, W>(x, y, trace, $runs);
        }

        #[inline(always)]
        fn walk<const B: usize, W: Want, D: Destination>(
            $part: Part,
            at: D::At<'_, Self>,
            x: &[$X],
            y: &mut [Self::Y],
            trace: &mut Self::Trace<B, W>,
            p: &mut [f32],
            q: &mut [f32],
        ) -> Result<(), NotFinite> {
            let $net = D::net(&at);
            if W::YES { <$F as Layer<$X>>::walk::<B, W, Nowhere>($walks, &$inner, x, y, trace, p, q) } else { Ok(()) }
        }
    };
}
pub(super) use frozen;

/// Implements [`StreamLayer`](super::StreamLayer) for a wrapper that runs as `$F` does.
macro_rules! stream_inner {
    ([$($generic:tt)*] $Net:ty, $F:ty, $net:ident => $inner:expr) => {
        impl<X: Steps, $($generic)*> StreamLayer<X> for $Net where $F: StreamLayer<X> {
            type Memory = <$F as StreamLayer<X>>::Memory;
            const DELAY: usize = <$F as StreamLayer<X>>::DELAY;
            const HOP: usize = <$F as StreamLayer<X>>::HOP;

            #[inline(always)]
            fn step(&self, memory: &mut Self::Memory, x: &X::Step) -> Option<StepOf<Self::Y>> {
                let $net = self;
                $inner.step(memory, x)
            }
        }
    };
}
pub(super) use stream_inner;

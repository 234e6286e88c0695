/// Writes the items of [`Layer`](super::Layer) for a wrapper that infers as `$F` does. `as_inner!(F, X, net => expression)`
/// stands in the `impl` for the input `X`. The expression is the net inside.
macro_rules! as_inner {
    ($F:ty, $X:ty, $net:ident => $inner:expr) => {
        type Y = <$F as Layer<$X>>::Y;
        type Side = <$F as Layer<$X>>::Side;
        type P<const B: usize, W: Want> = <$F as Layer<$X>>::P<B, W>;
        type Q<const B: usize, W: Want> = <$F as Layer<$X>>::Q<B, W>;
        type Held<const B: usize> = <$F as Layer<$X>>::Held<B>;
        const WORK: usize = <$F as Layer<$X>>::WORK;
        const WORK_WITH_X: usize = <$F as Layer<$X>>::WORK_WITH_X;

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
    };
}
pub(super) use as_inner;

use crate::leaf;
use crate::net::{Backward, Layer, StreamLayer};
use crate::tensor::{Parameterless, Recent, Sequence, Tensor, Want, copy};
use core::marker::PhantomData;

/// The same numbers in the shape `Y`, in the order of memory: Keras' `Reshape`. A shape with another number of elements does
/// not compile.
///
/// ```
/// use baregrad::prelude::*;
/// // 12 numbers are 4 places of 3 channels.
/// type Net = chain![Dense<2, 12>, Reshape<[[f32; 3]; 4]>, Activate<Tanh>, Flatten<12>, Dense<12, 1>];
/// assert_eq!(Net::COUNT, 2 * 12 + 12 + 12 + 1);
/// ```
///
/// It changes no number, so it has no line in the text of [`Architecture`](crate::Architecture).
pub struct Reshape<Y>(PhantomData<fn() -> Y>);

impl<Y> Clone for Reshape<Y> {
    fn clone(&self) -> Self {
        Reshape(PhantomData)
    }
}

crate::tensor::debug!([Y] Reshape<Y>);

/// The `N` numbers of a sample of any shape in one row: Keras' `Flatten`.
pub type Flatten<const N: usize> = Reshape<[f32; N]>;

impl<Y: Tensor> Parameterless for Reshape<Y> {
    const LAYER: Self = Reshape(PhantomData);
}

impl<X: Tensor, Y: Tensor> Layer<X> for Reshape<Y> {
    type Y = Y;
    type Trace<const B: usize, W: Want> = ();
    leaf!(X, "Reshape");
    const WORK: usize = {
        assert!(X::LEN == Y::LEN, "`Reshape` cannot change how many numbers there are");
        0
    };

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [Y], _: &mut [f32]) {
        const { assert!(<Self as Layer<X>>::WORK == 0) };
        copy(X::flat_all(x), Y::flat_all_mut(y));
    }
}

impl<X: Tensor, Y: Tensor> Backward<X> for Reshape<Y> {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(&self, _: &[X], _: &[Y], (): &mut (), dy: &mut [Y], dx: Option<&mut [X]>) {
        copy(Y::flat_all(dy), X::flat_all_mut(dx.unwrap_or_default()));
    }
}

/// On a stream, the last `L` places are taken.
impl<const L: usize, const C: usize, const N: usize> StreamLayer<Sequence<L, C>> for Flatten<N> {
    type Memory = Recent<[f32; C], L, 1>;
    const DELAY: usize = L - 1;
    const HOP: usize = 1;

    #[inline(always)]
    fn step(&self, memory: &mut Self::Memory, x: &[f32; C]) -> Option<[f32; N]> {
        let window = memory.push(x, L - 1, 1)?;
        window.as_flattened().first_chunk().copied()
    }
}

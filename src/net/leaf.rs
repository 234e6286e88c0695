//! The items that all single layers have in common.

use super::{Backward, Destination, NotFinite};
use crate::tensor::{Tensor, Want, front, front_mut};

/// Writes the items of [`Layer`] that all single layers have in common, inside the `impl` of `Layer`.
///
/// * `leaf!(X);` in an `impl Layer<X>` writes `Side`, `P`, `Q`, `Held`, `walk` and `cross`. The walk back calls
///   [`Backward`], which the layer must implement. `cross`, a forward pass that keeps no trace, calls `infer`.
/// * `leaf!(X, random);` is for layers that draw random numbers in training. Its `cross` calls `forward` instead. The
///   `Trace` of such a layer must be `()` where `W` is [`No`](crate::tensor::No), for example `W::Of<[X; B]>`.
///
/// The layer itself writes `Y`, `Trace`, `infer`, `forward` and `describe`; the page of [`Layer`] has an example. There is
/// no work space: [`Layer::WORK`] must stay 0.
#[macro_export]
macro_rules! leaf {
    ($X:ty) => {
        $crate::leaf!(@common $X);

        #[inline(always)]
        fn cross<const B: usize>(
            &self,
            _: Option<usize>,
            x: Option<&[$X]>,
            count: usize,
            p: &mut [f32],
            q: &mut [f32],
            (): &mut (),
            _: $crate::net::Mode<'_>,
        ) {
            let x = x.unwrap_or($crate::net::samples(q, count));
            self.infer(x, $crate::net::samples_mut(p, count), &mut []);
        }
    };
    ($X:ty, random) => {
        $crate::leaf!(@common $X);

        #[inline(always)]
        fn cross<const B: usize>(
            &self,
            _: Option<usize>,
            x: Option<&[$X]>,
            count: usize,
            p: &mut [f32],
            q: &mut [f32],
            (): &mut (),
            mode: $crate::net::Mode<'_>,
        ) {
            let x = x.unwrap_or($crate::net::samples(q, count));
            self.forward::<B, $crate::tensor::No>(x, $crate::net::samples_mut(p, count), &mut (), mode);
        }
    };
    (@common $X:ty) => {
        type Side = $crate::net::Other;
        type P<const B: usize, W: $crate::tensor::Want> = [Self::Y; B];
        type Q<const B: usize, W: $crate::tensor::Want> = W::Room<[$X; B]>;
        type Held<const B: usize> = ();

        #[inline(always)]
        fn walk<const B: usize, W: $crate::tensor::Want, D: $crate::net::Destination>(
            at: D::At<'_, Self>,
            x: &[$X],
            y: &mut [Self::Y],
            trace: &mut Self::Trace<B, W>,
            p: &mut [f32],
            q: &mut [f32],
        ) -> Result<(), $crate::net::NotFinite> {
            $crate::net::walk_leaf::<B, W, D, $X, Self>(at, x, y, trace, p, q)
        }
    };
}

/// Walks back through a single layer.
#[inline(always)]
pub fn walk_leaf<const B: usize, W: Want, D: Destination, X: Tensor, L: Backward<X>>(
    at: D::At<'_, L>,
    x: &[X],
    y: &[L::Y],
    trace: &mut L::Trace<B, W>,
    p: &mut [f32],
    q: &mut [f32],
) -> Result<(), NotFinite> {
    if L::TRAINABLE == 0 && !W::YES {
        return Ok(());
    }
    let dy = samples_mut(p, x.len());
    let dx = if W::YES { Some(samples_mut(q, x.len())) } else { None };
    D::net(&at).backward::<B, W>(x, y, trace, dy, dx);
    D::leaf::<B, W, X, L>(at, x, y, trace, dy)
}

/// Returns the samples at the front of a buffer.
#[inline(always)]
pub fn samples<X: Tensor>(buffer: &[f32], count: usize) -> &[X] {
    front(X::from_flat(buffer), count)
}

/// Returns the samples at the front of a buffer, to change them.
#[inline(always)]
pub fn samples_mut<X: Tensor>(buffer: &mut [f32], count: usize) -> &mut [X] {
    front_mut(X::from_flat_mut(buffer), count)
}

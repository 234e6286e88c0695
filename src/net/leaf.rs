//! The items that all single layers have in common.

use super::{Backward, Destination, NotFinite};
use crate::tensor::{Tensor, Want, front, front_mut};

/// Writes the items of [`Layer`](super::Layer) that all single layers have in common, inside the `impl` of `Layer`.
///
/// * `leaf!(X, name);` in an `impl Layer<X>` writes `Side`, `P`, `Q`, `Held`, `walk`, `cross` and `describe`. The walk back
///   calls [`Backward`], which the layer must implement. `cross`, a forward pass that keeps no trace, calls `infer`. The
///   name is the name in a [`summary`](crate::Summary). `leaf!(X, name, activation);` names the activation, too.
/// * `leaf!(random X, name);` is for layers that draw random numbers in training. Its `cross` calls `forward` instead. The
///   `Trace` of such a layer should be `()` where `W` is [`No`](crate::tensor::No), for example `W::Of<[X; B]>`.
///
/// Without a name, the layer writes `describe` itself. The layer always writes `Y`, `Trace` and `infer`, and also `forward` if
/// it has a trace; the page of [`Layer`](super::Layer) has an example. There is no work space: `WORK` must stay 0.
#[macro_export]
macro_rules! leaf {
    (random $X:ty $(, $name:expr $(, $activation:expr)?)?) => {
        $crate::leaf!(@common $X $(, $name $(, $activation)?)?);
        $crate::leaf!(@cross $X);
    };
    (@cross $X:ty) => {
        type Held<const B: usize> = (Self::Trace<B, $crate::tensor::No>, Self::Room<B, $crate::tensor::No>);

        #[inline(always)]
        fn cross<const B: usize>(
            &self,
            x: Option<&[$X]>,
            count: usize,
            p: &mut [f32],
            q: &mut [f32],
            (trace, room): &mut Self::Held<B>,
            mode: $crate::net::Mode<'_>,
        ) {
            let x = x.unwrap_or($crate::net::samples(q, count));
            let (y, mode) = ($crate::net::samples_mut(p, count), mode.with_room($crate::tensor::Flat::flat(room)));
            $crate::net::Layer::<$X>::forward::<B, $crate::tensor::No>(self, x, y, trace, mode);
        }
    };
    (@common $X:ty $(, $name:expr $(, $activation:expr)?)?) => {
        type Side = $crate::net::Other;
        type P<const B: usize, W: $crate::tensor::Want> = [Self::Y; B];
        type Q<const B: usize, W: $crate::tensor::Want> = W::Room<[$X; B]>;
        type Room<const B: usize, W: $crate::tensor::Want> = ();

        #[inline(always)]
        fn walk<const B: usize, W: $crate::tensor::Want, D: $crate::net::Destination>(
            _: $crate::net::Part,
            at: D::At<'_, Self>,
            x: &[$X],
            y: &mut [Self::Y],
            trace: &mut Self::Trace<B, W>,
            p: &mut [f32],
            q: &mut [f32],
        ) -> Result<(), $crate::net::NotFinite> {
            $crate::net::walk_leaf::<B, W, D, $X, Self>(at, x, y, trace, p, q)
        }

        $(fn describe(visit: &mut dyn FnMut($crate::net::LayerInfo)) {
            let [activation, ..] = [$($activation,)? ""];
            visit($crate::net::LayerInfo::of::<Self, Self::Y>($name, activation));
        })?
    };
    ($X:ty $(, $name:expr $(, $activation:expr)?)?) => {
        $crate::leaf!(@common $X $(, $name $(, $activation)?)?);
        type Held<const B: usize> = ();

        #[inline(always)]
        fn cross<const B: usize>(
            &self,
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
}

/// Walks back through a single layer.
#[cfg_attr(not(debug_assertions), inline(always))]
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

//! The parameters of a layer or a net.

use super::from_bytes::{Bytes, FromBytes};
use super::init::Initializer;
use super::sinks::{Sinks, Sums, Updates};
use super::{Architecture, Floats, No, Optimizer, Want, Window, Zero, copy};
use rand_core::Rng;

/// The parameters of a layer or a net. [`params!`](crate::params) writes this for a layer with tensors of its own;
/// a layer without any is [`Parameterless`].
pub trait Params: Sized + 'static {
    /// The constant to put into a `static`: gains one, all else zero. [`Params::init`] makes weights of it.
    const NEW: Self;
    /// The constant whose bits are all zero: [`Params::reset`] makes `NEW` of it.
    const ZERO: Self;
    /// Number of parameters, in flash or RAM.
    const COUNT: usize;
    /// Number of parameters that training changes.
    const TRAINABLE: usize;
    /// Number of layers, those without parameters included.
    const LAYERS: usize = 1;
    /// Layers, shapes and activations as a fingerprint: what a file of weights must have in common with the net.
    const ARCHITECTURE: Architecture;
    /// Whether training changes any parameter, a tensor that only [`settle`](Params::settle) changes included, as a type.
    type Trained: Want;
    /// A gradient: one float for each trainable parameter, `()` where there are none. A walk visits one slice per tensor.
    type Grad: Floats;
    /// What the optimiser `O` remembers: its moments of each trainable tensor.
    type State<O: Optimizer>: Floats;
    /// What a forward pass has found out for [`Params::settle`]: `()` for most layers, the mean and variance of the batch for
    /// a batch normalisation.
    type Statistics: Zero + Copy;

    /// Sets everything to [`Params::NEW`], in place.
    fn reset(&mut self);

    /// Draws new weights; biases become zero and gains one.
    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R);

    /// One step of `optimizer` along `grad`.
    fn apply<O: Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<O>, optimizer: &O);

    /// The part of [`Params::apply`] that falls into a window of the trainable parameters: their new values take the place of
    /// their gradient, and the parameters themselves stay. Gives the same bits.
    fn stage<O: Optimizer>(
        &self,
        grad: &mut Self::Grad,
        state: &mut Self::State<O>,
        optimizer: &O,
        window: &mut Window,
    );

    /// Takes over the values that [`Params::stage`] has left in the place of the gradient.
    fn commit(&mut self, staged: &Self::Grad);

    /// Changes the state that training changes and no optimiser sees, such as running means: once after each step.
    #[inline(always)]
    fn settle(&mut self, statistics: &Self::Statistics) {
        let _ = statistics;
    }

    /// What is added to the loss for the size of the weights, as in [`Regularized`](crate::layers::Regularized).
    #[inline(always)]
    fn penalty(&self) -> f32 {
        // Adding −0.0 changes no value, so the compiler removes the addition.
        -0.0
    }

    /// Adds the gradient of the penalty to `grad`.
    #[inline(always)]
    fn penalty_gradient(&self, grad: &mut Self::Grad) {
        let _ = grad;
    }

    /// Calls `visit` with each tensor, in a fixed order; `first` is the number of the first layer.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// type Net = chain![Dense<2, 3, Relu>, Dropout<20>, Dense<3, 1>];
    /// let mut names = Vec::new();
    /// Net::NEW.tensors(0, &mut |name, _| names.push(format!("{}.{} {:?}", name.layer, name.tensor, name.shape)));
    /// assert_eq!(names, ["0.w [2, 3]", "0.b [3]", "2.w [3, 1]", "2.b [1]"]);
    /// ```
    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        let _ = (first, visit);
    }

    /// The same, to change them.
    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        let _ = (first, visit);
    }

    /// Takes over the weights of a net of the same architecture, whichever of its layers are frozen; another one does not
    /// compile.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// type Net = chain![Dense<4, 8, Relu>, Dense<8, 2>];
    /// type Tuned = FreezeFirst<1, Net>;
    /// let mut net = Net::NEW;
    /// net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    /// let mut tuned = Tuned::NEW;
    /// tuned.copy_from(&net);
    /// assert_eq!((tuned.0.0.w, tuned.1.w), (net.0.w, net.1.w));
    /// ```
    fn copy_from<P: Params>(&mut self, other: &P) {
        const {
            let same = Self::ARCHITECTURE.fingerprint() == P::ARCHITECTURE.fingerprint();
            assert!(same, "weights can only be copied between nets of the same architecture");
        }
        let mut place = 0_usize;
        self.tensors_mut(0, &mut |_, to| {
            // Layers may be numbered differently, where one net has dropout: the order of the tensors is the same.
            let mut at = 0;
            other.tensors(0, &mut |_, from| {
                if at == place {
                    copy(from, to);
                }
                at += 1;
            });
            place += 1;
        });
    }
}

/// Which tensor of a net.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TensorName {
    /// Number of its layer, from 0; layers without parameters count, as in PyTorch's `Sequential`.
    pub layer: usize,
    /// Keras' name of the layer, such as `Dense`.
    pub kind: &'static str,
    /// Its name in the layer: that of the field, such as `w`.
    pub tensor: &'static str,
    /// Its length along each axis.
    pub shape: &'static [usize],
}

/// A layer that is no composition: it has its own tensors, or none.
pub trait Leaf: Params {
    /// A sink for each tensor.
    type To<S: Sinks>;
    /// Sinks that add to a gradient in memory.
    fn sums(grad: &mut Self::Grad) -> Self::To<Sums<'_>>;
    /// Sinks that are steps of an optimiser.
    fn updates<'a, O: Optimizer>(
        &'a mut self,
        state: &'a mut Self::State<O>,
        optimizer: &'a O,
    ) -> Self::To<Updates<'a, O>>;
}

/// A layer without parameters, such as a dropout: [`Params`], [`Leaf`] and [`FromBytes`] come with it.
pub trait Parameterless: Sized + 'static {
    /// The layer.
    const LAYER: Self;
    /// Its line in [`Params::ARCHITECTURE`]; by default none, as for layers that do nothing when they infer.
    const ARCHITECTURE: Architecture = Architecture::NONE;
}

impl<L: Parameterless> Params for L {
    const NEW: Self = L::LAYER;
    const ZERO: Self = L::LAYER;
    const COUNT: usize = 0;
    const TRAINABLE: usize = 0;
    const ARCHITECTURE: Architecture = <L as Parameterless>::ARCHITECTURE;
    type Trained = No;
    type Grad = ();
    type State<O: Optimizer> = ();
    type Statistics = ();
    fn reset(&mut self) {}
    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, _: &I, _: &mut R) {}
    fn apply<O: Optimizer>(&mut self, (): &(), (): &mut (), _: &O) {}
    fn stage<O: Optimizer>(&self, (): &mut (), (): &mut (), _: &O, _: &mut Window) {}
    fn commit(&mut self, (): &()) {}
}

impl<L: Parameterless> Leaf for L {
    type To<S: Sinks> = ();
    fn sums((): &mut ()) {}
    fn updates<'a, O: Optimizer>(&'a mut self, (): &'a mut (), _: &'a O) {}
}

impl<P: Bytes, L: Parameterless> FromBytes<P> for L {
    const LAYER: Self = L::LAYER;
}

/// Declares the tensors of a layer, and writes [`Params`], [`Leaf`] and [`FromBytes`] for it.
///
/// ```
/// use baregrad::{params, tensor::Architecture};
/// /// y = scale · x + shift, feature by feature.
/// pub struct Affine<const N: usize> { pub scale: [f32; N], pub shift: [f32; N], pub limit: f32 }
///
/// params! {
///     [const N: usize] Affine<N>, "Affine", Architecture::layer("affine").size(N).end();
///     trained scale: [f32; N] = [1.0; N];
///     trained shift: [f32; N] = [0.0; N];
///     fixed limit = 6.0;
/// }
/// ```
///
/// In this order:
///
/// 1. The generic parameters of the layer in brackets, its type, Keras' name of it, and its line in
///    [`Params::ARCHITECTURE`].
/// 2. A line `trained name: type = initial value;` for each tensor that training changes, at most six. The type is an array
///    of `f32` of any rank. The value is that of [`Params::NEW`], and what [`Params::init`] sets, unless
///    `, drawn(fan_in, fan_out)` stands behind it: then the caller's initialiser draws the values.
///    `, drawn(fan_in, fan_out) by Orthogonal::default()` names an initialiser of the layer's own.
/// 3. A line `kept name: type = initial value;` for each tensor that is stored with the net and that no optimiser sees. `init`
///    sets it to the initial value, unless the line ends in `, as it is;`.
/// 4. A line `settle(type, function);` if training changes kept tensors: the type is [`Params::Statistics`], and the function
///    takes `&mut self` and a reference to the statistics.
/// 5. A line `fixed name = value;` for each field that is no tensor, of a type that has a [`Zero`]. Files do not have it.
#[macro_export]
macro_rules! params {
    (
        [$($generic:tt)*] $Layer:ty, $kind:expr, $architecture:expr;
        $(trained $w:ident: $W:tt = $new:expr $(, drawn($fan_in:expr, $fan_out:expr) $(by $own:expr)?)?;)*
        $(kept $k:ident: $K:tt = $keep:expr $(, as it $is:ident)?;)*
        $(settle($Statistics:ty, $settle:path);)?
        $(fixed $field:ident = $value:expr;)*
    ) => {
        impl<$($generic)*> $crate::tensor::Params for $Layer {
            const NEW: Self = Self { $($w: $new,)* $($k: $keep,)* $($field: $value,)* };
            const ZERO: Self = Self {
                $($w: $crate::tensor::Zero::ZERO,)* $($k: $crate::tensor::Zero::ZERO,)* $($field: $crate::tensor::Zero::ZERO,)*
            };
            const COUNT: usize = Self::TRAINABLE $(+ <$K as $crate::tensor::Tensor>::LEN)*;
            const TRAINABLE: usize = 0 $(+ <$W as $crate::tensor::Tensor>::LEN)*;
            const ARCHITECTURE: $crate::tensor::Architecture = $architecture;
            type Trained = $crate::params!(@trained $($w)* $($Statistics)?);
            type Grad = ($($W,)*);
            type State<Optim: $crate::tensor::Optimizer> = <($($W,)*) as $crate::tensor::Tensors>::State<Optim>;
            type Statistics = $crate::params!(@statistics $($Statistics)?);

            fn reset(&mut self) {
                $(self.$w = $new;)*
                $(self.$k = $keep;)*
                $(self.$field = $value;)*
            }

            #[allow(unused_variables)]
            fn init<Init: $crate::tensor::Initializer, Random: $crate::tensor::Rng + ?Sized>(&mut self, initializer: &Init, rng: &mut Random) {
                $($crate::params!(@init self, rng, $w, $new $(, $fan_in, $fan_out, initializer $(, $own)?)?);)*
                $($crate::params!(@keep self, $k, $keep $(, $is)?);)*
            }

            #[inline(always)]
            fn apply<Optim: $crate::tensor::Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<Optim>, optimizer: &Optim) {
                let to = <Self as $crate::tensor::Leaf>::updates(self, state, optimizer);
                <Self::Grad as $crate::tensor::Tensors>::feed::<$crate::tensor::Updates<'_, Optim>>(grad, to);
            }

            #[allow(unused_variables)]
            fn stage<Optim: $crate::tensor::Optimizer>(
                &self, grad: &mut Self::Grad, state: &mut Self::State<Optim>, optimizer: &Optim, window: &mut $crate::tensor::Window,
            ) {
                <Self::Grad as $crate::tensor::Tensors>::stage(($(&self.$w,)*), grad, state, optimizer, window);
            }

            fn commit(&mut self, staged: &Self::Grad) {
                ($(self.$w,)*) = *staged;
            }

            $(#[inline(always)]
            fn settle(&mut self, statistics: &$Statistics) {
                $settle(self, statistics);
            })?

            #[allow(unused_variables)]
            fn tensors(&self, first: usize, visit: &mut dyn FnMut($crate::tensor::TensorName, &[f32])) {
                $(visit($crate::params!(@name first, $kind, $w, $W), $crate::tensor::Tensor::flat(&self.$w));)*
                $(visit($crate::params!(@name first, $kind, $k, $K), $crate::tensor::Tensor::flat(&self.$k));)*
            }

            #[allow(unused_variables)]
            fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut($crate::tensor::TensorName, &mut [f32])) {
                $(visit($crate::params!(@name first, $kind, $w, $W), $crate::tensor::Tensor::flat_mut(&mut self.$w));)*
                $(visit($crate::params!(@name first, $kind, $k, $K), $crate::tensor::Tensor::flat_mut(&mut self.$k));)*
            }
        }

        impl<$($generic)*> $crate::tensor::Leaf for $Layer {
            type To<Kind: $crate::tensor::Sinks> = <($($W,)*) as $crate::tensor::Tensors>::To<Kind>;
            #[inline(always)]
            fn sums(grad: &mut Self::Grad) -> Self::To<$crate::tensor::Sums<'_>> {
                $crate::tensor::Tensors::sums(grad)
            }
            #[inline(always)]
            fn updates<'a, Optim: $crate::tensor::Optimizer>(
                &'a mut self, state: &'a mut Self::State<Optim>, optimizer: &'a Optim,
            ) -> Self::To<$crate::tensor::Updates<'a, Optim>> {
                <Self::Grad as $crate::tensor::Tensors>::updates(($(&mut self.$w,)*), state, optimizer)
            }
        }

        impl<Place: $crate::tensor::Bytes, $($generic)*> $crate::tensor::FromBytes<Place> for $Layer {
            const LAYER: Self = {
                let (mut layer, rest) = (<Self as $crate::tensor::Params>::NEW, Place::BYTES);
                $(let rest = $crate::tensor::read($crate::params!(@flat (&mut layer.$w), $W), rest);)*
                $(let rest = $crate::tensor::read($crate::params!(@flat (&mut layer.$k), $K), rest);)*
                let _ = rest;
                layer
            };
        }
    };
    (@trained) => { $crate::tensor::No };
    (@trained $($changes:tt)+) => { $crate::tensor::Yes };
    (@statistics) => { () };
    (@statistics $Statistics:ty) => { $Statistics };
    (@init $self:ident, $rng:ident, $w:ident, $new:expr) => { $self.$w = $new };
    (@init $self:ident, $rng:ident, $w:ident, $new:expr, $fan_in:expr, $fan_out:expr, $initializer:expr $(, $own:expr)?) => {
        $crate::tensor::Initializer::fill(
            $crate::params!(@last $initializer $(, &$own)?), $crate::tensor::Tensor::flat_mut(&mut $self.$w), $fan_in, $fan_out, $rng,
        )
    };
    (@last $given:expr) => { $given };
    (@last $given:expr, $own:expr) => { $own };
    (@keep $self:ident, $k:ident, $keep:expr) => { $self.$k = $keep };
    (@keep $self:ident, $k:ident, $keep:expr, $is:ident) => {};
    (@name $layer:ident, $kind:expr, $tensor:ident, $T:tt) => {
        $crate::tensor::TensorName {
            layer: $layer, kind: $kind, tensor: stringify!($tensor), shape: <$T as $crate::tensor::Tensor>::SHAPE,
        }
    };
    (@flat $array:expr, [f32; $n:expr]) => { $array };
    (@flat $array:expr, [[$($inner:tt)*]; $n:expr]) => { $crate::params!(@flat $array.as_flattened_mut(), [$($inner)*]) };
}

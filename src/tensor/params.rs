//! The parameters of a layer or a net.

use super::init::Initializer;
use super::sinks::{Sinks, Sums, Updates};
use super::{Architecture, Floats, Optimizer, TensorName, Want, Window, Zero, copy};
use rand_core::Rng;

/// The parameters of a layer or a net. [`params!`](crate::params) implements this trait for a layer with tensors of its own.
/// A layer without tensors implements [`Parameterless`](super::Parameterless) instead.
pub trait Params: Sized + 'static {
    /// The constant to put into a `static`: weights and biases are 0, gains are 1. [`Params::init`] then draws the weights.
    const NEW: Self;
    /// The constant whose bits are all zero. [`Params::reset`] turns it into `NEW`.
    const ZERO: Self;
    /// Number of parameters, trained or not.
    const COUNT: usize;
    /// Number of parameters that training changes.
    const TRAINABLE: usize;
    /// Number of floats that [`Params::carried`] visits.
    const CARRIED: usize = 0;
    /// Number of layers, including layers without parameters.
    const LAYERS: usize = 1;
    /// A fingerprint of layers, shapes and activations. A file of weights fits the net if it has the same one.
    const ARCHITECTURE: Architecture;
    /// Number of words that [`Params::rows`] visits.
    const ROWS: usize = Self::ARCHITECTURE.row().is_some() as usize;
    /// A fingerprint of what is trained, so that a checkpoint of a net in which other layers are frozen is refused. Its text
    /// has one letter per parameter, in the order of [`Params::tensors`]: `t` if an optimiser moves it, otherwise `f`. By
    /// default, the first ones are trained.
    const MASK: Architecture =
        Architecture::NONE.repeat(b't', Self::TRAINABLE).repeat(b'f', Self::COUNT - Self::TRAINABLE);
    /// Whether training changes any parameter, as a type. A tensor that only [`settle`](Params::settle) changes counts.
    type Trained: Want;
    /// A gradient: one float per trainable parameter, or `()` if there are none. [`Floats::walk`] visits one slice per
    /// tensor.
    type Grad: Floats;
    /// The moments that the optimiser `O` stores for each trainable tensor.
    type State<O: Optimizer>: Floats;
    /// The result of a forward pass that [`Params::settle`] needs: `()` for most layers, the mean and variance of the batch
    /// for a batch normalisation.
    type Statistics: Zero + Copy;

    /// Sets everything to [`Params::NEW`], in place.
    fn reset(&mut self);

    /// Draws new weights. Biases become 0, and gains become 1.
    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R);

    /// Makes one step of `optimizer` along `grad`.
    fn apply<O: Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<O>, optimizer: &O);

    /// Makes the part of [`Params::apply`] that falls into a window of the trainable parameters. The new values replace
    /// their gradient; the parameters do not change. The values have the same bits as with `apply`.
    fn stage<O: Optimizer>(
        &self,
        grad: &mut Self::Grad,
        state: &mut Self::State<O>,
        optimizer: &O,
        window: &mut Window,
    );

    /// Copies into the parameters the values that [`Params::stage`] has left in place of the gradient.
    fn commit(&mut self, staged: &Self::Grad);

    /// Changes state that training changes but no optimiser sees, such as running means. It is called once after each step.
    #[inline(always)]
    fn settle(&mut self, statistics: &Self::Statistics) {
        let _ = statistics;
    }

    /// Returns the penalty for the size of the weights, which is added to the loss; see
    /// [`Penalty`](super::Penalty).
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

    /// Calls `visit` with each tensor, in a fixed order. `first` is the number of the first layer.
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

    /// The same as [`Params::tensors`], but the tensors can be changed.
    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        let _ = (first, visit);
    }

    /// Calls `visit` with what layers carry from window to window, such as the state of a
    /// [`StatefulGru`](crate::layers::StatefulGru). These are no parameters: a checkpoint has them, a file of weights does not.
    fn carried(&self, visit: &mut dyn FnMut(&[f32])) {
        let _ = visit;
    }

    /// The same as [`Params::carried`], but the states can be changed.
    fn carried_mut(&mut self, visit: &mut dyn FnMut(&mut [f32])) {
        let _ = visit;
    }

    /// Calls `visit` with the number of each layer and its [word](Architecture::row) in the table of a file, which tells where
    /// two nets differ. `first` is the number of the first layer. A composition also has a word for each line of its own.
    fn rows(first: usize, visit: &mut dyn FnMut(usize, u32)) {
        if let Some(row) = const { Self::ARCHITECTURE.row() } {
            visit(first, row);
        }
    }

    /// Copies the weights of a net of the same architecture. Other layers may be frozen in that net. A net of another
    /// architecture does not compile.
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
        pairs(self, other, &mut |from, to| copy(from, to));
    }
}

/// Calls `visit` with each tensor of one net, and the tensor of the other net that is to be changed.
pub(crate) fn pairs<P: Params, Q: Params>(to: &mut P, from: &Q, visit: &mut dyn FnMut(&[f32], &mut [f32])) {
    let mut place = 0_usize;
    to.tensors_mut(0, &mut |_, to| {
        // If only one of the nets has dropout, their layer numbers differ. The order of the tensors is the same.
        let mut at = 0;
        from.tensors(0, &mut |_, from| {
            if at == place {
                visit(from, to);
            }
            at += 1;
        });
        place += 1;
    });
}

/// A layer that is no composition: it has its own tensors, or none.
pub trait Leaf: Params {
    /// A sink for each tensor.
    type To<S: Sinks>;
    /// Returns sinks that add to a gradient in memory.
    fn sums(grad: &mut Self::Grad) -> Self::To<Sums<'_>>;
    /// Returns sinks that make a step of an optimiser.
    fn updates<'a, O: Optimizer>(
        &'a mut self,
        state: &'a mut Self::State<O>,
        optimizer: &'a O,
    ) -> Self::To<Updates<'a, O>>;
}

/// Declares the tensors of a layer, and implements [`Params`], [`Leaf`], [`FromBytes`](crate::tensor::FromBytes), `Clone` and
/// `Debug` for it. `Debug` prints the type, not the numbers.
///
/// ```
/// use baregrad::{init::Orthogonal, params, prelude::*, tensor::Architecture};
///
/// pub struct Example<const I: usize, const O: usize> {
///     pub w: [[f32; O]; I],
///     pub u: [[f32; O]; O],
///     pub b: [f32; O],
///     pub mean: [f32; I],
///     pub scale: [f32; I],
///     pub momentum: f32,
/// }
///
/// params! {
///     [const I: usize, const O: usize] Example<I, O>, "Example", Architecture::layer("example").size(I).size(O).end();
///     trained w: [[f32; O]; I] = [[0.0; O]; I], drawn(I, O);
///     trained u: [[f32; O]; O] = [[0.0; O]; O], drawn(O, O) by Orthogonal::default();
///     trained b: [f32; O] = [0.0; O];
///     kept mean: [f32; I] = [0.0; I];
///     kept scale: [f32; I] = [1.0; I], as it is;
///     settle([f32; I], Self::follow);
///     fixed momentum = 0.9;
/// }
///
/// impl<const I: usize, const O: usize> Example<I, O> {
///     fn follow(&mut self, batch: &[f32; I]) {
///         for (mean, batch) in self.mean.iter_mut().zip(batch) {
///             *mean = self.momentum * *mean + (1.0 - self.momentum) * batch;
///         }
///     }
/// }
///
/// let mut layer = Example::<2, 1>::NEW;
/// layer.init(&Constant(0.5), &mut Sfc32::seed_from_u64(1));
/// layer.settle(&[10.0, 20.0]);
/// assert_eq!((layer.w, layer.u[0][0].abs(), layer.b), ([[0.5], [0.5]], 1.0, [0.0]));
/// assert!((layer.mean[0] - 1.0).abs() < 1e-6);
/// assert_eq!((Example::<2, 1>::TRAINABLE, Example::<2, 1>::COUNT), (4, 8));
/// ```
///
/// Each field of the layer has one line. The lines stand in this order; all but the first may be absent:
///
/// 1. `[generics] Type, name, architecture;` has the generic parameters of the layer in brackets (`[]` if there are none),
///    its type, its name in Keras, and its line in [`Params::ARCHITECTURE`]. The generic parameters must not be called
///    `Optim`, `Init`, `Random`, `Kind` or `Place`: these names are the macro's own.
/// 2. `trained name: type = value;` is a tensor that training changes. There are at most six. The type is an array of `f32`
///    with one to six axes, written out. The value is a constant: [`Params::NEW`] has it, and [`Params::init`] sets it. With
///    one of these endings, `init` draws values instead:
///    * `…, drawn(fan_in, fan_out);` draws them with the caller's initialiser.
///    * `…, drawn(fan_in, fan_out) by Orthogonal::default();` draws them with an initialiser of the layer's own.
///
///    With the last ending `…, penalty P;`, the loss includes a [`Penalty`](super::Penalty) on the values. The layer's
///    `gradient` then calls [`add_penalized`](super::add_penalized) instead of [`Sink::add`](super::Sink::add).
/// 3. `kept name: type = value;` is a tensor that is stored with the net and that no optimiser sees. `init` sets it to the
///    value. With the ending `…, as it is;`, `init` does not change it.
/// 4. `carried name: type = value;` is what [`Params::carried`] visits. `init` sets it to the value.
/// 5. `settle(type, function);` lets training change kept and carried tensors. The type is [`Params::Statistics`], a [`Zero`] and
///    `Copy`. The function takes `&mut self` and a reference to the statistics, which the layer returns from
///    [`Layer::statistics`](crate::net::Layer::statistics). A layer with this line is trained, even without trained tensors.
/// 6. `fixed name = constant;` is a field that is no tensor, a [`Zero`] and `Clone`. `init` leaves it, and files do not have it.
///
/// Files and [`Params::tensors`] have the trained tensors first, then the kept ones. [`Params::Grad`] and [`Leaf::To`] are
/// tuples with one element per trained tensor, in the order of the lines.
#[macro_export]
macro_rules! params {
    (
        [$($generic:tt)*] $Layer:ty, $kind:expr, $architecture:expr;
        $(trained $w:ident: $W:tt = $new:expr $(, drawn($fan_in:expr, $fan_out:expr) $(by $own:expr)?)? $(, penalty $P:ty)?;)*
        $(kept $k:ident: $K:tt = $keep:expr $(, as it $is:ident)?;)*
        $(carried $c:ident: $C:tt = $first:expr;)?
        $(settle($Statistics:ty, $settle:path);)?
        $(fixed $field:ident = $value:expr;)*
    ) => {
        impl<$($generic)*> $crate::tensor::Params for $Layer {
            const NEW: Self = Self { $($w: $new,)* $($k: $keep,)* $($c: $first,)? $($field: $value,)* };
            const ZERO: Self = Self {
                $($w: $crate::tensor::Zero::ZERO,)* $($k: $crate::tensor::Zero::ZERO,)* $($c: $crate::tensor::Zero::ZERO,)? $($field: $crate::tensor::Zero::ZERO,)*
            };
            const COUNT: usize = Self::TRAINABLE $(+ <$K as $crate::tensor::Tensor>::LEN)*;
            $(const CARRIED: usize = <$C as $crate::tensor::Tensor>::LEN;)?
            const ARCHITECTURE: $crate::tensor::Architecture = $architecture;
            type Trained = $crate::params!(@trained $($w)* $($Statistics)?);
            $crate::params!(@training $($W, $w;)*);
            type Statistics = $crate::params!(@statistics $($Statistics)?);

            fn reset(&mut self) {
                // Constants: a build for size makes loops of other arrays.
                $(self.$w = const { $new };)*
                $(self.$k = const { $keep };)*
                $(self.$c = const { $first };)?
                $(self.$field = $value;)*
            }

            #[allow(unused_variables)]
            fn init<Init: $crate::tensor::Initializer, Random: $crate::tensor::Rng + ?Sized>(&mut self, initializer: &Init, rng: &mut Random) {
                $($crate::params!(@init self, rng, $w, $new $(, $fan_in, $fan_out, initializer $(, $own)?)?);)*
                $($crate::params!(@keep self, $k, $keep $(, $is)?);)*
                $(self.$c = $first;)?
            }

            $(#[inline(always)]
            fn settle(&mut self, statistics: &$Statistics) {
                $settle(self, statistics);
            })?

            #[inline]
            fn penalty(&self) -> f32 {
                -0.0 $($(+ $crate::tensor::penalty::<$P>($crate::tensor::Tensor::flat(&self.$w)))?)*
            }

            #[allow(unused_variables)]
            #[inline]
            fn penalty_gradient(&self, grad: &mut Self::Grad) {
                let ($($w,)*) = grad;
                $($($crate::tensor::penalty_gradient::<$P>($crate::tensor::Tensor::flat(&self.$w), $crate::tensor::Tensor::flat_mut($w));)?)*
            }

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

            $(fn carried(&self, visit: &mut dyn FnMut(&[f32])) {
                visit($crate::tensor::Tensor::flat(&self.$c));
            }

            fn carried_mut(&mut self, visit: &mut dyn FnMut(&mut [f32])) {
                visit($crate::tensor::Tensor::flat_mut(&mut self.$c));
            })?
        }

        impl<$($generic)*> Clone for $Layer {
            fn clone(&self) -> Self {
                Self { $($w: self.$w,)* $($k: self.$k,)* $($c: self.$c,)? $($field: self.$field.clone(),)* }
            }
        }

        impl<$($generic)*> core::fmt::Debug for $Layer {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::tensor::write_type::<Self>(f)
            }
        }

        impl<$($generic)*> $crate::tensor::Leaf for $Layer {
            $crate::params!(@sinks $($W, $w;)*);
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
    // The items of `Params` for the tensors that are trained, each with its type and its place in the layer.
    (@training $($W:ty, $($w:tt).+;)*) => {
        const TRAINABLE: usize = 0 $(+ <$W as $crate::tensor::Tensor>::LEN)*;
        type Grad = ($($W,)*);
        type State<Optim: $crate::tensor::Optimizer> = <($($W,)*) as $crate::tensor::Tensors>::State<Optim>;

        #[inline(always)]
        fn apply<Optim: $crate::tensor::Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<Optim>, optimizer: &Optim) {
            let to = <Self as $crate::tensor::Leaf>::updates(self, state, optimizer);
            <Self::Grad as $crate::tensor::Tensors>::feed::<$crate::tensor::Updates<'_, Optim>>(grad, to);
        }

        #[allow(unused_variables)]
        fn stage<Optim: $crate::tensor::Optimizer>(
            &self, grad: &mut Self::Grad, state: &mut Self::State<Optim>, optimizer: &Optim, window: &mut $crate::tensor::Window,
        ) {
            <Self::Grad as $crate::tensor::Tensors>::stage(($(&self.$($w).+,)*), grad, state, optimizer, window);
        }

        fn commit(&mut self, staged: &Self::Grad) {
            ($(self.$($w).+,)*) = *staged;
        }
    };
    // The items of `Leaf` for the same.
    (@sinks $($W:ty, $($w:tt).+;)*) => {
        type To<Kind: $crate::tensor::Sinks> = <($($W,)*) as $crate::tensor::Tensors>::To<Kind>;

        #[inline(always)]
        fn sums(grad: &mut Self::Grad) -> Self::To<$crate::tensor::Sums<'_>> {
            $crate::tensor::Tensors::sums(grad)
        }

        #[inline(always)]
        fn updates<'a, Optim: $crate::tensor::Optimizer>(
            &'a mut self, state: &'a mut Self::State<Optim>, optimizer: &'a Optim,
        ) -> Self::To<$crate::tensor::Updates<'a, Optim>> {
            <Self::Grad as $crate::tensor::Tensors>::updates(($(&mut self.$($w).+,)*), state, optimizer)
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

//! Nets that take a sequence step by step.

use super::{Layer, Network};
use crate::tensor::{Kept, Steps, Zero};
use core::fmt;

/// The output for one step of a stream.
pub type StepOf<Y> = <Y as Steps>::Step;

/// The memory of the net `N` on a stream: what it keeps of the steps that have come.
pub type StreamMemory<N> = <N as StreamLayer<<N as Network>::Input>>::Memory;

/// A layer or net that takes its input step by step, as a sensor gives it. [`Stream`] is the trait for users of a net.
///
/// The outputs have the same bits as those of the window `X`. A stream goes on beyond it: it computes what a longer window
/// would give. A layer that needs all of a window, such as [`Flatten`](crate::layers::Flatten) or
/// [`GlobalAveragePool`](crate::layers::GlobalAveragePool), then takes the last steps: its window slides.
///
/// A layer that treats each step by itself implements [`Stepwise`] instead.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not run on a stream of the steps of `{X}`",
    note = "a layer runs on a stream if it needs no later step, and gives at most one output for each step"
)]
pub trait StreamLayer<X: Steps>: Layer<X, Y: Steps> {
    /// What the layer keeps of the steps that have come.
    type Memory: Kept;
    /// Number of steps that come before the step with which the first output is known.
    const DELAY: usize;
    /// Number of steps from one output to the next.
    const HOP: usize;

    /// Takes the next step, and returns an output if one is known with it.
    fn step(&self, memory: &mut Self::Memory, x: &X::Step) -> Option<StepOf<Self::Y>>;
}

/// A layer that treats each step of a sample by itself, and so needs no memory on a stream.
///
/// Its inference of a whole sample must have the same bits as that of the steps one by one.
pub trait Stepwise {}

impl<X: Steps, L: Stepwise + Layer<X::Step>> StreamLayer<X> for L
where
    L: Layer<X, Y: Steps<Step = <L as Layer<X::Step>>::Y>>,
{
    type Memory = ();
    const DELAY: usize = 0;
    const HOP: usize = 1;

    #[inline(always)]
    fn step(&self, (): &mut (), x: &X::Step) -> Option<StepOf<Self::Y>> {
        const { assert!(<L as Layer<X::Step>>::WORK == 0, "a layer that treats each step by itself has no work space") };
        let mut y = <L as Layer<X::Step>>::Y::ZERO;
        Layer::<X::Step>::infer(self, core::slice::from_ref(x), core::slice::from_mut(&mut y), &mut []);
        Some(y)
    }
}

/// A whole net that runs on a stream: it is trained on windows, and then takes each sample as the sensor gives it. It has no
/// window to fill and computes nothing twice.
///
/// All outputs have the same bits as the outputs of the window.
///
/// ```
/// use baregrad::prelude::*;
/// type Net = chain![
///     CausalConv1d<Sequence<100, 2>, Sequence<100, 8>, 3, 1, Relu>,
///     CausalConv1d<Sequence<100, 8>, Sequence<100, 1>, 3, 1, Linear, 2>
/// ];
/// static NET: Net = Net::NEW;
///
/// let mut memory = Net::MEMORY;
/// for sample in [[0.5, 1.0], [0.25, 0.0], [1.0, 2.0]] {
///     let output = NET.push(&mut memory, &sample);
///     assert_eq!(output, Some([0.0])); // an output for each sample
/// }
/// assert_eq!((Net::DELAY, Net::HOP, size_of_val(&memory) < 300), (0, 1, true));
/// # use baregrad::net::StreamLayer;
/// ```
///
/// Layers that need no later step run on streams: convolutions with causal or "valid" padding, depthwise too, with stride
/// and dilation; recurrent layers, which remember all steps from the first one on; pools with "valid" padding; dense layers,
/// activations, normalisations; `Flatten` and global pools, over the last steps; chains, residual blocks and branches.
///
/// A function for any net on a stream of the steps of `X` asks for `N: StreamLayer<X>`.
pub trait Stream: Network<Input: Steps> + StreamLayer<Self::Input> {
    /// The memory before the first step: zeros. It does not compile if a layer cannot run on a stream.
    const MEMORY: Self::Memory = {
        let _ = Self::DELAY;
        Self::Memory::ZERO
    };

    /// Takes the next step, and returns an output if one is known with it.
    #[inline]
    fn push(
        &self,
        memory: &mut Self::Memory,
        x: &<Self::Input as Steps>::Step,
    ) -> Option<StepOf<<Self as Layer<Self::Input>>::Y>> {
        const { _ = Self::DELAY }; // checks all layers
        self.step(memory, x)
    }

    /// Takes steps whose outputs nobody needs, such as the samples before a stream begins.
    fn prime(&self, memory: &mut Self::Memory, x: &[<Self::Input as Steps>::Step]) {
        for x in x {
            self.push(memory, x);
        }
    }

    /// Forgets all steps: Keras' `reset_states`.
    fn reset_states(memory: &mut Self::Memory) {
        *memory = Zero::ZERO;
    }
}

impl<N: Network<Input: Steps> + StreamLayer<N::Input>> Stream for N {}

/// The memory of the net `N` on a stream as a value that a [file](crate::file) can hold. After a power cut, the stream then goes
/// on with the same bits.
///
/// ```
/// use baregrad::{file::{self, Saved}, net::StreamState, prelude::*};
/// type Net = chain![Gru<Sequence<8, 1>, Sequence<8, 4>>, Dense<4, 1>];
/// let mut net = Net::NEW;
/// net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
///
/// let mut state = StreamState::<Net>::NEW;
/// net.push(&mut state.0, &[0.5]);
/// let mut file = [0; StreamState::<Net>::FILE_LEN];
/// file::encode(&state, &mut file)?;
///
/// let mut later = StreamState::<Net>::NEW;
/// file::decode(&mut later, &file)?;
/// assert_eq!(net.push(&mut later.0, &[0.25]), net.push(&mut state.0, &[0.25]));
/// # Ok::<(), ModelError>(())
/// ```
pub struct StreamState<N: Stream>(pub StreamMemory<N>);

impl<N: Stream> StreamState<N> {
    /// The memory before the first step.
    pub const NEW: Self = StreamState(N::MEMORY);
}

impl<N: Stream> fmt::Debug for StreamState<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamState").finish_non_exhaustive()
    }
}

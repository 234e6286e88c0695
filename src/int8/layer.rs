use super::{Bytes, End, Input, Memory, Quantization, Quantized};
use crate::kernels::int8::copy::copy;

/// Sees the rows that each operator of a net writes, in the order of their computation. `()` sees nothing and costs nothing.
pub trait Observe {
    /// Sees row `row` of the output of operator `operator`, counted from the first one of the net, and what its bytes stand for.
    fn row(&mut self, operator: usize, row: usize, bytes: &[u8], of: Quantization);
}

impl Observe for () {
    #[inline(always)]
    fn row(&mut self, _: usize, _: usize, _: &[u8], _: Quantization) {}
}

/// A layer of an int8 net. A net is a layer, too: a chain of layers.
pub trait Layer {
    /// The input.
    type X: Bytes;
    /// The output.
    type Y: Bytes;
    /// What the layer remembers from one inference to the next.
    type State: Copy + 'static;
    /// The state before the first inference.
    const STATE: Self::State;
    /// Number of operators.
    const OPERATORS: usize;
    /// Bytes of an arena for all activations. The input may be overwritten.
    const ARENA: usize;
    /// Bytes of an arena for all activations beside an input that stays.
    const BESIDE: usize = Self::ARENA;
    /// Whether the output lies at the other end of an arena than the input did.
    const FLIPS: bool;

    /// From an input at one end of the arena to an output. Returns the end at which the output lies. `first` is the number of
    /// the layer's first operator.
    fn run(&self, state: &mut Self::State, arena: &mut [u8], end: End, observe: &mut impl Observe, first: usize)
    -> End;

    /// From an input outside of the arena to an output at one end of it. A layer that does not say how copies the input.
    #[inline(always)]
    fn beside(
        &self,
        state: &mut Self::State,
        x: &[u8],
        arena: &mut [u8],
        end: End,
        observe: &mut impl Observe,
        first: usize,
    ) {
        let start = if Self::FLIPS { end.other() } else { end };
        copy(start.split_slice(arena, Self::X::LEN).0, x);
        self.run(state, arena, start, observe, first);
    }

    /// The scale and zero point of the input.
    fn from(&self) -> Quantization;
    /// The scale and zero point of the output.
    fn to(&self) -> Quantization;

    /// Returns the place of the input in a memory, for [`infer`](Layer::infer).
    #[inline]
    fn input<'a, const N: usize>(&self, memory: &'a mut Memory<Self, N>) -> Input<'a, Self::X>
    where
        Self: Sized,
    {
        Input::new(memory.front(), self.from())
    }

    /// Infers from the input in the memory, which the net overwrites. Returns the output, which lies in the memory, too.
    #[inline]
    fn infer<'a, const N: usize>(&self, memory: &'a mut Memory<Self, N>) -> Quantized<'a, Self::Y>
    where
        Self: Sized,
    {
        self.infer_observed(memory, &mut ())
    }

    /// Infers as [`infer`](Layer::infer) does, and shows each row that an operator writes.
    #[inline]
    fn infer_observed<'a, const N: usize>(
        &self,
        memory: &'a mut Memory<Self, N>,
        observe: &mut impl Observe,
    ) -> Quantized<'a, Self::Y>
    where
        Self: Sized,
    {
        let end = self.run(&mut memory.state, &mut memory.bytes, End::Front, observe, 0);
        Quantized::new(memory.output(end), self.to())
    }
}

/// The layers of a block up to its last one, whose rows are handed on one by one, such as to an addition.
pub trait Tail: Layer {
    /// The input of the last layer.
    type Last: Bytes;
    /// Bytes of an arena for the layers before the last one.
    const BODY: usize;
    /// Bytes of a row of the last layer.
    const ROW: usize;

    /// Runs all layers but the last one. Returns the end at which the input of the last one lies.
    fn body(
        &self,
        state: &mut Self::State,
        arena: &mut [u8],
        end: End,
        observe: &mut impl Observe,
        first: usize,
    ) -> End;

    /// Runs the last layer, and hands its rows to `to`. Each is written to `row`.
    fn tail<O: Observe>(
        &self,
        state: &mut Self::State,
        x: &[u8],
        row: &mut [u8],
        observe: &mut O,
        first: usize,
        to: impl FnMut(&mut O, usize, &[u8]),
    );
}

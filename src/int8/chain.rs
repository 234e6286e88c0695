use super::rows::larger;
use super::{End, Layer, Observe, Quantization, Tail};
use crate::net::Chain;

impl<A: Layer, B: Layer<X = A::Y>> Layer for Chain<A, B> {
    type X = A::X;
    type Y = B::Y;
    type State = (A::State, B::State);
    const STATE: Self::State = (A::STATE, B::STATE);
    const OPERATORS: usize = A::OPERATORS + B::OPERATORS;
    const ARENA: usize = larger(A::ARENA, B::ARENA);
    const BESIDE: usize = larger(A::BESIDE, B::ARENA);
    const FLIPS: bool = A::FLIPS != B::FLIPS;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn run(
        &self,
        state: &mut Self::State,
        arena: &mut [u8],
        end: End,
        observe: &mut impl Observe,
        first: usize,
    ) -> End {
        let end = self.0.run(&mut state.0, arena, end, observe, first);
        self.1.run(&mut state.1, arena, end, observe, first + A::OPERATORS)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn beside(
        &self,
        state: &mut Self::State,
        x: &[u8],
        arena: &mut [u8],
        end: End,
        observe: &mut impl Observe,
        first: usize,
    ) {
        let between = if B::FLIPS { end.other() } else { end };
        self.0.beside(&mut state.0, x, arena, between, observe, first);
        self.1.run(&mut state.1, arena, between, observe, first + A::OPERATORS);
    }

    fn from(&self) -> Quantization {
        self.0.from()
    }

    fn to(&self) -> Quantization {
        self.1.to()
    }
}

impl<A: Layer, B: Tail<X = A::Y>> Tail for Chain<A, B> {
    type Last = B::Last;
    const BODY: usize = larger(A::ARENA, B::BODY);
    const ROW: usize = B::ROW;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn body(
        &self,
        state: &mut Self::State,
        arena: &mut [u8],
        end: End,
        observe: &mut impl Observe,
        first: usize,
    ) -> End {
        let end = self.0.run(&mut state.0, arena, end, observe, first);
        self.1.body(&mut state.1, arena, end, observe, first + A::OPERATORS)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn tail<O: Observe>(
        &self,
        state: &mut Self::State,
        x: &[u8],
        row: &mut [u8],
        observe: &mut O,
        first: usize,
        to: impl FnMut(&mut O, usize, &[u8]),
    ) {
        self.1.tail(&mut state.1, x, row, observe, first + A::OPERATORS, to);
    }
}

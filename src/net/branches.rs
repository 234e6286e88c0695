use super::chain::larger;
use super::composition::composition;
use super::{
    Destination, End, Layer, LayerInfo, Mode, Network, NotFinite, Other, Part, Side, StepOf, StreamLayer, samples,
    samples_mut,
};
use crate::kernels::elementwise;
use crate::leaf;
use crate::tensor::{Flat, Params, Steps, Tensor, Want, Zero, copy, front_mut};
use core::marker::PhantomData;

/// Two layers or chains side by side. Both take the same input, and `M` merges their outputs. [`Sum`](super::Sum) and
/// [`Concat`](super::Concat) name the two merges that there are. For more branches, nest them.
///
/// In the text of [`Architecture`](crate::Architecture) it is a line with the name of the merge, the lines of `A`, a line
/// `and`, the lines of `B`, and a line `end`.
pub struct Branches<A, B, M> {
    /// The first branch.
    pub a: A,
    /// The second branch.
    pub b: B,
    merge: PhantomData<fn() -> M>,
}

impl<A, B, M> Branches<A, B, M> {
    /// Puts two branches side by side.
    pub const fn new(a: A, b: B) -> Self {
        Branches { a, b, merge: PhantomData }
    }
}

/// Merges the outputs of two branches, `A` and `B`.
#[diagnostic::on_unimplemented(
    message = "branches that give `{A}` and `{B}` do not merge by `{Self}`",
    label = "the outputs of these branches do not fit each other",
    note = "`Sum` takes branches of equal output shapes, `Concat` such as differ in the number of channels alone"
)]
pub trait Merge<A: Tensor, B: Tensor>: MergeName {
    /// The merged output.
    type Y: Tensor;
    /// Does not compile if the outputs do not fit each other.
    const FITS: () = ();
    /// Merges the outputs for one sample.
    fn merge(a: &A, b: &B, y: &mut Self::Y);
    /// Writes the part of the gradient that belongs to the output of the first branch.
    fn first(dy: &Self::Y, da: &mut A);
    /// Writes the part of the gradient that belongs to the output of the second branch.
    fn second(dy: &Self::Y, db: &mut B);
}

/// The names of a merge.
pub trait MergeName: 'static {
    /// Its name in Keras.
    const KIND: &'static str;
    /// Its line in the text of [`Architecture`](crate::Architecture).
    const LINE: &'static str;
}

composition! {
    [A: Params, B: Params, M: MergeName] Branches<A, B, M>, Self::new, M::LINE;
    A = 0 in a, "and\n"; B = 1 in b, "end\n"
}

impl<X: Tensor, A: Layer<X>, L: Layer<X>, M: Merge<A::Y, L::Y>> Layer<X> for Branches<A, L, M> {
    type Y = M::Y;
    /// The output and the trace of each branch, and the gradient of the input through the second branch.
    type Trace<const B: usize, W: Want> = (([A::Y; B], A::Trace<B, W>), ([L::Y; B], L::Trace<B, W>), W::Of<[X; B]>);
    type Side = Other;
    type P<const B: usize, W: Want> = <[M::Y; B] as Flat>::Or<<A::P<B, W> as Flat>::Or<L::P<B, W>>>;
    type Q<const B: usize, W: Want> = <W::Room<[X; B]> as Flat>::Or<<A::Q<B, W> as Flat>::Or<L::Q<B, W>>>;
    type Room<const B: usize, W: Want> = <A::Room<B, W> as Flat>::Or<L::Room<B, W>>;
    leaf!(@cross X);
    const WORK: usize = {
        let () = M::FITS;
        A::Y::LEN + larger(A::WORK, L::Y::LEN + L::WORK)
    };

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn infer(&self, x: &[X], y: &mut [M::Y], work: &mut [f32]) {
        let (a, rest) = End::Front.split(work, x.len());
        self.a.infer(x, a, rest);
        let (b, rest) = End::Front.split(rest, x.len());
        self.b.infer(x, b, rest);
        merge::<_, _, M>(a, b, y);
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[X],
        y: &mut [M::Y],
        ((a, of_a), (b, of_b), _): &mut Self::Trace<B, W>,
        mode: Mode<'_>,
    ) {
        let Some(mut mode) = mode.at_once() else { return };
        let (a, b) = (front_mut(a, x.len()), front_mut(b, x.len()));
        self.a.forward::<B, W>(x, a, of_a, mode.of_part(Part::ALL));
        self.b.forward::<B, W>(x, b, of_b, mode);
        merge::<_, _, M>(a, b, y);
    }

    // dx = (dx of A) + (dx of B). Meanwhile y holds dy.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn walk<const B: usize, W: Want, D: Destination>(
        part: Part,
        at: D::At<'_, Self>,
        x: &[X],
        y: &mut [M::Y],
        ((a, of_a), (b, of_b), dx): &mut Self::Trace<B, W>,
        p: &mut [f32],
        q: &mut [f32],
    ) -> Result<(), NotFinite> {
        if part.first(1).is_none() {
            return Ok(());
        }
        let count = x.len();
        let (first, second) = D::pair(at);
        copy(samples(p, count), y);
        for (dy, db) in y.iter().zip(samples_mut(p, count)) {
            M::second(dy, db);
        }
        L::walk::<B, W, D>(Part::ALL, second, x, front_mut(b, count), of_b, p, q).map_err(|e| e.behind(A::LAYERS))?;
        let dx_of_b = W::get_mut(dx).map_or(&mut [][..], |dx| front_mut(dx, count));
        copy(samples(L::Side::order(&*p, &*q).0, count), dx_of_b);
        for (dy, da) in y.iter().zip(samples_mut(p, count)) {
            M::first(dy, da);
        }
        A::walk::<B, W, D>(Part::ALL, first, x, front_mut(a, count), of_a, p, q)?;
        if W::YES {
            if A::Side::SAME {
                copy(samples::<X>(p, count), samples_mut(q, count));
            }
            elementwise::add(X::flat_all(dx_of_b), X::flat_all_mut(samples_mut(q, count)));
        }
        Ok(())
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn statistics<const B: usize, W: Want>(((_, a), (_, b), _): &Self::Trace<B, W>) -> Self::Statistics {
        (A::statistics(a), L::statistics(b))
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::heading::<M::Y>(M::KIND));
        visit(LayerInfo::heading::<A::Y>("Branch").inside());
        A::describe(&mut |line| visit(line.inside().inside()));
        visit(LayerInfo::heading::<L::Y>("Branch").inside());
        L::describe(&mut |line| visit(line.inside().inside()));
    }
}

impl<A: Network, B: Layer<A::Input>, M: Merge<A::Y, B::Y>> Network for Branches<A, B, M> {
    type Input = A::Input;
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn merge<A: Tensor, B: Tensor, M: Merge<A, B>>(a: &[A], b: &[B], y: &mut [M::Y]) {
    let () = M::FITS;
    for ((a, b), y) in a.iter().zip(b).zip(y) {
        M::merge(a, b, y);
    }
}

impl<X: Steps, A: StreamLayer<X>, L: StreamLayer<X>, M> StreamLayer<X> for Branches<A, L, M>
where
    M: Merge<A::Y, L::Y, Y: Steps> + Merge<StepOf<A::Y>, StepOf<L::Y>, Y = StepOf<<M as Merge<A::Y, L::Y>>::Y>>,
{
    type Memory = (A::Memory, L::Memory);
    const DELAY: usize = {
        assert!(
            A::DELAY == L::DELAY && A::HOP == L::HOP,
            "on a stream, both branches give an output with the same step: where one has a \"valid\" convolution, crop the other's first steps"
        );
        A::DELAY
    };
    const HOP: usize = A::HOP;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn step(&self, memory: &mut Self::Memory, x: &X::Step) -> Option<StepOf<Self::Y>> {
        // Both branches take the step, whether or not there is an output.
        let (a, b) = (self.a.step(&mut memory.0, x), self.b.step(&mut memory.1, x));
        let mut y = StepOf::<Self::Y>::ZERO;
        <M as Merge<StepOf<A::Y>, StepOf<L::Y>>>::merge(&a?, &b?, &mut y);
        Some(y)
    }
}

use crate::kernels::elementwise;
use crate::net::LayerInfo;
use crate::net::chain::{Link, larger};
use crate::net::{End, Layer, Mode, Network};
use crate::optimizers::Optimizer;
use crate::tensor::Architecture;
use crate::tensor::Window;
use crate::tensor::from_bytes::{After, Place, Stored};
use crate::tensor::init::Initializer;
use crate::tensor::{Params, TensorName};
use crate::tensor::{Tensor, front_mut};
use core::marker::PhantomData;
use rand_core::Rng;

/// Two layers or chains side by side: both take the same input, and `M` makes one output of theirs. [`Sum`](super::Sum)
/// and [`Concat`](super::Concat) name the two ways to do so; more branches are branches of branches.
///
/// In the text of [`Architecture`] it is a line with the name of the merge, the lines of `A`, a line `and`, the lines of
/// `B`, and a line `end`.
pub struct Branches<A, B, M> {
    /// The first branch.
    pub a: A,
    /// The second branch.
    pub b: B,
    merge: PhantomData<fn() -> M>,
}

impl<A, B, M> Branches<A, B, M> {
    /// Of given branches.
    pub const fn new(a: A, b: B) -> Self {
        Branches { a, b, merge: PhantomData }
    }
}

/// Makes one output of those of two branches, `A` and `B`.
#[diagnostic::on_unimplemented(
    message = "branches that give `{A}` and `{B}` do not merge by `{Self}`",
    label = "the outputs of these branches do not fit each other",
    note = "`Sum` takes branches of equal output shapes, `Concat` such as give `[f32; N]`"
)]
pub trait Merge<A: Tensor, B: Tensor>: MergeName {
    /// What both make together.
    type Y: Tensor;
    /// The output of one sample.
    fn merge(a: &A, b: &B, y: &mut Self::Y);
    /// Of its gradient, those of the branches' outputs.
    fn split(dy: &Self::Y, da: &mut A, db: &mut B);
}

/// How a merge is called.
pub trait MergeName: 'static {
    /// Keras' name of it.
    const KIND: &'static str;
    /// Its line in the text of [`Architecture`].
    const LINE: &'static str;
}

impl<A: Params, B: Params, M: MergeName> Params for Branches<A, B, M> {
    const NEW: Self = Self::new(A::NEW, B::NEW);
    const COUNT: usize = A::COUNT + B::COUNT;
    const TRAINABLE: usize = A::TRAINABLE + B::TRAINABLE;
    const LAYERS: usize = A::LAYERS + B::LAYERS;
    const ARCHITECTURE: Architecture = Architecture::NONE
        .text(M::LINE)
        .then(A::ARCHITECTURE)
        .then(Architecture::NONE.text("and\n"))
        .then(B::ARCHITECTURE)
        .then(Architecture::NONE.text("end\n"));
    type Grad = (A::Grad, B::Grad);
    type State<O: Optimizer> = (A::State<O>, B::State<O>);

    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        self.a.init(initializer, rng);
        self.b.init(initializer, rng);
    }

    #[inline(always)]
    fn apply<O: Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<O>, optimizer: &O) {
        self.a.apply(&grad.0, &mut state.0, optimizer);
        self.b.apply(&grad.1, &mut state.1, optimizer);
    }

    fn apply_aside<O: Optimizer>(
        &self,
        grad: &mut Self::Grad,
        state: &mut Self::State<O>,
        optimizer: &O,
        window: &mut Window,
    ) {
        self.a.apply_aside(&mut grad.0, &mut state.0, optimizer, window);
        self.b.apply_aside(&mut grad.1, &mut state.1, optimizer, window);
    }

    #[inline(always)]
    fn penalty(&self) -> f32 {
        self.a.penalty() + self.b.penalty()
    }

    #[inline(always)]
    fn penalty_gradient(&self, grad: &mut Self::Grad) {
        self.a.penalty_gradient(&mut grad.0);
        self.b.penalty_gradient(&mut grad.1);
    }

    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        self.a.tensors(first, visit);
        self.b.tensors(first + A::LAYERS, visit);
    }

    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        self.a.tensors_mut(first, visit);
        self.b.tensors_mut(first + A::LAYERS, visit);
    }
}

impl<P: Place, A: Stored<P>, B: Stored<After<P, A>>, M: MergeName> Stored<P> for Branches<A, B, M> {
    const STORED: Self = Self::new(A::STORED, B::STORED);
}

impl<X: Tensor, A: Layer<X>, B: Layer<X>, M: Merge<A::Y, B::Y>> Layer<X> for Branches<A, B, M> {
    type Y = M::Y;
    /// Outputs of the branches and their gradients; the second's gradient of the input.
    type Trace<const N: usize> = ((Link<A::Y, A::Trace<N>, (), N>, Link<B::Y, B::Trace<N>, (), N>), [X; N]);
    const WORK: usize = A::Y::LEN + larger(A::WORK, B::Y::LEN + B::WORK);

    #[inline(always)]
    fn infer(&self, x: &[X], y: &mut [M::Y], work: &mut [f32]) {
        let (a, rest) = End::Front.split(work, x.len());
        self.a.infer(x, a, rest);
        let (b, rest) = End::Front.split(rest, x.len());
        self.b.infer(x, b, rest);
        merge::<_, _, M>(a, b, y);
    }

    #[inline(always)]
    fn forward<const N: usize>(&self, x: &[X], y: &mut [M::Y], trace: &mut Self::Trace<N>, mut mode: Mode<'_>) {
        let ((a, b), _) = trace;
        let (a, _, inner, ()) = a.parts(x.len());
        self.a.forward::<N>(x, a, inner, mode.again());
        let (b, _, inner, ()) = b.parts(x.len());
        self.b.forward::<N>(x, b, inner, mode);
        merge::<_, _, M>(a, b, y);
    }

    // dx = dx of A + dx of B
    #[inline(always)]
    fn backward<const N: usize>(
        &self,
        x: &[X],
        _: &[M::Y],
        trace: &mut Self::Trace<N>,
        dy: &mut [M::Y],
        mut dx: Option<&mut [X]>,
    ) {
        let ((a, b), dx_of_b) = trace;
        let (a, da, inner_a, ()) = a.parts(x.len());
        let (b, db, inner_b, ()) = b.parts(x.len());
        for ((dy, da), db) in dy.iter().zip(da.iter_mut()).zip(db.iter_mut()) {
            M::split(dy, da, db);
        }
        self.a.backward::<N>(x, a, inner_a, da, dx.as_deref_mut());
        let dx_of_b = front_mut(dx_of_b, x.len());
        self.b.backward::<N>(x, b, inner_b, db, dx.is_some().then_some(&mut *dx_of_b));
        if let Some(dx) = dx {
            elementwise::add(X::flat_all(dx_of_b), X::flat_all_mut(dx));
        }
    }

    #[inline(always)]
    fn gradient<const N: usize>(&self, x: &[X], ((a, b), _): &Self::Trace<N>, _: &[M::Y], grad: &mut Self::Grad) {
        let (_, da, inner, ()) = a.read(x.len());
        self.a.gradient::<N>(x, inner, da, &mut grad.0);
        let (_, db, inner, ()) = b.read(x.len());
        self.b.gradient::<N>(x, inner, db, &mut grad.1);
    }

    #[inline(always)]
    fn learn<const N: usize, O: Optimizer>(
        &mut self,
        x: &[X],
        ((a, b), _): &Self::Trace<N>,
        _: &[M::Y],
        state: &mut Self::State<O>,
        optimizer: &O,
    ) {
        let (_, da, inner, ()) = a.read(x.len());
        self.a.learn::<N, O>(x, inner, da, &mut state.0, optimizer);
        let (_, db, inner, ()) = b.read(x.len());
        self.b.learn::<N, O>(x, inner, db, &mut state.1, optimizer);
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::heading::<M::Y>(M::KIND));
        visit(LayerInfo::heading::<A::Y>("Branch").inside());
        A::describe(&mut |line| visit(line.inside().inside()));
        visit(LayerInfo::heading::<B::Y>("Branch").inside());
        B::describe(&mut |line| visit(line.inside().inside()));
    }
}

impl<A: Network, B: Layer<A::Input>, M: Merge<A::Y, B::Y>> Network for Branches<A, B, M> {
    type Input = A::Input;
}

#[inline(always)]
fn merge<A: Tensor, B: Tensor, M: Merge<A, B>>(a: &[A], b: &[B], y: &mut [M::Y]) {
    for ((a, b), y) in a.iter().zip(b).zip(y) {
        M::merge(a, b, y);
    }
}

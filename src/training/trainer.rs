//! One training run: net, optimiser, moments and activations in one value that can be a `static`.

use super::gradients::{Direct, Gradients};
use super::workspace::Workspace;
use crate::data::Data;
use crate::error::{Error, NonFinite};
use crate::kernels::opaque;
use crate::losses::Loss;
use crate::metrics::Metric;
use crate::net::{Layer, Mode, Network, Summary, TrainingBytes};
use crate::tensor::Optimizer;
use crate::tensor::init::{GlorotUniform, Initializer};
use crate::tensor::{Sfc32, Tensor, Zero, front};
use rand_core::Rng;

/// The output of a net.
pub(super) type Output<N> = <N as Layer<<N as Network>::Input>>::Y;

/// Trains a net `N` with a loss `L` and an optimiser `O`, on at most `BATCH` samples per step: Keras' model after `compile`.
///
/// ```
/// use baregrad::prelude::*;
///
/// type Xor = chain![Dense<2, 8, Tanh>, Dense<8, 1, Sigmoid>];
/// let x = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]];
/// let y = [[0.0], [1.0], [1.0], [0.0]];
///
/// let mut rng = Sfc32::seed_from_u64(1);
/// let mut model = Trainer::<Xor, BinaryCrossEntropy, Adam, 4>::new(&mut rng);
/// model.optimizer.learning_rate = 0.05;
/// model.fit(&x, &y, &Fit { epochs: 200, batch_size: 4, ..Fit::default() })?;
/// let p = model.predict(&x);
/// assert!(p[0][0] < 0.5 && p[1][0] > 0.5 && p[2][0] > 0.5 && p[3][0] < 0.5);
/// # Ok::<(), baregrad::Error>(())
/// ```
///
/// On a device it is a `static`, and its size is checked at compile time:
///
/// ```
/// use baregrad::prelude::*;
/// type Head = Trainer<Dense<32, 4>, MeanSquaredError, Adam, 1>;
/// const _: () = assert!(size_of::<Head>() <= 2048);
/// const HEAD: Head = Trainer::untrained(MeanSquaredError, Adam::new(1e-3));
/// ```
pub struct Trainer<N: Network, L, O: Optimizer, const BATCH: usize = 32, G: Gradients = Direct> {
    /// The net.
    pub net: N,
    /// The loss function.
    pub loss: L,
    /// The optimiser, whose rates may change between steps.
    pub optimizer: O,
    /// The moments that the optimiser stores for each weight.
    pub state: N::State<O>,
    pub(crate) grad: G::Of<N::Grad>,
    /// The samples of a batch, if they are not adjacent in the data.
    pub(super) x: [N::Input; BATCH],
    pub(super) workspace: Workspace<N, BATCH>,
    /// The random numbers for shuffling and for random layers.
    pub rng: Sfc32,
    /// A counter for the program, for example of epochs or samples. Training does not change it, and a
    /// [checkpoint](crate::file) stores it.
    pub progress: u32,
}

impl<N: Network, L: Zero, O: Optimizer + Zero, const BATCH: usize, G: Gradients> Trainer<N, L, O, BATCH, G> {
    /// The constant whose bits are all zero. A `static` of it lies in `.bss` and takes no flash.
    /// [`Trainer::set_up`] must come before its first step.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// use std::sync::Mutex;
    /// type Model = Trainer<Dense<4, 2>, MeanSquaredError, Adam, 1>;
    /// static MODEL: Mutex<Model> = Mutex::new(Model::ZERO); // on a device, a cell of the crate `static_cell`
    ///
    /// let mut model = MODEL.lock().unwrap();
    /// assert_eq!(model.step(&[[0.0; 4]], &[[0.0; 2]]), Err(Error::NotSetUp));
    /// model.set_up(MeanSquaredError, Adam::new(1e-3));
    /// model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
    /// model.step(&[[0.0; 4]], &[[0.0; 2]])?;
    /// # Ok::<(), Error>(())
    /// ```
    pub const ZERO: Self = {
        let () = Self::FITS;
        Trainer {
            net: N::ZERO,
            loss: L::ZERO,
            optimizer: O::ZERO,
            state: Zero::ZERO,
            grad: Zero::ZERO,
            x: Zero::ZERO,
            workspace: Zero::ZERO,
            rng: Sfc32::from_state([0; 4]),
            progress: 0,
        }
    };
}

impl<N: Network, L, O: Optimizer, const BATCH: usize, G: Gradients> Trainer<N, L, O, BATCH, G> {
    /// Does not compile if the parts of the trainer do not fit each other.
    const FITS: () = {
        // The work space of a net depends on all its sizes.
        let _ = N::SCRATCH;
        assert!(
            G::WHOLE || !O::WHOLE_GRADIENT,
            "this optimiser needs a trainer with the gradient in memory: `Buffered`"
        );
    };

    /// The constant for a `static`. [`Trainer::init`] then draws its weights.
    pub const fn untrained(loss: L, optimizer: O) -> Self {
        Self::of(N::NEW, loss, optimizer)
    }

    /// The constant for a `static` with given weights, such as the weights of [`include_model!`](crate::include_model).
    pub const fn of(net: N, loss: L, optimizer: O) -> Self {
        let () = Self::FITS;
        Trainer {
            net,
            loss,
            optimizer,
            state: Zero::ZERO,
            grad: Zero::ZERO,
            x: Zero::ZERO,
            workspace: Zero::ZERO,
            rng: Sfc32::NEW,
            progress: 0,
        }
    }

    /// Turns the trainer into [`Trainer::untrained`], in place.
    pub fn set_up(&mut self, loss: L, optimizer: O) {
        self.net.reset();
        (self.loss, self.optimizer) = (loss, optimizer);
        self.workspace = Zero::ZERO;
        self.forget();
        self.rng = Sfc32::NEW;
    }

    /// Forgets the moments, the waiting gradients and the progress.
    fn forget(&mut self) {
        // One by one: a tuple of them would lie on the stack.
        self.state = Zero::ZERO;
        self.grad = Zero::ZERO;
        self.progress = 0;
    }

    /// Makes a trainer with random weights (Glorot uniform, zero biases), the default loss and the default optimiser. It is
    /// returned by value. If it is large and the stack is small, use [`Trainer::untrained`] and [`Trainer::init`], or on a
    /// host `Trainer::boxed` (feature `std`).
    pub fn new<R: Rng + ?Sized>(rng: &mut R) -> Self
    where
        L: Default,
        O: Default,
    {
        let mut trainer = Self::untrained(L::default(), O::default());
        trainer.init(&GlorotUniform, rng);
        trainer
    }

    /// Begins a new run: draws new weights, and the seed of the random numbers for shuffling and random layers. The moments,
    /// the optimiser's step count, waiting gradients and [`Trainer::progress`] become 0, so that the run does not depend on
    /// earlier ones. Rates stay as they are set, and so do the statistics of [`Rescale`](crate::layers::Rescale).
    pub fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        self.net.init(initializer, rng);
        let mut seed = [0; 12];
        rng.fill_bytes(&mut seed);
        self.rng = rand_core::SeedableRng::from_seed(seed);
        self.optimizer.restart();
        self.forget();
    }

    /// Makes one step on a batch of 1 to `BATCH` samples. Returns the mean loss before the step.
    ///
    /// # Errors
    /// The numbers of samples and targets differ or are out of range, a target's class has no output, the trainer is not set
    /// up, or the loss is not finite: the net is unchanged. The gradient is not finite: see [`Error::NonFiniteGradient`].
    #[inline]
    pub fn step<T>(&mut self, x: &[N::Input], targets: &[T]) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.check(&Data::new(x, targets), x.len())?;
        self.step_on(Some(x), x.len(), |i| targets.get(i), &mut ())
    }

    /// Makes a step: forward, loss and metric, backward, optimiser. If no samples are given, they are the first `count` in
    /// the trainer. `target(i)` is the target of sample `i`.
    #[inline(always)]
    pub(super) fn step_on<'t, T: 't>(
        &mut self,
        given: Option<&[N::Input]>,
        count: usize,
        target: impl Fn(usize) -> Option<&'t T>,
        metric: &mut impl Metric<Output<N>, T>,
    ) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T>,
    {
        let Trainer { net, loss, optimizer, state, grad, x, workspace, rng, .. } = self;
        let x = given.unwrap_or(front(x, count));
        // If there is room for only one sample, the compiler should know that there is one.
        if const { BATCH == 1 } && x.len() != 1 {
            return Err(Error::BatchSize { batch_size: x.len(), capacity: 1 });
        }
        let share = 1.0 / x.len() as f32;
        let mut workspace = workspace.open();
        // A step that fails draws no random numbers.
        let drawn = rng.clone();
        let sum = workspace.forward(net, loss, x, share, target, Mode::train(rng), metric);
        let loss = sum * share + net.penalty();
        if !loss.is_finite() {
            *rng = drawn;
            return Err(Error::NonFiniteLoss { loss: NonFinite::of(loss), sample: workspace.first_bad(x) });
        }
        let optimizer = opaque(optimizer);
        if let Err(error) = G::step::<N, O, BATCH>(net, &mut workspace, x, grad, state, optimizer) {
            *rng = drawn;
            return Err(error.into());
        }
        net.settle(&workspace.statistics());
        Ok(loss)
    }

    /// Returns the layers, shapes, parameters and bytes.
    pub fn summary(&self) -> Summary<N> {
        Summary::with_training(TrainingBytes {
            all: size_of::<Self>(),
            weights: size_of::<N>(),
            gradient: size_of::<G::Of<N::Grad>>(),
            moments: size_of::<N::State<O>>(),
            activations: size_of::<Workspace<N, BATCH>>() + BATCH * size_of::<N::Input>(),
        })
    }

    /// Checks that the data fit each other, the net and the capacity.
    pub(super) fn check<S, T>(&self, data: &Data<'_, S, T>, batch_size: usize) -> Result<(), Error>
    where
        L: Loss<Output<N>, T>,
    {
        data.check()?;
        self.check_size(batch_size, BATCH)?;
        data.check_targets(|target| self.loss.check(target), Output::<N>::LEN)
    }

    /// Checks that the trainer is set up, and that a batch fits its capacity and other room.
    pub(super) fn check_size(&self, batch_size: usize, room: usize) -> Result<(), Error> {
        let capacity = BATCH.min(room);
        if self.rng.is_zero() {
            Err(Error::NotSetUp)
        } else if batch_size == 0 || batch_size > capacity {
            Err(Error::BatchSize { batch_size, capacity })
        } else {
            Ok(())
        }
    }
}

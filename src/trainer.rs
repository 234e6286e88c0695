//! One training run: net, optimiser, moments and activations in one value that can be a `static`.

use crate::buffer::{Zero, front, front_mut};
use crate::error::Error;
use crate::init::{GlorotUniform, Initializer};
use crate::layer::{Layer, Mode, Network};
use crate::losses::Loss;
use crate::metrics::Metric;
use crate::optimizers::Optimizer;
use crate::rng::Sfc32;
use crate::shuffle::Permutation;
use crate::summary::Summary;
use core::ops::ControlFlow;
use rand_core::Rng;

/// The output of a net.
type Output<N> = <N as Layer<<N as Network>::Input>>::Y;

/// Trains a net `N` with a loss `L` and an optimiser `O`, at most `BATCH` samples a step: what Keras' `compile` makes.
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
/// On a device it is a `static`, and its size is checked when compiling:
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
    /// What the optimiser remembers of each weight.
    pub state: N::State<O>,
    grad: G::Of<N::Grad>,
    trace: <N as Layer<N::Input>>::Trace<BATCH>,
    x: [N::Input; BATCH],
    y: [Output<N>; BATCH],
    dy: [Output<N>; BATCH],
    /// The random numbers of shuffling and dropout.
    pub rng: Sfc32,
    /// For the program: how far it has come, in epochs or samples. Training leaves it alone, and a
    /// [checkpoint](crate::model) has it.
    pub progress: u32,
}

/// Whether a step stores the gradient of the weights. Both ways give the same bits.
pub trait Gradients {
    /// Room for a gradient `G`, or none.
    type Of<G: Zero>: Zero;
    #[doc(hidden)]
    fn step<N: Network, O: Optimizer, const B: usize>(
        net: &mut N,
        x: &[N::Input],
        trace: &<N as Layer<N::Input>>::Trace<B>,
        dy: &[Output<N>],
        grad: &mut Self::Of<N::Grad>,
        state: &mut N::State<O>,
        optimizer: &O,
    );
}

/// The gradient goes straight into the optimiser: the fastest, and no memory for it.
pub struct Direct;

/// The gradient is summed up in memory first.
pub struct Buffered;

impl Gradients for Direct {
    type Of<G: Zero> = ();
    #[inline(always)]
    fn step<N: Network, O: Optimizer, const B: usize>(
        net: &mut N,
        x: &[N::Input],
        trace: &<N as Layer<N::Input>>::Trace<B>,
        dy: &[Output<N>],
        (): &mut (),
        state: &mut N::State<O>,
        optimizer: &O,
    ) {
        net.learn::<B, O>(x, trace, dy, state, optimizer);
    }
}

impl Gradients for Buffered {
    type Of<G: Zero> = G;
    #[inline(always)]
    fn step<N: Network, O: Optimizer, const B: usize>(
        net: &mut N,
        x: &[N::Input],
        trace: &<N as Layer<N::Input>>::Trace<B>,
        dy: &[Output<N>],
        grad: &mut N::Grad,
        state: &mut N::State<O>,
        optimizer: &O,
    ) {
        *grad = Zero::ZERO;
        net.gradient::<B>(x, trace, dy, grad);
        net.apply(grad, state, optimizer);
    }
}

/// How to fit: Keras' arguments of `fit`, with its defaults.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fit {
    /// How often to go through the data.
    pub epochs: usize,
    /// Samples a step, at most the trainer's capacity. The last batch of an epoch may be smaller.
    pub batch_size: usize,
    /// Whether each epoch goes through the data in a new random order.
    pub shuffle: bool,
}

impl Default for Fit {
    fn default() -> Self {
        Fit { epochs: 1, batch_size: 32, shuffle: true }
    }
}

/// What an epoch came to.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Epoch {
    /// Its number, from 0.
    pub number: usize,
    /// Mean loss of its samples, each taken before its step.
    pub loss: f32,
}

impl<N: Network, L, O: Optimizer, const BATCH: usize, G: Gradients> Trainer<N, L, O, BATCH, G> {
    /// The constant for a `static`: [`Trainer::init`] draws its weights.
    pub const fn untrained(loss: L, optimizer: O) -> Self {
        Trainer {
            net: N::NEW,
            loss,
            optimizer,
            state: Zero::ZERO,
            grad: Zero::ZERO,
            trace: Zero::ZERO,
            x: Zero::ZERO,
            y: Zero::ZERO,
            dy: Zero::ZERO,
            rng: Sfc32::NEW,
            progress: 0,
        }
    }

    /// Random weights (Glorot uniform, zero biases), default loss and optimiser. It is returned by value: where it is large
    /// and the stack is not, use [`Trainer::untrained`] and [`Trainer::init`].
    pub fn new<R: Rng + ?Sized>(rng: &mut R) -> Self
    where
        L: Default,
        O: Default,
    {
        let mut trainer = Self::untrained(L::default(), O::default());
        trainer.init(&GlorotUniform, rng);
        trainer
    }

    /// Draws new weights, and the seed for shuffling and dropout.
    pub fn init<I: Initializer, R: Rng + ?Sized>(&mut self, initializer: &I, rng: &mut R) {
        self.net.init(initializer, rng);
        let mut seed = [0; 12];
        rng.fill_bytes(&mut seed);
        self.rng = rand_core::SeedableRng::from_seed(seed);
    }

    /// One step on a batch of 1 to `BATCH` samples. Gives its mean loss before the step.
    ///
    /// # Errors
    /// Wrong numbers of samples and targets, a class without output, a loss that is not finite: the net is unchanged.
    #[inline]
    pub fn step<T>(&mut self, x: &[N::Input], targets: &[T]) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.check(x, targets, x.len())?;
        self.step_on(Samples::Given(x), |i| targets.get(i))
    }

    /// Forward, loss, backward, and the optimiser: `target(i)` belongs to sample `i`.
    #[inline(always)]
    fn step_on<'t, T: 't>(
        &mut self,
        samples: Samples<'_, N::Input>,
        target: impl Fn(usize) -> Option<&'t T>,
    ) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T>,
    {
        let x = match samples {
            Samples::Given(x) => x,
            Samples::Gathered(count) => front(&self.x, count),
        };
        let (y, dy) = (front_mut(&mut self.y, x.len()), front_mut(&mut self.dy, x.len()));
        self.net.forward::<BATCH>(x, y, &mut self.trace, Mode::Train(&mut self.rng));
        let share = 1.0 / x.len() as f32;
        let mut loss = 0.0;
        for (i, (y, dy)) in y.iter().zip(dy.iter_mut()).enumerate() {
            if let Some(target) = target(i) {
                loss += self.loss.gradient(y, target, share, dy);
            }
        }
        loss *= share;
        if !loss.is_finite() {
            return Err(Error::NonFiniteLoss { loss });
        }
        self.net.backward::<BATCH>(x, y, &mut self.trace, dy, None);
        self.optimizer.begin_step();
        let (grad, state) = (&mut self.grad, &mut self.state);
        G::step::<N, O, BATCH>(&mut self.net, x, &self.trace, dy, grad, state, &self.optimizer);
        Ok(loss)
    }

    /// Trains on a data set. Gives the last epoch.
    ///
    /// # Errors
    /// As [`Trainer::step`]; a loss that is not finite ends the training, with the weights of the step before.
    pub fn fit<T>(&mut self, x: &[N::Input], targets: &[T], fit: &Fit) -> Result<Epoch, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.fit_with(x, targets, fit, |_, _| ControlFlow::Continue(()))
    }

    /// As [`Trainer::fit`], with a callback at the end of each epoch, which may end the training.
    ///
    /// # Errors
    /// As [`Trainer::fit`].
    pub fn fit_with<T>(
        &mut self,
        x: &[N::Input],
        targets: &[T],
        fit: &Fit,
        mut callback: impl FnMut(&mut Self, &Epoch) -> ControlFlow<()>,
    ) -> Result<Epoch, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.check(x, targets, fit.batch_size)?;
        let mut epoch = Epoch { number: 0, loss: f32::NAN };
        for number in 0..fit.epochs {
            epoch = Epoch { number, loss: self.epoch(x, targets, fit)? };
            if callback(self, &epoch).is_break() {
                break;
            }
        }
        Ok(epoch)
    }

    /// Once through the data. Gives the mean loss.
    fn epoch<T>(&mut self, x: &[N::Input], targets: &[T], fit: &Fit) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T>,
    {
        let order = fit.shuffle.then(|| Permutation::new(x.len(), &mut self.rng));
        let place = |i| order.as_ref().map_or(i, |order| order.at(i));
        let mut total = 0.0;
        let mut start = 0;
        while start < x.len() {
            let count = fit.batch_size.min(x.len() - start);
            let samples = if order.is_none() {
                Samples::Given(x.get(start..start + count).unwrap_or_default())
            } else {
                for (i, slot) in front_mut(&mut self.x, count).iter_mut().enumerate() {
                    if let Some(x) = x.get(place(start + i)) {
                        *slot = *x;
                    }
                }
                Samples::Gathered(count)
            };
            total += self.step_on(samples, |i| targets.get(place(start + i)))? * count as f32;
            start += count;
        }
        Ok(total / x.len() as f32)
    }

    /// The outputs for some inputs.
    pub fn predict<const M: usize>(&mut self, x: &[N::Input; M]) -> [Output<N>; M] {
        let mut y = [Zero::ZERO; M];
        self.predict_into(x, &mut y);
        y
    }

    /// The outputs for some inputs, as many as both slices have.
    pub fn predict_into(&mut self, x: &[N::Input], y: &mut [Output<N>]) {
        for (x, y) in x.chunks(BATCH.max(1)).zip(y.chunks_mut(BATCH.max(1))) {
            let count = x.len().min(y.len());
            let (x, y) = (front(x, count), front_mut(y, count));
            self.net.forward::<BATCH>(x, y, &mut self.trace, Mode::Infer);
        }
    }

    /// The mean loss over a data set; `metric` sees every sample. Several metrics are a tuple, none is `()`.
    ///
    /// # Errors
    /// An empty data set, unequal numbers of samples and targets, a class without output.
    ///
    /// ```
    /// use baregrad::prelude::*;
    /// let mut model = Trainer::<Dense<2, 3>, SparseCategoricalCrossEntropy<Logits>, Sgd>::new(&mut Sfc32::NEW.clone());
    /// let mut accuracy = CategoricalAccuracy::new();
    /// let loss = model.evaluate(&[[1.0, 2.0], [3.0, 4.0]], &[0_u8, 2], &mut accuracy)?;
    /// println!("loss {loss}, accuracy {}", accuracy.value());
    /// # Ok::<(), baregrad::Error>(())
    /// ```
    pub fn evaluate<T>(
        &mut self,
        x: &[N::Input],
        targets: &[T],
        metric: &mut impl Metric<Output<N>, T>,
    ) -> Result<f32, Error>
    where
        L: Loss<Output<N>, T>,
    {
        self.check(x, targets, 1)?;
        let mut total = 0.0;
        for (x, targets) in x.chunks(BATCH).zip(targets.chunks(BATCH)) {
            let y = front_mut(&mut self.y, x.len());
            self.net.forward::<BATCH>(x, y, &mut self.trace, Mode::Infer);
            for (y, target) in y.iter().zip(targets) {
                total += self.loss.value(y, target);
                metric.add(y, target);
            }
        }
        Ok(total / x.len() as f32)
    }

    /// Layers, shapes, parameters and bytes.
    pub fn summary(&self) -> Summary<N> {
        Summary::with_training(size_of::<Self>())
    }

    /// Whether data fit each other, the net and the capacity.
    fn check<T>(&self, x: &[N::Input], targets: &[T], batch_size: usize) -> Result<(), Error>
    where
        L: Loss<Output<N>, T>,
    {
        if x.len() != targets.len() {
            return Err(Error::LengthMismatch { samples: x.len(), targets: targets.len() });
        }
        if x.is_empty() {
            return Err(Error::Empty);
        }
        if batch_size == 0 || batch_size > BATCH {
            return Err(Error::BatchSize { batch_size, capacity: BATCH });
        }
        for (sample, target) in targets.iter().enumerate() {
            if let Err(class) = self.loss.check(target) {
                let classes = <Output<N> as crate::buffer::Buffer>::LEN;
                return Err(Error::ClassOutOfRange { sample, class, classes });
            }
        }
        Ok(())
    }
}

/// The samples of a step: a slice of the data, or so many gathered in the trainer.
enum Samples<'a, X> {
    Given(&'a [X]),
    Gathered(usize),
}

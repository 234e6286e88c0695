use super::twin::Quantizable;
use super::{MinMax, Quantization, Statistic};
use crate::net::Network;
use crate::tensor::Zero;

/// Makes the int8 net of a float net, from the numbers that its layers give for some samples (post-training quantization).
///
/// It infers one sample at a time, and keeps the output of each layer of one sample, and a [`Statistic`] per output. On a device
/// it lies in a `static`.
///
/// ```
/// use baregrad::int8::{Calibration, Int8, Layer, Memory};
/// use baregrad::prelude::*;
/// type Net = chain![Dense<2, 8, Relu>, Dense<8, 1>];
/// let mut net = Net::NEW;
/// net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
///
/// let samples = [[0.5, -1.0], [1.0, 0.25], [-0.5, 0.75]];
/// let mut calibration = Calibration::<Net>::new();
/// for x in &samples {
///     calibration.observe(&net, x);
/// }
/// let int8 = calibration.int8(&net);
///
/// let mut memory = Memory::<Int8<Net>, { <Int8<Net>>::ARENA }>::NEW;
/// let (mut y, mut scratch) = ([0.0], [0.0; Net::SCRATCH]);
/// for x in &samples {
///     net.infer_one(x, &mut y, &mut scratch);
///     int8.input(&mut memory).set(x);
///     assert!((int8.infer(&mut memory).numbers()[0] - y[0]).abs() < 0.02);
/// }
/// ```
///
/// A net that loses too much can be trained further in int8: [`Calibration::aware`].
pub struct Calibration<N: Network + Quantizable<N::Input>, S: Statistic = MinMax> {
    input: S,
    ranges: N::Ranges<S>,
    between: N::Between,
    y: N::Y,
}

/// The int8 net of a float net.
pub type Int8<N> = <N as Quantizable<<N as Network>::Input>>::Int8;

/// The float net `N` for quantization-aware training.
pub type Aware<N> = <N as Quantizable<<N as Network>::Input>>::Aware;

impl<N: Network + Quantizable<N::Input>, S: Statistic> Calibration<N, S> {
    /// A calibration that has seen no samples.
    #[expect(clippy::new_without_default, reason = "it is large, and lies in a static")]
    pub fn new() -> Self {
        Calibration { input: S::NEW, ranges: N::ranges(), between: Zero::ZERO, y: Zero::ZERO }
    }

    /// Infers a sample, and looks at the output of each layer.
    pub fn observe(&mut self, net: &N, x: &N::Input) {
        self.input.see(crate::tensor::Tensor::flat(x));
        net.observe(x, &mut self.y, &mut self.between, &mut self.ranges);
    }

    /// Returns the scale and zero point of the input.
    pub fn input(&self) -> Quantization {
        Quantization::of_range(self.input.range())
    }

    /// Returns the int8 net.
    pub fn int8(&self, net: &N) -> Int8<N> {
        net.int8(self.input(), &self.ranges)
    }

    /// Returns the net for quantization-aware training: a net of [`FakeInt8`](super::FakeInt8) layers, which learns as any net does. Its
    /// forward pass gives the bits of the int8 net that [`int8_of_aware`] makes of it.
    ///
    /// ```
    /// use baregrad::int8::{Aware, Calibration, int8_of_aware};
    /// use baregrad::prelude::*;
    /// type Net = chain![Dense<2, 8, Relu>, Dense<8, 1>];
    /// let mut calibration = Calibration::<Net>::new();
    /// let net = Net::NEW;
    /// calibration.observe(&net, &[1.0, -1.0]);
    /// let mut model = Trainer::<Aware<Net>, MeanSquaredError, Adam>::new(&mut Sfc32::seed_from_u64(1));
    /// model.net = calibration.aware(&net);
    /// model.step(&[[0.5, 1.0]], &[[1.0]])?;
    /// let int8 = int8_of_aware::<Net>(&model.net);
    /// # let _ = int8;
    /// # Ok::<(), Error>(())
    /// ```
    pub fn aware(&self, net: &N) -> Aware<N> {
        net.aware(self.input(), &self.ranges)
    }
}

/// Returns the int8 net that a net for quantization-aware training computes.
pub fn int8_of_aware<N: Network + Quantizable<N::Input>>(aware: &Aware<N>) -> Int8<N> {
    N::of_aware(aware, N::input_of(aware).unwrap_or(Quantization { scale: 1.0, zero_point: 0 }))
}

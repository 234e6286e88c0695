use super::{Int8, Layer, Memory, Observe, Quantizable, Quantization};
use crate::kernels::int8::activation;
use crate::net::Network;
use crate::tensor::Zero;

/// What quantization costs, operator by operator: the power of each output of a float net, and of its difference to the output
/// of the int8 net. The operator where the ratio falls is the one to keep in float, or to train in int8.
///
/// ```
/// use baregrad::int8::{Calibration, Int8, Layer, Memory, SignalToNoise};
/// use baregrad::prelude::*;
/// type Net = chain![Dense<2, 8, Relu>, Dense<8, 1>];
/// let mut net = Net::NEW;
/// net.init(&GlorotUniform, &mut Sfc32::seed_from_u64(1));
/// let samples = [[0.5, -1.0], [1.0, 0.25], [-0.5, 0.75]];
/// let mut calibration = Calibration::<Net>::new();
/// samples.iter().for_each(|x| calibration.observe(&net, x));
/// let int8 = calibration.int8(&net);
///
/// let mut memory = Memory::<Int8<Net>, { <Int8<Net>>::ARENA }>::NEW;
/// let mut report = SignalToNoise::<Net, { <Int8<Net>>::OPERATORS }>::new();
/// samples.iter().for_each(|x| report.observe(&net, &int8, &mut memory, x));
/// for operator in 0..2 {
///     assert!(report.decibels(operator) > 30.0);
/// }
/// ```
pub struct SignalToNoise<N: Network + Quantizable<N::Input>, const OPERATORS: usize> {
    floats: (N::Between, N::Y),
    powers: [[f64; 2]; OPERATORS],
}

impl<N: Network + Quantizable<N::Input>, const OPERATORS: usize> SignalToNoise<N, OPERATORS> {
    /// A report of no samples.
    #[expect(clippy::new_without_default, reason = "it is large, and lies in a static")]
    pub const fn new() -> Self {
        const { assert!(OPERATORS == Int8::<N>::OPERATORS, "the report has another number of operators than the int8 net") };
        SignalToNoise { floats: (Zero::ZERO, Zero::ZERO), powers: [[0.0; 2]; OPERATORS] }
    }

    /// Infers a sample with both nets, and compares the outputs.
    pub fn observe<const M: usize>(&mut self, net: &N, int8: &Int8<N>, memory: &mut Memory<Int8<N>, M>, x: &N::Input) {
        let (between, y) = &mut self.floats;
        net.observe::<()>(x, y, between, &mut N::ranges());
        int8.input(memory).set_numbers(crate::tensor::Tensor::flat(x));
        int8.infer_observed(memory, self);
    }

    /// Returns 10 · log₁₀ of the ratio of signal and noise of an operator's output. It is infinite without noise, and NaN for
    /// an operator that is not there, or whose output no float layer has.
    pub fn decibels(&self, operator: usize) -> f32 {
        self.powers.get(operator).map_or(f32::NAN, |[signal, noise]| 10.0 * libm::log10f((signal / noise) as f32))
    }
}

impl<N: Network + Quantizable<N::Input>, const OPERATORS: usize> Observe for SignalToNoise<N, OPERATORS> {
    fn row(&mut self, operator: usize, row: usize, bytes: &[u8], of: Quantization) {
        let (between, y) = &self.floats;
        let floats = N::float_output(operator, between, y).and_then(|y| y.get(row * bytes.len()..));
        if let (Some(floats), Some([signal, noise])) = (floats, self.powers.get_mut(operator)) {
            for (float, byte) in floats.iter().zip(bytes) {
                let difference = of.number(activation(*byte)) - float;
                *signal += f64::from(float * float);
                *noise += f64::from(difference * difference);
            }
        }
    }
}

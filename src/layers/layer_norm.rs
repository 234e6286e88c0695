use crate::kernels::lanes::NATIVE;
use crate::kernels::norm;
use crate::net::{Backward, Layer, Mode, Network, Stepwise};
use crate::tensor::{Architecture, Sink, Sinks, Want, front, front_mut};
use crate::{leaf, params};

/// `y = (x − mean) / √(variance + ε) · gamma + beta`, with the mean and the (biased) variance of the sample (Ba et al.
/// 2016): Keras' `LayerNormalization`.
///
/// ε is 1e-3, as in Keras; PyTorch's is 1e-5.
pub struct LayerNorm<const N: usize> {
    /// Gain.
    pub gamma: [f32; N],
    /// Offset.
    pub beta: [f32; N],
    /// Added to the variance.
    pub epsilon: f32,
}

params! {
    [const N: usize] LayerNorm<N>, "LayerNormalization", Architecture::layer("layer_norm").size(N).end();
    trained gamma: [f32; N] = [1.0; N];
    trained beta: [f32; N] = [0.0; N];
    fixed epsilon = 1e-3;
}

impl<const N: usize> Layer<[f32; N]> for LayerNorm<N> {
    type Y = [f32; N];
    /// Mean and 1 / √(variance + ε) of each sample.
    type Trace<const B: usize, W: Want> = [[f32; 2]; B];
    leaf!([f32; N], "LayerNorm");

    #[inline(always)]
    fn infer(&self, x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [f32]) {
        for (x, y) in x.iter().zip(y) {
            norm::normalise(x, norm::statistics(x, self.epsilon), &self.gamma, &self.beta, y);
        }
    }

    #[inline(always)]
    fn forward<const B: usize, W: Want>(
        &self,
        x: &[[f32; N]],
        y: &mut [[f32; N]],
        trace: &mut [[f32; 2]; B],
        _: Mode<'_>,
    ) {
        for ((x, y), kept) in x.iter().zip(y).zip(front_mut(trace, x.len())) {
            *kept = norm::statistics(x, self.epsilon);
            norm::normalise(x, *kept, &self.gamma, &self.beta, y);
        }
    }
}

impl<const N: usize> Backward<[f32; N]> for LayerNorm<N> {
    #[inline(always)]
    fn backward<const B: usize, W: Want>(
        &self,
        x: &[[f32; N]],
        _: &[[f32; N]],
        trace: &mut [[f32; 2]; B],
        dy: &mut [[f32; N]],
        dx: Option<&mut [[f32; N]]>,
    ) {
        for (((x, dy), dx), kept) in x.iter().zip(dy).zip(dx.unwrap_or_default()).zip(trace) {
            norm::input_gradient(x, *kept, &self.gamma, dy, dx);
        }
    }

    #[inline(always)]
    fn gradient<const B: usize, W: Want, S: Sinks>(
        x: &[[f32; N]],
        _: &[[f32; N]],
        trace: &[[f32; 2]; B],
        dy: &[[f32; N]],
        (gamma, beta): &mut Self::To<S>,
    ) {
        // A few numbers at a time, so that they need little stack.
        let mut start = 0;
        while start < N {
            let part = start..N.min(start + PIECE);
            let (mut d_gamma, mut d_beta) = ([0.0; PIECE], [0.0; PIECE]);
            for ((x, dy), kept) in x.iter().zip(dy).zip(front(trace, x.len())) {
                let (x, dy) = (x.get(part.clone()), dy.get(part.clone()));
                norm::weight_gradient(x.unwrap_or_default(), *kept, dy.unwrap_or_default(), &mut d_gamma, &mut d_beta);
            }
            gamma.add(start, d_gamma.get(..part.len()).unwrap_or_default().into());
            beta.add(start, d_beta.get(..part.len()).unwrap_or_default().into());
            start += PIECE;
        }
    }
}

/// Number of gradients that are computed at a time.
const PIECE: usize = if NATIVE == 1 { 8 } else { 64 };

impl<const N: usize> Network for LayerNorm<N> {
    type Input = [f32; N];
}

impl<const N: usize> Stepwise for LayerNorm<N> {}

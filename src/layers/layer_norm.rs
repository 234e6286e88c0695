use crate::kernels::norm;
use crate::net::LayerInfo;
use crate::net::{Layer, Mode, Network};
use crate::optimizers::{MomentsOf, Optimizer, update};
use crate::tensor::Architecture;
use crate::tensor::from_bytes::{Place, Stored, read};
use crate::tensor::init::Initializer;
use crate::tensor::{Params, TensorName};
use crate::tensor::{Window, update_aside};
use crate::tensor::{front, front_mut};
use rand_core::Rng;

/// `y = (x − mean) / √(variance + ε) · gamma + beta`, mean and (biased) variance over the sample (Ba et al. 2016).
///
/// ε is Keras' 1e-3; PyTorch's is 1e-5.
pub struct LayerNorm<const N: usize> {
    /// Gain.
    pub gamma: [f32; N],
    /// Offset.
    pub beta: [f32; N],
    /// Added to the variance.
    pub epsilon: f32,
}

impl<const N: usize> LayerNorm<N> {
    fn tensor(layer: usize, tensor: &'static str) -> TensorName {
        TensorName { layer, kind: "LayerNormalization", tensor, shape: &[N] }
    }
}

impl<const N: usize> Params for LayerNorm<N> {
    const NEW: Self = LayerNorm { gamma: [1.0; N], beta: [0.0; N], epsilon: 1e-3 };
    const COUNT: usize = 2 * N;
    const TRAINABLE: usize = 2 * N;
    const ARCHITECTURE: Architecture = Architecture::layer("layer_norm").size(N).end();
    /// Of the gain, and of the offset.
    type Grad = ([f32; N], [f32; N]);
    type State<O: Optimizer> = (MomentsOf<O, [f32; N]>, MomentsOf<O, [f32; N]>);

    fn init<I: Initializer, R: Rng + ?Sized>(&mut self, _: &I, _: &mut R) {
        self.gamma = [1.0; N];
        self.beta = [0.0; N];
    }

    #[inline(always)]
    fn apply<O: Optimizer>(&mut self, grad: &Self::Grad, state: &mut Self::State<O>, optimizer: &O) {
        update(optimizer, &mut self.gamma, 0, &grad.0, &mut state.0);
        update(optimizer, &mut self.beta, 0, &grad.1, &mut state.1);
    }

    fn apply_aside<O: Optimizer>(
        &self,
        grad: &mut Self::Grad,
        state: &mut Self::State<O>,
        optimizer: &O,
        window: &mut Window,
    ) {
        update_aside(optimizer, &self.gamma, &mut grad.0, &mut state.0, window);
        update_aside(optimizer, &self.beta, &mut grad.1, &mut state.1, window);
    }

    fn tensors(&self, first: usize, visit: &mut dyn FnMut(TensorName, &[f32])) {
        visit(Self::tensor(first, "gamma"), &self.gamma);
        visit(Self::tensor(first, "beta"), &self.beta);
    }

    fn tensors_mut(&mut self, first: usize, visit: &mut dyn FnMut(TensorName, &mut [f32])) {
        visit(Self::tensor(first, "gamma"), &mut self.gamma);
        visit(Self::tensor(first, "beta"), &mut self.beta);
    }
}

impl<P: Place, const N: usize> Stored<P> for LayerNorm<N> {
    const STORED: Self = {
        let mut layer = Self::NEW;
        let rest = read(&mut layer.gamma, P::BYTES);
        read(&mut layer.beta, rest);
        layer
    };
}

impl<const N: usize> Layer<[f32; N]> for LayerNorm<N> {
    type Y = [f32; N];
    /// Mean and 1 / √(variance + ε) of each sample.
    type Trace<const B: usize> = [[f32; 2]; B];
    const WORK: usize = 0;

    #[inline(always)]
    fn infer(&self, x: &[[f32; N]], y: &mut [[f32; N]], _: &mut [f32]) {
        for (x, y) in x.iter().zip(y) {
            let [mean, scale] = norm::statistics(x, self.epsilon);
            norm::normalise(x, mean, scale, &self.gamma, &self.beta, y);
        }
    }

    #[inline(always)]
    fn forward<const B: usize>(&self, x: &[[f32; N]], y: &mut [[f32; N]], trace: &mut [[f32; 2]; B], _: Mode<'_>) {
        for ((x, y), kept) in x.iter().zip(y).zip(front_mut(trace, x.len())) {
            *kept = norm::statistics(x, self.epsilon);
            norm::normalise(x, kept[0], kept[1], &self.gamma, &self.beta, y);
        }
    }

    #[inline(always)]
    fn backward<const B: usize>(
        &self,
        x: &[[f32; N]],
        _: &[[f32; N]],
        trace: &mut [[f32; 2]; B],
        dy: &mut [[f32; N]],
        dx: Option<&mut [[f32; N]]>,
    ) {
        let Some(dx) = dx else { return };
        for (((x, dy), dx), kept) in x.iter().zip(dy).zip(dx).zip(trace) {
            norm::input_gradient(x, kept[0], kept[1], &self.gamma, dy, dx);
        }
    }

    #[inline(always)]
    fn gradient<const B: usize>(&self, x: &[[f32; N]], trace: &[[f32; 2]; B], dy: &[[f32; N]], grad: &mut Self::Grad) {
        for ((x, dy), kept) in x.iter().zip(dy).zip(front(trace, x.len())) {
            norm::weight_gradient(x, kept[0], kept[1], dy, &mut grad.0, &mut grad.1);
        }
    }

    fn describe(visit: &mut dyn FnMut(LayerInfo)) {
        visit(LayerInfo::of::<Self, [f32; N]>("LayerNorm", ""));
    }
}

impl<const N: usize> Network for LayerNorm<N> {
    type Input = [f32; N];
}

//! A sample holds its places one after another, each with `channels` numbers.

use super::{Pass, Twin, Weights, activate_places, of_each};
use baregrad::activations::Activation;
use baregrad::layers::{self, Channels};

impl<X: Channels<C>, const C: usize, A: Activation> Twin<X> for layers::BatchNorm<C, A> {
    fn twin(&self, weights: &mut Weights<'_>, x: &[Vec<f64>], pass: &mut Pass) -> Vec<Vec<f64>> {
        let mut next = |tensor| weights.of(tensor).to_vec();
        let (gamma, beta) = (next(&self.gamma), next(&self.beta));
        let (mean, variance) = (next(&self.mean), next(&self.variance));
        let place_of_mean = weights.taken() - 2 * C;
        let mut layer = BatchNorm { gamma, beta, mean, variance, epsilon: f64::from(self.epsilon) };
        let z = if pass.rng.is_some() { layer.train(x) } else { layer.infer(x) };
        if pass.rng.is_some() {
            let momentum = f64::from(self.momentum);
            layer.settle(
                x,
                if self.unbiased { Follow::Torch { momentum: 1.0 - momentum } } else { Follow::Keras { momentum } },
            );
            pass.settled.push((place_of_mean, [layer.mean, layer.variance].concat()));
        }
        of_each(&z, &|z| activate_places(A::NAME, z, C))
    }
}

/// How moving values follow the batches.
#[derive(Clone, Copy)]
pub enum Follow {
    /// `moving · momentum + batch · (1 − momentum)`, with the biased variance.
    Keras { momentum: f64 },
    /// `moving · (1 − momentum) + batch · momentum`, with the unbiased variance.
    Torch { momentum: f64 },
}

/// The layer.
#[derive(Clone)]
pub struct BatchNorm {
    pub gamma: Vec<f64>,
    pub beta: Vec<f64>,
    /// Moving mean.
    pub mean: Vec<f64>,
    /// Moving variance.
    pub variance: Vec<f64>,
    pub epsilon: f64,
}

impl BatchNorm {
    /// Output in inference: normalised by the moving values.
    pub fn infer(&self, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
        self.normalise(x, &self.mean, &self.variance)
    }

    /// Output in training: normalised by the values of the batch.
    pub fn train(&self, x: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let (mean, variance) = statistics(x, self.gamma.len());
        self.normalise(x, &mean, &variance)
    }

    /// New moving values after a batch.
    pub fn settle(&mut self, x: &[Vec<f64>], follow: Follow) {
        let channels = self.gamma.len();
        let rows = (x.iter().map(Vec::len).sum::<usize>() / channels) as f64;
        let (mean, variance) = statistics(x, channels);
        let (share, correction) = match follow {
            Follow::Keras { momentum } => (1.0 - momentum, 1.0),
            Follow::Torch { momentum } => (momentum, rows / (rows - 1.0)),
        };
        for c in 0..channels {
            self.mean[c] = (1.0 - share) * self.mean[c] + share * mean[c];
            self.variance[c] = (1.0 - share) * self.variance[c] + share * variance[c] * correction;
        }
    }

    fn normalise(&self, x: &[Vec<f64>], mean: &[f64], variance: &[f64]) -> Vec<Vec<f64>> {
        let channels = self.gamma.len();
        let mut y = x.to_vec();
        for y in &mut y {
            for (i, y) in y.iter_mut().enumerate() {
                let c = i % channels;
                *y = (*y - mean[c]) / (variance[c] + self.epsilon).sqrt() * self.gamma[c] + self.beta[c];
            }
        }
        y
    }
}

/// Mean and biased variance of each channel, over all places of all samples.
pub fn statistics(x: &[Vec<f64>], channels: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut means, mut variances) = (Vec::new(), Vec::new());
    for c in 0..channels {
        let values: Vec<f64> = x.iter().flat_map(|x| x.iter().skip(c).step_by(channels)).copied().collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        variances.push(values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / values.len() as f64);
        means.push(mean);
    }
    (means, variances)
}

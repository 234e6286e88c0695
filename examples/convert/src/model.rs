//! A net whose layers are known at run time only: what is read from files, and written to them.

use crate::activation::Activation;
use crate::error::Error;
use baregrad::{Architecture, Params};

/// Layers one after another.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Numbers that it takes.
    pub inputs: usize,
    /// Its layers.
    pub layers: Vec<Layer>,
}

/// A layer of baregrad. Tensors are flat, in C order.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// `Dense<I, O, A>`
    Dense {
        /// Number of inputs.
        inputs: usize,
        /// Number of outputs.
        outputs: usize,
        /// What is applied to the sums.
        activation: Activation,
        /// Weights, `[in][out]`.
        w: Vec<f32>,
        /// Biases.
        b: Vec<f32>,
    },
    /// `Activate<A>`
    Activate(Activation),
    /// `LayerNorm<N>`
    LayerNorm {
        /// Added to the variance.
        epsilon: f32,
        /// Gain.
        gamma: Vec<f32>,
        /// Offset.
        beta: Vec<f32>,
    },
    /// `Dropout<PERCENT>`
    Dropout(u32),
}

/// A tensor of a [`Model`].
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor<'a> {
    /// Number of its layer, from 0.
    pub layer: usize,
    /// Keras' name of the layer, such as `Dense`.
    pub kind: &'static str,
    /// Its name in the layer: `w`, `b`, `gamma`, `beta`.
    pub tensor: &'static str,
    /// Its length along each axis.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub values: &'a [f32],
}

impl Layer {
    fn outputs(&self, inputs: usize) -> usize {
        match self {
            Layer::Dense { outputs, .. } => *outputs,
            _ => inputs,
        }
    }
}

impl Model {
    /// Without layers.
    pub fn new(inputs: usize) -> Self {
        Model { inputs, layers: Vec::new() }
    }

    /// Numbers that it gives.
    pub fn outputs(&self) -> usize {
        self.layers.iter().fold(self.inputs, |inputs, layer| layer.outputs(inputs))
    }

    /// Puts a layer behind the others; `at` is its name for errors. An activation goes into the `Dense` before it, and a
    /// linear one nowhere.
    pub(crate) fn push(&mut self, at: &str, layer: Layer) -> Result<(), Error> {
        let found = self.outputs();
        let takes = |needed: usize| match needed == found {
            true => Ok(()),
            false => Err(Error::Width { at: at.into(), found, needed }),
        };
        match &layer {
            Layer::Dense { inputs, outputs, w, b, .. } => {
                takes(*inputs)?;
                debug_assert_eq!((w.len(), b.len()), (inputs * outputs, *outputs));
            }
            Layer::LayerNorm { gamma, beta, .. } => {
                takes(gamma.len())?;
                debug_assert_eq!(gamma.len(), beta.len());
            }
            Layer::Activate(Activation::Linear) => return Ok(()),
            Layer::Activate(next) => {
                if let Some(Layer::Dense { activation, .. }) = self.layers.last_mut()
                    && *activation == Activation::Linear
                {
                    *activation = *next;
                    return Ok(());
                }
            }
            Layer::Dropout(_) => {}
        }
        self.layers.push(layer);
        Ok(())
    }

    /// The lines whose fingerprint is [`Params::ARCHITECTURE`].
    pub fn architecture(&self) -> String {
        let line = |layer: &Layer| match layer {
            Layer::Dense { inputs, outputs, activation, .. } => {
                format!("dense {inputs} {outputs} {}\n", activation.name())
            }
            Layer::Activate(activation) => format!("activation {}\n", activation.name()),
            Layer::LayerNorm { gamma, .. } => format!("layer_norm {}\n", gamma.len()),
            Layer::Dropout(_) => String::new(),
        };
        self.layers.iter().map(line).collect()
    }

    /// Its fingerprint, that of `chain![…]`.
    pub fn fingerprint(&self) -> u64 {
        Architecture::NONE.text(&self.architecture()).fingerprint()
    }

    /// All tensors, in the order of [`Params::tensors`].
    pub fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut tensors = Vec::new();
        for (layer, of) in self.layers.iter().enumerate() {
            let mut tensor = |kind, tensor, shape, values| tensors.push(Tensor { layer, kind, tensor, shape, values });
            match of {
                Layer::Dense { inputs, outputs, w, b, .. } => {
                    tensor("Dense", "w", vec![*inputs, *outputs], w);
                    tensor("Dense", "b", vec![*outputs], b);
                }
                Layer::LayerNorm { gamma, beta, .. } => {
                    tensor("LayerNormalization", "gamma", vec![gamma.len()], gamma);
                    tensor("LayerNormalization", "beta", vec![beta.len()], beta);
                }
                Layer::Activate(_) | Layer::Dropout(_) => {}
            }
        }
        tensors
    }

    /// The same, to change the numbers.
    pub(crate) fn values_mut(&mut self) -> Vec<&mut Vec<f32>> {
        let mut all = Vec::new();
        for layer in &mut self.layers {
            match layer {
                Layer::Dense { w, b, .. } => all.extend([w, b]),
                Layer::LayerNorm { gamma, beta, .. } => all.extend([gamma, beta]),
                Layer::Activate(_) | Layer::Dropout(_) => {}
            }
        }
        all
    }

    /// Copies the weights into a net of the same layers.
    ///
    /// What is no tensor belongs to the net's own type and fields: slopes, rates, and the ε of `LayerNorm`.
    ///
    /// # Errors
    /// The net has other layers, by its fingerprint or by the shapes of its tensors; it is then as it was.
    pub fn load_into<N: Params>(&self, net: &mut N) -> Result<(), Error> {
        let tensors = self.tensors();
        let mut rest = tensors.iter();
        let mut same = N::ARCHITECTURE.fingerprint() == self.fingerprint();
        net.tensors(0, &mut |name, _| same &= rest.next().is_some_and(|tensor| tensor.shape == name.shape));
        if !same || rest.next().is_some() {
            return Err(Error::Architecture { found: self.architecture() });
        }
        let mut rest = tensors.iter();
        net.tensors_mut(0, &mut |_, values| {
            if let Some(tensor) = rest.next() {
                values.copy_from_slice(tensor.values);
            }
        });
        Ok(())
    }
}

/// Room for tensors that a file implies without having them, such as a bias of zeros: as many floats as the file has bytes.
pub(crate) struct Room {
    left: usize,
    bound: usize,
}

impl Room {
    pub fn of_file(bytes: usize) -> Self {
        Room { left: bytes, bound: bytes }
    }

    /// `count` times `value`, for the layer `at`.
    pub fn fill(&mut self, at: &str, value: f32, count: Option<usize>) -> Result<Vec<f32>, Error> {
        match count.and_then(|count| Some((count, self.left.checked_sub(count)?))) {
            Some((count, left)) => {
                self.left = left;
                Ok(vec![value; count])
            }
            None => {
                let declared = count.unwrap_or(usize::MAX).saturating_mul(4) as u64;
                Err(Error::TooLarge { at: at.into(), declared, bound: 4 * self.bound as u64 })
            }
        }
    }
}

/// The shape of `size` numbers, with −1 for the length that follows from the others.
pub(crate) fn reshaped(size: usize, lengths: &[i64]) -> Option<Vec<usize>> {
    let mut known = lengths.iter().filter(|length| **length != -1);
    let known = known.try_fold(1_usize, |product, length| product.checked_mul(usize::try_from(*length).ok()?))?;
    let open = lengths.iter().filter(|length| **length == -1).count();
    let fits = match open {
        0 => known == size,
        1 => known > 0 && size.is_multiple_of(known),
        _ => false,
    };
    let length = |length: &i64| if *length == -1 { size / known } else { *length as usize };
    fits.then(|| lengths.iter().map(length).collect())
}

#[cfg(test)]
mod tests {
    use super::{Error, Layer, Model};
    use baregrad::prelude::*;

    fn dense(inputs: usize, outputs: usize) -> Layer {
        let (w, b) = ((0..inputs * outputs).map(|i| i as f32).collect(), vec![0.5; outputs]);
        Layer::Dense { inputs, outputs, activation: crate::Activation::Linear, w, b }
    }

    fn model() -> Model {
        let mut model = Model::new(3);
        model.push("first", dense(3, 2)).unwrap();
        model.push("relu", Layer::Activate(crate::Activation::Relu)).unwrap();
        model.push("none", Layer::Activate(crate::Activation::Linear)).unwrap();
        model.push("tanh", Layer::Activate(crate::Activation::Tanh)).unwrap();
        model.push("drop", Layer::Dropout(10)).unwrap();
        model.push("norm", Layer::LayerNorm { epsilon: 0.1, gamma: vec![2.0; 2], beta: vec![3.0; 2] }).unwrap();
        model
    }

    #[test]
    fn is_that_of_a_type() {
        type Net = chain![Dense<3, 2, Relu>, Activate<Tanh>, Dropout<10>, LayerNorm<2>];
        let mut net = Net::NEW;
        model().load_into(&mut net).unwrap();
        assert_eq!(net.0.w, [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]);
        assert_eq!((net.0.b, net.1.1.1.gamma, net.1.1.1.beta), ([0.5; 2], [2.0; 2], [3.0; 2]));
        let mut names = Vec::new();
        net.tensors(0, &mut |name, _| names.push((name.layer, name.kind, name.tensor, name.shape.to_vec())));
        let own: Vec<_> = model().tensors().iter().map(|t| (t.layer, t.kind, t.tensor, t.shape.clone())).collect();
        assert_eq!(own, names);
    }

    #[test]
    fn other_nets_stay_as_they_are() {
        type Net = chain![Dense<3, 2, Tanh>, Activate<Tanh>, LayerNorm<2>];
        let mut net = Net::NEW;
        let error = model().load_into(&mut net).unwrap_err();
        assert!(matches!(&error, Error::Architecture { found } if found.starts_with("dense 3 2 relu\n")), "{error}");
        assert_eq!(net.0.w, [[0.0; 2]; 3]);
    }

    #[test]
    fn widths_must_agree() {
        let error = model().push("last", dense(3, 1)).unwrap_err();
        assert_eq!(error.to_string(), "last takes 3 inputs, but gets 2");
    }
}

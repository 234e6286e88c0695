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
    /// `Rescale<N>`: (x − offset) · scale
    Rescale {
        /// Subtracted from each number.
        offset: Vec<f32>,
        /// The factor of each difference.
        scale: Vec<f32>,
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
    /// Numbers that it takes, if its type says so.
    pub(crate) fn inputs(&self) -> Option<usize> {
        match self {
            Layer::Dense { inputs, .. } => Some(*inputs),
            Layer::LayerNorm { gamma: row, .. } | Layer::Rescale { offset: row, .. } => Some(row.len()),
            Layer::Activate(_) | Layer::Dropout(_) => None,
        }
    }

    /// Numbers that it gives, if its type says so.
    pub(crate) fn outputs(&self) -> Option<usize> {
        match self {
            Layer::Dense { outputs, .. } => Some(*outputs),
            _ => self.inputs(),
        }
    }

    /// Its line in the text of [`Params::ARCHITECTURE`].
    fn line(&self) -> String {
        match self {
            Layer::Dense { inputs, outputs, activation, .. } => {
                format!("dense {inputs} {outputs} {}\n", activation.text())
            }
            Layer::Activate(activation) => format!("activation {}\n", activation.text()),
            Layer::LayerNorm { gamma, .. } => format!("layer_norm {}\n", gamma.len()),
            Layer::Rescale { offset, .. } => format!("rescale {}\n", offset.len()),
            Layer::Dropout(_) => String::new(),
        }
    }

    /// Its word in the table of a file, if it has a line.
    pub(crate) fn row(&self) -> Option<u32> {
        Architecture::NONE.text(&self.line()).row()
    }

    /// Its tensors as the layer of this number, in the order of [`Params::tensors`].
    pub(crate) fn tensors(&self, layer: usize) -> Vec<Tensor<'_>> {
        let tensor = |kind, tensor, shape, values| Tensor { layer, kind, tensor, shape, values };
        match self {
            Layer::Dense { inputs, outputs, w, b, .. } => {
                vec![tensor("Dense", "w", vec![*inputs, *outputs], w), tensor("Dense", "b", vec![*outputs], b)]
            }
            Layer::LayerNorm { gamma, beta, .. } => {
                let row = |name, values| tensor("LayerNormalization", name, vec![gamma.len()], values);
                vec![row("gamma", gamma), row("beta", beta)]
            }
            Layer::Rescale { offset, scale } => {
                let row = |name, values| tensor("Rescale", name, vec![offset.len()], values);
                vec![row("offset", offset), row("scale", scale)]
            }
            Layer::Activate(_) | Layer::Dropout(_) => Vec::new(),
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
        self.layers.iter().rev().find_map(Layer::outputs).unwrap_or(self.inputs)
    }

    /// The lines whose fingerprint is [`Params::ARCHITECTURE`].
    pub fn architecture(&self) -> String {
        self.layers.iter().map(Layer::line).collect()
    }

    /// Each layer's number and its word in the table of a file, as in [`Params::rows`].
    pub(crate) fn rows(&self) -> Vec<(usize, u32)> {
        self.layers.iter().enumerate().filter_map(|(number, layer)| Some((number, layer.row()?))).collect()
    }

    /// Its fingerprint, that of `chain![…]`.
    pub fn fingerprint(&self) -> u64 {
        Architecture::NONE.text(&self.architecture()).fingerprint()
    }

    /// All tensors, in the order of [`Params::tensors`].
    pub fn tensors(&self) -> Vec<Tensor<'_>> {
        self.layers.iter().enumerate().flat_map(|(number, layer)| layer.tensors(number)).collect()
    }

    /// The same, to change the numbers.
    pub(crate) fn values_mut(&mut self) -> Vec<&mut Vec<f32>> {
        let mut all = Vec::new();
        for layer in &mut self.layers {
            match layer {
                Layer::Dense { w, b, .. } => all.extend([w, b]),
                Layer::LayerNorm { gamma, beta, .. } => all.extend([gamma, beta]),
                Layer::Rescale { offset, scale } => all.extend([offset, scale]),
                Layer::Activate(_) | Layer::Dropout(_) => {}
            }
        }
        all
    }

    /// Copies the weights into a net of the same layers.
    ///
    /// What is no tensor belongs to the net's own type and fields: rates, and the ε of `LayerNorm`.
    ///
    /// # Errors
    /// The net has other layers; the error names the first that differs. The net is then as it was.
    pub fn load_into<N: Params>(&self, net: &mut N) -> Result<(), Error> {
        let tensors = self.tensors();
        let (mut rest, mut other) = (tensors.iter(), None);
        let text = |kind: &str, tensor: &str, shape: &[usize]| format!("{kind}.{tensor} {shape:?}");
        net.tensors(0, &mut |name, _| {
            let found = rest.next();
            if other.is_none() && found.is_none_or(|found| (found.kind, &*found.shape) != (name.kind, name.shape)) {
                let needed = text(name.kind, name.tensor, name.shape);
                let found = found.map_or("no more tensors".into(), |t| text(t.kind, t.tensor, &t.shape));
                other = Some(Error::Layer { layer: name.layer, found, needed });
            }
        });
        let surplus = |t: &Tensor<'_>| {
            let found = text(t.kind, t.tensor, &t.shape);
            Error::Layer { layer: t.layer, found, needed: "no more tensors".into() }
        };
        if let Some(error) = other.or_else(|| rest.next().map(surplus)) {
            return Err(error);
        }
        if N::ARCHITECTURE.fingerprint() != self.fingerprint() {
            let mut rows = Vec::new();
            N::rows(0, &mut |_, row| rows.push(row));
            let (layer, found, needed) = self.first_other(&rows);
            return Err(Error::Layer { layer, found, needed });
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
    use crate::Activation;
    use baregrad::prelude::*;

    fn model() -> Model {
        let w = (0..6).map(|i| i as f32).collect();
        Model {
            inputs: 3,
            layers: vec![
                Layer::Dense { inputs: 3, outputs: 2, activation: Activation::Relu, w, b: vec![0.5; 2] },
                Layer::Activate(Activation::Tanh),
                Layer::Dropout(10),
                Layer::LayerNorm { epsilon: 0.1, gamma: vec![2.0; 2], beta: vec![3.0; 2] },
                Layer::Rescale { offset: vec![4.0; 2], scale: vec![5.0; 2] },
            ],
        }
    }

    #[test]
    fn is_that_of_a_type() {
        type Net = chain![Dense<3, 2, Relu>, Activate<Tanh>, Dropout<10>, LayerNorm<2>, Rescale<2>];
        let mut net = Net::NEW;
        model().load_into(&mut net).unwrap();
        assert_eq!(net.0.w, [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]);
        assert_eq!((net.0.b, net.1.1.1.0.gamma, net.1.1.1.0.beta), ([0.5; 2], [2.0; 2], [3.0; 2]));
        assert_eq!((net.1.1.1.1.offset, net.1.1.1.1.scale), ([4.0; 2], [5.0; 2]));
        let mut names = Vec::new();
        net.tensors(0, &mut |name, _| names.push((name.layer, name.kind, name.tensor, name.shape.to_vec())));
        let own: Vec<_> = model().tensors().iter().map(|t| (t.layer, t.kind, t.tensor, t.shape.clone())).collect();
        assert_eq!(own, names);
    }

    fn refused<N: Params>() -> Error {
        let mut net = N::NEW;
        let error = model().load_into(&mut net).unwrap_err();
        let (mut same, new) = (true, N::NEW);
        net.tensors(0, &mut |name, values| {
            new.tensors(0, &mut |other, new| {
                same &= (name.layer, name.tensor) != (other.layer, other.tensor) || values == new
            });
        });
        assert!(same, "the net has changed");
        error
    }

    #[test]
    fn the_first_layer_that_differs_is_named() {
        let error = refused::<chain![Dense<3, 2, Relu>, Activate<Tanh>, Dense<2, 2>]>().to_string();
        assert_eq!(error, "layer 2: the file has LayerNormalization.gamma [2], but the net has Dense.w [2, 2]");
        let error = refused::<chain![Dense<3, 2, Relu>, Activate<Tanh>, LayerNorm<2>]>().to_string();
        assert_eq!(error, "layer 4: the file has Rescale.offset [2], but the net has no more tensors");
        let error = refused::<chain![Dense<3, 2, Relu>, Activate<Tanh>, LayerNorm<2>, Rescale<2>, Dense<2, 1>]>();
        assert_eq!(error.to_string(), "layer 4: the file has no more tensors, but the net has Dense.w [2, 1]");
        let error = refused::<chain![Dense<3, 2, Relu>, Activate<Selu>, LayerNorm<2>, Rescale<2>]>().to_string();
        assert_eq!(error, "layer 1: the file has Activate<Tanh>, but the net has Activate<Selu>");
        let error = refused::<chain![Dense<3, 2, Tanh>, Activate<Selu>, LayerNorm<2>, Rescale<2>]>().to_string();
        assert_eq!(error, "layer 0: the file has Dense<3, 2, Relu>, but the net has Dense<3, 2, Tanh>");
        let error = refused::<chain![Residual<Dense<3, 2, Relu>>, LayerNorm<2>, Rescale<2>]>().to_string();
        assert_eq!(error, "layer 0: the file has Dense<3, 2, Relu>, but the net has another layer");
        let error = refused::<chain![Dense<3, 2, Relu>, Activate<Tanh>, LayerNorm<2>, Rescale<2>, Activate<Elu>]>();
        assert_eq!(error.to_string(), "layer 5: the file has no layer, but the net has another layer");
    }
}

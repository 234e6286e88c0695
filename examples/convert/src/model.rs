//! A net whose layers are known at run time only: what is read from files, and written to them.

use crate::error::Error;
use crate::layer::{Layer, Merge};
use crate::recurrent::Recurrent;
use baregrad::{Architecture, Params};

/// Layers one after another, and blocks of such between marks.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Shape of a sample. An image has its channels last.
    pub input: Vec<usize>,
    /// Its layers.
    pub layers: Vec<Layer>,
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

/// The shape of a sample on its way through the layers.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub now: Vec<usize>,
    /// Blocks that have begun: what each does, the shape at its beginning, and the output of its first branch.
    open: Vec<(Merge, Vec<usize>, Option<Vec<usize>>)>,
}

impl Shape {
    pub fn new(now: Vec<usize>) -> Self {
        Shape { now, open: Vec::new() }
    }

    /// Passes a layer, unless it needs another shape, which the error is.
    pub fn pass(&mut self, layer: &Layer) -> Result<(), Vec<usize>> {
        self.now = match layer {
            Layer::Open(merge) => {
                self.open.push((*merge, self.now.clone(), None));
                return Ok(());
            }
            Layer::And => match self.open.last_mut() {
                Some((Merge::Sum | Merge::Concat, start, first @ None)) => {
                    *first = Some(self.now.clone());
                    start.clone()
                }
                _ => return Err(Vec::new()),
            },
            Layer::Close(merge) => match (merge, self.open.pop(), self.now.as_slice()) {
                (Merge::Residual, Some((Merge::Residual, start, _)), now) if now == start => start,
                (Merge::Sum, Some((Merge::Sum, _, Some(first))), now) if now == first => first,
                (Merge::Concat, Some((Merge::Concat, _, Some(mut first))), [places @ .., channels])
                    if first.split_last().is_some_and(|(_, first)| first == places) =>
                {
                    first[places.len()] += channels;
                    first
                }
                (Merge::Rounded(scale), Some((Merge::Rounded(other), ..)), now) if *scale == other => now.to_vec(),
                (_, Some((_, start, first)), _) => return Err(first.unwrap_or(start)),
                (_, None, _) => return Err(Vec::new()),
            },
            other => other.output(&self.now)?,
        };
        Ok(())
    }
}

impl Model {
    /// Without layers.
    pub fn new(input: Vec<usize>) -> Self {
        Model { input, layers: Vec::new() }
    }

    /// Numbers that it takes.
    pub fn inputs(&self) -> usize {
        self.input.iter().product()
    }

    /// The shape behind all layers.
    pub(crate) fn pass(&self) -> Shape {
        let mut shape = Shape::new(self.input.clone());
        self.layers.iter().for_each(|layer| _ = shape.pass(layer));
        shape
    }

    /// The shape behind each layer.
    pub(crate) fn shapes(&self) -> Vec<Vec<usize>> {
        let mut shape = Shape::new(self.input.clone());
        let behind = |layer: &Layer| {
            _ = shape.pass(layer);
            shape.now.clone()
        };
        self.layers.iter().map(behind).collect()
    }

    /// Shape of what it gives.
    pub fn output(&self) -> Vec<usize> {
        self.pass().now
    }

    /// Numbers that it gives.
    pub fn outputs(&self) -> usize {
        self.output().iter().product()
    }

    /// The lines whose fingerprint is [`Params::ARCHITECTURE`].
    pub fn architecture(&self) -> String {
        self.layers.iter().map(Layer::line).collect()
    }

    /// The place of each layer with a word in the table of a file, and this word, as in [`Params::rows`].
    pub(crate) fn rows(&self) -> Vec<(usize, u32)> {
        self.layers.iter().enumerate().filter_map(|(place, layer)| Some((place, layer.row()?))).collect()
    }

    /// The two directions of the `Bidirectional` that begins at a place, where its five layers and marks lie.
    pub(crate) fn bidirectional(&self, place: usize) -> Option<[&Recurrent; 2]> {
        match self.layers.get(place..)? {
            [
                Layer::Open(Merge::Concat),
                Layer::Recurrent(forward),
                Layer::And,
                Layer::Recurrent(backward),
                Layer::Close(_),
                ..,
            ] if forward.is_pair(backward) => Some([forward, backward]),
            _ => None,
        }
    }

    /// Whether the layer at a place is the one of a `Bidirectional` that runs backwards.
    pub(crate) fn is_second_direction(&self, place: usize) -> bool {
        place >= 3 && self.bidirectional(place - 3).is_some()
    }

    /// The number of the layer at a place: marks have none.
    pub(crate) fn number(&self, place: usize) -> usize {
        self.layers[..place].iter().filter(|layer| !layer.is_mark()).count()
    }

    /// Its fingerprint, that of `chain![…]`.
    pub fn fingerprint(&self) -> u64 {
        Architecture::NONE.text(&self.architecture()).fingerprint()
    }

    /// All tensors, in the order of [`Params::tensors`].
    pub fn tensors(&self) -> Vec<Tensor<'_>> {
        let mut all = Vec::new();
        for (layer, of) in self.layers.iter().filter(|layer| !layer.is_mark()).enumerate() {
            let (kind, tensors) = of.tensors();
            all.extend(tensors.into_iter().map(|(tensor, shape, values)| Tensor {
                layer,
                kind,
                tensor,
                shape,
                values,
            }));
        }
        all
    }

    /// The same, to change the numbers.
    pub(crate) fn values_mut(&mut self) -> Vec<&mut Vec<f32>> {
        self.layers.iter_mut().flat_map(Layer::values_mut).collect()
    }

    /// Merges each batch normalisation into the dense layer or the convolution before it, if that has no activation: `w ← w · f`
    /// and `b ← (b − mean) · f + beta` with `f = gamma / √(variance + ε)`, computed in `f64`. In inference the net computes the
    /// same, except for rounding.
    pub fn fold(&mut self) {
        let layers = std::mem::take(&mut self.layers);
        for layer in layers {
            if let Layer::BatchNorm { activation: next, epsilon, gamma, beta, mean, variance } = &layer
                && let Some(before) = self.layers.last_mut().filter(|before| before.is_open())
                && let inputs = before.inputs_last()
                && let Layer::Dense { w, b, activation, .. } | Layer::Conv(crate::Conv { w, b, activation, .. }) =
                    before
            {
                let deviation = |channel: usize| (f64::from(variance[channel]) + f64::from(*epsilon)).sqrt();
                let factors: Vec<f64> =
                    (0..gamma.len()).map(|channel| f64::from(gamma[channel]) / deviation(channel)).collect();
                let scaled = |x: f32, channel: usize| f64::from(x) * factors[channel];
                for row in w.chunks_exact_mut(gamma.len() * inputs) {
                    row.iter_mut().enumerate().for_each(|(at, w)| *w = scaled(*w, at / inputs) as f32);
                }
                for (channel, b) in b.iter_mut().enumerate() {
                    *b = (scaled(*b, channel) - scaled(mean[channel], channel) + f64::from(beta[channel])) as f32;
                }
                *activation = *next;
                continue;
            }
            self.layers.push(layer);
        }
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
            input: vec![3],
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

    #[test]
    fn batch_normalisation_is_folded() {
        const TYPES: &str = "Conv1d<Sequence<2, 1>, Sequence<2, 2>, 1>, BatchNorm<2, Relu>, Flatten<4>, Dense<4, 1, Tanh>, BatchNorm<1>";
        let mut model = Model::of_types(TYPES, 100).unwrap();
        let norm = ["gamma", "beta", "mean", "variance"].map(|_| 1.0);
        for (values, value) in model.values_mut().into_iter().zip([2.0, 5.0].into_iter().chain(norm)) {
            values.fill(value);
        }
        let Layer::BatchNorm { variance, .. } = &mut model.layers[1] else { panic!() };
        variance.fill(4.0 - 1e-3);
        model.fold();
        // An activation is before the second one.
        let types = "Conv1d<Sequence<2, 1>, Sequence<2, 2>, 1, 1, Relu>, Flatten<4>, Dense<4, 1, Tanh>, BatchNorm<1>";
        assert_eq!(model.types(), types);
        let [w, b] = [0, 1].map(|tensor| model.tensors()[tensor].values[1]);
        assert!((w - 1.0).abs() < 1e-6 && (b - 3.0).abs() < 1e-6, "{w}, {b}");
    }

    /// Its weights are `[tap][out][in]`.
    #[test]
    fn batch_normalisation_is_folded_into_a_transposed_convolution() {
        let mut model =
            Model::of_types("Conv1dTranspose<Sequence<1, 3>, Sequence<1, 2>, 1>, BatchNorm<2, 0.0>", 100).unwrap();
        let all =
            [&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0][..], &[7.0, 8.0], &[1.0, 10.0], &[0.5, 0.25], &[1.0, 2.0], &[1.0, 1.0]];
        for (values, own) in model.values_mut().into_iter().zip(all) {
            values.copy_from_slice(own);
        }
        model.fold();
        let tensors = model.tensors();
        assert_eq!(tensors.len(), 2);
        assert_eq!(tensors[0].values, [1.0, 2.0, 3.0, 40.0, 50.0, 60.0]);
        assert_eq!(tensors[1].values, [6.5, 60.25]);
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

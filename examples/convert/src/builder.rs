//! A net in the making: what every reader checks, layer after layer.

use crate::activation::Activation;
use crate::error::Error;
use crate::floats::finite;
use crate::model::{Layer, Model, Tensor};

/// Layers of a net: each is a level of `chain![…]`, of which the compiler takes 128. What a file costs stays a small multiple of
/// its size, although many layers may share one tensor.
pub(crate) const MAX_LAYERS: usize = 100;

/// Layers that fit one another, of finite numbers: all that the writers write.
pub(crate) struct Builder {
    model: Model,
    outputs: usize,
    room: Room,
}

impl Builder {
    /// Of a net that takes `inputs` numbers, from a file of so many bytes.
    pub fn new(inputs: usize, file: usize) -> Self {
        Builder { model: Model::new(inputs), outputs: inputs, room: Room::of_file(file) }
    }

    /// Numbers that the layers so far give.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// The last layer so far.
    pub fn last_mut(&mut self) -> Option<&mut Layer> {
        self.model.layers.last_mut()
    }

    /// A tensor that the file does not have: `count` times `value`, for the layer `at`.
    pub fn fill(&mut self, at: &str, value: f32, count: Option<usize>) -> Result<Vec<f32>, Error> {
        self.room.fill(at, value, count)
    }

    /// Puts a layer behind the others; `at` is its name for errors. A first layer whose type does not say how many numbers it
    /// takes gets one before it that does.
    pub fn push(&mut self, at: &str, layer: Layer) -> Result<(), Error> {
        if self.model.layers.is_empty() && layer.inputs().is_none() {
            self.begin()?;
        }
        if self.model.layers.len() == MAX_LAYERS {
            return Err(Error::unsupported(at, format!("a net of more than {MAX_LAYERS} layers")));
        }
        let (needed, found) = (layer.inputs().unwrap_or(self.outputs), self.outputs);
        if needed != found {
            return Err(Error::Width { at: at.into(), found, needed });
        }
        let outputs = layer.outputs().unwrap_or(found);
        if found == 0 || outputs == 0 {
            return Err(Error::unsupported(at, format!("a layer of {found} numbers to {outputs}")));
        }
        for Tensor { tensor, shape, values, .. } in layer.tensors(0) {
            debug_assert_eq!(values.len(), shape.iter().product::<usize>());
            finite(at, &format!("a number of `{tensor}`"), values)?;
        }
        if let Layer::LayerNorm { epsilon, .. } = &layer {
            finite(at, "epsilon", &[*epsilon])?;
            if *epsilon < 0.0 {
                return Err(Error::unsupported(at, format!("epsilon = {epsilon}")));
            }
        }
        self.outputs = outputs;
        self.model.layers.push(layer);
        Ok(())
    }

    /// An activation behind the others: it goes into the `Dense` before it, and a linear one nowhere.
    pub fn activate(&mut self, at: &str, next: Activation) -> Result<(), Error> {
        match self.last_mut() {
            _ if next == Activation::Linear => Ok(()),
            Some(Layer::Dense { activation: activation @ Activation::Linear, .. }) => {
                *activation = next;
                Ok(())
            }
            _ => self.push(at, Layer::Activate(next)),
        }
    }

    /// The net. One without layers gets one that changes nothing.
    pub fn finish(mut self) -> Result<Model, Error> {
        if self.model.layers.is_empty() {
            self.begin()?;
        }
        Ok(self.model)
    }

    /// A `Rescale` that changes nothing, but says how many numbers the net takes.
    fn begin(&mut self) -> Result<(), Error> {
        let (at, inputs) = ("the input", self.model.inputs);
        let (offset, scale) = (self.fill(at, 0.0, Some(inputs))?, self.fill(at, 1.0, Some(inputs))?);
        self.push(at, Layer::Rescale { offset, scale })
    }
}

/// Room for tensors that a file implies without having them, such as a bias of zeros: as many floats as the file has bytes,
/// and 16,384 more.
pub(crate) struct Room {
    left: usize,
    bound: usize,
}

impl Room {
    pub fn of_file(bytes: usize) -> Self {
        let bound = bytes.saturating_add(1 << 14);
        Room { left: bound, bound }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn dense(inputs: usize, outputs: usize) -> Layer {
        let (w, b) = (vec![1.0; inputs * outputs], vec![0.5; outputs]);
        Layer::Dense { inputs, outputs, activation: Activation::Linear, w, b }
    }

    #[test]
    fn activations_go_into_the_layer_before_them() {
        let mut builder = Builder::new(3, 0);
        builder.push("first", dense(3, 2)).unwrap();
        builder.activate("none", Activation::Linear).unwrap();
        builder.activate("relu", Activation::Relu).unwrap();
        builder.activate("tanh", Activation::Tanh).unwrap();
        assert_eq!(builder.finish().unwrap().layer_types(), ["Dense<3, 2, Relu>", "Activate<Tanh>"]);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let refused = |layer: Layer| Builder::new(2, 0).push("here", layer).unwrap_err().to_string();
        assert_eq!(refused(dense(3, 1)), "here takes 3 inputs, but gets 2");
        assert_eq!(refused(dense(2, 0)), "here: a layer of 2 numbers to 0 is not supported");
        let rescale = |scale| Layer::Rescale { offset: vec![0.0; 2], scale: vec![1.0, scale] };
        assert_eq!(refused(rescale(f32::INFINITY)), "here: a number of `scale` is not finite");
        let norm = |epsilon| Layer::LayerNorm { epsilon, gamma: vec![1.0; 2], beta: vec![0.0; 2] };
        assert_eq!(refused(norm(f32::NAN)), "here: epsilon is not finite");
        assert_eq!(refused(norm(-1.0)), "here: epsilon = -1 is not supported");
    }

    #[test]
    fn a_first_layer_says_how_many_numbers_it_takes() {
        for behind in [vec![], vec![Layer::Dropout(20)], vec![Layer::Activate(Activation::Tanh), dense(2, 1)]] {
            let mut builder = Builder::new(2, 0);
            behind.iter().for_each(|layer| builder.push("here", layer.clone()).unwrap());
            let model = builder.finish().unwrap();
            assert_eq!(model.layers[0], Layer::Rescale { offset: vec![0.0; 2], scale: vec![1.0; 2] });
            assert_eq!(model.layers[1..], behind);
        }
    }

    #[test]
    fn layers_are_bounded() {
        let mut builder = Builder::new(1, 0);
        (1..MAX_LAYERS).for_each(|_| builder.push("here", Layer::Dropout(1)).unwrap());
        let error = builder.push("one more", Layer::Dropout(1)).unwrap_err().to_string();
        assert_eq!(error, "one more: a net of more than 100 layers is not supported");
        assert_eq!(builder.finish().unwrap().layers.len(), MAX_LAYERS);
    }
}

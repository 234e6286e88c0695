//! A net in the making: what every reader checks, layer after layer.

mod places;

use crate::activation::Activation;
use crate::error::Error;
use crate::floats::finite;
use crate::layer::{Layer, Merge, Resizing, numbers};
use crate::model::{Model, Shape};
pub(crate) use places::{Padded, Transposed};

/// Layers of a net: each is a level of `chain![…]`, of which the compiler takes 128. What a file costs stays a small multiple of
/// its size, although many layers may share one tensor.
pub(crate) const MAX_LAYERS: usize = 100;

/// Layers that fit one another, of finite numbers: all that the writers write.
pub(crate) struct Builder {
    model: Model,
    shape: Shape,
    room: Room,
}

impl Builder {
    /// Of a net that takes samples of this shape, from a file of so many bytes.
    pub fn new(input: Vec<usize>, file: usize) -> Self {
        Builder { model: Model::new(input.clone()), shape: Shape::new(input), room: Room::of_file(file) }
    }

    /// Shape of what the layers so far give.
    pub fn shape(&self) -> &[usize] {
        &self.shape.now
    }

    /// Numbers that the layers so far give.
    pub fn outputs(&self) -> usize {
        self.shape.now.iter().product()
    }

    /// Whether there is no layer yet.
    pub fn is_empty(&self) -> bool {
        self.model.layers.is_empty()
    }

    /// The last layer so far.
    pub fn last_mut(&mut self) -> Option<&mut Layer> {
        self.model.layers.last_mut()
    }

    /// A tensor that the file does not have: `count` times `value`, for the layer `at`.
    pub fn fill(&mut self, at: &str, value: f32, count: Option<usize>) -> Result<Vec<f32>, Error> {
        self.room.fill(at, value, count)
    }

    /// Puts a layer behind the others; `at` is its name for errors. A first layer whose type does not say what it takes gets one
    /// before it that does.
    pub fn push(&mut self, at: &str, layer: Layer) -> Result<(), Error> {
        if self.is_empty() && layer.input().is_none() {
            self.begin()?;
        }
        self.put(at, layer)
    }

    fn put(&mut self, at: &str, layer: Layer) -> Result<(), Error> {
        if self.model.layers.len() == MAX_LAYERS {
            return Err(Error::unsupported(at, format!("a net of more than {MAX_LAYERS} layers")));
        }
        let found = self.shape.now.clone();
        let mut behind = self.shape.clone();
        if let Err(needed) = behind.pass(&layer) {
            return Err(Error::Width { at: at.into(), found, needed });
        }
        if !layer.is_sound() || [&found, &behind.now].iter().any(|shape| matches!(numbers(shape), None | Some(0))) {
            let text = |shape: &[usize]| if let [size] = shape { format!("{size}") } else { format!("{shape:?}") };
            let what = match layer {
                Layer::Dense { .. } => format!("a layer of {} numbers to {}", text(&found), text(&behind.now)),
                _ => format!("a layer of shape {} to {}", text(&found), text(&behind.now)),
            };
            return Err(Error::unsupported(at, what));
        }
        let (_, tensors) = layer.tensors();
        for (tensor, shape, values) in tensors {
            if numbers(&shape) != Some(values.len()) {
                let text = format!("{} numbers in `{tensor}`, whose shape here is {shape:?}", values.len());
                return Err(Error::malformed(at, text));
            }
            finite(at, &format!("a number of `{tensor}`"), values)?;
        }
        if let Some(epsilon) = layer.epsilon() {
            finite(at, "epsilon", &[epsilon])?;
            if epsilon < 0.0 {
                return Err(Error::unsupported(at, format!("epsilon = {epsilon}")));
            }
        }
        if let Layer::BatchNorm { variance, .. } = &layer
            && let Some(variance) = variance.iter().find(|variance| **variance < 0.0)
        {
            return Err(Error::malformed(at, format!("a variance of {variance}")));
        }
        self.shape = behind;
        self.model.layers.push(layer);
        Ok(())
    }

    /// Changes the layers so far.
    fn change(&mut self, change: impl FnOnce(&mut Vec<Layer>)) {
        change(&mut self.model.layers);
        self.shape = self.model.pass();
    }

    /// An activation behind the others: it goes into the layer before it if that can have one, and a linear one nowhere.
    pub fn activate(&mut self, at: &str, next: Activation) -> Result<(), Error> {
        match self.last_mut() {
            _ if next == Activation::Linear => Ok(()),
            Some(layer) if layer.is_open() => {
                layer.activation_mut().into_iter().for_each(|activation| *activation = next);
                Ok(())
            }
            _ => self.push(at, Layer::Activate(next)),
        }
    }

    /// The same numbers in another shape. Before the first layer, that is the shape of the input.
    pub fn reshape(&mut self, at: &str, shape: &[usize]) -> Result<(), Error> {
        if self.is_empty() {
            (self.model.input, self.shape.now) = (shape.to_vec(), shape.to_vec());
            return Ok(());
        }
        if let Some(Layer::Reshape(_)) = self.last_mut() {
            self.change(|layers| _ = layers.pop());
        }
        match self.shape.now == shape {
            true => Ok(()),
            false => self.push(at, Layer::Reshape(shape.to_vec())),
        }
    }

    /// Ends a block. A sum whose one branch has no layer is a residual block.
    pub fn close(&mut self, at: &str) -> Result<(), Error> {
        let (mut depth, mut and, mut open) = (0, None, None);
        for (place, layer) in self.model.layers.iter().enumerate().rev() {
            match layer {
                Layer::Close(_) => depth += 1,
                Layer::And if depth == 0 => and = Some(place),
                Layer::Open(merge) if depth == 0 => {
                    open = Some((place, *merge));
                    break;
                }
                Layer::Open(_) => depth -= 1,
                _ => {}
            }
        }
        let Some((open, mut merge)) = open else { return Err(Error::malformed(at, "the end of no block")) };
        let last = self.model.layers.len() - 1;
        let empty = and.filter(|and| *and == open + 1 || *and == last);
        if let (Merge::Sum, Some(and)) = (merge, empty) {
            merge = Merge::Residual;
            self.change(|layers| {
                layers.remove(and);
                layers[open] = Layer::Open(merge);
            });
        }
        if self.model.layers.len() == open + 1 || (merge == Merge::Concat && empty.is_some()) {
            return Err(Error::unsupported(at, "a branch without a layer")
                .instead("Add of a tensor and what a layer makes of it"));
        }
        if let Merge::Rounded(scale) = merge {
            let is_zero = |(name, _, values): (&str, _, &[f32])| name != "b" || values.iter().all(|b| *b == 0.0);
            let fits = match &self.model.layers[open + 1..] {
                [layer @ (Layer::Dense { .. } | Layer::Conv(_))] => {
                    layer.is_open() && layer.tensors().1.into_iter().all(is_zero)
                }
                _ => false,
            };
            if !fits || !f32::from_bits(scale).is_finite() {
                let error = Error::unsupported(at, "a Rounded of this");
                return Err(error.instead("a dense layer or a convolution alone, without bias"));
            }
        }
        self.push(at, Layer::Close(merge))
    }

    /// The net. One without layers gets one that changes nothing.
    pub fn finish(mut self) -> Result<Model, Error> {
        if self.is_empty() {
            self.begin()?;
        }
        Ok(self.model)
    }

    /// A layer that changes nothing, but says what the net takes.
    fn begin(&mut self) -> Result<(), Error> {
        let at = "the input";
        let input = self.model.input.clone();
        let layer = match input.as_slice() {
            [size] => {
                let (offset, scale) = (self.fill(at, 0.0, Some(*size))?, self.fill(at, 1.0, Some(*size))?);
                Layer::Rescale { offset, scale }
            }
            _ => Layer::Resize {
                by: Resizing::ZeroPadding,
                output: input.clone(),
                before: vec![0; input.len().saturating_sub(1)],
                input,
            },
        };
        self.push(at, layer)
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
        let mut builder = Builder::new(vec![3], 0);
        builder.push("first", dense(3, 2)).unwrap();
        builder.activate("none", Activation::Linear).unwrap();
        builder.activate("relu", Activation::Relu).unwrap();
        builder.activate("tanh", Activation::Tanh).unwrap();
        assert_eq!(builder.finish().unwrap().layer_types(), ["Dense<3, 2, Relu>", "Activate<Tanh>"]);
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let refused = |layer: Layer| Builder::new(vec![2], 0).push("here", layer).unwrap_err().to_string();
        assert_eq!(refused(dense(3, 1)), "here takes 3 inputs, but gets 2");
        assert_eq!(refused(dense(2, 0)), "here: a layer of 2 numbers to 0 is not supported");
        let short = Layer::Dense { inputs: 2, outputs: 1, activation: Activation::Linear, w: vec![1.0], b: vec![0.5] };
        assert_eq!(refused(short), "here: 1 numbers in `w`, whose shape here is [2, 1]");
        let rescale = |scale| Layer::Rescale { offset: vec![0.0; 2], scale: vec![1.0, scale] };
        assert_eq!(refused(rescale(f32::INFINITY)), "here: a number of `scale` is not finite");
        let norm = |epsilon| Layer::LayerNorm { epsilon, gamma: vec![1.0; 2], beta: vec![0.0; 2] };
        assert_eq!(refused(norm(f32::NAN)), "here: epsilon is not finite");
        assert_eq!(refused(norm(-1.0)), "here: epsilon = -1 is not supported");
    }

    #[test]
    fn a_first_layer_says_how_many_numbers_it_takes() {
        for behind in [vec![], vec![Layer::Dropout(20)], vec![Layer::Activate(Activation::Tanh), dense(2, 1)]] {
            let mut builder = Builder::new(vec![2], 0);
            behind.iter().for_each(|layer| builder.push("here", layer.clone()).unwrap());
            let model = builder.finish().unwrap();
            assert_eq!(model.layers[0], Layer::Rescale { offset: vec![0.0; 2], scale: vec![1.0; 2] });
            assert_eq!(model.layers[1..], behind);
        }
    }

    #[test]
    fn layers_are_bounded() {
        let mut builder = Builder::new(vec![1], 0);
        (1..MAX_LAYERS).for_each(|_| builder.push("here", Layer::Dropout(1)).unwrap());
        let error = builder.push("one more", Layer::Dropout(1)).unwrap_err().to_string();
        assert_eq!(error, "one more: a net of more than 100 layers is not supported");
        assert_eq!(builder.finish().unwrap().layers.len(), MAX_LAYERS);
    }
}

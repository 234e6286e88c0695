//! Layers on images and sequences, whose padding has to follow from the lengths.

use super::Builder;
use crate::activation::Activation;
use crate::error::Error;
use crate::layer::{Conv, Layer, Merge, Resizing, Statistic, direct, fits, padding};
use crate::recurrent::Recurrent;
use baregrad::tensor::{same, valid};

/// A convolution of any padding.
pub(crate) struct Padded {
    pub depthwise: bool,
    pub kernel: Vec<usize>,
    pub stride: usize,
    pub dilation: usize,
    /// Before and after each axis.
    pub padding: Vec<(usize, usize)>,
    pub activation: Activation,
    pub w: Vec<f32>,
    pub b: Vec<f32>,
}

/// A transposed convolution that cuts off any number of places.
pub(crate) struct Transposed {
    pub kernel: Vec<usize>,
    pub stride: usize,
    pub dilation: usize,
    /// Along each axis, how many places are cut off before the first one, and how many are left.
    pub parts: Vec<(usize, usize)>,
    pub activation: Activation,
    pub w: Vec<f32>,
    pub b: Vec<f32>,
}

impl Builder {
    /// A dense layer, at each place of an image or a sequence. Of an image it is a convolution of single places, and so is a first
    /// layer, whose type says how long the sequence is.
    pub fn dense(
        &mut self,
        at: &str,
        outputs: usize,
        activation: Activation,
        w: Vec<f32>,
        b: Vec<f32>,
    ) -> Result<(), Error> {
        let axes = self.shape.now.len().saturating_sub(1);
        if axes == 0 || (axes == 1 && !self.is_empty()) {
            let inputs = w.len() / outputs.max(1);
            return self.push(at, Layer::Dense { inputs, outputs, activation, w, b });
        }
        self.single_places(at, activation, w, b)
    }

    /// A convolution of single places.
    pub fn single_places(&mut self, at: &str, activation: Activation, w: Vec<f32>, b: Vec<f32>) -> Result<(), Error> {
        let axes = self.shape.now.len().saturating_sub(1);
        let (kernel, padding) = (vec![1; axes], vec![(0, 0); axes]);
        self.conv(at, Padded { depthwise: false, kernel, stride: 1, dilation: 1, padding, activation, w, b })
    }

    /// A convolution. Padding that does not follow from the lengths becomes a layer before it; one that stands there goes into the
    /// convolution if its padding then follows.
    /// A depthwise one of several outputs per channel has each channel several times before it.
    pub fn conv(&mut self, at: &str, mut conv: Padded) -> Result<(), Error> {
        let channels = self.shape.now.last().copied().unwrap_or_default();
        let times = conv.b.len().checked_div(channels).unwrap_or_default();
        match channels {
            // Of one channel, it is a convolution as any other.
            1 => conv.depthwise = false,
            _ if conv.depthwise && times > 1 => self.repeat_channels(at, times)?,
            _ => {}
        }
        let Padded { depthwise, kernel, stride, dilation, padding, activation, w, b } = conv;
        let outputs = b.len();
        positive(at, kernel.iter().chain([&stride, &dilation]))?;
        let conv = Conv {
            depthwise,
            kernel,
            stride,
            dilation,
            activation,
            w,
            b,
            causal: false,
            transposed: false,
            input: vec![],
            output: vec![],
        };
        // What it would be on an input of this shape.
        let on = |input: &[usize], padding: &[(usize, usize)], causal: bool| {
            let axes = input[..input.len().saturating_sub(1)].iter().zip(padding).zip(conv.windows());
            let lengths = axes.map(|((length, padding), window)| match causal {
                true if *padding == (window - 1, 0) => Some(same(*length, stride)),
                true => None,
                false => direct(*length, *padding, window, stride),
            });
            let mut output = lengths.collect::<Option<Vec<usize>>>()?;
            output.push(outputs);
            (output.len() == input.len()).then(|| (causal, input.to_vec(), output))
        };
        let either = |input: &[usize], padding: &[(usize, usize)]| {
            let causal = (padding.len() == 1).then(|| on(input, padding, true)).flatten();
            on(input, padding, false).or(causal)
        };
        let zeros = match self.model.layers.last() {
            Some(Layer::Resize { by: Resizing::ZeroPadding, input, output, before }) => {
                let after = |at: usize| output[at] - input[at] - before[at];
                let sum = |(at, padding): (usize, &(usize, usize))| {
                    (padding.0.saturating_add(before[at]), padding.1.saturating_add(after(at)))
                };
                let together: Vec<_> = padding.iter().take(before.len()).enumerate().map(sum).collect();
                either(input, &together)
            }
            _ => None,
        };
        if zeros.is_some() {
            self.change(|layers| _ = layers.pop());
        }
        let (causal, input, output) = match zeros.or_else(|| either(&self.shape.now, &padding)) {
            Some(found) => found,
            None => {
                let axes = self.shape.now.iter().zip(&padding).zip(conv.windows());
                let split = |((length, padding), window): ((&usize, &(usize, usize)), usize)| match direct(
                    *length, *padding, window, stride,
                ) {
                    Some(_) => ((0, 0), *padding),
                    None => (*padding, (0, 0)),
                };
                let (layer, own): (Vec<_>, Vec<_>) = axes.map(split).unzip();
                self.resize(at, Resizing::ZeroPadding, &layer)?;
                let what = || format!("a window of {:?} on samples of shape {:?}", conv.kernel, self.shape.now);
                on(&self.shape.now, &own, false).ok_or_else(|| Error::unsupported(at, what()))?
            }
        };
        self.push(at, Layer::Conv(Conv { causal, input, output, ..conv }))
    }

    /// A transposed convolution. Where the lengths do not tell what it cuts off, it cuts off nothing, and a cropping behind it does.
    pub fn transposed(&mut self, at: &str, conv: Transposed) -> Result<(), Error> {
        let Transposed { kernel, stride, dilation, parts, activation, w, b } = conv;
        positive(at, kernel.iter().chain([&stride, &dilation]))?;
        let input = self.shape.now.clone();
        let (depthwise, causal, transposed, output) = (false, false, true, vec![]);
        let mut conv =
            Conv { depthwise, causal, transposed, input, output, kernel, stride, dilation, activation, w, b };
        let axis = |((length, window), (before, left)): ((&usize, usize), (usize, usize))| {
            let told = fits(left, *length, window, stride) && padding(left, *length, window, stride).0 == before;
            let all = length.saturating_sub(1).saturating_mul(stride).saturating_add(window);
            let end = before.saturating_add(left);
            if told { (left, (0, 0)) } else { (end.max(all), (before, all.saturating_sub(end))) }
        };
        let axes = conv.input.iter().zip(conv.windows()).zip(parts).map(axis);
        let (mut output, around): (Vec<_>, Vec<_>) = axes.unzip();
        output.push(conv.b.len());
        conv.output = output;
        self.push(at, Layer::Conv(conv))?;
        self.resize(at, Resizing::Cropping, &around)
    }

    /// Each channel several times: the numbers of all places as places of one channel.
    fn repeat_channels(&mut self, at: &str, times: usize) -> Result<(), Error> {
        if self.is_empty() {
            self.begin()?;
        }
        let mut shape = self.shape.now.clone();
        shape.last_mut().into_iter().for_each(|channels| *channels = channels.saturating_mul(times));
        self.reshape(at, &[self.outputs(), 1])?;
        self.up_sample(at, &[times])?;
        self.reshape(at, &shape)
    }

    /// A recurrent layer, and beside it one that runs backwards, if there are two.
    pub fn recurrent(&mut self, at: &str, merge: Merge, mut directions: Vec<Recurrent>) -> Result<(), Error> {
        let (last, first) = (directions.pop(), directions.pop());
        let pair = first.is_some();
        if let Some(first) = first {
            match merge {
                // The type of a `Bidirectional` says what it takes.
                Merge::Concat => self.put(at, Layer::Open(merge))?,
                _ => self.push(at, Layer::Open(merge))?,
            }
            self.push(at, Layer::Recurrent(first))?;
            self.push(at, Layer::And)?;
        }
        last.map_or(Ok(()), |last| self.push(at, Layer::Recurrent(last)))?;
        if pair { self.close(at) } else { Ok(()) }
    }

    /// Takes the last state alone of a recurrent layer that is the last one.
    pub fn last_state(&mut self) {
        self.change(|layers| {
            if let Some(Layer::Recurrent(layer)) = layers.last_mut() {
                layer.output = vec![layer.units()];
            }
        });
    }

    /// The same of a `Bidirectional` that is the last one, if both of its directions give this shape.
    pub fn last_states(&mut self, output: &[usize]) -> Option<()> {
        let open = self.model.layers.len().checked_sub(5)?;
        self.model.bidirectional(open).filter(|both| both[0].output == output)?;
        self.change(|layers| {
            for layer in &mut layers[open..] {
                if let Layer::Recurrent(layer) = layer {
                    layer.output = vec![layer.units()];
                }
            }
        });
        Some(())
    }

    /// Zeros around a sample, or less of it, before and after each axis. None of it is no layer.
    pub fn resize(&mut self, at: &str, by: Resizing, around: &[(usize, usize)]) -> Result<(), Error> {
        let input = self.shape.now.clone();
        let mut output = input.clone();
        for (length, (before, after)) in output.iter_mut().zip(around) {
            let more = before.saturating_add(*after);
            *length = match by {
                Resizing::ZeroPadding => length.saturating_add(more),
                _ => length.saturating_sub(more),
            };
        }
        match output == input {
            true => Ok(()),
            false => {
                let before = around.iter().map(|(before, _)| *before).collect();
                self.push(at, Layer::Resize { by, input, output, before })
            }
        }
    }

    /// Each place several times.
    pub fn up_sample(&mut self, at: &str, times: &[usize]) -> Result<(), Error> {
        let input = self.shape.now.clone();
        let mut output = input.clone();
        output.iter_mut().zip(times).for_each(|(length, times)| *length = length.saturating_mul(*times));
        let layer = Layer::Resize { by: Resizing::UpSampling, input, output, before: vec![0; times.len()] };
        self.push(at, layer)
    }

    /// A pool of this padding. `counts` says whether padding counts as zeros.
    pub fn pool(
        &mut self,
        at: &str,
        of: Statistic,
        [window, stride]: [Vec<usize>; 2],
        padding: &[(usize, usize)],
        counts: bool,
    ) -> Result<(), Error> {
        positive(at, window.iter().chain(&stride))?;
        let padded = padding.iter().any(|padding| *padding != (0, 0));
        let direct_on = |input: &[usize]| {
            let axes = input.iter().zip(padding).zip(window.iter().zip(&stride));
            let lengths = axes.map(|((length, padding), (window, stride))| direct(*length, *padding, *window, *stride));
            lengths.collect::<Option<Vec<usize>>>()
        };
        let layer = |input: &[usize], mut output: Vec<usize>| {
            output.extend(input.last());
            Layer::Pool { of, input: input.to_vec(), output, window: window.clone(), stride: stride.clone() }
        };
        let input = self.shape.now.clone();
        match direct_on(&input) {
            Some(output) if !(counts && padded) => return self.push(at, layer(&input, output)),
            _ => {}
        }
        // Zeros are as good as no place beside numbers that are not negative.
        let positive = of == Statistic::Max && self.last_mut().is_some_and(gives_no_negative);
        if !(positive || counts) {
            let what = format!("padding {padding:?} on samples of shape {input:?}");
            let instead = match of {
                Statistic::Max => "\"same\" padding, or a ReLU before it",
                Statistic::Average => "\"same\" padding, or padding that counts as zeros",
            };
            return Err(Error::unsupported(at, what).instead(instead));
        }
        self.resize(at, Resizing::ZeroPadding, padding)?;
        let input = self.shape.now.clone();
        let axes = input.iter().zip(window.iter().zip(&stride));
        let output = axes.map(|(length, (window, stride))| valid(*length, *window, *stride));
        let pool = layer(&input, output.take(window.len()).collect());
        self.push(at, pool)
    }
}

/// Refuses a length of 0.
fn positive<'a>(at: &str, mut lengths: impl Iterator<Item = &'a usize>) -> Result<(), Error> {
    match lengths.any(|length| *length == 0) {
        true => Err(Error::malformed(at, "a kernel, stride or dilation of 0")),
        false => Ok(()),
    }
}

/// Whether all that a layer gives is 0 or more.
fn gives_no_negative(layer: &mut Layer) -> bool {
    use Activation::{HardSigmoid, Relu, Relu6, Sigmoid, Softmax, Softplus};
    matches!(layer.activation_mut(), Some(Relu | Relu6 | Sigmoid | HardSigmoid | Softmax | Softplus))
}

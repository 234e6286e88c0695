//! The layers of a net, and what each of them says of itself.

use crate::activation::Activation;
use crate::recurrent::Recurrent;
use baregrad::Architecture;
use baregrad::tensor::{same, valid};

/// A layer of baregrad, or a mark of a block. Tensors are flat, in C order; the channels of a shape are its last axis.
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
    /// `Conv1d<X, Y, K, S, A, D>`, `Conv2d<X, Y, KH, KW, S, A, D>`, and those of [`Conv`] that are causal, depthwise or transposed
    Conv(Conv),
    /// `BatchNorm<C, A>`
    BatchNorm {
        /// What is applied to the sums.
        activation: Activation,
        /// Added to the variance.
        epsilon: f32,
        /// Gain.
        gamma: Vec<f32>,
        /// Offset.
        beta: Vec<f32>,
        /// Moving mean.
        mean: Vec<f32>,
        /// Moving variance.
        variance: Vec<f32>,
    },
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
    /// `Activate<A>`
    Activate(Activation),
    /// `Dropout<PERCENT>`
    Dropout(u32),
    /// `SpatialDropout<PERCENT>`
    SpatialDropout(u32),
    /// `MaxPool1d<X, Y, K, S>`, `AveragePool2d<X, Y, KH, KW, SH, SW>` and so on
    Pool {
        /// Which number of a window it gives.
        of: Statistic,
        /// Shape of its input.
        input: Vec<usize>,
        /// Shape of its output.
        output: Vec<usize>,
        /// Lengths of a window.
        window: Vec<usize>,
        /// Distances of two windows.
        stride: Vec<usize>,
    },
    /// `GlobalAveragePool`, `GlobalMaxPool`
    GlobalPool(Statistic),
    /// `ZeroPadding1d<X, Y, BEFORE>`, `Cropping2d<X, Y, TOP, LEFT>`, `UpSampling1d<X, Y>` and so on
    Resize {
        /// How.
        by: Resizing,
        /// Shape of its input.
        input: Vec<usize>,
        /// Shape of its output.
        output: Vec<usize>,
        /// Places that are added or cut off before the first one of each axis. 0 in an up-sampling.
        before: Vec<usize>,
    },
    /// `Reshape<Y>`, `Flatten<N>`
    Reshape(Vec<usize>),
    /// `Gru<X, Y, O>` and so on
    Recurrent(Recurrent),
    /// `Embedding<X, Y, V, O>`
    Embedding {
        /// Shape of its output: `[tokens, channels]`.
        output: Vec<usize>,
        /// Whether token 0 is padding: `Masked`.
        masked: bool,
        /// The vectors of all tokens, `[token][channel]`.
        table: Vec<f32>,
    },
    /// Begins `Residual<F>`, `Sum<A, B>`, `Concat<A, B, M>` or `Rounded<F, SCALE>`; the layers of the block follow.
    Open(Merge),
    /// Ends the first branch of a `Sum` or a `Concat`.
    And,
    /// Ends a block.
    Close(Merge),
}

/// A convolution. [`Layer::Conv`] says how its shapes are written.
#[derive(Clone, Debug, PartialEq)]
pub struct Conv {
    /// Whether each channel has a filter of its own.
    pub depthwise: bool,
    /// Whether no output sees a later place. Only sequences have it.
    pub causal: bool,
    /// Whether it is transposed: it leads from `input` to `output` as the way back of a convolution from `output` to `input`.
    pub transposed: bool,
    /// Shape of its input: `[places, channels]` or `[rows, columns, channels]`.
    pub input: Vec<usize>,
    /// Shape of its output. Together with the input, it says how the sample is padded.
    pub output: Vec<usize>,
    /// Lengths of the kernel.
    pub kernel: Vec<usize>,
    /// Distance of two windows, along each axis: of two inputs, if it is transposed.
    pub stride: usize,
    /// Distance of two taps, along each axis.
    pub dilation: usize,
    /// What is applied to the sums.
    pub activation: Activation,
    /// Weights, `[tap…][in][out]`; `[tap…][channel]` of a depthwise convolution, `[tap…][out][in]` of a transposed one.
    pub w: Vec<f32>,
    /// Biases.
    pub b: Vec<f32>,
}

/// What a pool gives of its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The largest.
    Max,
    /// The mean.
    Average,
}

/// A layer that changes the number of places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resizing {
    /// Zeros around the sample.
    ZeroPadding,
    /// A part of the sample.
    Cropping,
    /// Each place several times.
    UpSampling,
}

/// What a block does with the outputs of its branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Adds its input to the output of its only branch.
    Residual,
    /// Adds the outputs of two branches.
    Sum,
    /// Joins the outputs of two branches.
    Concat,
    /// Rounds its input, and multiplies the output of its only layer by this float, whose bits are given.
    Rounded(u32),
}

impl Merge {
    /// Its type in Rust.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Merge::Residual => "Residual",
            Merge::Sum => "Sum",
            Merge::Concat => "Concat",
            Merge::Rounded(_) => "Rounded",
        }
    }
}

/// What a convolution is called.
pub(crate) struct Form {
    /// In Rust.
    pub rust: &'static str,
    /// In Keras.
    pub keras: &'static str,
    /// In the text of an architecture.
    line: &'static str,
    /// Axes of places.
    pub axes: usize,
    pub depthwise: bool,
    pub causal: bool,
    pub transposed: bool,
}

#[rustfmt::skip]
pub(crate) const FORMS: [Form; 8] = [
    Form { rust: "Conv1d", keras: "Conv1D", line: "conv1d", axes: 1, depthwise: false, causal: false, transposed: false },
    Form { rust: "CausalConv1d", keras: "Conv1D", line: "causal_conv1d", axes: 1, depthwise: false, causal: true, transposed: false },
    Form { rust: "Conv2d", keras: "Conv2D", line: "conv2d", axes: 2, depthwise: false, causal: false, transposed: false },
    Form { rust: "DepthwiseConv1d", keras: "DepthwiseConv1D", line: "depthwise_conv1d", axes: 1, depthwise: true, causal: false, transposed: false },
    Form { rust: "CausalDepthwiseConv1d", keras: "DepthwiseConv1D", line: "causal_depthwise_conv1d", axes: 1, depthwise: true, causal: true, transposed: false },
    Form { rust: "DepthwiseConv2d", keras: "DepthwiseConv2D", line: "depthwise_conv2d", axes: 2, depthwise: true, causal: false, transposed: false },
    Form { rust: "Conv1dTranspose", keras: "Conv1DTranspose", line: "conv1d_transpose", axes: 1, depthwise: false, causal: false, transposed: true },
    Form { rust: "Conv2dTranspose", keras: "Conv2DTranspose", line: "conv2d_transpose", axes: 2, depthwise: false, causal: false, transposed: true },
];

/// Places before the first one that a window of this length sees: baregrad's padding, which follows from the lengths.
pub(crate) fn padding(input: usize, output: usize, window: usize, stride: usize) -> (usize, usize) {
    let covered = output.saturating_sub(1).saturating_mul(stride).saturating_add(window);
    let padding = covered.saturating_sub(input);
    (padding / 2, padding - padding / 2)
}

/// Whether a length of an output is "same" or "valid".
pub(crate) fn fits(input: usize, output: usize, window: usize, stride: usize) -> bool {
    output > 0 && (output == same(input, stride) || output == valid(input, window, stride))
}

/// The length of an output with this padding, if the lengths alone tell baregrad the same padding.
pub(crate) fn direct(input: usize, (before, after): (usize, usize), window: usize, stride: usize) -> Option<usize> {
    let padded = before.saturating_add(input).saturating_add(after);
    let output = valid(padded, window, stride);
    (fits(input, output, window, stride) && padding(input, output, window, stride).0 == before).then_some(output)
}

impl Conv {
    pub(crate) fn form(&self) -> &'static Form {
        let own = (self.kernel.len(), self.depthwise, self.causal, self.transposed);
        let same = |form: &&Form| (form.axes, form.depthwise, form.causal, form.transposed) == own;
        FORMS.iter().find(same).unwrap_or(&FORMS[0])
    }

    /// Places that a window covers along each axis.
    pub(crate) fn windows(&self) -> impl Iterator<Item = usize> {
        self.kernel.iter().map(|taps| taps.saturating_sub(1).saturating_mul(self.dilation).saturating_add(1))
    }

    /// Padding before and after each axis: of a transposed convolution, that of its way back.
    pub(crate) fn padding(&self) -> Vec<(usize, usize)> {
        let [input, output] = self.ends();
        let axes = input.iter().zip(output).zip(self.windows());
        axes.map(|((input, output), window)| match self.causal {
            true => (window - 1, 0),
            false => padding(*input, *output, window, self.stride),
        })
        .collect()
    }

    /// Places of the output of a transposed convolution that are behind all windows, along each axis.
    pub(crate) fn more(&self) -> impl Iterator<Item = usize> {
        let axes = self.input.iter().zip(&self.output).zip(self.windows());
        axes.map(|((input, output), window)| output.saturating_sub((input - 1) * self.stride + window))
    }

    /// The shapes of its input and its output; of a transposed convolution, those of its way back.
    fn ends(&self) -> [&[usize]; 2] {
        if self.transposed { [&self.output, &self.input] } else { [&self.input, &self.output] }
    }

    /// Lengths of its weights along each axis.
    pub(crate) fn shape(&self) -> Vec<usize> {
        let [input, output] = self.ends().map(|shape| shape.last().copied().unwrap_or_default());
        let mut shape = self.kernel.clone();
        shape.push(input);
        if !self.depthwise {
            shape.push(output);
        }
        shape
    }

    fn is_sound(&self) -> bool {
        let axes = self.kernel.len();
        let [input, output] = self.ends();
        let (Some((channels, input)), Some((outputs, output))) = (input.split_last(), output.split_last()) else {
            return false;
        };
        let known = matches!(axes, 1 | 2) && input.len() == axes && output.len() == axes && (axes == 1 || !self.causal);
        let one_kind = !(self.transposed && (self.causal || self.depthwise));
        let positive = self.stride > 0 && self.dilation > 0 && self.kernel.iter().all(|taps| *taps > 0);
        let axis = |((input, output), window): ((&usize, &usize), usize)| match self.causal {
            true => *output > 0 && *output == same(*input, self.stride),
            false => fits(*input, *output, window, self.stride),
        };
        known
            && one_kind
            && positive
            && (!self.depthwise || channels == outputs)
            && input.iter().zip(output).zip(self.windows()).all(axis)
    }
}

impl Layer {
    /// The shape of a sample that it takes, if its type says so.
    pub(crate) fn input(&self) -> Option<Vec<usize>> {
        match self {
            Layer::Dense { inputs, .. } => Some(vec![*inputs]),
            Layer::LayerNorm { gamma: row, .. } | Layer::Rescale { offset: row, .. } => Some(vec![row.len()]),
            Layer::Conv(Conv { input, .. }) | Layer::Pool { input, .. } | Layer::Resize { input, .. } => {
                Some(input.clone())
            }
            Layer::Recurrent(layer) => Some(layer.input.clone()),
            Layer::Embedding { output, .. } => Some(output[..1].to_vec()),
            _ => None,
        }
    }

    /// The shape of what it gives for samples of this shape, or else the shape that it needs.
    pub(crate) fn output(&self, x: &[usize]) -> Result<Vec<usize>, Vec<usize>> {
        let last = x.last().copied().unwrap_or_default();
        let has_places = matches!(x.len(), 2 | 3);
        match self {
            // Each step of a sequence is a row.
            Layer::Dense { inputs, outputs, .. } if x.len() == 2 && last == *inputs => Ok(vec![x[0], *outputs]),
            _ if self.input().is_some_and(|needed| needed != x) => Err(self.input().unwrap_or_default()),
            Layer::Dense { outputs, .. } => Ok(vec![*outputs]),
            Layer::Recurrent(layer) => Ok(layer.output.clone()),
            Layer::Embedding { output, .. } => Ok(output.clone()),
            Layer::Conv(conv) => Ok(conv.output.clone()),
            Layer::Pool { output, .. } | Layer::Resize { output, .. } => Ok(output.clone()),
            Layer::Reshape(shape) if numbers(shape) != numbers(x) => Err(shape.clone()),
            Layer::Reshape(shape) => Ok(shape.clone()),
            Layer::BatchNorm { gamma, .. } if gamma.len() != last => {
                Err([&x[..x.len().saturating_sub(1)], &[gamma.len()]].concat())
            }
            Layer::GlobalPool(_) | Layer::SpatialDropout(_) if !has_places => Err(vec![1, last]),
            Layer::GlobalPool(_) => Ok(vec![last]),
            _ => Ok(x.to_vec()),
        }
    }

    /// Whether baregrad has a layer of these numbers.
    pub(crate) fn is_sound(&self) -> bool {
        let axes = |input: &[usize], output: &[usize]| {
            let rank = input.len();
            matches!(rank, 2 | 3) && output.len() == rank && input[rank - 1] == output[rank - 1]
        };
        match self {
            Layer::Conv(conv) => conv.is_sound(),
            Layer::Pool { input, output, window, stride, .. } => {
                let along =
                    |at: usize| window[at] > 0 && stride[at] > 0 && fits(input[at], output[at], window[at], stride[at]);
                axes(input, output)
                    && [window.len(), stride.len()] == [input.len() - 1; 2]
                    && (0..window.len()).all(along)
            }
            Layer::Resize { by, input, output, before } => {
                let within = |before: usize, small: usize, large: usize| {
                    before.checked_add(small).is_some_and(|end| end <= large)
                };
                let along = |at: usize| match by {
                    Resizing::ZeroPadding => within(before[at], input[at], output[at]),
                    Resizing::Cropping => within(before[at], output[at], input[at]),
                    Resizing::UpSampling => input[at] > 0 && output[at].is_multiple_of(input[at]),
                };
                axes(input, output) && before.len() + 1 == input.len() && (0..before.len()).all(along)
            }
            Layer::Reshape(shape) => matches!(shape.len(), 1..=3),
            Layer::Recurrent(layer) => layer.is_sound(),
            // A float tells fewer tokens apart than 2²⁴.
            Layer::Embedding { output, table, .. } => {
                output.len() == 2 && (1..1 << 24).contains(&(table.len() / output[1].max(1)))
            }
            _ => true,
        }
    }

    /// The activation behind its sums.
    pub(crate) fn activation(&self) -> Option<Activation> {
        match self {
            Layer::Dense { activation, .. }
            | Layer::Conv(Conv { activation, .. })
            | Layer::BatchNorm { activation, .. }
            | Layer::Activate(activation) => Some(*activation),
            _ => None,
        }
    }

    /// The activation that it has, and may change.
    pub(crate) fn activation_mut(&mut self) -> Option<&mut Activation> {
        match self {
            Layer::Dense { activation, .. }
            | Layer::Conv(Conv { activation, .. })
            | Layer::BatchNorm { activation, .. }
            | Layer::Activate(activation) => Some(activation),
            _ => None,
        }
    }

    /// Whether an activation behind it may be its own, which has been none so far.
    pub(crate) fn is_open(&self) -> bool {
        matches!(
            self,
            Layer::Dense { activation: Activation::Linear, .. }
                | Layer::Conv(Conv { activation: Activation::Linear, .. })
                | Layer::BatchNorm { activation: Activation::Linear, .. }
        )
    }

    /// How many weights of one output lie side by side: all of its inputs in a transposed convolution, else one.
    pub(crate) fn inputs_last(&self) -> usize {
        match self {
            Layer::Conv(conv) if conv.transposed => conv.input.last().copied().unwrap_or(1).max(1),
            _ => 1,
        }
    }

    /// ε, which is no part of the file of weights.
    pub(crate) fn epsilon(&self) -> Option<f32> {
        match self {
            Layer::LayerNorm { epsilon, .. } | Layer::BatchNorm { epsilon, .. } => Some(*epsilon),
            _ => None,
        }
    }

    /// Whether it is a mark of a block, which has no number.
    pub(crate) fn is_mark(&self) -> bool {
        matches!(self, Layer::Open(_) | Layer::And | Layer::Close(_))
    }

    /// Its line in the text of [`baregrad::Params::ARCHITECTURE`].
    pub(crate) fn line(&self) -> String {
        let words = |name: &str, sizes: &[&[usize]]| {
            let sizes: String = sizes.concat().iter().map(|size| format!(" {size}")).collect();
            format!("{name}{sizes}")
        };
        match self {
            Layer::Dense { inputs, outputs, activation, .. } => {
                format!("dense {inputs} {outputs} {}\n", activation.text())
            }
            Layer::Conv(conv) => {
                // The channels of a depthwise convolution are said once.
                let input = if conv.depthwise { &conv.input[..conv.kernel.len()] } else { &conv.input };
                let sizes: [&[usize]; 4] = [input, &conv.output, &conv.kernel, &[conv.stride, conv.dilation]];
                format!("{} {}\n", words(conv.form().line, &sizes), conv.activation.text())
            }
            Layer::BatchNorm { gamma, activation, .. } => format!("batch_norm {} {}\n", gamma.len(), activation.text()),
            Layer::Activate(activation) => format!("activation {}\n", activation.text()),
            Layer::LayerNorm { gamma, .. } => format!("layer_norm {}\n", gamma.len()),
            Layer::Rescale { offset, .. } => format!("rescale {}\n", offset.len()),
            Layer::Pool { of, input, output, window, stride } => {
                let name = if *of == Statistic::Max { "max_pool" } else { "average_pool" };
                words(name, &[input, output, &in_rows(window, 1), &in_rows(stride, 1)]) + "\n"
            }
            Layer::GlobalPool(Statistic::Max) => "global_max_pool\n".into(),
            Layer::GlobalPool(Statistic::Average) => "global_average_pool\n".into(),
            Layer::Resize { by: Resizing::UpSampling, input, output, .. } => {
                words("up_sampling", &[input, output]) + "\n"
            }
            Layer::Resize { by, input, output, before } => {
                let name = if *by == Resizing::ZeroPadding { "zero_padding" } else { "cropping" };
                words(name, &[input, output, &in_rows(before, 0)]) + "\n"
            }
            Layer::Recurrent(layer) => {
                let initial = layer.initial.len() / layer.units().max(1);
                let direction = if layer.backwards { " backwards" } else { "" };
                words(&layer.cell.text(), &[&[layer.channels(), layer.units(), initial]]) + direction + "\n"
            }
            Layer::Embedding { output, table, .. } => {
                words("embedding", &[&[table.len() / output[1].max(1), output[1]]]) + "\n"
            }
            Layer::Open(Merge::Rounded(_)) => "rounded\n".into(),
            Layer::Open(Merge::Residual) => "residual\n".into(),
            Layer::Open(Merge::Sum) => "sum\n".into(),
            Layer::Open(Merge::Concat) => "concat\n".into(),
            Layer::And => "and\n".into(),
            Layer::Close(_) => "end\n".into(),
            Layer::Dropout(_) | Layer::SpatialDropout(_) | Layer::Reshape(_) => String::new(),
        }
    }

    /// Its word in the table of a file, if it has a line.
    pub(crate) fn row(&self) -> Option<u32> {
        Architecture::NONE.text(&self.line()).row()
    }

    /// Keras' name of its class, and of each of its tensors the name, the shape and the numbers, in the order of
    /// [`baregrad::Params::tensors`].
    pub(crate) fn tensors(&self) -> (&'static str, Vec<Values<'_>>) {
        match self {
            Layer::Dense { inputs, outputs, w, b, .. } => {
                ("Dense", vec![("w", vec![*inputs, *outputs], w), ("b", vec![*outputs], b)])
            }
            Layer::Conv(conv) => {
                (conv.form().keras, vec![("w", conv.shape(), &conv.w), ("b", vec![conv.b.len()], &conv.b)])
            }
            Layer::BatchNorm { gamma, beta, mean, variance, .. } => {
                let all = [("gamma", gamma), ("beta", beta), ("mean", mean), ("variance", variance)];
                ("BatchNormalization", rows(all))
            }
            Layer::LayerNorm { gamma, beta, .. } => ("LayerNormalization", rows([("gamma", gamma), ("beta", beta)])),
            Layer::Rescale { offset, scale } => ("Rescale", rows([("offset", offset), ("scale", scale)])),
            Layer::Recurrent(layer) => (layer.cell.keras(), layer.tensors()),
            Layer::Embedding { output, table, .. } => {
                ("Embedding", vec![("table", vec![table.len() / output[1].max(1), output[1]], table)])
            }
            _ => ("", Vec::new()),
        }
    }

    /// The numbers of its tensors, to change them.
    pub(crate) fn values_mut(&mut self) -> Vec<&mut Vec<f32>> {
        match self {
            Layer::Dense { w, b, .. } | Layer::Conv(Conv { w, b, .. }) => vec![w, b],
            Layer::BatchNorm { gamma, beta, mean, variance, .. } => vec![gamma, beta, mean, variance],
            Layer::LayerNorm { gamma, beta, .. } => vec![gamma, beta],
            Layer::Rescale { offset, scale } => vec![offset, scale],
            Layer::Recurrent(Recurrent { w, u, b, initial, .. }) => vec![w, u, b, initial],
            Layer::Embedding { table, .. } => vec![table],
            _ => Vec::new(),
        }
    }
}

/// A tensor of a layer: its name, its shape and its numbers.
pub(crate) type Values<'a> = (&'static str, Vec<usize>, &'a [f32]);

fn rows<'a, const N: usize>(all: [(&'static str, &'a Vec<f32>); N]) -> Vec<Values<'a>> {
    all.into_iter().map(|(name, values)| (name, vec![values.len()], values.as_slice())).collect()
}

/// How many numbers a sample of this shape has.
pub(crate) fn numbers(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1_usize, |size, length| size.checked_mul(*length))
}

/// Numbers for rows and columns. A sequence is one row.
fn in_rows(numbers: &[usize], of_one_row: usize) -> Vec<usize> {
    match numbers {
        [columns] => vec![of_one_row, *columns],
        _ => numbers.to_vec(),
    }
}

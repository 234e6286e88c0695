//! The way through a graph, and what is asked of each operator there.

use super::{File, Graph, Operator, Tensor, Window};
use crate::error::Error;
use crate::graph::{self, Step};
use crate::layer::{numbers, padding};
use baregrad::tensor::same;

/// An operator on its way.
#[derive(Clone, Copy)]
pub(super) struct Node<'a, 'f> {
    pub graph: &'a Graph<'f>,
    pub operator: &'a Operator<'f>,
    pub index: usize,
}

/// The net of a file: its graph, which takes one tensor and gives one.
pub(super) fn net<'a, 'f>(file: &'a File<'f>) -> Result<(&'a Graph<'f>, &'a Tensor<'f>, &'a Tensor<'f>), Error> {
    let graph = &file.graphs[0];
    match (graph.inputs.as_slice(), graph.outputs.as_slice()) {
        ([input], [output]) => Ok((graph, &graph.tensors[*input], &graph.tensors[*output])),
        (inputs, outputs) => {
            let what = format!("a graph of {} inputs and {} outputs", inputs.len(), outputs.len());
            Err(Error::unsupported("TFLite", what).instead("one input and one output"))
        }
    }
}

/// The nodes of a graph, and the steps through them, counted from 1; the input is 0. Or the node where the graph is no chain of
/// blocks. What makes a constant of a constant is no step.
pub(super) fn steps<'a, 'f>(graph: &'a Graph<'f>) -> (Vec<Node<'a, 'f>>, Result<Vec<Step>, Error>) {
    let all = graph.operators.iter().enumerate();
    let nodes = all.map(|(index, operator)| Node { graph, operator, index }).filter(|node| !node.is_constant());
    let nodes: Vec<_> = nodes.collect();
    // The place that makes each tensor.
    let mut made = vec![None; graph.tensors.len()];
    graph.inputs.iter().for_each(|input| made[*input] = Some(0));
    let mut takes = vec![Vec::new()];
    for (place, node) in nodes.iter().enumerate() {
        takes.push(node.operator.inputs.iter().flatten().filter_map(|tensor| made[*tensor]).collect());
        node.operator.outputs.iter().for_each(|tensor| made[*tensor] = Some(place + 1));
    }
    let end = graph.outputs.first().and_then(|output| made[*output]).unwrap_or(0);
    let steps = graph::steps(&takes, end).map_err(|node| {
        let at = nodes.get(node.max(1) - 1).map_or("TFLite".into(), Node::at);
        Error::unsupported(at, "a graph that is neither a chain nor made of blocks of two branches")
    });
    (nodes, steps)
}

/// What is not supported, in the order of the operators.
pub(super) fn in_order(mut error: Error) -> Error {
    if let Error::Unsupported(parts) = &mut error {
        parts.sort_by_key(|part| part.at.split(' ').next().and_then(|index| index.parse::<usize>().ok()));
    }
    error
}

impl<'a, 'f> Node<'a, 'f> {
    /// Its number in the graph, its name and its version.
    pub fn at(&self) -> String {
        format!("{} {} (version {})", self.index, self.operator.name, self.operator.version)
    }

    pub fn unsupported(&self, what: impl Into<String>) -> Error {
        Error::unsupported(self.at(), what)
    }

    /// Whether it only widens the numbers of a constant.
    fn is_constant(&self) -> bool {
        self.output().is_ok_and(|tensor| tensor.is_widened)
    }

    /// An input, unless it is left out.
    pub fn tensor(&self, input: usize) -> Option<&'a Tensor<'f>> {
        self.operator.inputs.get(input).copied().flatten().map(|tensor| &self.graph.tensors[tensor])
    }

    /// An input that may not be left out.
    pub fn input(&self, input: usize) -> Result<&'a Tensor<'f>, Error> {
        self.tensor(input).ok_or_else(|| Error::malformed(self.at(), format!("input {input} is left out")))
    }

    /// What it gives.
    pub fn output(&self) -> Result<&'a Tensor<'f>, Error> {
        match self.operator.outputs.as_slice() {
            [output] => Ok(&self.graph.tensors[*output]),
            outputs => Err(self.unsupported(format!("{} outputs", outputs.len()))),
        }
    }

    /// The bytes of an input that is a constant.
    pub fn constant(&self, input: usize) -> Result<(&'a Tensor<'f>, &'f [u8]), Error> {
        let tensor = self.input(input)?;
        let missing = || self.unsupported(format!("input {input}, which is no constant,"));
        match tensor.is_sparse {
            true => Err(self.unsupported("a sparse constant").instead("an export without sparsity")),
            false => tensor.data.map(|data| (tensor, data)).ok_or_else(missing),
        }
    }

    /// The integers of a constant input.
    pub fn integers(&self, input: usize) -> Result<Vec<i32>, Error> {
        match self.constant(input)? {
            (Tensor { kind: super::Type::Int32, .. }, data) => {
                Ok(data.as_chunks().0.iter().map(|bytes| i32::from_le_bytes(*bytes)).collect())
            }
            (tensor, _) => Err(self.unsupported(format!("input {input} of {:?}", tensor.kind))),
        }
    }

    /// The lengths of one sample of a tensor, behind its batch.
    pub fn sample(&self, tensor: &Tensor<'_>) -> Result<Vec<usize>, Error> {
        sample(tensor).map_err(|error| match error {
            Error::Unsupported(parts) => {
                let what = parts.into_iter().map(|part| part.what).collect::<Vec<_>>().join(", ");
                self.unsupported(what).instead("a batch of 1 or of any size, and other lengths that are known")
            }
            other => other,
        })
    }

    /// An input of `axes` axes of places, and channels.
    pub fn image(&self, tensor: &Tensor<'_>, axes: usize) -> Result<Vec<usize>, Error> {
        let shape = self.sample(tensor)?;
        match shape.len() == axes + 1 {
            true => Ok(shape),
            false => Err(self.unsupported(format!("samples of shape {shape:?}"))),
        }
    }

    /// The shape of a sample that a `MEAN` takes over all places.
    pub fn all_places(&self) -> Result<Vec<usize>, Error> {
        let input = self.sample(self.input(0)?)?;
        let rank = input.len() as i32 + 1;
        let mut axes = self.integers(1)?;
        axes.iter_mut().filter(|axis| **axis < 0).for_each(|axis| *axis = axis.saturating_add(rank));
        axes.sort_unstable();
        if !axes.iter().copied().eq(1..rank - 1) || !(3..5).contains(&rank) {
            let error = self.unsupported(format!("axes = {axes:?}"));
            return Err(error.instead("all axes but the batch and the channels"));
        }
        Ok(input)
    }

    /// The places that a `PAD` puts before and after each axis of a sample of one or two axes, and channels.
    pub fn around(&self) -> Result<Vec<(usize, usize)>, Error> {
        let [input, output] = [self.sample(self.input(0)?)?, self.sample(self.output()?)?];
        let numbers = self.integers(1)?;
        let count = |number: i32| usize::try_from(number).ok();
        let all = numbers.as_chunks().0.iter().map(|[before, after]| count(*before).zip(count(*after)));
        if let Some([(0, 0), around @ .., (0, 0)]) = all.collect::<Option<Vec<_>>>().as_deref()
            && (1..3).contains(&around.len())
            && [input.len(), output.len()] == [around.len() + 1; 2]
            && around.iter().zip(input.iter().zip(&output)).all(|((before, after), (input, output))| {
                input.checked_add(*before).and_then(|length| length.checked_add(*after)) == Some(*output)
            })
        {
            return Ok(around.to_vec());
        }
        let error = self.unsupported(format!("the padding {numbers:?} from {input:?} to {output:?}"));
        Err(error.instead("zeros around rows and columns, or around time"))
    }

    /// Refuses what an LSTM of Keras does not have.
    pub fn is_plain_lstm(&self) -> Result<(), Error> {
        for (first, last, what) in [(9, 11, "peepholes"), (16, 17, "a projection"), (20, 23, "normalised gates")] {
            if (first..=last).any(|input| self.tensor(input).is_some()) {
                return Err(self.unsupported(what).instead("an LSTM of Keras"));
            }
        }
        if self.tensor(1).is_none() {
            return Err(self.unsupported("coupled gates of input and forgetting").instead("an LSTM of Keras"));
        }
        Ok(())
    }

    /// Refuses options that only one value is converted of.
    pub fn only<T: PartialEq + std::fmt::Debug>(&self, name: &str, found: T, needed: T) -> Result<(), Error> {
        match found == needed {
            true => Ok(()),
            false => Err(self.unsupported(format!("{name} = {found:?}")).instead(&format!("{name} = {needed:?}"))),
        }
    }
}

/// The lengths of one sample of a tensor, behind its batch.
pub(super) fn sample(tensor: &Tensor<'_>) -> Result<Vec<usize>, Error> {
    let unknown = || Error::unsupported(&*tensor.name, format!("the shape {:?}", tensor.shape));
    let (batch, rest) = tensor.shape.split_first().ok_or_else(unknown)?;
    let rest: Option<Vec<usize>> = rest.iter().map(|length| usize::try_from(*length).ok()).collect();
    let is_one = matches!(batch, -1 | 1);
    rest.filter(|rest| is_one && !rest.is_empty() && numbers(rest).is_some_and(|size| size > 0)).ok_or_else(unknown)
}

impl Window {
    /// Its stride and dilation, which are positive.
    pub(super) fn steps(&self, node: Node<'_, '_>) -> Result<([usize; 2], [usize; 2]), Error> {
        let positive = |lengths: [i32; 2]| {
            let all = lengths.map(|length| usize::try_from(length).ok().filter(|length| *length > 0));
            all[0].zip(all[1]).map(|(rows, columns)| [rows, columns])
        };
        let all = positive(self.stride).zip(positive(self.dilation));
        all.ok_or_else(|| Error::malformed(node.at(), "a stride or a dilation below 1"))
    }

    /// Padding before and after the axes of an input of these lengths, for windows that cover so many places.
    pub(super) fn padding(&self, input: &[usize], covered: [usize; 2], stride: [usize; 2]) -> Vec<(usize, usize)> {
        let axes = input.iter().zip(covered).zip(stride);
        axes.map(|((length, covered), stride)| match self.same {
            true => padding(*length, same(*length, stride), covered, stride),
            false => (0, 0),
        })
        .collect()
    }
}

//! What of a graph has been read so far, and what all operators need of it.

use super::external::Files;
use super::proto::{NodeProto, TensorProto, ValueInfoProto};
use super::read::sample;
use super::states::States;
use super::tensor::{floats, integers};
use super::view::View;
use crate::activation::Activation;
use crate::builder::Builder;
use crate::error::Error;
use crate::floats::{inverse, permute};
use crate::layer::{Layer, numbers};
use crate::model::Model;
use std::collections::HashMap;

pub(super) struct Reader<'a> {
    pub constants: HashMap<&'a str, &'a TensorProto>,
    pub files: Files<'a>,
    /// Version of the operators.
    pub opset: i64,
    /// Bytes of the model.
    pub size: usize,
    /// How many numbers of constants have been read: one constant may be used by many nodes.
    pub numbers: usize,
    pub builder: Builder,
    /// Batch of the input, if that is a number.
    pub batch: Option<i64>,
    /// How the tensor that the nodes so far have made lies in the net.
    pub view: View,
    /// Whether there is no layer yet, so that the net's input may have its axes in another order.
    pub is_free: bool,
    /// Whether the graph's input has its channels first.
    pub begins_with_channels: bool,
    /// What the graph says beside its way.
    pub states: States<'a>,
    /// Whether the current tensor is of integers, which only an embedding takes.
    pub tokens: bool,
    /// Views at the beginning of blocks, and behind their first branches.
    pub blocks: Vec<(View, Option<View>)>,
}

/// What a node does to the net, once its attributes are known to be supported.
pub(super) type Act<'a> = Box<dyn FnOnce(&mut Reader<'a>) -> Result<(), Error> + 'a>;

impl<'a> Reader<'a> {
    /// Gives the net the shape that the graph has by now.
    pub fn settle(&mut self, node: &NodeProto) -> Result<(), Error> {
        if self.is_free && self.begins_with_channels && !self.view.is_row() {
            self.channels_first(node)?;
        }
        self.is_free = false;
        self.builder.reshape(&node.at(), &self.view.net())
    }

    /// Puts a layer behind the others that keeps the order of axes.
    pub fn push(&mut self, node: &NodeProto, layer: Layer) -> Result<(), Error> {
        self.settle(node)?;
        self.builder.push(&node.at(), layer)
    }

    pub fn activate(&mut self, node: &NodeProto, activation: Activation) -> Result<(), Error> {
        self.settle(node)?;
        self.builder.activate(&node.at(), activation)
    }

    pub fn softmax(&mut self, node: &NodeProto, axis: i64, activation: Activation) -> Result<(), Error> {
        let rank = self.view.graph().len();
        let last = usize::try_from(if axis < 0 { axis + rank as i64 + 1 } else { axis });
        let channels = last.is_ok_and(|axis| {
            // Of old, the axes behind it were taken together.
            let alone = self.opset >= 13 || axis == rank;
            let own = |at: usize| self.view.is_row() || self.view.order[at] + 1 == rank;
            alone && (1..=rank).contains(&axis) && own(axis - 1)
        });
        match channels {
            true => self.activate(node, activation),
            false => Err(Error::unsupported(node.at(), format!("axis = {axis}")).instead("the axis of the channels")),
        }
    }

    /// Makes the graph's first axis the net's last one.
    pub fn channels_first(&mut self, node: &NodeProto) -> Result<(), Error> {
        let axes = self.view.graph();
        let other = || {
            let what = format!("an input of shape {axes:?} whose channels are not the last axis in memory");
            Error::unsupported(node.at(), what).instead("a Transpose before it instead of a Reshape")
        };
        if self.view.is_channels_first() && !self.view.flat {
            return Ok(());
        }
        let wanted = View::channels_first(&axes).filter(|_| axes.len() > 1).ok_or_else(other)?;
        // Or, if there is but one channel or place, both orders are the same.
        match self.is_free || (self.view.is_plain() && wanted.is_plain()) {
            true => self.view = wanted,
            false => return Err(other()),
        }
        Ok(())
    }

    pub fn is_row(&self, node: &NodeProto) -> Result<(), Error> {
        match self.view.is_row() {
            true => Ok(()),
            false => Err(Error::unsupported(node.at(), format!("an input of shape {:?}", self.view.graph()))),
        }
    }

    /// Whether a node has an input of this number, which may be left out.
    pub fn has(&self, node: &NodeProto, input: usize) -> bool {
        node.input.get(input).is_some_and(|name| !name.is_empty())
    }

    pub fn constant(&self, node: &NodeProto, input: usize) -> Result<&'a TensorProto, Error> {
        let name = node.input.get(input).map_or("", String::as_str);
        let missing = || Error::unsupported(node.at(), format!("input {input} ({name:?}), which is no constant,"));
        // A tensor without a name is none that an input could have.
        self.constants.get(name).filter(|_| !name.is_empty()).copied().ok_or_else(missing)
    }

    /// Refuses to read much more than all numbers of the file, which may be used again and again.
    pub fn count(&mut self, node: &NodeProto, numbers: usize) -> Result<(), Error> {
        self.numbers = self.numbers.saturating_add(numbers);
        let bound = 16 * (self.size + self.files.size());
        match self.numbers > bound {
            true => Err(Error::TooLarge { at: node.at(), declared: self.numbers as u64, bound: bound as u64 }),
            false => Ok(()),
        }
    }

    pub fn floats(&mut self, node: &NodeProto, input: usize) -> Result<(Vec<usize>, Vec<f32>), Error> {
        let (shape, values) = floats(self.constant(node, input)?, &mut self.files)?;
        self.count(node, values.len())?;
        Ok((shape, values))
    }

    pub fn integers(&mut self, node: &NodeProto, input: usize) -> Result<Vec<i64>, Error> {
        let all = integers(self.constant(node, input)?, &mut self.files)?;
        self.count(node, all.len())?;
        Ok(all)
    }

    /// A row of `size` numbers, which may be given as one for all.
    pub fn row(&mut self, node: &NodeProto, input: usize, size: usize) -> Result<Vec<f32>, Error> {
        let (found, values) = self.floats(node, input)?;
        let leading = found.len().saturating_sub(1);
        match (found.last(), values.as_slice()) {
            (_, [value]) if found.len() <= 2 => self.builder.fill(&node.at(), *value, Some(size)),
            (Some(last), _) if *last == size && leading <= 1 && found[..leading] == [1][..leading] => Ok(values),
            _ => Err(Error::Shape { name: node.input[input].clone(), found, needed: vec![size] }),
        }
    }

    /// A row with a number for each feature of the current tensor, in the net's order.
    pub fn features(&mut self, node: &NodeProto, input: usize) -> Result<Vec<f32>, Error> {
        let row = self.row(node, input, self.view.numbers())?;
        Ok(self.ordered(row, 1))
    }

    /// Rows of the graph's order in the order of the net.
    pub fn ordered(&self, values: Vec<f32>, width: usize) -> Vec<f32> {
        if !self.view.flat {
            return values;
        }
        let (axes, order) = (self.view.axes(), inverse(&self.view.order));
        permute(&values, &[axes.as_slice(), &[width]].concat(), &[order.as_slice(), &[axes.len()]].concat())
    }

    /// The same numbers with other lengths behind the batch.
    pub fn reshape(&mut self, node: &NodeProto, lengths: &[usize]) -> Result<(), Error> {
        let wrong = || {
            let what = format!(
                "a Reshape of {:?} to {lengths:?}, whose channels are not the last axis in memory,",
                self.view.graph()
            );
            Error::unsupported(node.at(), what).instead("a Transpose before it that makes the channels the last axis")
        };
        self.view = self.view.reshaped(lengths).ok_or_else(wrong)?;
        Ok(())
    }

    pub fn reshape_by(&mut self, node: &NodeProto, zero_keeps: bool) -> Result<(), Error> {
        let mut lengths = self.integers(node, 1)?;
        let mut before = self.view.graph();
        // That of the batch stays as it is.
        before.insert(self.view.batch, 0);
        for (length, before) in lengths.iter_mut().zip(&before).filter(|(length, _)| zero_keeps && **length == 0) {
            *length = *before as i64;
        }
        let wrong = || Error::unsupported(node.at(), format!("the shape {lengths:?}"));
        let at = self.view.batch;
        let Some((before, [batch, rest @ ..])) = lengths.split_at_checked(at) else { return Err(wrong()) };
        let keeps_batch = match batch {
            -1 => !rest.contains(&-1),
            0 => zero_keeps,
            batch => Some(*batch) == self.batch,
        };
        let shape = self.view.lengths_of(before, rest).filter(|_| keeps_batch).ok_or_else(wrong)?;
        self.reshape(node, &shape)?;
        self.view.batch = at;
        Ok(())
    }

    pub fn second_branch(&mut self) -> Result<(), Error> {
        self.builder.reshape("a branch", &self.view.net())?;
        if let Some((start, first)) = self.blocks.last_mut() {
            *first = Some(std::mem::replace(&mut self.view, start.clone()));
        }
        self.builder.push("a branch", Layer::And)
    }

    /// The end of a block, whose branches have the same order of axes. If they are joined, it is along an axis of the graph.
    pub fn close(&mut self, node: &NodeProto, axis: Option<i64>) -> Result<(), Error> {
        self.settle(node)?;
        let (start, first) = self.blocks.pop().unwrap_or_else(|| (self.view.clone(), None));
        let first = first.unwrap_or(start);
        let joins = axis.is_some();
        let same = first.order == self.view.order || (first.is_plain() && self.view.is_plain() && !joins);
        let alike = (first.flat, first.batch) == (self.view.flat, self.view.batch);
        if !alike || !same || (self.view.flat && joins) {
            let error = Error::unsupported(node.at(), "branches whose axes are in other orders in memory");
            return Err(error.instead("the same Transpose in both branches"));
        }
        if let Some(axis) = axis {
            let (own, _) = self.axis(node, axis)?;
            if self.view.order[own] + 1 != self.view.order.len() {
                let error = Error::unsupported(node.at(), format!("axis = {axis} of shape {:?}", self.view.graph()));
                return Err(error.instead("the axis of the channels"));
            }
        }
        self.builder.close(&node.at())?;
        if joins {
            self.view.lengths = self.builder.shape().to_vec();
        }
        Ok(())
    }

    pub fn finish(mut self, last: &[String], output: &ValueInfoProto) -> Result<Model, Error> {
        if !last.contains(&output.name) {
            let what = format!("the output {}, while the last node gives {}", output.name, last.join(" and "));
            return Err(Error::unsupported("ONNX", what));
        }
        if self.view.batch != 0 || self.tokens {
            let what =
                if self.tokens { "an output of integers" } else { "an output whose batch is not the first axis" };
            return Err(Error::unsupported(&output.name, what).instead("floats, with the batch first"));
        }
        if self.view.flat && !self.is_free {
            let error = Error::unsupported(&output.name, "an output that is flattened with its channels first");
            return Err(error.instead("a Transpose before the Flatten"));
        }
        if !self.is_free && !self.view.is_plain() && !self.view.is_channels_first() {
            let error = Error::unsupported(&output.name, format!("an output of the axes {:?}", self.view.order));
            return Err(error.instead("channels as the first axis or as the last one"));
        }
        self.builder.reshape(&output.name, &self.view.net())?;
        let given = self.builder.outputs();
        match sample(output).and_then(|(_, shape)| numbers(&shape)) {
            Some(stated) if stated != given => Err(Error::malformed(
                &output.name,
                format!("an output of {stated} numbers, while the last node gives {given}"),
            )),
            _ => self.builder.finish(),
        }
    }
}

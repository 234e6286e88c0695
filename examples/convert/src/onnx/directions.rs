//! Nodes that join the outputs of both directions of a recurrent layer, which lie side by side in the net.

use super::attributes::Attributes;
use super::proto::{NodeProto, TensorProto};
use super::reader::Reader;
use super::states::read;
use super::tensor::integers;
use super::view::View;
use std::collections::HashMap;

/// An axis of what a recurrent layer gives.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Axis {
    Steps,
    Directions,
    Batch,
    Units,
}

/// A part of what a recurrent layer gives.
struct Part {
    axes: Vec<Axis>,
    direction: Option<i64>,
    step: Option<i64>,
}

impl Part {
    /// Passes a node that takes one number of an axis, or takes such an axis away.
    fn pass(&mut self, node: &NodeProto, constants: &HashMap<&str, &TensorProto>) -> Option<()> {
        let mut attributes = Attributes::of(node).ok()?;
        let given = |input: usize| {
            let constant = constants.get(node.input.get(input)?.as_str())?;
            Some((constant.dims.len(), read(|files| integers(constant, files).ok())?))
        };
        let place = |axes: &[Axis], axis: i64| {
            usize::try_from(if axis < 0 { axis + axes.len() as i64 } else { axis }).ok().filter(|at| *at < axes.len())
        };
        match (node.op_type.as_str(), &given(1)?) {
            ("Gather", (0, index)) => {
                let at = place(&self.axes, attributes.integer("axis", 0).ok()?)?;
                self.choose(at, index[0])?;
                self.axes.remove(at);
            }
            ("Slice", (1, start)) => {
                let ([start], (_, end), (_, axes)) = (&start[..], given(2)?, given(3)?) else { return None };
                let ([end], [axis], true) = (&end[..], &axes[..], node.input.len() < 5) else { return None };
                let one = *end == start + 1 || (*start == -1 && *end >= i64::from(i32::MAX));
                let at = place(&self.axes, *axis).filter(|_| one)?;
                self.choose(at, *start)?;
            }
            ("Squeeze", (1, axes)) => {
                let [axis] = axes[..] else { return None };
                let at = place(&self.axes, axis)?;
                self.axes.remove(at);
            }
            _ => return None,
        }
        Some(())
    }

    fn choose(&mut self, at: usize, index: i64) -> Option<()> {
        let chosen = match self.axes[at] {
            Axis::Steps => &mut self.step,
            Axis::Directions => &mut self.direction,
            _ => return None,
        };
        *chosen = Some(index);
        Some(())
    }
}

impl Reader<'_> {
    /// Joins both directions, if the nodes of two branches take one each, at all steps or at the last one of each direction.
    pub fn join_directions(&mut self, join: &NodeProto, branches: [&[&NodeProto]; 2]) -> Option<()> {
        use Axis::{Batch, Directions, Steps, Units};
        let axes = match (&self.view.lengths[..], self.view.batch) {
            _ if self.view != (View { batch: self.view.batch, ..View::plain(self.view.lengths.clone()) }) => {
                return None;
            }
            ([_, 2, _], 2) => vec![Steps, Directions, Batch, Units],
            ([_, 2, _], 0) => vec![Batch, Steps, Directions, Units],
            ([2, _], 1) => vec![Directions, Batch, Units],
            ([2, _], 0) => vec![Batch, Directions, Units],
            _ => return None,
        };
        let [first, second] = branches.map(|nodes| {
            let mut part = Part { axes: axes.clone(), direction: None, step: None };
            nodes.iter().try_for_each(|node| part.pass(node, &self.constants)).map(|()| part)
        });
        let (first, second) = (first?, second?);
        let length = if axes.contains(&Steps) { self.view.lengths[0] as i64 } else { 0 };
        let axis = Attributes::of(join).ok()?.integer("axis", 0).ok()?;
        let last = [-1, first.axes.len() as i64 - 1].contains(&axis) && first.axes.last() == Some(&Units);
        let directions = [first.direction, second.direction].map(|direction| direction.map(|at| at.rem_euclid(2)));
        let order = join.input.first() == branches[0].last().map(|node| &node.output[0]);
        if !last || !order || first.axes != second.axes || directions != [Some(0), Some(1)] {
            return None;
        }
        let units = self.view.lengths[self.view.lengths.len() - 1];
        match [first.step, second.step].map(|step| step.map(|step| step.rem_euclid(length.max(1)))) {
            [None, None] => {}
            [Some(end), Some(0)] if end + 1 == length && !first.axes.contains(&Steps) => {
                self.builder.last_states(&[self.view.lengths[0], units])?;
            }
            _ => return None,
        }
        let lengths = if first.axes.contains(&Steps) { vec![self.view.lengths[0], 2 * units] } else { vec![2 * units] };
        let batch = first.axes.iter().position(|axis| *axis == Batch)?;
        self.view = View { batch, ..View::plain(lengths) };
        Some(())
    }
}

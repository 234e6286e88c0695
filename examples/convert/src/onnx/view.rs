//! How a tensor of a graph lies in the memory of the net, where channels come last.

use crate::layer::numbers;
use crate::model::reshaped;

/// A tensor without its batch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct View {
    /// Lengths of the net's axes.
    pub lengths: Vec<usize>,
    /// The net's axis that each axis of the graph is.
    pub order: Vec<usize>,
    /// Whether the graph has all axes in one.
    pub flat: bool,
    /// Where the batch is among the axes of the graph: the first one, but for recurrent layers.
    pub batch: usize,
}

impl View {
    /// The same axes in the graph and in the net.
    pub fn plain(lengths: Vec<usize>) -> Self {
        View { order: (0..lengths.len()).collect(), lengths, flat: false, batch: 0 }
    }

    /// An image or a sequence of these lengths in the graph, where its channels are the first axis.
    pub fn channels_first(graph: &[usize]) -> Option<Self> {
        let (channels, places) = graph.split_first()?;
        let order = std::iter::once(places.len()).chain(0..places.len()).collect();
        Some(View { lengths: [places, &[*channels]].concat(), order, flat: false, batch: 0 })
    }

    /// The lengths of the graph's axes before they became one.
    pub fn axes(&self) -> Vec<usize> {
        self.order.iter().map(|axis| self.lengths[*axis]).collect()
    }

    /// The lengths of the graph's axes.
    pub fn graph(&self) -> Vec<usize> {
        if self.flat { vec![self.numbers()] } else { self.axes() }
    }

    /// The lengths of the net's axes, which are one if the graph's are.
    pub fn net(&self) -> Vec<usize> {
        if self.flat { vec![self.numbers()] } else { self.lengths.clone() }
    }

    pub fn numbers(&self) -> usize {
        numbers(&self.lengths).unwrap_or(usize::MAX)
    }

    /// Whether a sample has but one axis.
    pub fn is_row(&self) -> bool {
        self.flat || self.lengths.len() == 1
    }

    /// Whether the channels are the first axis of the graph, and the last of the net.
    pub fn is_channels_first(&self) -> bool {
        View::channels_first(&self.axes()).is_some_and(|other| other == *self)
    }

    /// Whether the numbers have the same order in the graph and in the net: axes of one number have no order.
    pub fn is_plain(&self) -> bool {
        self.order.iter().filter(|axis| self.lengths[**axis] != 1).is_sorted()
    }

    /// The same order of numbers in another shape of the graph, whose batch comes first.
    pub fn reshaped(&self, graph: &[usize]) -> Option<Self> {
        if numbers(graph) != Some(self.numbers()) {
            return None;
        }
        if self.is_plain() {
            return Some(View::plain(graph.to_vec()));
        }
        if let [_] = graph {
            return Some(View { flat: true, batch: 0, ..self.clone() });
        }
        // Axes of one number come or go. In the net, they are the first.
        let long = |all: &[usize]| all.iter().copied().filter(|length| *length != 1).collect::<Vec<_>>();
        if self.flat || long(&self.axes()) != long(graph) {
            return None;
        }
        let mut ranks: Vec<usize> = self.order.iter().copied().filter(|axis| self.lengths[*axis] != 1).collect();
        let mut kept = ranks.clone();
        kept.sort_unstable();
        let ones = graph.len() - ranks.len();
        ranks.iter_mut().for_each(|axis| *axis = ones + kept.iter().position(|kept| kept == axis).unwrap_or(0));
        let (mut one, mut ranks) = (0.., ranks.into_iter());
        let order = graph.iter().map(|length| if *length == 1 { one.next() } else { ranks.next() });
        let order = order.collect::<Option<Vec<usize>>>()?;
        let mut lengths = vec![1; graph.len()];
        order.iter().zip(graph).for_each(|(axis, length)| lengths[*axis] = *length);
        Some(View { lengths, order, flat: false, batch: 0 })
    }

    /// The lengths of the graph's axes after a `Reshape` to these, which keep what is before the batch.
    pub fn lengths_of(&self, before: &[i64], behind: &[i64]) -> Option<Vec<usize>> {
        let (same, rest) = (self.graph()[..self.batch].to_vec(), &self.graph()[self.batch..]);
        let keeps = before.iter().copied().eq(same.iter().map(|length| *length as i64));
        let behind = reshaped(numbers(rest)?, behind).filter(|_| keeps)?;
        Some([same, behind].concat()).filter(|shape| !shape.is_empty())
    }

    /// The view after axes of the graph, of which the batch is one, have been put into another order.
    pub fn transposed(&self, order: &[usize]) -> Self {
        let own = if self.flat { vec![None] } else { self.order.iter().copied().map(Some).collect() };
        // The batch is none of the net's axes.
        let mut axes: Vec<Option<Option<usize>>> = own.into_iter().map(Some).collect();
        axes.insert(self.batch, None);
        let moved: Vec<_> = order.iter().map(|axis| axes[*axis]).collect();
        let batch = moved.iter().position(Option::is_none).unwrap_or_default();
        match self.flat {
            true => View { batch, ..self.clone() },
            false => View { batch, order: moved.into_iter().flatten().flatten().collect(), ..self.clone() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reshaping_keeps_the_order() {
        let image = View::channels_first(&[3, 4, 5]).unwrap();
        assert_eq!((image.lengths.as_slice(), image.order.as_slice()), (&[4, 5, 3][..], &[2, 0, 1][..]));
        assert!(image.is_channels_first() && !image.is_plain());
        assert_eq!(image.reshaped(&[60]).unwrap(), View { flat: true, ..image.clone() });
        assert_eq!(image.reshaped(&[12, 5]), None);
        // Of one channel, and of one place, there is but one order.
        for lengths in [[1, 4, 5], [7, 1, 1]] {
            let image = View::channels_first(&lengths).unwrap();
            assert_eq!(
                image.reshaped(&[lengths.iter().product()]).unwrap(),
                View::plain(vec![lengths.iter().product()])
            );
        }
        let sequence = View::channels_first(&[3, 4]).unwrap();
        let row = sequence.reshaped(&[3, 1, 4]).unwrap();
        assert_eq!(row, View::channels_first(&[3, 1, 4]).unwrap());
        assert_eq!(row.reshaped(&[3, 4]).unwrap(), sequence);
    }
}

//! How files lay out the tensors of a net.

use super::{Framework, NameMap, Wanted};
use crate::error::Error;
use crate::floats::{inverse, permute};
use crate::recurrent::{Cell, Order};

/// How a file lays out a tensor.
pub(crate) struct Layout {
    /// Lengths of the tensors that it is in the file: one, none, or the two biases of a recurrent layer in PyTorch.
    pub shapes: Vec<Vec<usize>>,
    form: Form,
}

enum Form {
    Permuted {
        /// Lengths of the net's axes, some of which may be one in the file.
        axes: Vec<usize>,
        /// The net's axis that each axis of the file is.
        order: Vec<usize>,
    },
    /// PyTorch's gates, as rows of so many inputs.
    Gates(Cell, usize),
    Biases(Cell),
    /// No numbers: no file has the tensor.
    Empty,
}

impl Layout {
    /// A file's numbers as the net has them.
    pub fn read(&self, tensors: &[Vec<f32>]) -> Vec<f32> {
        match (&self.form, tensors) {
            (Form::Permuted { axes, order }, [values]) => {
                let shape: Vec<usize> = order.iter().map(|axis| axes[*axis]).collect();
                permute(values, &shape, &inverse(order))
            }
            (Form::Gates(cell, inputs), [values]) => cell.weights_of(Order::PyTorch, values, *inputs),
            (Form::Biases(cell), [input, state]) => cell.biases_of(Order::PyTorch, input, state),
            _ => Vec::new(),
        }
    }

    /// The net's numbers as a file has them.
    pub fn write(&self, values: &[f32]) -> Vec<Vec<f32>> {
        match &self.form {
            Form::Permuted { axes, order } => vec![permute(values, axes, order)],
            Form::Gates(cell, inputs) => vec![cell.rows_of(Order::PyTorch, values, *inputs)],
            Form::Biases(cell) => cell.both_biases(Order::PyTorch, values).into(),
            Form::Empty => Vec::new(),
        }
    }
}

impl NameMap {
    /// How the file has a tensor. PyTorch has outputs before inputs and channels before places.
    pub(crate) fn layout(&self, wanted: &Wanted) -> Result<Layout, Error> {
        match wanted.cell() {
            _ if wanted.is_empty() => return Ok(Layout { shapes: Vec::new(), form: Form::Empty }),
            Some(cell) if matches!(wanted.tensor, "w" | "u" | "b") => return self.recurrent(wanted, cell),
            _ => {}
        }
        let mut axes = wanted.shape.clone();
        let weights = wanted.tensor == "w";
        if weights && wanted.kind.starts_with("Depthwise") && self.framework != Framework::Baregrad {
            axes.push(1);
        }
        let mut order: Vec<usize> = (0..axes.len()).collect();
        if self.framework == Framework::PyTorch {
            let taps = axes.len().saturating_sub(2);
            if weights && wanted.kind.starts_with("Depthwise") {
                order = [vec![taps, taps + 1], (0..taps).collect()].concat();
            } else if weights {
                order = [vec![taps + 1, taps], (0..taps).collect()].concat();
            }
            if let Some(image) = &wanted.image {
                let places = image.len() - 1;
                let (mut channels_first, rest) = (vec![places], axes[1..].to_vec());
                channels_first.extend(0..places);
                axes = [image.as_slice(), &rest].concat();
                // Outputs, if there are any, come before the inputs.
                order = (places + 1..axes.len()).chain(channels_first).collect();
            }
        }
        let shape: Vec<usize> = match &wanted.image {
            Some(_) if self.framework == Framework::PyTorch => wanted.shape.iter().rev().copied().collect(),
            _ => order.iter().map(|axis| axes[*axis]).collect(),
        };
        Ok(Layout { shapes: vec![shape], form: Form::Permuted { axes, order } })
    }

    /// The same of a recurrent layer. Keras has the gates side by side.
    fn recurrent(&self, wanted: &Wanted, cell: Cell) -> Result<Layout, Error> {
        let axes = wanted.shape.clone();
        let (units, gates) = (axes[axes.len() - 1], cell.gates());
        let layout = |shape: Vec<usize>, form| Ok(Layout { shapes: vec![shape], form });
        match (self.framework, &axes[..]) {
            (Framework::PyTorch, _) if cell == Cell::GruResetBefore => {
                let error = Error::unsupported(format!("layer {}", wanted.layer), "a GruResetBefore in PyTorch");
                Err(error.instead("Gru"))
            }
            (Framework::PyTorch, &[_, inputs, _]) => layout(vec![gates * units, inputs], Form::Gates(cell, inputs)),
            (Framework::PyTorch, _) => Ok(Layout { shapes: vec![vec![gates * units]; 2], form: Form::Biases(cell) }),
            (Framework::Keras, &[_, inputs, _]) => {
                layout(vec![inputs, gates * units], Form::Permuted { order: vec![1, 0, 2], axes })
            }
            (Framework::Keras, &[rows, _]) => {
                let sides = if cell == Cell::Gru { vec![2] } else { Vec::new() };
                let shape = [sides.as_slice(), &[gates * units]].concat();
                debug_assert_eq!(shape.iter().product::<usize>(), rows * units);
                layout(shape, Form::Permuted { order: vec![0, 1], axes })
            }
            _ => layout(axes.clone(), Form::Permuted { order: (0..axes.len()).collect(), axes }),
        }
    }
}

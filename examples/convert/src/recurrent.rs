//! Recurrent layers: what their cells have in common, and the order of their gates elsewhere.

use crate::activation::Activation;
use crate::floats::permute;

/// A recurrent layer. Its shapes are written as in `Gru<X, Y>`.
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrent {
    /// Its mathematics.
    pub cell: Cell,
    /// Shape of its input: `[steps, channels]`.
    pub input: Vec<usize>,
    /// Shape of its output: `[steps, units]`, or `[units]` of the last state alone.
    pub output: Vec<usize>,
    /// Whether steps of zeros at the end are padding: `Masked`.
    pub masked: bool,
    /// Whether the last step comes first: `Backwards`.
    pub backwards: bool,
    /// Weights of the inputs, `[gate][in][out]`.
    pub w: Vec<f32>,
    /// Weights of the state, `[gate][in][out]`.
    pub u: Vec<f32>,
    /// Biases, `[row][out]`.
    pub b: Vec<f32>,
    /// The first states, if they are learnt.
    pub initial: Vec<f32>,
    /// How many states windows carry on with. Files of weights do not have them.
    pub carried: usize,
}

/// The mathematics of a recurrent layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    /// `SimpleRnn<X, Y, A>`
    SimpleRnn(Activation),
    /// `Gru<X, Y>`
    Gru,
    /// `GruResetBefore<X, Y>`
    GruResetBefore,
    /// `Lstm<X, Y>`
    Lstm,
}

/// Whose order of gates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    PyTorch,
    Onnx,
}

impl Cell {
    /// Its type in Rust.
    pub(crate) fn rust(self) -> &'static str {
        match self {
            Cell::SimpleRnn(_) => "SimpleRnn",
            Cell::Gru => "Gru",
            Cell::GruResetBefore => "GruResetBefore",
            Cell::Lstm => "Lstm",
        }
    }

    /// That of a type in Rust. The activation of a `SimpleRnn` is an argument of its own.
    pub(crate) fn of_rust(name: &str) -> Option<Self> {
        let all = [Cell::SimpleRnn(Activation::Tanh), Cell::Gru, Cell::GruResetBefore, Cell::Lstm];
        all.into_iter().find(|cell| cell.rust() == name)
    }

    /// Its class in Keras.
    pub(crate) fn keras(self) -> &'static str {
        match self {
            Cell::SimpleRnn(_) => "SimpleRNN",
            Cell::Gru | Cell::GruResetBefore => "GRU",
            Cell::Lstm => "LSTM",
        }
    }

    /// Its operator in ONNX.
    pub(crate) fn onnx(self) -> &'static str {
        match self {
            Cell::SimpleRnn(_) => "RNN",
            Cell::Gru | Cell::GruResetBefore => "GRU",
            Cell::Lstm => "LSTM",
        }
    }

    /// Its words in the text of an architecture.
    pub(crate) fn text(self) -> String {
        match self {
            Cell::SimpleRnn(activation) => format!("simple_rnn {}", activation.text()),
            Cell::Gru => "gru".into(),
            Cell::GruResetBefore => "gru_reset_before".into(),
            Cell::Lstm => "lstm".into(),
        }
    }

    pub(crate) fn gates(self) -> usize {
        match self {
            Cell::SimpleRnn(_) => 1,
            Cell::Gru | Cell::GruResetBefore => 3,
            Cell::Lstm => 4,
        }
    }

    /// Rows of biases: a `Gru` has those of the inputs and those of the state.
    pub(crate) fn biases(self) -> usize {
        if self == Cell::Gru { 6 } else { self.gates() }
    }

    pub(crate) fn states(self) -> usize {
        if self == Cell::Lstm { 2 } else { 1 }
    }

    /// Whether baregrad, Keras and ONNX have this activation of a `SimpleRnn`.
    pub(crate) fn is_known(self) -> bool {
        use Activation::{Relu, Sigmoid, Softplus, Softsign, Tanh};
        !matches!(self, Cell::SimpleRnn(activation) if !matches!(activation, Tanh | Relu | Sigmoid | Softplus | Softsign))
    }

    /// Which of baregrad's gates each of another order is. That of Keras is baregrad's: z, r, h and i, f, c, o.
    fn order(self, order: Order) -> &'static [usize] {
        match (self, order) {
            (Cell::SimpleRnn(_), _) => &[0],
            // r, z, n
            (Cell::Gru | Cell::GruResetBefore, Order::PyTorch) => &[1, 0, 2],
            (Cell::Gru | Cell::GruResetBefore, Order::Onnx) => &[0, 1, 2],
            (Cell::Lstm, Order::PyTorch) => &[0, 1, 2, 3],
            // i, o, f, c
            (Cell::Lstm, Order::Onnx) => &[0, 3, 1, 2],
        }
    }

    /// The gates of another order in baregrad's.
    fn ours(self, order: Order, theirs: &[f32]) -> Vec<f32> {
        let (size, mut ours) = (theirs.len() / self.gates(), theirs.to_vec());
        for (theirs, gate) in theirs.chunks_exact(size.max(1)).zip(self.order(order)) {
            ours[gate * size..][..size].copy_from_slice(theirs);
        }
        ours
    }

    /// Gates in another order.
    fn theirs(self, order: Order, ours: &[f32]) -> Vec<f32> {
        let size = ours.len() / self.gates();
        self.order(order).iter().flat_map(|gate| &ours[gate * size..][..size]).copied().collect()
    }

    /// Weights `[gate][in][out]` of `[gate · out][in]`.
    pub(crate) fn weights_of(self, order: Order, rows: &[f32], inputs: usize) -> Vec<f32> {
        let units = rows.len() / (self.gates() * inputs).max(1);
        self.ours(order, &permute(rows, &[self.gates(), units, inputs], &[0, 2, 1]))
    }

    /// Weights `[gate · out][in]` of `[gate][in][out]`.
    pub(crate) fn rows_of(self, order: Order, weights: &[f32], inputs: usize) -> Vec<f32> {
        let units = weights.len() / (self.gates() * inputs).max(1);
        permute(&self.theirs(order, weights), &[self.gates(), inputs, units], &[0, 2, 1])
    }

    /// The biases of two rows of gates: those of the inputs, and those of the state. But in a `Gru`, only their sum matters.
    pub(crate) fn biases_of(self, order: Order, input: &[f32], state: &[f32]) -> Vec<f32> {
        let (input, state) = (self.ours(order, input), self.ours(order, state));
        match self {
            Cell::Gru => [input, state].concat(),
            _ => input.iter().zip(&state).map(|(input, state)| input + state).collect(),
        }
    }

    /// The two rows of biases.
    pub(crate) fn both_biases(self, order: Order, biases: &[f32]) -> [Vec<f32>; 2] {
        match self {
            Cell::Gru => {
                let (input, state) = biases.split_at(biases.len() / 2);
                [self.theirs(order, input), self.theirs(order, state)]
            }
            _ => [self.theirs(order, biases), vec![0.0; biases.len()]],
        }
    }
}

impl Recurrent {
    /// How many numbers a state has.
    pub(crate) fn units(&self) -> usize {
        self.output.last().copied().unwrap_or_default()
    }

    /// Channels of its input.
    pub(crate) fn channels(&self) -> usize {
        self.input.last().copied().unwrap_or_default()
    }

    /// Whether it gives the state after each step.
    pub(crate) fn is_sequence(&self) -> bool {
        self.output.len() == 2
    }

    /// The states before the first step, if any is not 0.
    pub(crate) fn first_states(&self) -> Option<Vec<f32>> {
        self.initial.iter().any(|state| *state != 0.0).then(|| self.initial.clone())
    }

    /// Names, shapes and numbers of its tensors.
    pub(crate) fn tensors(&self) -> Vec<(&'static str, Vec<usize>, &[f32])> {
        let (units, rows) = (self.units(), |values: &[f32]| values.len() / self.units().max(1));
        let mut all: Vec<(&'static str, Vec<usize>, &[f32])> = vec![
            ("w", vec![self.cell.gates(), self.channels(), units], &self.w),
            ("u", vec![self.cell.gates(), units, units], &self.u),
        ];
        for (name, values) in [("b", &self.b), ("initial", &self.initial)] {
            all.push((name, vec![rows(values), units], values));
        }
        all
    }

    pub(crate) fn is_sound(&self) -> bool {
        let states = self.cell.states();
        let has_initial = self.initial.is_empty() || self.initial.len() == states * self.units();
        let has_carried = self.carried == 0 || self.carried == states;
        let steps = self.output.len() == 1 || (self.output.len() == 2 && self.output[0] == self.input[0]);
        self.input.len() == 2 && steps && self.cell.is_known() && has_initial && has_carried
    }

    /// Whether the other layer is this one but for its direction and its numbers: the two are a `Bidirectional`.
    pub(crate) fn is_pair(&self, other: &Recurrent) -> bool {
        let states = |of: &Recurrent| [of.initial.len(), of.carried];
        let of = |of: &Recurrent| (of.cell, of.masked, states(of));
        !self.backwards
            && other.backwards
            && of(self) == of(other)
            && (&self.input, &self.output) == (&other.input, &other.output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_go_into_order_and_back() {
        let all = [Cell::SimpleRnn(Activation::Tanh), Cell::Gru, Cell::GruResetBefore, Cell::Lstm];
        for (cell, order) in all.into_iter().flat_map(|cell| [(cell, Order::PyTorch), (cell, Order::Onnx)]) {
            let weights: Vec<f32> = (0..cell.gates() * 6).map(|i| i as f32).collect();
            let rows = cell.rows_of(order, &weights, 3);
            assert_eq!(cell.weights_of(order, &rows, 3), weights);
            let biases = &weights[..cell.biases() * 2];
            let [input, state] = cell.both_biases(order, biases);
            assert_eq!(cell.biases_of(order, &input, &state), biases);
        }
        // [out][in] of r comes first in PyTorch.
        let weights: Vec<f32> = (0..6).map(|i| i as f32).collect();
        assert_eq!(Cell::Gru.rows_of(Order::PyTorch, &weights, 2), [2.0, 3.0, 0.0, 1.0, 4.0, 5.0]);
    }
}

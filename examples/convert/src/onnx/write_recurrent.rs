//! Recurrent layers and embeddings as nodes.

use super::proto::{NodeProto, data_type};
use super::write::{Graph, integer, integers, word, words};
use crate::activation::Activation;
use crate::recurrent::{Cell, Order, Recurrent};

/// The operator's name of the activation of a `SimpleRnn`.
pub(super) const ACTIVATIONS: [(Activation, &str); 5] = [
    (Activation::Tanh, "Tanh"),
    (Activation::Relu, "Relu"),
    (Activation::Sigmoid, "Sigmoid"),
    (Activation::Softplus, "Softplus"),
    (Activation::Softsign, "Softsign"),
];

impl Graph {
    /// A layer, or both directions of a `Bidirectional`, as one node between such that transpose.
    pub fn recurrent(&mut self, number: usize, directions: &[&Recurrent]) {
        let named = |name: &str| format!("{number}.{name}");
        let layer = directions[0];
        let (cell, inputs, units, count) = (layer.cell, layer.channels(), layer.units(), directions.len());
        self.channels(false);
        self.node(&named("steps_first"), "Transpose", &[], vec![integers("perm", vec![1, 0, 2])]);
        let of_all = |of: &dyn Fn(&Recurrent) -> Vec<f32>| directions.iter().flat_map(|layer| of(layer)).collect();
        let (w, r, b): (Vec<f32>, Vec<f32>, Vec<f32>) = (
            of_all(&|layer| cell.rows_of(Order::Onnx, &layer.w, inputs)),
            of_all(&|layer| cell.rows_of(Order::Onnx, &layer.u, units)),
            of_all(&|layer| cell.both_biases(Order::Onnx, &layer.b).concat()),
        );
        let rows = cell.gates() * units;
        let mut input = vec![
            self.current.clone(),
            self.tensor(named("w"), &[count, rows, inputs], &w),
            self.tensor(named("r"), &[count, rows, units], &r),
            self.tensor(named("b"), &[count, 2 * rows], &b),
            if layer.masked { self.lengths(number) } else { String::new() },
        ];
        input.extend(self.first_states(number, directions));
        while input.last().is_some_and(String::is_empty) {
            input.pop();
        }
        let direction = match (count, layer.backwards) {
            (2, _) => "bidirectional",
            (_, true) => "reverse",
            (_, false) => "forward",
        };
        let mut attribute = vec![integer("hidden_size", units as i64), word("direction", direction)];
        match cell {
            Cell::SimpleRnn(activation) => {
                let found = ACTIVATIONS.iter().find(|(known, _)| *known == activation).unwrap_or(&ACTIVATIONS[0]);
                attribute.push(words("activations", vec![found.1; count]));
            }
            Cell::Gru => attribute.push(integer("linear_before_reset", 1)),
            Cell::GruResetBefore | Cell::Lstm => {}
        }
        let name = named("recurrent");
        // The states after all steps, or the last one.
        let (output, order, shape) = match layer.is_sequence() {
            true => (vec![name.clone()], vec![2, 0, 1, 3], vec![-1, layer.input[0] as i64, (count * units) as i64]),
            false => (vec![String::new(), name.clone()], vec![1, 0, 2], vec![-1, (count * units) as i64]),
        };
        self.nodes.push(NodeProto {
            input,
            output,
            name: name.clone(),
            op_type: cell.onnx().into(),
            attribute,
            domain: String::new(),
        });
        self.current = name;
        self.node(&named("batch_first"), "Transpose", &[], vec![integers("perm", order)]);
        let shape = self.integers(named("shape"), &shape);
        self.node(&named("joined"), "Reshape", &[shape], Vec::new());
    }

    /// The number of steps of each sample up to the last one that is not all zero. The steps are the first axis.
    fn lengths(&mut self, number: usize) -> String {
        let named = |name: &str| format!("{number}.{name}");
        let steps = self.shape[0];
        let x = self.current.clone();
        let sums = self.reduced(&named("sums"), "ReduceL1", x, 2);
        let signs = self.aside(&named("signs"), "Sign", vec![sums], Vec::new());
        let numbers: Vec<f32> = (1..=steps).map(|step| step as f32).collect();
        let numbers = self.tensor(named("steps"), &[steps, 1], &numbers);
        let numbers = self.aside(&named("numbers"), "Mul", vec![signs, numbers], Vec::new());
        let last = self.reduced(&named("last"), "ReduceMax", numbers, 0);
        let integer_type = vec![integer("to", i64::from(data_type::INT32))];
        self.aside(&named("lengths"), "Cast", vec![last], integer_type)
    }

    /// A sum or the largest number along an axis, which vanishes.
    fn reduced(&mut self, name: &str, operator: &str, of: String, axis: i64) -> String {
        let keeps = integer("keepdims", 0);
        match self.version < 18 {
            true => self.aside(name, operator, vec![of], vec![integers("axes", vec![axis]), keeps]),
            false => {
                let axes = self.integers(format!("{name}.axes"), &[axis]);
                self.aside(name, operator, vec![of, axes], vec![keeps])
            }
        }
    }

    /// The states before the first step, one for each sample of the batch, if they are not 0.
    fn first_states(&mut self, number: usize, directions: &[&Recurrent]) -> Vec<String> {
        let named = |name: &str| format!("{number}.{name}");
        let (states, units) = (directions[0].cell.states(), directions[0].units());
        let size = states * units;
        let all: Vec<Vec<f32>> =
            directions.iter().map(|layer| layer.first_states().unwrap_or_else(|| vec![0.0; size])).collect();
        if all.iter().flatten().all(|state| *state == 0.0) {
            return Vec::new();
        }
        let shape = self.aside(&named("steps_shape"), "Shape", vec![self.current.clone()], Vec::new());
        let [one, two] = [1, 2].map(|value| self.integers(named(&format!("at{value}")), &[value]));
        let batch = self.aside(&named("batch"), "Slice", vec![shape, one.clone(), two], Vec::new());
        let lengths = vec![one.clone(), batch, one];
        let lengths = self.aside(&named("states_shape"), "Concat", lengths, vec![integer("axis", 0)]);
        let expanded = |state: usize| {
            let rows: Vec<f32> = all.iter().flat_map(|all| &all[state * units..][..units]).copied().collect();
            let first = self.tensor(named(&format!("first{state}")), &[all.len(), 1, units], &rows);
            self.aside(&named(&format!("initial{state}")), "Expand", vec![first, lengths.clone()], Vec::new())
        };
        (0..states).map(expanded).collect()
    }

    /// The vector of each token, which is a float.
    pub fn embedding(&mut self, number: usize, channels: usize, masked: bool, table: &[f32]) {
        let named = |name: &str| format!("{number}.{name}");
        let mut table = table.to_vec();
        if masked {
            table[..channels].fill(0.0);
        }
        let tokens = table.len() / channels;
        let table = self.tensor(named("table"), &[tokens, channels], &table);
        self.node(&named("tokens"), "Cast", &[], vec![integer("to", i64::from(data_type::INT64))]);
        let input = vec![table, self.current.clone()];
        self.current = self.aside(&named("embedding"), "Gather", input, Vec::new());
    }
}

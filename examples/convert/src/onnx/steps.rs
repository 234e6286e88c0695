//! Recurrent layers and embeddings, and the steps that are taken of what they give.

use super::attributes::Attributes;
use super::proto::{NodeProto, TensorProto, data_type};
use super::reader::{Act, Reader};
use super::tensor::floats;
use super::view::View;
use super::write_recurrent::ACTIVATIONS;
use crate::activation::Activation;
use crate::error::Error;
use crate::layer::{Layer, Merge, Resizing};
use crate::recurrent::{Cell, Order, Recurrent};
use std::collections::HashMap;
use std::ops::Range;

/// Reads the attributes of a node, if its operator is one of these.
pub(super) fn act_of<'a>(
    node: &'a NodeProto,
    attributes: &mut Attributes<'_>,
    constants: &HashMap<&str, &TensorProto>,
) -> Result<Option<Act<'a>>, Error> {
    Ok(Some(match node.op_type.as_str() {
        "RNN" | "GRU" | "LSTM" => recurrent(node, attributes)?,
        "Gather" => {
            let axis = attributes.integer("axis", 0)?;
            match node.input.first().is_some_and(|name| constants.contains_key(name.as_str())) {
                true if axis == 0 => Box::new(|reader| reader.embedding(node)),
                true => {
                    return Err(Error::unsupported(node.at(), format!("axis = {axis} of a table")).instead("axis = 0"));
                }
                false => Box::new(move |reader| reader.gather(node, axis)),
            }
        }
        "Slice" => {
            let given = ["starts", "ends", "axes"].map(|name| attributes.integers(name));
            let [starts, ends, axes] = given;
            let given = [starts?, ends?, axes?].map(|list| list.map(<[i64]>::to_vec));
            Box::new(move |reader| reader.slice(node, given))
        }
        "Cast" => {
            let to = attributes.integer("to", 0)?;
            let integers = [data_type::INT32, data_type::INT64].map(i64::from).contains(&to);
            if !integers && to != i64::from(data_type::FLOAT) {
                return Err(Error::unsupported(node.at(), format!("to = {to}")));
            }
            Box::new(move |reader| {
                reader.tokens = integers;
                Ok(())
            })
        }
        _ => return Ok(None),
    }))
}

/// The cell of a node, and for each of its directions whether the last step comes first.
fn recurrent<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    let directions: &[bool] = match attributes.word("direction", "forward")? {
        b"forward" => &[false],
        b"reverse" => &[true],
        b"bidirectional" => &[false, true],
        _ => return Err(Error::unsupported(node.at(), "another direction than forward, reverse and bidirectional")),
    };
    let mut cell = match node.op_type.as_str() {
        "RNN" => Cell::SimpleRnn(Activation::Tanh),
        "GRU" if attributes.integer("linear_before_reset", 0)? != 0 => Cell::Gru,
        "GRU" => Cell::GruResetBefore,
        _ => {
            attributes.one_of("input_forget", &[0]).map_err(|error| error.instead("input_forget = 0"))?;
            Cell::Lstm
        }
    };
    let named = attributes.words("activations")?;
    if let Some(named) = named {
        let known = |name: &[u8]| ACTIVATIONS.iter().find(|(_, known)| name.eq_ignore_ascii_case(known.as_bytes()));
        if let (Cell::SimpleRnn(activation), Some((first, _))) =
            (&mut cell, named.first().and_then(|first| known(first)))
        {
            *activation = *first;
        }
        let needed: &[Activation] = match &cell {
            Cell::SimpleRnn(activation) => std::slice::from_ref(activation),
            Cell::Gru | Cell::GruResetBefore => &[Activation::Sigmoid, Activation::Tanh],
            Cell::Lstm => &[Activation::Sigmoid, Activation::Tanh, Activation::Tanh],
        };
        let needed = needed.iter().copied().cycle().take(needed.len() * directions.len());
        if !named.iter().map(|name| known(name).map(|known| known.0)).eq(needed.map(Some)) {
            let names: Vec<_> = named.iter().map(|name| String::from_utf8_lossy(name)).collect();
            let error = Error::unsupported(node.at(), format!("activations = {names:?}"));
            return Err(error.instead(match cell {
                Cell::SimpleRnn(_) => "Tanh, Relu, Sigmoid, Softplus or Softsign, the same in both directions",
                _ => "Sigmoid and Tanh, the defaults",
            }));
        }
    }
    let (units, layout) = (attributes.integer("hidden_size", 0)?, attributes.integer("layout", 0)?);
    Ok(Box::new(move |reader| {
        reader.recurrent(node, cell, directions, usize::try_from(units).unwrap_or(0), layout != 0)
    }))
}

impl Reader<'_> {
    /// The vector of each token.
    fn embedding(&mut self, node: &NodeProto) -> Result<(), Error> {
        let (shape, table) = self.floats(node, 0)?;
        if !self.view.is_row() || self.view.flat {
            let error = Error::unsupported(node.at(), format!("tokens of shape {:?}", self.view.graph()));
            return Err(error.instead("a row of tokens"));
        }
        let &[_, channels] = &shape[..] else {
            return Err(
                Error::unsupported(node.at(), format!("a table of shape {shape:?}")).instead("[tokens][channels]")
            );
        };
        self.tokens = false;
        let output = vec![self.view.numbers(), channels];
        self.push(node, Layer::Embedding { output: output.clone(), masked: false, table })?;
        self.view = View { batch: self.view.batch, ..View::plain(output) };
        Ok(())
    }

    fn recurrent(
        &mut self,
        node: &NodeProto,
        cell: Cell,
        directions: &[bool],
        units: usize,
        batch_first: bool,
    ) -> Result<(), Error> {
        let refused = |what: String| Error::unsupported(node.at(), what);
        let used = |output: usize| node.output.get(output).is_some_and(|name| self.states.used.contains(name.as_str()));
        let sequence = match [used(0), used(1), used(2)] {
            [all, false, false] => all,
            [false, true, false] => false,
            _ => {
                return Err(refused("more than one output that is used, or the cell's state,".into())
                    .instead("the states after all steps, or the last one"));
            }
        };
        let steps = View { batch: usize::from(!batch_first), ..View::plain(self.view.graph()) };
        let [_, channels] = steps.lengths[..] else {
            return Err(refused(format!("an input of shape {:?}", steps.lengths)).instead("steps of channels"));
        };
        if self.view.batch != steps.batch || !(self.is_free || self.view.is_plain()) {
            let what = format!("an input of the axes {:?} whose batch is axis {}", self.view.order, self.view.batch);
            let form = "steps, then the batch, then channels, as PyTorch exports batch_first=True";
            return Err(refused(what).instead(form));
        }
        self.view = steps;
        if self.has(node, 7) {
            return Err(refused("peepholes".into()).instead("an LSTM without them"));
        }
        let masked = self.has(node, 4);
        if masked && self.states.lengths.get(node.input[4].as_str()) != Some(&node.input[0].as_str()) {
            let error = refused("sequence_lens of a tensor".into());
            return Err(error.instead("lengths up to the last step that is not all zero, as they are written here"));
        }
        self.settle(node)?;
        let (input, count, gates) = (self.builder.shape().to_vec(), directions.len(), cell.gates());
        let units =
            if units > 0 { units } else { self.constant(node, 2)?.dims.last().map_or(0, |units| *units as usize) };
        let rows = gates.saturating_mul(units);
        let mut all = |at: usize, needed: &[usize]| {
            let (found, values) = self.floats(node, at)?;
            match found == needed && !values.is_empty() {
                true => Ok(values),
                false => Err(Error::Shape { name: node.input[at].clone(), found, needed: needed.into() }),
            }
        };
        let (w, r) = (all(1, &[count, rows, channels])?, all(2, &[count, rows, units])?);
        let b = match node.input.get(3).is_some_and(|name| !name.is_empty()) {
            true => all(3, &[count, 2 * rows])?,
            false => self.builder.fill(&node.at(), 0.0, Some(2 * count * rows))?,
        };
        let mut first: Vec<Vec<f32>> = Vec::new();
        for state in 0..cell.states() {
            first.push(self.first_state(node, 5 + state, count, units)?);
        }
        let learnt = first.iter().flatten().any(|state| *state != 0.0);
        let output = if sequence { vec![input[0], units] } else { vec![units] };
        let of = |(direction, backwards): (usize, &bool)| {
            let part = |values: &[f32], size: usize| values[direction * size..][..size].to_vec();
            let biases = part(&b, 2 * rows);
            Recurrent {
                cell,
                input: input.clone(),
                output: output.clone(),
                masked,
                backwards: *backwards,
                w: cell.weights_of(Order::Onnx, &part(&w, rows * channels), channels),
                u: cell.weights_of(Order::Onnx, &part(&r, rows * units), units),
                b: cell.biases_of(Order::Onnx, &biases[..rows], &biases[rows..]),
                initial: if learnt { first.iter().flat_map(|all| part(all, units)).collect() } else { Vec::new() },
                carried: 0,
            }
        };
        let layers = directions.iter().enumerate().map(of).collect();
        self.builder.recurrent(&node.at(), Merge::Concat, layers)?;
        // Y has [steps][directions][batch][units], or the batch first, and Y_h has no steps.
        let lengths = [if sequence { &input[..1] } else { &[] }, &[count, units]].concat();
        let batch = if batch_first { 0 } else { lengths.len() - 1 };
        self.view = View { batch, ..View::plain(lengths) };
        Ok(())
    }

    /// The first states of all directions.
    fn first_state(&mut self, node: &NodeProto, at: usize, count: usize, units: usize) -> Result<Vec<f32>, Error> {
        let size = count * units;
        let name = node.input.get(at).map_or("", String::as_str);
        let constant = match self.states.first.get(name) {
            _ if name.is_empty() => None,
            Some(first) => first.and_then(|first| self.constants.get(first).copied()),
            None if self.constants.contains_key(name) => Some(self.constant(node, at)?),
            None => {
                let what = format!("first states that are computed ({name:?})");
                return Err(Error::unsupported(node.at(), what).instead("zeros, or the same states for each sample"));
            }
        };
        let Some(constant) = constant else { return self.builder.fill(&node.at(), 0.0, Some(size)) };
        let (shape, values) = floats(constant, &mut self.files)?;
        self.count(node, values.len())?;
        let per = |direction: usize, length: usize| &values[direction * length..][..length];
        let length = values.len() / count;
        let rows: Vec<_> = (0..count).map(|direction| per(direction, length).chunks_exact(units.max(1))).collect();
        let same = rows.iter().all(|rows| rows.clone().all(|row| Some(row) == rows.clone().next()));
        match shape[..] == [count, length / units.max(1), units] && same && length > 0 {
            true => Ok(rows.into_iter().filter_map(|mut rows| rows.next()).flatten().copied().collect()),
            false => {
                let what = format!("first states of shape {shape:?}, or not the same for each sample,");
                Err(Error::unsupported(node.at(), what).instead("zeros, or the same states for each sample"))
            }
        }
    }

    /// Takes one number of an axis.
    fn gather(&mut self, node: &NodeProto, axis: i64) -> Result<(), Error> {
        let (index, rank) = (self.integers(node, 1)?, self.constant(node, 1)?.dims.len());
        let (axis, length) = self.axis(node, axis)?;
        let found = if let [index] = index[..] {
            usize::try_from(if index < 0 { index + length as i64 } else { index }).ok()
        } else {
            None
        };
        let Some(index) = found.filter(|index| *index < length && rank < 2) else {
            return Err(
                Error::unsupported(node.at(), format!("the indices {index:?} of {length}")).instead("one index")
            );
        };
        self.part(node, axis, index..index + 1)?;
        if rank == 0 { self.without(node, axis) } else { Ok(()) }
    }

    /// Takes a part of some axes. Bounds are inputs, and of old attributes.
    fn slice(&mut self, node: &NodeProto, given: [Option<Vec<i64>>; 3]) -> Result<(), Error> {
        let [starts, ends, axes] = given;
        let bounds = |reader: &mut Self, given: Option<Vec<i64>>, at: usize| match given {
            Some(given) => Ok(given),
            None => reader.integers(node, at),
        };
        let (starts, ends) = (bounds(self, starts, 1)?, bounds(self, ends, 2)?);
        let axes = match axes {
            None if !self.has(node, 3) => (0..starts.len() as i64).collect(),
            axes => bounds(self, axes, 3)?,
        };
        let steps = if self.has(node, 4) { self.integers(node, 4)? } else { vec![1; starts.len()] };
        if steps.iter().any(|step| *step != 1) || [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] {
            return Err(Error::unsupported(node.at(), format!("steps = {steps:?}")).instead("steps of 1"));
        }
        for ((start, end), axis) in starts.into_iter().zip(ends).zip(axes) {
            // All samples of the batch, as older exports have it.
            if (start, usize::try_from(axis)) == (0, Ok(self.view.batch)) && end >= i64::from(i32::MAX) {
                continue;
            }
            let (axis, length) = self.axis(node, axis)?;
            let most = length as i64;
            let bound = |bound: i64| if bound < 0 { bound.saturating_add(most) } else { bound }.clamp(0, most) as usize;
            self.part(node, axis, bound(start)..bound(end))?;
        }
        Ok(())
    }

    /// The number of an axis of the graph without its batch, and its length.
    pub fn axis(&self, node: &NodeProto, axis: i64) -> Result<(usize, usize), Error> {
        let (graph, batch) = (self.view.graph(), self.view.batch);
        let own = usize::try_from(if axis < 0 { axis + graph.len() as i64 + 1 } else { axis });
        let own = own.ok().filter(|own| *own != batch).map(|own| own - usize::from(own > batch));
        let found = own.and_then(|own| Some((own, *graph.get(own)?)));
        found.ok_or_else(|| {
            Error::unsupported(node.at(), format!("a part of axis {axis}")).instead("a part of a sample")
        })
    }

    /// A part of an axis of the graph. The last step of a recurrent layer is its last state.
    fn part(&mut self, node: &NodeProto, axis: usize, range: Range<usize>) -> Result<(), Error> {
        let length = self.view.graph()[axis];
        if range == (0..length) {
            return Ok(());
        }
        let refused = || {
            let what = format!("places {range:?} of an axis of {length}");
            Error::unsupported(node.at(), what).instead("steps of a sequence, or places of an image")
        };
        let net = self.view.order.get(axis).copied().filter(|_| !self.view.flat).ok_or_else(refused)?;
        if self.is_free || net > 0 {
            self.settle(node)?;
        }
        let shape = self.builder.shape().to_vec();
        // The directions of a recurrent layer are no axis in the net.
        if range.is_empty() || net + 1 >= shape.len() || shape[net] != length {
            return Err(refused());
        }
        let last = |backwards: bool| if backwards { 0..1 } else { length - 1..length };
        match self.builder.last_mut() {
            Some(Layer::Recurrent(layer)) if layer.is_sequence() && range == last(layer.backwards) => {
                self.builder.last_state();
            }
            _ => {
                let mut around = vec![(0, 0); shape.len() - 1];
                around[net] = (range.start, length - range.end);
                self.builder.resize(&node.at(), Resizing::Cropping, &around)?;
            }
        }
        self.view.lengths[net] = range.len();
        Ok(())
    }
}

//! First states and lengths of sequences, which graphs compute from the size of the batch, beside the way from input to output.

use super::attributes::Attributes;
use super::constants::is_zero;
use super::external::Files;
use super::proto::{GraphProto, NodeProto, TensorProto, data_type};
use super::tensor::{floats, integers};
use crate::error::Error;
use std::collections::{HashMap, HashSet};

/// What a graph says beside its way, by the names of tensors.
#[derive(Default)]
pub(super) struct States<'a> {
    /// The same numbers for each sample: a constant, or zeros.
    pub first: HashMap<&'a str, Option<&'a str>>,
    /// How many steps a sequence has up to the last one that is not all zero: of which tensor, whose steps are the first axis.
    pub lengths: HashMap<&'a str, &'a str>,
    /// The tensors that other nodes take.
    pub used: HashSet<&'a str>,
}

/// How much of the lengths of a sequence has been computed: the sums of each step, their signs, the numbers of the steps that are
/// not zero, the last of them, and that as an integer.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Sums,
    Signs,
    Numbers,
    Last,
    Lengths,
}

type Constants<'a> = HashMap<&'a str, &'a TensorProto>;

/// Whether a node is a recurrent layer.
pub(super) fn is_recurrent(node: &NodeProto) -> bool {
    matches!(node.op_type.as_str(), "RNN" | "GRU" | "LSTM")
}

impl<'a> States<'a> {
    /// Takes the nodes away that lead to nothing else.
    pub fn take(graph: &'a GraphProto, nodes: &mut Vec<&'a NodeProto>, constants: &Constants<'a>) -> Self {
        let mut states = States::default();
        let mut parts: HashMap<&str, (Part, &str)> = HashMap::new();
        let mut uses: HashMap<&str, Vec<(usize, usize)>> = HashMap::new();
        for (place, node) in nodes.iter().enumerate() {
            for (input, name) in node.input.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
                uses.entry(name).or_default().push((place, input));
            }
            if let Some(first) = states.first_of(node, constants) {
                states.first.insert(node.made(), first);
            }
            if let Some(part) = part_of(node, &parts, constants) {
                parts.insert(node.made(), part);
            }
        }
        let lengths = parts.into_iter().filter(|(_, (part, _))| *part == Part::Lengths);
        states.lengths = lengths.map(|(name, (_, of))| (name, of)).collect();
        let outputs: HashSet<&str> = graph.output.iter().map(|output| output.name.as_str()).collect();
        let mut aside = vec![false; nodes.len()];
        for (place, node) in nodes.iter().enumerate().rev() {
            let is_aside = |name: &str| {
                let leads = |(user, input): &(usize, usize)| {
                    let known = match input {
                        4 => states.lengths.contains_key(name),
                        5.. => states.first.contains_key(name),
                        _ => false,
                    };
                    aside[*user] || (is_recurrent(nodes[*user]) && known)
                };
                !outputs.contains(name) && uses.get(name).is_some_and(|uses| uses.iter().all(leads))
            };
            aside[place] = matches!(&node.output[..], [name] if is_aside(name));
        }
        let mut aside = aside.into_iter();
        nodes.retain(|_| !aside.next().unwrap_or_default());
        states.used = nodes.iter().flat_map(|node| &node.input).map(String::as_str).chain(outputs).collect();
        states.used.remove("");
        states
    }

    /// What a node makes, if that is the same for each sample.
    fn first_of(&self, node: &'a NodeProto, constants: &Constants<'_>) -> Option<Option<&'a str>> {
        let name = node.input.first()?.as_str();
        let first = self.first.get(name).copied();
        match node.op_type.as_str() {
            "ConstantOfShape" => {
                let value = Attributes::of(node).ok()?.tensor("value").ok()?;
                value.is_none_or(is_zero).then_some(None)
            }
            "Expand" if constants.contains_key(name) => Some(Some(name).filter(|name| !is_zero(constants[name]))),
            "Expand" | "Identity" => first,
            // Parts of zeros are zeros, and several together.
            "Slice" | "Gather" | "Squeeze" | "Unsqueeze" | "Reshape" => first.filter(Option::is_none),
            "Concat" => {
                let zeros = |name: &String| self.first.get(name.as_str()) == Some(&None);
                node.input.iter().all(zeros).then_some(None)
            }
            _ => None,
        }
    }
}

/// The next part of the lengths of sequences.
fn part_of<'a>(
    node: &'a NodeProto,
    parts: &HashMap<&str, (Part, &'a str)>,
    constants: &Constants<'_>,
) -> Option<(Part, &'a str)> {
    let name = node.input.first()?.as_str();
    let before = parts.get(name).copied();
    let along = |wanted: i64| {
        let mut attributes = Attributes::of(node).ok()?;
        let axes = match attributes.integers("axes").ok()? {
            Some(axes) => axes.to_vec(),
            None => read(|files| integers(constants.get(node.input.get(1)?.as_str())?, files).ok())?,
        };
        (axes == [wanted] && attributes.integer("keepdims", 1).ok()? == 0).then_some(())
    };
    match (node.op_type.as_str(), before) {
        ("ReduceL1", _) => along(2).map(|()| (Part::Sums, name)),
        ("Sign", Some((Part::Sums, of))) => Some((Part::Signs, of)),
        ("Mul", Some((Part::Signs, of))) => {
            let steps = constants.get(node.input.get(1)?.as_str())?;
            let (shape, steps) = read(|files| floats(steps, files).ok())?;
            let counted = steps.iter().enumerate().all(|(at, step)| *step == at as f32 + 1.0);
            (shape == [steps.len(), 1] && counted).then_some((Part::Numbers, of))
        }
        ("ReduceMax", Some((Part::Numbers, of))) => along(0).map(|()| (Part::Last, of)),
        ("Cast", Some((Part::Last, of))) => {
            let to = Attributes::of(node).ok()?.integer("to", 0).ok()?;
            (to == i64::from(data_type::INT32)).then_some((Part::Lengths, of))
        }
        _ => None,
    }
}

/// Numbers that are not in other files.
pub(super) fn read<T>(numbers: impl FnOnce(&mut Files<'_>) -> Option<T>) -> Option<T> {
    numbers(&mut Files::new(&mut |location| Err(Error::unsupported(location, "a file"))))
}

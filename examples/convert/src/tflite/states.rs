//! Layers of integers that keep states.

use super::int8::{Weights, Writer, quantization};
use super::source::Piece;
use super::walk::Node;
use super::{Fused, Kind, Quantized, Type};
use crate::error::Error;

/// No input has this number.
const NONE: usize = usize::MAX;

impl Writer {
    pub(super) fn svdf(&mut self, node: Node<'_, '_>, rank: usize, fused: Fused) -> Result<Piece, Error> {
        // The kernels of integers have none: the zero point of a relu's output is −128.
        if !matches!(fused, Fused::None | Fused::Relu) {
            return Err(node.unsupported(format!("the activation {fused:?}")).instead("Relu"));
        }
        let (features, time) = (Weights::of(node, [1, NONE], 0)?, Weights::of(node, [2, NONE], 0)?);
        let (&[filters, inputs], &[others, memory]) = (&features.shape[..], &time.shape[..]) else {
            return Err(Error::malformed(node.at(), "weights that have not two axes"));
        };
        if rank == 0 || filters != others || !filters.is_multiple_of(rank) {
            return Err(Error::malformed(node.at(), format!("{filters} and {others} filters of rank {rank}")));
        }
        let units = filters / rank;
        let scales = [one_scale(node, &features)?, one_scale(node, &time)?];
        let bias = if node.tensor(3).is_some() { node.integers(3)? } else { vec![0; units] };
        if bias.len() != units {
            return Err(Error::Shape { name: node.at(), found: vec![bias.len()], needed: vec![units] });
        }
        let at = node.at();
        let kinds = [node.input(0)?, node.input(4)?, node.output()?];
        let [from, state, to] = [0, 1, 2].map(|place| quantization(kinds[place], &at));
        let (from, state, to) = (from?, state?, to?);
        let [features, time] = [self.bytes(&at, &features.w)?, self.bytes(&at, &time.w)?];
        let bias = self.integers(&at, &bias)?;
        let kinds = [from, state, to].map(|kind| self.source.kind(kind)).join(", ");
        let rank = if rank == 1 { String::new() } else { format!(", {rank}") };
        let ty = format!("Svdf<{inputs}, {units}, {memory}{rank}>");
        let value = format!("Svdf::new({features}, {time}, {bias}, {scales:?}, {kinds})");
        Ok(Piece { ty, value, shapes: [vec![inputs], vec![units]], to, operators: vec![(Some(node.index), 1)] })
    }

    pub(super) fn lstm(&mut self, node: Node<'_, '_>) -> Result<Piece, Error> {
        let Kind::Lstm { fused, cell_clip, projection_clip, time_major, .. } = node.operator.kind else {
            return Err(node.unsupported("this operator"));
        };
        node.only("the activation", fused, Fused::Tanh)?;
        node.only("time_major", time_major, false)?;
        node.only("proj_clip", projection_clip, 0.0)?;
        node.is_plain_lstm()?;
        let at = node.at();
        let shapes = [node.image(node.input(0)?, 1)?, node.image(node.output()?, 1)?];
        let (inputs, units) = (shapes[0][1], shapes[1][1]);
        let (from, to) = (quantization(node.input(0)?, &at)?, quantization(node.output()?, &at)?);
        if quantization(node.input(18)?, &at)? != to {
            return Err(node.unsupported("a state of another scale than the output").instead("the same scale"));
        }
        let cell = match (node.input(19)?.kind, &node.input(19)?.quantized) {
            (Type::Int16, Some(Quantized { scale, zero_point, .. })) if scale.len() == 1 && zero_point[0] == 0 => {
                scale[0]
            }
            _ => return Err(node.unsupported("cells of this type").instead("cells of 16 bits")),
        };
        if !(cell > 0.0 && cell.to_bits() & 0x7F_FFFF == 0) {
            return Err(node.unsupported(format!("cells of the scale {cell}")).instead("a power of 2"));
        }
        let mut gates = Vec::new();
        for gate in 0..4 {
            let (w, u) = (Weights::of(node, [1 + gate, 12 + gate], 0)?, Weights::of(node, [5 + gate, NONE], 0)?);
            for (weights, width) in [(&w, inputs), (&u, units)] {
                if weights.shape != [units, width] {
                    return Err(Error::Shape { name: at, found: weights.shape.clone(), needed: vec![units, width] });
                }
            }
            let (w_scale, u_scale) = (one_scale(node, &w)?, one_scale(node, &u)?);
            let (w, u, bias) = (self.bytes(&at, &w.w)?, self.bytes(&at, &u.w)?, self.integers(&at, &w.bias)?);
            gates.push(format!("Gate {{ w: {w}, u: {u}, bias: {bias}, w_scale: {w_scale:?}, u_scale: {u_scale:?} }}"));
        }
        let [x, y] = [from, to].map(|kind| self.source.kind(kind));
        let ty = format!("Lstm<{}, {inputs}, {units}>", shapes[0][0]);
        let value = format!("Lstm::new([{}], {x}, {cell:?}, {cell_clip:?}, {y})", gates.join(", "));
        Ok(Piece { ty, value, shapes, to, operators: vec![(Some(node.index), 1)] })
    }
}

/// The only scale of weights.
fn one_scale(node: Node<'_, '_>, weights: &Weights) -> Result<f32, Error> {
    match weights.scale.split_first() {
        Some((first, rest)) if rest.iter().all(|scale| scale == first) => Ok(*first),
        _ => Err(node.unsupported("weights of several scales").instead("one scale for all outputs")),
    }
}

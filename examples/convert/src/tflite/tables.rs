//! Functions of each number by itself, and what becomes integers of other widths.

use super::int8::{Writer, quantization};
use super::source::{Piece, Quantization};
use super::walk::Node;
use super::{Quantized, Type};
use crate::error::Error;

impl Writer {
    /// The row of numbers that a node takes.
    fn row(node: Node<'_, '_>) -> Result<usize, Error> {
        let shape = node.sample(node.input(0)?)?;
        match *shape.as_slice() {
            [size] => Ok(size),
            _ => Err(node.unsupported(format!("samples of shape {shape:?}")).instead("one row of numbers")),
        }
    }

    pub(super) fn softmax(&mut self, node: Node<'_, '_>, beta: f32) -> Result<Piece, Error> {
        node.only("beta", beta, 1.0)?;
        let size = Self::row(node)?;
        let from = quantization(node.input(0)?, &node.at())?;
        let (name, to, bytes) = match node.output()?.kind {
            Type::Int16 => ("Softmax16", int16(node)?, 2),
            _ => ("Softmax", quantization(node.output()?, &node.at())?, 1),
        };
        // Micro takes a scale that is nearly this one.
        let scale = if bytes == 2 { 1.0 / 65536.0 } else { 1.0 / 256.0 };
        if (to.scale - scale).abs() > 1e-3 * scale {
            node.only("the output's scale", to.scale, scale)?;
        }
        node.only("the output's zero point, in bytes", to.zero_point, -128)?;
        let kind = self.source.kind(from);
        let (ty, value) = (format!("{name}<{size}>"), format!("{name}::new({kind})"));
        Ok(Piece { ty, value, shapes: [vec![size], vec![size]], to, operators: vec![(Some(node.index), bytes)] })
    }

    /// `QUANTIZE` within a net.
    pub(super) fn quantize(&mut self, node: Node<'_, '_>) -> Result<Piece, Error> {
        let (from, to) = (node.input(0)?, node.output()?);
        match (from.kind, to.kind, &to.quantized) {
            (Type::Int16, Type::Int32, Some(quantized)) if quantized.scale.len() == 1 => {
                node.only("the output's zero point", quantized.zero_point[0], 0)?;
                let (size, scale, from) = (Self::row(node)?, quantized.scale[0], int16(node)?);
                let kind = self.source.kind(from);
                let (ty, value) = (format!("ToInt32<{size}>"), format!("ToInt32::new({kind}, {scale:?})"));
                let to = Quantization { scale, zero_point: 0 };
                Ok(Piece { ty, value, shapes: [vec![size], vec![size]], to, operators: vec![(Some(node.index), 4)] })
            }
            _ => self.table(node, "Requantize", None, ""),
        }
    }

    /// A function of each number by itself, whose output may have to have a scale of its own.
    pub(super) fn table(
        &mut self,
        node: Node<'_, '_>,
        name: &'static str,
        needed: Option<Quantization>,
        activation: &str,
    ) -> Result<Piece, Error> {
        let (from, to) = (quantization(node.input(0)?, &node.at())?, quantization(node.output()?, &node.at())?);
        if let Some(needed) = needed {
            node.only("the output's scale", to.scale, needed.scale)?;
            node.only("the output's zero point", to.zero_point, needed.zero_point)?;
        }
        // It takes any shape.
        let shape = self.chains.last().map(|chain| chain.shape.clone()).unwrap_or_default();
        let (x, kinds) = (self.source.shape(&shape), [from, to].map(|kind| self.source.kind(kind)));
        let arguments = match (needed, activation) {
            (Some(_), _) => kinds[0].clone(),
            (None, "") => kinds.join(", "),
            (None, _) => {
                format!("{}, {activation}", kinds.join(", "))
            }
        };
        let (ty, value) = (format!("{name}<{x}>"), format!("{name}::new({arguments})"));
        Ok(Piece { ty, value, shapes: [shape.clone(), shape], to, operators: vec![(Some(node.index), 1)] })
    }
}

/// What an int16 stands for whose zero point is a multiple of 256: the last input or output of a node of that type.
fn int16(node: Node<'_, '_>) -> Result<Quantization, Error> {
    let ends = [node.output()?, node.input(0)?];
    let tensor = ends.into_iter().find(|tensor| tensor.kind == Type::Int16);
    match tensor.and_then(|tensor| tensor.quantized.as_ref()) {
        Some(Quantized { scale, zero_point, .. }) if scale.len() == 1 && zero_point[0] % 256 == 0 => {
            let zero_point = i8::try_from(zero_point[0] / 256).unwrap_or(0);
            Ok(Quantization { scale: scale[0], zero_point })
        }
        _ => Err(node.unsupported("an int16 of this zero point").instead("a multiple of 256")),
    }
}

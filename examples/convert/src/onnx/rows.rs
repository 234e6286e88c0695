//! Operators on rows of features, and constants that are added to what they make.

use super::attributes::Attributes;
use super::proto::{NodeProto, TensorProto, data_type};
use super::reader::{Act, Reader};
use super::tensor::flag;
use super::view::View;
use crate::activation::Activation;
use crate::error::Error;
use crate::floats::{finite, permute};
use crate::layer::{Conv, Layer};
use std::collections::HashMap;

// alpha · x · w + beta · b, without the second term if beta is 0
pub(super) fn gemm<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    attributes.one_of("transA", &[0])?;
    let transposed = attributes.integer("transB", 0)? != 0;
    let (alpha, beta) = (attributes.float("alpha", 1.0)?, attributes.float("beta", 1.0)?);
    Ok(Box::new(move |reader| {
        reader.is_row(node)?;
        let (mut shape, mut w) = reader.floats(node, 1)?;
        if let (&[rows, columns], true) = (shape.as_slice(), transposed) {
            w = permute(&w, &[rows, columns], &[1, 0]);
            shape.reverse();
        }
        w.iter_mut().for_each(|w| *w *= alpha);
        let b = match (reader.has(node, 2) && beta != 0.0, shape.get(1)) {
            (true, Some(outputs)) => {
                let mut b = reader.row(node, 2, *outputs)?;
                b.iter_mut().for_each(|b| *b *= beta);
                Some(b)
            }
            _ => None,
        };
        reader.dense(node, &shape, w, b)
    }))
}

pub(super) fn layer_norm<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    attributes.one_of("axis", &[-1, 1])?;
    attributes.one_of("stash_type", &[i64::from(data_type::FLOAT)])?;
    let epsilon = attributes.float("epsilon", 1e-5)?;
    Ok(Box::new(move |reader| {
        reader.is_row(node)?;
        let gamma = reader.features(node, 1)?;
        let beta = match reader.has(node, 2) {
            true => reader.features(node, 2)?,
            false => reader.builder.fill(&node.at(), 0.0, Some(gamma.len()))?,
        };
        reader.push(node, Layer::LayerNorm { epsilon, gamma, beta })
    }))
}

/// Its rate is an input, and of old an attribute.
pub(super) fn dropout<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    attributes.integer("seed", 0)?;
    let ratio = attributes.float("ratio", 0.5)?;
    Ok(Box::new(move |reader| {
        let rate = if reader.has(node, 1) { reader.row(node, 1, 1)?[0] } else { ratio };
        if reader.has(node, 2) && flag(reader.constant(node, 2)?, &mut reader.files)? {
            return Err(Error::unsupported(node.at(), "training_mode"));
        }
        match (rate * 100.0).round() {
            percent @ 0.0..100.0 => reader.push(node, Layer::Dropout(percent as u32)),
            _ => Err(Error::unsupported(node.at(), format!("ratio = {rate}"))),
        }
    }))
}

impl Reader<'_> {
    pub fn dense(&mut self, node: &NodeProto, shape: &[usize], w: Vec<f32>, b: Option<Vec<f32>>) -> Result<(), Error> {
        let inputs = self.view.net().last().copied().unwrap_or_default();
        let needed = vec![inputs, shape.last().copied().unwrap_or(1)];
        // Another length is told by the layer, where each sample is a row.
        let fits = self.view.is_row() || shape.first() == Some(&inputs);
        let (&[rows, outputs], true) = (shape, fits) else {
            return Err(Error::Shape { name: node.input[1].clone(), found: shape.into(), needed });
        };
        if !(self.view.is_row() || self.view.is_plain()) {
            let what = format!("a product over the axis of {inputs} of a Transpose");
            return Err(Error::unsupported(node.at(), what).instead("Conv of single places"));
        }
        let b = match b {
            Some(b) => b,
            None => self.builder.fill(&node.at(), 0.0, Some(outputs))?,
        };
        let w = if rows == inputs { self.ordered(w, outputs) } else { w };
        self.settle(node)?;
        self.builder.dense(&node.at(), outputs, Activation::Linear, w, b)?;
        self.view = View::plain(self.builder.shape().to_vec());
        Ok(())
    }

    /// A constant behind a product or a convolution, as its bias.
    pub fn add(&mut self, node: &NodeProto) -> Result<(), Error> {
        self.settle(node)?;
        let more = self.channels(node)?;
        match self.builder.last_mut() {
            Some(
                Layer::Dense { activation: Activation::Linear, b, .. }
                | Layer::Conv(Conv { activation: Activation::Linear, b, .. }),
            ) => {
                b.iter_mut().zip(more).for_each(|(b, more)| *b += more);
                finite(&node.at(), "a sum of biases", b)
            }
            _ => Err(Error::unsupported(node.at(), "an Add that is not behind a MatMul or Gemm")
                .instead("BatchNormalization")),
        }
    }

    /// The input of two that is a constant.
    fn other(node: &NodeProto, constants: &HashMap<&str, &TensorProto>) -> usize {
        let first = node.input.first().map_or("", String::as_str);
        usize::from(!constants.contains_key(first))
    }

    /// A constant number for each channel.
    fn channels(&mut self, node: &NodeProto) -> Result<Vec<f32>, Error> {
        let input = Self::other(node, &self.constants);
        if self.view.is_row() {
            return self.features(node, input);
        }
        let (found, values) = self.floats(node, input)?;
        let channels = self.view.lengths.last().copied().unwrap_or_default();
        if let [value] = values.as_slice() {
            return self.builder.fill(&node.at(), *value, Some(channels));
        }
        // The lengths that it may have, without those of 1 before them.
        let last = self.view.order.len() - 1;
        let of = |axis: &usize| if *axis == last { channels } else { 1 };
        let needed: Vec<usize> = self.view.order.iter().map(of).skip_while(|length| *length == 1).collect();
        let own: Vec<usize> = found.iter().copied().skip_while(|length| *length == 1).collect();
        match own == needed {
            true => Ok(values),
            false => Err(Error::Shape { name: node.input[input].clone(), found, needed }),
        }
    }

    /// The constant of an operator that works on rows.
    fn factors(&mut self, node: &NodeProto) -> Result<Vec<f32>, Error> {
        self.is_row(node).map_err(|error| error.instead("BatchNormalization"))?;
        self.features(node, Self::other(node, &self.constants))
    }

    pub fn sub(&mut self, node: &NodeProto) -> Result<(), Error> {
        if Self::other(node, &self.constants) == 0 {
            return Err(Error::unsupported(node.at(), "a difference from a constant").instead("Sub of a constant"));
        }
        let offset = self.factors(node)?;
        let scale = self.builder.fill(&node.at(), 1.0, Some(offset.len()))?;
        self.push(node, Layer::Rescale { offset, scale })
    }

    /// A constant as a factor, of a difference if there is one before it.
    pub fn mul(&mut self, node: &NodeProto) -> Result<(), Error> {
        let factors = self.factors(node)?;
        self.settle(node)?;
        match self.builder.last_mut() {
            Some(Layer::Rescale { scale, .. }) if scale.iter().all(|scale| *scale == 1.0) => {
                *scale = factors;
                finite(&node.at(), "a factor", scale)
            }
            _ => {
                let offset = self.builder.fill(&node.at(), 0.0, Some(factors.len()))?;
                self.push(node, Layer::Rescale { offset, scale: factors })
            }
        }
    }
}

//! Layers of int8 over places: convolutions and pools, their padding, and means.

use super::Window;
use super::int8::{Weights, Writer, activation, quantization, same_kind};
use super::source::Piece;
use super::walk::Node;
use crate::error::Error;
use crate::floats::permute;
use crate::layer::direct;
use baregrad::tensor::valid;

/// How windows lie, in a type: their stride, and what else their lengths do not say, or nothing.
struct Windows {
    stride: usize,
    rest: String,
}

/// Padding before and after rows and columns.
pub(super) type Padding = [(usize, usize); 2];

impl Windows {
    /// Those of a node from one shape to another, if there is a type of them.
    fn of(
        node: Node<'_, '_>,
        window: &Window,
        shapes: [&[usize]; 2],
        size: [usize; 2],
        around: Padding,
    ) -> Result<Option<Self>, Error> {
        let (strides, dilation) = window.steps(node)?;
        if size.contains(&0) {
            return Err(Error::malformed(node.at(), "a window of no places"));
        }
        let covered = [0, 1].map(|axis| size[axis].saturating_sub(1).saturating_mul(dilation[axis]).saturating_add(1));
        let padding = match window.same {
            true => window.padding(shapes[0], covered, strides),
            false => around.to_vec(),
        };
        let direct = |axis: usize, stride: usize| {
            direct(shapes[0][axis], padding[axis], covered[axis], stride) == Some(shapes[1][axis])
        };
        // Each window sees the input.
        let padded = |axis: usize, stride: usize| {
            let ((before, after), [input, output]) = (padding[axis], shapes.map(|shape| shape[axis]));
            let length = before.saturating_add(input).saturating_add(after);
            let last = output.saturating_sub(1).saturating_mul(stride);
            output > 0
                && valid(length, covered[axis], stride) == output
                && before < covered[axis]
                && last < input.saturating_add(before)
        };
        // Along an axis of one window, the stride is of no account.
        let [rows, columns] = strides;
        let all = [[rows; 2], [columns; 2], strides];
        let fits = |fit: &dyn Fn(usize, usize) -> bool| {
            all.into_iter().find(|[rows, columns]| fit(0, *rows) && fit(1, *columns))
        };
        let (strides, is_padded) = match (fits(&direct), fits(&padded)) {
            (Some(strides), _) => (strides, false),
            (None, Some(strides)) => (strides, true),
            (None, None) => return Ok(None),
        };
        let mut rest = String::new();
        let mut around = |name: &str| {
            let inner = if rest.is_empty() { String::new() } else { format!(", {rest}") };
            rest = format!("{name}{inner}>");
        };
        if is_padded {
            around(&format!("Padded<{}, {}", padding[0].0, padding[1].0));
        }
        // A single tap has no distance to another one.
        let dilation = [0, 1].map(|axis| if size[axis] == 1 { 1 } else { dilation[axis] });
        if dilation != [1, 1] {
            around(&format!("Dilated<{}, {}", dilation[0], dilation[1]));
        }
        if strides[0] != strides[1] {
            around(&format!("ColumnStride<{}", strides[1]));
        }
        Ok(Some(Windows { stride: strides[0], rest }))
    }

    /// The end of the list of a layer's types, of which `bytes` per weight is one, if it has weights that may have two.
    fn types(&self, bytes: Option<usize>) -> Vec<String> {
        let mut types = vec![self.stride.to_string()];
        types.extend(bytes.map(|bytes| bytes.to_string()));
        match (self.rest.as_str(), self.stride, bytes.unwrap_or(1)) {
            ("", 1, 1) => types.clear(),
            ("", _, 1) => types.truncate(1),
            ("", ..) => {}
            (rest, ..) => types.push(rest.into()),
        }
        types
    }
}

impl Writer {
    /// The windows of a node, and the shape that it takes. A padding that is the last layer becomes part of them if it can.
    fn windows(
        &mut self,
        node: Node<'_, '_>,
        window: &Window,
        [input, output]: [Vec<usize>; 2],
        size: [usize; 2],
        takes_padding: bool,
    ) -> Result<(Windows, [Vec<usize>; 2]), Error> {
        if let Some(chain) = self.chains.last_mut().filter(|_| takes_padding && !window.same)
            && let Some(([before, padded], around)) = chain.last_padding()
            && padded == input
            && let Some(windows) = Windows::of(node, window, [&before, &output], size, around)?
        {
            chain.pop_padding();
            return Ok((windows, [before, output]));
        }
        match Windows::of(node, window, [&input, &output], size, [(0, 0); 2])? {
            Some(windows) => Ok((windows, [input, output])),
            None => {
                let what = format!("a window of {size:?} from {input:?} to {output:?}");
                Err(node.unsupported(what).instead("the padding SAME or VALID"))
            }
        }
    }

    pub(super) fn conv(
        &mut self,
        node: Node<'_, '_>,
        window: &Window,
        multiplier: Option<usize>,
    ) -> Result<Piece, Error> {
        let shapes = [node.image(node.input(0)?, 2)?, node.image(node.output()?, 2)?];
        let (channels, outputs) = (shapes[0][2], shapes[1][2]);
        let mut weights = Weights::of(node, [1, 2], if multiplier.is_some() { 3 } else { 0 })?;
        let wrong =
            || Error::malformed(node.at(), format!("a filter of shape {:?} for {channels} channels", weights.shape));
        let [first, rows, columns, last] = <[usize; 4]>::try_from(weights.shape.as_slice()).map_err(|_| wrong())?;
        let needed = if multiplier.is_some() { [1, outputs] } else { [outputs, channels] };
        if [first, last] != needed
            || multiplier.is_some_and(|multiplier| channels.checked_mul(multiplier) != Some(outputs))
        {
            return Err(wrong());
        }
        // One channel makes many: that is a convolution.
        let depthwise = multiplier.is_some() && channels > 1;
        if multiplier.is_some() && !depthwise {
            weights.w = permute(&weights.w, &weights.shape, &[3, 1, 2, 0]);
        }
        let (windows, shapes) = self.windows(node, window, shapes, [rows, columns], true)?;
        let mut types: Vec<String> = shapes.iter().map(|shape| self.source.shape(shape)).collect();
        types.extend([rows, columns].map(|taps| taps.to_string()));
        types.extend(windows.types((!depthwise).then_some(self.source.bytes_per_weight)));
        let name = if depthwise { "DepthwiseConv2d" } else { "Conv2d" };
        self.weighted(node, name, &types, &weights, window.fused, shapes)
    }

    pub(super) fn pool(&mut self, node: Node<'_, '_>, name: &str, window: &Window) -> Result<Piece, Error> {
        let shapes = [node.image(node.input(0)?, 2)?, node.image(node.output()?, 2)?];
        let size = window.size.map(|length| length.max(0) as usize);
        let to = same_kind(node)?;
        // Padding does not count in a pool: that is the same if nothing is less than 0, of which a maximum is taken.
        let takes_padding = name == "MaxPool" && to.zero_point == i8::MIN;
        let (windows, shapes) = self.windows(node, window, shapes, size, takes_padding)?;
        let mut types: Vec<String> = shapes.iter().map(|shape| self.source.shape(shape)).collect();
        types.extend(size.map(|length| length.to_string()));
        types.extend(windows.types(None));
        let (kind, activation) = (self.source.kind(to), activation(node, window.fused)?);
        let (ty, value) = (format!("{name}<{}>", types.join(", ")), format!("{name}::new({kind}, {activation})"));
        Ok(Piece { ty, value, shapes, to, operators: vec![(Some(node.index), 1)] })
    }

    /// Zeros around a sample. A layer behind it may take them.
    pub(super) fn pad(&mut self, node: Node<'_, '_>) -> Result<(), Error> {
        let (mut around, to) = (node.around()?, same_kind(node)?);
        let mut shapes = [node.sample(node.input(0)?)?, node.sample(node.output()?)?];
        // A sequence is an image of one row, as convolutions behind it take it.
        if around.len() == 1 {
            around.insert(0, (0, 0));
            shapes.iter_mut().for_each(|shape| shape.insert(0, 1));
        }
        let padding = [around[0], around[1]];
        let [x, y] = shapes.each_ref().map(|shape| self.source.shape(shape));
        let (kind, [(top, _), (left, _)]) = (self.source.kind(to), padding);
        let (ty, value) = (format!("Pad<{x}, {y}, {top}, {left}>"), format!("Pad::new({kind})"));
        self.push(node, Piece { ty, value, shapes: shapes.clone(), to, operators: vec![(Some(node.index), 1)] })?;
        if let Some(chain) = self.chains.last_mut() {
            chain.padding = Some((chain.pieces.len() - 1, shapes, padding));
        }
        Ok(())
    }

    /// The mean of all places.
    pub(super) fn mean(&mut self, node: Node<'_, '_>) -> Result<Piece, Error> {
        let shape = node.all_places()?;
        let (from, to) = (quantization(node.input(0)?, &node.at())?, quantization(node.output()?, &node.at())?);
        let (x, channels) = (self.source.shape(&shape), shape.last().copied().unwrap_or_default());
        let [a, b] = [from, to].map(|kind| self.source.kind(kind));
        let (ty, value) = (format!("GlobalAveragePool<{x}>"), format!("GlobalAveragePool::new({a}, {b})"));
        Ok(Piece { ty, value, shapes: [shape, vec![channels]], to, operators: vec![(Some(node.index), 1)] })
    }
}

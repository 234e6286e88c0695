//! Operators on images and sequences, and those that only move axes.

use super::attributes::Attributes;
use super::proto::{NodeProto, TensorProto};
use super::reader::{Act, Reader};
use super::view::View;
use crate::activation::Activation;
use crate::builder::{Padded, Transposed};
use crate::error::Error;
use crate::floats::permute;
use crate::layer::{Layer, Resizing, Statistic, padding};
use baregrad::tensor::same;
use std::collections::HashMap;

/// Reads the attributes of a node, if its operator is one of these.
pub(super) fn act_of<'a>(
    node: &'a NodeProto,
    attributes: &mut Attributes<'_>,
    constants: &HashMap<&str, &TensorProto>,
) -> Result<Option<Act<'a>>, Error> {
    Ok(Some(match node.op_type.as_str() {
        "Conv" => conv(node, attributes, constants)?,
        "ConvTranspose" => transposed(node, attributes, constants)?,
        "BatchNormalization" => batch_norm(node, attributes)?,
        "MaxPool" => pool(node, attributes, Statistic::Max)?,
        "AveragePool" => pool(node, attributes, Statistic::Average)?,
        "GlobalMaxPool" => Box::new(|reader| reader.global_pool(node, Statistic::Max, true)),
        "GlobalAveragePool" => Box::new(|reader| reader.global_pool(node, Statistic::Average, true)),
        "ReduceMax" => reduce(node, attributes, Statistic::Max)?,
        "ReduceMean" => reduce(node, attributes, Statistic::Average)?,
        "Pad" => pad(node, attributes)?,
        "Resize" => resize(node, attributes)?,
        "Transpose" => transpose(node, attributes)?,
        "Squeeze" | "Unsqueeze" => squeeze(node, attributes)?,
        "Clip" => clip(node, attributes)?,
        _ => return Ok(None),
    }))
}

/// What a `Conv` or a pool says of the places around its input.
enum Around {
    /// Before and after each axis.
    Given(Vec<(usize, usize)>),
    /// As much as gives one window per stride, the smaller half before the first place, or the larger one.
    Same { larger_first: bool },
}

impl Around {
    fn of(node: &NodeProto, attributes: &mut Attributes<'_>, axes: usize) -> Result<Self, Error> {
        let pads = attributes.integers("pads")?;
        let given = match pads {
            None => vec![(0, 0); axes],
            Some(pads) => {
                let lengths: Option<Vec<usize>> = pads.iter().map(|pad| usize::try_from(*pad).ok()).collect();
                let wrong = || Error::unsupported(node.at(), format!("pads = {pads:?}")).instead("pads of 0 or more");
                let lengths = lengths.filter(|lengths| lengths.len() == 2 * axes).ok_or_else(wrong)?;
                lengths[..axes].iter().copied().zip(lengths[axes..].iter().copied()).collect()
            }
        };
        match attributes.word("auto_pad", "NOTSET")? {
            b"NOTSET" => Ok(Around::Given(given)),
            b"VALID" => Ok(Around::Given(vec![(0, 0); axes])),
            b"SAME_UPPER" => Ok(Around::Same { larger_first: false }),
            b"SAME_LOWER" => Ok(Around::Same { larger_first: true }),
            _ => Err(Error::unsupported(node.at(), "another auto_pad than SAME_UPPER, SAME_LOWER and VALID")),
        }
    }

    /// Of an input of these lengths, whose windows cover so many places.
    fn pads(&self, lengths: &[usize], windows: &[usize], strides: &[usize]) -> Vec<(usize, usize)> {
        let larger_first = match self {
            Around::Given(pads) => return pads.clone(),
            Around::Same { larger_first } => *larger_first,
        };
        let axes = lengths.iter().zip(windows).zip(strides).map(|((length, window), stride)| match stride {
            0 => (0, 0),
            stride => padding(*length, same(*length, *stride), *window, *stride),
        });
        axes.map(|(before, after)| if larger_first { (after, before) } else { (before, after) }).collect()
    }
}

/// Lengths of the weights of a convolution of one or two axes.
fn kernel_of(node: &NodeProto, constants: &HashMap<&str, &TensorProto>) -> Result<Vec<usize>, Error> {
    let w = node.input.get(1).and_then(|name| constants.get(name.as_str()));
    // Where the weights are no constants, that is the error.
    let dims = w.map_or(&[1_i64; 3][..], |w| &w.dims);
    let dims: Vec<usize> = dims.iter().map(|length| usize::try_from(*length).unwrap_or(0)).collect();
    let axes = dims.len().saturating_sub(2);
    match axes {
        1 | 2 => Ok(dims),
        _ => {
            Err(Error::unsupported(node.at(), format!("a kernel of {axes} axes"))
                .instead("a kernel of one or two axes"))
        }
    }
}

fn conv<'a>(
    node: &'a NodeProto,
    attributes: &mut Attributes<'_>,
    constants: &HashMap<&str, &TensorProto>,
) -> Result<Act<'a>, Error> {
    let dims = kernel_of(node, constants)?;
    let axes = dims.len() - 2;
    let groups = attributes.integer("group", 1)?;
    let each = usize::try_from(groups).unwrap_or(0);
    let depthwise = each > 1 && dims[1] == 1 && dims[0].is_multiple_of(each);
    if groups != 1 && !depthwise {
        let what = format!("group = {groups} of {} channels to {}", each.saturating_mul(dims[1]), dims[0]);
        return Err(Error::unsupported(node.at(), what).instead("group = 1, or as many groups as channels"));
    }
    let (stride, dilation) = (attributes.same("strides", axes)?, attributes.same("dilations", axes)?);
    let around = Around::of(node, attributes, axes)?;
    let kernel = attributes.integers("kernel_shape")?.map(<[i64]>::to_vec);
    Ok(Box::new(move |reader| {
        let (shape, w) = reader.floats(node, 1)?;
        reader.image(node, axes)?;
        let channels = reader.view.lengths[axes];
        let (outputs, taps) = (shape[0], shape[2..].to_vec());
        let needed = match depthwise {
            true => vec![(outputs / each).saturating_mul(channels), 1],
            false => vec![outputs, channels],
        };
        let needed = [needed, taps.clone()].concat();
        let said = kernel.is_none_or(|kernel| kernel.into_iter().eq(taps.iter().map(|taps| *taps as i64)));
        if shape != needed || !said {
            return Err(Error::Shape { name: node.input[1].clone(), found: shape, needed });
        }
        let b = match reader.has(node, 2) {
            true => reader.row(node, 2, outputs)?,
            false => reader.builder.fill(&node.at(), 0.0, Some(outputs))?,
        };
        let w = taps_first(&w, &shape);
        let windows = windows(&taps, dilation);
        reader.settle(node)?;
        let padding = around.pads(reader.builder.shape(), &windows, &vec![stride; axes]);
        let activation = Activation::Linear;
        let conv = Padded { depthwise, kernel: taps, stride, dilation, padding, activation, w, b };
        reader.builder.conv(&node.at(), conv)?;
        reader.view.lengths = reader.builder.shape().to_vec();
        Ok(())
    }))
}

/// Places that a window covers along each axis.
fn windows(taps: &[usize], dilation: usize) -> Vec<usize> {
    taps.iter().map(|taps| taps.saturating_sub(1).saturating_mul(dilation).saturating_add(1)).collect()
}

/// Weights whose taps come first, and whose two axes of channels come in the other order behind them.
fn taps_first(w: &[f32], shape: &[usize]) -> Vec<f32> {
    permute(w, shape, &[(2..shape.len()).collect(), vec![1, 0]].concat())
}

fn transposed<'a>(
    node: &'a NodeProto,
    attributes: &mut Attributes<'_>,
    constants: &HashMap<&str, &TensorProto>,
) -> Result<Act<'a>, Error> {
    let axes = kernel_of(node, constants)?.len() - 2;
    attributes.one_of("group", &[1]).map_err(|error| error.instead("group = 1"))?;
    let (stride, dilation) = (attributes.same("strides", axes)?, attributes.same("dilations", axes)?);
    let more = attributes.lengths_or("output_padding", axes, 0)?;
    let given = match attributes.count("output_shape") {
        0 => None,
        _ => Some(attributes.lengths("output_shape", axes)?),
    };
    let around = Around::of(node, attributes, axes)?;
    let kernel = attributes.integers("kernel_shape")?.map(<[i64]>::to_vec);
    Ok(Box::new(move |reader| {
        let (shape, w) = reader.floats(node, 1)?;
        reader.image(node, axes)?;
        let (outputs, taps) = (shape[1], shape[2..].to_vec());
        let needed = [vec![reader.view.lengths[axes], outputs], taps.clone()].concat();
        let said = kernel.is_none_or(|kernel| kernel.into_iter().eq(taps.iter().map(|taps| *taps as i64)));
        if shape != needed || !said {
            return Err(Error::Shape { name: node.input[1].clone(), found: shape, needed });
        }
        let b = match reader.has(node, 2) {
            true => reader.row(node, 2, outputs)?,
            false => reader.builder.fill(&node.at(), 0.0, Some(outputs))?,
        };
        reader.settle(node)?;
        let lengths = reader.builder.shape().to_vec();
        let part = |(axis, window): (usize, usize)| {
            let all = lengths[axis].saturating_sub(1).saturating_mul(stride).saturating_add(window);
            let all = all.saturating_add(more[axis]);
            match (&around, given.as_ref().map(|given| given[axis])) {
                (Around::Given(pads), None) => {
                    let (before, after) = pads[axis];
                    Some((before, all.saturating_sub(before).saturating_sub(after)))
                }
                // What is cut off follows from the length.
                (around, given) => {
                    let left = given.unwrap_or(lengths[axis].saturating_mul(stride));
                    let cut = all.checked_sub(left)?;
                    let upper = matches!(around, Around::Same { larger_first: false });
                    Some((if upper { cut / 2 } else { cut - cut / 2 }, left))
                }
            }
        };
        let parts: Option<_> = windows(&taps, dilation).into_iter().enumerate().map(part).collect();
        let longer = || Error::unsupported(node.at(), "an output that is longer than all windows").instead("pads");
        let parts = parts.ok_or_else(longer)?;
        let (w, activation) = (taps_first(&w, &shape), Activation::Linear);
        let conv = Transposed { kernel: taps, stride, dilation, parts, activation, w, b };
        reader.builder.transposed(&node.at(), conv)?;
        reader.view.lengths = reader.builder.shape().to_vec();
        Ok(())
    }))
}

fn batch_norm<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    let epsilon = attributes.float("epsilon", 1e-5)?;
    // Only training needs it.
    attributes.float("momentum", 0.9)?;
    attributes.one_of("training_mode", &[0])?;
    attributes.one_of("spatial", &[1])?;
    Ok(Box::new(move |reader| {
        let row = reader.view.is_row();
        if !row {
            reader.channels_first(node)?;
        }
        let channels = reader.view.lengths.last().copied().unwrap_or_default();
        let mut read = |input| if row { reader.features(node, input) } else { reader.row(node, input, channels) };
        let (gamma, beta, mean, variance) = (read(1)?, read(2)?, read(3)?, read(4)?);
        let activation = Activation::Linear;
        reader.push(node, Layer::BatchNorm { activation, epsilon, gamma, beta, mean, variance })
    }))
}

fn pool<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>, of: Statistic) -> Result<Act<'a>, Error> {
    let axes = attributes.count("kernel_shape");
    if !matches!(axes, 1 | 2) {
        return Err(Error::unsupported(node.at(), format!("a window of {axes} axes")).instead("one or two axes"));
    }
    let (window, stride) = (attributes.lengths("kernel_shape", axes)?, attributes.lengths("strides", axes)?);
    if attributes.lengths("dilations", axes)?.iter().any(|dilation| *dilation != 1) {
        return Err(Error::unsupported(node.at(), "a dilation").instead("dilations = 1"));
    }
    attributes.one_of("storage_order", &[0])?;
    let (rounds_up, counts) =
        (attributes.integer("ceil_mode", 0)? != 0, attributes.integer("count_include_pad", 0)? != 0);
    let around = Around::of(node, attributes, axes)?;
    Ok(Box::new(move |reader| {
        reader.image(node, axes)?;
        reader.settle(node)?;
        let shape = reader.builder.shape().to_vec();
        let mut padding = around.pads(&shape, &window, &stride);
        for (axis, (before, after)) in padding.iter_mut().enumerate() {
            let padded = shape[axis].saturating_add(*before).saturating_add(*after);
            let behind = padded.saturating_sub(window[axis]).checked_rem(stride[axis]).unwrap_or(0);
            if rounds_up && behind > 0 {
                if counts {
                    return Err(
                        Error::unsupported(node.at(), "ceil_mode = 1 of padding that counts").instead("ceil_mode = 0")
                    );
                }
                *after += stride[axis] - behind;
            }
        }
        reader.builder.pool(&node.at(), of, [window, stride], &padding, counts)?;
        reader.view.lengths = reader.builder.shape().to_vec();
        Ok(())
    }))
}

/// `ReduceMean` and `ReduceMax` over all places.
fn reduce<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>, of: Statistic) -> Result<Act<'a>, Error> {
    let axes = attributes.integers("axes")?.map(<[i64]>::to_vec);
    let keeps = attributes.integer("keepdims", 1)? != 0;
    attributes.one_of("noop_with_empty_axes", &[0, 1])?;
    Ok(Box::new(move |reader| {
        let axes = match axes {
            Some(axes) => axes,
            None => reader.integers(node, 1)?,
        };
        let rank = reader.view.graph().len();
        let own = |axis: &i64| usize::try_from(if *axis < 0 { *axis + rank as i64 + 1 } else { *axis }).unwrap_or(0);
        let mut all: Vec<usize> = axes.iter().map(own).collect();
        all.sort_unstable();
        // Channels are the first axis behind the batch, or the last one.
        let first = all.iter().copied().eq(2..=rank);
        if first && !reader.view.is_row() {
            reader.channels_first(node)?;
        }
        let last = all.iter().copied().eq(1..rank)
            && !reader.view.is_row()
            && reader.view == View::plain(reader.view.lengths.clone());
        match (first || last) && matches!(rank, 2 | 3) {
            true => reader.global_pool(node, of, keeps),
            false => Err(Error::unsupported(node.at(), format!("axes = {axes:?}")).instead("all axes of places")),
        }
    }))
}

/// Zeros around an image, or less of it.
fn pad<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    attributes.word_of("mode", &["constant"])?;
    attributes.only("value", 0.0, 0.0).map_err(|error| error.instead("value = 0"))?;
    let given = attributes.integers("pads")?.map(<[i64]>::to_vec);
    Ok(Box::new(move |reader| {
        let pads = match given {
            Some(pads) => pads,
            None => reader.integers(node, 1)?,
        };
        if reader.has(node, 2) && reader.row(node, 2, 1)? != [0.0] {
            return Err(Error::unsupported(node.at(), "padding with other numbers than 0").instead("padding with 0"));
        }
        let rank = reader.view.graph().len() + 1;
        let mut all = vec![(0, 0); rank];
        let axes: Vec<i64> = match reader.has(node, 3) {
            true => reader.integers(node, 3)?,
            false => (0..rank as i64).collect(),
        };
        let wrong = || Error::unsupported(node.at(), format!("pads = {pads:?} of the axes {axes:?}"));
        for (at, axis) in axes.iter().enumerate() {
            let axis = usize::try_from(if *axis < 0 { *axis + rank as i64 } else { *axis }).unwrap_or(rank);
            let both = (pads.get(at), pads.get(at + axes.len()), all.get_mut(axis));
            let (Some(before), Some(after), Some(pair)) = both else { return Err(wrong()) };
            *pair = (*before, *after);
        }
        if all.iter().all(|pair| *pair == (0, 0)) {
            return Ok(());
        }
        reader.settle(node)?;
        // Of the net's axes.
        let mut around = vec![(0, 0); rank - 1];
        for (axis, pair) in reader.view.order.iter().zip(&all[1..]) {
            around[*axis] = *pair;
        }
        let channels = around.pop();
        if all[0] != (0, 0) || channels != Some((0, 0)) || reader.view.is_row() || rank > 4 {
            return Err(wrong().instead("padding of the places of an image or a sequence"));
        }
        let part = |sign: i64| {
            let length = |pad: i64| usize::try_from(pad.saturating_mul(sign)).unwrap_or(0);
            around.iter().map(|(before, after)| (length(*before), length(*after))).collect::<Vec<_>>()
        };
        reader.builder.resize(&node.at(), Resizing::ZeroPadding, &part(1))?;
        reader.builder.resize(&node.at(), Resizing::Cropping, &part(-1))?;
        reader.view.lengths = reader.builder.shape().to_vec();
        Ok(())
    }))
}

/// Each place several times.
fn resize<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    attributes.word_of("mode", &["nearest"])?;
    let place = attributes.word("coordinate_transformation_mode", "half_pixel")?;
    let nearest = attributes.word("nearest_mode", "round_prefer_floor")?;
    // Of whole factors, these are the same.
    if !matches!((place, nearest), (b"asymmetric", b"floor") | (b"half_pixel", b"round_prefer_floor")) {
        let text = |word| String::from_utf8_lossy(word).into_owned();
        let what = format!("{} with nearest_mode = {}", text(place), text(nearest));
        return Err(Error::unsupported(node.at(), what).instead("asymmetric with nearest_mode = floor"));
    }
    // Only other modes need it.
    attributes.float("cubic_coeff_a", -0.75)?;
    Ok(Box::new(move |reader| {
        let rank = reader.view.graph().len() + 1;
        let before: Vec<usize> = [vec![1], reader.view.graph()].concat();
        let factors: Vec<Option<usize>> = match reader.has(node, 2) {
            true => {
                let whole =
                    |scale: f32| (scale >= 1.0 && scale.fract() == 0.0 && scale < 1e6).then_some(scale as usize);
                reader.floats(node, 2)?.1.into_iter().map(whole).collect()
            }
            false => {
                let mut sizes = reader.integers(node, 3)?;
                // The batch stays as it is.
                sizes.iter_mut().take(1).for_each(|batch| *batch = 1);
                let factor = |(size, before): (i64, &usize)| {
                    usize::try_from(size)
                        .ok()
                        .filter(|size| *before > 0 && size.is_multiple_of(*before))
                        .map(|size| size / before)
                };
                sizes.into_iter().zip(&before).map(factor).collect()
            }
        };
        let wrong = || {
            Error::unsupported(node.at(), "scales of other than the places, or not whole ones,")
                .instead("whole factors of places")
        };
        let factors: Vec<usize> = factors.into_iter().collect::<Option<_>>().ok_or_else(wrong)?;
        if factors.len() != rank || factors[0] != 1 || reader.view.is_row() {
            return Err(wrong());
        }
        reader.settle(node)?;
        let mut times = vec![1; rank - 1];
        reader.view.order.iter().zip(&factors[1..]).for_each(|(axis, factor)| times[*axis] = *factor);
        if times.pop() != Some(1) {
            return Err(wrong());
        }
        reader.builder.up_sample(&node.at(), &times)?;
        reader.view.lengths = reader.builder.shape().to_vec();
        Ok(())
    }))
}

fn transpose<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    let order = attributes.integers("perm")?.unwrap_or_default().to_vec();
    Ok(Box::new(move |reader| {
        let rank = reader.view.graph().len() + 1;
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..rank as i64) {
            return Err(Error::unsupported(node.at(), format!("perm = {order:?}")));
        }
        let order: Vec<usize> = order.iter().map(|axis| *axis as usize).collect();
        reader.view = reader.view.transposed(&order);
        Ok(())
    }))
}

/// Takes axes of one number away, or adds some.
fn squeeze<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    let given = attributes.integers("axes")?.map(<[i64]>::to_vec);
    Ok(Box::new(move |reader| {
        let axes = match given {
            Some(axes) => axes,
            None => reader.integers(node, 1)?,
        };
        // The batch is none.
        let mut lengths: Vec<Option<usize>> = reader.view.graph().into_iter().map(Some).collect();
        lengths.insert(reader.view.batch, None);
        let adds = node.op_type == "Unsqueeze";
        let rank = if adds { lengths.len() + axes.len() } else { lengths.len() } as i64;
        let mut all: Vec<i64> = axes.iter().map(|axis| if *axis < 0 { axis + rank } else { *axis }).collect();
        all.sort_unstable();
        if !adds {
            all.reverse();
        }
        for axis in all {
            let at = usize::try_from(axis).ok().filter(|at| *at < lengths.len() + usize::from(adds));
            match at {
                Some(at) if adds && at + reader.view.batch > 0 => lengths.insert(at, Some(1)),
                Some(at) if !adds && lengths[at] == Some(1) && lengths.len() > 2 => _ = lengths.remove(at),
                _ => return Err(Error::unsupported(node.at(), format!("axes = {axes:?}"))),
            }
        }
        reader.reshape_around(node, &lengths)
    }))
}

/// From 0 upwards, which is a `Relu`, or to 6.
fn clip<'a>(node: &'a NodeProto, attributes: &mut Attributes<'_>) -> Result<Act<'a>, Error> {
    let (least, most) = (attributes.float("min", f32::MIN)?, attributes.float("max", f32::MAX)?);
    Ok(Box::new(move |reader| {
        let least = if reader.has(node, 1) { reader.row(node, 1, 1)?[0] } else { least };
        let most = if reader.has(node, 2) { reader.row(node, 2, 1)?[0] } else { most };
        let activation = match (least, most) {
            (0.0, 6.0) => Activation::Relu6,
            (0.0, f32::MAX..) => Activation::Relu,
            _ => {
                let error = Error::unsupported(node.at(), format!("a Clip from {least} to {most}"));
                return Err(error.instead("Relu, or a Clip from 0 to 6"));
            }
        };
        reader.activate(node, activation)
    }))
}

impl Reader<'_> {
    /// The same numbers with other lengths, of which that of the batch is not known.
    fn reshape_around(&mut self, node: &NodeProto, lengths: &[Option<usize>]) -> Result<(), Error> {
        let batch = lengths.iter().position(Option::is_none).unwrap_or_default();
        self.reshape(node, &lengths.iter().copied().flatten().collect::<Vec<_>>())?;
        self.view.batch = batch;
        Ok(())
    }

    /// The same without an axis of one number.
    pub fn without(&mut self, node: &NodeProto, axis: usize) -> Result<(), Error> {
        let mut lengths: Vec<Option<usize>> = self.view.graph().into_iter().map(Some).collect();
        lengths.remove(axis);
        lengths.insert(self.view.batch - usize::from(self.view.batch > axis), None);
        self.reshape_around(node, &lengths)
    }

    /// Checks that the tensor has so many axes of places, and makes its channels the last axis of the net.
    fn image(&mut self, node: &NodeProto, axes: usize) -> Result<(), Error> {
        match self.view.graph().len() == axes + 1 {
            true => self.channels_first(node),
            false => Err(Error::unsupported(node.at(), format!("an input of shape {:?}", self.view.graph()))),
        }
    }

    /// The largest number of each channel, or their mean.
    fn global_pool(&mut self, node: &NodeProto, of: Statistic, keeps: bool) -> Result<(), Error> {
        if !(self.view == View::plain(self.view.lengths.clone()) && node.op_type.starts_with("Reduce")) {
            self.channels_first(node)?;
        }
        self.push(node, Layer::GlobalPool(of))?;
        let channels = self.builder.outputs();
        match keeps {
            true => {
                let last = self.view.lengths.len() - 1;
                self.view.lengths = [vec![1; last], vec![channels]].concat();
            }
            false => self.view = View::plain(vec![channels]),
        }
        Ok(())
    }
}

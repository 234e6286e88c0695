//! Keras' layers with weights, and the padding of those with windows.

use super::activations::activation_option;
use super::config::LayerConfig;
use super::layers::{Act, needed, optional};
use super::options::Options;
use crate::activation::Activation;
use crate::builder::{Padded, Transposed};
use crate::error::Error;
use crate::layer::{Layer, padding};
use baregrad::tensor::same;
use serde_json::Value;

/// Keras' `padding`.
#[derive(Clone, Copy)]
pub(super) enum Padding {
    Valid,
    Same,
    Causal,
}

impl Padding {
    pub fn of(options: &mut Options<'_>, may_be_causal: bool) -> Result<Self, Error> {
        let padding = options.take("padding").unwrap_or(&Value::Null);
        match padding.as_str() {
            Some("valid") => Ok(Padding::Valid),
            Some("same") => Ok(Padding::Same),
            Some("causal") if may_be_causal => Ok(Padding::Causal),
            _ => Err(options.refused("padding", padding)),
        }
    }

    /// Places before and after each axis of a sample, for windows that cover so many places.
    pub fn around(self, shape: &[usize], windows: &[usize], strides: &[usize]) -> Vec<(usize, usize)> {
        let axes = shape.iter().zip(windows).zip(strides);
        axes.map(|((length, window), stride)| match self {
            Padding::Same if *stride > 0 => padding(*length, same(*length, *stride), *window, *stride),
            Padding::Causal => (window.saturating_sub(1), 0),
            _ => (0, 0),
        })
        .collect()
    }
}

/// Takes what only training needs of these tensors.
pub(super) fn trained(options: &mut Options<'_>, tensors: &[&str]) {
    for tensor in tensors {
        for option in ["initializer", "regularizer", "constraint"] {
            options.ignore(&[&format!("{tensor}_{option}")]);
        }
    }
}

/// The weights are in this part of the layer, which is called `name`.
pub(super) fn dense<'a>(
    layer: &'a LayerConfig<'a>,
    name: &'a str,
    inner: &'static [&'static str],
    options: &mut Options<'_>,
    is_new: bool,
) -> Result<Act<'a>, Error> {
    options.unset(&["quantization_mode", "quantization_config", "lora_rank", "lora_alpha"])?;
    trained(options, &["kernel", "bias"]);
    let outputs = options.size("units").map_err(|_| Error::malformed(name, "no number of units"))?;
    let activation = activation_option(name, options, is_new)?;
    let has_bias = options.flag("use_bias", true)?;
    Ok(Box::new(move |reader| {
        let inputs = reader.builder.shape().last().copied().unwrap_or_default();
        let variables = vec![needed("kernel", vec![inputs, outputs]), optional(has_bias, "bias", vec![outputs], 0.0)];
        let mut read = reader.variables_in(layer, inner, variables)?.into_iter();
        let [mut w, mut b] = [(); 2].map(|()| read.next().unwrap_or_default());
        match reader.pending.take_if(|statistics| statistics.can_fold()) {
            Some(statistics) => statistics.fold(&mut w, &mut b),
            None => reader.settle()?,
        }
        reader.builder.dense(name, outputs, activation, w, b)
    }))
}

/// `Conv1D` and the like, and `SeparableConv1D` and 2D, which are two layers.
pub(super) fn conv<'a>(
    layer: &'a LayerConfig<'a>,
    axes: usize,
    options: &mut Options<'_>,
    is_new: bool,
) -> Result<Act<'a>, Error> {
    let LayerConfig { class, name, .. } = *layer;
    let (depthwise, separable) = (class.starts_with("Depthwise"), class.starts_with("Separable"));
    trained(options, &["kernel", "bias", "depthwise", "pointwise"]);
    let filters = if depthwise { None } else { Some(options.size("filters")?) };
    let kernel = options.sizes("kernel_size", axes)?;
    let (stride, dilation) = (options.same("strides", axes)?, options.same("dilation_rate", axes)?);
    let mut times = 1;
    if depthwise || separable {
        options.only("groups", 1)?;
        if options.has("depth_multiplier") {
            times = options.size("depth_multiplier")?;
        }
    }
    let groups = if options.has("groups") { options.size("groups")? } else { 1 };
    let padding = Padding::of(options, axes == 1 && (!depthwise || is_new))?;
    let activation = activation_option(name, options, is_new)?;
    let has_bias = options.flag("use_bias", true)?;
    Ok(Box::new(move |reader| {
        reader.has_axes(layer, axes)?;
        let shape = reader.builder.shape().to_vec();
        let (channels, outputs) = (shape[axes], filters.unwrap_or(shape[axes].saturating_mul(times)));
        let each = depthwise || (groups > 1 && channels == groups && outputs.is_multiple_of(groups));
        if groups > 1 && !each {
            let error = Error::unsupported(name, format!("groups = {groups} of {channels} channels to {outputs}"));
            return Err(error.instead("groups = 1, or as many groups as channels"));
        }
        let windows: Vec<usize> =
            kernel.iter().map(|taps| taps.saturating_sub(1).saturating_mul(dilation).saturating_add(1)).collect();
        let padding = padding.around(&shape, &windows, &vec![stride; axes]);
        let of = |more: &[usize]| [kernel.as_slice(), more].concat();
        let bias = optional(has_bias, "bias", vec![outputs], 0.0);
        if separable {
            let between = channels.saturating_mul(times);
            let single = [vec![1; axes], vec![between, outputs]].concat();
            let filters = needed("depthwise_kernel", of(&[channels, times]));
            let [first, w, b] = reader.variables(layer, [filters, needed("pointwise_kernel", single), bias])?;
            let zeros = reader.builder.fill(name, 0.0, Some(between))?;
            let linear = Activation::Linear;
            let filters =
                Padded { depthwise: true, kernel, stride, dilation, padding, activation: linear, w: first, b: zeros };
            reader.builder.conv(name, filters)?;
            return reader.builder.single_places(name, activation, w, b);
        }
        let shape = match (depthwise, each) {
            (true, _) => of(&[channels, times]),
            (_, true) => of(&[1, outputs]),
            _ => of(&[channels, outputs]),
        };
        let [w, b] = reader.variables(layer, [needed("kernel", shape), bias])?;
        reader.builder.conv(name, Padded { depthwise: each, kernel, stride, dilation, padding, activation, w, b })
    }))
}

/// `Conv1DTranspose` and `Conv2DTranspose`.
pub(super) fn transposed<'a>(
    layer: &'a LayerConfig<'a>,
    axes: usize,
    options: &mut Options<'_>,
    is_new: bool,
) -> Result<Act<'a>, Error> {
    let name = layer.name;
    trained(options, &["kernel", "bias"]);
    options.only("groups", 1)?;
    let (outputs, kernel) = (options.size("filters")?, options.sizes("kernel_size", axes)?);
    let (stride, dilation) = (options.same("strides", axes)?, options.same("dilation_rate", axes)?);
    let more = match options.is_null("output_padding") {
        true => None,
        false => Some(options.sizes("output_padding", axes)?),
    };
    let is_same = matches!(Padding::of(options, false)?, Padding::Same);
    let activation = activation_option(name, options, is_new)?;
    let has_bias = options.flag("use_bias", true)?;
    Ok(Box::new(move |reader| {
        reader.has_axes(layer, axes)?;
        let shape = reader.builder.shape().to_vec();
        let weights = needed("kernel", [kernel.as_slice(), &[outputs, shape[axes]]].concat());
        let [w, b] = reader.variables(layer, [weights, optional(has_bias, "bias", vec![outputs], 0.0)])?;
        let part = |axis: usize| {
            let window = kernel[axis].saturating_sub(1).saturating_mul(dilation).saturating_add(1);
            let strides = shape[axis].saturating_mul(stride);
            let all = strides.saturating_sub(stride).saturating_add(window);
            let left = match &more {
                // As many places are cut off on both sides, and some of them are put back.
                Some(more) => {
                    let cut = if is_same { 2 * (window / 2) } else { 0 };
                    all.saturating_add(more[axis]).saturating_sub(cut)
                }
                None if is_same => strides,
                None => all.max(strides),
            };
            (all.saturating_sub(left) / 2, left)
        };
        let parts = (0..axes).map(part).collect();
        reader.builder.transposed(name, Transposed { kernel, stride, dilation, parts, activation, w, b })
    }))
}

/// `BatchNormalization` and `LayerNormalization`.
pub(super) fn norm<'a>(layer: &'a LayerConfig<'a>, options: &mut Options<'_>) -> Result<Act<'a>, Error> {
    let is_batch = layer.class == "BatchNormalization";
    trained(options, &["beta", "gamma"]);
    let (scale, center) = (options.flag("scale", true)?, options.flag("center", true)?);
    let epsilon = options.number("epsilon", 1e-3)? as f32;
    let axis = options.axis()?;
    Ok(Box::new(move |reader| {
        if !is_batch {
            reader.has_axes(layer, 0).map_err(|error| error.instead("BatchNormalization"))?;
        }
        reader.has_last_axis(layer, axis)?;
        let size = reader.builder.shape().last().copied().unwrap_or_default();
        let rows = [optional(scale, "gamma", vec![size], 1.0), optional(center, "beta", vec![size], 0.0)];
        if !is_batch {
            let [gamma, beta] = reader.variables(layer, rows)?;
            return reader.builder.push(layer.name, Layer::LayerNorm { epsilon, gamma, beta });
        }
        let [gamma, beta] = rows;
        let moving = [needed("moving_mean", vec![size]), needed("moving_variance", vec![size])];
        let [mean, variance] = moving;
        let [gamma, beta, mean, variance] = reader.variables(layer, [gamma, beta, mean, variance])?;
        let activation = Activation::Linear;
        reader.builder.push(layer.name, Layer::BatchNorm { activation, epsilon, gamma, beta, mean, variance })
    }))
}

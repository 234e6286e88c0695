//! The type of one layer.

use super::EPSILON;
use crate::activation::Activation;
use crate::builder::Builder;
use crate::error::Error;
use crate::layer::{Conv, FORMS, Form, Layer, Resizing, Statistic, numbers};
use crate::recurrent::{Cell, Recurrent};

/// The shape of such a type, or of an array.
fn shape_of(text: &str) -> Option<Vec<usize>> {
    let numbers = |all: Vec<&str>| all.iter().map(|number| number.parse().ok()).collect::<Option<Vec<usize>>>();
    match parts(text) {
        ("Sequence", all) if all.len() == 2 => numbers(all),
        ("Image", all) if all.len() == 3 => numbers(all),
        _ => {
            let (inner, length) = text.strip_prefix('[')?.strip_suffix(']')?.rsplit_once(';')?;
            let length = length.trim().parse().ok()?;
            let inner = if inner.trim() == "f32" { Vec::new() } else { shape_of(inner.trim())? };
            (inner.len() < 3).then(|| [vec![length], inner].concat())
        }
    }
}

/// The arguments of a type, one after another.
struct Arguments<'a>(std::iter::Peekable<std::vec::IntoIter<&'a str>>);

impl Arguments<'_> {
    fn size(&mut self) -> Option<usize> {
        self.0.next()?.parse().ok()
    }

    fn size_or(&mut self, default: usize) -> Option<usize> {
        if self.0.peek().is_some() { self.size() } else { Some(default) }
    }

    fn sizes(&mut self, count: usize) -> Option<Vec<usize>> {
        (0..count).map(|_| self.size()).collect()
    }

    fn percent(&mut self) -> Option<u32> {
        self.size().filter(|percent| *percent < 100).map(|percent| percent as u32)
    }

    fn activation(&mut self) -> Option<Activation> {
        self.0.next().map_or(Some(Activation::Linear), Activation::of_rust)
    }

    /// Whether sequences are masked, and whether the last step comes first.
    fn options(&mut self) -> Option<[bool; 2]> {
        let (mut all, mut rest) = ([false; 2], vec![self.0.next().unwrap_or("()")]);
        while let Some(text) = rest.pop() {
            match text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
                Some(inner) => rest.extend(split(inner)),
                // Only training needs it.
                None if text.starts_with("RecurrentDropout<") => {}
                None => all[["Masked", "Backwards"].iter().position(|option| *option == text)?] = true,
            }
        }
        Some(all)
    }

    fn epsilon(&mut self) -> Option<f32> {
        self.0.next().map_or(Some(EPSILON), |text| text.parse().ok())
    }

    /// Two shapes with so many axes of places.
    fn shapes(&mut self, axes: usize) -> Option<[Vec<usize>; 2]> {
        let mut shape = || shape_of(self.0.next()?).filter(|shape| shape.len() == axes + 1);
        Some([shape()?, shape()?])
    }
}

/// A layer of zeros, if its type is known.
pub(super) fn layer(text: &str, builder: &mut Builder) -> Result<Option<Layer>, Error> {
    let mut failed = None;
    let layer = layer_of(text, &mut |count| {
        let zeros = builder.fill(text, 0.0, count);
        zeros.unwrap_or_else(|error| {
            failed = Some(error);
            Vec::new()
        })
    });
    failed.map_or(Ok(layer), Err)
}

fn layer_of(text: &str, zeros: &mut dyn FnMut(Option<usize>) -> Vec<f32>) -> Option<Layer> {
    let (name, arguments) = parts(text);
    let mut rest = Arguments(arguments.into_iter().peekable());
    // Of the layers for one axis, or for two.
    let (stem, axes) = match (name.strip_suffix("1d"), name.strip_suffix("2d")) {
        (Some(stem), _) => (stem, 1),
        (_, Some(stem)) => (stem, 2),
        _ => (name, 0),
    };
    let layer = match stem {
        "Dense" => {
            let (inputs, outputs, activation) = (rest.size()?, rest.size()?, rest.activation()?);
            let (w, b) = (zeros(inputs.checked_mul(outputs)), zeros(Some(outputs)));
            Layer::Dense { inputs, outputs, activation, w, b }
        }
        "LayerNorm" => {
            let (size, epsilon) = (rest.size()?, rest.epsilon()?);
            Layer::LayerNorm { epsilon, gamma: zeros(Some(size)), beta: zeros(Some(size)) }
        }
        "BatchNorm" => {
            let size = rest.size()?;
            let is_epsilon = rest.0.peek().is_some_and(|text| text.parse::<f32>().is_ok());
            let activation = if is_epsilon { Activation::Linear } else { rest.activation()? };
            let epsilon = rest.epsilon()?;
            let [gamma, beta, mean, variance] = [(); 4].map(|()| zeros(Some(size)));
            Layer::BatchNorm { activation, epsilon, gamma, beta, mean, variance }
        }
        "Rescale" => {
            let size = rest.size()?;
            Layer::Rescale { offset: zeros(Some(size)), scale: zeros(Some(size)) }
        }
        "Activate" => Layer::Activate(rest.0.next().and_then(Activation::of_rust)?),
        "Dropout" => Layer::Dropout(rest.percent()?),
        "SpatialDropout" => Layer::SpatialDropout(rest.percent()?),
        "GlobalAveragePool" => Layer::GlobalPool(Statistic::Average),
        "GlobalMaxPool" => Layer::GlobalPool(Statistic::Max),
        "Flatten" => Layer::Reshape(vec![rest.size()?]),
        "Reshape" => Layer::Reshape(shape_of(rest.0.next()?)?),
        "MaxPool" | "AveragePool" if axes > 0 => {
            let ([input, output], window) = (rest.shapes(axes)?, rest.sizes(axes)?);
            let stride = window.iter().map(|length| rest.size_or(*length)).collect::<Option<_>>()?;
            let of = if stem == "MaxPool" { Statistic::Max } else { Statistic::Average };
            Layer::Pool { of, input, output, window, stride }
        }
        "ZeroPadding" | "Cropping" if axes > 0 => {
            let ([input, output], before) = (rest.shapes(axes)?, rest.sizes(axes)?);
            let by = if stem == "Cropping" { Resizing::Cropping } else { Resizing::ZeroPadding };
            Layer::Resize { by, input, output, before }
        }
        "UpSampling" if axes > 0 => {
            let [input, output] = rest.shapes(axes)?;
            Layer::Resize { by: Resizing::UpSampling, input, output, before: vec![0; axes] }
        }
        "Embedding" => {
            let (input, output) = (shape_of(rest.0.next()?)?, shape_of(rest.0.next()?)?);
            let (tokens, [masked, backwards]) = (rest.size()?, rest.options()?);
            // Of either form: `[f32; T]`, or `Sequence<T, 1>`.
            let fits = output.len() == 2 && numbers(&input) == Some(output[0]) && !backwards;
            let table = zeros(fits.then(|| tokens.checked_mul(output[1])).flatten());
            fits.then_some(Layer::Embedding { output, masked, table })?
        }
        _ if Cell::of_rust(name.trim_start_matches("Stateful")).is_some() => {
            let mut cell = Cell::of_rust(name.trim_start_matches("Stateful"))?;
            let (input, output) = (shape_of(rest.0.next()?)?, shape_of(rest.0.next()?)?);
            if let Cell::SimpleRnn(activation) = &mut cell {
                *activation = rest.0.next().map_or(Some(*activation), Activation::of_rust)?;
            }
            let [masked, backwards] = rest.options()?;
            let carried = if name.starts_with("Stateful") { cell.states() } else { rest.size_or(0)? };
            let learnt = rest.size_or(0)?;
            let (Some(&inputs), Some(&units)) = (input.last(), output.last()) else { return None };
            let rows = |rows: usize| rows.checked_mul(units);
            let weights = |inputs: usize| rows(cell.gates())?.checked_mul(inputs);
            let (w, u, b) = (zeros(weights(inputs)), zeros(weights(units)), zeros(rows(cell.biases())));
            let initial = zeros(rows(learnt));
            let layer = Recurrent { cell, input, output, masked, backwards, w, u, b, initial, carried };
            layer.is_sound().then_some(Layer::Recurrent(layer))?
        }
        _ => {
            let form = FORMS.iter().find(|form| form.rust == name)?;
            let ([input, output], kernel) = (rest.shapes(form.axes)?, rest.sizes(form.axes)?);
            let (stride, activation, dilation) = (rest.size_or(1)?, rest.activation()?, rest.size_or(1)?);
            let &Form { depthwise, causal, transposed, .. } = form;
            let (w, b) = (Vec::new(), zeros(output.last().copied()));
            let mut conv =
                Conv { depthwise, causal, transposed, input, output, kernel, stride, dilation, activation, w, b };
            conv.w = zeros(numbers(&conv.shape()));
            Layer::Conv(conv)
        }
    };
    rest.0.next().is_none().then_some(layer)
}

/// At the commas that are not between brackets.
pub(super) fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let parts = text.split(|c: char| {
        depth += match c {
            '<' | '[' | '(' => 1,
            '>' | ']' | ')' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// `Dense<2, 3>` as `Dense` and `["2", "3"]`.
pub(super) fn parts(text: &str) -> (&str, Vec<&str>) {
    match text.split_once('<').and_then(|(name, rest)| Some((name.trim(), rest.strip_suffix('>')?))) {
        Some((name, arguments)) => (name, split(arguments)),
        None => (text, Vec::new()),
    }
}

//! Keras' recurrent layers, embeddings and masks.

use super::activations::activation_of;
use super::config::{LayerConfig, layer_class};
use super::layers::{Act, Reader, needed, optional};
use super::options::Options;
use super::weighted::trained;
use crate::activation::Activation;
use crate::error::Error;
use crate::layer::{Layer, Merge};
use crate::recurrent::{Cell, Recurrent};
use serde_json::Value;

/// What is known of padding at the end of sequences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mask {
    /// There is none.
    #[default]
    Without,
    /// It is zeros in Keras as well as here.
    Zeros,
    /// It is zeros here, but not in Keras.
    Differs,
    /// It is no longer zeros, or other steps are zeros, too: no layer behind can tell it.
    Lost,
}

/// Whether a layer is recurrent.
pub(super) fn is_recurrent(class: &str) -> bool {
    matches!(class, "SimpleRNN" | "GRU" | "LSTM")
}

/// The options of a recurrent layer.
struct Wanted {
    cell: Cell,
    units: usize,
    has_bias: bool,
    sequence: bool,
    backwards: bool,
    stateful: bool,
    /// Whether the outputs for padding are zeros.
    zeros: bool,
}

impl Wanted {
    fn of(class: &str, name: &str, options: &mut Options<'_>, is_new: bool) -> Result<Self, Error> {
        trained(options, &["kernel", "recurrent", "bias"]);
        // What only training needs, and ways to compute the same.
        options.ignore(&["seed"]);
        for number in ["dropout", "recurrent_dropout", "implementation"] {
            options.number(number, 0.0)?;
        }
        options.flag("unroll", false)?;
        options.only("time_major", false)?;
        options.only("return_state", false).map_err(|error| error.instead("return_state = false"))?;
        let activation = activation_of(name, "activation", options, is_new)?;
        let cell = match class {
            "SimpleRNN" => Cell::SimpleRnn(activation),
            "LSTM" => {
                options.flag("unit_forget_bias", true)?;
                Cell::Lstm
            }
            _ if options.flag("reset_after", true)? => Cell::Gru,
            _ => Cell::GruResetBefore,
        };
        let refused = |key: &str, activation: Activation, instead: &str| {
            Error::unsupported(name, format!("{key} = {}", activation.name())).instead(instead)
        };
        if !cell.is_known() {
            return Err(refused("activation", activation, "tanh, relu, sigmoid, softplus or softsign"));
        }
        if class != "SimpleRNN" {
            if activation != Activation::Tanh {
                return Err(refused("activation", activation, "tanh"));
            }
            let gates = activation_of(name, "recurrent_activation", options, is_new)?;
            if gates != Activation::Sigmoid {
                return Err(refused("recurrent_activation", gates, "sigmoid"));
            }
        }
        Ok(Wanted {
            cell,
            units: options.size("units")?,
            has_bias: options.flag("use_bias", true)?,
            sequence: options.flag("return_sequences", false)?,
            backwards: options.flag("go_backwards", false)?,
            stateful: options.flag("stateful", false)?,
            zeros: options.flag("zero_output_for_mask", false)?,
        })
    }

    /// Puts the layer, or both directions, behind the others. `inner` is where in the layer their weights are.
    fn push(
        directions: &[Wanted],
        reader: &mut Reader,
        layer: &LayerConfig<'_>,
        inner: &[&str],
        merge: Merge,
    ) -> Result<(), Error> {
        let first = &directions[0];
        reader.has_axes(layer, 1)?;
        let masked = match reader.mask {
            Mask::Without => false,
            Mask::Zeros | Mask::Differs => true,
            Mask::Lost => {
                let error = Error::unsupported(layer.name, format!("a {} that cannot tell padding", layer.class));
                return Err(error.instead("recurrent layers one after another behind Masking, without relu"));
            }
        };
        let input = reader.builder.shape().to_vec();
        let mut variables = Vec::new();
        for Wanted { cell, units, has_bias, .. } in directions {
            let gates = cell.gates().saturating_mul(*units);
            variables.push(needed("kernel", vec![input[1], gates]));
            variables.push(needed("recurrent_kernel", vec![*units, gates]));
            let rows = if *cell == Cell::Gru { vec![2, gates] } else { vec![gates] };
            variables.push(optional(*has_bias, "bias", rows, 0.0));
        }
        let mut read = reader.variables_in(layer, inner, variables)?.into_iter();
        let mut layers = Vec::new();
        for Wanted { cell, units, sequence, backwards, stateful, .. } in directions {
            let [w, u, b] = [(); 3].map(|()| read.next().unwrap_or_default());
            // Keras has the gates side by side.
            let gates =
                |rows: &[f32], inputs: usize| crate::floats::permute(rows, &[inputs, cell.gates(), *units], &[1, 0, 2]);
            layers.push(Recurrent {
                cell: *cell,
                output: if *sequence { vec![input[0], *units] } else { vec![*units] },
                masked,
                backwards: *backwards,
                w: gates(&w, input[1]),
                u: gates(&u, *units),
                b,
                initial: Vec::new(),
                carried: if *stateful { cell.states() } else { 0 },
                input: input.clone(),
            });
        }
        let may_be_zeros = first.cell == Cell::SimpleRnn(Activation::Relu);
        reader.mask = match (masked && first.sequence, first.zeros) {
            (false, _) => Mask::Without,
            (true, true) if may_be_zeros => Mask::Lost,
            (true, true) => Mask::Zeros,
            (true, false) if may_be_zeros => {
                let error = Error::unsupported(layer.name, "relu for sequences with padding");
                return Err(error.instead("tanh, or return_sequences = false"));
            }
            (true, false) => Mask::Differs,
        };
        reader.builder.recurrent(layer.name, merge, layers)
    }
}

pub(super) fn recurrent<'a>(
    layer: &'a LayerConfig<'a>,
    options: &mut Options<'_>,
    is_new: bool,
) -> Result<Act<'a>, Error> {
    let wanted = Wanted::of(layer.class, layer.name, options, is_new)?;
    if wanted.backwards && wanted.sequence {
        let error = Error::unsupported(layer.name, "go_backwards = true with return_sequences = true");
        return Err(error.instead("Bidirectional, or return_sequences = false"));
    }
    Ok(Box::new(move |reader| Wanted::push(&[wanted], reader, layer, &["cell"], Merge::Concat)))
}

/// The layer that another one has, and its options.
fn inner<'a>(
    layer: &LayerConfig<'_>,
    json: &'a Value,
    classes: &[&str],
) -> Result<(&'a str, &'a str, Options<'a>), Error> {
    let name = json["config"]["name"].as_str();
    let name = name.ok_or_else(|| Error::malformed(layer.name, "a layer without a name"))?;
    let class = layer_class(name, json)?;
    if !classes.contains(&class) {
        let error = Error::unsupported(layer.name, format!("a {} of a {class} layer", layer.class));
        return Err(error.instead(&format!("{} of {}", layer.class, classes.join(", "))));
    }
    let mut options = Options::of(name, &json["config"])?;
    options.ignore(&["batch_input_shape", "activity_regularizer"]);
    Ok((class, name, options))
}

pub(super) fn bidirectional<'a>(
    layer: &'a LayerConfig<'a>,
    options: &mut Options<'a>,
    is_new: bool,
) -> Result<Act<'a>, Error> {
    let mode = options.take("merge_mode").unwrap_or(&Value::Null);
    let merge = match mode.as_str() {
        Some("concat") => Merge::Concat,
        Some("sum") => Merge::Sum,
        _ => return Err(options.refused("merge_mode", mode).instead("merge_mode = \"concat\" or \"sum\"")),
    };
    let mut both = Vec::new();
    for key in ["layer", "backward_layer"] {
        // Of old, the other direction is the same layer.
        let json = options.take(key).filter(|json| !json.is_null()).unwrap_or(&layer.config["layer"]);
        let (class, name, mut options) = inner(layer, json, &["SimpleRNN", "GRU", "LSTM"])?;
        let mut wanted = Wanted::of(class, name, &mut options, is_new)?;
        options.end()?;
        if key == "backward_layer" && layer.config["backward_layer"].is_null() {
            wanted.backwards = !wanted.backwards;
        }
        both.push(wanted);
    }
    let of = |wanted: &Wanted| (wanted.cell, wanted.units, wanted.sequence, wanted.stateful);
    if of(&both[0]) != of(&both[1]) || [both[0].backwards, both[1].backwards] != [false, true] {
        let error = Error::unsupported(layer.name, "two directions of other layers");
        return Err(error.instead("the same layer, forward and backward"));
    }
    Ok(Box::new(move |reader| {
        Wanted::push(&both, reader, layer, &["forward_layer/cell", "backward_layer/cell"], merge)
    }))
}

pub(super) fn time_distributed<'a>(
    layer: &'a LayerConfig<'a>,
    options: &mut Options<'a>,
    is_new: bool,
) -> Result<Act<'a>, Error> {
    let json = options.take("layer").unwrap_or(&Value::Null);
    let (_, name, mut options) = inner(layer, json, &["Dense"])?;
    let act = super::weighted::dense(layer, name, &["layer"], &mut options, is_new)?;
    options.end()?;
    Ok(act)
}

pub(super) fn masking<'a>(layer: &'a LayerConfig<'a>, options: &mut Options<'_>) -> Result<Act<'a>, Error> {
    options.only("mask_value", 0.0).map_err(|error| error.instead("mask_value = 0"))?;
    Ok(Box::new(move |reader| {
        reader.has_axes(layer, 1)?;
        if reader.mask == Mask::Differs {
            return Err(Error::unsupported(layer.name, "a second Masking").instead("the first one alone"));
        }
        reader.mask = Mask::Zeros;
        Ok(())
    }))
}

pub(super) fn embedding<'a>(layer: &'a LayerConfig<'a>, options: &mut Options<'_>) -> Result<Act<'a>, Error> {
    options.unset(&["quantization_mode", "quantization_config", "lora_rank", "lora_alpha", "weights"])?;
    trained(options, &["embeddings"]);
    options.ignore(&["input_length"]);
    let (tokens, channels) = (options.size("input_dim")?, options.size("output_dim")?);
    let masked = options.flag("mask_zero", false)?;
    Ok(Box::new(move |reader| {
        reader.has_axes(layer, 0)?;
        let output = vec![reader.builder.outputs(), channels];
        let [table] = reader.variables(layer, [needed("embeddings", vec![tokens, channels])])?;
        reader.mask = if masked { Mask::Differs } else { Mask::Without };
        reader.builder.push(layer.name, Layer::Embedding { output, masked, table })
    }))
}

impl Reader {
    /// Checks that a layer treats padding here as in Keras.
    pub fn pass_mask(&mut self, layer: &LayerConfig<'_>) -> Result<(), Error> {
        let each_step = matches!(layer.class, "Dense" | "TimeDistributed");
        let knows = is_recurrent(layer.class) || matches!(layer.class, "Bidirectional" | "Masking");
        match self.mask {
            Mask::Without => Ok(()),
            _ if knows || layer.class.ends_with("Dropout") || layer.class == "SpatialDropout1D" => Ok(()),
            Mask::Zeros | Mask::Lost if each_step => {
                self.mask = Mask::Lost;
                Ok(())
            }
            mask => {
                let error = Error::unsupported(layer.name, format!("a {} of sequences with padding", layer.class));
                Err(error.instead(match mask {
                    Mask::Differs if each_step => "zero_output_for_mask = true in the layer before it",
                    _ => "recurrent layers one after another behind Masking, of which the last gives its last state",
                }))
            }
        }
    }

    /// Checks the same of what the net gives.
    pub fn end_mask(&self) -> Result<(), Error> {
        match self.mask {
            Mask::Differs => {
                Err(Error::unsupported("the output", "a sequence with padding that Keras does not set to 0")
                    .instead("zero_output_for_mask = true, or return_sequences = false"))
            }
            _ => Ok(()),
        }
    }
}

//! `config.json`: which layers there are, and that they are in a row.

use crate::error::Error;
use serde_json::Value;

/// A layer in `config.json`.
pub(super) struct LayerConfig<'a> {
    pub class: &'a str,
    pub name: &'a str,
    pub config: &'a Value,
    inbound: Option<&'a [Value]>,
}

/// The layers of a model, one after another.
pub(super) fn layers(json: &Value) -> Result<Vec<LayerConfig<'_>>, Error> {
    let class = json["class_name"].as_str().unwrap_or("no class");
    if !matches!(class, "Sequential" | "Functional" | "Model") {
        return Err(Error::unsupported("the model", format!("the class {class}")));
    }
    let layers = json["config"]["layers"].as_array().ok_or_else(|| Error::malformed("config.json", "no layers"))?;
    let layers: Vec<_> = layers.iter().map(layer).collect::<Result<_, _>>()?;
    if class != "Sequential" {
        in_a_row(&layers)?;
    }
    Ok(layers)
}

fn layer(json: &Value) -> Result<LayerConfig<'_>, Error> {
    let word = |value: &Value| value.as_str().map(|_| ()).ok_or_else(|| Error::malformed("config.json", "no layer"));
    word(&json["class_name"])?;
    word(&json["config"]["name"])?;
    Ok(LayerConfig {
        class: json["class_name"].as_str().unwrap_or_default(),
        name: json["config"]["name"].as_str().unwrap_or_default(),
        config: &json["config"],
        inbound: json["inbound_nodes"].as_array().map(Vec::as_slice),
    })
}

/// Whether each layer of a functional model takes the output of the one before it, once, and nothing else.
fn in_a_row(layers: &[LayerConfig<'_>]) -> Result<(), Error> {
    for (at, layer) in layers.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| layers[at].name);
        let takes = match layer.inbound {
            None | Some([]) => None,
            Some([node]) => match node["args"].as_array().map(Vec::as_slice) {
                Some([input]) => input["config"]["keras_history"][0].as_str(),
                _ => None,
            },
            Some(_) => return Err(Error::unsupported(layer.name, "a layer that is used more than once")),
        };
        if takes != before {
            let (takes, before) = (takes.unwrap_or("other than one tensor"), before.unwrap_or("the input"));
            let what = format!("a graph that is not a chain (it takes {takes}, and not {before} alone)");
            return Err(Error::unsupported(layer.name, what));
        }
    }
    Ok(())
}

/// Lengths of one sample along each axis, from a shape whose first entry is the batch.
pub(super) fn sample_shape(at: &str, shape: &Value) -> Result<Vec<usize>, Error> {
    let Some([_, rest @ ..]) = shape.as_array().map(Vec::as_slice) else {
        return Err(Error::malformed(at, "no shape of the input"));
    };
    let length = |value: &Value| {
        let length = value.as_u64().and_then(|length| usize::try_from(length).ok());
        length.ok_or_else(|| Error::unsupported(at, format!("an input of shape {shape}")))
    };
    rest.iter().map(length).collect()
}

//! The configuration of a model: which layers there are, and that they are in a row from its input to its output.

use super::options::Options;
use crate::error::Error;
use serde_json::Value;
use std::collections::HashSet;

/// A layer of a model.
pub(super) struct LayerConfig<'a> {
    pub class: &'a str,
    pub name: &'a str,
    pub config: &'a Value,
    inbound: Option<&'a [Value]>,
}

/// The layers of a model, one after another.
pub(super) fn layers(json: &Value) -> Result<Vec<LayerConfig<'_>>, Error> {
    const AT: &str = "the model";
    let class = class(AT, json, |module| {
        module == "keras"
            || ["keras.models", "keras.src.", "keras.engine.", "tf_keras.src."]
                .iter()
                .any(|all| module.starts_with(all))
    })?;
    if !matches!(class, "Sequential" | "Functional" | "Model") {
        return Err(Error::unsupported(AT, format!("the class {class}")));
    }
    // Of old, a list of layers was all that a `Sequential` had.
    let listed = json["config"].as_array();
    let layers = listed.or_else(|| json["config"]["layers"].as_array());
    let layers: Vec<_> =
        layers.ok_or_else(|| Error::malformed(AT, "no layers"))?.iter().map(layer).collect::<Result<_, _>>()?;
    let mut names = HashSet::new();
    if let Some(twice) = layers.iter().find(|layer| !names.insert(layer.name)) {
        return Err(Error::malformed(twice.name, "two layers have this name"));
    }
    if listed.is_none() || class != "Sequential" {
        let mut options = Options::of(AT, &json["config"])?;
        options.ignore(&["layers", "build_input_shape"]);
        if class != "Sequential" {
            in_a_row(&layers)?;
            let ends = [("input_layers", layers.first()), ("output_layers", layers.last())];
            for (key, end) in ends {
                let names = options.take(key).unwrap_or(&Value::Null);
                if end.is_none_or(|end| tensor_of(names) != Some(end.name)) {
                    return Err(options.refused(key, names));
                }
            }
        }
        options.end()?;
    }
    Ok(layers)
}

/// The class of a layer or model of Keras, and not of one that a user has registered under the same short name. What comes from a
/// `.h5` file says neither module nor registered name; there, the class itself has a user's `package>Name` if it was registered,
/// and cannot be told from Keras' if not.
fn class<'a>(at: &str, json: &'a Value, of_keras: impl Fn(&str) -> bool) -> Result<&'a str, Error> {
    let class = json["class_name"].as_str().ok_or_else(|| Error::malformed(at, "no class"))?;
    let (module, registered) = (&json["module"], &json["registered_name"]);
    let known = match module.as_str() {
        Some(module) => of_keras(module) && (registered.is_null() || registered == class),
        None => module.is_null() && registered.is_null(),
    };
    match known {
        true => Ok(class),
        false => Err(Error::unsupported(at, format!("{class}, registered as {registered} of the module {module},"))),
    }
}

/// The class of one of Keras' layers.
pub(super) fn layer_class<'a>(at: &str, json: &'a Value) -> Result<&'a str, Error> {
    class(at, json, |module| module == "keras.layers")
}

fn layer(json: &Value) -> Result<LayerConfig<'_>, Error> {
    let name =
        json["config"]["name"].as_str().ok_or_else(|| Error::malformed("the model", "a layer without a name"))?;
    if json["name"].as_str().is_some_and(|other| other != name) {
        return Err(Error::malformed(name, format!("the layer is {} as well", json["name"])));
    }
    let inbound = json["inbound_nodes"].as_array().map(Vec::as_slice);
    Ok(LayerConfig { class: layer_class(name, json)?, name, config: &json["config"], inbound })
}

/// Whether each layer of a functional model takes the output of the one before it, once, and nothing else.
fn in_a_row(layers: &[LayerConfig<'_>]) -> Result<(), Error> {
    let mut before = None;
    for layer in layers {
        let takes = match layer.inbound {
            None | Some([]) => None,
            Some([node]) => taken_by(layer.name, node)?,
            Some(_) => return Err(Error::unsupported(layer.name, "a layer that is used more than once")),
        };
        if takes != before {
            let (takes, before) = (takes.unwrap_or("other than one tensor"), before.unwrap_or("the input"));
            let what = format!("a graph that is not a chain (it takes {takes}, and not {before} alone)");
            return Err(Error::unsupported(layer.name, what));
        }
        before = Some(layer.name);
    }
    Ok(())
}

/// The layer whose output a call takes, if that is all it takes. Keras 3 has `{"args": […], "kwargs": {…}}`, and before it there
/// was `[[name, 0, 0, {…}]]`.
fn taken_by<'a>(at: &str, node: &'a Value) -> Result<Option<&'a str>, Error> {
    let (tensor, more) = match (node.as_array().map(Vec::as_slice), node["args"].as_array().map(Vec::as_slice)) {
        (Some([tensor]), _) => (tensor_of(tensor), &tensor[3]),
        (_, Some([tensor])) => (tensor_of(&tensor["config"]["keras_history"]), &node["kwargs"]),
        _ => return Ok(None),
    };
    let more = more.as_object().into_iter().flatten();
    let harmless = |key: &str, value: &Value| value.is_null() || (key == "training" && *value == false);
    match more.into_iter().find(|(key, value)| !harmless(key, value)) {
        Some((key, value)) => Err(Error::unsupported(at, format!("a call with {key} = {value}"))),
        None => Ok(tensor),
    }
}

/// The layer of a tensor `[name, 0, 0]`, or of a list of that alone: the first tensor of the first call.
fn tensor_of(json: &Value) -> Option<&str> {
    match json.as_array()?.as_slice() {
        [Value::String(name), call, tensor, ..] if *call == 0 && *tensor == 0 => Some(name),
        [list @ Value::Array(_)] => tensor_of(list),
        _ => None,
    }
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

//! The configuration of a model: which layers there are, and how they lead from its input to its output.

use super::options::Options;
use crate::error::Error;
use crate::graph::{Step, steps};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// A layer of a model.
pub(super) struct LayerConfig<'a> {
    pub class: &'a str,
    pub name: &'a str,
    pub config: &'a Value,
    /// How many layers of its class come before it.
    pub number: usize,
    inbound: Option<&'a [Value]>,
}

/// The layers of a model, and the steps through them from the first one, or what is wrong with these.
#[allow(clippy::type_complexity)]
pub(super) fn layers(json: &Value) -> Result<(Vec<LayerConfig<'_>>, Result<Vec<Step>, Error>), Error> {
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
    let layers = layers.filter(|layers| !layers.is_empty()).ok_or_else(|| Error::malformed(AT, "no layers"))?;
    let mut counts = HashMap::new();
    let layers: Vec<_> = layers.iter().map(|json| layer(json, &mut counts)).collect::<Result<_, _>>()?;
    let mut way = Ok((1..layers.len()).map(Step::Node).collect());
    let mut names = HashSet::new();
    if let Some(twice) = layers.iter().find(|layer| !names.insert(layer.name)) {
        return Err(Error::malformed(twice.name, "two layers have this name"));
    }
    if listed.is_none() || class != "Sequential" {
        let mut options = Options::of(AT, &json["config"])?;
        options.ignore(&["layers", "build_input_shape"]);
        if class != "Sequential" {
            way = steps_of(&layers);
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
    Ok((layers, way))
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

fn layer<'a>(json: &'a Value, counts: &mut HashMap<&'a str, usize>) -> Result<LayerConfig<'a>, Error> {
    let name =
        json["config"]["name"].as_str().ok_or_else(|| Error::malformed("the model", "a layer without a name"))?;
    if json["name"].as_str().is_some_and(|other| other != name) {
        return Err(Error::malformed(name, format!("the layer is {} as well", json["name"])));
    }
    let inbound = json["inbound_nodes"].as_array().map(Vec::as_slice);
    let class = layer_class(name, json)?;
    let count = counts.entry(class).or_default();
    *count += 1;
    Ok(LayerConfig { class, name, config: &json["config"], number: *count - 1, inbound })
}

/// The steps through the layers of a functional model, of which the first is its input.
fn steps_of(layers: &[LayerConfig<'_>]) -> Result<Vec<Step>, Error> {
    let places: HashMap<&str, usize> = layers.iter().enumerate().map(|(place, layer)| (layer.name, place)).collect();
    let mut takes = Vec::new();
    for (place, layer) in layers.iter().enumerate() {
        let names = match layer.inbound {
            None | Some([]) => Vec::new(),
            Some([node]) => taken_by(layer.name, node)?,
            Some(_) => return Err(Error::unsupported(layer.name, "a layer that is used more than once")),
        };
        let before = |name: &&str| places.get(name).copied().filter(|taken| *taken < place);
        let known: Option<Vec<usize>> = names.iter().map(before).collect();
        takes.push(known.filter(|known| known.is_empty() == (place == 0)).ok_or_else(|| no_chain(layer.name, &names))?);
    }
    steps(&takes, takes.len() - 1).map_err(|node| no_chain(layers[node].name, &[]))
}

fn no_chain(at: &str, takes: &[&str]) -> Error {
    let takes = if takes.is_empty() { String::new() } else { format!(" (it takes {})", takes.join(", ")) };
    Error::unsupported(at, format!("a graph that is neither a chain nor made of blocks of two branches{takes}"))
}

/// The layers whose outputs a call takes. Keras 3 has `{"args": […], "kwargs": {…}}`, and before it there was
/// `[[name, 0, 0, {…}], …]`.
fn taken_by<'a>(at: &str, node: &'a Value) -> Result<Vec<&'a str>, Error> {
    let mut more = Vec::new();
    let mut tensors = Vec::new();
    match (node.as_array(), node["args"].as_array()) {
        (Some(all), _) => {
            tensors.extend(all.iter().map(tensor_of));
            more.extend(all.iter().map(|tensor| &tensor[3]));
        }
        (_, Some(all)) => {
            // A layer that takes several has them in a list.
            let all = match all.as_slice() {
                [Value::Array(list)] => list,
                _ => all,
            };
            tensors.extend(all.iter().map(|tensor| tensor_of(&tensor["config"]["keras_history"])));
            more.push(&node["kwargs"]);
        }
        _ => {}
    }
    let mut more = more.into_iter().filter_map(Value::as_object).flatten();
    let harmless = |key: &str, value: &Value| value.is_null() || (key == "training" && *value == false);
    if let Some((key, value)) = more.find(|(key, value)| !harmless(key, value)) {
        return Err(Error::unsupported(at, format!("a call with {key} = {value}")));
    }
    tensors.into_iter().collect::<Option<_>>().ok_or_else(|| no_chain(at, &["other than one tensor"]))
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
        length.ok_or_else(|| Error::unsupported(at, format!("an input of shape {shape}")).instead("fixed lengths"))
    };
    rest.iter().map(length).collect()
}

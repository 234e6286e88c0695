//! The files of `tests/reference`.

use serde_json::Value;

/// A file, by its stem.
pub fn load(name: &str) -> Value {
    let path = format!("{}/tests/reference/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// All numbers in a value, whatever its nesting. JSON has no infinity or NaN, nor have the files.
pub fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(flat).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

/// The same, as floats.
pub fn floats(value: &Value) -> Vec<f32> {
    flat(value).iter().map(|v| *v as f32).collect()
}

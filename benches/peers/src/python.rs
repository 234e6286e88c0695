//! What `peers.py` measured and computed.

use serde_json::Value;
use std::path::PathBuf;

/// A Python library's cells.
pub struct Column {
    pub name: String,
    rows: Value,
}

/// A cell of it.
pub struct Cell {
    /// Nanoseconds a call.
    pub time: f64,
    pub result: Vec<f32>,
}

/// Where `peers.py` writes to, unless told otherwise.
fn default_path() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "target", "python.json"].iter().collect()
}

/// The columns of a file; none if it was not named and is not there.
pub fn read(path: Option<String>) -> Vec<Column> {
    let named = path.is_some();
    let text = match std::fs::read_to_string(path.map_or_else(default_path, PathBuf::from)) {
        Ok(text) => text,
        Err(error) if named => panic!("{error}"),
        Err(_) => return Vec::new(),
    };
    let Ok(Value::Object(columns)) = serde_json::from_str(&text) else { panic!("not what peers.py writes") };
    columns.into_iter().map(|(name, rows)| Column { name, rows }).collect()
}

impl Column {
    pub fn cell(&self, row: &str) -> Option<Cell> {
        let cell = self.rows.get(row)?;
        let result = cell.get("result")?.as_array()?.iter().map(|x| x.as_f64().unwrap() as f32).collect();
        Some(Cell { time: cell.get("ns")?.as_f64()?, result })
    }
}

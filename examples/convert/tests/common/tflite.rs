//! What an interpreter of TensorFlow Lite has computed, as `tests/reference/README.md` describes it.
#![allow(dead_code)]

use serde_json::Value;
use std::fs;
use std::path::PathBuf;

pub fn models() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("models")
}

pub fn read(name: &str) -> Vec<u8> {
    fs::read(models().join(format!("{name}.tflite"))).unwrap()
}

/// The folder of the reference models, which are not part of this repository, if it is known. Where programs check all,
/// `TFLITE_MODELS` must name it, or be `none`.
pub fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("TFLITE_MODELS").map(PathBuf::from);
    let folder = named.clone().filter(|folder| folder.as_os_str() != "none");
    if folder.is_none() {
        assert!(
            named.is_some() || std::env::var_os("CI").is_none(),
            "TFLITE_MODELS does not name the folder of the reference models"
        );
        println!("without the reference models, whose folder TFLITE_MODELS names");
    }
    folder
}

/// Of a net of integers, for each input: the CRC-32 of the output and that of the outputs of all operators, one after another;
/// and the number of each operator with the CRC-32 of its output.
pub type Outputs = Vec<([u32; 2], Vec<(usize, u32)>)>;

/// The values for one net.
pub struct Reference {
    pub name: String,
    values: Value,
}

/// Those of the small files here.
pub fn own() -> Vec<Reference> {
    references(models().join("tflite.json"))
}

/// Those of the reference models.
pub fn field() -> Vec<Reference> {
    let mut all = references(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/tflite.json"));
    all.retain(|of| of.name != "keywords"); // part of this repository
    all
}

/// Those in a file.
pub fn references(path: PathBuf) -> Vec<Reference> {
    let Value::Object(all) = serde_json::from_slice(&fs::read(path).unwrap()).unwrap() else { panic!() };
    let nets = all.into_iter().filter(|(name, _)| name != "versions");
    nets.map(|(name, values)| Reference { name, values }).collect()
}

impl Reference {
    pub fn of(all: Vec<Reference>, name: &str) -> Reference {
        all.into_iter().find(|reference| reference.name == name).unwrap()
    }

    pub fn by(&self) -> &str {
        self.values["by"].as_str().unwrap()
    }

    pub fn operators(&self) -> Vec<&str> {
        self.values["operators"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()
    }

    /// Outputs under a key.
    pub fn rows(&self, key: &str) -> Vec<Vec<f32>> {
        let row = |row: &Value| row.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect();
        self.values[key].as_array().unwrap().iter().map(row).collect()
    }

    /// CRC-32 under a key, one for each input.
    pub fn checksums(&self, key: &str) -> Vec<u32> {
        let all = self.values[key].as_array().unwrap().iter();
        all.map(|crc| u32::from_str_radix(crc.as_str().unwrap(), 16).unwrap()).collect()
    }

    /// The CRC-32 of what each operator gives, for some of the inputs.
    pub fn details(&self, number: usize) -> Option<Vec<u32>> {
        let all = self.values["details"][number.to_string()].as_array()?.iter();
        Some(all.map(|crc| u32::from_str_radix(crc.as_str().unwrap(), 16).unwrap()).collect())
    }

    /// All inputs of integers, one after another.
    pub fn inputs(&self) -> Vec<u8> {
        let wide = self.values["type"] == "int16";
        let each = |x: i16| if wide { x.to_le_bytes().to_vec() } else { vec![x as u8] };
        (0..self.checksums("crc").len()).flat_map(|number| self.input(number)).flat_map(each).collect()
    }

    /// The numbers of an input, before a factor makes them floats.
    pub fn input(&self, number: usize) -> Vec<i16> {
        let shape = self.values["input"].as_array().unwrap();
        let size: u64 = shape.iter().map(|length| length.as_u64().unwrap()).product();
        let zero_point = self.values["zero_point"].as_i64().unwrap() as i16;
        let wide = self.values["type"] == "int16";
        let (low, high) = if wide { (i16::MIN, i16::MAX) } else { (-128, 127) };
        let size = size as usize;
        if let Some(all) = [low, high, zero_point].get(number) {
            return vec![*all; size];
        }
        let bytes = split_mix_64(number as u64, size * if wide { 2 } else { 1 });
        let numbers: Vec<i16> = match wide {
            true => bytes.as_chunks().0.iter().map(|bytes| i16::from_le_bytes(*bytes)).collect(),
            false => bytes.iter().map(|byte| i16::from(*byte as i8)).collect(),
        };
        let narrow = |x: i16| (i32::from(x >> 2) + i32::from(zero_point)).clamp(low.into(), high.into()) as i16;
        if number % 2 == 1 { numbers.into_iter().map(narrow).collect() } else { numbers }
    }

    /// All inputs of floats, one after another.
    pub fn all_floats(&self) -> Vec<f32> {
        let step = self.values["step"].as_f64().unwrap() as f32;
        let count = self.values["outputs"].as_array().unwrap().len();
        (0..count).flat_map(|number| self.input(number)).map(|x| f32::from(x) * step).collect()
    }

    /// The first operator whose output is another one, if an operator's output is.
    pub fn difference(&self, outputs: &Outputs) -> Option<String> {
        let operators = self.operators();
        outputs.iter().enumerate().find_map(|(number, (_, each))| {
            let expected = self.details(number)?;
            let (at, _) = each.iter().find(|(operator, crc)| expected.get(*operator) != Some(crc))?;
            Some(format!("input {number}: operator {at} ({}) differs", operators[*at]))
        })
    }

    /// The largest distance of outputs of floats. Where a net keeps states, each sample begins with fresh ones.
    pub fn distance(&self, outputs: &[Vec<f32>]) -> f32 {
        let expected = self.rows(if self.values["fresh_outputs"].is_null() { "outputs" } else { "fresh_outputs" });
        assert_eq!(outputs.len(), expected.len());
        let pairs = outputs.iter().flatten().zip(expected.iter().flatten());
        pairs.fold(0.0, |worst, (y, expected)| {
            assert!(y.is_finite());
            (y - expected).abs().max(worst)
        })
    }
}

/// Bytes of Steele, Lea and Flood's generator, whose state begins at `state`.
fn split_mix_64(mut state: u64, count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bytes.extend((z ^ (z >> 31)).to_le_bytes());
    }
    bytes.truncate(count);
    bytes
}

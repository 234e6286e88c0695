//! What TensorFlow Lite Micro computes, and what others need.

use report::Result;
use serde_json::Value;
use std::{fs, path::Path};

/// The values for one net, of the file that `tests/reference/make_tflite.py` makes.
pub struct Reference {
    /// CRC-32 of the output for each input.
    pub outputs: Vec<u32>,
}

impl Reference {
    /// The values for the net of this name, if the file has it.
    pub fn read(file: &Path, name: &str) -> Result<Option<Self>> {
        let all: Value = serde_json::from_slice(&fs::read(file)?)?;
        let Some(of) = all.get(name) else { return Ok(None) };
        let texts = of["crc"].as_array().into_iter().flatten().filter_map(Value::as_str);
        Ok(Some(Reference { outputs: texts.filter_map(|text| u32::from_str_radix(text, 16).ok()).collect() }))
    }
}

/// What TensorFlow Lite Micro needs for a net: its arena in bytes (reference kernels, 64 bits), and the instructions with CMSIS-NN
/// on some processors, as measured with gcc (on the M55 with clang).
pub struct Others {
    /// The file's name.
    pub net: &'static str,
    /// Bytes, or 0 where they were not measured.
    pub arena: u32,
    /// Multiply-adds of an inference.
    pub multiply_adds: u32,
    /// Instructions of an inference, by board.
    pub instructions: &'static [(&'static str, u32)],
}

/// All nets with figures.
pub const OTHERS: &[Others] = &[
    Others { net: "keywords", arena: 0, multiply_adds: 318_240, instructions: &[] },
    Others { net: "ad01_int8", arena: 4_656, multiply_adds: 264_192, instructions: &[] },
    Others {
        net: "kws_ref_model",
        arena: 24_304,
        multiply_adds: 2_656_768,
        instructions: &[
            ("microbit", 29_000_000),
            ("mps2-an386", 7_840_000),
            ("mps2-an505", 7_790_000),
            ("mps3-an547-helium", 1_750_000),
        ],
    },
    Others { net: "pretrainedResnet_quant", arena: 56_048, multiply_adds: 12_501_632, instructions: &[] },
    Others { net: "vww_96_int8", arena: 103_904, multiply_adds: 7_489_664, instructions: &[] },
    Others { net: "str_ww_ref_model", arena: 16_880, multiply_adds: 826_368, instructions: &[] },
    Others { net: "person_detect", arena: 85_296, multiply_adds: 7_387_976, instructions: &[] },
];

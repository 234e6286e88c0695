//! An int8 net of a `.tflite` file, on the inputs for which `tests/reference/make_tflite.py` keeps what TensorFlow Lite Micro
//! computes. The program `mlperf` writes the net, and compares.

use crate::board::{figure, instructions, take};
use baregrad::Error;
use baregrad::int8::{Bytes, Layer, Memory};
use static_cell::ConstStaticCell;

/// The net, as the converter writes it.
#[allow(missing_docs, clippy::all)]
mod net {
    include!(concat!(env!("OUT_DIR"), "/net.rs"));
}
use net::{NET, Net, OPERATORS};

/// Bytes of its activations.
const ARENA: usize = <Net as Layer>::ARENA;
static MEMORY: ConstStaticCell<Memory<Net, ARENA>> = ConstStaticCell::new(Memory::NEW);

/// How many inputs there are.
const INPUTS: u32 = match u32::from_str_radix(env!("INT8_INPUTS"), 10) {
    Ok(inputs) => inputs,
    Err(_) => panic!("INT8_INPUTS is a number"),
};

/// Writes the CRC-32 of the output for each input.
pub fn run() -> Result<bool, Error> {
    let memory = take(&MEMORY);
    figure("arena", ARENA as u32);
    figure("net", size_of::<Net>() as u32);
    for number in 0..INPUTS {
        let input = NET.input(memory);
        fill(input.bytes, number, input.quantization.zero_point);
        let mut y = [<Net as Layer>::Y::ZERO];
        let y = Bytes::bytes_mut(&mut y);
        let count = instructions(1, || {
            for (y, byte) in y.iter_mut().zip(NET.infer(memory).bytes) {
                *y = *byte;
            }
        });
        figure("crc", Crc::NEW.with(y, OPERATORS.last().map_or(1, |(_, width)| *width)).end());
        figure("instructions", count);
    }
    Ok(true)
}

/// Writes an input: the smallest number everywhere, the largest, the zero point, and then random ones, of the whole range if
/// `number` is even, else within a quarter of it around the zero point.
fn fill(bytes: &mut [u8], number: u32, zero_point: i8) {
    let mut random = SplitMix64(number.into());
    for eight in bytes.chunks_mut(8) {
        for (byte, random) in eight.iter_mut().zip(random.next().to_le_bytes()) {
            let q = match number {
                0 => i8::MIN,
                1 => i8::MAX,
                2 => zero_point,
                _ if number % 2 == 0 => random as i8,
                _ => (random as i8 >> 2).saturating_add(zero_point),
            };
            *byte = (q as u8) ^ 0x80;
        }
    }
}

/// Steele, Lea and Flood's generator.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// CRC-32 of activations, as zlib has it.
#[derive(Clone, Copy)]
struct Crc(u32);

impl Crc {
    const NEW: Self = Crc(!0);

    /// With activations of `width` bytes, the lowest one first. Each stands for the number less half of the range.
    fn with(mut self, bytes: &[u8], width: usize) -> Self {
        for (i, byte) in bytes.iter().enumerate() {
            self.0 ^= u32::from(if i % width.max(1) == width - 1 { byte ^ 0x80 } else { *byte });
            for _ in 0..8 {
                self.0 = (self.0 >> 1) ^ (0xEDB8_8320 & (self.0 & 1).wrapping_neg());
            }
        }
        self
    }

    fn end(self) -> u32 {
        !self.0
    }
}

//! Runs a net of integers that the converter has made.

use baregrad::int8::{Bytes, Layer, Memory, Observe, Quantization};
use std::collections::BTreeMap;

/// The rows of each operator of the file, as TensorFlow Lite has them.
struct Rows<'a> {
    operators: &'a [(usize, usize)],
    seen: BTreeMap<(usize, usize), Vec<u8>>,
}

/// Here, the lowest number is bytes of 0, and there the bytes of its two's complement.
fn signed(bytes: &[u8], width: usize) -> Vec<u8> {
    let byte = |(place, byte): (usize, &u8)| byte ^ if place % width + 1 == width { 0x80 } else { 0 };
    bytes.iter().enumerate().map(byte).collect()
}

impl Observe for Rows<'_> {
    fn row(&mut self, operator: usize, row: usize, bytes: &[u8], _: Quantization) {
        let (operator, width) = self.operators[operator];
        self.seen.insert((operator, row), signed(bytes, width));
    }
}

/// For each input, the CRC-32 of the output and that of the outputs of all operators, one after another; and the number of each
/// operator with the CRC-32 of its output.
type Outputs = Vec<([u32; 2], Vec<(usize, u32)>)>;

/// Runs a net on inputs. `step` is the scale of an input of int16.
pub fn run<N: Layer, const ARENA: usize>(
    net: &N,
    operators: &[(usize, usize)],
    inputs: &[u8],
    step: Option<f32>,
) -> Outputs {
    let mut memory = Box::new(Memory::<N, ARENA>::NEW);
    let each = |x: &[u8]| {
        let mut rows = Rows { operators, seen: BTreeMap::new() };
        let mut input = net.input(&mut memory);
        if let Some(step) = step {
            let mut numbers = x.as_chunks().0.iter().map(|bytes| i16::from_le_bytes(*bytes));
            input.set_i16(&N::X::ZERO.map(&mut |_| numbers.next().unwrap()), step);
            rows.seen.insert((0, 0), signed(input.bytes, 1));
        } else {
            input.bytes.copy_from_slice(&signed(x, 1));
        }
        let y = signed(net.infer_observed(&mut memory, &mut rows).bytes, operators.last().unwrap().1);
        let mut outputs = BTreeMap::<usize, Vec<u8>>::new();
        for ((operator, _), row) in rows.seen.into_iter().filter(|((operator, _), _)| *operator != usize::MAX) {
            outputs.entry(operator).or_default().extend(row);
        }
        let all: Vec<u8> = outputs.values().flatten().copied().collect();
        ([&y, &all].map(|bytes| checksum(bytes)), outputs.iter().map(|(at, bytes)| (*at, checksum(bytes))).collect())
    };
    inputs.chunks_exact(N::X::LEN * if step.is_some() { 2 } else { 1 }).map(each).collect()
}

/// CRC-32.
fn checksum(bytes: &[u8]) -> u32 {
    let add =
        |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ ((crc & 1) * 0xEDB8_8320));
    !bytes.iter().fold(!0, add)
}

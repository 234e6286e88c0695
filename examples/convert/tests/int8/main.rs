//! Runs nets of integers that the converter has made: `program NET FILE` prints, for each input in the file, the CRC-32 of the
//! output and that of the outputs of all operators, one after another.

use baregrad::int8::{Layer, Memory, Observe};
use std::collections::BTreeMap;

/// The rows of each operator of the file.
struct Rows<'a> {
    operators: &'a [usize],
    seen: BTreeMap<(usize, usize), Vec<u8>>,
}

impl Observe for Rows<'_> {
    fn row(&mut self, operator: usize, row: usize, bytes: &[u8]) {
        self.seen.insert((self.operators[operator], row), bytes.to_vec());
    }
}

fn run<N: Layer, const ARENA: usize>(net: &N, operators: &[usize], inputs: &[u8]) {
    let mut memory = Box::new(Memory::<N, ARENA>::NEW);
    let size = net.input(&mut memory).bytes.len();
    for x in inputs.chunks_exact(size) {
        net.input(&mut memory).bytes.iter_mut().zip(x).for_each(|(byte, x)| *byte = x ^ 0x80);
        let mut rows = Rows { operators, seen: BTreeMap::new() };
        let y = net.infer_observed(&mut memory, &mut rows);
        let output = checksum(y.bytes.iter());
        let all = checksum(rows.seen.iter().filter(|(place, _)| place.0 != usize::MAX).flat_map(|(_, row)| row));
        println!("{output:08x} {all:08x}");
    }
}

/// CRC-32 of int8 whose bytes are one per activation `q`: `q + 128`.
fn checksum<'a>(bytes: impl Iterator<Item = &'a u8>) -> u32 {
    let add =
        |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(byte ^ 0x80), |crc, _| crc >> 1 ^ (crc & 1) * 0xEDB8_8320);
    !bytes.fold(!0, add)
}

macro_rules! nets {
    ($($net:ident)*) => {
        $(#[allow(non_snake_case)] mod $net;)*

        fn main() {
            let [_, net, file] = &std::env::args().collect::<Vec<_>>()[..] else { panic!("program NET FILE") };
            let inputs = std::fs::read(file).unwrap();
            match net.as_str() {
                $(stringify!($net) => run::<$net::Net, { $net::Net::ARENA }>(&$net::NET, &$net::OPERATORS, &inputs),)*
                _ => panic!("no net {net}"),
            }
        }
    };
}

include!("nets.rs");

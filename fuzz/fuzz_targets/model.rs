//! Model files of any bytes: what is refused changes nothing, what is taken comes back the same, and nothing crashes.
//!
//! The first byte says whether the checksum is made right, so that the checks behind it are reached.

#![no_main]

use baregrad::file::{self, Saved, Slice};
use baregrad::prelude::*;
use libfuzzer_sys::fuzz_target;

type Net = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];
type Model = Trainer<Net, MeanSquaredError, Adam, 1>;

fuzz_target!(|data: &[u8]| {
    let Some((seal, file)) = data.split_first() else { return };
    let mut file = file.to_vec();
    if let (true, true) = (seal % 2 == 1, file.len() >= 32) {
        let mut digest = CRC.digest();
        digest.update(&file[..28]);
        digest.update(&file[32..]);
        file[28..32].copy_from_slice(&digest.finalize().to_le_bytes());
    }
    let mut net = Net::NEW;
    decode(&mut net, &file);
    decode(&mut Model::untrained(MeanSquaredError, Adam::new(1e-3)), &file);
});

const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

fn decode<T: Saved>(value: &mut T, file: &[u8]) {
    let before = words(value);
    match file::decode(value, file) {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            assert_eq!(words(value), before, "{error}");
            if file::decode_any(value, file).is_err() {
                assert_eq!(words(value), before, "{error}");
            }
        }
        Ok(()) => {
            let mut again = vec![0; T::FILE_LEN];
            file::encode(value, &mut again).unwrap();
            if file.len() == again.len() {
                assert_eq!(again[..24], file[..24]);
                // The table of layers is not read from a file of the right net. A flag of an optimiser is a number there, and
                // any but 0 sets it.
                if T::OPTIMIZER == 0 {
                    assert_eq!(again[44..], file[44..]);
                }
            }
            let taken = words(value);
            file::decode(value, &again).unwrap();
            assert_eq!(words(value), taken);
        }
    }
}

fn words<T: Saved>(value: &T) -> Vec<u32> {
    let mut all = Vec::new();
    value.walk(&mut |_, slice| match slice {
        Slice::Floats(floats) => all.extend(floats.iter().map(|f| f.to_bits())),
        Slice::Words(words) => all.extend(words),
    });
    all
}

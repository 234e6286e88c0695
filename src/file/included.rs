//! Nets made from a file at compile time.

use super::error::ModelError;
use super::layout::{HEADER, Header};
use super::saved::Saved;
use crate::tensor::Bytes;
use crate::tensor::Params;
use core::marker::PhantomData;
use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// Makes a net from a file at compile time, as a constant: in a `static` it lies in flash and takes no RAM.
///
/// The path is relative to the source file, as in `include_bytes!`. A file that [`decode`](super::decode) would refuse does
/// not compile, nor does one of another net. A checkpoint is accepted, too: only its weights are used. The program contains
/// nothing of the file but the weights.
///
/// ```standalone_crate
/// use baregrad::prelude::*;
/// type Xor = chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>];
/// static XOR: Xor = baregrad::include_model!(Xor, "../../tests/reference/xor.bgrd");
///
/// let mut y = [0.0];
/// XOR.infer_one(&[1.0, 0.0], &mut y, &mut [0.0; Xor::SCRATCH]);
/// assert!(y[0] > 0.5);
/// ```
///
/// ```compile_fail
/// use baregrad::prelude::*;
/// type Other = chain![Dense<2, 2, Tanh>, Dense<2, 1, Sigmoid>]; // the file's is `Relu`
/// static OTHER: Other = baregrad::include_model!(Other, "../../tests/reference/xor.bgrd");
/// # assert_eq!(OTHER.1.b, [0.0]);
/// ```
///
/// A net of more than 400,000 weights needs `#![allow(long_running_const_eval)]` in its crate.
#[macro_export]
macro_rules! include_model {
    ($net:ty, $path:expr $(,)?) => {{
        struct Included;
        impl $crate::file::File for Included {
            type Net = $net;
            const BYTES: &'static [u8] = include_bytes!($path);
        }
        <$net as $crate::tensor::FromBytes<$crate::file::Payload<Included>>>::LAYER
    }};
}

/// A model file that is known at compile time; [`include_model!`](crate::include_model) makes one.
pub trait File: 'static {
    /// The net whose weights the file has.
    type Net: Params;
    /// All bytes of the file.
    const BYTES: &'static [u8];
}

/// The place where the weights of the file `F` begin.
pub struct Payload<F>(PhantomData<F>);

impl<F: File> Bytes for Payload<F> {
    const BYTES: &'static [u8] = payload::<F::Net>(F::BYTES);
}

/// Returns the payload from the weights on, after checking that the file is whole and belongs to the net `N`.
const fn payload<N: Params>(file: &[u8]) -> &[u8] {
    // The table of the checksum is only used at compile time, so it costs nothing.
    const CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);
    let Some((words, _)) = file.as_chunks().0.split_first_chunk() else {
        panic!("the model file ends within its header");
    };
    let header = match Header::read(words) {
        Ok(header) => header,
        Err(ModelError::Version { found: 1, .. }) => {
            panic!(
                "the model file has layout version 1, which this version of baregrad no longer reads: write it again"
            )
        }
        Err(ModelError::Version { .. }) => panic!("the model file has a newer layout than this version of baregrad"),
        Err(_) => panic!("this is not a model file"),
    };
    let (fields, payload) = file.split_at(HEADER);
    assert!(payload.len() == header.payload(), "the model file is longer or shorter than its header says");
    let mut digest = CRC.digest();
    digest.update(fields.split_at(HEADER - 4).0);
    digest.update(payload);
    assert!(digest.finalize() == header.checksum, "the model file is damaged: its checksum is wrong");
    assert!(header.is_of::<N>(), "the model file belongs to another net: other layers, shapes or activations");
    assert!(header.check::<N>().is_ok(), "the model file does not contain the weights of this net");
    payload.split_at(4 * N::TABLE).1
}

//! Nets that are made of a file while compiling.

use super::error::ModelError;
use super::layout::{HEADER, Header};
use crate::tensor::Bytes;
use crate::tensor::Params;
use core::marker::PhantomData;
use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// A net of a file beside the source, as a constant: for a `static`, which lies in flash and takes no RAM.
///
/// The path is relative to the source file, as in `include_bytes!`. A file that [`decode`](super::decode) would refuse, or
/// that of another net, does not compile. A checkpoint is taken as well. Nothing of all this is in the program, only the
/// weights, where the compiler wants them.
///
/// ```
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
/// A crate with a net of more than 400,000 weights needs `#![allow(long_running_const_eval)]`.
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

/// A model file that is there when compiling; [`include_model!`](crate::include_model) makes one.
pub trait File: 'static {
    /// The net whose weights it has.
    type Net: Params;
    /// All its bytes.
    const BYTES: &'static [u8];
}

/// Where the weights of the file `F` begin.
pub struct Payload<F>(PhantomData<F>);

impl<F: File> Bytes for Payload<F> {
    const BYTES: &'static [u8] = payload::<F::Net>(F::BYTES);
}

/// The payload of a file that is whole and of the net `N`.
const fn payload<N: Params>(file: &[u8]) -> &[u8] {
    // While compiling, its tables cost nothing.
    const CRC: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);
    let Some((words, _)) = file.as_chunks().0.split_first_chunk() else {
        panic!("the model file ends within its header");
    };
    let header = match Header::read(words) {
        Ok(header) => header,
        Err(ModelError::Version { .. }) => panic!("the model file has a newer layout than this version of baregrad"),
        Err(_) => panic!("this is no model file"),
    };
    let (fields, payload) = file.split_at(HEADER);
    assert!(payload.len() == header.payload(), "the model file is longer or shorter than its header says");
    let mut digest = CRC.digest();
    digest.update(fields.split_at(HEADER - 4).0);
    digest.update(payload);
    assert!(digest.finalize() == header.checksum, "the model file is damaged: its checksum is wrong");
    match header.check::<N>() {
        Ok(()) => payload,
        Err(ModelError::Architecture { .. }) => {
            panic!("the model file is that of another net: other layers, shapes or activations")
        }
        Err(_) => panic!("the model file has other contents than the weights of this net"),
    }
}

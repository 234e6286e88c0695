//! baregrad's own form of files; `baregrad::file` documents its layout.

use crate::error::Error;
use crate::floats::{Width, finite, little_endian, widen};
use crate::model::{Model, Tensor};
use crc::{CRC_32_ISO_HDLC, Crc};

/// Of the layout.
const VERSION: u16 = 2;

impl Model {
    /// Reads the weights of a net of these layers, as in `Dense<64, 32, Relu>, Dropout<20>, Dense<32, 10>`, from its own form
    /// or from a checkpoint.
    ///
    /// Allocates at most 16 times the size of `bytes`, and 256 KB.
    ///
    /// # Errors
    /// As [`Model::of_types`]; a file that is damaged, of another version of the layout or of another net; a weight that is not
    /// finite.
    pub fn of_bytes(bytes: &[u8], types: &str) -> Result<Self, Error> {
        let wrong = |what: &str| Error::malformed("baregrad's file", what);
        let mut model = Model::of_types(types, bytes.len())?;
        let (header, payload) = bytes.split_first_chunk::<32>().ok_or_else(|| wrong("it ends within its header"))?;
        let (fields, checksum) = header.split_at(28);
        if !fields.starts_with(b"BGRD") {
            return Err(wrong("this is none"));
        }
        let version = u16::from_le_bytes([fields[4], fields[5]]);
        if version != VERSION {
            return Err(wrong(&format!("it has layout version {version}, but only {VERSION} is known")));
        }
        if fields[24..28] != (payload.len() as u32).to_le_bytes() || fields[6] & 1 == 0 {
            return Err(wrong("it is longer or shorter than it says, or has no weights"));
        }
        if checksum_of(fields, payload).to_le_bytes() != checksum {
            return Err(wrong("it is damaged: its checksum is another"));
        }
        if fields[8..16] != model.fingerprint().to_le_bytes() {
            let words = payload.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word));
            let table: Vec<u32> = words.take_while(|word| *word != 0).collect();
            let (layer, needed, found) = model.first_other(&table);
            return Err(Error::Layer { layer, found, needed });
        }
        let mut rest = payload.get(4 * (model.rows().len() + 1)..).ok_or_else(|| wrong("it ends within its table"))?;
        for values in model.values_mut() {
            let tensor = rest.split_at_checked(4 * values.len()).ok_or_else(|| wrong("it has too few weights"))?;
            *values = widen(Width::F32, tensor.0);
            rest = tensor.1;
        }
        let infinite = |tensor: Tensor<'_>| {
            let (at, what) = (format!("layer {}", tensor.layer), format!("a number of `{}`", tensor.tensor));
            finite(&at, &what, tensor.values)
        };
        model.tensors().into_iter().try_for_each(infinite)?;
        Ok(model)
    }

    /// The file that `baregrad::file::decode` and `baregrad::include_model!` read.
    pub fn to_bytes(&self) -> Vec<u8> {
        let table = self.rows().into_iter().map(|(_, row)| row).chain([0]);
        let mut payload: Vec<u8> = table.flat_map(u32::to_le_bytes).collect();
        payload.extend(self.tensors().iter().flat_map(|tensor| little_endian(tensor.values)));
        let mut file = b"BGRD".to_vec();
        file.extend(VERSION.to_le_bytes());
        file.extend(1_u16.to_le_bytes()); // contents: weights
        file.extend(self.fingerprint().to_le_bytes());
        file.extend(0_u64.to_le_bytes()); // no optimiser
        file.extend((payload.len() as u32).to_le_bytes());
        file.extend(checksum_of(&file, &payload).to_le_bytes());
        file.extend(payload);
        file
    }
}

fn checksum_of(fields: &[u8], payload: &[u8]) -> u32 {
    let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC);
    let mut digest = crc.digest();
    digest.update(fields);
    digest.update(payload);
    digest.finalize()
}

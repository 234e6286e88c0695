//! A round of learning on a device, which must have the bits of the wheel's.

#![no_std]

use baregrad::{data::Sample, file, file::Saved, prelude::*};
use heapless::Vec;
use semihosting::{
    fs::File,
    io::{Read, Write},
};
use static_cell::ConstStaticCell;

type Net = chain![Dense<64, 32, Relu>, Dense<32, 10>];
type Model = Trainer<Net, SparseCategoricalCrossEntropy<Logits>, Adam, 32>;

static MODEL: ConstStaticCell<Model> = ConstStaticCell::new(Model::ZERO);
static FILE: ConstStaticCell<[u8; Net::FILE_LEN]> = ConstStaticCell::new([0; Net::FILE_LEN]);

/// The most samples that a board takes.
pub const ROOM: usize = 256;

/// Pixels from 0 to 16, in flash.
struct Image(&'static [u8; 64]);

impl Sample<[f32; 64]> for Image {
    fn read(&self, x: &mut [f32; 64]) {
        *x = self.0.map(|pixel| f32::from(pixel) / 16.0);
    }
}

/// Reads the global weights, trains them on at most [`ROOM`] samples, and writes them. Returns nothing if one of these fails,
/// for example because the weights are damaged or of another net.
pub fn round(shard: &'static [u8], mut from: File, mut to: File) -> Option<()> {
    let (model, file) = (MODEL.take(), FILE.take());
    from.read_exact(file).ok()?;
    model.set_up(SparseCategoricalCrossEntropy::new(), Adam::new(0.01));
    // In every round another order of the samples: the seed is the file's checksum.
    let seed = u32::from_le_bytes(*file.get(28..)?.first_chunk()?);
    model.init(&GlorotUniform, &mut Sfc32::seed_from_u64(seed.into()));
    file::decode(&mut model.net, file).ok()?;

    let (pixels, digits) = shard.split_at_checked(shard.len() / 65 * 64)?;
    let images: Vec<Image, ROOM> = pixels.as_chunks().0.iter().map(Image).collect();
    model.fit(&images, digits, &Fit { epochs: 10, batch_size: 32, shuffle: true }).ok()?;

    file::encode(&model.net, file).ok()?;
    to.write_all(file).ok()
}

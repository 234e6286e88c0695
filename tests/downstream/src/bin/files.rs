//! An image that takes a net from a file, and keeps checkpoints of a trainer in flash.

#![no_std]
#![no_main]

use baregrad::file::{self, Saved, Slots};
use baregrad::prelude::*;
use baregrad_downstream::{Model, Net};
use core::hint::black_box;
use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};

/// Does nothing that the compiler knows of.
struct Flash;

impl ErrorType for Flash {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 4;
    fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        black_box((at, bytes));
        black_box(Ok(()))
    }
    fn capacity(&self) -> usize {
        black_box(1 << 20)
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 8;
    const ERASE_SIZE: usize = 2048;
    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        black_box((from, to));
        black_box(Ok(()))
    }
    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        black_box((at, bytes));
        black_box(Ok(()))
    }
}

fn run(model: &mut Model, buffer: &mut [u8]) {
    let _ = black_box(file::encode(&model.net, buffer));
    let _ = black_box(file::decode(&mut model.net, buffer));
    let _ = black_box(file::encode_any(model, buffer));
    let _ = black_box(file::decode_any(model, buffer));
    let Ok(mut slots) = Slots::<Flash, Model, 3>::open::<0x4000, 0x1_4000>(Flash) else { return };
    let _ = black_box(slots.load(model));
    if let Ok(mut save) = slots.save(model) {
        while let Ok(core::ops::ControlFlow::Continue(())) = save.step() {}
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn main() -> ! {
    let mut model = Model::untrained(MeanSquaredError, Adam::new(1e-3));
    let mut buffer = black_box([0; Model::FILE_LEN]);
    const { assert!(Net::FILE_LEN < Model::FILE_LEN) };
    loop {
        run(black_box(&mut model), black_box(&mut buffer));
    }
}

//! An allocator that ends the program when a decoder takes more than the bound that its documentation states, and the law that
//! what is read can be written in every form.

use baregrad_convert::{Cell, Layer, Model, NameMap};
use cap::Cap;
use std::alloc::System;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Runs a decoder that may allocate `bound` bytes at most.
pub fn bounded(bound: usize, decode: impl FnOnce()) {
    ALLOCATOR.set_limit(ALLOCATOR.allocated() + bound).expect("no more than that is allocated");
    decode();
    ALLOCATOR.set_limit(usize::MAX).expect("no more than that is allocated");
}

/// Writes what has been read in every form, and reads it again.
pub fn is_read_again(model: &Model) {
    const WRITTEN: &str = "it was written here";
    assert_eq!(Model::of_onnx(&model.to_onnx()).expect(WRITTEN), model.in_onnx());
    assert_eq!(&Model::of_bytes(&model.to_bytes(), &model.types()).expect(WRITTEN), model);
    // PyTorch has no GRU of this form.
    let before = |layer: &Layer| matches!(layer, Layer::Recurrent(layer) if layer.cell == Cell::GruResetBefore);
    let names = if model.layers.iter().any(before) { NameMap::baregrad() } else { NameMap::pytorch() };
    let bytes = model.to_safetensors(&names).expect(WRITTEN);
    assert_eq!(&Model::of_safetensors(&bytes, None, &names).expect(WRITTEN), model);
}

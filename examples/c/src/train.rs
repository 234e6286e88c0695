//! A net in RAM that learns.

use crate::memory::{check, disjoint, read, write};
use crate::net::{BATCH, Model, begin};
use crate::sizes::{BG_BATCH, BG_CHECKPOINT_SIZE, BG_MODEL_ALIGN, BG_MODEL_SIZE, BG_MODEL_WORDS, BG_WEIGHTS_SIZE};
use crate::status::Status;
use crate::{Input, Output, samples};
use baregrad::file::{self, Saved};

/// A model: the net, and all that its training needs. Make it a `static`: it is then in `.bss`, and takes no flash. What is in
/// it belongs to the library. It may be copied and moved.
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct bg_model {
    words: [u64; BG_MODEL_WORDS],
}

/// What is in it.
struct Memory {
    /// `TAG` after `bg_init`.
    tag: u32,
    model: Model,
}

/// Hardly by chance in memory that was never initialised.
const TAG: u32 = Model::NET as u32 | 1;

const _: () = assert!(
    BG_BATCH == BATCH && BG_WEIGHTS_SIZE == crate::net::Net::FILE_LEN && BG_CHECKPOINT_SIZE == Model::FILE_LEN,
);
const _: () = assert!(
    size_of::<bg_model>() == BG_MODEL_SIZE
        && align_of::<bg_model>() == BG_MODEL_ALIGN
        && size_of::<Memory>() <= BG_MODEL_SIZE
        && align_of::<Memory>() <= BG_MODEL_ALIGN
);

/// The model behind a pointer, if it was initialised.
///
/// # Safety
/// The pointer is NULL, or points to a `bg_model`.
unsafe fn open(model: *const bg_model) -> Result<*mut Model, Status> {
    check(model, 1)?;
    let memory = model.cast_mut().cast::<Memory>();
    // SAFETY: the pointer is checked, and any bits are a number.
    if unsafe { (*memory).tag } == TAG {
        // SAFETY: the field of memory that is there.
        Ok(unsafe { &raw mut (*memory).model })
    } else {
        Err(Status::NotInitialised)
    }
}

/// Begins a training in place, with random weights. The same seed gives the same weights on every machine.
///
/// `size` is `sizeof(bg_model)`: it is refused if this header is not that of the library.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_init(model: *mut bg_model, size: u32, seed: u32) -> Status {
    let init = || {
        check(model, 1)?;
        if size as usize != BG_MODEL_SIZE {
            return Err(Status::Length);
        }
        let memory = model.cast::<Memory>();
        // SAFETY: the pointer is checked, and the memory is large enough.
        unsafe {
            (&raw mut (*memory).tag).write(TAG);
            (&raw mut (*memory).model).write(Model::ZERO);
            begin(&mut (*memory).model, seed.into());
        }
        Ok(())
    };
    init().into()
}

/// Infers one sample or more. Any number of callers can infer with one model at a time, each with a scratch of its own.
///
/// `x_length` and `y_length` are multiples of BG_INPUTS and BG_OUTPUTS, `scratch_length` is BG_SCRATCH or more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_infer(
    model: *const bg_model,
    x: *const f32,
    x_length: u32,
    y: *mut f32,
    y_length: u32,
    scratch: *mut f32,
    scratch_length: u32,
) -> Status {
    // SAFETY: what the caller promises.
    let infer = || unsafe {
        let model_region = check(model, 1)?;
        crate::infer(&(*open(model)?).net, model_region, (x, x_length), (y, y_length), (scratch, scratch_length))
    };
    infer().into()
}

/// Makes one step of training on 1 to BG_BATCH samples. `loss` becomes the mean loss before the step.
///
/// `x_length` and `targets_length` are multiples of BG_INPUTS and BG_OUTPUTS.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_step(
    model: *mut bg_model,
    x: *const f32,
    x_length: u32,
    targets: *const f32,
    targets_length: u32,
    loss: *mut f32,
) -> Status {
    let step = || {
        disjoint(&[check(model, 1)?, check(x, x_length)?, check(targets, targets_length)?, check(loss, 1)?])?;
        // SAFETY: checked, and what the caller promises.
        let (model, x, targets) = unsafe { (&mut *open(model)?, read(x, x_length), read(targets, targets_length)) };
        let mean = model.step(samples::<Input>(x)?, samples::<Output>(targets)?)?;
        // SAFETY: as above.
        unsafe { loss.write(mean) };
        Ok(())
    };
    step().into()
}

/// Writes the weights: BG_WEIGHTS_SIZE bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_save_weights(model: *const bg_model, file: *mut u8, length: u32) -> Status {
    // SAFETY: what the caller promises.
    let save = || unsafe { save(&(*open(model)?).net, model, file, length) };
    save().into()
}

/// Reads weights, from the file of weights or from a checkpoint. The training goes on with them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_load_weights(model: *mut bg_model, file: *const u8, length: u32) -> Status {
    // SAFETY: what the caller promises.
    let load = || unsafe { load(&mut (*open(model)?).net, model, file, length) };
    load().into()
}

/// Writes a checkpoint: BG_CHECKPOINT_SIZE bytes, from which a training goes on with the same bits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_save_checkpoint(model: *const bg_model, file: *mut u8, length: u32) -> Status {
    // SAFETY: what the caller promises.
    let save = || unsafe { save(&*open(model)?, model, file, length) };
    save().into()
}

/// Reads a checkpoint.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bg_load_checkpoint(model: *mut bg_model, file: *const u8, length: u32) -> Status {
    // SAFETY: what the caller promises.
    let load = || unsafe { load(&mut *open(model)?, model, file, length) };
    load().into()
}

/// # Safety
/// As for `bg_infer`.
unsafe fn save<T: Saved>(value: &T, model: *const bg_model, at: *mut u8, length: u32) -> Result<(), Status> {
    disjoint(&[check(model, 1)?, check(at, length)?])?;
    // SAFETY: checked, and what the caller promises.
    file::encode(value, unsafe { write(at, length) })?;
    Ok(())
}

/// # Safety
/// As for `bg_infer`.
unsafe fn load<T: Saved>(value: &mut T, model: *const bg_model, at: *const u8, length: u32) -> Result<(), Status> {
    disjoint(&[check(model, 1)?, check(at, length)?])?;
    // SAFETY: checked, and what the caller promises.
    file::decode(value, unsafe { read(at, length) })?;
    Ok(())
}

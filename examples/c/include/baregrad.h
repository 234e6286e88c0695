/* A neural network that runs, and learns, in memory of the caller. Made by header.rs from src/: change that instead.
 *
 * The library has no variables of its own, and takes no locks. At each pointer there must be as much memory as the length
 * beside it says, which no one else changes meanwhile. A pointer that is NULL or not aligned, a wrong length, and buffers
 * that overlap are refused. */


#ifndef BAREGRAD_H
#define BAREGRAD_H

#include <stdint.h>

/// Floats of a sample.
#define BG_INPUTS 16

/// Floats of the outputs of a sample, and of its target.
#define BG_OUTPUTS 4

/// Floats of scratch that an inference needs.
#define BG_SCRATCH 32

/// Words of 8 bytes of a model.
#define BG_MODEL_WORDS 1066

/// Bytes of a model, on every target.
#define BG_MODEL_SIZE 8528

/// Alignment of a model, on every target.
#define BG_MODEL_ALIGN 8

/// The largest number of samples per step.
#define BG_BATCH 1

/// Bytes of the file of weights.
#define BG_WEIGHTS_SIZE 2748

/// Bytes of a checkpoint.
#define BG_CHECKPOINT_SIZE 8204

/// What a function returns. After an error, everything is as it was, but for BG_STATUS_GRADIENT_NOT_FINITE.
enum bg_status
#if defined(__cplusplus) || __STDC_VERSION__ >= 202311L
  : uint32_t
#endif // defined(__cplusplus) || __STDC_VERSION__ >= 202311L
 {
  /// It is done.
  BG_STATUS_OK = 0,
  /// A pointer is NULL.
  BG_STATUS_NULL_POINTER = 1,
  /// A pointer is not aligned to its type.
  BG_STATUS_MISALIGNED = 2,
  /// A length is not the one that the net needs.
  BG_STATUS_LENGTH = 3,
  /// Two of the buffers have bytes in common.
  BG_STATUS_OVERLAP = 4,
  /// The model has not been through bg_init.
  BG_STATUS_NOT_INITIALISED = 5,
  /// The loss is infinite or not a number; the step was not made.
  BG_STATUS_LOSS_NOT_FINITE = 6,
  /// A gradient is infinite or not a number; later layers may have learnt already. Load a checkpoint, or begin again.
  BG_STATUS_GRADIENT_NOT_FINITE = 7,
  /// A number of the net is infinite or not a number.
  BG_STATUS_NUMBER_NOT_FINITE = 8,
  /// The file is damaged, or no model file.
  BG_STATUS_FILE_DAMAGED = 9,
  /// The file is of another version of the library.
  BG_STATUS_FILE_VERSION = 10,
  /// The file belongs to another net or optimiser, or is not a checkpoint but weights.
  BG_STATUS_FILE_OF_ANOTHER = 11,
  /// An error that this interface does not know.
  BG_STATUS_UNKNOWN = 12,
};
#ifndef __cplusplus
#if __STDC_VERSION__ >= 202311L
typedef enum bg_status bg_status;
#else
typedef uint32_t bg_status;
#endif // __STDC_VERSION__ >= 202311L
#endif // __cplusplus

/// A model: the net, and all that its training needs. Make it a `static`: it is then in `.bss`, and takes no flash. What is in
/// it belongs to the library. It may be copied and moved.
typedef struct {
  uint64_t words[BG_MODEL_WORDS];
} bg_model;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/// Returns what a status means: a text that is part of the program, for any number.
const char *bg_message(uint32_t status);

/// Begins a training in place, with random weights. The same seed gives the same weights on every machine.
///
/// `size` is `sizeof(bg_model)`: it is refused if this header is not that of the library.
bg_status bg_init(bg_model *model, uint32_t size, uint32_t seed);

/// Infers one sample or more. Any number of callers can infer with one model at a time, each with a scratch of its own.
///
/// `x_length` and `y_length` are multiples of BG_INPUTS and BG_OUTPUTS, `scratch_length` is BG_SCRATCH or more.
bg_status bg_infer(const bg_model *model,
                   const float *x,
                   uint32_t x_length,
                   float *y,
                   uint32_t y_length,
                   float *scratch,
                   uint32_t scratch_length);

/// Makes one step of training on 1 to BG_BATCH samples. `loss` becomes the mean loss before the step.
///
/// `x_length` and `targets_length` are multiples of BG_INPUTS and BG_OUTPUTS.
bg_status bg_step(bg_model *model,
                  const float *x,
                  uint32_t x_length,
                  const float *targets,
                  uint32_t targets_length,
                  float *loss);

/// Writes the weights: BG_WEIGHTS_SIZE bytes.
bg_status bg_save_weights(const bg_model *model, uint8_t *file, uint32_t length);

/// Reads weights, from the file of weights or from a checkpoint. The training goes on with them.
bg_status bg_load_weights(bg_model *model, const uint8_t *file, uint32_t length);

/// Writes a checkpoint: BG_CHECKPOINT_SIZE bytes, from which a training goes on with the same bits.
bg_status bg_save_checkpoint(const bg_model *model, uint8_t *file, uint32_t length);

/// Reads a checkpoint.
bg_status bg_load_checkpoint(bg_model *model, const uint8_t *file, uint32_t length);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BAREGRAD_H */

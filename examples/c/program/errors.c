/* Calls each function as it must not be called: each says so, and the model stays as it was. */

#include "baregrad.h"
#include "say.h"

static bg_model model, never;
static float x[2 * BG_INPUTS * BG_BATCH], y[2 * BG_OUTPUTS * BG_BATCH], scratch[BG_SCRATCH], loss;
static uint8_t file[BG_CHECKPOINT_SIZE], before[BG_CHECKPOINT_SIZE];
static int failures;

static void expect(bg_status expected, bg_status found, int line)
{
    if (found != expected) {
        say("line ");
        say_number((uint32_t)line);
        say(": ");
        say(bg_message(found));
        say(", but it should be: ");
        say(bg_message(expected));
        say("\n");
        failures += 1;
    }
}

#define EXPECT(status, call) expect(BG_STATUS_##status, (call), __LINE__)

/* A pointer to the byte behind the first one of these. */
static void *odd(void *at)
{
    return (uint8_t *)at + 1;
}

static float not_finite(void)
{
    union {
        uint32_t bits;
        float number;
    } both = {0x7fc00000u};
    return both.number;
}

int main(void)
{
    const uint32_t in = BG_INPUTS, out = BG_OUTPUTS;

    EXPECT(NULL_POINTER, bg_init(0, sizeof model, 1));
    EXPECT(MISALIGNED, bg_init(odd(&model), sizeof model, 1));
    EXPECT(LENGTH, bg_init(&model, sizeof model - 8, 1));
    EXPECT(NOT_INITIALISED, bg_infer(&model, x, in, y, out, scratch, BG_SCRATCH));
    EXPECT(NOT_INITIALISED, bg_step(&never, x, in, y, out, &loss));
    EXPECT(NOT_INITIALISED, bg_load_weights(&never, file, sizeof file));
    EXPECT(OK, bg_init(&model, sizeof model, 1));
    EXPECT(OK, bg_save_checkpoint(&model, before, sizeof before));

    EXPECT(OK, bg_infer(&model, x, in, y, out, scratch, BG_SCRATCH));
    EXPECT(OK, bg_infer(&model, x, 2 * in, y, 2 * out, scratch, BG_SCRATCH));
    EXPECT(NULL_POINTER, bg_infer(0, x, in, y, out, scratch, BG_SCRATCH));
    EXPECT(NULL_POINTER, bg_infer(&model, 0, in, y, out, scratch, BG_SCRATCH));
    EXPECT(NULL_POINTER, bg_infer(&model, x, in, 0, out, scratch, BG_SCRATCH));
    EXPECT(NULL_POINTER, bg_infer(&model, x, in, y, out, 0, BG_SCRATCH));
    EXPECT(MISALIGNED, bg_infer(odd(&model), x, in, y, out, scratch, BG_SCRATCH));
    EXPECT(MISALIGNED, bg_infer(&model, odd(x), in, y, out, scratch, BG_SCRATCH));
    EXPECT(MISALIGNED, bg_infer(&model, x, in, odd(y), out, scratch, BG_SCRATCH));
    EXPECT(LENGTH, bg_infer(&model, x, 0, y, 0, scratch, BG_SCRATCH));
    EXPECT(LENGTH, bg_infer(&model, x, in - 1, y, out, scratch, BG_SCRATCH));
    EXPECT(LENGTH, bg_infer(&model, x, in, y, out + 1, scratch, BG_SCRATCH));
    EXPECT(LENGTH, bg_infer(&model, x, in, y, 2 * out, scratch, BG_SCRATCH));
    EXPECT(LENGTH, bg_infer(&model, x, in, y, out, 0, 0));
    EXPECT(LENGTH, bg_infer(&model, x, in, y, out, scratch, BG_SCRATCH - 1));
    EXPECT(OVERLAP, bg_infer(&model, x, in, &x[in - 1], out, scratch, BG_SCRATCH));
    EXPECT(OVERLAP, bg_infer(&model, x, in, scratch, out, scratch, BG_SCRATCH));
    EXPECT(OVERLAP, bg_infer(&model, x, in, (float *)&model, out, scratch, BG_SCRATCH));

    EXPECT(NULL_POINTER, bg_step(&model, x, in, y, out, 0));
    EXPECT(NULL_POINTER, bg_step(&model, x, in, 0, out, &loss));
    EXPECT(MISALIGNED, bg_step(&model, x, in, y, out, odd(&loss)));
    EXPECT(LENGTH, bg_step(&model, x, in, y, 2 * out, &loss));
    EXPECT(LENGTH, bg_step(&model, x, (BG_BATCH + 1) * in, y, (BG_BATCH + 1) * out, &loss));
    EXPECT(OVERLAP, bg_step(&model, x, in, y, out, &y[0]));
    x[3] = not_finite();
    EXPECT(LOSS_NOT_FINITE, bg_step(&model, x, in, y, out, &loss));
    x[3] = 0.0f;

    EXPECT(LENGTH, bg_save_weights(&model, file, BG_WEIGHTS_SIZE - 1));
    EXPECT(OK, bg_save_weights(&model, file, BG_WEIGHTS_SIZE));
    EXPECT(OK, bg_load_weights(&model, file, BG_WEIGHTS_SIZE));
    EXPECT(FILE_OF_ANOTHER, bg_load_checkpoint(&model, file, BG_WEIGHTS_SIZE));
    EXPECT(FILE_DAMAGED, bg_load_weights(&model, file, BG_WEIGHTS_SIZE - 1));
    EXPECT(FILE_DAMAGED, bg_load_weights(&model, file, 0));
    file[BG_WEIGHTS_SIZE - 1] ^= 1u;
    EXPECT(FILE_DAMAGED, bg_load_weights(&model, file, BG_WEIGHTS_SIZE));
    file[BG_WEIGHTS_SIZE - 1] ^= 1u;
    file[4] = 99;
    EXPECT(FILE_VERSION, bg_load_weights(&model, file, BG_WEIGHTS_SIZE));
    EXPECT(NULL_POINTER, bg_save_checkpoint(&model, 0, BG_CHECKPOINT_SIZE));
    EXPECT(OVERLAP, bg_save_checkpoint(&model, (uint8_t *)&model, sizeof model));

    EXPECT(OK, bg_save_checkpoint(&model, file, sizeof file));
    for (uint32_t i = 0; i < sizeof file; i++) {
        if (file[i] != before[i]) {
            say("the model has changed\n");
            return 1;
        }
    }
    say(failures == 0 ? "every mistake is refused\n" : "");
    return failures == 0 ? 0 : 1;
}

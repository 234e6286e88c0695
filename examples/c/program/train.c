/* Learns in which quarter of 16 numbers a pulse is. twin/ does the same in Rust, and prints the same. */

#include "baregrad.h"
#include "say.h"

#define SAMPLES 16

/* All memory of the model. It lies in .bss; so does everything else here. */
static bg_model model;
static float scratch[BG_SCRATCH];
static uint8_t file[BG_CHECKPOINT_SIZE];

static float x[SAMPLES * BG_INPUTS];
static float targets[SAMPLES * BG_OUTPUTS];
static float y[SAMPLES * BG_OUTPUTS];

static void make_data(void)
{
    for (uint32_t i = 0; i < SAMPLES; i++) {
        for (uint32_t j = 0; j < BG_INPUTS; j++) {
            const uint32_t distance = i > j ? i - j : j - i;
            x[i * BG_INPUTS + j] = distance < 4 ? 1.0f - 0.25f * (float)distance : 0.0f;
        }
        targets[i * BG_OUTPUTS + i / 4] = 1.0f;
    }
}

/* FNV-1a. */
static uint32_t hash(const uint8_t *bytes, uint32_t length)
{
    uint32_t hash = 0x811c9dc5u;
    for (uint32_t i = 0; i < length; i++) {
        hash = (hash ^ bytes[i]) * 0x01000193u;
    }
    return hash;
}

/* Trains for 20 epochs, and says what has become of the model. */
static bg_status train(const char *what, uint8_t *checkpoint)
{
    float loss = 0.0f;
    for (uint32_t epoch = 0; epoch < 20; epoch++) {
        for (uint32_t i = 0; i < SAMPLES; i += BG_BATCH) {
            const bg_status status = bg_step(&model, &x[i * BG_INPUTS], BG_BATCH * BG_INPUTS,
                                             &targets[i * BG_OUTPUTS], BG_BATCH * BG_OUTPUTS, &loss);
            if (status != BG_STATUS_OK) {
                return status;
            }
        }
    }
    const bg_status status = bg_save_checkpoint(&model, checkpoint, BG_CHECKPOINT_SIZE);
    say(what);
    say(": loss ");
    say_float(loss);
    say(", checkpoint ");
    say_bits(hash(checkpoint, BG_CHECKPOINT_SIZE));
    say("\n");
    return status;
}

static bg_status run(uint32_t *right)
{
    static uint8_t later[BG_CHECKPOINT_SIZE];
    bg_status status = bg_init(&model, sizeof model, 1);
    if (status == BG_STATUS_OK) {
        status = train("first 20 epochs", file);
    }
    if (status == BG_STATUS_OK) {
        status = train("next 20 epochs", later);
    }
    if (status == BG_STATUS_OK) {
        status = bg_load_checkpoint(&model, file, sizeof file);
    }
    if (status == BG_STATUS_OK) {
        status = train("the same again, from the checkpoint", later);
    }
    if (status == BG_STATUS_OK) {
        status = bg_infer(&model, x, SAMPLES * BG_INPUTS, y, SAMPLES * BG_OUTPUTS, scratch, BG_SCRATCH);
    }
    for (uint32_t i = 0; i < SAMPLES && status == BG_STATUS_OK; i++) {
        uint32_t largest = 0;
        for (uint32_t k = 0; k < BG_OUTPUTS; k++) {
            const float *const outputs = &y[i * BG_OUTPUTS];
            say(k == 0 ? "" : " ");
            say_float(outputs[k]);
            largest = outputs[k] > outputs[largest] ? k : largest;
        }
        say("\n");
        *right += largest == i / 4 ? 1 : 0;
    }
    return status;
}

int main(void)
{
    uint32_t right = 0;
    make_data();
    const bg_status status = run(&right);
    if (status != BG_STATUS_OK) {
        say(bg_message(status));
        say("\n");
        return 1;
    }
    say_number(right);
    say(" of 16 right\n");
    return right == SAMPLES ? 0 : 1;
}

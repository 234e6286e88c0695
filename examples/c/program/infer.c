/* Infers with a net in flash, on the sample beside it. */

#include "baregrad.h"
#include "sample.h"
#include "say.h"

static float y[BG_OUTPUTS];
static float scratch[BG_SCRATCH + 1]; /* of one more, because an array of none is no C */

int main(void)
{
    uint32_t largest = 0;
    const bg_status status = bg_infer(sample, BG_INPUTS, y, BG_OUTPUTS, scratch, BG_SCRATCH);
    if (status != BG_STATUS_OK) {
        say(bg_message(status));
        say("\n");
        return 1;
    }
    for (uint32_t k = 0; k < BG_OUTPUTS; k++) {
        say("output ");
        say_number(k);
        say(": ");
        say_float(y[k]);
        say("\n");
        largest = y[k] > y[largest] ? k : largest;
    }
    say("the largest output is number ");
    say_number(largest);
    say("\n");
    return 0;
}

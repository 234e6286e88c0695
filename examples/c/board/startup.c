/* The start of a program on a Cortex-M4F, and its end through semihosting. Take your own instead. */

#include <stdint.h>

extern uint32_t stack_top, data_start, data_end, data_load, bss_start, bss_end;
int main(void);

static __attribute__((noreturn)) void stop(uint32_t status)
{
    /* SYS_EXIT_EXTENDED of Arm's semihosting, with ADP_Stopped_ApplicationExit. */
    const uint32_t parameters[2] = {0x20026u, status};
    register uint32_t operation __asm("r0") = 0x20;
    register const uint32_t *parameter __asm("r1") = parameters;
    for (;;) {
        __asm volatile("bkpt 0xab" : "+r"(operation) : "r"(parameter) : "memory");
    }
}

static void fault(void)
{
    stop(99);
}

static void reset(void)
{
    *(volatile uint32_t *)0xE000ED88u |= 0xFu << 20; /* CPACR: the FPU is on */
    __asm volatile("dsb\n isb");
    const uint32_t *from = &data_load;
    for (uint32_t *to = &data_start; to < &data_end;) {
        *to++ = *from++;
    }
    for (uint32_t *to = &bss_start; to < &bss_end;) {
        *to++ = 0;
    }
    stop((uint32_t)main());
}

struct vectors {
    uint32_t *stack;
    void (*handlers[15])(void);
};

__attribute__((section(".vectors"), used)) static const struct vectors vectors = {
    &stack_top, {reset, fault, fault, fault, fault, fault},
};

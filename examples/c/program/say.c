#include "say.h"

#if defined(__arm__) && !defined(__linux__)

/* SYS_WRITE0 of Arm's semihosting. */
void say(const char *text)
{
    register uint32_t operation __asm("r0") = 0x04;
    register const char *parameter __asm("r1") = text;
    __asm volatile("bkpt 0xab" : "+r"(operation) : "r"(parameter) : "memory");
}

#else

#include <stdio.h>

void say(const char *text)
{
    (void)fputs(text, stdout);
}

#endif

static void say_digits(uint32_t number, uint32_t base, uint32_t least)
{
    char text[11];
    uint32_t at = 10;
    text[at] = '\0';
    while (number > 0 || 10 - at < least) {
        at -= 1;
        text[at] = "0123456789abcdef"[number % base];
        number /= base;
    }
    say(&text[at]);
}

void say_number(uint32_t number)
{
    say_digits(number, 10, 1);
}

void say_bits(uint32_t word)
{
    say_digits(word, 16, 8);
}

void say_float(float number)
{
    union {
        float number;
        uint32_t bits;
    } both;
    both.number = number;
    say_bits(both.bits);
}

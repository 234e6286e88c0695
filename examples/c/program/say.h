/* What the programs print: on a host by the C library, on a board through semihosting. */
#ifndef SAY_H
#define SAY_H

#include <stdint.h>

void say(const char *text);
void say_number(uint32_t number);
void say_bits(uint32_t word);  /* eight hexadecimal digits */
void say_float(float number);  /* its bits */

#endif

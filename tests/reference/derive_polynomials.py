"""Derives the polynomials of `src/kernels/math.rs` and prints them as they stand there.

Each is the one with the least largest relative error of the function it serves (Lawson's algorithm on Chebyshev
points). Then its coefficients are rounded to f32 one after the other, the weightiest first, and the rest is fitted again
to what is left, so that later ones make up for the rounding of earlier ones.

Needs only numpy of `requirements.txt`:  python derive_polynomials.py
"""

import math

import numpy as np


def points(low, high, count=2500):
    """Chebyshev points of an interval."""
    return (low + high) / 2 - (high - low) / 2 * np.cos(np.pi * (np.arange(count) + 0.5) / count)


def minimax(columns, target, weight, rounds=600):
    """The coefficients c with the least largest |weight · (columns c − target)|."""
    best, error = None, math.inf
    share = np.ones(len(target))
    for _ in range(rounds):
        factor = weight * np.sqrt(share)
        scaled = columns * factor[:, None]
        size = np.abs(scaled).max(axis=0)
        c = np.linalg.lstsq(scaled / size, target * factor, rcond=None)[0] / size
        errors = np.abs(weight * (columns @ c - target))
        if errors.max() < error:
            best, error = c, errors.max()
        # Where the error is large, more weight next time.
        share = share * (errors / errors.max() + 1e-9)
        share = np.maximum(share / share.sum(), 1e-30)
    return best


def fit(name, formula, x, target, weight, powers):
    """Prints the polynomial in x with these powers that is nearest to the target, and its relative error."""
    columns = np.stack([x**k for k in powers], axis=1)
    rounded, left, rest = np.zeros(len(powers)), list(range(len(powers))), target
    while left:
        c = minimax(columns[:, left], rest, weight)
        sizes = [np.abs(weight * columns[:, i] * value).max() for i, value in zip(left, c)]
        at = int(np.argmax(sizes))
        i = left.pop(at)
        rounded[i] = np.float32(c[at])
        rest = rest - columns[:, i] * rounded[i]
    print(f"// {formula}: relative error {np.abs(weight * rest).max():.1e}")
    print(f"{name} = [{', '.join(literal(c) for c in rounded[::-1])}]\n")


def literal(value):
    """A Rust literal of the fewest digits that are this f32."""
    mantissa, exponent = np.format_float_scientific(np.float32(value), trim="0", exp_digits=1).split("e")
    whole, digits = mantissa.split(".")
    groups = "_".join(digits[i : i + 3] for i in range(0, len(digits), 3))
    return f"{whole}.{groups}" + (f"e{int(exponent)}" if int(exponent) else "")


def series(x, coefficients):
    """Taylor's, for where the closed form loses digits."""
    total = np.zeros_like(x)
    for c in reversed(coefficients):
        total = total * x + c
    return total


HALF = math.log(2) / 2 * 1.001  # the reduced argument may be rounded past the middle

r = points(-HALF, HALF)
fit("EXP", "(e^r - 1 - r) / r²", r, series(r, [1 / math.factorial(k + 2) for k in range(20)]), r * r / np.expm1(r), range(5))

square = points(0, HALF * HALF)
coth = np.sqrt(square) / np.tanh(np.sqrt(square) / 2)
fit("COTH", "r coth(r/2) but for the constant term 2, in r²", square, coth - 2, 1 / coth, range(1, 3))

r = points(math.sqrt(0.5) - 1, math.sqrt(2) - 1)
cubic = series(r, [(-1) ** k / (k + 3) for k in range(120)])
fit("LN", "(ln(1 + r) - r + r²/2) / r³", r, cubic, r**3 / np.log1p(r), range(8))

square = points(0, 4 / 9)
s = np.sqrt(square)
artanh = series(square, [1 / ((2 * k + 3) * 4 ** (k + 1)) for k in range(40)])
fit("ARTANH", "(2 artanh(s/2) - s) / s³, in s²", square, artanh, s**3 / (2 * np.arctanh(s / 2)), range(4))

x = points(0, 3.96)
erf = np.array([math.erf(v) for v in x])
erfc = np.array([math.erfc(v) for v in x])
u = np.where(x < 0.5, -np.log1p(-erf), -np.log(erfc))
fit("ERF", "-ln(1 - erf x) - x", x, u - x, erfc / erf, range(1, 9))

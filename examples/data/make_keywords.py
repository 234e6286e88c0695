"""Writes keywords.i8 from the archive of spoken words: `python make_keywords.py espeak_keywords.npz`. It needs numpy."""

import pathlib
import sys

import numpy as np

data = np.load(sys.argv[1])
x, word, test = data["x_int8"], data["y"], data["test"]
assert x.shape == (800, 49, 10) and x.dtype == np.int8
# What the file need not say: the test set comes first, and the words follow one another in pairs.
assert (test == (np.arange(800) < 200)).all() and (word == np.arange(800) // 2 % 10).all()
x.tofile(pathlib.Path(__file__).with_name("keywords.i8"))

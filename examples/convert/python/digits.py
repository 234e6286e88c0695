"""The handwritten digits of examples/data, and where the models and the frameworks' own outputs go."""

from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent / "models"


def load():
    """Pixels from 0 to 1 and labels: training set, then test set, which is every fifth line."""
    table = np.loadtxt(HERE.parents[1] / "data" / "digits.csv", delimiter=",", dtype=np.float32)
    x, y = table[:, :64] / 16, table[:, 64].astype(np.int64)
    test = np.arange(len(x)) % 5 == 0
    return x[~test], y[~test], x[test], y[test]


def expect(name, outputs):
    """Writes a framework's own outputs for the test set, as little-endian float32."""
    np.asarray(outputs).astype("<f4").tofile(MODELS / f"{name}.expected")

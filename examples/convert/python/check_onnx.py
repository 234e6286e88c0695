"""Checks that ONNX files written by baregrad-convert give in onnxruntime what the models gave where they were made.

    python check_onnx.py DIRECTORY
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

import digits

x, failed = digits.load()[2], 0
paths = sorted(Path(sys.argv[1]).glob("*.onnx"))
assert paths, "no files to check"
for path in paths:
    onnx.checker.check_model(path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    shape = session.get_inputs()[0].shape[1:]
    samples = x.reshape(-1, *shape)
    if path.stem == "masked":
        samples = samples.copy()
        samples[:, 6:] = 0
    y = session.run(None, {"input": samples})[0]
    expected = np.fromfile(digits.MODELS / f"{path.stem}.expected", "<f4").reshape(y.shape)
    worst = np.abs(y - expected).max()
    print(f"{path.stem}: {len(y)} samples, largest difference {worst:.1e}")
    # As the examples have it.
    failed += not worst <= (1e-6 if len(shape) == 1 else 5e-6)
print(f"{len(paths) - failed} passed, {failed} failed")
sys.exit(failed > 0)

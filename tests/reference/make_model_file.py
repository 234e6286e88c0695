"""Writes xor.bgrd, a model file by the layout in the docs of `baregrad::file`, with Python's standard library only, and
xor_version_1.bgrd, the same in the layout before.

    python3 make_model_file.py
"""

import struct
import zlib
from pathlib import Path


def fingerprint(text):
    h = 0
    for byte in text.encode():
        h = (h * 1099511628211 + byte) % 2**64
    return h


def model_file(architecture, floats, version=2):
    payload = struct.pack(f"<{len(floats)}f", *floats)
    if version == 2:
        rows = [fingerprint(line) % 2**32 for line in architecture.splitlines(keepends=True)]
        payload = struct.pack(f"<{len(rows) + 1}I", *rows, 0) + payload
    head = struct.pack("<4sHHQQI", b"BGRD", version, 1, fingerprint(architecture), 0, len(payload))
    return head + struct.pack("<I", zlib.crc32(head + payload)) + payload


# chain![Dense<2, 2, Relu>, Dense<2, 1, Sigmoid>]: w, b, w, b
xor = "dense 2 2 relu\ndense 2 1 sigmoid\n", [1.0, 0.75, 1.0, 0.75, 0.0, -0.75, 2.0, -6.0, -0.5]
Path(__file__).with_name("xor.bgrd").write_bytes(model_file(*xor))
Path(__file__).with_name("xor_version_1.bgrd").write_bytes(model_file(*xor, version=1))

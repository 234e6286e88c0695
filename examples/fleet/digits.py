"""Digits, of which each node sees four. `python digits.py FOLDER` writes what boards have in flash."""

import sys
from pathlib import Path

import numpy as np

NODES = "1478", "0789", "0245", "3578", "1569", "1239", "2678", "0346"  # nearly every two digits meet
DIGITS = np.loadtxt(Path(__file__).parents[1] / "data/digits.csv", delimiter=",", dtype=np.uint8)
train, test = np.delete(DIGITS, np.s_[::5], axis=0), DIGITS[::5]  # 64 pixels from 0 to 16, and the digit


def shard(node):
    """The node's images. Those of a digit are dealt in turn to the nodes that see it."""
    owner = np.empty(len(train), int)
    for digit in range(10):
        places = np.flatnonzero(train[:, 64] == digit)
        owner[places] = np.resize([k for k, seen in enumerate(NODES) if str(digit) in seen], len(places))
    return train[owner == node]


if __name__ == "__main__":
    for node, images in enumerate(map(shard, range(len(NODES)))):
        Path(sys.argv[1], f"node-{node}").write_bytes(images[:, :64].tobytes() + images[:, 64].tobytes())

"""Trains the nets of two examples in Keras, and the examples themselves, and compares the accuracies on the test set.

    python examples/beside_keras.py [SEEDS]

It needs the packages of tests/reference/requirements.txt, any backend of Keras, and cargo. Both sides have the same data, split,
net, initialiser, loss, optimiser, batch size and number of epochs. Only the random numbers differ.
"""

import pathlib
import re
import subprocess
import sys
from statistics import mean, median

import keras
import numpy as np
from keras.layers import Conv1D, Conv2D, Dense, Dropout, Flatten, GlobalMaxPooling1D, MaxPooling2D, SpatialDropout1D

HERE = pathlib.Path(__file__).parent


def digits():
    """Every fifth line is for testing, as in data/digits.rs."""
    table = np.loadtxt(HERE / "data/digits.csv", delimiter=",", dtype=np.float32)
    x, y, test = table[:, :64].reshape(-1, 8, 8, 1) / 16, table[:, 64], np.arange(len(table)) % 5 == 0
    return x[~test], y[~test], x[test], y[test]


def windows():
    """Windows of 64 frames, one every 16, with the wearers 8 to 10 for testing, as in data/watch.rs."""
    series = np.loadtxt(HERE / "data/watch.csv", delimiter=",", dtype=int, skiprows=1)
    frames = np.fromfile(HERE / "data/watch.i8", np.int8).astype(np.float32).reshape(-1, 6) / 32
    sets, start = [[], [], [], []], 0
    for length, exercise, wearer in series:
        for at in range(start, start + length - 63, 16):
            sets[2 * (wearer > 7)].append(frames[at : at + 64])
            sets[2 * (wearer > 7) + 1].append(exercise)
        start += length
    return [np.array(part) for part in sets]


# By the name of the example: the data, the layers, the number of epochs.
NETS = {
    "digits_cnn": (
        digits,
        lambda: [
            keras.Input((8, 8, 1)),
            Conv2D(12, 3, padding="same", activation="relu"),
            MaxPooling2D(),
            Conv2D(16, 3, padding="same", activation="relu"),
            Flatten(),
            Dropout(0.3),
            Dense(10),
        ],
        30,
    ),
    "gesture": (
        windows,
        lambda: [
            keras.Input((64, 6)),
            Conv1D(24, 7, strides=2, padding="same", activation="relu"),
            SpatialDropout1D(0.2),
            Conv1D(32, 5, strides=2, padding="same", activation="relu"),
            GlobalMaxPooling1D(),
            Dropout(0.3),
            Dense(7),
        ],
        20,
    ),
}


def in_keras(data, layers, epochs, seed):
    x, y, test_x, test_y = data
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(layers())
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(), loss, metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    return 100 * model.evaluate(test_x, test_y, verbose=0)[1]


def here(name, seed):
    command = ["cargo", "run", "--quiet", "--release", "--example", name, str(seed)]
    output = subprocess.run(command, cwd=HERE.parent, check=True, capture_output=True, text=True).stdout
    return float(re.findall(r"test accuracy ([0-9.]+) %", output)[-1])


seeds = range(1, 1 + int(sys.argv[1] if len(sys.argv) > 1 else 5))
print(f"Keras {keras.version()} on {keras.backend.backend()}, seeds {list(seeds)}, accuracy on the test set in %")
for name, (load, layers, epochs) in NETS.items():
    data = load()
    for side, run in [("Keras", lambda seed: in_keras(data, layers, epochs, seed)), ("here", lambda seed: here(name, seed))]:
        found = [run(seed) for seed in seeds]
        each = " ".join(f"{accuracy:.1f}" for accuracy in found)
        print(f"{name:10} {side:5} median {median(found):.1f}, mean {mean(found):.1f}  ({each})", flush=True)

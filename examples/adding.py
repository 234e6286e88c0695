"""Trains the nets of the example `adding` in PyTorch, and the example itself, and compares the numbers of steps.

    python examples/adding.py [SEEDS]

It needs PyTorch and cargo. Both sides have the same task, net, loss, optimiser, learning rate and batch size, and stop at the
same error. The random numbers differ, and so do the first weights: each side has its own defaults.
"""

import pathlib
import re
import subprocess
import sys
from statistics import median

import torch
from torch import nn

HERE = pathlib.Path(__file__).parent
STEPS, BATCH, HIDDEN, RATE, LIMIT = 50, 32, 16, 0.02, 2000


def sequences(count):
    """Random numbers, of which one in each half is marked, and the sums of these two, as in adding.rs."""
    numbers, marks = torch.rand(count, STEPS), torch.zeros(count, STEPS)
    for first in (0, STEPS // 2):
        marks[torch.arange(count), torch.randint(first, first + STEPS // 2, (count,))] = 1
    return torch.stack([numbers, marks], 2), (numbers * marks).sum(1, keepdim=True)


def in_pytorch(layer, seed):
    torch.manual_seed(seed)
    x, y = sequences(1000)
    recurrent, dense = layer(2, HIDDEN, batch_first=True), nn.Linear(HIDDEN, 1)
    net = lambda x: dense(recurrent(x)[0][:, -1])
    optimiser = torch.optim.Adam([*recurrent.parameters(), *dense.parameters()], RATE)
    for step in range(1, LIMIT + 1):
        inputs, sums = sequences(BATCH)
        optimiser.zero_grad()
        nn.functional.mse_loss(net(inputs), sums).backward()
        optimiser.step()
        if step % 50 == 0:
            with torch.no_grad():
                if nn.functional.mse_loss(net(x), y) < 0.01:
                    return step
    return LIMIT


def here(seed):
    """The errors and steps of all nets by their names."""
    command = ["cargo", "run", "--quiet", "--release", "--example", "adding", str(seed)]
    output = subprocess.run(command, cwd=HERE.parent, check=True, capture_output=True, text=True).stdout
    lines = re.findall(r"^(.*): mean squared error ([0-9.]+) after ([0-9]+) steps", output, re.M)
    return {name: (float(error), int(steps)) for name, error, steps in lines}


torch.set_num_threads(1)
seeds = range(1, 1 + int(sys.argv[1] if len(sys.argv) > 1 else 5))
print(f"PyTorch {torch.__version__}, seeds {list(seeds)}, steps until the mean squared error is below 0.01")
found = [here(seed) for seed in seeds]
for name, layer in [("GRU", nn.GRU), ("LSTM", nn.LSTM)]:
    for side, steps in [("PyTorch", [in_pytorch(layer, seed) for seed in seeds]), ("here", [run[name][1] for run in found])]:
        each = " ".join(map(str, steps))
        print(f"{name:5} {side:8} median {median(steps):.0f}, most {max(steps)}  ({each})", flush=True)
print("readout only: mean squared errors", *(run["readout only"][0] for run in found))

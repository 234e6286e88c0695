#!/usr/bin/env python3
"""PyTorch, JAX and Keras on the rows of the table, with the same numbers as `src/main.rs`.

    taskset -c 1 python peers.py [FILE]

writes `target/python.json`, or FILE: for each library and row the median time of a call, and what it computed, which
the Rust program compares with the others. A library that is not installed is left out.

All on one thread, for which XLA must see but one core. Times are the process' own, without what other programs take
of that core: calls are too long for the median to be free of it. Training uses Adam with epsilon 1e-7. `JAX in jit`
has the loop itself inside of a compiled function, which a program can only do if it leaves all of its work to JAX.
"""

import os

os.environ |= {
    "CUDA_VISIBLE_DEVICES": "",
    "JAX_PLATFORMS": "cpu",
    "KERAS_BACKEND": os.environ.get("KERAS_BACKEND", "jax"),
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}

import importlib.util
import json
import pathlib
import statistics
import sys
import time

import numpy as np

ROUNDS = 51
TURN = 1e-3  # seconds, or one call
STEPS = 10  # whose losses are compared
BATCH = 32
EPOCHS = 1000
FEW = 20  # epochs, where one alone would be mostly overhead


# --- the numbers of src/rows.rs -------------------------------------------------------------------------------------


def numbers(seed, *shape):
    state, values = seed, []
    for _ in range(int(np.prod(shape))):
        state = (state * 1_664_525 + 1_013_904_223) % 2**32
        values.append((state >> 8) / 8_388_608 - 1)
    return np.array(values, np.float32).reshape(shape)


def trained(seed, i, o):
    return numbers(seed, i, o) * (np.float32(2) / np.sqrt(np.float32(i))), numbers(seed + 1, o)


def untrained(seed, i, o):
    return numbers(seed, i, o) * np.sqrt(np.float32(6 / (i + o))), np.zeros(o, np.float32)


def array(values):
    return np.array(values, np.float32)


MATMUL = {f"M{n}": (numbers(1, n, n), numbers(2, n, n)) for n in (8, 16, 32, 64, 128)}

# Input, layers, activations.
PIXELS = numbers(7, BATCH, 784)
NET = [trained(1, 784, 128), trained(3, 128, 10)]
INFERENCE = {
    "V64": (numbers(7, 1, 64), [trained(1, 64, 64)], ["linear"]),
    "I1": (array([[0.3, -0.7]]), [trained(1, 2, 2), trained(3, 2, 1)], ["relu", "sigmoid"]),
    "I2": (
        numbers(7, 1, 16),
        [trained(1, 16, 64), trained(3, 64, 64), trained(5, 64, 8)],
        ["tanh", "tanh", "linear"],
    ),
    "I3": (PIXELS[:1], NET, ["relu", "softmax"]),
    "I3B": (PIXELS, NET, ["relu", "softmax"]),
}

# Input, targets, layers, activation of the first, loss.
CLASSES = np.arange(BATCH, dtype=np.int32) % 10
XOR = (
    array([[0, 0], [0, 1], [1, 0], [1, 1]]),
    array([[0], [1], [1], [0]]),
    [(array([[0.9, -0.4], [0.8, 0.7]]), array([0.1, -0.1])), (array([[-0.9], [1.1]]), array([0.1]))],
    "relu",
    "binary",
)
TRAINING = {
    "T2": (numbers(7, BATCH, 64), CLASSES, [untrained(1, 64, 32), untrained(3, 32, 10)], "relu", "classes"),
    "T3": (PIXELS, CLASSES, [untrained(1, 784, 128), untrained(3, 128, 10)], "relu", "classes"),
    "T4": (numbers(7, 1, 16), numbers(8, 1, 4), [untrained(1, 16, 32), untrained(3, 32, 4)], "tanh", "squares"),
}


# --- timing ---------------------------------------------------------------------------------------------------------


class Run:
    """What was computed, and `turn(calls)`, which gives the seconds that so many calls take. A call is `parts` of a
    row's workload."""

    def __init__(self, result, turn, parts=1.0):
        self.result = np.asarray(result, np.float32).reshape(-1).tolist()
        self.turn = turn
        self.parts = parts


def repeated(call):
    """A call that does the same each time."""

    def turn(calls):
        start = time.process_time()
        for _ in range(calls):
            call()
        return time.process_time() - start

    return Run(call(), turn)


def training(start):
    """`start` gives a function that takes a step and gives its loss; the first call in a turn is not timed."""

    def turn(calls):
        step = start()
        step()
        begin = time.process_time()
        for _ in range(calls):
            step()
        return time.process_time() - begin

    step = start()
    return Run([step() for _ in range(STEPS)], turn)


def fitting(start):
    """`start` gives a function that trains for an epoch and gives its loss. An epoch is timed, and its time scaled."""
    epoch = start()
    for _ in range(EPOCHS):
        loss = epoch()
    return Run([loss], training(start).turn, EPOCHS)


def median_times(runs):
    """Nanoseconds, one run in turn with the others."""
    calls, times = [], [[] for _ in runs]
    for run in runs:
        count = 1
        # The shortest of some tries counts: others may have been interrupted.
        while (seconds := min(run.turn(count) for _ in range(3))) < TURN / 2:
            count *= 2
        calls.append(max(1, round(count * TURN / seconds)))
    for _ in range(ROUNDS):
        for run, count, mine in zip(runs, calls, times):
            mine.append(run.turn(count) / count * run.parts * 1e9)
    return [statistics.median(mine) for mine in times]


# --- the libraries --------------------------------------------------------------------------------------------------


class PyTorch:
    def __init__(self):
        import torch

        torch.set_num_threads(1)
        self.torch = torch
        self.column = f"PyTorch {torch.__version__.split('+')[0]}"

    def matmul(self, a, b):
        torch = self.torch
        a, b = torch.from_numpy(a), torch.from_numpy(b)
        c = torch.empty_like(a)

        @torch.inference_mode()
        def call():
            return torch.matmul(a, b, out=c)

        return repeated(call)

    def net(self, layers, activations):
        nn = self.torch.nn
        made = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "softmax": lambda: nn.Softmax(-1)}
        parts = []
        for (w, b), activation in zip(layers, activations):
            linear = nn.Linear(*w.shape)
            with self.torch.no_grad():
                linear.weight.copy_(self.torch.from_numpy(w.T.copy()))
                linear.bias.copy_(self.torch.from_numpy(b))
            parts += [linear] + ([] if activation == "linear" else [made[activation]()])
        return nn.Sequential(*parts)

    def inference(self, x, layers, activations):
        net, x = self.net(layers, activations).eval(), self.torch.from_numpy(x)

        @self.torch.inference_mode()
        def call():
            return net(x)

        return repeated(call)

    def stepper(self, layers, activation, loss):
        torch, nn = self.torch, self.torch.nn
        net = self.net(layers, [activation, "linear"])
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, eps=1e-7)
        criterion = {"classes": nn.CrossEntropyLoss, "squares": nn.MSELoss, "binary": nn.BCEWithLogitsLoss}[loss]()

        def step(x, t):
            optimizer.zero_grad()
            value = criterion(net(x), t)
            value.backward()
            optimizer.step()
            return value.item()

        return step

    def tensors(self, x, t):
        t = t.astype(np.int64) if t.dtype == np.int32 else t
        return self.torch.from_numpy(x), self.torch.from_numpy(t)

    def training(self, x, t, layers, activation, loss):
        x, t = self.tensors(x, t)

        def start():
            step = self.stepper(layers, activation, loss)
            return lambda: step(x, t)

        return training(start)

    def xor(self, x, t, layers, activation, loss):
        x, t = self.tensors(x, t)

        def start():
            step = self.stepper(layers, activation, loss)
            return lambda: statistics.mean([step(x[i : i + 1], t[i : i + 1]) for i in range(4)])

        return fitting(start)


class Jax:
    def __init__(self):
        import jax

        self.jax, self.jnp = jax, jax.numpy
        self.column = f"JAX {jax.__version__}"

    def forward(self, activations):
        jax = self.jax
        functions = {
            "linear": lambda z: z,
            "relu": jax.nn.relu,
            "tanh": self.jnp.tanh,
            "sigmoid": jax.nn.sigmoid,
            "softmax": jax.nn.softmax,
        }

        def forward(layers, x):
            for (w, b), activation in zip(layers, activations):
                x = functions[activation](x @ w + b)
            return x

        return forward

    def step(self, activation, loss):
        """Keras' Adam: state, x, t -> state, loss."""
        jax, jnp, tree = self.jax, self.jnp, self.jax.tree.map
        forward = self.forward([activation, "linear"])
        losses = {
            "classes": lambda z, t: -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), t[:, None], 1)),
            "squares": lambda y, t: jnp.mean((y - t) ** 2),
            "binary": lambda z, t: jnp.mean(jax.nn.softplus(z) - t * z),
        }
        value_and_grad = jax.value_and_grad(lambda layers, x, t: losses[loss](forward(layers, x), t))

        def step(state, x, t):
            layers, m, v, count = state
            value, g = value_and_grad(layers, x, t)
            count += 1
            rate = 1e-3 * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
            m = tree(lambda m, g: m + (g - m) * 0.1, m, g)
            v = tree(lambda v, g: v + (g * g - v) * 0.001, v, g)
            layers = tree(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), layers, m, v)
            return (layers, m, v, count), value

        return step

    def state(self, layers):
        layers = self.jax.tree.map(self.jnp.asarray, layers)
        zeros = self.jax.tree.map(self.jnp.zeros_like, layers)
        return layers, zeros, zeros, self.jnp.float32(0)

    def matmul(self, a, b):
        a, b, product = self.jnp.asarray(a), self.jnp.asarray(b), self.jax.jit(self.jnp.matmul)
        return repeated(lambda: product(a, b).block_until_ready())

    def inference(self, x, layers, activations):
        x, layers = self.jnp.asarray(x), self.state(layers)[0]
        forward = self.jax.jit(self.forward(activations))
        return repeated(lambda: forward(layers, x).block_until_ready())

    def training(self, x, t, layers, activation, loss):
        x, t, step = self.jnp.asarray(x), self.jnp.asarray(t), self.jax.jit(self.step(activation, loss))

        def start():
            state = self.state(layers)

            def one():
                nonlocal state
                state, value = step(state, x, t)
                return float(value)

            return one

        return training(start)

    def xor(self, x, t, layers, activation, loss):
        step = self.jax.jit(self.step(activation, loss))
        samples = [(self.jnp.asarray(x[i : i + 1]), self.jnp.asarray(t[i : i + 1])) for i in range(4)]

        def start():
            state = self.state(layers)

            def epoch():
                nonlocal state
                losses = []
                for sample in samples:
                    state, value = step(state, *sample)
                    losses.append(float(value))
                return statistics.mean(losses)

            return epoch

        return fitting(start)


class JaxInJit(Jax):
    def __init__(self):
        super().__init__()
        self.column += " in jit"

    def loop(self, result, body, start):
        """`body(state) -> state`, as often as asked in one call."""
        run = self.jax.jit(lambda calls, state: self.jax.lax.fori_loop(0, calls, lambda _, state: body(state), state))
        self.jax.block_until_ready(run(1, start))

        def turn(calls):
            begin = time.process_time()
            self.jax.block_until_ready(run(calls, start))
            return time.process_time() - begin

        return Run(result, turn)

    def matmul(self, a, b):
        # Each product is a factor of the next; an orthogonal matrix keeps it finite.
        q = self.jnp.asarray(np.linalg.qr(b)[0])
        return self.loop(super().matmul(a, b).result, lambda c: c @ q, self.jnp.asarray(a))

    def inference(self, x, layers, activations):
        result = super().inference(x, layers, activations).result
        forward, layers, x = self.forward(activations), self.state(layers)[0], self.jnp.asarray(x)
        # Each input depends on the output before it, if ever so little.
        return self.loop(result, lambda s: (s[0], forward(s[0], x + 1e-30 * s[1][0, 0])), (layers, forward(layers, x)))

    def training(self, x, t, layers, activation, loss):
        result = super().training(x, t, layers, activation, loss).result
        step, x, t = self.step(activation, loss), self.jnp.asarray(x), self.jnp.asarray(t)
        return self.loop(result, lambda s: step(s[0], x, t), (self.state(layers), self.jnp.float32(0)))

    def xor(self, x, t, layers, activation, loss):
        step, x, t = self.step(activation, loss), self.jnp.asarray(x)[:, None], self.jnp.asarray(t)[:, None]
        scan = self.jax.lax.scan

        @self.jax.jit
        def epochs(state):
            def epoch(state, _):
                state, losses = scan(lambda state, sample: step(state, *sample), state, (x, t))
                return state, self.jnp.mean(losses)

            return scan(epoch, state, None, EPOCHS)

        return repeated(lambda: float(epochs(self.state(layers))[1][-1]))


class Keras:
    def __init__(self):
        import keras

        self.keras = keras
        self.column = f"Keras {keras.__version__} on {keras.backend.backend()}"

    def net(self, layers, activations):
        keras = self.keras
        dense = [keras.layers.Dense(w.shape[1], activation=a) for (w, _), a in zip(layers, activations)]
        net = keras.Sequential([keras.Input((layers[0][0].shape[0],)), *dense])
        net.set_weights([part for layer in layers for part in layer])
        return net

    def matmul(self, a, b):
        return None

    def inference(self, x, layers, activations):
        net = self.net(layers, activations)
        return repeated(lambda: net.predict_on_batch(x))

    def compiled(self, layers, activation, loss):
        losses = self.keras.losses
        net = self.net(layers, [activation, "sigmoid" if loss == "binary" else "linear"])
        made = {
            "classes": lambda: losses.SparseCategoricalCrossentropy(from_logits=True),
            "squares": losses.MeanSquaredError,
            "binary": losses.BinaryCrossentropy,
        }
        net.compile(loss=made[loss](), optimizer="adam")
        return net

    def training(self, x, t, layers, activation, loss):
        net = self.compiled(layers, activation, loss)

        def step():
            # The loss that Keras gives is the mean since the last reset.
            net.reset_metrics()
            return float(net.train_on_batch(x, t))

        return training(lambda: step)

    def xor(self, x, t, layers, activation, loss):
        net = self.compiled(layers, activation, loss)

        def fit(epochs):
            return net.fit(x, t, epochs=epochs, batch_size=1, shuffle=False, verbose=0).history["loss"][-1]

        def turn(calls):
            start = time.process_time()
            fit(FEW * calls)
            return time.process_time() - start

        return Run([fit(EPOCHS)], turn, EPOCHS / FEW)


LIBRARIES = {PyTorch: "torch", Jax: "jax", JaxInJit: "jax", Keras: "keras"}


def main():
    if len(os.sched_getaffinity(0)) > 1:
        sys.exit("Run it on one core: taskset -c 1 python peers.py")
    default = pathlib.Path(__file__).parent / "target" / "python.json"
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    libraries = [library() for library, module in LIBRARIES.items() if importlib.util.find_spec(module)]
    columns = {library.column: {} for library in libraries}

    def row(name, method, data):
        runs = {library.column: getattr(library, method)(*data) for library in libraries}
        runs = {column: run for column, run in runs.items() if run}
        for (column, run), ns in zip(runs.items(), median_times(list(runs.values()))):
            columns[column][name] = {"ns": ns, "result": run.result}
            print(f"{name:5} {column:20} {ns:15.1f} ns", flush=True)

    for name, data in MATMUL.items():
        row(name, "matmul", data)
    for name, data in INFERENCE.items():
        row(name, "inference", data)
    row("T1", "xor", XOR)
    for name, data in TRAINING.items():
        row(name, "training", data)

    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(columns))


if __name__ == "__main__":
    main()

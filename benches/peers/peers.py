#!/usr/bin/env python3
"""A Python library on the rows of the table, with the same numbers as `src/rows.rs`.

    python peers.py torch | jax | jit | keras | litert | onnxruntime

answers the questions of `src/children.rs`. All on one thread, for which XLA must see but one core. Times are the
process' own, without what other programs take of that core. Training uses Adam with epsilon 1e-7. `jit` is JAX with the
loop itself inside of a compiled function, which a program can only do if it leaves all of its work to JAX.
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

import statistics
import sys
import time

import numpy as np

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
    "I3b2": (PIXELS[:2], NET, ["relu", "softmax"]),
    "I3b3": (PIXELS[:3], NET, ["relu", "softmax"]),
    "I3B": (PIXELS, NET, ["relu", "softmax"]),
}

# Nets of layers: kind, shape of the weights, stride, activation. "sum" has two branches, which are added before a relu.


def drawn(net, seed=1):
    """The net with weights and biases, and the seed of the next layer."""
    made = []
    for kind, *parts in net:
        if kind == "sum":
            for i, branch in enumerate(parts):
                parts[i], seed = drawn(branch, seed)
        elif kind != "average":
            w = numbers(seed, *parts[0])
            b = numbers(seed + 1, parts[0][-1])
            parts[:1] = w * (np.float32(2) / np.sqrt(np.float32(w.size / b.size))), b
            seed += 2
        made.append((kind, *parts))
    return made, seed


def conv(*shape, stride=1, activation="relu"):
    return "conv", shape, stride, activation


def filtering(*shape, activation="relu"):
    return "filter", shape, 1, activation


def halving(i, o):
    first = [conv(3, 3, i, o, stride=2), conv(3, 3, o, o, activation="linear")]
    return "sum", first, [conv(1, 1, i, o, stride=2, activation="linear")]


BLOCK = [filtering(3, 3, 64), conv(1, 1, 64, 64)]
RESIDUAL = [conv(3, 3, 16, 16), conv(3, 3, 16, 16, activation="linear")]
NETS = {
    "C2": ((16, 16, 8), [conv(3, 3, 8, 16)]),
    "C3": ((25, 5, 64), [filtering(3, 3, 64, activation="linear")]),
    "C4": ((25, 5, 64), [conv(1, 1, 64, 64, activation="linear")]),
    "N1": ((49, 10, 1), [conv(10, 4, 1, 64, stride=2), *4 * BLOCK, ("average",), ("dense", (64, 12), 1, "softmax")]),
    "N2": (
        (32, 32, 3),
        [
            conv(3, 3, 3, 16),
            ("sum", RESIDUAL, []),
            halving(16, 32),
            halving(32, 64),
            ("average",),
            ("dense", (64, 10), 1, "softmax"),
        ],
    ),
}
NETS = {name: (numbers(7, 1, *shape), drawn(net)[0]) for name, (shape, net) in NETS.items()}



# Nets of a recurrent layer of 32 numbers, whose weights and biases are in Keras' order, and a dense layer.


def small(seed, *shape):
    return numbers(seed, *shape) / np.sqrt(np.float32(32))


def recurrent(kind, inputs, outputs):
    gates, biases = {"LSTM": (4, 1), "GRU": (3, 2)}[kind]
    # Drawn as [gate][in][out].
    w, u = (small(seed, gates, i, 32).transpose(1, 0, 2).reshape(i, -1) for seed, i in ((1, inputs), (2, 32)))
    return [(w, u, small(3, biases, gates * 32)), (small(4, 32, outputs), small(5, outputs))]


STREAM = numbers(7, 64, 1)
SEQUENCES = numbers(7, BATCH, 64, 6)
SIX = np.arange(BATCH, dtype=np.int32) % 6

# Input, targets, layers, activation of the first, loss.
CLASSES = np.arange(BATCH, dtype=np.int32) % 10
XOR = (
    array([[0, 0], [0, 1], [1, 0], [1, 1]]),
    array([[0], [1], [1], [0]]),
    [(array([[0.9, -0.4], [0.8, 0.7]]), array([0.1, -0.1])), (array([[-0.9], [1.1]]), array([0.1]))],
    "relu",
    "binary",
)
SAMPLES = numbers(7, BATCH, 64)
SMALL = [untrained(1, 64, 32), untrained(3, 32, 10)]
TRAINING = {
    "T2": (SAMPLES, CLASSES, SMALL, "relu", "classes"),
    "T2b1": (SAMPLES[:1], CLASSES[:1], SMALL, "relu", "classes"),
    "T3": (PIXELS, CLASSES, [untrained(1, 784, 128), untrained(3, 128, 10)], "relu", "classes"),
    "T4": (numbers(7, 1, 16), numbers(8, 1, 4), [untrained(1, 16, 32), untrained(3, 32, 4)], "tanh", "squares"),
}

# A library's method, and what it is given.
ROWS = {
    **{name: ("matmul", data) for name, data in MATMUL.items()},
    **{name: ("inference", data) for name, data in INFERENCE.items()},
    **{name: ("image", data) for name, data in NETS.items()},
    "R1": ("stream", ("LSTM", STREAM, recurrent("LSTM", 1, 1))),
    "R2": ("stream", ("GRU", STREAM, recurrent("GRU", 1, 1))),
    "R3": ("sequences", ("GRU", SEQUENCES, SIX, recurrent("GRU", 6, 6))),
    "R3b1": ("sequences", ("GRU", SEQUENCES[:1], SIX[:1], recurrent("GRU", 6, 6))),
    "R4": ("sequences", ("LSTM", SEQUENCES, SIX, recurrent("LSTM", 6, 6))),
    "R4b1": ("sequences", ("LSTM", SEQUENCES[:1], SIX[:1], recurrent("LSTM", 6, 6))),
    "T1": ("xor", XOR),
    **{name: ("training", data) for name, data in TRAINING.items()},
}


# --- timing ---------------------------------------------------------------------------------------------------------


class Run:
    """What was computed, and `turn(calls)`, which gives the seconds that so many calls take. A call is `parts` of a
    row's workload."""

    def __init__(self, result, turn, parts=1.0):
        self.result = np.asarray(result, np.float32).reshape(-1).tolist()
        self.turn = turn
        self.parts = parts


def repeated(call, read=lambda output: output):
    """A call that does the same each time."""

    def turn(calls):
        start = time.process_time()
        for _ in range(calls):
            call()
        return time.process_time() - start

    return Run(read(call()), turn)


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

    def recurrent(self, kind, layers):
        """A layer of the library, whose gates are in its order, and the dense layer."""
        torch, nn = self.torch, self.torch.nn
        (w, u, b), last = layers
        layer = getattr(nn, kind)(*w.shape[:1], 32, batch_first=True)
        with torch.no_grad():
            # An LSTM has one bias too many.
            weights = w, u, b[:1], b[1:] if kind == "GRU" else 0 * b
            for parameter, weight in zip(layer.parameters(), weights):
                rows = np.stack(np.split(weight, 3 if kind == "GRU" else 4, axis=1))
                rows = rows[[1, 0, 2]] if kind == "GRU" else rows
                rows = rows.transpose(0, 2, 1).reshape(parameter.shape)
                parameter.copy_(torch.from_numpy(rows.copy()))
        layer.bias_hh_l0.requires_grad_(kind == "GRU")
        return layer, self.net([last], ["linear"])

    def stream(self, kind, x, layers):
        torch = self.torch
        layer, last = self.recurrent(kind, layers)
        x = torch.from_numpy(x)[:, None, None]
        state = None

        @torch.inference_mode()
        def call(x=x[-1]):
            nonlocal state
            y, state = layer(x, state)
            return last(y[:, -1])

        for step in x[:-1]:
            call(step)
        return repeated(call)

    def stepper(self, net, parameters, loss):
        torch, nn = self.torch, self.torch.nn
        optimizer = torch.optim.Adam(parameters, lr=1e-3, eps=1e-7)
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
            net = self.net(layers, [activation, "linear"])
            step = self.stepper(net, net.parameters(), loss)
            return lambda: step(x, t)

        return training(start)

    def sequences(self, kind, x, t, layers):
        x, t = self.tensors(x, t)

        def start():
            layer, last = self.recurrent(kind, layers)
            net = lambda x: last(layer(x)[0][:, -1])
            step = self.stepper(net, [*layer.parameters(), *last.parameters()], "classes")
            return lambda: step(x, t)

        return training(start)

    def xor(self, x, t, layers, activation, loss):
        x, t = self.tensors(x, t)

        def start():
            net = self.net(layers, [activation, "linear"])
            step = self.stepper(net, net.parameters(), loss)
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

    def cell(self, kind, layer, states, product):
        """A step from the product of its input: the states after it. The first is the output."""
        jnp, sigmoid = self.jnp, self.jax.nn.sigmoid
        _, u, b = layer
        if kind == "LSTM":
            h, c = states
            i, f, g, o = jnp.split(product + h @ u, 4, -1)
            c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
            return sigmoid(o) * jnp.tanh(c), c
        (h,) = states
        (z, r, n), (hz, hr, hn) = jnp.split(product, 3, -1), jnp.split(h @ u + b[1], 3, -1)
        z, r = sigmoid(z + hz), sigmoid(r + hr)
        return (z * h + (1 - z) * jnp.tanh(n + r * hn),)

    def states(self, kind, *shape):
        return (self.jnp.zeros((*shape, 32)),) * (2 if kind == "LSTM" else 1)

    def last(self, kind):
        """A net of the last state. The products of all inputs are one."""

        def forward(layers, x):
            (w, u, b), (v, c) = layers
            products = self.jnp.swapaxes(x @ w + b[0], 0, 1)
            step = lambda states, product: (self.cell(kind, layers[0], states, product), None)
            return self.jax.lax.scan(step, self.states(kind, len(x)), products)[0][0] @ v + c

        return forward

    def push(self, kind, layers, states, x):
        """A step of a stream."""
        (w, u, b), (v, c) = layers
        states = self.cell(kind, layers[0], states, x @ w + b[0])
        return states, states[0] @ v + c

    def step(self, forward, loss):
        """Keras' Adam: state, x, t -> state, loss."""
        jax, jnp, tree = self.jax, self.jnp, self.jax.tree.map
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

    def stream(self, kind, x, layers):
        layers, x, states = self.state(layers)[0], self.jnp.asarray(x), self.states(kind)
        push = self.jax.jit(lambda states, x: self.push(kind, layers, states, x))

        def call(x=x[-1]):
            nonlocal states
            states, y = push(states, x)
            return y.block_until_ready()

        for step in x[:-1]:
            call(step)
        return repeated(call)

    def training(self, x, t, layers, activation, loss):
        return self.steps(x, t, layers, self.forward([activation, "linear"]), loss)

    def sequences(self, kind, x, t, layers):
        return self.steps(x, t, layers, self.last(kind), "classes")

    def steps(self, x, t, layers, forward, loss):
        x, t, step = self.jnp.asarray(x), self.jnp.asarray(t), self.jax.jit(self.step(forward, loss))

        def start():
            state = self.state(layers)

            def one():
                nonlocal state
                state, value = step(state, x, t)
                return float(value)

            return one

        return training(start)

    def xor(self, x, t, layers, activation, loss):
        step = self.jax.jit(self.step(self.forward([activation, "linear"]), loss))
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
        """`body(state) -> state`, always so often that the way from Python does not count."""
        run = self.jax.jit(lambda calls, state: self.jax.lax.fori_loop(0, calls, lambda _, state: body(state), state))

        def turn(calls):
            count = max(calls, least)
            begin = time.process_time()
            self.jax.block_until_ready(run(count, start))
            return (time.process_time() - begin) * calls / count

        least = 1
        turn(1)
        while turn(least) < 5e-3:
            least *= 2
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

    def stream(self, kind, x, layers):
        result = super().stream(kind, x, layers).result
        layers, x = self.state(layers)[0], self.jnp.asarray(x[-1])
        body = lambda s: (s[0], *self.push(kind, s[0], s[1], x + 1e-30 * s[2]))
        return self.loop(result, body, (layers, self.states(kind), self.jnp.zeros(1)))

    def steps(self, x, t, layers, forward, loss):
        result = super().steps(x, t, layers, forward, loss).result
        step, x, t = self.step(forward, loss), self.jnp.asarray(x), self.jnp.asarray(t)
        return self.loop(result, lambda s: step(s[0], x, t), (self.state(layers), self.jnp.float32(0)))

    def xor(self, x, t, layers, activation, loss):
        step = self.step(self.forward([activation, "linear"]), loss)
        x, t = self.jnp.asarray(x)[:, None], self.jnp.asarray(t)[:, None]
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

    def inference(self, x, layers, activations):
        net = self.net(layers, activations)
        return repeated(lambda: net.predict_on_batch(x))

    def compiled(self, net, loss):
        losses = self.keras.losses
        made = {
            "classes": lambda: losses.SparseCategoricalCrossentropy(from_logits=True),
            "squares": losses.MeanSquaredError,
            "binary": losses.BinaryCrossentropy,
        }
        net.compile(loss=made[loss](), optimizer="adam")
        return net

    def training(self, x, t, layers, activation, loss):
        return self.steps(self.compiled(self.net(layers, [activation, "linear"]), loss), x, t)

    def sequences(self, kind, x, t, layers):
        made = self.keras.layers
        (w, u, b), last = layers
        net = self.keras.Sequential([self.keras.Input(x.shape[1:]), getattr(made, kind)(32), made.Dense(6)])
        net.set_weights([w, u, b if kind == "GRU" else b[0], *last])
        return self.steps(self.compiled(net, "classes"), x, t)

    def steps(self, net, x, t):
        def step():
            # The loss that Keras gives is the mean since the last reset.
            net.reset_metrics()
            return float(net.train_on_batch(x, t))

        return training(lambda: step)

    def xor(self, x, t, layers, activation, loss):
        net = self.compiled(self.net(layers, [activation, "sigmoid"]), loss)

        def fit(epochs):
            return net.fit(x, t, epochs=epochs, batch_size=1, shuffle=False, verbose=0).history["loss"][-1]

        def turn(calls):
            start = time.process_time()
            fit(FEW * calls)
            return time.process_time() - start

        return Run([fit(EPOCHS)], turn, EPOCHS / FEW)


def denses(layers, activations):
    """A net of dense layers."""
    return [("dense", w, b, 1, activation) for (w, b), activation in zip(layers, activations)]


def after(shape, w, stride):
    """The shape after a layer; padding is the same all around, or as near to it as it can be."""
    return [shape[0], *(-(-length // stride) for length in shape[1:-1]), w.shape[-1]]


class LiteRt:
    """With XNNPACK, which it uses by itself."""

    def __init__(self):
        import importlib.metadata

        from ai_edge_litert import interpreter

        self.interpreter = interpreter
        self.column = f"LiteRT {importlib.metadata.version('ai-edge-litert')}"

    def inference(self, x, layers, activations):
        return self.image(x, denses(layers, activations))

    def image(self, x, layers):
        net = self.interpreter.Interpreter(model_content=tflite(x.shape, layers), num_threads=1)
        net.allocate_tensors()
        net.set_tensor(net.get_input_details()[0]["index"], x)
        return repeated(net.invoke, lambda _: net.get_tensor(net.get_output_details()[0]["index"]))


def tflite(shape, layers):
    """A model as a `.tflite` file."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as tfl

    codes = {
        "dense": tfl.BuiltinOperator.FULLY_CONNECTED,
        "conv": tfl.BuiltinOperator.CONV_2D,
        "filter": tfl.BuiltinOperator.DEPTHWISE_CONV_2D,
        "sum": tfl.BuiltinOperator.ADD,
        "average": tfl.BuiltinOperator.MEAN,
        "relu": tfl.BuiltinOperator.RELU,
        "tanh": tfl.BuiltinOperator.TANH,
        "sigmoid": tfl.BuiltinOperator.LOGISTIC,
        "softmax": tfl.BuiltinOperator.SOFTMAX,
    }
    # The options of layers, and their weights in its order.
    kinds = {
        "dense": ("FullyConnectedOptions", lambda w: w.T),
        "conv": ("Conv2DOptions", lambda w: w.transpose(3, 0, 1, 2)),
        "filter": ("DepthwiseConv2DOptions", lambda w: w[None]),
    }
    graph, model = tfl.SubGraphT(), tfl.ModelT()
    graph.tensors, graph.operators, model.buffers = [], [], [tfl.BufferT()]

    def tensor(shape, data=None):
        new = tfl.TensorT()
        new.name, new.shape, new.type, new.buffer = f"t{len(graph.tensors)}", list(shape), tfl.TensorType.FLOAT32, 0
        if data is not None:
            if data.dtype == np.int32:
                new.type = tfl.TensorType.INT32
            buffer = tfl.BufferT()
            buffer.data = np.frombuffer(np.ascontiguousarray(data).tobytes(), np.uint8)
            new.buffer = len(model.buffers)
            model.buffers.append(buffer)
        graph.tensors.append(new)
        return len(graph.tensors) - 1

    def operator(name, inputs, shape, kind=None, **values):
        new = tfl.OperatorT()
        new.opcodeIndex, new.inputs, new.outputs = list(codes).index(name), inputs, [tensor(shape)]
        if kind:
            new.builtinOptionsType, new.builtinOptions = getattr(tfl.BuiltinOptions, kind), getattr(tfl, kind + "T")()
            for field, value in values.items():
                setattr(new.builtinOptions, field, value)
        graph.operators.append(new)
        return new.outputs[0]

    def append(layers, last, shape):
        for kind, *parts in layers:
            if kind == "sum":
                (a, after_a), (b, _) = (append(branch, last, shape) for branch in parts)
                shape = after_a
                last = operator(kind, [a, b], shape, "AddOptions", fusedActivationFunction=relu)
            elif kind == "average":
                shape = [shape[0], shape[-1]]
                last = operator(kind, [last, tensor([2], np.array([1, 2], np.int32))], shape, "ReducerOptions")
            else:
                w, b, stride, activation = parts
                shape = after(shape, w, stride)
                options, turned = kinds[kind]
                values = {"fusedActivationFunction": relu} if activation == "relu" else {}
                if kind != "dense":
                    values |= {"strideH": stride, "strideW": stride, "padding": tfl.Padding.SAME}
                    values |= {"dilationHFactor": 1, "dilationWFactor": 1}
                if kind == "filter":
                    values["depthMultiplier"] = 1
                w = turned(w)
                last = operator(kind, [last, tensor(w.shape, w), tensor(b.shape, b)], shape, options, **values)
                if activation == "softmax":
                    last = operator(activation, [last], shape, "SoftmaxOptions", beta=1.0)
                elif activation in ("tanh", "sigmoid"):
                    last = operator(activation, [last], shape)
        return last, shape

    relu = tfl.ActivationFunctionType.RELU
    graph.inputs = [tensor(shape)]
    graph.outputs = [append(layers, graph.inputs[0], list(shape))[0]]

    model.version, model.subgraphs, model.operatorCodes = 3, [graph], []
    for code in codes.values():
        new = tfl.OperatorCodeT()
        new.builtinCode = new.deprecatedBuiltinCode = code
        new.version = 1
        model.operatorCodes.append(new)
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


class OnnxRuntime:
    """Its images have their channels first."""

    def __init__(self):
        import onnx
        import onnxruntime

        self.onnx, self.runtime = onnx, onnxruntime
        self.column = f"ONNX Runtime {onnxruntime.__version__}"

    def inference(self, x, layers, activations):
        return self.image(x, denses(layers, activations))

    def image(self, x, layers):
        options = self.runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        x = np.ascontiguousarray(np.moveaxis(x, -1, 1))
        model, shape = self.model(x, layers)
        session = self.runtime.InferenceSession(model, options)
        y = self.runtime.OrtValue.ortvalue_from_shape_and_type(shape, np.float32)
        binding = session.io_binding()
        binding.bind_cpu_input("x", x)
        binding.bind_ortvalue_output("y", y)
        return repeated(lambda: session.run_with_iobinding(binding), lambda _: np.moveaxis(y.numpy(), 1, -1))

    def model(self, x, layers):
        """The model, and the shape of its output."""
        helper, from_array = self.onnx.helper, self.onnx.numpy_helper.from_array
        names = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softmax": "Softmax"}
        turned = {"dense": (0, 1), "conv": (3, 2, 0, 1), "filter": (2, 3, 0, 1)}
        nodes, weights = [], []

        def node(kind, *inputs, **attributes):
            nodes.append(helper.make_node(kind, inputs, [f"y{len(nodes)}"], **attributes))
            return nodes[-1].output[0]

        def weight(data):
            weights.append(from_array(np.ascontiguousarray(data), f"w{len(weights)}"))
            return weights[-1].name

        def append(layers, last, shape):
            for kind, *parts in layers:
                if kind == "sum":
                    (a, after_a), (b, _) = (append(branch, last, shape) for branch in parts)
                    last, shape = node("Relu", node("Add", a, b)), after_a
                elif kind == "average":
                    last, shape = node("Flatten", node("GlobalAveragePool", last)), [shape[0], shape[-1]]
                else:
                    w, b, stride, activation = parts
                    shape = after(shape, w, stride)
                    w = w[..., None] if kind == "filter" else w
                    inputs = last, weight(w.transpose(turned[kind])), weight(b)
                    if kind == "dense":
                        last = node("Gemm", *inputs)
                    else:
                        group = len(b) if kind == "filter" else 1
                        last = node("Conv", *inputs, strides=2 * [stride], group=group, auto_pad="SAME_UPPER")
                    if activation in names:
                        last = node(names[activation], last)
            return last, shape

        _, shape = append(layers, "x", [len(x), *x.shape[2:], x.shape[1]])
        nodes[-1].output[0] = "y"
        shape = [shape[0], shape[-1], *shape[1:-1]]
        value = lambda name, shape: helper.make_tensor_value_info(name, self.onnx.TensorProto.FLOAT, shape)
        graph = helper.make_graph(nodes, "net", [value("x", x.shape)], [value("y", shape)], weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
        return model.SerializeToString(), shape


LIBRARIES = {
    "torch": PyTorch,
    "jax": Jax,
    "jit": JaxInJit,
    "keras": Keras,
    "litert": LiteRt,
    "onnxruntime": OnnxRuntime,
}


def main():
    # What a library prints must not be among the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    try:
        library = LIBRARIES[sys.argv[1]]()
    except ImportError as error:
        sys.exit(str(error))
    if len(os.sched_getaffinity(0)) > 1:
        sys.exit("These need one core: taskset -c 1")
    print(library.column, file=answers)
    run = None
    for line in map(str.strip, sys.stdin):
        if line.isdigit():
            print(run.turn(int(line)) * run.parts * 1e9, file=answers)
        else:
            method, data = ROWS.get(line, ("none", ()))
            run = getattr(library, method)(*data) if hasattr(library, method) else None
            print(*(run.result if run else ()), file=answers)


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Produce the Keras and PyTorch reference values that baregrad is tested against.

Usage (Python 3.11):

    python -m venv venv
    venv/bin/pip install -r requirements.txt
    venv/bin/python make_reference.py                  # all JSON files (minutes)
    venv/bin/python make_reference.py losses training  # only these parts
    venv/bin/python make_reference.py digits           # prints accuracies only

Parts: activations, losses, training, xor_script (slow: Keras takes about a
minute per seed), saliency, scaling, digits (never part of the default; writes
nothing).

Each part writes <part>.json beside this script; README.md describes the
layouts.  Everything runs in float32 on the CPU, single-threaded, with fixed
seeds.  float32 values are written with the fewest digits that read back as the
same float32; values under a key "f64" are float64, written likewise.
"""

import os

# Plain TensorFlow kernels, so that runs repeat on other CPUs as far as possible.
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import argparse
import contextlib
import json
import math
import pathlib
import warnings

import keras
import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F

HERE = pathlib.Path(__file__).resolve().parent
F32 = np.float32
VERSIONS = {
    "keras": keras.__version__,
    "tensorflow": tf.__version__,
    "torch": torch.__version__,
    "numpy": np.__version__,
}

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
torch.set_num_threads(1)
# Softmax over a single class and input_dim= are meant here.
warnings.filterwarnings("ignore", module="keras")


# --------------------------------------------------------------------------
# JSON output
# --------------------------------------------------------------------------


def format_number(value):
    """Shortest decimal that reads back as the same int, float32 or float64."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    assert math.isfinite(value), "JSON has no NaN or infinity"
    if isinstance(value, np.float32):
        text = str(value)
        # Also safe for a reader that parses to float64 and narrows.
        assert F32(float(text)) == value and F32(text) == value
        return text
    return repr(float(value))


def to_json(node, indent=0):
    """Like json.dumps, but with lists of numbers on one line."""
    pad, inner = " " * indent, " " * (indent + 1)
    if isinstance(node, np.ndarray):
        node = list(node)
    if isinstance(node, dict):
        if not node:
            return "{}"
        items = (f"{inner}{json.dumps(k)}: {to_json(v, indent + 1)}" for k, v in node.items())
        return "{\n" + ",\n".join(items) + f"\n{pad}}}"
    if isinstance(node, (list, tuple)):
        if any(isinstance(v, (dict, list, tuple, np.ndarray)) for v in node):
            items = (inner + to_json(v, indent + 1) for v in node)
            return "[\n" + ",\n".join(items) + f"\n{pad}]"
        return "[" + ",".join(to_json(v) for v in node) + "]"
    if isinstance(node, str):
        return json.dumps(node)
    return format_number(node)


def write(name, content):
    path = HERE / f"{name}.json"
    text = to_json({"versions": VERSIONS, **content}) + "\n"
    json.loads(text)
    path.write_text(text)
    print(f"{path.name}: {len(text)} bytes")


def flat32(tensor):
    """A copy of a tensor of either framework as a flat float32 array."""
    if isinstance(tensor, torch.Tensor):
        tensor = tensor.detach().numpy()
    return np.array(tensor, dtype=F32).ravel()


# --------------------------------------------------------------------------
# Activations
# --------------------------------------------------------------------------

KERAS_ACTIVATIONS = {
    "linear": keras.activations.linear,
    "relu": keras.activations.relu,
    "leaky_relu": keras.activations.leaky_relu,  # slope 0.2
    "elu": keras.activations.elu,
    "selu": keras.activations.selu,
    "gelu": lambda x: keras.activations.gelu(x, approximate=False),
    "gelu_tanh": lambda x: keras.activations.gelu(x, approximate=True),
    "silu": keras.activations.silu,
    "sigmoid": keras.activations.sigmoid,
    "tanh": keras.activations.tanh,
    "softplus": keras.activations.softplus,
    "softsign": keras.activations.softsign,
    "hard_sigmoid": keras.activations.hard_sigmoid,
    "hard_swish": keras.activations.hard_silu,
}

TORCH_ACTIVATIONS = {
    "linear": lambda x: x.clone(),
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,  # slope 0.01
    "elu": F.elu,
    "selu": F.selu,
    "gelu": F.gelu,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "softplus": F.softplus,
    "softsign": F.softsign,
    "hard_sigmoid": F.hardsigmoid,
    "hard_swish": F.hardswish,
}

# For the float64 truth, forms that do not cancel in the tails.
PRECISE_ACTIVATIONS = {
    **TORCH_ACTIVATIONS,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
    "leaky_relu_torch": lambda x: F.leaky_relu(x, 0.01),
    "gelu": lambda x: 0.5 * x * torch.erfc(-x * math.sqrt(0.5)),
    "gelu_tanh": lambda x: x * torch.sigmoid(2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)),
    "softplus": lambda x: F.softplus(x, threshold=40),
}


def activation_points():
    dense = np.linspace(-8, 8, 97)  # steps of 1/6, with 0, ±0.5, ±1, ±3
    positive = [1e-6, 1e-3, 0.1, 0.3, 2.999, 3.001, 10, 12, 15, 20, 20.5, 30, 50, 88, 100]
    points = np.concatenate([dense, positive, np.negative(positive)])
    return np.unique(points.astype(F32))


def keras_activation(function, points):
    x = tf.constant(points)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return {"y": flat32(y), "dydx": flat32(tape.gradient(y, x))}


def torch_activation(function, points):
    x = torch.tensor(points, requires_grad=True)
    y = function(x)
    (dydx,) = torch.autograd.grad(y.sum(), x)
    return {"y": y.detach().numpy(), "dydx": dydx.numpy()}


def softmax_rows():
    rng = np.random.default_rng(11)
    rows = [[0.0], [100.0], [1.0, 2.0], [100.0, -100.0], [100.0, 99.5], [0.0, 0.0, 0.0]]
    rows += [[-100.0, 100.0, 0.0], [-100.0, -100.0, -101.0]]
    rows += [rng.normal(size=w) * s for w in (2, 3, 10, 17) for s in (1, 5)]
    extreme = rng.normal(size=17)
    extreme[[2, 9]] = 100, -100
    rows.append(extreme)
    return [(np.asarray(x, F32), rng.normal(size=len(x)).astype(F32)) for x in rows]


def softmax_case(x, dy):
    """Values and the vector-Jacobian products with dy."""
    case, precise = {"x": x, "dy": dy}, {}
    for name, in_keras in [
        ("softmax", keras.activations.softmax),
        ("log_softmax", keras.activations.log_softmax),
    ]:
        kx = tf.constant(x[None, :])
        with tf.GradientTape() as tape:
            tape.watch(kx)
            y = in_keras(kx)
        case[name] = flat32(y)
        case[name + "_dx"] = flat32(tape.gradient(y, kx, output_gradients=tf.constant(dy[None, :])))
        px = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        py = getattr(torch, name)(px, dim=-1)
        (pdx,) = torch.autograd.grad(py, px, torch.tensor(dy, dtype=torch.float64))
        precise[name], precise[name + "_dx"] = py.detach().numpy(), pdx.numpy()
    case["f64"] = precise
    return case


def make_activations():
    x = activation_points()
    wide = x.astype(np.float64)
    write(
        "activations",
        {
            "leaky_relu_slope": {"keras": 0.2, "torch": 0.01},
            "x": x,
            "keras": {n: keras_activation(f, x) for n, f in KERAS_ACTIVATIONS.items()},
            "torch": {n: torch_activation(f, x) for n, f in TORCH_ACTIVATIONS.items()},
            "f64": {n: torch_activation(f, wide) for n, f in PRECISE_ACTIVATIONS.items()},
            "softmax": {"rows": [softmax_case(*row) for row in softmax_rows()]},
        },
    )


# --------------------------------------------------------------------------
# Losses
# --------------------------------------------------------------------------

SHAPES = [(rows, width) for width in (1, 2, 3, 10, 17) for rows in (1, 4, 5)]

KERAS_LOSSES = {
    "mse": lambda: keras.losses.MeanSquaredError(),
    "mae": lambda: keras.losses.MeanAbsoluteError(),
    "huber": lambda: keras.losses.Huber(delta=1.0),
    "binary_crossentropy": lambda: keras.losses.BinaryCrossentropy(),
    "binary_crossentropy_logits": lambda: keras.losses.BinaryCrossentropy(from_logits=True),
    "categorical_crossentropy": lambda: keras.losses.CategoricalCrossentropy(),
    "categorical_crossentropy_logits": lambda: keras.losses.CategoricalCrossentropy(
        from_logits=True
    ),
    "sparse_categorical_crossentropy": lambda: keras.losses.SparseCategoricalCrossentropy(),
    "sparse_categorical_crossentropy_logits": lambda: keras.losses.SparseCategoricalCrossentropy(
        from_logits=True
    ),
}

TORCH_LOSSES = {
    "mse": F.mse_loss,
    "mae": F.l1_loss,
    "huber": F.huber_loss,
    "binary_crossentropy": F.binary_cross_entropy,
    "binary_crossentropy_logits": F.binary_cross_entropy_with_logits,
    "categorical_crossentropy_logits": F.cross_entropy,
    "sparse_categorical_crossentropy_logits": F.cross_entropy,
}


def one_hot(classes, width):
    return np.eye(width, dtype=F32)[classes]


def softmax32(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return (e / e.sum(axis=-1, keepdims=True)).astype(F32)


def loss_inputs(name):
    """Yields (note, predictions, target) for one loss."""
    rng = np.random.default_rng(sum(name.encode()))
    sparse, logits = name.startswith("sparse"), name.endswith("_logits")
    for rows, width in SHAPES:
        shape = (rows, width)
        classes = rng.integers(0, width, rows)
        raw = (rng.normal(size=shape) * 2).astype(F32)
        if name in ("mse", "mae", "huber"):
            yield "random", raw, (rng.normal(size=shape) * 2).astype(F32)
        elif name.startswith("binary"):
            y = raw if logits else (1 / (1 + np.exp(-raw))).astype(F32)
            hard = rng.integers(0, 2, shape).astype(F32)
            soft = rng.uniform(size=shape).astype(F32)
            yield ("soft targets", y, soft) if rows == 5 else ("0/1 targets", y, hard)
        else:
            y, note = (raw, "") if logits else (softmax32(raw), "")
            if not logits and rows == 5:
                y = (y * rng.uniform(0.5, 2, (rows, 1))).astype(F32)
                note = "rows not summing to 1"
            if sparse:
                yield note or "classes", y, classes
            elif rows == 4:
                yield "soft targets", y, softmax32(rng.normal(size=shape))
            else:
                yield note or "one-hot targets", y, one_hot(classes, width)
    yield from extreme_loss_inputs(name, sparse, logits)


def extreme_loss_inputs(name, sparse, logits):
    if name in ("mse", "mae", "huber"):
        y = np.array([[0.5, 1.0, -1.0, 1.5], [100.0, -100.0, 1e-6, 0.0]], F32)
        target = np.array([[0.5, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, -0.0]], F32)
        yield "equal, differing by exactly 1, far off", y, target
    elif name.startswith("binary"):
        values = [100, 100, -100, -100, 20, -20, 0, 0] if logits else [1, 1, 0, 0, 1, 0, 1e-8, 0.5]
        targets = [0, 1, 0, 1, 0.25, 0.25, 1, 0.5]
        y = np.array(values, F32)
        target = np.array(targets, F32)
        yield "extreme", y.reshape(2, 4), target.reshape(2, 4)
        for v, t in zip(y, target):
            yield "extreme", v.reshape(1, 1), t.reshape(1, 1)
    else:
        if logits:
            y = [[100, -100, 0], [100, -100, 0], [-100, -100, -100], [100, 100, 99]]
        else:
            y = [[1, 0, 0], [1, 0, 0], [0.25, 0.25, 0.25], [1e-8, 0.5, 0.5]]
        y, classes = np.array(y, F32), np.array([0, 1, 2, 0])
        target = classes if sparse else one_hot(classes, 3)
        yield "extreme", y, target
        for i in range(len(y)):
            yield "extreme", y[i : i + 1], target[i : i + 1]


def keras_loss(name, y, target):
    # The tensor is made here, so it carries no logits that Keras could use.
    prediction = tf.constant(y)
    with tf.GradientTape() as tape:
        tape.watch(prediction)
        loss = KERAS_LOSSES[name]()(tf.constant(target), prediction)
    return loss.numpy(), flat32(tape.gradient(loss, prediction))


def torch_loss(name, y, target):
    prediction = torch.tensor(y, requires_grad=True)
    loss = TORCH_LOSSES[name](prediction, torch.tensor(target))
    (dy,) = torch.autograd.grad(loss, prediction)
    return F32(loss.item()), flat32(dy)


def loss_cases(name, function):
    cases = []
    for note, y, target in loss_inputs(name):
        rows, width = y.shape
        loss, dy = function(name, y, target)
        cases.append(
            {
                "note": note,
                "rows": rows,
                "width": width,
                "y": y.ravel(),
                "target": target.ravel(),
                "loss": loss,
                "dy": dy,
            }
        )
    return cases


def make_losses():
    write(
        "losses",
        {
            "keras": {name: loss_cases(name, keras_loss) for name in KERAS_LOSSES},
            "torch": {name: loss_cases(name, torch_loss) for name in TORCH_LOSSES},
        },
    )


# --------------------------------------------------------------------------
# Training runs
# --------------------------------------------------------------------------

STEPS = 100
SNAPSHOTS = (1, 10, 100)

KERAS_OPTIMIZERS = {
    "sgd": ({"learning_rate": 0.05}, keras.optimizers.SGD),
    "momentum": ({"learning_rate": 0.05, "momentum": 0.9}, keras.optimizers.SGD),
    "nesterov": (
        {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True},
        keras.optimizers.SGD,
    ),
    "adam": (
        {"learning_rate": 0.001, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7},
        keras.optimizers.Adam,
    ),
}

TORCH_OPTIMIZERS = {
    "torch_sgd": ({"lr": 0.05}, torch.optim.SGD),
    "torch_momentum": ({"lr": 0.05, "momentum": 0.9}, torch.optim.SGD),
    "torch_nesterov": ({"lr": 0.05, "momentum": 0.9, "nesterov": True}, torch.optim.SGD),
    "torch_adam": ({"lr": 0.001, "betas": (0.9, 0.999), "eps": 1e-8}, torch.optim.Adam),
}

# The names Keras' compile gets, and PyTorch's counterparts.
TRAINING_LOSSES = {
    "binary_crossentropy": ("binary_crossentropy", F.binary_cross_entropy),
    "mse": ("mse", F.mse_loss),
    "huber": (keras.losses.Huber(delta=1.0), F.huber_loss),
    "sparse_categorical_crossentropy_logits": (
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        F.cross_entropy,
    ),
}


def dense(inputs, outputs, activation):
    return {"type": "dense", "inputs": inputs, "outputs": outputs, "activation": activation}


def layer_norm(size, epsilon):
    return {"type": "layer_norm", "size": size, "epsilon": epsilon}


def training_nets():
    rng = np.random.default_rng(2024)

    def normal(*shape):
        return rng.normal(size=shape).astype(F32)

    return {
        "xor": {
            "layers": [dense(2, 2, "relu"), dense(2, 1, "sigmoid")],
            "loss": "binary_crossentropy",
            "batch_size": 1,
            "seed": 3,
            "x": np.array([[0, 0], [0, 1], [1, 0], [1, 1]], F32),
            "y": np.array([[0], [1], [1], [0]], F32),
        },
        "tanh": {
            "layers": [dense(3, 5, "tanh"), dense(5, 2, "linear")],
            "loss": "mse",
            "batch_size": 4,
            "seed": 2,
            "x": normal(12, 3),
            "y": normal(12, 2),
        },
        "classifier": {
            "layers": [dense(8, 16, "relu"), dense(16, 10, "linear")],
            "loss": "sparse_categorical_crossentropy_logits",
            "batch_size": 6,
            "seed": 3,
            "x": normal(24, 8),
            "y": rng.integers(0, 10, 24),
        },
        "deep": {
            "layers": [
                dense(5, 7, "gelu"),
                dense(7, 9, "silu"),
                dense(9, 4, "elu"),
                dense(4, 3, "sigmoid"),
            ],
            "loss": "binary_crossentropy",
            "batch_size": 5,
            "seed": 4,
            "random_biases": True,
            "x": normal(13, 5),
            "y": rng.integers(0, 2, (13, 3)).astype(F32),
        },
        "norm": {
            "layers": [dense(6, 12, "tanh"), layer_norm(12, 1e-3), dense(12, 5, "linear")],
            "loss": "huber",
            "batch_size": 4,
            "seed": 5,
            "x": normal(12, 6),
            "y": normal(12, 5) * F32(2),
        },
    }


class RecordingModel(keras.Sequential):
    """Keeps the loss of the latest batch, which train_on_batch only averages."""

    last_loss = None

    def compute_loss(self, *args, **kwargs):
        self.last_loss = super().compute_loss(*args, **kwargs)
        return self.last_loss


def keras_model(net, optimizer):
    keras.utils.set_random_seed(net["seed"])
    layers = [keras.Input((net["layers"][0]["inputs"],))]
    for i, layer in enumerate(net["layers"]):
        if layer["type"] == "dense":
            # By name, as a script would; Keras' "gelu" is the exact one.
            init = keras.initializers.GlorotUniform(seed=100 * net["seed"] + i)
            layers.append(
                keras.layers.Dense(
                    layer["outputs"], activation=layer["activation"], kernel_initializer=init
                )
            )
        else:
            layers.append(keras.layers.LayerNormalization(epsilon=layer["epsilon"]))
    model = RecordingModel(layers)
    if net.get("random_biases"):
        rng = np.random.default_rng(net["seed"])
        for variable in model.trainable_variables:
            if variable.name == "bias":
                variable.assign(rng.normal(size=variable.shape).astype(F32) * F32(0.1))
    model.compile(loss=TRAINING_LOSSES[net["loss"]][0], optimizer=optimizer, run_eagerly=True)
    return model


def batches(net):
    """Slices of the data in order, epoch after epoch; the last may be short."""
    count, size = len(net["x"]), net["batch_size"]
    while True:
        for start in range(0, count, size):
            part = slice(start, start + size)
            yield net["x"][part], net["y"][part]


@contextlib.contextmanager
def watch_logit_losses():
    """Notes whether Keras computes a crossentropy from logits."""
    seen, originals = set(), {}
    names = [
        "sigmoid_cross_entropy_with_logits",
        "sparse_softmax_cross_entropy_with_logits",
        "softmax_cross_entropy_with_logits",
    ]

    def watched(name):
        def call(*args, **kwargs):
            seen.add(name)
            return originals[name](*args, **kwargs)

        return call

    for name in names:
        originals[name] = getattr(tf.nn, name)
        setattr(tf.nn, name, watched(name))
    try:
        yield seen
    finally:
        for name, function in originals.items():
            setattr(tf.nn, name, function)


def keras_first_batch(net, model):
    """What the first train_on_batch sees, by Keras' own compute_loss."""
    x, y = next(batches(net))
    x, y = tf.constant(x), tf.constant(y)
    with tf.GradientTape() as tape:
        y_pred = model(x, training=True)
        loss = model.compute_loss(x=x, y=y, y_pred=y_pred, training=True)
    grads = tape.gradient(loss, model.trainable_variables)
    return {
        "loss": F32(loss.numpy()),
        "y_pred": flat32(y_pred),
        "grads": [flat32(g) for g in grads],
    }


def keras_run(net, params, optimizer_class):
    model = keras_model(net, optimizer_class(**params))
    run = {"params": params, "losses": [], "weights": {}}
    for step, (x, y) in zip(range(1, STEPS + 1), batches(net)):
        model.train_on_batch(x, y)
        run["losses"].append(F32(model.last_loss.numpy()))
        if step in SNAPSHOTS:
            run["weights"][str(step)] = [flat32(w) for w in model.get_weights()]
    return run


def torch_model(net, weights):
    """A torch.nn.Sequential with the given Keras weights, and its activations."""
    weights = iter(weights)
    modules, activations = [], []
    for layer in net["layers"]:
        if layer["type"] == "dense":
            module = torch.nn.Linear(layer["inputs"], layer["outputs"])
            first = torch.tensor(next(weights).T.copy())
            activations.append(TORCH_ACTIVATIONS[layer["activation"]])
        else:
            module = torch.nn.LayerNorm(layer["size"], eps=layer["epsilon"])
            first = torch.tensor(next(weights))
            activations.append(lambda x: x)
        with torch.no_grad():
            module.weight.copy_(first)
            module.bias.copy_(torch.tensor(next(weights)))
        modules.append(module)
    return torch.nn.Sequential(*modules), activations


def torch_run(net, weights, params, optimizer_class):
    modules, activations = torch_model(net, weights)
    optimizer = optimizer_class(modules.parameters(), **params)
    loss_function = TRAINING_LOSSES[net["loss"]][1]
    run = {"params": params, "losses": [], "weights": {}}
    for step, (x, y) in zip(range(1, STEPS + 1), batches(net)):
        value = torch.tensor(x)
        for module, activation in zip(modules, activations):
            value = activation(module(value))
        optimizer.zero_grad()
        loss = loss_function(value, torch.tensor(y))
        loss.backward()
        optimizer.step()
        run["losses"].append(F32(loss.item()))
        if step in SNAPSHOTS:
            # .T gives Keras' [inputs][outputs]; vectors have nothing to turn.
            run["weights"][str(step)] = [
                flat32(p.T if p.dim() == 2 else p) for p in modules.parameters()
            ]
    return run


def training_net(net):
    model = keras_model(net, "sgd")
    initial = model.get_weights()
    names = [v.name for v in model.trainable_variables]
    with watch_logit_losses() as seen:
        first_batch = keras_first_batch(net, model)
    runs = {n: keras_run(net, *setup) for n, setup in KERAS_OPTIMIZERS.items()}
    for name, setup in TORCH_OPTIMIZERS.items():
        runs[name] = torch_run(net, initial, *setup)
    return {
        "layers": net["layers"],
        "loss": net["loss"],
        "keras_uses_logits": bool(seen),
        "torch_loss": TRAINING_LOSSES[net["loss"]][1].__name__,
        "batch_size": net["batch_size"],
        "x": net["x"],
        "y": net["y"],
        "initial": [
            {"name": n, "shape": list(w.shape), "data": w.ravel()} for n, w in zip(names, initial)
        ],
        "first_batch": first_batch,
        "runs": runs,
    }


def make_training():
    write("training", {"nets": {n: training_net(net) for n, net in training_nets().items()}})


# --------------------------------------------------------------------------
# The XOR script of the tutorials
# --------------------------------------------------------------------------

# After 1000 epochs: solved, not solved yet, and both hidden units dead from the start.
XOR_SEEDS = (7, 1, 8)
XOR_EPOCHS = (1, 10, 100, 1000)


def xor_run(seed):
    keras.utils.set_random_seed(seed)
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], F32)
    y = np.array([[0], [1], [1], [0]], F32)
    model = keras.Sequential(
        [
            keras.layers.Dense(2, input_dim=2, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    initial = model.get_weights()
    weights = {}

    def snapshot(epoch, logs):
        if epoch + 1 in XOR_EPOCHS:
            weights[str(epoch + 1)] = [flat32(w) for w in model.get_weights()]

    with watch_logit_losses() as seen:
        history = model.fit(
            x,
            y,
            epochs=max(XOR_EPOCHS),
            batch_size=1,
            shuffle=False,
            verbose=0,
            callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=snapshot)],
        ).history
    return {
        "seed": seed,
        "keras_uses_logits": bool(seen),
        "jit_compile": bool(model.jit_compile),
        "initial": [{"shape": list(w.shape), "data": w.ravel()} for w in initial],
        "epoch_losses": {str(e): F32(history["loss"][e - 1]) for e in XOR_EPOCHS},
        "epoch_accuracies": {str(e): F32(history["accuracy"][e - 1]) for e in XOR_EPOCHS},
        "weights": weights,
        "predictions": flat32(model.predict(x, verbose=0)),
    }


def make_xor_script():
    write("xor_script", {"runs": [xor_run(seed) for seed in XOR_SEEDS]})


# --------------------------------------------------------------------------
# Saliency and integrated gradients; residual blocks and branches on the way
# --------------------------------------------------------------------------


class Branched(torch.nn.Module):
    """Dense, a residual block, two branches concatenated, two added."""

    def __init__(self):
        super().__init__()
        sizes = [(4, 6), (6, 3), (3, 6), (6, 2), (6, 3), (5, 3), (5, 3)]
        self.layers = torch.nn.ModuleList(torch.nn.Linear(i, o) for i, o in sizes)

    def forward(self, x):
        first, down, up, a, b, c, d = self.layers
        x = torch.tanh(first(x))
        x = x + up(torch.tanh(down(x)))
        x = torch.cat([torch.tanh(a(x)), F.gelu(b(x))], dim=-1)
        return torch.tanh(c(x)) + d(x)


SALIENCY_NETS = {
    "dense": lambda: torch.nn.Sequential(
        torch.nn.Linear(5, 7), torch.nn.Tanh(), torch.nn.Linear(7, 3), torch.nn.Softmax(dim=-1)
    ),
    "branched": Branched,
}


def integrated_gradients(model, x, baseline, output, steps):
    """By the midpoint rule."""
    alpha = (torch.arange(steps, dtype=x.dtype) + 0.5) / steps
    points = (baseline + alpha[:, None] * (x - baseline)).requires_grad_()
    (slopes,) = torch.autograd.grad(model(points)[:, output].sum(), points)
    return (x - baseline) * slopes.mean(dim=0)


def saliency_net(make, seed):
    torch.manual_seed(seed)
    model = make()
    linears = [m for m in model.modules() if isinstance(m, torch.nn.Linear)]
    inputs, outputs = linears[0].in_features, linears[-1].out_features
    rng = np.random.default_rng(seed)
    cases = []
    for target in range(outputs):
        x = torch.tensor(rng.normal(size=inputs).astype(F32), requires_grad=True)
        baseline = torch.tensor(rng.normal(size=inputs).astype(F32) * F32(0.3))
        y = model(x)
        of_outputs = [torch.autograd.grad(v, x, retain_graph=True)[0].numpy() for v in y]
        want = torch.tensor(rng.normal(size=outputs).astype(F32))
        loss = F.mse_loss(y, want)
        (of_loss,) = torch.autograd.grad(loss, x)
        integrated = [
            integrated_gradients(model, x.detach(), baseline, target, n).numpy() for n in (1, 7, 50)
        ]
        precise = model.double()
        cases.append(
            {
                "x": flat32(x),
                "baseline": flat32(baseline),
                "y": flat32(y),
                "of_outputs": of_outputs,
                "target": flat32(want),
                "of_loss": of_loss.numpy(),
                "output": target,
                "integrated": integrated,
                "f64": {
                    "integrated": integrated_gradients(
                        precise, x.detach().double(), baseline.double(), target, 2000
                    ).numpy()
                },
            }
        )
        model.float()
    # Kernels as [inputs][outputs], as Keras has them.
    weights = [flat32(p.T if p.dim() == 2 else p) for m in linears for p in (m.weight, m.bias)]
    return {"weights": weights, "steps": [1, 7, 50], "cases": cases}


def make_saliency():
    nets = {n: saliency_net(make, 31 + i) for i, (n, make) in enumerate(SALIENCY_NETS.items())}
    write("saliency", {"nets": nets})


# --------------------------------------------------------------------------
# Scaling by the statistics of the data
# --------------------------------------------------------------------------


def make_scaling():
    from sklearn.preprocessing import MinMaxScaler

    rng = np.random.default_rng(77)
    x = (rng.normal(size=(40, 4)) * [1, 300, 1e-3, 0] + [0, 5000, -2, 3]).astype(F32)
    layer = keras.layers.Normalization()
    layer.adapt(x)
    # The last feature never changes.
    asked = (x[:3] + np.array([0.5, 100, 1e-3, 0], F32)).astype(F32)
    write(
        "scaling",
        {
            "x": x,
            "asked": asked,
            "keras": {
                "mean": flat32(layer.mean),
                "variance": flat32(layer.variance),
                "y": np.array(layer(asked)),
            },
            "sklearn": {"y": MinMaxScaler().fit(x).transform(asked).astype(F32)},
        },
    )


# --------------------------------------------------------------------------
# Digits: what accuracy to reach (printed, not stored)
# --------------------------------------------------------------------------

DIGITS_EPOCHS = (5, 10, 20, 30, 50, 100)


def digits_run(name, train, test, seed):
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((64,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(10),
        ]
    )
    model.compile(
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer="adam",
        metrics=["accuracy"],
    )
    done, results = 0, []
    for epochs in DIGITS_EPOCHS:
        model.fit(*train, epochs=epochs, initial_epoch=done, batch_size=32, verbose=0)
        done = epochs
        accuracy = [model.evaluate(*part, verbose=0)[1] for part in (train, test)]
        results.append(f"{epochs}: {accuracy[0]:.4f}/{accuracy[1]:.4f}")
    print(f"{name}, seed {seed}; epochs: train/test accuracy:  " + "  ".join(results), flush=True)


def make_digits():
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    data = load_digits()
    x, y = (data.data / 16).astype(F32), data.target
    for seed in (0, 1, 2):
        a, b, c, d = train_test_split(x, y, test_size=360, random_state=seed, stratify=y)
        digits_run("random stratified split 1437/360", (a, c), (b, d), seed)
    for seed in (0, 1):
        digits_run("first 1437 / last 360", (x[:1437], y[:1437]), (x[1437:], y[1437:]), seed)
    every = np.arange(len(x)) % 5 == 4
    for seed in (0, 1):
        digits_run("every 5th for test", (x[~every], y[~every]), (x[every], y[every]), seed)


# --------------------------------------------------------------------------

PARTS = {
    "activations": make_activations,
    "losses": make_losses,
    "training": make_training,
    "xor_script": make_xor_script,
    "saliency": make_saliency,
    "scaling": make_scaling,
    "digits": make_digits,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS) + "; default: all but digits")
    chosen = parser.parse_args().parts or [p for p in PARTS if p != "digits"]
    unknown = set(chosen) - set(PARTS)
    if unknown:
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    for part in chosen:
        PARTS[part]()


if __name__ == "__main__":
    main()

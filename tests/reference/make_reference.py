#!/usr/bin/env python3
"""Produce the Keras and PyTorch reference values that baregrad is tested against.

Usage (Python 3.11):

    python -m venv venv
    venv/bin/pip install -r requirements.txt
    venv/bin/python make_reference.py                  # all JSON files (minutes)
    venv/bin/python make_reference.py losses training  # only these parts
    venv/bin/python make_reference.py digits           # prints accuracies only

Parts: activations, losses, more_losses, metrics, training, training_options,
optimizers, schedules, saliency, scaling, xor_script (slow: Keras takes about a
minute per seed), digits (never part of the default; writes nothing).

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
    "relu6": keras.activations.relu6,
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
    "relu6": F.relu6,
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
                    layer["outputs"],
                    activation=layer["activation"],
                    kernel_initializer=init,
                    kernel_regularizer=layer.get("regularizer"),
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
# More optimisers, on two nets of the training runs
# --------------------------------------------------------------------------

OPTIMIZER_NETS = ("xor", "tanh")
DECAY = 0.95  # of the learning rate a step, where it is scheduled


def keras_exponential(rate):
    return keras.optimizers.schedules.ExponentialDecay(rate, 1, DECAY)


# fmt: off
MORE_KERAS_OPTIMIZERS = {
    "adamw": (keras.optimizers.AdamW, {"learning_rate": 1e-3, "weight_decay": 0.1}),
    "rmsprop": (keras.optimizers.RMSprop, {"learning_rate": 1e-3}),
    "rmsprop_momentum": (keras.optimizers.RMSprop, {"learning_rate": 1e-3, "momentum": 0.9}),
    "rmsprop_centered": (keras.optimizers.RMSprop, {"learning_rate": 1e-3, "centered": True}),
    "rmsprop_centered_momentum": (
        keras.optimizers.RMSprop, {"learning_rate": 1e-3, "centered": True, "momentum": 0.9}),
    "adagrad": (keras.optimizers.Adagrad, {"learning_rate": 0.05}),
    "adamax": (keras.optimizers.Adamax, {"learning_rate": 1e-3}),
    "nadam": (keras.optimizers.Nadam, {"learning_rate": 1e-3}),
    "lion": (keras.optimizers.Lion, {"learning_rate": 1e-3}),
    "amsgrad": (keras.optimizers.Adam, {"learning_rate": 1e-3, "amsgrad": True}),
    "sgd_weight_decay": (keras.optimizers.SGD, {"learning_rate": 0.05, "weight_decay": 0.1}),
    "nesterov_weight_decay": (
        keras.optimizers.SGD,
        {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    "rmsprop_weight_decay": (
        keras.optimizers.RMSprop, {"learning_rate": 1e-3, "weight_decay": 0.1}),
    "scheduled_sgd": (keras.optimizers.SGD, {"learning_rate": 0.05}),
    "scheduled_momentum": (keras.optimizers.SGD, {"learning_rate": 0.05, "momentum": 0.9}),
    "scheduled_nesterov": (
        keras.optimizers.SGD, {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    "scheduled_adamw": (keras.optimizers.AdamW, {"learning_rate": 1e-2, "weight_decay": 0.1}),
}

MORE_TORCH_OPTIMIZERS = {
    "torch_adamw": (torch.optim.AdamW, {"lr": 1e-3, "weight_decay": 0.1}),
    "torch_rmsprop": (torch.optim.RMSprop, {"lr": 1e-3}),
    "torch_rmsprop_momentum": (torch.optim.RMSprop, {"lr": 1e-3, "momentum": 0.9}),
    "torch_rmsprop_centered": (torch.optim.RMSprop, {"lr": 1e-3, "centered": True}),
    "torch_rmsprop_centered_momentum": (
        torch.optim.RMSprop, {"lr": 1e-3, "centered": True, "momentum": 0.9}),
    "torch_adagrad": (torch.optim.Adagrad, {"lr": 0.05}),
    "torch_adamax": (torch.optim.Adamax, {"lr": 2e-3}),
    "torch_nadam": (torch.optim.NAdam, {"lr": 2e-3}),
    "torch_amsgrad": (torch.optim.Adam, {"lr": 1e-3, "amsgrad": True}),
    "torch_sgd_weight_decay": (torch.optim.SGD, {"lr": 0.05, "weight_decay": 0.1}),
    "torch_nesterov_weight_decay": (
        torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    "torch_adam_weight_decay": (torch.optim.Adam, {"lr": 1e-3, "weight_decay": 0.1}),
    "torch_scheduled_momentum": (torch.optim.SGD, {"lr": 0.05, "momentum": 0.9}),
    "torch_scheduled_nesterov": (
        torch.optim.SGD, {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
}
# fmt: on


def more_keras_run(name, net, optimizer_class, params):
    used = dict(params)
    if name.startswith("scheduled"):
        used["learning_rate"] = keras_exponential(params["learning_rate"])
    run = keras_run(net, used, optimizer_class)
    return {"params": params, "weights": run["weights"]}


def more_torch_run(name, net, weights, optimizer_class, params):
    made = optimizer_class
    if "scheduled" in name:

        def made(parameters, **params):
            optimizer = optimizer_class(parameters, **params)
            schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, DECAY)
            optimizer.register_step_post_hook(lambda *_: schedule.step())
            return optimizer

    run = torch_run(net, weights, params, made)
    return {"params": params, "weights": run["weights"]}


def make_optimizers():
    nets = {}
    for net_name in OPTIMIZER_NETS:
        net = training_nets()[net_name]
        initial = keras_model(net, "sgd").get_weights()
        runs = {n: more_keras_run(n, net, *setup) for n, setup in MORE_KERAS_OPTIMIZERS.items()}
        for name, setup in MORE_TORCH_OPTIMIZERS.items():
            runs[name] = more_torch_run(name, net, initial, *setup)
        nets[net_name] = {"runs": runs}
    write("optimizers", {"decay": DECAY, "nets": nets})


# --------------------------------------------------------------------------
# Schedules
# --------------------------------------------------------------------------

SCHEDULE_STEPS = list(range(0, 41)) + [47, 69, 70, 71, 99, 100, 101, 150, 1000]


def torch_rates(make, steps, rate=0.1):
    """The rates that a PyTorch scheduler gives its optimiser before each step."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    scheduler, rates = make(optimizer), []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def make_schedules():
    s, t = keras.optimizers.schedules, torch.optim.lr_scheduler
    in_keras = {
        "piecewise_constant": s.PiecewiseConstantDecay([10, 20, 70], [0.1, 0.05, 0.02, 0.001]),
        "exponential": s.ExponentialDecay(0.1, 7, 0.9),
        "exponential_staircase": s.ExponentialDecay(0.1, 7, 0.9, staircase=True),
        "inverse_time": s.InverseTimeDecay(0.1, 7, 0.5),
        "inverse_time_staircase": s.InverseTimeDecay(0.1, 7, 0.5, staircase=True),
        "polynomial": s.PolynomialDecay(0.1, 70, 0.001),
        "polynomial_squared": s.PolynomialDecay(0.1, 70, 0.001, power=2.0),
        "polynomial_cycle": s.PolynomialDecay(0.1, 30, 0.001, power=0.5, cycle=True),
        "cosine": s.CosineDecay(0.1, 70, alpha=0.01),
        "cosine_warmup": s.CosineDecay(0.01, 60, alpha=0.01, warmup_target=0.1, warmup_steps=9),
        # Periods without a restart that Keras' logarithm may round away.
        "restarts": s.CosineDecayRestarts(0.1, 13.0, t_mul=1.0, m_mul=0.9, alpha=0.01),
        "restarts_longer": s.CosineDecayRestarts(0.1, 9.0, t_mul=2.0, m_mul=0.8, alpha=0.01),
    }
    cycle = {"max_lr": 0.1, "total_steps": 100, "cycle_momentum": False}
    in_torch = {
        "step": torch_rates(lambda o: t.StepLR(o, 7, 0.9), 100),
        "exponential": torch_rates(lambda o: t.ExponentialLR(o, 0.95), 100),
        "multi_step": torch_rates(lambda o: t.MultiStepLR(o, [10, 20, 70], 0.5), 100),
        "polynomial": torch_rates(lambda o: t.PolynomialLR(o, 70, 2.0), 100),
        "cosine": torch_rates(lambda o: t.CosineAnnealingLR(o, 99, 0.001), 100),
        "restarts": torch_rates(lambda o: t.CosineAnnealingWarmRestarts(o, 9, 2, 0.001), 100),
        "one_cycle": torch_rates(lambda o: t.OneCycleLR(o, **cycle), 100),
        "one_cycle_short_rise": torch_rates(
            lambda o: t.OneCycleLR(
                o, pct_start=0.25, div_factor=10, final_div_factor=100, **{**cycle, "total_steps": 60}
            ),
            60,
        ),
        "warmup_constant": torch_rates(lambda o: t.LinearLR(o, 0.25, total_iters=8), 100),
    }
    losses = [3, 2, 1, 1, 0.99995, 1, 1, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.4, 0.5, 0.5, 0.5, 0.5]
    losses += [0.5] * 10
    write(
        "schedules",
        {
            "steps": SCHEDULE_STEPS,
            "keras": {n: [F32(f(i)) for i in SCHEDULE_STEPS] for n, f in in_keras.items()},
            "torch": {n: np.array(rates, np.float64).astype(F32) for n, rates in in_torch.items()},
            "plateau": {
                "losses": losses,
                "plain": plateau_rates(losses, factor=0.1, patience=2),
                "cooldown": plateau_rates(losses, factor=0.5, patience=3, cooldown=2, min_lr=0.02),
                "max": plateau_rates(losses, factor=0.5, patience=4, mode="max", min_delta=0.3),
            },
        },
    )


def plateau_rates(losses, **arguments):
    """The rate after each epoch with such a loss."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    callback = keras.callbacks.ReduceLROnPlateau(monitor="loss", **arguments)
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch, loss in enumerate(losses):
        callback.on_epoch_end(epoch, {"loss": loss})
        rates.append(F32(model.optimizer.learning_rate.numpy()))
    return rates


# --------------------------------------------------------------------------
# More losses: those of margins, of distributions, smoothed and weighted ones
# --------------------------------------------------------------------------

MORE_SHAPES = [(1, 1), (4, 1), (3, 2), (5, 3), (4, 10), (2, 17)]
QUANTILE = 0.8
SMOOTHING = 0.1


def kl(y, t):
    return F.kl_div(y.log(), t, reduction="batchmean")


# The kind of outputs and targets, Keras' loss, PyTorch's.
MORE_LOSSES = {
    "kl_divergence": ("distribution", keras.losses.KLDivergence(), kl),
    "hinge": ("sign", keras.losses.Hinge(), None),
    "hinge_binary": ("binary", keras.losses.Hinge(), None),
    "squared_hinge": ("sign", keras.losses.SquaredHinge(), None),
    "squared_hinge_binary": ("binary", keras.losses.SquaredHinge(), None),
    "categorical_hinge": ("classes", keras.losses.CategoricalHinge(), None),
    "log_cosh": ("real", keras.losses.LogCosh(), None),
    "cosine_similarity": ("real", keras.losses.CosineSimilarity(), None),
    "poisson": (
        "counts",
        keras.losses.Poisson(),
        lambda y, t: F.poisson_nll_loss(y, t, log_input=False, eps=1e-7),
    ),
    "binary_focal": ("probability", keras.losses.BinaryFocalCrossentropy(), None),
    "binary_focal_balanced": (
        "probability",
        keras.losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha=0.3, gamma=1.5),
        None,
    ),
    "categorical_focal": ("distribution", keras.losses.CategoricalFocalCrossentropy(), None),
    # PyTorch has no quantile loss: its own arithmetic and derivatives, of the textbook formula.
    "quantile": (
        "real",
        None,
        lambda y, t: torch.maximum(QUANTILE * (t - y), (QUANTILE - 1) * (t - y)).mean(),
    ),
    "smoothed_binary": (
        "probability", keras.losses.BinaryCrossentropy(label_smoothing=SMOOTHING), None),
    "smoothed_binary_logits": (
        "binary", keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=SMOOTHING), None),
    "smoothed_categorical": (
        "distribution", keras.losses.CategoricalCrossentropy(label_smoothing=SMOOTHING), None),
    "smoothed_categorical_logits": (
        "classes",
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=SMOOTHING),
        lambda y, t: F.cross_entropy(y, t, label_smoothing=SMOOTHING),
    ),
}


def more_loss_inputs(kind):
    rng = np.random.default_rng(sum(kind.encode()))
    for rows, width in MORE_SHAPES:
        shape = (rows, width)
        raw = (rng.normal(size=shape) * 2).astype(F32)
        binary = rng.integers(0, 2, shape).astype(F32)
        classes = one_hot(rng.integers(0, width, rows), width)
        if kind == "real":
            yield raw, (rng.normal(size=shape) * 2).astype(F32)
        elif kind == "sign":
            yield raw, 2 * binary - 1
        elif kind == "binary":
            yield raw, binary
        elif kind == "classes":
            yield raw, classes
        elif kind == "counts":
            yield np.exp(raw / 2).astype(F32), rng.integers(0, 5, shape).astype(F32)
        elif kind == "probability":
            yield (1 / (1 + np.exp(-raw))).astype(F32), binary
        elif kind == "distribution" and width > 1:
            target = classes if rows == 5 else softmax32(rng.normal(size=shape))
            yield softmax32(raw), target


# Outputs and targets where a margin is exactly 1, or where several outputs are the largest.
EDGES = {
    "sign": ([[1, -1, 0.5], [-1, 1, 2], [0.5, -0.5, 1]], [[1, -1, 1], [1, -1, 1], [2, 2, -1]]),
    "classes": (
        [[2, 1, -1], [0, 0, 0], [1, 0.5, 1], [1, 0, 0], [1, -1, -2], [2, 1, 1]],
        one_hot(np.array([0, 0, 1, 0, 0, 0]), 3),
    ),
}


def more_keras_loss(loss, y, target, sample_weight=None):
    prediction = tf.constant(y)
    with tf.GradientTape() as tape:
        tape.watch(prediction)
        value = loss(tf.constant(target), prediction, sample_weight=sample_weight)
    return value.numpy(), flat32(tape.gradient(value, prediction))


def more_torch_loss(loss, y, target):
    prediction = torch.tensor(y, requires_grad=True)
    value = loss(prediction, torch.tensor(target))
    (dy,) = torch.autograd.grad(value, prediction)
    return F32(value.item()), flat32(dy)


def more_loss_case(y, target, result, note="random", **more):
    rows, width = y.shape
    loss, dy = result
    case = {"rows": rows, "width": width, "y": y.ravel(), "target": target.ravel()}
    return {"note": note, **case, "loss": loss, "dy": dy, **more}


def weighted_cases():
    """By weights of samples, and of classes as Keras' fit makes sample weights of them."""
    rng = np.random.default_rng(77)
    cases = {"sample": {}, "class": {}}
    sparse = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for name, loss, width in [
        ("mse", keras.losses.MeanSquaredError(), 3),
        ("binary_crossentropy_logits", keras.losses.BinaryCrossentropy(from_logits=True), 1),
        ("sparse_categorical_crossentropy_logits", sparse, 3),
        ("kl_divergence", keras.losses.KLDivergence(), 3),
    ]:
        y = rng.normal(size=(5, width)).astype(F32)
        weights = rng.uniform(0, 3, 5).astype(F32)
        target = rng.normal(size=(5, width)).astype(F32)
        if name.startswith("sparse"):
            target = rng.integers(0, width, 5)
        elif name.startswith("binary"):
            target = rng.integers(0, 2, (5, 1)).astype(F32)
        elif name.startswith("kl"):
            y, target = softmax32(y), softmax32(target)
        result = more_keras_loss(loss, y, target, weights)
        cases["sample"][name] = [more_loss_case(y, target, result, weights=weights)]
    for name, loss, width in [
        ("binary_crossentropy_logits", keras.losses.BinaryCrossentropy(from_logits=True), 1),
        ("sparse_categorical_crossentropy_logits", sparse, 3),
        (
            "categorical_crossentropy_logits",
            keras.losses.CategoricalCrossentropy(from_logits=True),
            3,
        ),
    ]:
        y = rng.normal(size=(6, width)).astype(F32)
        classes = rng.integers(0, max(width, 2), 6)
        class_weight = {i: float(w) for i, w in enumerate([0.5, 2.0, 1.25][: max(width, 2)])}
        if name.startswith("sparse"):
            target = classes
        elif width == 1:
            target = classes[:, None].astype(F32)
        else:
            target = one_hot(classes, width)
        result = more_keras_loss(loss, y, target, class_weights(target, class_weight))
        weights = np.array(list(class_weight.values()), F32)
        cases["class"][name] = [more_loss_case(y, target, result, weights=weights)]
    return cases


def class_weights(target, class_weight):
    """The sample weights that Keras' own fit makes of class weights."""
    from keras.src.trainers.data_adapters.data_adapter_utils import class_weight_to_sample_weights

    return class_weight_to_sample_weights(target, class_weight).astype(F32)


def make_more_losses():
    content = {"keras": {}, "torch": {}, "weighted": weighted_cases()}
    for name, (kind, in_keras, in_torch) in MORE_LOSSES.items():
        inputs = list(more_loss_inputs(kind))
        if in_keras:
            content["keras"][name] = [
                more_loss_case(y, t, more_keras_loss(in_keras, y, t)) for y, t in inputs
            ]
            if "hinge" in name and kind in EDGES:
                y, t = (np.array(a, F32) for a in EDGES[kind])
                case = more_loss_case(y, t, more_keras_loss(in_keras, y, t), note="edges")
                content["keras"][name].append(case)
        if in_torch:
            # PyTorch does not clip: where a probability is 0, the two part by definition.
            meant = [(y, t) for y, t in inputs if name != "kl_divergence" or t.all()]
            content["torch"][name] = [
                more_loss_case(y, t, more_torch_loss(in_torch, y, t)) for y, t in meant
            ]
    write("more_losses", content)


# --------------------------------------------------------------------------
# Metrics
# --------------------------------------------------------------------------


def make_metrics():
    rng = np.random.default_rng(5)
    m = keras.metrics
    target = rng.integers(0, 2, (60, 2)).astype(F32)
    probability = np.clip(0.5 + 0.3 * (target - 0.5) + 0.3 * rng.normal(size=target.shape), 0, 1)
    # Some at the threshold and at the edges of bins.
    probability[::9, 0], probability[::7, 1] = 0.5, rng.integers(0, 200, 9) / 199
    probability = probability.astype(F32)
    classes = rng.integers(0, 5, 60)
    scores = (rng.normal(size=(60, 5)) + 1.5 * one_hot(classes, 5)).astype(F32)
    true_values = (rng.normal(size=(60, 3)) * 3 + 10).astype(F32)
    values = (true_values + rng.normal(size=(60, 3))).astype(F32)
    logits = (2 * (target - 0.5) + 2 * rng.normal(size=target.shape)).astype(F32)
    sets = {
        "binary": (
            probability,
            target,
            {
                "binary_accuracy": m.BinaryAccuracy(),
                "precision": m.Precision(),
                "precision_07": m.Precision(thresholds=0.7),
                "recall": m.Recall(),
                "auc": m.AUC(),
                "auc_20": m.AUC(num_thresholds=20),
            },
        ),
        "logits": (
            logits,
            target,
            {
                "binary_accuracy": m.BinaryAccuracy(threshold=0.0),
                "auc": m.AUC(from_logits=True),
                "auc_20": m.AUC(num_thresholds=20, from_logits=True),
            },
        ),
        "classes": (
            scores,
            one_hot(classes, 5),
            {
                "categorical_accuracy": m.CategoricalAccuracy(),
                "top_2": m.TopKCategoricalAccuracy(2),
                "top_3": m.TopKCategoricalAccuracy(3),
                "macro_f1": m.F1Score(average="macro"),
                "f1": m.F1Score(average=None),
                "precision": [m.Precision(top_k=1, class_id=i) for i in range(5)],
                "recall": [m.Recall(top_k=1, class_id=i) for i in range(5)],
            },
        ),
        "one": (probability[:, :1], target[:, :1], {"f1": m.F1Score(threshold=0.5)}),
        "real": (
            values,
            true_values,
            {
                "mean_absolute_error": m.MeanAbsoluteError(),
                "mean_squared_error": m.MeanSquaredError(),
                "root_mean_squared_error": m.RootMeanSquaredError(),
                "r2": m.R2Score(),
                "log_cosh": m.LogCoshError(),
            },
        ),
    }
    content = {}
    for name, (y, t, metrics) in sets.items():
        results = {n: [] for n in metrics}
        for count in (20, 60):
            for n, metric in metrics.items():
                parts = metric if isinstance(metric, list) else [metric]
                row = []
                for part in parts:
                    part.reset_state()
                    part.update_state(t[:count], y[:count])
                    row.extend(flat32(part.result()))
                results[n].append(np.array(row, F32))
        confusion = None
        if name == "classes":
            table = tf.math.confusion_matrix(classes, scores.argmax(-1), 5).numpy()
            confusion = {"confusion_matrix": table}
        content[name] = {
            "rows": len(y),
            "width": y.shape[1],
            "y": y.ravel(),
            "target": t.ravel(),
            "after": [20, 60],
            "values": results,
            **(confusion or {}),
        }
    write("metrics", content)


# --------------------------------------------------------------------------
# Options of training: clipping, accumulation, penalties, early stopping
# --------------------------------------------------------------------------

OPTIONS = {
    "clipvalue": {"clipvalue": 0.05},
    "clipnorm": {"clipnorm": 0.1},
    "global_clipnorm": {"global_clipnorm": 0.2},
    "accumulation": {"gradient_accumulation_steps": 3},
    "accumulation_global_clipnorm": {"gradient_accumulation_steps": 3, "global_clipnorm": 0.2},
}

REGULARIZERS = {
    "l1": lambda: keras.regularizers.L1(0.01),
    "l2": lambda: keras.regularizers.L2(0.02),
    "l1l2": lambda: keras.regularizers.L1L2(l1=0.003, l2=0.01),
}


OPTION_OPTIMIZERS = {
    "sgd": (keras.optimizers.SGD, {"learning_rate": 0.05}),
    "adam": (keras.optimizers.Adam, {"learning_rate": 0.001}),
}

# The classifier has many weights: one optimizer is enough of them.
OPTION_NETS = {"tanh": ["sgd", "adam"], "classifier": ["adam"]}


def option_runs(net, optimizers):
    runs = {}
    for name in optimizers:
        optimizer, params = OPTION_OPTIMIZERS[name]
        for option, more in OPTIONS.items():
            runs[f"{name}_{option}"] = keras_run(net, {**params, **more}, optimizer)
        for penalty, regularizer in REGULARIZERS.items():
            # On the first layer only.
            layers = [{**net["layers"][0], "regularizer": regularizer()}, *net["layers"][1:]]
            runs[f"{name}_{penalty}"] = keras_run({**net, "layers": layers}, params, optimizer)
        # The gradient that is clipped has the penalty in it.
        layers = [{**layer, "regularizer": REGULARIZERS["l2"]()} for layer in net["layers"]]
        runs[f"{name}_l2_global_clipnorm"] = keras_run(
            {**net, "layers": layers}, {**params, "global_clipnorm": 0.2}, optimizer
        )
    return runs


EARLY_STOPPING = [
    {"patience": 3},
    {"patience": 0},
    {"patience": 1, "min_delta": 0.05},
    {"patience": 4, "min_delta": 0.02, "start_from_epoch": 6},
    {"patience": 3, "baseline": 0.4},
    {"patience": 5, "baseline": 0.8, "min_delta": 0.01},
    {"patience": 3, "mode": "max"},
    {"patience": 2, "mode": "max", "min_delta": 0.1, "start_from_epoch": 2},
]


def early_stopping_case(values, options):
    """What the callback makes of these values; the only weight is the number of the epoch."""
    layer = keras.layers.Dense(1, use_bias=False)
    model = keras.Sequential([keras.Input((1,)), layer])
    stop = keras.callbacks.EarlyStopping(
        monitor="value", restore_best_weights=True, **{"mode": "min", **options}
    )
    stop.set_model(model)
    model.stop_training = False
    stop.on_train_begin()
    for epoch, value in enumerate(values):
        layer.set_weights([np.full((1, 1), epoch, F32)])
        stop.on_epoch_end(epoch, {"value": float(value)})
        if model.stop_training:
            break
    stop.on_train_end()
    return {
        "options": options,
        "values": values,
        "epochs": epoch + 1,
        "stopped": bool(model.stop_training),
        "best_epoch": int(stop.best_epoch),
        "restored": int(layer.get_weights()[0][0, 0]),
    }


def early_stopping():
    rng = np.random.default_rng(5)
    cases = []
    for options in EARLY_STOPPING:
        for noise in (0.02, 0.3):
            values = np.exp(-np.arange(25) / 6) + noise * rng.normal(size=25)
            values = (1 - values) if options.get("mode") == "max" else values
            cases.append(early_stopping_case(values.astype(F32), options))
    return cases


def make_training_options():
    nets = {}
    for name, optimizers in OPTION_NETS.items():
        net = training_nets()[name]
        initial = keras_model(net, "sgd").get_weights()
        nets[name] = {
            "batch_size": net["batch_size"],
            "x": net["x"],
            "y": net["y"],
            "initial": [{"shape": list(w.shape), "data": w.ravel()} for w in initial],
            "runs": option_runs(net, optimizers),
        }
    write("training_options", {"nets": nets, "early_stopping": early_stopping()})


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
    "more_losses": make_more_losses,
    "metrics": make_metrics,
    "training": make_training,
    "optimizers": make_optimizers,
    "schedules": make_schedules,
    "training_options": make_training_options,
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

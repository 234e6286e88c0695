#!/usr/bin/env python3
"""Produce batch_norm.json: batch normalisation by Keras and PyTorch.

Usage, in the environment that make_reference.py describes:

    venv/bin/python make_batch_norm.py

README.md describes the layout.  Conventions and helpers are make_reference.py's.
"""

# First: it sets up TensorFlow before anything imports it.
from make_reference import (
    F32, KERAS_OPTIMIZERS, SNAPSHOTS, STEPS, TORCH_OPTIMIZERS, RecordingModel, batches, flat32, write,
)  # fmt: skip

import keras
import numpy as np
import tensorflow as tf
import torch
import torch.nn.functional as F

# The defaults of either library, written out.
KERAS = {"momentum": 0.99, "epsilon": 1e-3}
TORCH = {"momentum": 0.1, "eps": 1e-5}

# Samples, places of one axis or two, channels last.
SHAPES = [(4, 3), (2, 5, 3), (2, 3, 4, 2)]
CALLS = 3


def random_layer(rng, channels):
    """Weights and moving statistics that are not where training begins."""
    return {
        "gamma": rng.uniform(0.5, 1.5, channels).astype(F32),
        "beta": rng.normal(size=channels).astype(F32),
        "mean": rng.normal(size=channels).astype(F32),
        "variance": rng.uniform(0.5, 2, channels).astype(F32),
    }


# --------------------------------------------------------------------------
# The layer alone
# --------------------------------------------------------------------------


def keras_layer(weights, shape):
    layer = keras.layers.BatchNormalization(**KERAS)
    layer.build((None, *shape[1:]))
    layer.set_weights([weights[n] for n in ("gamma", "beta", "mean", "variance")])
    return layer


def keras_layer_case(case):
    shape = case["shape"]
    x, dy = (tf.constant(case[n].reshape(shape)) for n in ("x", "dy"))

    def mode(training):
        layer = keras_layer(case, shape)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=training)
        of = [x, layer.gamma.value, layer.beta.value]
        dx, dgamma, dbeta = tape.gradient(y, of, output_gradients=dy)
        return {
            "y": flat32(y),
            "dx": flat32(dx),
            "dgamma": flat32(dgamma),
            "dbeta": flat32(dbeta),
        }

    frozen = keras_layer(case, shape)
    frozen.trainable = False
    result = {"training": mode(True), "inference": mode(False), "moving": []}
    assert np.array_equal(flat32(frozen(x, training=True)), result["inference"]["y"])
    layer = keras_layer(case, shape)
    for _ in range(CALLS):
        layer(x, training=True)
        result["moving"].append(
            {"mean": flat32(layer.moving_mean), "variance": flat32(layer.moving_variance)}
        )
    return result


def torch_layer(weights, shape):
    module = [torch.nn.BatchNorm1d, torch.nn.BatchNorm1d, torch.nn.BatchNorm2d][len(shape) - 2]
    layer = module(shape[-1], **TORCH)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weights["gamma"]))
        layer.bias.copy_(torch.tensor(weights["beta"]))
        layer.running_mean.copy_(torch.tensor(weights["mean"]))
        layer.running_var.copy_(torch.tensor(weights["variance"]))
    return layer


def torch_layer_case(case):
    shape = case["shape"]

    # PyTorch has channels second.
    def channels_second(name):
        return torch.tensor(np.moveaxis(case[name].reshape(shape), -1, 1).copy())

    def channels_last(tensor):
        return flat32(torch.movedim(tensor, 1, -1).contiguous())

    def mode(training):
        layer = torch_layer(case, shape).train(training)
        x = channels_second("x").requires_grad_()
        y = layer(x)
        y.backward(channels_second("dy"))
        return {
            "y": channels_last(y),
            "dx": channels_last(x.grad),
            "dgamma": flat32(layer.weight.grad),
            "dbeta": flat32(layer.bias.grad),
        }

    result = {"training": mode(True), "inference": mode(False), "moving": []}
    layer = torch_layer(case, shape)
    for _ in range(CALLS):
        layer(channels_second("x"))
        result["moving"].append(
            {"mean": flat32(layer.running_mean), "variance": flat32(layer.running_var)}
        )
    return result


def layer_case(seed, shape):
    rng = np.random.default_rng(seed)
    # Each channel with a mean and a spread of its own.
    x = rng.normal(size=shape) * rng.uniform(0.5, 3, shape[-1]) + rng.normal(size=shape[-1])
    case = {
        "shape": list(shape),
        "x": x.astype(F32).ravel(),
        "dy": rng.normal(size=shape).astype(F32).ravel(),
        **random_layer(rng, shape[-1]),
    }
    return {**case, "keras": keras_layer_case(case), "torch": torch_layer_case(case)}


# --------------------------------------------------------------------------
# Training: Dense(3, 5), batch normalisation before or after an activation, Dense(5, 2)
# --------------------------------------------------------------------------

NAMES = ("kernel", "bias", "gamma", "beta", "mean", "variance", "kernel", "bias")

# What stands between the dense layers, in either library.
KERAS_MIDDLES = {
    "norm_relu": lambda norm: [norm, keras.layers.ReLU()],
    "tanh_norm": lambda norm: [keras.layers.Activation("tanh"), norm],
}
TORCH_MIDDLES = {
    "norm_relu": lambda norm: [norm, torch.nn.ReLU()],
    "tanh_norm": lambda norm: [torch.nn.Tanh(), norm],
}


def training_net(seed):
    rng = np.random.default_rng(seed)

    def normal(*shape):
        return rng.normal(size=shape).astype(F32)

    new = {"mean": np.zeros(5, F32), "variance": np.ones(5, F32)}
    norm = {**random_layer(rng, 5), **new}
    initial = [normal(3, 5) * F32(0.5), normal(5) * F32(0.1)]
    initial += [norm[n] for n in ("gamma", "beta", "mean", "variance")]
    initial += [normal(5, 2) * F32(0.5), normal(2) * F32(0.1)]
    return {"batch_size": 4, "x": normal(12, 3), "y": normal(12, 2), "initial": initial}


def keras_run(name, net, params, optimizer_class):
    middle = KERAS_MIDDLES[name](keras.layers.BatchNormalization(**KERAS))
    layers = [keras.Input((3,)), keras.layers.Dense(5), *middle, keras.layers.Dense(2)]
    model = RecordingModel(layers)
    names = [w.name.removeprefix("moving_") for w in model.weights]
    assert tuple(names) == NAMES, names
    model.set_weights(net["initial"])
    model.compile(loss="mse", optimizer=optimizer_class(**params), run_eagerly=True)
    run = {"params": params, "losses": [], "weights": {}}
    for step, (x, y) in zip(range(1, STEPS + 1), batches(net)):
        model.train_on_batch(x, y)
        run["losses"].append(F32(model.last_loss.numpy()))
        if step in SNAPSHOTS:
            run["weights"][str(step)] = [flat32(w) for w in model.get_weights()]
    return run


def torch_run(name, net, params, optimizer_class):
    first, last = torch.nn.Linear(3, 5), torch.nn.Linear(5, 2)
    norm = torch.nn.BatchNorm1d(5, **TORCH)
    model = torch.nn.Sequential(first, *TORCH_MIDDLES[name](norm), last)
    tensors = [first.weight, first.bias, norm.weight, norm.bias]
    tensors += [norm.running_mean, norm.running_var, last.weight, last.bias]
    # .T: PyTorch has kernels as [outputs][inputs].
    with torch.no_grad():
        for tensor, values in zip(tensors, net["initial"]):
            tensor.copy_(torch.tensor(values.T.copy()))
    optimizer = optimizer_class(model.parameters(), **params)
    run = {"params": params, "losses": [], "weights": {}}
    for step, (x, y) in zip(range(1, STEPS + 1), batches(net)):
        optimizer.zero_grad()
        loss = F.mse_loss(model(torch.tensor(x)), torch.tensor(y))
        loss.backward()
        optimizer.step()
        run["losses"].append(F32(loss.item()))
        if step in SNAPSHOTS:
            run["weights"][str(step)] = [flat32(t.T if t.dim() == 2 else t) for t in tensors]
    return run


def training(name, seed):
    net = training_net(seed)
    runs = {n: keras_run(name, net, *KERAS_OPTIMIZERS[n]) for n in ("sgd", "adam")}
    for run in ("torch_sgd", "torch_adam"):
        runs[run] = torch_run(name, net, *TORCH_OPTIMIZERS[run])
    initial = [
        {"name": n, "shape": list(w.shape), "data": w.ravel()} for n, w in zip(NAMES, net["initial"])
    ]
    return {**net, "initial": initial, "runs": runs}


def main():
    layers = [layer_case(501 + i, shape) for i, shape in enumerate(SHAPES)]
    nets = {name: training(name, 511 + i) for i, name in enumerate(KERAS_MIDDLES)}
    write("batch_norm", {"keras": KERAS, "torch": TORCH, "layers": layers, "nets": nets})


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Produce convolutions.json: convolutions, pools and what goes with them, by Keras and PyTorch.

Usage, in the environment that make_reference.py describes:

    venv/bin/python make_convolutions.py

README.md describes the layout.  Conventions and helpers are make_reference.py's.
"""

# First: it sets up TensorFlow before anything imports it.
from make_reference import F32, flat32, write

import keras
import numpy as np
import tensorflow as tf
import torch

BATCH = 2


def numbers(rng, shape, scale=1.0):
    """Random numbers of few digits, to keep the file small."""
    return np.round(rng.normal(size=shape) * scale, 3).astype(F32)


def distinct(rng, shape):
    """The same for the input of a maximum: no two numbers are equal."""
    count = int(np.prod(shape))
    return (rng.permutation(count) - count // 2).reshape(shape).astype(F32) / F32(32)


# --------------------------------------------------------------------------
# Keras
# --------------------------------------------------------------------------

L = keras.layers
# The names of a layer's tensors, in the order of `get_weights`.
CONV = ("kernel", "bias")
SEPARABLE = ("depthwise_kernel", "pointwise_kernel", "bias")

# A name, a layer, the names of its tensors, and the shape of a sample.
KERAS = [
    ("conv1d_same", L.Conv1D(4, 3, padding="same", activation="tanh"), CONV, (7, 3)),
    ("conv1d_even_same", L.Conv1D(2, 4, padding="same"), CONV, (6, 3)),
    ("conv1d_valid", L.Conv1D(5, 3), CONV, (7, 2)),
    ("conv1d_causal", L.Conv1D(4, 3, padding="causal"), CONV, (5, 3)),
    ("conv1d_stride", L.Conv1D(3, 3, strides=2, padding="same"), CONV, (8, 2)),
    ("conv1d_odd_stride", L.Conv1D(3, 3, strides=2, padding="same"), CONV, (9, 2)),
    ("conv1d_stride_valid", L.Conv1D(2, 4, strides=3), CONV, (12, 2)),
    ("conv1d_stride_causal", L.Conv1D(2, 3, strides=2, padding="causal"), CONV, (7, 2)),
    ("conv1d_dilated", L.Conv1D(3, 3, dilation_rate=2, padding="same"), CONV, (7, 2)),
    ("conv1d_dilated_valid", L.Conv1D(3, 2, dilation_rate=3), CONV, (7, 2)),
    ("conv1d_dilated_causal", L.Conv1D(3, 3, dilation_rate=2, padding="causal"), CONV, (8, 2)),
    ("conv1d_short", L.Conv1D(2, 5, padding="same"), CONV, (3, 2)),
    ("conv2d_mfcc", L.Conv2D(3, (10, 4), strides=2, padding="same"), CONV, (9, 7, 1)),
    ("conv2d_same", L.Conv2D(3, 3, padding="same", activation="relu"), CONV, (4, 5, 2)),
    ("conv2d_valid", L.Conv2D(2, (3, 2)), CONV, (4, 5, 3)),
    ("conv2d_stride", L.Conv2D(2, 3, strides=2, padding="same"), CONV, (6, 5, 2)),
    ("conv2d_stride_valid", L.Conv2D(3, 2, strides=2), CONV, (5, 6, 1)),
    ("conv2d_dilated", L.Conv2D(2, 3, dilation_rate=2, padding="same"), CONV, (5, 6, 2)),
    ("conv2d_dilated_valid", L.Conv2D(2, (2, 3), dilation_rate=2), CONV, (4, 6, 2)),
    ("conv2d_1x1", L.Conv2D(4, 1), CONV, (3, 3, 5)),
    ("conv2d_1x1_stride", L.Conv2D(3, 1, strides=2), CONV, (5, 4, 2)),
    ("depthwise1d_same", L.DepthwiseConv1D(3, padding="same"), CONV, (7, 5)),
    ("depthwise1d_valid", L.DepthwiseConv1D(4), CONV, (7, 3)),
    ("depthwise1d_stride", L.DepthwiseConv1D(3, strides=2, padding="same"), CONV, (8, 3)),
    ("depthwise1d_dilated", L.DepthwiseConv1D(3, dilation_rate=2, padding="same"), CONV, (7, 3)),
    ("depthwise2d_same", L.DepthwiseConv2D(3, padding="same", activation="relu"), CONV, (4, 5, 3)),
    ("depthwise2d_valid", L.DepthwiseConv2D((3, 2)), CONV, (4, 5, 2)),
    ("depthwise2d_stride", L.DepthwiseConv2D(3, strides=2, padding="same"), CONV, (5, 6, 3)),
    ("depthwise2d_dilated", L.DepthwiseConv2D(3, dilation_rate=2, padding="same"), CONV, (5, 4, 2)),
    ("separable1d", L.SeparableConv1D(4, 3, padding="same"), SEPARABLE, (5, 2)),
    ("separable2d", L.SeparableConv2D(4, 3, strides=2, padding="same"), SEPARABLE, (4, 5, 2)),
    ("max_pool1d_valid", L.MaxPooling1D(2), (), (7, 3)),
    ("max_pool1d_same", L.MaxPooling1D(3, strides=2, padding="same"), (), (8, 3)),
    ("max_pool2d_valid", L.MaxPooling2D(2), (), (5, 4, 3)),
    ("max_pool2d_overlap", L.MaxPooling2D((3, 2), strides=1), (), (4, 5, 2)),
    ("max_pool2d_same", L.MaxPooling2D(3, strides=2, padding="same"), (), (6, 5, 2)),
    ("max_pool2d_ties", L.MaxPooling2D(2), (), (4, 4, 2)),
    ("average_pool1d_valid", L.AveragePooling1D(2), (), (7, 3)),
    ("average_pool1d_same", L.AveragePooling1D(3, strides=2, padding="same"), (), (8, 3)),
    ("average_pool2d_valid", L.AveragePooling2D((2, 3)), (), (5, 6, 2)),
    ("average_pool2d_same", L.AveragePooling2D(3, strides=2, padding="same"), (), (6, 5, 2)),
    ("global_average_pool1d", L.GlobalAveragePooling1D(), (), (6, 3)),
    ("global_average_pool2d", L.GlobalAveragePooling2D(), (), (3, 4, 3)),
    ("global_max_pool1d", L.GlobalMaxPooling1D(), (), (6, 3)),
    ("global_max_pool2d", L.GlobalMaxPooling2D(), (), (3, 4, 3)),
    ("zero_padding1d", L.ZeroPadding1D((2, 1)), (), (3, 2)),
    ("zero_padding2d", L.ZeroPadding2D(((1, 2), (0, 1))), (), (2, 3, 2)),
    ("cropping1d", L.Cropping1D((1, 2)), (), (6, 2)),
    ("cropping2d", L.Cropping2D(((1, 0), (0, 2))), (), (3, 5, 2)),
    ("up_sampling1d", L.UpSampling1D(3), (), (3, 2)),
    ("up_sampling2d", L.UpSampling2D((2, 3)), (), (2, 3, 2)),
    ("transposed1d_same", L.Conv1DTranspose(3, 4, strides=2, padding="same", activation="tanh"), CONV, (4, 2)),
    ("transposed1d_odd_same", L.Conv1DTranspose(2, 3, strides=2, padding="same"), CONV, (4, 3)),
    ("transposed1d_even_same", L.Conv1DTranspose(2, 4, padding="same"), CONV, (5, 2)),
    ("transposed1d_valid", L.Conv1DTranspose(3, 5, strides=2), CONV, (4, 2)),
    ("transposed1d_gaps", L.Conv1DTranspose(2, 2, strides=3), CONV, (4, 3)),
    ("transposed2d_same", L.Conv2DTranspose(2, 3, strides=2, padding="same", activation="relu"), CONV, (3, 2, 3)),
    ("transposed2d_valid", L.Conv2DTranspose(3, (2, 3), strides=2), CONV, (2, 3, 2)),
    ("transposed2d_wide", L.Conv2DTranspose(2, (5, 4), strides=3, padding="same"), CONV, (2, 3, 1)),
    ("transposed1d_output_padding", L.Conv1DTranspose(2, 3, strides=2, padding="same", output_padding=0), CONV, (4, 2)),
]  # fmt: skip


def options(layer):
    """The options of the layer that say what it computes."""
    config = layer.get_config()
    names = (
        "filters", "kernel_size", "strides", "dilation_rate", "padding", "activation",
        "pool_size", "cropping", "size", "output_padding",
    )  # fmt: skip
    return {n: config[n] for n in names if n in config}


def keras_case(seed, name, layer, tensors, shape):
    rng = np.random.default_rng(seed)
    shape = (BATCH, *shape)
    layer.build(shape)
    weights = [numbers(rng, w.shape, 0.5) for w in layer.get_weights()]
    assert len(weights) == len(tensors), name
    layer.set_weights(weights)
    if name.endswith("ties"):
        values = rng.integers(0, 2, shape).astype(F32)
    else:
        values = distinct(rng, shape) if "max_pool" in name else numbers(rng, shape)
    x = tf.constant(values)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    dy = numbers(rng, y.shape)
    of = [x, *(w.value for w in layer.weights)]
    dx, *gradients = tape.gradient(y, of, output_gradients=tf.constant(dy))
    return {
        "layer": type(layer).__name__,
        "options": options(layer),
        "x_shape": list(x.shape),
        "y_shape": list(y.shape),
        "x": flat32(x),
        "weights": {n: w.ravel() for n, w in zip(tensors, weights)},
        "y": flat32(y),
        "dy": dy.ravel(),
        "dx": flat32(dx),
        "gradients": {n: flat32(g) for n, g in zip(tensors, gradients)},
    }


# --------------------------------------------------------------------------
# PyTorch: what Keras has not, symmetric padding with a stride
# --------------------------------------------------------------------------

# A name, a layer, and the shape of a sample, channels last.
TORCH = [
    ("conv1d_padding1_stride2", torch.nn.Conv1d(2, 3, 3, stride=2, padding=1), (8, 2)),
    ("conv2d_padding1_stride2", torch.nn.Conv2d(2, 3, 3, stride=2, padding=1), (6, 5, 2)),
    ("depthwise2d_padding1_stride2", torch.nn.Conv2d(3, 3, 3, stride=2, padding=1, groups=3), (6, 4, 3)),
    ("average_pool2d_padding1_stride2", torch.nn.AvgPool2d(3, stride=2, padding=1), (6, 5, 2)),
    ("transposed1d_padding1_stride2", torch.nn.ConvTranspose1d(2, 3, 3, stride=2, padding=1), (4, 2)),
    ("transposed1d_dilated", torch.nn.ConvTranspose1d(2, 3, 3, stride=2, dilation=2), (4, 2)),
    ("transposed2d_padding1_stride2", torch.nn.ConvTranspose2d(2, 3, 4, stride=2, padding=1), (3, 2, 2)),
    ("transposed2d_dilated", torch.nn.ConvTranspose2d(3, 2, 2, dilation=2), (2, 3, 3)),
]  # fmt: skip


def channels_second(array):
    return torch.tensor(np.moveaxis(array, -1, 1).copy())


def channels_last(tensor):
    return np.moveaxis(tensor.detach().numpy(), 1, -1)


def kernel_last(tensor, depthwise):
    """A kernel as Keras stores it: `[rows][columns][in][out]`, and `[rows][columns][channels]` of a depthwise layer.

    PyTorch's transposed layers have `[in][out]` in front where Keras' have `[out][in]` at the end: it is the same line.
    """
    kernel = np.moveaxis(tensor.detach().numpy(), (0, 1), (-1, -2))
    return kernel[..., 0, :] if depthwise else kernel


def torch_case(seed, name, layer, shape):
    rng = np.random.default_rng(seed)
    depthwise = name.startswith("depthwise")
    x = channels_second(numbers(rng, (BATCH, *shape))).requires_grad_()
    tensors = dict(zip(CONV, layer.parameters()))
    with torch.no_grad():
        for tensor in tensors.values():
            tensor.copy_(torch.tensor(numbers(rng, tensor.shape, 0.5)))
    y = layer(x)
    dy = numbers(rng, channels_last(y).shape)
    y.backward(channels_second(dy))

    def keras_layout(tensor):
        return flat32(kernel_last(tensor, depthwise) if tensor.dim() > 1 else tensor)

    return {
        "layer": repr(layer),
        "x_shape": [BATCH, *shape],
        "y_shape": list(dy.shape),
        "x": flat32(channels_last(x)),
        "weights": {n: keras_layout(t) for n, t in tensors.items()},
        "y": flat32(channels_last(y)),
        "dy": dy.ravel(),
        "dx": flat32(channels_last(x.grad)),
        "gradients": {n: keras_layout(t.grad) for n, t in tensors.items()},
    }


def main():
    of_keras = {case[0]: keras_case(601 + i, *case) for i, case in enumerate(KERAS)}
    of_torch = {case[0]: torch_case(701 + i, *case) for i, case in enumerate(TORCH)}
    write("convolutions", {"keras": of_keras, "torch": of_torch})


if __name__ == "__main__":
    main()

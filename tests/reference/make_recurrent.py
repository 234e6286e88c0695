#!/usr/bin/env python3
"""Produce recurrent.json: recurrent layers and embeddings, by Keras and PyTorch.

Usage, in the environment that make_reference.py describes:

    venv/bin/python make_recurrent.py

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


def padded(rng, shape, lengths):
    """Random sequences.  All steps from a sequence's length on are zero: padding."""
    x = numbers(rng, shape)
    for sequence, length in zip(x, lengths or ()):
        sequence[length:] = 0
    return x


def case(layer, x, y, dy, dx, weights, gradients, **more):
    return {
        "layer": layer,
        **more,
        "x_shape": list(x.shape),
        "y_shape": list(y.shape),
        "x": flat32(x),
        "weights": {n: flat32(w) for n, w in weights.items()},
        "y": flat32(y),
        "dy": flat32(dy),
        "dx": flat32(dx),
        "gradients": {n: flat32(g) for n, g in gradients.items()},
    }


# --------------------------------------------------------------------------
# Keras
# --------------------------------------------------------------------------

L = keras.layers
ALL = {"return_sequences": True}
MASKED = {"lengths": (5, 2)}
# What Bidirectional sets by itself.
ALL_MASKED = {"return_sequences": True, "zero_output_for_mask": True}
BACK = {"go_backwards": True}

# A name, the layers, the number of steps, and what else keras_case takes.
KERAS = [
    ("simple_rnn_1", [L.SimpleRNN(5, **ALL)], 1, {}),
    ("simple_rnn_relu_2", [L.SimpleRNN(5, activation="relu", **ALL)], 2, {}),
    ("simple_rnn_relu_7", [L.SimpleRNN(5, activation="relu")], 7, {}),
    ("simple_rnn_initial", [L.SimpleRNN(5)], 2, {"initial": True}),
    ("simple_rnn_masked", [L.SimpleRNN(5, **ALL_MASKED)], 7, MASKED),
    ("simple_rnn_backwards", [L.SimpleRNN(5, **ALL, **BACK)], 7, {}),
    ("gru_1", [L.GRU(5)], 1, {}),
    ("gru_2", [L.GRU(5, **ALL)], 2, {}),
    ("gru_7", [L.GRU(5)], 7, {}),
    ("gru_50", [L.GRU(5)], 50, {}),
    ("gru_wide", [L.GRU(17, **ALL)], 7, {"inputs": 1}),
    ("gru_initial", [L.GRU(5, **ALL)], 7, {"initial": True}),
    ("gru_masked", [L.GRU(5, **ALL_MASKED)], 7, MASKED),
    ("gru_masked_initial", [L.GRU(5)], 7, {"initial": True, **MASKED}),
    ("gru_backwards", [L.GRU(5, **ALL, **BACK)], 7, {}),
    ("gru_masked_backwards_last", [L.GRU(5, **BACK)], 7, MASKED),
    ("gru_masked_backwards_initial", [L.GRU(5, **ALL_MASKED, **BACK)], 7, {"initial": True, **MASKED}),
    ("gru_before_2", [L.GRU(5, reset_after=False)], 2, {}),
    ("gru_before_7", [L.GRU(5, reset_after=False, **ALL)], 7, {}),
    ("gru_before_50", [L.GRU(5, reset_after=False)], 50, {}),
    ("gru_before_initial", [L.GRU(5, reset_after=False)], 2, {"initial": True}),
    ("gru_before_masked", [L.GRU(5, reset_after=False, **ALL_MASKED)], 7, MASKED),
    ("lstm_1", [L.LSTM(5, **ALL)], 1, {}),
    ("lstm_7", [L.LSTM(5, **ALL)], 7, {}),
    ("lstm_50", [L.LSTM(5, **ALL)], 50, {}),
    ("lstm_initial", [L.LSTM(5, **ALL)], 7, {"initial": True}),
    ("lstm_masked", [L.LSTM(5, **ALL_MASKED)], 7, MASKED),
    ("lstm_masked_initial", [L.LSTM(5)], 7, {"initial": True, **MASKED}),
    ("lstm_backwards", [L.LSTM(5, **ALL, **BACK)], 7, {}),
    ("lstm_masked_backwards_last", [L.LSTM(5, **BACK)], 7, MASKED),
    ("bidirectional_gru_last", [L.Bidirectional(L.GRU(5))], 7, {}),
    ("bidirectional_lstm", [L.Bidirectional(L.LSTM(5, **ALL))], 7, {}),
    ("bidirectional_gru_masked", [L.Bidirectional(L.GRU(5, **ALL))], 7, MASKED),
    ("stacked_lstm", [L.LSTM(5, **ALL), L.LSTM(4)], 7, {}),
    ("stacked_gru_masked", [L.GRU(5, **ALL_MASKED), L.GRU(4)], 7, MASKED),
]  # fmt: skip


def gates(matrix, hidden):
    """`[in][gate · out]`, as Keras has it, as `[gate][in][out]`.  A vector `[gate · out]` stays as it is."""
    matrix = np.asarray(matrix)
    return np.moveaxis(matrix.reshape(-1, matrix.shape[-1] // hidden, hidden), 1, 0)


def tensors(prefix, hidden, kernel, recurrent, bias):
    """The tensors of one direction of one layer in our layout.

    The gates have Keras' order.  The bias of a GRU with `reset_after` is `[input or recurrent][gate · out]`, and ours has
    the three rows of the recurrent bias behind those of the input bias: the same flat numbers.
    """
    return {f"{prefix}w": gates(kernel, hidden), f"{prefix}u": gates(recurrent, hidden), f"{prefix}b": bias}


def named(layers):
    """Each direction of each layer, and what its tensors' names begin with."""
    if isinstance(layers[0], L.Bidirectional):
        return {"forward_": layers[0].forward_layer, "backward_": layers[0].backward_layer}
    return dict(zip(("",) if len(layers) == 1 else ("first_", "second_"), layers))


def in_place(layer, y):
    """Outputs at their steps: Keras leaves them in the order in which they are computed."""
    reverse = not isinstance(layer, L.Bidirectional) and layer.go_backwards and layer.return_sequences
    return tf.reverse(y, [1]) if reverse else y


def options(layer):
    """The options of the layer that say what it computes."""
    if isinstance(layer, L.Bidirectional):
        layer = layer.forward_layer
    config = layer.get_config()
    names = ("units", "activation", "reset_after", "return_sequences", "go_backwards")
    return {n: config[n] for n in names if n in config}


def keras_case(seed, name, layers, steps, more):
    rng = np.random.default_rng(seed)
    inputs, lengths = more.get("inputs", 3), more.get("lengths")
    x = tf.constant(padded(rng, (BATCH, steps, inputs), lengths))
    shape = x.shape
    for layer in layers:
        layer.build(shape)
        layer.set_weights([numbers(rng, w.shape, 0.5) for w in layer.get_weights()])
        shape = layer.compute_output_shape(shape)
    parts = named(layers)
    # Of an LSTM h, then c.  All samples begin with the same state.
    states = 2 if isinstance(layers[0], L.LSTM) else 1
    initial = tf.constant(numbers(rng, (states, layers[0].units), 0.5)) if "initial" in more else None
    with tf.GradientTape() as tape:
        tape.watch([x] if initial is None else [x, initial])
        y = L.Masking()(x) if lengths else x
        # A layer that is given a state does not find the mask by itself.
        given = {"mask": L.Masking().compute_mask(x)} if lengths else {}
        if initial is not None:
            given["initial_state"] = [tf.repeat(state[None], BATCH, 0) for state in initial]
        for layer in layers:
            y = in_place(layer, layer(y, **given))
    dy = numbers(rng, y.shape)
    variables = [[w.value for w in layer.weights] for layer in parts.values()]
    of = [x, variables] if initial is None else [x, variables, initial]
    dx, grads, *d_initial = tape.gradient(y, of, output_gradients=tf.constant(dy))
    weights, gradients = {}, {}
    for (prefix, layer), values, grads in zip(parts.items(), variables, grads):
        weights |= tensors(prefix, layer.units, *values)
        gradients |= tensors(prefix, layer.units, *grads)
    if initial is not None:
        weights["initial"], gradients["initial"] = initial, d_initial[0]
    about = {"options": [options(layer) for layer in layers]} | ({"lengths": list(lengths)} if lengths else {})
    return case(type(layers[0]).__name__, x, y, dy, dx, weights, gradients, **about)


def embedding_case(seed):
    """Rows of a table.  One is used often, two are never used.  Indices have no gradient."""
    rng = np.random.default_rng(seed)
    x = np.array([[1, 3, 1, 0, 4], [1, 1, 4, 3, 3]])
    layer = L.Embedding(6, 3)
    layer.build(x.shape)
    layer.set_weights([numbers(rng, (6, 3), 0.5)])
    with tf.GradientTape() as tape:
        y = layer(x)
    dy = numbers(rng, y.shape)
    gradient = tape.gradient(y, layer.weights[0].value, output_gradients=tf.constant(dy))
    weights, gradients = {"table": layer.get_weights()[0]}, {"table": tf.convert_to_tensor(gradient)}
    return case("Embedding", x, y, dy, np.zeros(x.shape), weights, gradients)


# --------------------------------------------------------------------------
# PyTorch
# --------------------------------------------------------------------------

# A name, a layer, the number of steps, whether all outputs are taken or the last one, and what else torch_case takes.
TORCH = [
    ("rnn_tanh", torch.nn.RNN(3, 5, batch_first=True), 7, True, {}),
    ("rnn_relu", torch.nn.RNN(3, 5, batch_first=True, nonlinearity="relu"), 2, False, {}),
    ("gru", torch.nn.GRU(3, 5, batch_first=True), 2, True, {}),
    ("gru_last", torch.nn.GRU(3, 5, batch_first=True), 7, False, {}),
    ("gru_initial", torch.nn.GRU(3, 5, batch_first=True), 2, True, {"initial": True}),
    ("gru_packed", torch.nn.GRU(3, 5, batch_first=True), 7, True, MASKED),
    ("lstm", torch.nn.LSTM(3, 5, batch_first=True), 7, True, {}),
    ("lstm_initial", torch.nn.LSTM(3, 5, batch_first=True), 7, False, {"initial": True}),
    ("lstm_packed_last", torch.nn.LSTM(3, 5, batch_first=True), 7, False, MASKED),
    ("bidirectional_gru_last", torch.nn.GRU(3, 5, batch_first=True, bidirectional=True), 7, False, {}),
    ("bidirectional_lstm_packed", torch.nn.LSTM(3, 5, batch_first=True, bidirectional=True), 7, True, MASKED),
    ("stacked_lstm", torch.nn.LSTM(3, 5, num_layers=2, batch_first=True), 7, True, {}),
]  # fmt: skip


def torch_tensors(layer, suffix, prefix, of, one_bias):
    """The tensors of one direction of one layer in our layout.

    PyTorch has `[gate · out][in]`.  The gates of its GRU are r, z and n, where ours are z, r and h; those of its LSTM are
    ours.  It has two biases, of which a GRU needs both.  `one_bias` makes one of those of other layers.
    """
    gru = isinstance(layer, torch.nn.GRU)

    def tensor(name):
        values = of(getattr(layer, f"{name}_{suffix}")).detach().numpy()
        rows = values.reshape(-1, layer.hidden_size, values.size // len(values))
        return rows[[1, 0, 2] if gru else ...].transpose(0, 2, 1)

    biases = tensor("bias_ih"), tensor("bias_hh")
    b = np.concatenate(biases) if gru else one_bias(*biases)
    return {f"{prefix}w": tensor("weight_ih"), f"{prefix}u": tensor("weight_hh"), f"{prefix}b": b}


def torch_case(seed, name, layer, steps, sequences, more):
    rng = np.random.default_rng(seed)
    lengths = more.get("lengths")
    x = torch.tensor(padded(rng, (BATCH, steps, layer.input_size), lengths), requires_grad=True)
    with torch.no_grad():
        for tensor in layer.parameters():
            tensor.copy_(torch.tensor(numbers(rng, tensor.shape, 0.5)))
    if layer.bidirectional:
        parts = {"forward_": "l0", "backward_": "l0_reverse"}
    else:
        parts = {"": "l0"} if layer.num_layers == 1 else {"first_": "l0", "second_": "l1"}
    # Of an LSTM h, then c.  All samples begin with the same state.
    lstm = isinstance(layer, torch.nn.LSTM)
    initial, given = None, ()
    if "initial" in more:
        initial = torch.tensor(numbers(rng, (2 if lstm else 1, layer.hidden_size), 0.5), requires_grad=True)
        states = [state.expand(1, BATCH, -1).contiguous() for state in initial]
        given = (tuple(states) if lstm else states[0],)
    if lengths:
        y, last = layer(torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True), *given)
        y = torch.nn.utils.rnn.pad_packed_sequence(y, batch_first=True, total_length=steps)[0]
    else:
        y, last = layer(x, *given)
    if not sequences:
        last = last[0] if lstm else last
        y = torch.cat(list(last), dim=-1) if layer.bidirectional else last[-1]
    dy = numbers(rng, y.shape)
    y.backward(torch.tensor(dy))
    weights, gradients = {}, {}
    for prefix, suffix in parts.items():
        weights |= torch_tensors(layer, suffix, prefix, lambda tensor: tensor, lambda a, b: a + b)
        # The gradients of both biases are the same.
        gradients |= torch_tensors(layer, suffix, prefix, lambda tensor: tensor.grad, lambda a, _: a)
    if initial is not None:
        weights["initial"], gradients["initial"] = initial, initial.grad
    about = {"last": not sequences} | ({"lengths": list(lengths)} if lengths else {})
    return case(repr(layer), x, y, dy, x.grad, weights, gradients, **about)


def main():
    of_keras = {case[0]: keras_case(801 + i, *case) for i, case in enumerate(KERAS)}
    of_keras["embedding"] = embedding_case(899)
    of_torch = {case[0]: torch_case(901 + i, *case) for i, case in enumerate(TORCH)}
    write("recurrent", {"keras": of_keras, "torch": of_torch})


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Produce int8.json: operators of int8 by TensorFlow Lite Micro's reference kernels.

Usage, in an environment with tflite-micro==0.dev20261023182759 and numpy==2.4.6:

    venv/bin/python make_int8.py

Each case is a model of one operator with random weights and scales, which TensorFlow Lite Micro's interpreter runs.  README.md
describes the layout.  Python's usual interpreter of TensorFlow Lite has other kernels, with other bytes.
"""

import json
from pathlib import Path

import flatbuffers
import numpy as np
from tflite_micro import runtime
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

F32 = np.float32
INT8, UINT8, INT16, INT32 = (getattr(schema.TensorType, name) for name in ("INT8", "UINT8", "INT16", "INT32"))
DTYPES = {INT8: np.int8, UINT8: np.uint8, INT16: np.int16, INT32: np.int32}
OPERATOR = schema.BuiltinOperator
ACTIVATIONS = {"none": 0, "relu": 1, "relu6": 3}
SAME, VALID = 0, 1


class Model:
    """A model of one operator: tensors are added one by one, then the operator."""

    def __init__(self):
        self.tensors, self.buffers = [], [schema.BufferT()]

    def tensor(self, shape, scales, zero_point=0, data=None, kind=INT8, variable=False, axis=0):
        tensor, quantization, buffer = schema.TensorT(), schema.QuantizationParametersT(), schema.BufferT()
        quantization.scale = [float(s) for s in np.atleast_1d(scales)]
        quantization.zeroPoint = [int(zero_point)] * len(quantization.scale)
        quantization.quantizedDimension = axis
        tensor.shape, tensor.type, tensor.name = list(shape), kind, f"t{len(self.tensors)}"
        tensor.quantization, tensor.isVariable, tensor.buffer = quantization, variable, len(self.buffers)
        if data is not None:
            buffer.data = list(np.ascontiguousarray(data, DTYPES[kind]).tobytes())
        self.buffers.append(buffer)
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def run(self, code, options, inputs, output, xs):
        """The outputs for inputs one after another, each of which is a list with the data of each input of the model."""
        operator, graph, model, kind = schema.OperatorT(), schema.SubGraphT(), schema.ModelT(), schema.OperatorCodeT()
        kind.builtinCode, kind.deprecatedBuiltinCode, kind.version = code, min(code, 127), 1
        operator.inputs, operator.outputs, operator.opcodeIndex = inputs, [output], 0
        if options is not None:
            operator.builtinOptions = options
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
        given = [t for t in inputs if t >= 0 and not self.tensors[t].isVariable and self.buffers[t + 1].data is None]
        graph.tensors, graph.operators, graph.inputs, graph.outputs = self.tensors, [operator], given, [output]
        model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [kind], [graph], self.buffers
        builder = flatbuffers.Builder(1 << 16)
        builder.Finish(model.Pack(builder), b"TFL3")
        interpreter = runtime.Interpreter.from_bytes(bytes(builder.Output()), arena_size=1 << 17)
        ys = []
        for x in xs:
            for i, (part, tensor) in enumerate(zip(x, given)):
                tensor = self.tensors[tensor]
                interpreter.set_input(np.asarray(part, DTYPES[tensor.type]).reshape(tensor.shape), i)
            interpreter.invoke()
            ys.append(interpreter.get_output(0).copy())
        return ys


def options(name, **fields):
    value = getattr(schema, name + "OptionsT")()
    for field, of in fields.items():
        assert hasattr(value, field), field
        setattr(value, field, of)
    return value


class Random:
    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def quantization(self, low=0.02, high=0.1):
        return F32(self.rng.uniform(low, high)), int(self.rng.integers(-90, 91))

    def weights(self, shape):
        """With both ends of int8: converters make no −128, but files have some."""
        w = self.rng.integers(-128, 128, shape).astype(np.int8)
        w.flat[:2] = -128, 127
        return w

    def bias(self, count, terms):
        return self.rng.integers(-5000, 5001, count) * max(1, int(terms**0.5))

    def inputs(self, count, shape, zero_point):
        """The two ends of int8, the number 0, and random ones."""
        ends = [np.full(shape, q, np.int8) for q in (-128, 127, zero_point)]
        return (ends + [self.rng.integers(-128, 128, shape).astype(np.int8) for _ in range(count - 3)])[:count]

    def halves(self, count, real):
        """Biases for which the last bits of the factor `real` decide how the output is rounded: the first of the two roundings, to
        integers, ends near the half below what the second one rounds up."""
        mantissa, exponent = np.frexp(real)
        return np.round(((self.rng.integers(-100, 101, count) + 0.5) * 2.0**-exponent - 0.5) / mantissa).astype(np.int64)

    def output(self, scale, w_scale, terms):
        """A scale and zero point for which some outputs saturate."""
        return F32(scale * np.mean(w_scale) * terms**0.5 * 75 * 75 / 60), int(self.rng.integers(-60, 61))


def hexadecimal(data):
    return np.ascontiguousarray(data).tobytes().hex()


def case(name, xs, ys, **fields):
    """Scales are written with the fewest digits that read back as the same float32."""
    plain = lambda v: float(str(v)) if isinstance(v, F32) else v
    tidy = lambda v: [plain(e) for e in v] if isinstance(v, (tuple, list, np.ndarray)) and not isinstance(v, str) else plain(v)
    fields = {key: value if isinstance(value, (dict, str)) else tidy(value) for key, value in fields.items()}
    fields = {key: value.tolist() if isinstance(value, np.generic) else value for key, value in fields.items()}
    return {"name": name, **fields, "x": [hexadecimal(x) for x in xs], "y": [hexadecimal(y) for y in ys]}


def integers(values):
    return [int(v) for v in np.ravel(values)]


def dense(seed, name, i, o, activation, per_channel, halves=False):
    r, m = Random(seed), Model()
    (scale, zero), w = r.quantization(), r.weights((o, i))
    w_scale = r.rng.uniform(0.002, 0.02, o if per_channel else 1).astype(F32)
    to, bias, xs = r.output(scale, w_scale, i), r.bias(o, i), r.inputs(7, (1, i), zero)
    if halves:
        to = F32(np.mean(w_scale) * scale * 310_000), 0
        bias = r.halves(o, np.float64(scale) * np.float64(w_scale) / np.float64(to[0]))
    tensors = [m.tensor((1, i), scale, zero), m.tensor((o, i), w_scale, 0, w), m.tensor((o,), scale * w_scale, 0, bias, INT32)]
    y = m.tensor((1, o), *to)
    of = options("FullyConnected", fusedActivationFunction=ACTIVATIONS[activation])
    ys = m.run(OPERATOR.FULLY_CONNECTED, of, tensors, y, [[x] for x in xs])
    return case(name, xs, ys, w=hexadecimal(w), bias=integers(bias), w_scale=list(np.broadcast_to(w_scale, o)),
                activation=activation, **{"from": (scale, zero), "to": to})


def convolution(seed, name, x_shape, y_shape, kernel, stride, padding, activation, depthwise=False, dilation=(1, 1)):
    r, m = Random(seed), Model()
    channels, outputs = x_shape[-1], y_shape[-1]
    shape = (1, *kernel, outputs) if depthwise else (outputs, *kernel, channels)
    terms = int(np.prod(kernel)) * (1 if depthwise else channels)
    (scale, zero), w, w_scale = r.quantization(), r.weights(shape), r.rng.uniform(0.002, 0.02, outputs).astype(F32)
    to, bias, xs = r.output(scale, w_scale, terms), r.bias(outputs, terms), r.inputs(5, (1, *x_shape), zero)
    tensors = [m.tensor((1, *x_shape), scale, zero), m.tensor(shape, w_scale, 0, w, axis=3 if depthwise else 0),
               m.tensor((outputs,), scale * w_scale, 0, bias, INT32)]
    y = m.tensor((1, *y_shape), *to)
    (stride_h, stride_w), (dilation_h, dilation_w) = np.broadcast_to(stride, 2).tolist(), dilation
    fields = {"padding": padding, "strideW": stride_w, "strideH": stride_h, "fusedActivationFunction": ACTIVATIONS[activation],
              "dilationWFactor": dilation_w, "dilationHFactor": dilation_h,
              **({"depthMultiplier": outputs // channels} if depthwise else {})}
    of = options("DepthwiseConv2D" if depthwise else "Conv2D", **fields)
    ys = m.run(OPERATOR.DEPTHWISE_CONV_2D if depthwise else OPERATOR.CONV_2D, of, tensors, y, [[x] for x in xs])
    return case(name, xs, ys, w=hexadecimal(w), bias=integers(bias), w_scale=list(w_scale), activation=activation,
                **{"from": (scale, zero), "to": to})


def pool(seed, name, code, x_shape, y_shape, kernel, stride, padding, activation):
    r, m = Random(seed), Model()
    of = r.quantization()
    xs = r.inputs(5, (1, *x_shape), of[1])
    stride_h, stride_w = np.broadcast_to(stride, 2).tolist()
    fields = {"padding": padding, "strideH": stride_h, "strideW": stride_w, "filterHeight": kernel[0], "filterWidth": kernel[1],
              "fusedActivationFunction": ACTIVATIONS[activation]}
    ys = m.run(code, options("Pool2D", **fields), [m.tensor((1, *x_shape), *of)], m.tensor((1, *y_shape), *of), [[x] for x in xs])
    return case(name, xs, ys, activation=activation, **{"from": of})


def add(seed, name, count, activation):
    r, m = Random(seed), Model()
    a, b = r.quantization(), r.quantization(0.001, 0.3)
    to = F32(1.2 * max(a[0], b[0])), int(r.rng.integers(-60, 61))
    xs = [[r.rng.integers(-128, 128, (1, count)) for _ in "ab"] for _ in range(8)]
    tensors = [m.tensor((1, count), *a), m.tensor((1, count), *b)]
    of = options("Add", fusedActivationFunction=ACTIVATIONS[activation])
    ys = m.run(OPERATOR.ADD, of, tensors, m.tensor((1, count), *to), xs)
    return case(name, [np.stack(x).astype(np.int8) for x in xs], ys, a=a, b=b, to=to, activation=activation)


def alone(seed, name, code, of, x_shape, y_shape, quantization, to, kinds=(INT8, INT8), xs=None):
    """An operator with one input and neither weights nor other tensors."""
    r, m = Random(seed), Model()
    xs = r.inputs(9, x_shape, quantization[1]) if xs is None else xs
    tensors = [m.tensor(x_shape, *quantization, kind=kinds[0])]
    ys = m.run(code, of, tensors, m.tensor(y_shape, *to, kind=kinds[1]), [[x] for x in xs])
    xs = [np.asarray(x, DTYPES[kinds[0]]) for x in xs]
    return case(name, xs, ys, **{"from": quantization, "to": to})


def constant(seed, name, code, of, x_shape, y_shape, values, quantization, to):
    """An operator with one input and a constant of int32, such as axes."""
    r, m = Random(seed), Model()
    xs = r.inputs(9, (1, *x_shape), quantization[1])
    tensors = [m.tensor((1, *x_shape), *quantization), m.tensor(np.shape(values), [], data=values, kind=INT32)]
    ys = m.run(code, of, tensors, m.tensor((1, *y_shape), *to), [[x] for x in xs])
    return case(name, xs, ys, **{"from": quantization, "to": to})


def mean(seed, name, x_shape, keep_dims=False, same=False):
    r, places = Random(seed), len(x_shape) - 1
    of, y_shape = options("Reducer", keepDims=keep_dims), (*[1] * places, x_shape[-1]) if keep_dims else x_shape[-1:]
    of_x, of_y = r.quantization(), r.quantization(0.005, 0.02)
    return constant(seed, name, OPERATOR.MEAN, of, x_shape, y_shape, list(range(1, places + 1)), of_x, of_x if same else of_y)


def pad(seed, name, x_shape, y_shape, around):
    of = Random(seed).quantization()
    return constant(seed, name, OPERATOR.PAD, options("Pad"), x_shape, y_shape, [(0, 0), *around, (0, 0)], of, of)


def svdf(seed, name, i, units, memory, rank, halves=False):
    r, m = Random(seed), Model()
    filters = units * rank
    (scale, zero), w, time = r.quantization(), r.weights((filters, i)), r.weights((filters, memory))
    w_scale, time_scale = F32(r.rng.uniform(0.002, 0.02)), F32(r.rng.uniform(0.002, 0.02))
    state = r.output(scale, w_scale, i)
    to, bias = r.output(state[0], time_scale, rank * memory), r.bias(units, rank * memory)
    xs = [r.rng.integers(-128, 128, (1, i)).astype(np.int8) for _ in range(2 * memory + 3)]
    if halves:
        to, xs = (F32(state[0] * time_scale * 310_000), 0), r.inputs(3, (1, i), zero)[::-1]
        bias = r.halves(units, np.float64(state[0]) * np.float64(time_scale) / np.float64(to[0]))
    tensors = [m.tensor((1, i), scale, zero), m.tensor((filters, i), w_scale, 0, w), m.tensor((filters, memory), time_scale, 0, time),
               m.tensor((units,), state[0] * time_scale, 0, bias, INT32), m.tensor((1, memory * filters), *state, variable=True)]
    ys = m.run(OPERATOR.SVDF, options("SVDF", rank=rank), tensors, m.tensor((1, units), *to), [[x] for x in xs])
    return case(name, xs, ys, w=hexadecimal(w), time=hexadecimal(time), bias=integers(bias), w_scale=[w_scale, time_scale], state=state,
                **{"from": (scale, zero), "to": to})


def lstm(seed, name, steps, i, units, cell_power, cell_clip, spread):
    r, m = Random(seed), Model()
    (scale, zero), to = r.quantization(), (F32(r.rng.uniform(0.006, 0.01)), int(r.rng.integers(-20, 21)))
    w, u = [r.weights((units, i)) for _ in range(4)], [r.weights((units, units)) for _ in range(4)]
    # Pre-activations are int16 in units of 1/4096: `spread` is their standard deviation.
    w_scale = [F32(r.rng.uniform(0.5, 1.5) * spread / (scale * 75 * 75 * i**0.5)) for _ in range(4)]
    u_scale = [F32(r.rng.uniform(0.5, 1.5) * spread / (to[0] * 75 * 75 * units**0.5)) for _ in range(4)]
    biases = [r.bias(units, i) for _ in range(4)]
    x = m.tensor((1, steps, i), scale, zero)
    of_w = [m.tensor((units, i), s, 0, data) for s, data in zip(w_scale, w)]
    of_u = [m.tensor((units, units), s, 0, data) for s, data in zip(u_scale, u)]
    of_bias = [m.tensor((units,), scale * s, 0, data, INT32) for s, data in zip(w_scale, biases)]
    h, c = m.tensor((1, units), *to, variable=True), m.tensor((1, units), 2.0**cell_power, kind=INT16, variable=True)
    inputs = [x, *of_w, *of_u, -1, -1, -1, *of_bias, -1, -1, h, c, -1, -1, -1, -1]
    of = options("UnidirectionalSequenceLSTM", fusedActivationFunction=4, cellClip=cell_clip)
    xs = [r.rng.integers(-128, 128, (1, steps, i)).astype(np.int8) for _ in range(4)]
    ys = m.run(OPERATOR.UNIDIRECTIONAL_SEQUENCE_LSTM, of, inputs, m.tensor((1, steps, units), *to), [[x] for x in xs])
    return case(name, xs, ys, w=hexadecimal(np.stack(w)), u=hexadecimal(np.stack(u)), bias=integers(np.stack(biases)), w_scale=w_scale,
                u_scale=u_scale, cell_scale=2.0**cell_power, cell_clip=cell_clip, **{"from": (scale, zero), "to": to})


def concat(seed, name, a, b, y):
    r, m = Random(seed), Model()
    of = r.quantization()
    xs = [[r.rng.integers(-128, 128, (1, *shape)) for shape in (a, b)] for _ in range(3)]
    tensors = [m.tensor((1, *a), *of), m.tensor((1, *b), *of)]
    axis = len(y)
    ys = m.run(OPERATOR.CONCATENATION, options("Concatenation", axis=axis), tensors, m.tensor((1, *y), *of), xs)
    return case(name, [np.concatenate([np.ravel(p) for p in x]).astype(np.int8) for x in xs], ys, **{"from": of})


def all_bytes():
    return [np.arange(-128, 128).reshape(1, 256)]


def cases():
    yield dense(1, "dense relu", 13, 7, "relu", False)
    yield dense(2, "dense per channel", 32, 16, "none", True)
    yield dense(3, "dense long", 133, 3, "relu6", False)
    yield dense(4, "dense halves", 3, 40, "none", False, True)
    yield dense(5, "dense halves per channel", 3, 40, "none", True, True)
    yield convolution(11, "conv2d same", (7, 6, 3), (7, 6, 5), (3, 3), 1, SAME, "relu")
    yield convolution(12, "conv2d stride", (9, 5, 1), (5, 3, 8), (5, 4), 2, SAME, "none")
    yield convolution(13, "conv2d valid", (6, 5, 4), (4, 4, 6), (3, 2), 1, VALID, "relu6")
    yield convolution(14, "conv2d 1x1", (3, 3, 7), (3, 3, 9), (1, 1), 1, SAME, "none")
    yield convolution(15, "conv1d same", (9, 1, 3), (9, 1, 4), (3, 1), 1, SAME, "relu")
    yield convolution(16, "conv1d valid stride", (11, 1, 5), (5, 1, 2), (3, 1), 2, VALID, "none")
    yield convolution(21, "depthwise2d same", (7, 6, 3), (7, 6, 3), (3, 3), 1, SAME, "relu", True)
    yield convolution(22, "depthwise2d stride", (8, 7, 8), (4, 4, 8), (3, 3), 2, SAME, "none", True)
    yield convolution(23, "depthwise2d valid", (6, 5, 5), (4, 4, 5), (3, 2), 1, VALID, "none", True)
    yield convolution(24, "depthwise1d same", (9, 1, 6), (9, 1, 6), (5, 1), 1, SAME, "relu", True)
    for seed, kind, code in ((31, "average", OPERATOR.AVERAGE_POOL_2D), (36, "max", OPERATOR.MAX_POOL_2D)):
        yield pool(seed, f"{kind} pool valid", code, (6, 4, 3), (3, 2, 3), (2, 2), 2, VALID, "none")
        yield pool(seed + 1, f"{kind} pool same", code, (5, 6, 5), (5, 6, 5), (3, 2), 1, SAME, "relu")
        yield pool(seed + 2, f"{kind} pool global", code, (5, 3, 4), (1, 1, 4), (5, 3), 1, VALID, "relu6")
    yield add(41, "add", 37, "none")
    yield add(42, "add relu", 37, "relu")
    softmax, to_int8 = options("Softmax", beta=1.0), (2.0**-8, -128)
    yield alone(51, "softmax", OPERATOR.SOFTMAX, softmax, (1, 10), (1, 10), (F32(0.07), 5), to_int8)
    yield alone(52, "softmax steep", OPERATOR.SOFTMAX, softmax, (1, 3), (1, 3), (F32(0.6), -20), to_int8)
    yield alone(53, "softmax flat", OPERATOR.SOFTMAX, softmax, (1, 5), (1, 5), (F32(0.004), 0), to_int8)
    yield alone(54, "softmax int16", OPERATOR.SOFTMAX, softmax, (1, 4), (1, 4), (F32(0.05), 2), (2.0**-16, -32768), (INT8, INT16))
    for seed, scale, zero in ((61, 0.02, 3), (62, 0.09, -70), (63, 0.4, 127)):
        of = (F32(scale), zero)
        yield alone(seed, f"sigmoid {scale}", OPERATOR.LOGISTIC, None, (1, 256), (1, 256), of, to_int8, xs=all_bytes())
        yield alone(seed, f"tanh {scale}", OPERATOR.TANH, None, (1, 256), (1, 256), of, (2.0**-7, 0), xs=all_bytes())
    yield alone(71, "relu", OPERATOR.RELU, None, (1, 256), (1, 256), (F32(0.05), -7), (F32(0.031), -128), xs=all_bytes())
    yield alone(72, "relu6", OPERATOR.RELU6, None, (1, 256), (1, 256), (F32(0.05), -7), (F32(0.05), -7), xs=all_bytes())
    quantize = (OPERATOR.QUANTIZE, options("Quantize"))
    yield alone(73, "requantize", *quantize, (1, 256), (1, 256), (F32(0.05), -7), (F32(0.037), 11), xs=all_bytes())
    rng = np.random.default_rng(74)
    wide = [rng.integers(-32768, 32768, (1, 64)), rng.integers(-400, 400, (1, 64))]
    yield alone(74, "int16", *quantize, (1, 64), (1, 64), (F32(0.0004), 0), (F32(0.03), -9), (INT16, INT8), wide)
    yield alone(75, "int16 larger step", *quantize, (1, 64), (1, 64), (F32(0.21), 0), (F32(0.03), -9), (INT16, INT8), wide)
    pixels = [np.arange(256).reshape(1, 256)]
    yield alone(76, "uint8", *quantize, (1, 256), (1, 256), (F32(1 / 255), 0), (F32(0.007), -60), (UINT8, INT8), pixels)
    yield alone(77, "uint8 same scale", *quantize, (1, 256), (1, 256), (F32(0.1), 0), (F32(0.1), -128), (UINT8, INT8), pixels)
    yield alone(78, "int32", *quantize, (1, 64), (1, 64), (2.0**-16, -32768), (F32(3.05e-5), 0), (INT16, INT32), wide)
    yield svdf(81, "svdf", 6, 5, 4, 1)
    yield svdf(82, "svdf rank 2", 9, 4, 6, 2)
    yield svdf(83, "svdf halves", 2, 40, 2, 1, True)
    yield lstm(91, "lstm", 4, 5, 6, -12, 0.0, 1.0)
    yield lstm(92, "lstm clipped", 3, 7, 5, -11, 2.0, 3.0)
    yield lstm(94, "lstm long", 12, 2, 4, -12, 0.25, 6.0)
    yield lstm(93, "lstm fine cell", 2, 4, 3, -14, 0.0, 0.7)
    yield concat(101, "concat", (3, 2), (3, 5), (3, 7))
    yield concat(102, "concat images", (2, 3, 4), (2, 3, 1), (2, 3, 5))
    yield convolution(111, "conv2d strides", (7, 6, 3), (4, 6, 5), (3, 3), (2, 1), SAME, "relu")
    yield convolution(112, "conv2d strides valid", (9, 9, 2), (7, 3, 4), (3, 2), (1, 3), VALID, "none")
    yield convolution(113, "conv2d dilated", (7, 6, 3), (7, 6, 5), (3, 3), 1, SAME, "relu", dilation=(2, 2))
    yield convolution(114, "conv2d dilated valid", (9, 8, 2), (5, 2, 4), (3, 3), 1, VALID, "none", dilation=(2, 3))
    yield convolution(115, "conv2d dilated strides", (7, 6, 3), (4, 6, 4), (3, 2), (2, 1), SAME, "none", dilation=(3, 2))
    yield convolution(116, "conv2d dilated far", (3, 4, 3), (3, 4, 4), (3, 3), 1, SAME, "none", dilation=(4, 5))
    yield convolution(117, "conv1d dilated", (9, 1, 3), (9, 1, 4), (3, 1), 1, SAME, "relu", dilation=(2, 1))
    yield convolution(121, "depthwise2d strides", (7, 6, 5), (4, 6, 5), (3, 3), (2, 1), SAME, "relu", True)
    yield convolution(122, "depthwise2d dilated", (7, 6, 5), (7, 6, 5), (3, 3), 1, SAME, "none", True, (2, 3))
    yield convolution(123, "depthwise2d dilated far", (3, 4, 18), (3, 4, 18), (3, 3), 1, SAME, "none", True, (3, 4))
    yield convolution(124, "depthwise2d twice", (7, 6, 9), (4, 3, 18), (3, 3), 2, SAME, "relu", True)
    yield convolution(125, "depthwise2d three times", (6, 5, 2), (2, 3, 6), (3, 2), 1, VALID, "none", True, (2, 2))
    for seed, kind, code in ((131, "average", OPERATOR.AVERAGE_POOL_2D), (132, "max", OPERATOR.MAX_POOL_2D)):
        yield pool(seed, f"{kind} pool strides", code, (7, 6, 3), (4, 6, 3), (3, 2), (2, 1), SAME, "relu")
    yield mean(141, "mean", (5, 3, 4))
    yield mean(142, "mean keep", (3, 2, 18), True)
    yield mean(143, "mean of steps", (7, 5))
    yield mean(144, "mean of one", (1, 1, 3))
    yield mean(145, "mean of the same scale", (3, 2, 18), same=True)
    yield pad(151, "pad", (3, 4, 2), (7, 5, 2), [(1, 3), (1, 0)])
    yield pad(152, "pad rows", (2, 1, 3), (7, 1, 3), [(4, 1), (0, 0)])


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(case) for case in cases())
    Path(__file__).with_name("int8.json").write_text(f'{{"versions": {{"tflite_micro": "0.dev20261023182759"}}, "cases": [\n{lines}\n]}}\n')

#!/usr/bin/env python3
"""Produce tflite.json: what TensorFlow Lite Micro computes for the reference models of its field.

Usage, with the folder of the models, which are not part of this repository:

    python3.11 -m venv venv
    venv/bin/pip install tflite-micro==0.dev20261023182759 tensorflow-cpu==2.20.0
    venv/bin/python make_tflite.py FOLDER

or, for the outputs of all operators of one model and 10 inputs, which the converter's example `compare` takes:

    venv/bin/python make_tflite.py MODEL.tflite OUTPUT.json

README.md describes the layout.  TensorFlow Lite Micro's own interpreter runs each net that it takes, TensorFlow Lite's with its
reference kernels the others.  Where both take a net, the program prints which operators' outputs differ: those of
FULLY_CONNECTED do, because TensorFlow 2.20 rounds its products once there and Micro twice, and what follows from it.
"""

import json
import os
import sys
import zlib
from importlib.metadata import version

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tflite_micro import runtime
from tflite_micro.tensorflow.lite.micro.python import schema_py_generated as schema

HERE = os.path.dirname(os.path.abspath(__file__))
# Inputs, whether the net keeps states from one input to the next, and the step of an input of floats.
NETS = {
    "ad01_int8": (100, False, None),
    "kws_ref_model": (100, False, None),
    "pretrainedResnet_quant": (100, False, None),
    "vww_96_int8": (100, False, None),
    "str_ww_ref_model": (100, False, None),
    "hello_world_int8": (20, False, None),
    "micro_speech_quantized": (20, False, None),
    "person_detect": (20, False, None),
    "keyword_scrambled_8bit": (20, True, None),
    "trained_lstm": (20, True, 1 / 128),
    "trained_lstm_int8": (20, True, None),
    "dtln_noise_suppression": (20, True, None),
    "kws_ref_model_float32": (20, False, 1 / 2),
}
# A net that is part of this repository.
OWN = {"keywords": (100, False, None)}
OWN_FOLDER = os.path.join(HERE, "../../examples/firmware/data")
# TensorFlow Lite's Python interpreter crashes where it reads the output.
ALONE = ("keyword_scrambled_8bit",)
# Inputs whose operators are written too.
DETAILED = (3, 4)


def splitmix64(seed, count):
    """`count` bytes of Steele, Lea and Flood's generator: each number is eight bytes, the lowest first."""
    out, mask = bytearray(), (1 << 64) - 1
    state = seed
    while len(out) < count:
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        out += (z ^ (z >> 31)).to_bytes(8, "little")
    return bytes(out[:count])


def sample(number, shape, dtype, zero_point, step):
    """Input 0 is the smallest number everywhere, 1 the largest, 2 the zero point.  The others are random: of the whole range
    if their number is even, else within a quarter of it around the zero point."""
    integer = np.int8 if step else dtype
    low, high = np.iinfo(integer).min, np.iinfo(integer).max
    if number < 3:
        x = np.full(shape, (low, high, zero_point)[number], integer)
    else:
        count = int(np.prod(shape))
        x = np.frombuffer(splitmix64(number, count * np.dtype(integer).itemsize), integer)
        if number % 2:
            x = np.clip((x.astype(np.int32) >> 2) + zero_point, low, high).astype(integer)
        x = x.reshape(shape)
    return x.astype(np.float32) * np.float32(step) if step else x


class Micro:
    """TensorFlow Lite Micro's interpreter."""

    def __init__(self, path):
        keep = runtime.InterpreterConfig.kPreserveAllTensors
        self.inner = runtime.Interpreter.from_file(path, arena_size=4_000_000, intrepreter_config=keep)

    def reset(self):
        self.inner.reset()

    def run(self, x):
        self.inner.set_input(x, 0)
        self.inner.invoke()
        return self.inner.get_output(0)

    def tensor(self, number):
        return self.inner.GetTensor(number, 0)["tensor_data"]


class Reference:
    """TensorFlow Lite's interpreter with its reference kernels."""

    def __init__(self, path):
        reference = tf.lite.experimental.OpResolverType.BUILTIN_REF
        self.inner = tf.lite.Interpreter(
            path, experimental_op_resolver_type=reference, experimental_preserve_all_tensors=True
        )
        self.inner.allocate_tensors()
        self.input, self.output = self.inner.get_input_details()[0], self.inner.get_output_details()[0]

    def reset(self):
        self.inner.reset_all_variables()

    def run(self, x):
        self.inner.set_tensor(self.input["index"], x)
        self.inner.invoke()
        return self.inner.get_tensor(self.output["index"])

    def tensor(self, number):
        return self.inner.get_tensor(number)


def operators(path):
    """Of each operator its name and the tensor that it gives."""
    with open(path, "rb") as file:
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(file.read(), 0))
    names = {value: name for name, value in vars(schema.BuiltinOperator).items() if isinstance(value, int)}
    codes = [names[max(code.builtinCode, code.deprecatedBuiltinCode)] for code in model.operatorCodes]
    graph = model.subgraphs[0]
    return graph, [(codes[op.opcodeIndex], int(op.outputs[0])) for op in graph.operators]


def crc(values):
    return f"{zlib.crc32(np.ascontiguousarray(values).tobytes()):08x}"


def numbers(values):
    return [float(str(np.float32(x))) for x in np.ravel(values)]


def summary(values):
    """Of integers their CRC-32, of floats the mean and the root mean square, whose last digits differ."""
    if values.dtype != np.float32:
        return crc(values)
    wide = values.astype(np.float64)
    return [float(f"{wide.mean():.9g}"), float(f"{np.sqrt((wide * wide).mean()):.9g}")]


def outputs(values):
    """Few numbers as they are, many integers as a CRC-32 alone."""
    return numbers(values) if values.dtype == np.float32 else np.ravel(values).tolist()


def attempt(interpreter, path):
    try:
        return interpreter(path)
    except (RuntimeError, ValueError):
        return None


def net(path, name, count, stateful, step, detailed=DETAILED, left_out=()):
    """`left_out` are the numbers of operators that a net here has as part of others: their outputs are not in `all_crc`."""
    graph, nodes = operators(path)
    micro, reference = attempt(Micro, path), None if name in ALONE else attempt(Reference, path)
    ours = micro or reference
    first = graph.tensors[graph.inputs[0]]
    dtype = {schema.TensorType.FLOAT32: np.float32, schema.TensorType.INT8: np.int8, schema.TensorType.INT16: np.int16}
    shape, dtype = [int(n) for n in first.shape], dtype[first.type]
    zero_point = 0 if step else int(first.quantization.zeroPoint[0])
    result = {
        "by": "tflite-micro" if micro else "tensorflow-lite reference kernels",
        "input": shape,
        "type": np.dtype(dtype).name,
        "zero_point": zero_point,
        "step": step,
        "operators": [operator for operator, _ in nodes],
        "crc": [],
        "outputs": [],
        "before_crc": [],
        "all_crc": [],
        "details": {},
    }
    differ = {}
    for number in range(count):
        x = sample(number, shape, dtype, zero_point, step)
        y = ours.run(x).copy()
        keep(result, "crc", "outputs", y)
        made = [ours.tensor(tensor) for _, tensor in nodes]
        if dtype != np.float32:
            # Softmax makes many rows alike, and the bytes before it tell them apart.
            place = max((place for place, (operator, _) in enumerate(nodes) if operator == "SOFTMAX"), default=0)
            if place > 0:
                result["before_crc"].append(crc(made[place - 1]))
            kept = [of for place, of in enumerate(made) if place not in left_out]
            result["all_crc"].append(f"{zlib.crc32(b''.join(np.ascontiguousarray(of).tobytes() for of in kept)):08x}")
        if number in detailed:
            result["details"][str(number)] = [summary(of) for of in made]
        if micro and reference:
            reference.run(x)
            for place, (operator, tensor) in enumerate(nodes):
                a, b = micro.tensor(tensor), reference.tensor(tensor)
                if not np.array_equal(a, b):
                    worst = float(np.abs(a.astype(np.float64) - b).max())
                    before = differ.setdefault(f"{place} {operator}", [0, 0.0])
                    differ[f"{place} {operator}"] = [before[0] + 1, max(before[1], worst)]
    if stateful:
        # The same inputs, each with fresh states.
        result["fresh_crc"], result["fresh_outputs"] = [], []
        for number in range(count):
            ours.reset()
            y = ours.run(sample(number, shape, dtype, zero_point, step)).copy()
            again = attempt(type(ours), path).run(sample(number, shape, dtype, zero_point, step))
            assert np.array_equal(y, again), "a reset gives other states than those of a new interpreter"
            keep(result, "fresh_crc", "fresh_outputs", y)
    print(name, result["by"], "TensorFlow Lite's reference kernels:", differ if micro and reference else "not compared")
    return {key: value for key, value in result.items() if value not in (None, [], {})}


def keep(result, crcs, rows, y):
    if y.dtype != np.float32:
        result[crcs].append(crc(y))
    if y.size <= 16:
        result[rows].append(outputs(y))


def write(path, all):
    """A line per net and key."""
    versions = {"tensorflow": tf.__version__, "tflite-micro": version("tflite-micro")}
    lines = ['{"versions": ' + json.dumps(versions)]
    for name, of in all.items():
        keys = ",\n  ".join(f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in of.items())
        lines.append(f"{json.dumps(name)}: {{\n  {keys}}}")
    with open(path, "w") as file:
        file.write(",\n".join(lines) + "}\n")


def one(path, output):
    """A model of which nothing is known."""
    name = os.path.splitext(os.path.basename(path))[0]
    graph, _ = operators(path)
    stateful = any(tensor.isVariable for tensor in graph.tensors)
    step = 1 / 64 if graph.tensors[graph.inputs[0]].type == schema.TensorType.FLOAT32 else None
    write(output, {name: net(path, name, 10, stateful, step, range(10))})


def main():
    if len(sys.argv) == 3:
        return one(*sys.argv[1:])
    folder = sys.argv[1]
    all = {name: net(os.path.join(folder, f"{name}.tflite"), name, *of) for name, of in NETS.items()}
    all |= {name: net(os.path.join(OWN_FOLDER, f"{name}.tflite"), name, *of) for name, of in OWN.items()}
    write(os.path.join(HERE, "tflite.json"), all)


if __name__ == "__main__":
    main()

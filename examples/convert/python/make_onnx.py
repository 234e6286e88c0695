"""Makes ../models/operators.onnx, a net of all operators that are read, and onnxruntime's outputs for the test set; and
external.onnx, which is mlp.onnx with its numbers in a file beside it, as PyTorch's newer exporter writes them.

    python make_onnx.py
"""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

import digits

rng = np.random.default_rng(1)
nodes, initializers = [], []
last, width = "pixels", 64


def tensor(name, *shape):
    scale = shape[0] ** -0.5 if len(shape) == 2 else 0.1
    values = (rng.standard_normal(shape) * scale).astype(np.float32)
    initializers.append(numpy_helper.from_array(values, name))
    return name


def node(operator, *inputs, **attributes):
    global last
    name = f"{operator}_{len(nodes)}"
    nodes.append(helper.make_node(operator, [last, *inputs], [name], name=name, **attributes))
    last = name


def gemm(outputs, **attributes):
    global width
    shape = (outputs, width) if attributes.get("transB") else (width, outputs)
    number = len(nodes)
    node("Gemm", tensor(f"w{number}", *shape), tensor(f"b{number}", outputs), **attributes)
    width = outputs


def matmul(outputs):
    global width
    number = len(nodes)
    node("MatMul", tensor(f"w{number}", width, outputs))
    node("Add", tensor(f"b{number}", outputs))
    width = outputs


node("Flatten", axis=1)
gemm(16, alpha=0.5, beta=2.0)
node("Relu")
gemm(16, transB=1)
node("LeakyRelu", alpha=0.05)
matmul(16)
node("Elu")
matmul(16)
node("Selu")
initializers.append(numpy_helper.from_array(np.array([0, -1], np.int64), "flat"))
node("Reshape", "flat")
gemm(16)
node("Sigmoid")
gemm(16)
node("Tanh")
gemm(16)
node("Softplus")
node("LayerNormalization", tensor("gain", 16), tensor("offset", 16), epsilon=1e-4)
gemm(16)
node("Softsign")
node("Identity")
gemm(16)
node("HardSigmoid", alpha=1 / 6, beta=0.5)
gemm(16)
node("HardSwish")
node("Dropout")
gemm(16)
node("Gelu")
gemm(16)
node("Gelu", approximate="tanh")
gemm(16)
node("LogSoftmax")
gemm(16)
before = last
node("Sigmoid")
node("Mul", before)
gemm(10, transB=1)
node("Softmax", axis=-1)

graph = helper.make_graph(nodes, "operators",
                          [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["batch", 1, 8, 8])],
                          [helper.make_tensor_value_info(last, TensorProto.FLOAT, ["batch", 10])], initializers)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
onnx.checker.check_model(model)
path = digits.MODELS / "operators.onnx"
onnx.save(model, path)
session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
x = digits.load()[2].reshape(-1, 1, 8, 8)
digits.expect("operators", session.run(None, {"pixels": x})[0])

path = digits.MODELS / "external.onnx"
path.with_suffix(".onnx.data").unlink(missing_ok=True)
onnx.save(onnx.load(digits.MODELS / "mlp.onnx"), path, save_as_external_data=True, location="external.onnx.data",
          size_threshold=0)

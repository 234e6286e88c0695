"""Makes small files of TensorFlow Lite, ../models/*.tflite, and ../models/tflite.json, which has what TensorFlow Lite Micro, or
TensorFlow Lite's reference kernels where Micro refuses, computes for them. Their layout is that of tests/reference/tflite.json.

    python train_tflite.py
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
MODELS = HERE.parent / "models"
SEEDS = HERE.parent / "fuzz" / "seeds" / "tflite"
sys.path.insert(0, str(HERE.parents[2] / "tests" / "reference"))

import make_tflite as reference
import numpy as np
import tensorflow as tf
import tf_keras as keras

layers = keras.layers
rng = np.random.default_rng(17)
keras.utils.set_random_seed(17)


def image(kind):
    """All operators of the reference models of images. Float nets have no several outputs per channel here."""
    most, outputs = ("relu6", 4) if kind == "int8" else ("relu", 1)
    x = take = keras.Input((9, 8, 1), batch_size=1)
    x = layers.DepthwiseConv2D(3, strides=2, depth_multiplier=outputs, padding="same", activation=most)(x)
    x = layers.Conv2D(4, 1, activation="relu")(x)
    x = layers.DepthwiseConv2D((3, 2), padding="same", activation=most)(x)
    y = layers.Conv2D(6, 1, activation="relu")(x)
    y = layers.Conv2D(4, (3, 1), padding="same")(y)
    x = layers.ReLU()(layers.Add()([x, y]))
    y = layers.Conv2D(5, 3, strides=2, padding="same", activation="relu")(x)
    y = layers.Conv2D(5, 2, padding="same")(y)
    x = layers.Conv2D(5, 1, strides=2, padding="same")(x)
    x = layers.ReLU()(layers.Add()([x, y]))
    x = layers.AveragePooling2D(2, padding="same")(x)
    x = layers.Flatten()(x)
    return keras.Model(take, layers.Dense(5, activation="softmax")(x))


def row(_):
    x = take = keras.Input((12,))
    x = layers.Dense(8, activation="relu")(x)
    return keras.Model(take, layers.Dense(3)(x))


def steps(_):
    x = take = keras.Input((6, 5), batch_size=1)
    x = layers.LSTM(4, return_sequences=True)(x)
    x = layers.Flatten()(x)
    return keras.Model(take, layers.Dense(3, activation="softmax")(x))


def branches(_):
    """What the reference models do not have."""
    x = take = keras.Input((6, 4, 2), batch_size=1)
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D(2, padding="same")(x)
    x = layers.Concatenate()([layers.Conv2D(3, (3, 1), padding="same")(x), layers.Conv2D(2, 1)(x)])
    x = layers.Flatten()(x)
    x = layers.Activation("tanh")(layers.Dense(8)(x))
    return keras.Model(take, layers.Activation("sigmoid")(layers.Dense(3)(x)))


def hybrid(_):
    """Weights of more than 1,024 numbers become integers, which meet floats."""
    x = take = keras.Input((6, 5, 3))
    x = layers.Conv2D(40, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Conv2D(32, 1)(x)
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    return keras.Model(take, layers.Dense(4)(layers.Flatten()(x)))


def padded(_):
    """Padding that becomes part of the layers behind it."""
    x = take = keras.Input((14, 12, 3), batch_size=1)
    x = layers.Conv2D(8, 7, strides=2, activation="relu")(layers.ZeroPadding2D(3)(x))
    x = layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(1)(x))
    x = layers.DepthwiseConv2D(3, strides=2, activation="relu")(layers.ZeroPadding2D(1)(x))
    x = layers.Conv2D(6, 1, activation="relu6")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(take, layers.Dense(4, activation="softmax")(x))


def windows(_):
    """Strides that differ, dilation, several outputs per channel, and padding that stays a layer."""
    x = take = keras.Input((12, 11, 2), batch_size=1)
    x = layers.Conv2D(4, 3, dilation_rate=2, padding="same", activation="relu")(x)
    x = layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same")(x)
    x = layers.Conv2D(6, 3, strides=(2, 1), padding="same")(x)
    x = layers.DepthwiseConv2D(3, dilation_rate=2, activation="relu6")(x)
    x = layers.MaxPooling2D(2, (1, 2))(x)
    x = layers.AveragePooling2D(2)(layers.ZeroPadding2D(((3, 0), (1, 1)))(x))
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Conv2D(4, 1)(x)
    return keras.Model(take, layers.Dense(3)(layers.Flatten()(x)))


def sequence(_):
    x = take = keras.Input((16, 3), batch_size=1)
    x = layers.Conv1D(4, 3, dilation_rate=2, padding="causal", activation="relu")(x)
    x = layers.Conv1D(5, 4, strides=2)(layers.ZeroPadding1D(2)(x))
    x = layers.GlobalAveragePooling1D()(x)
    return keras.Model(take, layers.Dense(3)(x))


def foreign(_):
    """Operators that are not converted."""
    x = take = keras.Input((8, 8, 2))
    x = layers.Conv2DTranspose(2, 3, strides=2)(x)
    x = layers.LeakyReLU(0.125)(x)
    x = tf.reverse(x, [1])
    return keras.Model(take, layers.Dense(3, activation="exponential")(layers.Flatten()(x)))


def convert(model, kind):
    for weights in model.weights:
        weights.assign(rng.normal(size=weights.shape, scale=0.5 if weights.shape.rank > 1 else 0.2))
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if kind != "float":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    # One scale for all channels, as in the reference models.
    converter._experimental_disable_per_channel = kind == "hybrid"
    if kind == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if kind in ["int8", "ends"]:
        shape = [1, *model.input_shape[1:]]
        converter.representative_dataset = lambda: ([rng.normal(size=shape).astype(np.float32)] for _ in range(100))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        if kind == "int8":
            converter.inference_input_type = converter.inference_output_type = tf.int8
    return converter.convert()


def paddings(path):
    """The operators that make zeros around what the next ones take."""
    _, nodes = reference.operators(str(path))
    before = [None, *(name for name, _ in nodes)]
    return [place for place, (name, _) in enumerate(nodes) if name == "PAD" or (name, before[place]) == ("RESHAPE", "PAD")]


def main():
    all = {}
    kinds = [(make, kind) for make in [image, branches, row, steps] for kind in ["int8", "float"]]
    # Integers between floats, and floats of 16 bits as weights.
    more = [(row, "ends"), (row, "float16"), (padded, "int8"), (padded, "float"), (windows, "int8"), (sequence, "int8")]
    for make, kind in [*kinds, (hybrid, "hybrid"), (foreign, "float"), *more]:
        name = make.__name__ if make in [hybrid, foreign] else f"{make.__name__}_{kind}"
        path = MODELS / f"{name}.tflite"
        path.write_bytes(convert(make(kind), kind))
        (SEEDS / path.name).write_bytes(path.read_bytes())
        print(path.name, path.stat().st_size)
        if make is not foreign:
            all[name] = reference.net(str(path), name, 20, make is steps, None if kind == "int8" else 1 / 64,
                                      left_out=paddings(path) if make in [padded, sequence] else [])
    reference.write(MODELS / "tflite.json", all)


if __name__ == "__main__":
    main()

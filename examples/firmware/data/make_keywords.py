#!/usr/bin/env python3
"""Trains a small DS-CNN on the spoken words of examples/data/keywords.i8 in Keras, and writes it as an int8 model of TensorFlow
Lite: keywords.tflite.

    pip install tensorflow-cpu==2.20.0
    python make_keywords.py

The input is what keywords.i8 holds, in steps of 0.584703 from the zero point 83 of MLPerf Tiny's model for the same numbers.
"""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
TEST = 200  # the first words are the test set
CHANNELS = 24

words = np.fromfile(HERE / "../../data/keywords.i8", np.int8).reshape(-1, 49, 10, 1).astype(np.float32) * 0.584703
classes = np.arange(len(words)) // 2 % 10
test, train = (words[:TEST], classes[:TEST]), (words[TEST:], classes[TEST:])

keras.utils.set_random_seed(1)


def activated(layer):
    return [layer, keras.layers.BatchNormalization(), keras.layers.ReLU()]


layers = activated(keras.layers.Conv2D(CHANNELS, (10, 4), strides=2, padding="same", use_bias=False))
for _ in range(2):
    layers += activated(keras.layers.DepthwiseConv2D(3, padding="same", use_bias=False))
    layers += activated(keras.layers.Conv2D(CHANNELS, 1, use_bias=False))
layers += [keras.layers.AveragePooling2D((25, 5)), keras.layers.Flatten(), keras.layers.Dropout(0.3)]
model = keras.Sequential([keras.Input((49, 10, 1)), *layers, keras.layers.Dense(10), keras.layers.Softmax()])
model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(*train, batch_size=16, epochs=30, verbose=2)
print("float", model.evaluate(*test, verbose=0)[1])

function = tf.function(lambda x: model(x, training=False)).get_concrete_function(tf.TensorSpec((1, 49, 10, 1)))
converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = lambda: ([word[None]] for word in train[0])
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
converter.inference_input_type = converter.inference_output_type = tf.int8
written = converter.convert()
(HERE / "keywords.tflite").write_bytes(written)

interpreter = tf.lite.Interpreter(model_content=written)
interpreter.allocate_tensors()
put, get = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
scale, zero_point = put["quantization"]
right = 0
for word, number in zip(*test):
    q = np.clip(np.round(word[None] / scale) + zero_point, -128, 127).astype(np.int8)
    interpreter.set_tensor(put["index"], q)
    interpreter.invoke()
    right += int(np.argmax(interpreter.get_tensor(get["index"]))) == number
print("int8", right / TEST, len(written), "bytes; input scale", scale, "zero point", zero_point)

"""Trains the models of Keras' legacy `.h5` in ../models, one with Keras 2 and one with Keras 3, and writes their own outputs.

    python train_legacy.py
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
import tf_keras

import digits

X, Y, X_TEST, Y_TEST = digits.load()


def train(keras, model, name):
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, epochs=30, batch_size=32, verbose=0)
    print(name, "accuracy", model.evaluate(X_TEST, Y_TEST, verbose=0)[1])
    # Without the optimiser's variables. The outputs are those of the file.
    path = digits.MODELS / f"{name}.h5"
    model.save(path, include_optimizer=False)
    digits.expect(name, keras.models.load_model(path, compile=False).predict(X_TEST, verbose=0))


tf_keras.utils.set_random_seed(5)
layers = tf_keras.layers
train(tf_keras, tf_keras.Sequential([layers.Dense(16, input_shape=(64,)), layers.LeakyReLU(), layers.Dropout(0.1),
                                     layers.LayerNormalization(), layers.Dense(10), layers.Softmax()]), "keras2")

# A functional model whose Normalization has no Dense behind it.
keras.utils.set_random_seed(6)
layers = keras.layers
normalise = layers.Normalization(name="scaled")
normalise.adapt(X + 0.1 * np.random.default_rng(6).standard_normal(X.shape).astype(np.float32))
x = start = keras.Input((64,))
x = layers.Activation("tanh")(normalise(x))
x = layers.Dense(12, activation="silu", name="hidden")(x)
train(keras, keras.Model(start, layers.Dense(10, activation="softmax", name="classes")(x)), "keras3")

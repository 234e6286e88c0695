"""Trains the Keras models in ../models and writes Keras' own outputs for the test set beside them.

    python train_keras.py
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
from keras import Input, Model, Sequential, layers

import digits

X, Y, X_TEST, Y_TEST = digits.load()


def train(model, name, epochs):
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(X, Y, epochs=epochs, batch_size=32, verbose=0)
    print(name, "accuracy", model.evaluate(X_TEST, Y_TEST, verbose=0)[1])


def save(model, name):
    """Without the optimiser's variables. The outputs are those of the file."""
    fresh = keras.models.clone_model(model)
    fresh.set_weights(model.get_weights())
    path = digits.MODELS / f"{name}.keras"
    fresh.save(path)
    digits.expect(name, keras.models.load_model(path).predict(X_TEST, verbose=0))


def sequential():
    return Sequential([Input((64,)), layers.Dense(32, activation="relu"), layers.Dropout(0.2),
                       layers.Dense(10, activation="softmax")])


# The smallest one, as from a tutorial: with its optimiser's variables, which an import leaves aside.
keras.utils.set_random_seed(1)
model = sequential()
train(model, "digits", epochs=60)
model.save(digits.MODELS / "digits.keras")
digits.expect("digits", model.predict(X_TEST, verbose=0))
np.savetxt(digits.MODELS / "digit.csv", X_TEST[:1], fmt="%g", delimiter=",")

# The same in half precision. What is compared are the outputs of the stored weights, computed in float32.
for dtype in ["float16", "bfloat16"]:
    keras.config.set_dtype_policy(dtype)
    half = sequential()
    half.set_weights(model.get_weights())
    half.save(digits.MODELS / f"{dtype}.keras")
    keras.config.set_dtype_policy("float32")
    widened = sequential()
    widened.set_weights([np.asarray(w).astype(np.float32) for w in half.get_weights()])
    digits.expect(dtype, widened.predict(X_TEST, verbose=0))

# What is refused: numbers of 64 bits.
keras.config.set_dtype_policy("float64")
Sequential([Input((2,)), layers.Dense(1)]).save(digits.MODELS / "float64.keras")
keras.config.set_dtype_policy("float32")

# A Normalization layer first, which an import folds into the layer behind it.
keras.utils.set_random_seed(2)
normalise = layers.Normalization()
normalise.adapt(X + 0.1 * np.random.default_rng(2).standard_normal(X.shape).astype(np.float32))
model = Sequential([Input((64,)), normalise, layers.Dense(16, activation="tanh"),
                    layers.Dense(12, activation="softsign"), layers.Dense(12, activation="elu"),
                    layers.Dense(12, activation="selu"), layers.Dense(10, activation="sigmoid")])
train(model, "normalised", epochs=20)
save(model, "normalised")

keras.utils.set_random_seed(4)
model = Sequential([Input((64,)), layers.Dense(16, activation="gelu"), layers.Dense(12, activation="silu"),
                    layers.Dense(12, activation="softplus"),
                    layers.Dense(10, activation="softmax", kernel_regularizer="l2")])
train(model, "smooth", epochs=8)
save(model, "smooth")

# A functional model with activations as layers.
keras.utils.set_random_seed(3)
x = start = Input((8, 8))
x = layers.Flatten(name="pixels")(x)
x = layers.Dense(16, use_bias=False, name="first")(x)
x = layers.LayerNormalization(name="norm")(x)
x = layers.ReLU()(x)
x = layers.Dense(12, activation="leaky_relu")(x)
x = layers.Dense(12, activation=layers.LeakyReLU(negative_slope=0.1))(x)
x = layers.Dense(12, activation="hard_silu")(x)
x = layers.LayerNormalization(epsilon=1e-5, center=False)(x)
x = layers.ELU()(x)
x = layers.Dense(12, activation="hard_sigmoid")(x)
x = layers.Dense(12)(x)
x = layers.Activation("log_softmax", name="logarithms")(x)
x = layers.Dense(10, activation="softmax", name="classes")(x)
model = Model(start, x, name="kinked")
X, X_TEST = X.reshape(-1, 8, 8), X_TEST.reshape(-1, 8, 8)
train(model, "kinked", epochs=12)
save(model, "kinked")

"""Trains the recurrent Keras models in ../models, and writes their own outputs for the test set.

    python train_keras_recurrent.py
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np

import digits
from digits import train_keras as train

layers = keras.layers
SEEDS = digits.HERE.parent / "fuzz" / "seeds" / "keras"

# Rows of pixels as steps. The mask finds nothing in them; a program makes padding of the last ones.
keras.utils.set_random_seed(31)
masked = keras.Sequential([
    keras.Input((8, 8)),
    layers.Masking(), layers.GRU(12, return_sequences=True, dropout=0.1),
    layers.Bidirectional(layers.LSTM(5, return_sequences=True)), layers.Dropout(0.1),
    layers.Bidirectional(layers.SimpleRNN(8, activation="relu"), merge_mode="sum"),
    layers.Dense(10, activation="softmax"),
])
train(keras, masked, "recurrent", "keras", epochs=15)
# The same of digits without their last two rows.
x = digits.load()[2].reshape(-1, 8, 8).copy()
x[:, 6:] = 0
digits.expect("masked", keras.models.load_model(digits.MODELS / "recurrent.keras", compile=False).predict(x, verbose=0))

keras.utils.set_random_seed(32)
train(keras, keras.Sequential([
    keras.Input((8, 8)),
    layers.SimpleRNN(10, activation="softsign", return_sequences=True, use_bias=False, unroll=True),
    layers.TimeDistributed(layers.Dense(8, activation="tanh")),
    layers.GRU(12, reset_after=False, go_backwards=True), layers.Dense(10, activation="softmax"),
]), "recurrent3", "h5", epochs=15)

# Each of the 64 pixels is one of 17 tokens.
keras.utils.set_random_seed(33)
sixteenths = layers.Normalization(input_shape=(64,))
sixteenths.adapt(np.array([[-1 / 16], [1 / 16]], np.float32).repeat(64, 1))
train(keras, keras.Sequential([
    keras.Input((64,)), sixteenths, layers.Embedding(17, 3), layers.GRU(12), layers.Dense(10, activation="softmax"),
]), "tokens", "keras", epochs=8)

# A small one that the fuzz target begins with.
model = keras.Sequential([
    keras.Input((3,), dtype="int32"), layers.Embedding(3, 2, mask_zero=True),
    layers.Bidirectional(layers.GRU(1, return_sequences=True)), layers.LSTM(2, return_sequences=True, stateful=False),
    layers.SimpleRNN(1),
])
model.save(SEEDS / "recurrent.keras")

"""Trains the Keras models in ../models that have transposed convolutions and relu6, one of them with Keras 2, and writes their own
outputs for the test set.

    python train_keras_transposed.py
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import tf_keras

from digits import train_keras as train

# Images: "same" of an odd and of an even kernel, and "valid". TensorFlow trains no dilation on a CPU, and Keras 3.11 saves no
# `output_padding`.
keras.utils.set_random_seed(31)
layers = keras.layers
train(keras, keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.Conv2D(6, 3, strides=2, padding="same", activation="relu6"),
    layers.Conv2DTranspose(5, (3, 4), strides=2, padding="same", use_bias=False), layers.BatchNormalization(),
    layers.ReLU(max_value=6), layers.AveragePooling2D(2),
    layers.Conv2DTranspose(4, (1, 3), strides=2, activation="tanh"), layers.MaxPooling2D(2),
    layers.Conv2DTranspose(4, 3, strides=3, padding="same", activation="relu"),
    layers.MaxPooling2D(2),
    layers.Conv2DTranspose(6, (3, 2), padding="same"), layers.Activation("relu6"),
    layers.Conv2DTranspose(6, 2, activation="elu"),
    layers.Flatten(), layers.Dense(10, activation="softmax"),
]), "transposed", "keras", epochs=40)

# Sequences.
keras.utils.set_random_seed(32)
train(keras, keras.Sequential([
    keras.Input((8, 8)),
    layers.Conv1D(6, 4, strides=4, padding="same", activation="relu6"),
    layers.Conv1DTranspose(8, 5, strides=4, padding="same", activation="relu6"),
    layers.Conv1DTranspose(4, 2, strides=3, activation="tanh"), layers.MaxPooling1D(3),
    layers.Conv1DTranspose(5, 3), layers.ReLU(max_value=6.0), layers.Flatten(),
    layers.Dense(10, activation="softmax"),
]), "transposed3", "h5")

# Keras 2's names of tensors.
tf_keras.utils.set_random_seed(33)
layers = tf_keras.layers
train(tf_keras, tf_keras.Sequential([
    layers.Conv2D(4, 3, strides=2, padding="same", activation="relu6", input_shape=(8, 8, 1)),
    layers.Conv2DTranspose(5, (3, 4), strides=2, padding="same", output_padding=(0, 1)), layers.ReLU(6.0),
    layers.Reshape((7, 35)), layers.Conv1DTranspose(6, 3, strides=2, output_padding=1), layers.GlobalMaxPooling1D(),
    layers.Dense(10, activation="softmax"),
]), "keras2_transposed", "h5", epochs=40)

"""Trains the Keras model in ../models whose depthwise convolutions have several filters per channel, behind a Rescaling, and writes
its own outputs for the test set.

    python train_keras_depthwise.py
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
from keras import layers

from digits import train_keras as train

# Of one channel, the first of them is a convolution as any other.
keras.utils.set_random_seed(51)
train(keras, keras.Sequential([
    keras.Input((8, 8, 1)), layers.Rescaling(2.0, offset=-1.0),
    layers.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=4, activation="relu"),
    layers.DepthwiseConv2D((3, 2), padding="same", depth_multiplier=2), layers.BatchNormalization(), layers.ReLU(6),
    layers.SeparableConv2D(5, 2, depth_multiplier=3, activation="relu"), layers.Rescaling(1 / 4, offset=0.5),
    layers.Conv2D(10, 2, groups=5), layers.Flatten(), layers.Rescaling(0.5), layers.Dense(10, activation="softmax"),
]), "multiplied", "keras", epochs=40)

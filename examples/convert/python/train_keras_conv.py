"""Trains the convolutional Keras models in ../models, one of them with Keras 2, and writes their own outputs for the test set.

    python train_keras_conv.py
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import tf_keras
from safetensors.numpy import save_file

import digits
from digits import train_keras as train

# Images. The padding before the first convolution is that of "same", so that both are one layer; the second one is not.
keras.utils.set_random_seed(11)
layers = keras.layers
train(keras, keras.Sequential([
    keras.Input((8, 8, 1)),
    layers.ZeroPadding2D(((0, 1), (0, 1))), layers.Conv2D(6, 3, strides=2, use_bias=False),
    layers.BatchNormalization(), layers.ReLU(), layers.SpatialDropout2D(0.1),
    layers.DepthwiseConv2D(3, padding="same"), layers.BatchNormalization(scale=False, epsilon=1e-4),
    layers.Activation("silu"), layers.UpSampling2D((2, 3)), layers.Cropping2D(((1, 0), (2, 1))),
    layers.ZeroPadding2D(1), layers.SeparableConv2D(10, (3, 2), strides=2, activation="relu"),
    layers.MaxPooling2D((2, 3), strides=(1, 2), padding="same"), layers.AveragePooling2D(2, strides=1, padding="same"),
    layers.Dense(8, activation="tanh"), layers.Conv2D(8, 2, dilation_rate=2, padding="same", activation="softmax"),
    layers.Flatten(), layers.Dropout(0.1), layers.Dense(10, activation="softmax"),
]), "images", "keras", epochs=40)

# Sequences with blocks: a residual one, a sum of two convolutions, and both global pools joined.
keras.utils.set_random_seed(12)
x = start = keras.Input((8, 8))
x = layers.Conv1D(8, 3, padding="causal", dilation_rate=2, activation="relu")(x)
y = layers.Conv1D(8, 3, padding="same")(x)
y = layers.BatchNormalization()(y)
y = layers.ReLU()(y)
x = layers.Add()([x, layers.DepthwiseConv1D(5, padding="same", use_bias=False)(y)])
x = layers.ReLU()(x)
x = layers.Add()([layers.Conv1D(12, 3, strides=2, padding="same")(x), layers.Conv1D(12, 1, strides=2)(x)])
x = layers.SpatialDropout1D(0.1)(x)
x = layers.UpSampling1D(3)(x)
x = layers.Cropping1D((2, 1))(x)
x = layers.MaxPooling1D(2)(x)
x = layers.SeparableConv1D(12, 3, padding="same", activation="elu")(x)
x = layers.ZeroPadding1D((1, 2))(x)
x = layers.AveragePooling1D(3, strides=1, padding="same")(x)
x = layers.Concatenate()([layers.GlobalMaxPooling1D()(x), layers.GlobalAveragePooling1D()(x)])
model = keras.Model(start, layers.Dense(10, activation="softmax")(x))
train(keras, model, "sequences", "keras")
train(keras, keras.models.clone_model(model), "sequences3", "h5")

# A small one that the fuzz target begins with, and its weights by Keras' names.
x = start = keras.Input((4, 4, 1))
x = layers.Conv2D(2, 3, padding="same")(x)
x = layers.Add()([x, layers.DepthwiseConv2D(3, padding="same")(layers.BatchNormalization()(x))])
x = layers.GlobalMaxPooling2D()(layers.MaxPooling2D(2)(layers.ReLU()(layers.ZeroPadding2D(1)(x))))
model = keras.Model(start, x)
for folder in [digits.MODELS, digits.HERE.parent / "fuzz" / "seeds" / "keras"]:
    model.save(folder / "places.keras")
save_file({weight.path: weight.numpy() for weight in model.weights}, digits.MODELS / "places.safetensors")

# Keras 2's names of tensors.
tf_keras.utils.set_random_seed(13)
layers = tf_keras.layers
train(tf_keras, tf_keras.Sequential([
    layers.Conv2D(6, (3, 2), padding="same", input_shape=(8, 8, 1)), layers.BatchNormalization(), layers.ReLU(),
    layers.DepthwiseConv2D(3, strides=2, padding="same", activation="relu"), layers.SpatialDropout2D(0.1),
    layers.SeparableConv2D(8, 3, activation="relu"), layers.GlobalAveragePooling2D(),
    layers.Dense(10, activation="softmax"),
]), "keras2_images", "h5", epochs=40)

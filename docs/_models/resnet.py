"""A model for the documentation."""

import keras
from keras import layers


class Residual(layers.Layer):
    def __init__(self, filters, **settings):
        super().__init__(**settings)
        self.first = layers.Conv2D(filters, 3, padding="same", activation="relu")
        self.second = layers.Conv2D(filters, 3, padding="same")

    def call(self, x):
        return keras.ops.relu(x + self.second(self.first(x)))


class ResNet(keras.Model):
    def __init__(self):
        super().__init__(name="resnet")
        self.stem = layers.Conv2D(16, 3, padding="same", name="stem")
        self.blocks = [Residual(16, name=f"block{number}") for number in (1, 2)]
        self.pool = layers.GlobalAveragePooling2D(name="pool")
        self.head = layers.Dense(10, activation="softmax", name="head")

    def call(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return self.head(self.pool(x))

"""A layer of one's own, in several ways."""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("docs")
class SqueezeExcite(layers.Layer):
    """Weighs channels by what is in all of the image (Hu et al., 2018)."""

    def __init__(self, ratio=16, **settings):
        super().__init__(**settings)
        self.ratio = ratio

    def build(self, shape):
        self.squeeze = layers.GlobalAveragePooling2D(keepdims=True)
        self.reduce = layers.Dense(shape[-1] // self.ratio, activation="relu")
        self.excite = layers.Dense(shape[-1], activation="sigmoid")

    def call(self, x):
        return x * self.excite(self.reduce(self.squeeze(x)))

    def get_config(self):
        return {**super().get_config(), "ratio": self.ratio}


@keras.saving.register_keras_serializable("docs")
class GatedPool(layers.Layer):
    """Mean over the image, weighed by a learned map."""

    kerasarch_role = "pool"

    def build(self, shape):
        self.gate = self.add_weight(shape=(shape[-1],), name="gate")

    def call(self, x):
        places = ops.reshape(x, (-1, x.shape[1] * x.shape[2], x.shape[3]))
        share = ops.softmax(ops.matmul(places, self.gate))
        return ops.einsum("bp,bpc->bc", share, places)


def build_weighed():
    image = keras.Input((32, 32, 3), name="image")
    x = layers.Conv2D(64, 3, strides=2, activation="relu", name="stem")(image)
    x = SqueezeExcite(name="weigh")(x)
    x = GatedPool(name="pool")(x)
    x = layers.Dense(10, activation="softmax", name="classes")(x)
    return keras.Model(image, x, name="weighed")

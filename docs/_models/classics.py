"""Models of the gallery that are neither in ``keras.applications`` nor in the example project."""

import keras
from keras import layers, ops


def lenet5():
    """LeCun et al., 1998, with softmax for the radial basis functions."""
    return keras.Sequential(
        [
            layers.Input((32, 32, 1), name="digit"),
            layers.Conv2D(6, 5, activation="tanh", name="c1"),
            layers.AveragePooling2D(2, name="s2"),
            layers.Conv2D(16, 5, activation="tanh", name="c3"),
            layers.AveragePooling2D(2, name="s4"),
            layers.Conv2D(120, 5, activation="tanh", name="c5"),
            layers.Flatten(),
            layers.Dense(84, activation="tanh", name="f6"),
            layers.Dense(10, activation="softmax", name="digits"),
        ],
        name="lenet5",
    )


def perceptron():
    """Eight measurements, two hidden layers, four classes."""
    return keras.Sequential(
        [
            layers.Input((8,)),
            layers.Dense(16, activation="relu"),
            layers.Dense(16, activation="relu"),
            layers.Dense(4, activation="softmax"),
        ],
        name="perceptron",
    )


def seq2seq(source_words=8000, target_words=6000, width=256):
    """An encoder and a decoder of LSTM layers; the decoder attends to all states of the encoder (Luong, 2015)."""
    source = keras.Input((None,), dtype="int32", name="source")
    states, h, c = layers.LSTM(width, return_sequences=True, return_state=True, name="encoder")(
        layers.Embedding(source_words, width, name="source_words")(source)
    )
    target = keras.Input((None,), dtype="int32", name="target")
    said = layers.LSTM(width, return_sequences=True, name="decoder")(
        layers.Embedding(target_words, width, name="target_words")(target), initial_state=[h, c]
    )
    context = layers.Attention(name="attention")([said, states])
    both = layers.Concatenate(name="join")([said, context])
    attended = layers.Dense(width, activation="tanh", name="attended")(both)
    word = layers.Dense(target_words, activation="softmax", name="next_word")(attended)
    return keras.Model([source, target], word, name="seq2seq")


@keras.saving.register_keras_serializable("docs")
class Positions(layers.Layer):
    """Adds a learned vector for each position."""

    def build(self, shape):
        self.table = self.add_weight(shape=shape[1:], initializer="random_normal", name="table")

    def call(self, x):
        return x + self.table


def encoder_layer(x, width, heads, name):
    attended = layers.MultiHeadAttention(heads, width // heads, name=f"{name}_attention")(x, x)
    x = layers.LayerNormalization(name=f"{name}_norm1")(layers.Add(name=f"{name}_add1")([x, attended]))
    wide = layers.Dense(4 * width, activation="relu", name=f"{name}_wide")(x)
    back = layers.Dense(width, name=f"{name}_back")(wide)
    return layers.LayerNormalization(name=f"{name}_norm2")(layers.Add(name=f"{name}_add2")([x, back]))


def decoder_layer(x, memory, width, heads, name):
    own = layers.MultiHeadAttention(heads, width // heads, name=f"{name}_own")(x, x, use_causal_mask=True)
    x = layers.LayerNormalization(name=f"{name}_norm1")(layers.Add(name=f"{name}_add1")([x, own]))
    cross = layers.MultiHeadAttention(heads, width // heads, name=f"{name}_cross")(x, memory)
    x = layers.LayerNormalization(name=f"{name}_norm2")(layers.Add(name=f"{name}_add2")([x, cross]))
    wide = layers.Dense(4 * width, activation="relu", name=f"{name}_wide")(x)
    back = layers.Dense(width, name=f"{name}_back")(wide)
    return layers.LayerNormalization(name=f"{name}_norm3")(layers.Add(name=f"{name}_add3")([x, back]))


def transformer(words=37000, length=64, width=512, heads=8, blocks=6):
    """The base model of Vaswani et al., 2017, with learned positions."""
    source = keras.Input((length,), dtype="int32", name="source")
    x = Positions(name="source_positions")(layers.Embedding(words, width, name="source_words")(source))
    for number in range(blocks):
        x = encoder_layer(x, width, heads, f"encoder{number + 1}")
    target = keras.Input((length,), dtype="int32", name="target")
    y = Positions(name="target_positions")(layers.Embedding(words, width, name="target_words")(target))
    for number in range(blocks):
        y = decoder_layer(y, x, width, heads, f"decoder{number + 1}")
    word = layers.Dense(words, activation="softmax", name="next_word")(y)
    return keras.Model([source, target], word, name="transformer")


def vit(size=224, patch=16, width=768, heads=12, blocks=12, classes=1000):
    """ViT-B/16 of Dosovitskiy et al., 2021, with the mean over the patches for the class token."""
    image = keras.Input((size, size, 3), name="image")
    x = layers.Conv2D(width, patch, strides=patch, name="patches")(image)
    x = layers.Reshape(((size // patch) ** 2, width), name="tokens")(x)
    x = Positions(name="positions")(x)
    for number in range(1, blocks + 1):
        y = layers.LayerNormalization(name=f"norm{number}a")(x)
        y = layers.MultiHeadAttention(heads, width // heads, name=f"attention{number}")(y, y)
        x = layers.Add(name=f"add{number}a")([x, y])
        y = layers.LayerNormalization(name=f"norm{number}b")(x)
        y = layers.Dense(4 * width, activation="gelu", name=f"wide{number}")(y)
        y = layers.Dense(width, name=f"back{number}")(y)
        x = layers.Add(name=f"add{number}b")([x, y])
    x = layers.LayerNormalization(name="norm")(x)
    x = layers.GlobalAveragePooling1D(name="mean")(x)
    return keras.Model(image, layers.Dense(classes, activation="softmax", name="classes")(x), name="vit_b16")


@keras.saving.register_keras_serializable("docs")
class Sampling(layers.Layer):
    """A draw from the normal distribution that the encoder describes (Kingma and Welling, 2014)."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.seeds = keras.random.SeedGenerator(0)

    def call(self, mean, log_variance):
        noise = keras.random.normal(ops.shape(mean), seed=self.seeds)
        return mean + ops.exp(0.5 * log_variance) * noise


def vae(latent=2):
    image = keras.Input((28, 28, 1), name="image")
    x = layers.Conv2D(32, 3, strides=2, padding="same", activation="relu", name="conv1")(image)
    x = layers.Conv2D(64, 3, strides=2, padding="same", activation="relu", name="conv2")(x)
    x = layers.Dense(16, activation="relu", name="features")(layers.Flatten(name="flat")(x))
    mean = layers.Dense(latent, name="mean")(x)
    log_variance = layers.Dense(latent, name="log_variance")(x)
    code = Sampling(name="sample")(mean, log_variance)
    y = layers.Dense(7 * 7 * 64, activation="relu", name="unfold")(code)
    y = layers.Reshape((7, 7, 64), name="maps")(y)
    y = layers.Conv2DTranspose(64, 3, strides=2, padding="same", activation="relu", name="up1")(y)
    y = layers.Conv2DTranspose(32, 3, strides=2, padding="same", activation="relu", name="up2")(y)
    y = layers.Conv2DTranspose(1, 3, padding="same", activation="sigmoid", name="picture")(y)
    return keras.Model(image, [y, mean, log_variance], name="vae")

"""U-Net, an encoder and a decoder with connections across (Ronneberger et al., 2015)."""

import keras
from keras import layers


def two_convolutions(x: keras.KerasTensor, filters: int, name: str) -> keras.KerasTensor:
    x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"{name}_conv1")(x)
    return layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"{name}_conv2")(x)


def build_unet(filters: int = 32, levels: int = 4, classes: int = 1) -> keras.Model:
    image = keras.Input((256, 256, 3), name="image")
    x, kept = image, []
    for level in range(levels):
        x = two_convolutions(x, filters * 2**level, f"down{level + 1}")
        kept.append(x)
        x = layers.MaxPooling2D(2, name=f"down{level + 1}_pool")(x)
    x = two_convolutions(x, filters * 2**levels, "bottom")
    for level in reversed(range(levels)):
        x = layers.Conv2DTranspose(filters * 2**level, 2, 2, name=f"up{level + 1}")(x)
        x = layers.Concatenate(name=f"up{level + 1}_join")([kept[level], x])
        x = two_convolutions(x, filters * 2**level, f"up{level + 1}")
    mask = layers.Conv2D(classes, 1, activation="sigmoid", name="mask")(x)
    return keras.Model(image, mask, name="unet")

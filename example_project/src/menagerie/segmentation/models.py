"""A U-Net whose size is kept in a configuration file."""

from __future__ import annotations

import json
from pathlib import Path

import keras
from keras import layers

from menagerie.blocks import convolve_twice

CONFIGURATION = Path(__file__).with_name("unet.json")


def build_unet() -> keras.Model:
    """The U-Net of ``unet.json``: one mask as large as the image."""
    config = json.loads(CONFIGURATION.read_text(encoding="utf-8"))
    filters, depth = config["filters"], config["depth"]
    x = image = keras.Input((config["size"], config["size"], config["channels"]), name="image")
    skips = []
    for level in range(depth):
        x = convolve_twice(x, filters << level)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = convolve_twice(x, filters << depth)
    for level in reversed(range(depth)):
        x = layers.Conv2DTranspose(filters << level, 2, strides=2, padding="same")(x)
        x = layers.Concatenate()([skips[level], x])
        x = convolve_twice(x, filters << level)
    mask = layers.Conv2D(1, 1, activation="sigmoid", name="mask")(x)
    return keras.Model(image, mask, name="unet")

"""Models whose layers are shown from the inside."""

import keras
from keras import layers


def attention(places=16, width=64):
    queries = keras.Input((places, width), name="queries")
    memory = keras.Input((2 * places, width), name="memory")
    return keras.Model([queries, memory], layers.MultiHeadAttention(4, 16, name="attention")(queries, memory))


def lstm(steps=20, features=8):
    return keras.Sequential([keras.Input((steps, features)), layers.LSTM(16), layers.Dense(1)], name="lstm")

"""Attention: projections and the two products of every pair of places.

``T`` and ``S`` are the numbers of places of query and value, ``H`` heads, ``d`` their width. Vaswani et al., Attention
Is All You Need (arXiv:1706.03762), §3.2 and table 1.
"""

from __future__ import annotations

import math

from .elements import ACTIVATIONS
from .products import first_sizes
from .work import Axes, Use, Work, size

SCALED_SOFTMAX = 1 + ACTIVATIONS["softmax"]
"""Operations for each score."""


def _projection(places: int, inner: int, outer: int, biased: bool) -> Work:
    return Work(places * inner * outer, places * outer if biased else 0)


def _places(shape: Axes) -> int:
    return size(shape[:-1])


def multi_head(use: Use) -> Work:
    """Projections T·C·H·d (query), S·C·H·d (key), S·C·H·v (value), T·H·v·F (output); scores H·T·S·d and their sum
    H·T·S·v. ``keras.layers.MultiHeadAttention``: all axes between batch and features attend unless
    ``attention_axes`` names them."""
    query = use.named("query", 0)
    value = use.named("value", 1)
    key = use.named("key", 2) if "key" in use.names else value
    heads, width = use.number("num_heads"), use.number("key_dim")
    depth = use.config.get("value_dim") or width
    axes = first_sizes(use.config.get("attention_axes") or tuple(range(1, len(query) - 1)))
    own, other = math.prod(query[axis] for axis in axes), math.prod(value[axis] for axis in axes)
    pairs = _places(query) // max(1, own) * heads * own * other
    biased = bool(use.config.get("use_bias", True))
    return (
        _projection(_places(query), query[-1], heads * width, biased)
        + _projection(_places(key), key[-1], heads * width, biased)
        + _projection(_places(value), value[-1], heads * depth, biased)
        + _projection(_places(query), heads * depth, use.output[-1], biased)
        + Work(pairs * (width + depth), pairs * SCALED_SOFTMAX)
        + (_gate(use, query, heads * depth) if use.config.get("use_gate") else Work())
    )


def grouped_query(use: Use) -> Work:
    """As multi-head, with fewer heads of key and value. Ainslie et al., GQA (arXiv:2305.13245)."""
    query = use.named("query", 0)
    value = use.named("value", 1)
    key = use.named("key", 2) if "key" in use.names else value
    width = use.number("head_dim")
    heads = use.number("num_query_heads")
    groups = use.number("num_key_value_heads")
    pairs = query[0] * heads * query[1] * value[1]
    biased = bool(use.config.get("use_bias", True))
    return (
        _projection(_places(query), query[-1], heads * width, biased)
        + _projection(_places(key), key[-1], groups * width, biased)
        + _projection(_places(value), value[-1], groups * width, biased)
        + _projection(_places(query), heads * width, use.output[-1], biased)
        + Work(2 * pairs * width, pairs * SCALED_SOFTMAX)
        + (_gate(use, query, heads * width) if use.config.get("use_gate") else Work())
    )


def _gate(use: Use, query: Axes, width: int) -> Work:
    """Gated attention: one more projection of the query, its sigmoid and the product."""
    places = _places(query)
    return Work(places * query[-1] * width, places * width * (ACTIVATIONS["sigmoid"] + 1))


def dot_attention(use: Use) -> Work:
    """``keras.layers.Attention``: T·S·d for the scores, T·S·v for the sum; no projections."""
    query, value, key = _three(use)
    pairs = query[0] * query[1] * value[1]
    macs = pairs * value[-1]
    if use.config.get("score_mode") == "concat":  # tanh(q + k), summed
        return Work(macs, pairs * (3 * key[-1] + SCALED_SOFTMAX))
    return Work(macs + pairs * query[-1], pairs * SCALED_SOFTMAX)


def additive_attention(use: Use) -> Work:
    """Bahdanau et al. (arXiv:1409.0473): tanh(q + k) weighted and summed over d for each pair, then T·S·v."""
    query, value, key = _three(use)
    pairs = query[0] * query[1] * value[1]
    scaled = bool(use.config.get("use_scale", True))
    macs = pairs * value[-1] + (pairs * key[-1] if scaled else 0)
    return Work(macs, pairs * ((2 if scaled else 3) * key[-1] + ACTIVATIONS["softmax"]))


def _three(use: Use) -> tuple[Axes, Axes, Axes]:
    query = use.input
    value = use.inputs[1] if len(use.inputs) > 1 else query
    key = use.inputs[2] if len(use.inputs) > 2 and not use.names[2].endswith("mask") else value
    return query, value, key


def scaled_dot_product(use: Use) -> Work:
    """``keras.ops.dot_product_attention`` on (batch, places, heads, width): 2 · B · N · T · S · d."""
    query, key = use.input, use.named("key", 1)
    pairs = query[0] * query[2] * query[1] * key[1]
    return Work(2 * pairs * query[-1], pairs * SCALED_SOFTMAX)

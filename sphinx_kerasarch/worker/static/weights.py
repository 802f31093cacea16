"""Stored weights → named ones. ``.keras`` files number the variables of a layer; these are their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .. import compat
from .files import Group
from .stand_in import Variable

KERNEL = ("kernel", "bias")

PLAIN = (
    *(f"Conv{rank}D{kind}" for rank in (1, 2, 3) for kind in ("", "Transpose")),
    *("DepthwiseConv1D", "DepthwiseConv2D", "Dense", "EinsumDense"),
)

NAMES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(PLAIN, KERNEL),
    "SeparableConv1D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "SeparableConv2D": ("depthwise_kernel", "pointwise_kernel", "bias"),
    "Embedding": ("embeddings",),
    "ReversibleEmbedding": ("embeddings", "reverse_embeddings"),
    "LayerNormalization": ("gamma", "beta"),
    "GroupNormalization": ("gamma", "beta"),
    "RMSNormalization": ("scale",),
    "Normalization": ("mean", "variance", "count"),
    "PReLU": ("alpha",),
    "Attention": ("scale", "concat_score_weight"),
    "AdditiveAttention": ("scale",),
    **dict.fromkeys(
        ("LSTMCell", "GRUCell", "SimpleRNNCell", "ConvLSTMCell"), ("kernel", "recurrent_kernel", "bias")
    ),
}
"""Class → names of its variables in the order in which it makes them."""

STATISTICS = frozenset({"moving_mean", "moving_variance", "mean", "variance", "count", "vector_u"})
"""Variables that training by gradients leaves alone."""

ATTENTION = (
    ("query_dense", "query"),
    ("key_dense", "key"),
    ("value_dense", "value"),
    ("output_dense", "attention_output"),
    ("_gate_dense", "gate"),
)
CELLS: Mapping[str, str] = {
    "LSTM": "LSTMCell",
    "GRU": "GRUCell",
    "SimpleRNN": "SimpleRNNCell",
    "ConvLSTM1D": "ConvLSTMCell",
    "ConvLSTM2D": "ConvLSTMCell",
    "ConvLSTM3D": "ConvLSTMCell",
}


def _inner(told: Any) -> tuple[str, Mapping[str, Any]]:
    return (str(told["class_name"]), told["config"]) if isinstance(told, Mapping) else ("", {})


def _names(class_name: str, config: Mapping[str, Any], count: int) -> tuple[str, ...]:
    if class_name == "BatchNormalization":
        own = ("gamma",) * bool(config.get("scale", True)) + ("beta",) * bool(config.get("center", True))
        names: tuple[str, ...] = (*own, "moving_mean", "moving_variance")
    elif class_name == "LayerNormalization":
        names = ("gamma",) * bool(config.get("scale", True)) + ("beta",) * bool(config.get("center", True))
    else:
        names = NAMES.get(class_name, ())
    return names[:count] if count <= len(names) else ()


Found = Iterator[tuple[str, tuple[int, ...], str]]


def _own(class_name: str, config: Mapping[str, Any], group: Group, prefix: str) -> Found:
    names = _names(class_name, config, len(group.variables))
    for index, (number, shape, dtype) in enumerate(group.variables):
        yield prefix + (names[index] if names else f"variable_{number}"), shape, dtype


def _numbered(class_name: str, config: Mapping[str, Any], group: Group, prefix: str = "") -> Found:
    """(name below the layer, shape, dtype) in the order of ``layer.weights``."""
    groups = dict(group.groups)
    groups.pop("seed_generator", None)
    yield from _own(class_name, config, group, prefix)
    if class_name in CELLS and "cell" in groups:
        cell = CELLS[class_name]
        yield from _own(cell, config, groups.pop("cell"), f"{prefix}{compat.snake(cell)}/")
    if class_name in {"MultiHeadAttention", "GroupedQueryAttention", "GroupQueryAttention"}:
        for key, name in ATTENTION:
            if key in groups:
                yield from _own("EinsumDense", {}, groups.pop(key), f"{prefix}{name}/")
    if class_name == "Bidirectional":
        inner, inner_config = _inner(config.get("layer"))
        for way in ("forward", "backward"):
            if f"{way}_layer" in groups:
                name = f"{way}_{inner_config.get('name', compat.snake(inner))}"
                yield from _numbered(inner, inner_config, groups.pop(f"{way}_layer"), f"{prefix}{name}/")
    elif "layer" in groups:
        inner, inner_config = _inner(config.get("layer"))
        name = str(inner_config.get("name", compat.snake(inner)))
        yield from _numbered(inner, inner_config, groups.pop("layer"), f"{prefix}{name}/")
    for key, rest in groups.items():
        # Parts of a class that nobody here knows: counted, under the names that the file gives them.
        yield from _numbered("", {}, rest, f"{prefix}{key}/")


def variables_of(
    layer_name: str, class_name: str, config: Mapping[str, Any], group: Group, named: bool
) -> list[Variable]:
    """The variables of one layer. ``named``: the group holds paths, as ``.h5`` files do."""
    found = (
        ((_below(path, layer_name), shape, dtype) for path, shape, dtype in group.variables)
        if named
        else _numbered(class_name, config, group)
    )
    frozen = config.get("trainable") is False
    return [
        Variable(
            f"{layer_name}/{name}", shape, dtype, not frozen and name.rpartition("/")[2] not in STATISTICS
        )
        for name, shape, dtype in found
        if "seed_generator" not in name
    ]


def _below(path: str, layer_name: str) -> str:
    segments = path.split("/")
    if layer_name in segments[:-1]:
        return "/".join(segments[len(segments) - segments[::-1].index(layer_name) :])
    return segments[-1]

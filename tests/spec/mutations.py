"""Specs that a stranger has made of good ones: values, references, lists and the structure changed by chance."""

from __future__ import annotations

import copy
import json
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

SPECS = Path(__file__).parents[1] / "specs"
NAMES = (
    "lenet", "siamese", "unet", "lstm_seq2seq", "autoencoder", "cnn", "encoder", "mlp", "transformer_encoder",
    "two_io", "mnist_convnet", "vgg16",
    *(f"folding/{name}" for name in ("copies", "diffusion", "masked", "staged", "subclassed", "tied", "towers")),
)  # fmt: skip

Spec = dict[str, Any]


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


PNG = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA"
"""The beginning of one, which says its size and has nothing behind."""

VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 1, 2, 3, 7, 2**31, 2**62, 2**63 - 1, 10**99, 1.5, 1e308, -1e308, 5e-324, float("nan"),
    float("inf"), "", "<script>", "x" * 3000, [], {}, [None], [0, 0], [1, 1], {"x": {}}, deep(60), ["3", None],
    "\u202e\x1b]0;x\x07", "same", "valid", "float32", "float999", "channels_first", [2**62] * 5, [None] * 64, [0],
    [10**6, 10**6], [None, 224, 224, 10**6], [None, 2**40, 2**40], "\ud800", "a\x00b", "@2", "a/b/c" * 50, PNG,
    {"class_name": "X", "config": {}}, {"class_name": None}, [[1, 2], [3, 4]], [[1], [2, "x"]], {"a": [{"b": None}]},
    "linear", ["a"], {"": ""},
)  # fmt: skip


def mutated(chance: random.Random) -> Spec:
    """A spec with one to six changes."""
    spec = json.loads((SPECS / f"{chance.choice(NAMES)}.json").read_text("utf-8"))
    changes = (value, value, exchanged, without, lists, edges, blocks, shapes, pictures)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        # What an earlier change has left may have no place for another one.
        with suppress(KeyError, IndexError, TypeError, ValueError, AttributeError):
            chance.choice(changes)(spec, chance)
    return spec


def _places(part: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [place for key, item in items for place in ((*path, key), *_places(item, (*path, key)))]


def _at(part: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        part = part[key]
    return part


def value(spec: Spec, chance: random.Random) -> None:
    """Another one in its place, of whatever type."""
    path = chance.choice(_places(spec))
    _at(spec, path[:-1])[path[-1]] = copy.deepcopy(chance.choice(VALUES))


def exchanged(spec: Spec, chance: random.Random) -> None:
    """One that stands elsewhere under the same key."""
    paths = _places(spec)
    path = chance.choice(paths)
    same = [other for other in paths if other[-1] == path[-1]]
    _at(spec, path[:-1])[path[-1]] = copy.deepcopy(_at(spec, chance.choice(same)))


def without(spec: Spec, chance: random.Random) -> None:
    path = chance.choice(_places(spec))
    del _at(spec, path[:-1])[path[-1]]


def lists(spec: Spec, chance: random.Random) -> None:
    """Parts twice, missing, in another order."""
    parts = spec[chance.choice(("edges", "calls", "layers", "blocks", "inputs", "outputs"))]
    place = chance.randrange(len(parts))
    way = chance.randrange(4)
    if way == 0:
        parts.append(copy.deepcopy(parts[place]))
    elif way == 1:
        del parts[place]
    elif way == 2:
        chance.shuffle(parts)
    else:
        parts[place : place + 1] = [copy.deepcopy(parts[place]) for _ in range(30)]


def edges(spec: Spec, chance: random.Random) -> None:
    """More of them, mostly forwards."""
    calls = [call["id"] for call in spec["calls"]]
    for _ in range(chance.choice((1, 2, 5, 30))):
        ends = [chance.randrange(len(calls)) for _ in "ab"]
        ends = ends if chance.random() < 0.1 else sorted(ends)
        ports = [{"call": calls[end], "index": chance.choice((0, 0, 1, 5, 2**62))} for end in ends]
        spec["edges"].append({"source": ports[0], "target": ports[1], "argument": chance.choice(("", "mask"))})


def blocks(spec: Spec, chance: random.Random) -> None:
    """Calls in others, also in new ones, in pieces or one after the other."""
    for number in range(chance.choice((0, 1, 3, 20))):
        names = [block["id"] for block in spec["blocks"]]
        block = {"id": f"new{number}", "label": chance.choice(("", "x", "new")), "class": "Functional"}
        block |= {"parent": chance.choice([*names, None]), "kind": chance.choice(("model", "layer", "stage", "?"))}
        spec["blocks"].append({**block, "times": chance.choice((None, 0, 1, 2**62)), "model": ""})
    names = [block["id"] for block in spec["blocks"]]
    if chance.random() < 0.5:
        at = sorted(chance.randrange(len(spec["calls"])) for _ in "ab")
        chosen = spec["calls"][at[0] : at[1]]
    else:
        chosen = [call for call in spec["calls"] if chance.random() < 0.3]
    for call in chosen:
        call["block"] = chance.choice([*names, None])


def shapes(spec: Spec, chance: random.Random) -> None:
    for call in spec["calls"]:
        for tensor in (*call["outputs"], *call["inputs"]):
            if chance.random() < 0.3:
                axes = [chance.choice((None, 0, 1, 3, 64, 2**20, 2**40, 2**63 - 1)) for _ in range(chance.randrange(7))]
                tensor["shape"] = [None, *axes]


def pictures(spec: Spec, chance: random.Random) -> None:
    """On calls, and numbers in dense layers."""
    spec["images"] = {chance.choice(spec["calls"])["id"]: PNG + chance.choice(("", "A" * 40, "/" * 400))}
    layer = chance.choice(spec["layers"])["id"]
    spec["values"] = {layer: chance.choice(VALUES), chance.choice(spec["layers"])["name"]: chance.choice(VALUES)}

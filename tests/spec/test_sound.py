"""Specs from elsewhere: whatever is in one, it is refused with advice, or drawn, or a view refuses it with advice."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch import registry
from sphinx_kerasarch.api import draw
from sphinx_kerasarch.errors import DrawError, KerasarchError, SpecError
from sphinx_kerasarch.spec import codec, model, sound

SPECS = Path(__file__).parents[1] / "specs"


def data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SPECS / f"{name}.json").read_text("utf-8"))
    return found


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    *way, last, value = path

    def change(spec: dict[str, Any]) -> None:
        place: Any = spec
        for step in way:
            place = place[step]
        place[last] = value

    return change


def cycle(spec: dict[str, Any]) -> None:
    edge = json.loads(json.dumps(spec["edges"][-1]))
    edge["source"], edge["target"] = edge["target"], spec["edges"][0]["target"]
    spec["edges"].append(edge)


def blocks(spec: dict[str, Any], links: dict[str, str | None]) -> None:
    spec["blocks"] = [
        {"id": name, "label": name, "parent": parent, "class": "Functional"} for name, parent in links.items()
    ]



DAMAGES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "a role that is a class of CSS": (put("layers", 0, "role", 'conv" onload="x'), "role cannot be"),
    "a name that is no text": (put("layers", 0, "name", ["x"]), "name cannot be"),
    "an axis that is a text": (put("calls", 0, "outputs", 0, "shape", ["<b>"]), "shape cannot be"),
    "an axis beyond all arrays": (put("calls", 0, "outputs", 0, "shape", [None, 2**63]), "shape cannot be"),
    "an axis below nothing": (put("calls", 0, "outputs", 0, "shape", [-1]), "shape cannot be"),
    "a hundred axes": (put("calls", 0, "outputs", 0, "shape", [1] * 100), "shape cannot be"),
    "a yes for a number": (put("calls", 0, "outputs", 0, "shape", [True]), "shape cannot be"),
    "an endless number": (put("layers", 0, "config", {"units": 10**4000}), "config cannot be"),
    "a deep setting": (put("layers", 0, "config", {"x": deep(500)}), "config cannot be"),
    "no number": (put("layers", 0, "config", {"rate": float("nan")}), "config cannot be"),
    "a layer that is not there": (put("calls", 0, "layer", "../../etc/passwd"), "which is not there"),
    "two calls of one name": (lambda spec: spec["calls"].append(spec["calls"][0]), "There are two calls"),
    "an edge from nowhere": (put("edges", 0, "source", "call", "x"), "which is not there"),
    "an index below nothing": (put("edges", 0, "source", "index", -1), "index cannot be"),
    "a circle of calls": (cycle, "depends on itself"),
    "a block in itself": (lambda spec: blocks(spec, {"a": "b", "b": "a"}), "is in itself"),
    "blocks without end": (
        lambda spec: blocks(spec, {f"b{n}": f"b{n - 1}" if n else None for n in range(100)}),
        "too deep",
    ),
    "a weight without size": (put("layers", 1, "weights", 0, "shape", [None, 3]), "has no size"),
    "a picture that is a page": (put("images", {"image": "PHN2ZyBvbmxvYWQ9"}), "which is not there"),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_what_cannot_be_is_refused(what: str) -> None:
    damage, said = DAMAGES[what]
    spec = data("lenet")
    damage(spec)
    with pytest.raises(SpecError, match=said) as caught:
        codec.from_json(spec)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("picture", ["", "x", "PHN2Zz48L3N2Zz4=", "iVBORw0KGgoAAAANSUhEUgD/////////"])
def test_a_picture_is_a_png_of_a_size_to_be_shown(picture: str) -> None:
    spec = data("lenet")
    spec["images"] = {spec["calls"][0]["id"]: picture}
    with pytest.raises(SpecError, match="picture"):
        codec.from_json(spec)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"version": 1, "name": ' + "9" * 10_000 + "}"])
def test_texts_that_exhaust_a_reader(text: str) -> None:
    with pytest.raises(SpecError):
        codec.loads(text)


def test_calls_out_of_order_are_no_circle() -> None:
    spec = data("siamese")
    spec["calls"] = spec["calls"][::-1]
    assert len(codec.from_json(spec).calls) == len(spec["calls"])


HOSTILE = (
    None, True, -1, 0, 2**62, 10**99, 1.5, "", "<script>", "x" * 3000, [], {}, [None], [0, 0], {"x": {}}, deep(60),
    ["3", None], "\u202e\x1b]0;x\x07", "same", "valid", "float32", "channels_first", -(2**62), [2**62] * 5,
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [place for key, item in items for place in places(item, (*path, key))]


@pytest.mark.parametrize("name", ["lenet", "siamese", "unet", "lstm_seq2seq"])
def test_any_value_anywhere_is_refused_or_drawn(name: str) -> None:
    """Values of a good spec are exchanged for others: a reader says so, or the views go on, or say why not."""
    chance = random.Random(3)
    whole = data(name)
    ways = [way for way in places(whole) if way[0] in {"layers", "calls"}]
    settings = [way for way in ways if {"config", "arguments"} & set(way)]
    passed = 0
    for number in range(90):
        spec = json.loads(json.dumps(whole))
        for way in chance.sample(ways if number % 3 == 0 else settings, min(2, len(settings))):
            with suppress(TypeError, KeyError, IndexError):  # what it was in is gone
                put(*way, chance.choice(HOSTILE))(spec)
        try:
            good = codec.from_json(spec)
        except SpecError:
            continue
        passed += 1
        for view in registry.VIEWS if passed % 3 == 0 else ("summary", "graph"):
            with suppress(KerasarchError):
                draw(good, view)
    assert passed > 8, "else nothing was tried"


def test_every_field_is_checked() -> None:
    """Or is a list of parts, or a part."""
    parts = {field for _, field in (*codec.PARTS, *codec.RECORDS)}
    kinds = [kind for kind in vars(model).values() if hasattr(kind, "__dataclass_fields__")]
    named = {field.name for kind in kinds for field in fields(kind)}
    assert named == set(sound.FIELDS) | parts


def in_pieces(spec: dict[str, Any]) -> None:
    """The first and the last of three calls in a row in one block."""
    blocks(spec, {"a": None})
    for number in (2, 4):
        spec["calls"][number]["block"] = "a"


def crossed(spec: dict[str, Any]) -> None:
    """Two blocks of which each is read by the other."""
    blocks(spec, {"outer": None, "a": "outer", "b": "outer"})
    for number, block in zip((2, 3, 4, 5), "abab", strict=True):
        spec["calls"][number]["block"] = block


@pytest.mark.parametrize("damage", [in_pieces, crossed])
def test_a_block_cannot_wait_for_itself(damage: Callable[[dict[str, Any]], None]) -> None:
    """Closed to one card, it would be part of a circle."""
    spec = data("lenet")
    damage(spec)
    with pytest.raises(SpecError, match="The block 'a' depends on itself"):
        codec.from_json(spec)


def test_blocks_beside_each_other_may_take_turns() -> None:
    """Of two branches that do not meet, in whatever order their calls stand."""
    spec = data("two_io")
    order = {call["id"]: number for number, call in enumerate(spec["calls"])}
    after = {edge["target"]["call"] for edge in spec["edges"]}
    first, second = (call["id"] for call in spec["calls"] if call["id"] not in after)
    blocks(spec, {"a": None, "b": None})
    for name, block in ((first, "a"), (second, "b")):
        for call in (name, *(e["target"]["call"] for e in spec["edges"] if e["source"]["call"] == name)):
            spec["calls"][order[call]]["block"] = block
    assert {call.block for call in codec.from_json(spec).calls} == {None, "a", "b"}


def test_calls_are_put_into_order() -> None:
    whole = codec.from_json(data("siamese"))
    spec = data("siamese")
    spec["calls"] = spec["calls"][::-1]
    found = codec.from_json(spec)
    place = {call.id: number for number, call in enumerate(found.calls)}
    assert sorted(place) == sorted(call.id for call in whole.calls)
    assert all(place[edge.source.call] < place[edge.target.call] for edge in found.edges)


@pytest.mark.parametrize("part", ["calls", "edges", "layers", "blocks"])
def test_more_than_can_be_drawn_is_refused(part: str) -> None:
    spec = codec.from_json(data("siamese"))
    most = sound.MOST_EDGES if part == "edges" else sound.MOST_CALLS
    with pytest.raises(SpecError, match=f"{part} are more than {most:,}"):
        sound.sound(replace(spec, **{part: getattr(spec, part)[:1] * (most + 1)}))


def test_an_output_is_one_of_its_call() -> None:
    spec = data("lenet")
    spec["outputs"][0]["port"]["index"] = 1
    with pytest.raises(SpecError, match="names an output that is not there"):
        codec.from_json(spec)


@pytest.mark.parametrize("view", ["graph", "layered"])
def test_all_with_all_is_no_figure(view: str) -> None:
    """Said at once: to find places for thousands of lines took minutes."""
    spec = data("vgg16")
    ports = [{"call": call["id"], "index": 0} for call in spec["calls"]]
    calls = [{**spec["calls"][-1], "id": f"more{n}"} for n in range(20)]
    spec["calls"] += calls
    ports += [{"call": call["id"], "index": 0} for call in calls]
    spec["edges"] = [
        {"source": a, "target": b, "argument": ""} for n, a in enumerate(ports) for b in ports[n + 1 :]
    ]
    with pytest.raises(DrawError, match="too many connections"):
        draw(codec.from_json(spec), view)

"""Spec ↔ JSON: round trip, stability, digest, errors, and the published schema both ways."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_kerasarch.errors import SpecError
from sphinx_kerasarch.spec import codec, model
from sphinx_kerasarch.spec.model import (
    ArchSpec,
    Block,
    Call,
    Edge,
    Layer,
    Note,
    Port,
    Provenance,
    Slot,
    Tensor,
    Weight,
)
from sphinx_kerasarch.spec.roles import ROLES

SPECS = Path(__file__).parent.parent / "specs"
NAMES = sorted(path.stem for path in SPECS.glob("*.json"))
SCHEMA: dict[str, Any] = json.loads(Path(codec.__file__).with_name("schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def recorded(name: str) -> ArchSpec:
    return codec.loads((SPECS / f"{name}.json").read_text("utf-8"))


words = st.text(max_size=6)
names = st.text(min_size=1, max_size=6)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
shapes = st.lists(st.none() | st.integers(0, 9), max_size=4).map(tuple)
ports = st.builds(Port, names, st.integers(0, 3))
tensors = st.builds(Tensor, shapes, st.sampled_from(["float32", "int8"]))
weights = st.builds(
    Weight,
    names,
    names,
    st.lists(st.integers(0, 9), max_size=3).map(tuple),
    st.just("float32"),
    st.booleans(),
)
configs = st.dictionaries(words, json_values, max_size=3)
layers = st.builds(
    Layer, names, names, names, names, st.sampled_from(ROLES), st.lists(weights, max_size=2).map(tuple),
    st.booleans(), configs, st.none() | names, st.booleans(), names,
)  # fmt: skip
calls = st.builds(
    Call, names, names, st.none() | names, st.lists(tensors, max_size=2).map(tuple),
    st.lists(tensors, max_size=2).map(tuple), configs,
)  # fmt: skip
blocks = st.builds(
    Block,
    names,
    words,
    st.none() | names,
    names,
    words,
    st.sampled_from(["model", "layer", "stage"]),
    st.booleans(),
)
slots = st.lists(st.builds(Slot, words, ports), max_size=2).map(tuple)
specs = st.builds(
    ArchSpec, words, names, st.lists(layers, max_size=2).map(tuple), st.lists(calls, max_size=2).map(tuple),
    st.lists(st.builds(Edge, ports, ports, words), max_size=2).map(tuple), slots, slots,
    st.lists(blocks, max_size=2).map(tuple), st.dictionaries(names, words, max_size=2),
    st.lists(st.builds(Note, st.just("mask"), words, words), max_size=2).map(tuple),
    st.builds(Provenance, words, st.sampled_from(["", "backend"]), words, st.dictionaries(words, words, max_size=2),
              st.integers(0, 9)),
)  # fmt: skip


@given(specs)
def test_round_trip_and_schema(spec: ArchSpec) -> None:
    text = codec.dumps(spec)
    # References of these lead anywhere; what may be drawn is test_sound's concern.
    assert codec.decode(json.loads(text)) == spec
    assert codec.dumps(codec.decode(json.loads(text))) == text
    VALIDATOR.validate(json.loads(text))


@pytest.mark.parametrize("name", NAMES)
def test_recorded_specs(name: str) -> None:
    text = (SPECS / f"{name}.json").read_text("utf-8")
    spec = codec.loads(text)
    assert codec.dumps(spec) == text
    VALIDATOR.validate(json.loads(text))


@pytest.mark.parametrize("name", NAMES)
def test_recorded_specs_hang_together(name: str) -> None:
    spec = recorded(name)
    by_id = {call.id: call for call in spec.calls}
    known_layers, known_blocks = {layer.id for layer in spec.layers}, {block.id for block in spec.blocks}
    assert len(by_id) == len(spec.calls) and len(known_layers) == len(spec.layers)
    place = {call.id: index for index, call in enumerate(spec.calls)}
    fed: dict[str, set[int]] = {call: set() for call in by_id}
    for edge in spec.edges:
        source, target = by_id[edge.source.call], by_id[edge.target.call]
        assert place[source.id] < place[target.id]
        assert source.outputs[edge.source.index] == target.inputs[edge.target.index]
        fed[target.id].add(edge.target.index)
    for call in spec.calls:
        assert call.layer in known_layers and (call.block is None or call.block in known_blocks)
        assert fed[call.id] == set(range(len(call.inputs)))
    for slot in (*spec.inputs, *spec.outputs):
        assert slot.port.index < len(by_id[slot.port.call].outputs)
    assert all(math.prod(weight.shape) > 0 for layer in spec.layers for weight in layer.weights)


def test_schema_names_every_field_and_no_other() -> None:
    VALIDATOR.check_schema(SCHEMA)
    for cls in (Tensor, Weight, Layer, Call, Port, Edge, Slot, Block, Note, Provenance):
        told = SCHEMA["$defs"][cls.__name__.lower()]
        keys = {"class" if field.name == "class_name" else field.name for field in fields(cls)}
        left_out = {name for owner, name in codec.LEFT_OUT if owner is cls}
        assert set(told["properties"]) == keys == set(told["required"]) | left_out, cls
    top = {"class" if field.name == "class_name" else field.name for field in fields(ArchSpec)} | {"version"}
    left_out = {name for owner, name in codec.LEFT_OUT if owner is ArchSpec}
    assert set(SCHEMA["properties"]) == top == set(SCHEMA["required"]) | left_out


def test_numbers_of_weights_are_valid_and_left_out_where_there_are_none() -> None:
    spec = ArchSpec("net", values={"dense": [[0.5, None], [-1e-12, 3.0]]})
    VALIDATOR.validate(codec.to_json(spec))
    assert codec.from_json(codec.to_json(spec)) == spec
    assert "values" not in codec.to_json(ArchSpec("net"))
    assert SCHEMA["properties"]["version"]["const"] == codec.SPEC_VERSION
    assert tuple(SCHEMA["$defs"]["role"]["enum"]) == ROLES
    assert get_args(model.Shape)


def break_version(data: dict[str, Any]) -> None:
    data["version"] = 99


def break_key(data: dict[str, Any]) -> None:
    data["layers"][0]["colour"] = "red"


def break_lack(data: dict[str, Any]) -> None:
    del data["calls"][0]["layer"]


def break_list(data: dict[str, Any]) -> None:
    data["edges"] = {}


def break_record(data: dict[str, Any]) -> None:
    data["edges"][0]["source"] = "image"


@pytest.mark.parametrize("damage", [break_version, break_key, break_lack, break_list, break_record])
def test_schema_and_codec_refuse_the_same(damage: Any) -> None:
    data = codec.to_json(recorded("lenet"))
    data = json.loads(json.dumps(data))
    damage(data)
    with pytest.raises(SpecError):
        codec.from_json(data)
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(data)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"name": "x"}', "\x00"])
def test_nonsense_is_refused_with_advice(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        codec.loads(text)
    assert caught.value.advice


def test_digest_leaves_provenance_out_and_sees_all_else() -> None:
    spec = recorded("lenet")
    assert codec.digest(replace(spec, provenance=Provenance(target="a:b"))) == codec.digest(spec)
    changed = [
        replace(spec, name="other"),
        replace(spec, edges=spec.edges[:-1]),
        replace(spec, layers=(replace(spec.layers[0], auto_named=False), *spec.layers[1:])),
        replace(spec, notes=(Note("mask", "", ""),)),
    ]
    assert len({codec.digest(item) for item in [spec, *changed]}) == len(changed) + 1


def test_one_line_for_each_part() -> None:
    spec = recorded("lenet")
    lines = codec.dumps(spec).splitlines()
    assert sum(line.startswith('  {"activation"') for line in lines) == len(spec.layers)
    assert sum(line.startswith('  {"arguments"') for line in lines) == len(spec.calls)

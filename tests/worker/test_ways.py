"""The matrix: each way to write a model × what must hold of its description."""

from __future__ import annotations

import inspect
import itertools
import math
from importlib import import_module
from typing import Any

import pytest

from sphinx_kerasarch.errors import KerasarchError
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.codec import digest, dumps, loads
from sphinx_kerasarch.spec.query import layer_of, totals

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]

SHAPES = {"TiedModel": "5", "Encoder": "4", "Siamese": "(4,), (4,)", "Unused": "4", "NeedsData": "4"}
"""Input shapes for the models that have none of their own."""

WAYS = (
    "time_distributed_model",
    "time_distributed_twice",
    "bidirectional_states",
    "bidirectional_two_layers",
    "rnn_of_cells",
    "spectral_convolution",
    "own_wrapper",
    "attention_keywords",
    "self_attention",
    "grouped_attention",
    "masks_through",
    "masking_layer",
    "output_in_part",
    "split_in_part",
    "unused_layer",
    "cycle",
    "siamese_of_models",
    "nested_outputs",
    "tuple_input",
    "same_output_twice",
    "same_names",
    "deep_nesting",
    "intermediate_model",
    "arithmetic",
    "several_operations",
    "lambda_layers",
    "random_inside",
    "augmentation",
    "no_axes",
    "empty_axis",
    "wide",
    "any_size",
    "fixed_batch",
    "constant_input",
    "mixed_by_layer",
    "int8",
    "float8",
    "int4",
    "lora",
    "tied",
    "TiedModel",
    "frozen_part",
    "trained",
    "no_config",
    "Encoder",
    "Siamese",
    "SubclassedFunctional",
    "SubclassedSequential",
    "uses_numpy",
    "Unused",
    "named_as_its_layer",
    "marked",
    "changes_everything",
    "plain_after",
    "random_shape",
    "bad_config",
    "raises_everywhere",
    "NeedsData",
)


@pytest.fixture
def read(keras: Any) -> Any:
    from sphinx_kerasarch.worker.build import build
    from sphinx_kerasarch.worker.describe import describe
    from sphinx_kerasarch.worker.reset import State

    def reader(name: str, *, alone: bool = False) -> tuple[Any, ArchSpec]:
        # Putting everything back takes half a second: only where something was changed.
        state = State.take() if alone or name == "changes_everything" else None
        try:
            model, facts = build(f"ways:{name}", "", SHAPES.get(name, ""))
            return model, describe(model, facts)
        finally:
            if state:
                state.restore()

    return reader


def test_every_way_is_listed(keras: Any) -> None:
    ways = import_module("ways")
    parts = {"Twice", "Table", "Block", "Marked", "BadConfig", "Raises", "inner_pad", "UsesNumpy"}
    there = {name for name, thing in vars(ways).items() if inspect.getmodule(thing) is ways and callable(thing)}
    assert there - parts == set(WAYS)


def size(variables: Any) -> int:
    return sum(math.prod(variable.shape) for variable in variables)


@pytest.mark.parametrize("name", WAYS)
def test_facts(read: Any, name: str) -> None:
    model, spec = read(name)
    found = totals(spec)
    assert found.params == size(model.weights) == model.count_params()
    assert found.trainable == size(model.trainable_weights)
    assert found.non_trainable == size(model.non_trainable_weights)
    assert loads(dumps(spec)) == spec
    calls, layers = {call.id: call for call in spec.calls}, layer_of(spec)
    for edge in spec.edges:
        source = calls[edge.source.call].outputs[edge.source.index]
        assert calls[edge.target.call].inputs[edge.target.index] == source, edge
    for call in spec.calls:
        into = sorted(edge.target.index for edge in spec.edges if edge.target.call == call.id)
        assert into == list(range(len(call.inputs))), call.id
        assert layers[call.layer]
    if not [note for note in spec.notes if note.slug == "no-graph"]:
        wanted = [tuple(tensor.shape) for tensor in leaves(model)]
        assert [calls[slot.port.call].outputs[slot.port.index].shape for slot in spec.outputs] == wanted
    assert digest(read(name)[1]) == digest(spec)


def leaves(model: Any) -> list[Any]:
    """Outputs of a model by the keys of their dicts; of a subclassed one what a symbolic call gives."""
    import keras

    from sphinx_kerasarch.worker.build import shapes
    from sphinx_kerasarch.worker.trace import called_with
    from sphinx_kerasarch.worker.walk import tensors_in

    functional = getattr(model, "_functional", model)
    if hasattr(functional, "_outputs_struct"):
        return tensors_in(functional._outputs_struct)
    assert isinstance(model, keras.Model)
    given = called_with(model, shapes(SHAPES[type(model).__name__]))
    return tensors_in(model(*given.args))


def by_name(spec: ArchSpec) -> dict[str, Any]:
    return {layer.name: layer for layer in spec.layers}


def ends(spec: ArchSpec) -> list[str]:
    return [
        f"{edge.source.call}.{edge.source.index} > {edge.target.call}.{edge.target.index} {edge.argument}".strip()
        for edge in spec.edges
    ]


def test_states_of_both_directions(read: Any) -> None:
    spec = read("bidirectional_states")[1]
    assert ends(spec) == ["x.0 > both.0", "both.1 > h.0", "both.3 > h.1", "both.2 > c.0", "both.4 > c.1"]


def test_keywords_name_the_edges(read: Any) -> None:
    assert ends(read("attention_keywords")[1]) == [
        "q.0 > mha.0",
        "v.0 > mha.1 value",
        "k.0 > mha.2 key",
        "mask.0 > mha.3 attention_mask",
    ]
    assert ends(read("self_attention")[1]) == ["x.0 > mha.0", "x.0 > mha.1 value", "x.0 > mha.2 key"]


def test_output_in_part(read: Any) -> None:
    spec = read("output_in_part")[1]
    assert [(slot.port.call, slot.port.index) for slot in spec.outputs] == [("gru", 1)]
    assert ends(read("split_in_part")[1]) == ["x.0 > split.0", "split.0 > multiply.0", "split.2 > multiply.1"]


def test_what_is_never_called_is_said(read: Any) -> None:
    notes = read("Unused")[1].notes
    assert [(note.slug, "left_out" in note.message) for note in notes] == [("uncalled", True)]


def test_what_a_wrapper_has_inside(read: Any) -> None:
    layer = by_name(read("time_distributed_twice")[1])["each"]
    assert (layer.role, layer.config["layer"]["class_name"], layer.config["layer"]["config"]["units"]) == (
        "dense",
        "Dense",
        4,
    )
    both = by_name(read("bidirectional_two_layers")[1])["both"]
    assert both.config["backward_layer"]["class_name"] == "LSTM"
    spec = read("time_distributed_model")[1]
    (note,) = spec.notes
    assert (note.slug, note.subject) == ("loop", "each_frame")
    assert spec.blocks[0].id == "each_frame" and spec.blocks[1].label == "encoder"


def test_precision(read: Any) -> None:
    mixed = by_name(read("mixed_by_layer")[1])
    assert (mixed["half"].dtype, mixed["half"].weights[0].dtype) == ("mixed_bfloat16", "float32")
    assert (mixed["double"].dtype, mixed["double"].weights[0].dtype) == ("float64", "float64")
    eight = by_name(read("int8")[1])["hidden"]
    assert [(w.name, w.dtype, w.trainable) for w in eight.weights][:1] == [("kernel", "int8", False)] or {
        w.dtype for w in eight.weights
    } == {"int8", "float32"}
    rank = {w.name: (w.shape, w.trainable) for w in by_name(read("lora")[1])["out"].weights}
    assert rank["lora_kernel_a"] == ((8, 3), True)
    assert rank["kernel"] == ((8, 6), False)


def test_a_class_says_its_category_itself(read: Any) -> None:
    assert by_name(read("marked")[1])["marked"].role == "attn"


def test_what_cannot_be_traced_tells_the_line(read: Any) -> None:
    (note,) = read("uses_numpy")[1].notes
    assert note.slug == "no-graph" and "(ways.py, line " in note.message


def test_a_config_that_contains_itself_ends(read: Any) -> None:
    config = by_name(read("bad_config")[1])["bad"].config
    assert config["nan"] == "nan" and config["set"] == ["1", "3"] and "…" in repr(config["loop"])


@pytest.mark.parametrize("order", list(itertools.permutations(["changes_everything", "plain_after", "random_shape"])))
def test_no_model_changes_the_next(read: Any, order: tuple[str, ...]) -> None:
    """``plain_after`` fails under channels_first and differs under another policy."""
    alone = {name: digest(read(name, alone=True)[1]) for name in sorted(order)}
    assert {name: digest(read(name, alone=True)[1]) for name in order} == alone


def test_trouble_is_refused_with_its_reason(read: Any) -> None:
    from sphinx_kerasarch.worker.build import build

    with pytest.raises(KerasarchError, match="no shapes yet"):
        build("ways:NeedsData")

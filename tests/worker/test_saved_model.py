"""SavedModel folders read without TensorFlow: signatures, variables, and the layers that Keras 2 wrote beside them."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_kerasarch import api
from sphinx_kerasarch.errors import BuildError, KerasarchError, NotAModelError
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec import ArchSpec
from sphinx_kerasarch.spec.codec import digest, dumps
from sphinx_kerasarch.spec.query import totals
from sphinx_kerasarch.worker.static import protobuf
from sphinx_kerasarch.worker.static.describe import describe

# ---- a writer of the wire format ------------------------------------------------------------------------------------


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])


def message(*parts: tuple[int, Any]) -> bytes:
    """Fields: integers, texts, or bytes of a message."""
    found = b""
    for number, value in parts:
        if isinstance(value, int):
            found += varint(number << 3) + varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            found += varint(number << 3 | 2) + varint(len(data)) + data
    return found


def shape(*axes: int) -> bytes:
    return message(*((2, message((1, axis))) for axis in axes))


def tensor(name: str, dtype: int, axes: bytes) -> bytes:
    return message((1, name), (2, message((1, f"{name}:0"), (2, dtype), (3, axes))))


def variable(name: str, axes: bytes, trainable: bool = True, dtype: int = 1) -> bytes:
    return message((7, message((1, dtype), (2, axes), (3, int(trainable)), (6, name))))


SIGNATURE = message((1, tensor("image", 1, shape(-1, 8, 8, 3))), (2, tensor("scores", 1, shape(-1, 10))))


def folder(
    place: Path, signatures: dict[str, bytes], variables: list[bytes], keras: dict[str, Any] | None = None
) -> Path:
    """A SavedModel by hand; the object graph has its root first, which lists the variables."""
    children = [message((1, index + 2), (2, str(index))) for index in range(len(variables))]
    root = message((1, message((1, 1), (2, "variables"))))
    objects = message((1, root), (1, message(*((1, child) for child in children))), *((1, one) for one in variables))
    graph = message(
        (1, message((4, "serve"), (5, "2.21.0"))),
        *((5, message((1, name), (2, told))) for name, told in signatures.items()),
        (7, objects),
    )
    place.mkdir()
    (place / "saved_model.pb").write_bytes(message((1, 1), (2, graph)))
    if keras is not None:
        told = message((1, message((2, 0), (3, "root"), (4, "_tf_keras_network"), (5, json.dumps(keras)))))
        (place / "keras_metadata.pb").write_bytes(told)
    return place


KERNEL = variable("net/conv/kernel", shape(3, 3, 3, 4))
BIAS = variable("net/conv/bias", shape(4))
MEAN = variable("net/norm/moving_mean", shape(4), trainable=False)
SEED = variable("seed_generator/seed_generator_state", shape(2), trainable=False, dtype=9)


def read(place: Path) -> ArchSpec:
    spec, complete = describe(str(place))
    assert complete
    return spec


# ---- what is in it --------------------------------------------------------------------------------------------------


def test_signatures_and_variables(tmp_path: Path) -> None:
    spec = read(folder(tmp_path / "net", {"serving_default": SIGNATURE}, [KERNEL, BIAS, MEAN, SEED]))
    assert (spec.name, spec.class_name, spec.provenance.tier) == ("net", "SavedModel", "static")
    assert spec.provenance.versions["tensorflow"] == "2.21.0"
    assert [(slot.name, slot.port.call) for slot in spec.inputs] == [("image", "image")]
    assert [(slot.name, slot.port.call) for slot in spec.outputs] == [("scores", "serving_default")]
    call = next(call for call in spec.calls if call.id == "serving_default")
    assert (call.inputs[0].shape, call.outputs[0].shape) == ((None, 8, 8, 3), (None, 10))
    assert {layer.name: [weight.name for weight in layer.weights] for layer in spec.layers if layer.weights} == {
        "conv": ["kernel", "bias"],
        "norm": ["moving_mean"],
    }
    assert (totals(spec).trainable, totals(spec).non_trainable) == (108 + 4, 4)
    (note,) = spec.notes
    assert note.slug == "no-graph" and "no layers" in note.message


def test_signatures_that_are_the_same_are_one(tmp_path: Path) -> None:
    other = message((1, tensor("ids", 3, shape(-1, -1))), (2, tensor("scores", 1, message((3, 1)))))
    signatures = {"serve": SIGNATURE, "serving_default": SIGNATURE, "__saved_model_init_op": b"", "tokens": other}
    spec = read(folder(tmp_path / "net", signatures, [KERNEL, BIAS]))
    assert [layer.name for layer in spec.layers if layer.class_name == "Signature"] == ["serving_default", "tokens"]
    types = {call.id: (call.outputs[0].shape, call.outputs[0].dtype) for call in spec.calls if call.outputs}
    assert types["ids"] == ((None, None), "int32")
    assert {note.slug for note in spec.notes} == {"no-graph", "shape"}  # the rank of ``tokens`` is not told
    assert "serve = serving_default" in spec.notes[0].message
    for view in ("graph", "summary"):
        assert len(api.draw(spec, view).text()) > 100


def test_layers_of_keras_2(tmp_path: Path) -> None:
    def entry(kind: str, **config: Any) -> dict[str, Any]:
        return {"class_name": kind, "config": config}

    image = {"class_name": "__tuple__", "items": [None, 8, 8, 3]}
    layers = [
        entry("InputLayer", name="image", batch_input_shape=image, dtype="float32"),
        entry("Conv2D", name="conv", filters=4, kernel_size=[3, 3], strides=[1, 1], padding="same", trainable=True),
    ]
    config = {"name": "net", "layers": layers}
    told = {"class_name": "Sequential", "keras_version": "2.15.0", "config": config}
    spec = read(folder(tmp_path / "net", {"serving_default": SIGNATURE}, [KERNEL, BIAS], told))
    assert [(layer.class_name, layer.role) for layer in spec.layers] == [("InputLayer", "data"), ("Conv2D", "conv")]
    assert spec.calls[-1].outputs[0].shape == (None, 8, 8, 4) and totals(spec).params == 112
    assert (spec.provenance.versions["keras"], spec.provenance.versions["tensorflow"]) == ("2.15.0", "2.21.0")


def block(pairs: list[tuple[bytes, bytes]]) -> bytes:
    found, before = b"", b""
    for key, value in pairs:
        same = [a == b for a, b in zip(key, before, strict=False)]
        shared = [*same, False].index(False)
        found += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return found + struct.pack("<II", 0, 1)


def table(pairs: list[tuple[bytes, bytes]]) -> bytes:
    data = block(pairs) + bytes(5)
    handle = varint(0) + varint(len(data) - 5)
    index = block([(b"~", handle)])
    footer = varint(0) + varint(0) + varint(len(data)) + varint(len(index))
    return data + index + bytes(5) + footer.ljust(40, b"\0") + protobuf.MAGIC


def test_variables_of_the_table_where_there_are_no_objects(tmp_path: Path) -> None:
    """Folders of TensorFlow 1."""
    place = folder(tmp_path / "old", {"serving_default": SIGNATURE}, [])
    entries = [
        (b"", b""),
        (b"conv/bias", message((1, 1), (2, shape(4)))),
        (b"conv/kernel", message((1, 1), (2, shape(3, 4)))),
    ]
    (place / "variables").mkdir()
    (place / "variables" / "variables.index").write_bytes(table(entries))
    spec = read(place)
    assert totals(spec).params == 16 and "trainable" in {note.slug for note in spec.notes}
    assert [weight.name for weight in spec.layers[-1].weights] == ["bias", "kernel"]
    (place / "variables" / "variables.index").write_bytes(table(entries)[:-9])
    with pytest.raises(BuildError, match=r"old/variables/variables\.index is damaged") as caught:
        describe(str(place))
    assert caught.value.advice


# ---- what is wrong with it ------------------------------------------------------------------------------------------


def test_no_worker_with_keras_is_started(tmp_path: Path) -> None:
    place = folder(tmp_path / "net", {"serving_default": SIGNATURE}, [KERNEL])
    with Inspector(timeout=60) as inspector:
        assert inspector.describe(Request(str(place))).spec.class_name == "SavedModel"
        assert not inspector.started


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    place = folder(tmp_path / "net", {"serving_default": SIGNATURE}, [KERNEL, BIAS])
    whole = (place / "saved_model.pb").read_bytes()
    for length in range(len(whole)):
        (place / "saved_model.pb").write_bytes(whole[:length])
        with pytest.raises(BuildError, match=r"net/saved_model\.pb is damaged") as caught:
            describe(str(place))
        assert "model.export" in caught.value.advice


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for run in (lambda: list(protobuf.fields(memoryview(data))), lambda: list(protobuf.entries(memoryview(data)))):
        try:
            run()
        except protobuf.MalformedError as error:
            assert str(error)


def test_folders_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotAModelError, match=r"holds no saved_model\.pb"):
        describe(str(tmp_path / "empty"))
    place = folder(tmp_path / "net", {}, [], {"class_name": "Functional", "config": {"name": "f", "layers": [{}]}})
    with pytest.raises(KerasarchError, match="not understood"):
        describe(str(place))
    (place / "keras_metadata.pb").write_bytes(b"\x0a\x7f")
    with pytest.raises(BuildError, match=r"net/keras_metadata\.pb is damaged"):
        describe(str(place))


@pytest.mark.keras
def test_what_is_asked_beside_a_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    place = folder(tmp_path / "net", {"serving_default": SIGNATURE}, [KERNEL])
    with Inspector(timeout=60) as inspector:
        plain = inspector.describe(Request(str(place))).spec
        assert inspector.describe(Request(str(place), open="LSTM", custom_objects="mine:Own")).spec == plain
        assert not inspector.started
        with pytest.raises(NotAModelError, match="net, which is a SavedModel") as caught:
            inspector.describe(Request(str(place), input_shape="4"))
        assert "input-shape" in caught.value.advice
        with pytest.raises(NotAModelError, match="The folder empty"):
            inspector.describe(Request(str(tmp_path / "empty")))


# ---- against TensorFlow ---------------------------------------------------------------------------------------------


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore")
def test_an_export_of_keras_3(keras: Any, tmp_path: Path) -> None:
    pytest.importorskip("tensorflow")
    layers = keras.layers
    one, two = keras.Input((4,), name="one"), keras.Input((None,), name="two", dtype="int32")
    x = layers.Dropout(0.5)(layers.BatchNormalization()(layers.Dense(3, name="first")(one)))
    model = keras.Model([one, two], {"x": x, "y": layers.Embedding(9, 2, name="words")(two)})
    model.export(str(tmp_path / "net"), verbose=False)
    spec = read(tmp_path / "net")
    assert (totals(spec).params, totals(spec).trainable) == (model.count_params(), 3 * 5 + 6 + 18)
    shapes = {slot.name: call.outputs[slot.port.index].shape for slot in (*spec.inputs, *spec.outputs)
              for call in spec.calls if call.id == slot.port.call}  # fmt: skip
    assert shapes == {"one": (None, 4), "two": (None, None), "x": (None, 3), "y": (None, None, 2)}
    assert digest(spec) == digest(read(tmp_path / "net")) and dumps(spec)

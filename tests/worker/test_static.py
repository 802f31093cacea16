"""Saved files read without Keras: the same spec as the live model, and nothing of the file is run."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from speed import slowness

from sphinx_kerasarch.errors import BuildError
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.spec.codec import digest
from sphinx_kerasarch.spec.query import totals
from sphinx_kerasarch.wire.record import PACKAGE
from sphinx_kerasarch.worker.static import shapes
from sphinx_kerasarch.worker.static.describe import describe

h5py = pytest.importorskip("h5py")


def layer(
    class_name: str, name: str, source: str = "", shape: Any = (None, 4), **config: Any
) -> dict[str, Any]:
    tensor = {
        "class_name": "__keras_tensor__",
        "config": {"shape": list(shape), "dtype": "float32", "keras_history": [source, 0, 0]},
    }
    module = config.pop("module", "keras.layers")
    return {
        "module": module,
        "class_name": class_name,
        "name": name,
        "config": {"name": name, "trainable": True, **config},
        "inbound_nodes": [{"args": [tensor], "kwargs": {}}] if source else [],
    }


def save(path: Path, layers: list[dict[str, Any]], last: str, weights: dict[str, Any] | None = None) -> Path:
    """A ``.keras`` file by hand. ``weights``: path in the weights file → shape."""
    config = {
        "module": "keras",
        "class_name": "Functional",
        "config": {
            "name": "made",
            "layers": layers,
            "input_layers": [layers[0]["name"], 0, 0],
            "output_layers": [last, 0, 0],
        },
    }
    stored = path.with_suffix(".weights.h5")
    with h5py.File(stored, "w") as file:
        for place, shape in (weights or {}).items():
            file.create_dataset(place, shape=shape, dtype="float32")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.9.0"}))
        archive.write(stored, "model.weights.h5")
    return path


INPUT = layer("InputLayer", "image", batch_shape=[None, 4], dtype="float32")
TRAP = "__import__('pathlib').Path('trap').write_text('run')"


def test_a_file_by_hand(tmp_path: Path) -> None:
    dense = layer("Dense", "dense_7", "image", units=3, activation="relu", use_bias=True)
    file = save(
        tmp_path / "a.keras",
        [INPUT, dense],
        "dense_7",
        {"layers/dense/vars/0": (4, 3), "layers/dense/vars/1": (3,)},
    )
    spec, complete = describe(str(file))
    assert complete and not spec.notes
    assert spec.provenance.tier == "static" and spec.provenance.versions["keras"] == "3.9.0"
    found = spec.layers[1]
    assert (found.name, found.auto_named, found.activation, found.role) == ("dense", True, "relu", "dense")
    assert [(w.name, w.shape, w.trainable) for w in found.weights] == [
        ("kernel", (4, 3), True),
        ("bias", (3,), True),
    ]
    assert spec.calls[1].outputs[0].shape == (None, 3)


def test_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambdas and classes of the user's own are boxes; their modules are not imported."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(TRAP)
    monkeypatch.syspath_prepend(str(tmp_path))
    code = {"class_name": "__lambda__", "config": {"code": "4wEAAAA", "defaults": None, "closure": None}}
    file = save(
        tmp_path / "a.keras",
        [
            INPUT,
            layer("Lambda", "twice", "image", function=code),
            layer("Own", "own", "twice", module="mine", gain=2),
        ],
        "own",
        {"layers/own/vars/0": (4, 4), "layers/own/inner/vars/0": (2,)},
    )
    spec, _ = describe(str(file))
    assert not (tmp_path / "trap").exists() and "mine" not in sys.modules
    assert [item.class_name for item in spec.layers] == ["InputLayer", "Lambda", "Own"]
    assert spec.layers[1].config["function"] == "lambda"
    assert spec.layers[2].config == {"gain": 2} and totals(spec).params == 18
    assert {note.slug for note in spec.notes} == {"foreign", "shape"}
    assert spec.calls[-1].outputs[0].shape == (None, None)


def test_a_subclassed_model_is_a_list_of_what_has_weights(tmp_path: Path) -> None:
    file = save(tmp_path / "a.keras", [INPUT], "image", {"encoder/vars/0": (4, 3), "head/part/vars/0": (3,)})
    with zipfile.ZipFile(file) as archive:
        weights = archive.read("model.weights.h5")
    with zipfile.ZipFile(file, "w") as archive:
        told = {"module": "mine", "class_name": "Net", "config": {"name": "net"}}
        archive.writestr("config.json", json.dumps(told))
        archive.writestr("model.weights.h5", weights)
    spec, _ = describe(str(file))
    assert [item.name for item in spec.layers] == ["encoder", "head"] and totals(spec).params == 15
    assert "no-graph" in {note.slug for note in spec.notes} and spec.class_name == "Net"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no archive", b"\x89HDF\r\n\x1a\n no file", b"{}"])
def test_damaged_files_are_refused(tmp_path: Path, content: bytes) -> None:
    for name in ("a.keras", "a.h5"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BuildError, match=r"a\.(keras|h5) is not a saved Keras model, or is damaged"):
            describe(str(tmp_path / name))


def test_weights_without_architecture_are_told(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("layers/dense/vars/0", shape=(2, 2))
    with pytest.raises(BuildError, match="weights but no architecture"):
        describe(str(tmp_path / "a.h5"))


def test_connections_that_lead_nowhere(tmp_path: Path) -> None:
    file = save(tmp_path / "a.keras", [INPUT, layer("Dense", "d", "ghost", units=3)], "d")
    with pytest.raises(BuildError, match="not understood"):
        describe(str(file))


def zeros(path: Path, units: int) -> Path:
    """A file of units² · 4 bytes of zeros."""
    return save(
        path, [INPUT, layer("Dense", "wide", "image", units=units, use_bias=False)], "wide",
        {"layers/dense/vars/0": (units, units)},
    )  # fmt: skip


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_big_file_costs_no_more_than_a_small_one(tmp_path: Path) -> None:
    """550 MB in a process of its own: below 2 s of processor time and 100 MB."""
    file = zeros(tmp_path / "big.keras", 11_800)
    # Space that HDF5 leaves out until it is written: as big as it says once it is in the archive.
    with h5py.File(tmp_path / "full.h5", "w") as stored:
        data = stored.create_dataset(
            "layers/dense/vars/0", shape=(11_800, 11_800), dtype="float32", fillvalue=None
        )
        data[-1:, -1:] = 0
    with zipfile.ZipFile(file) as archive:
        config = archive.read("config.json")
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("config.json", config)
        archive.write(tmp_path / "full.h5", "model.weights.h5")
    assert file.stat().st_size > 550_000_000
    code = (
        "import json, resource, runpy, sys; sys.argv = [sys.argv[1], 'file']\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "used = resource.getrusage(resource.RUSAGE_SELF)\n"
        # Not ru_maxrss: Linux hands on that of the process which forked.
        "peak = next(int(l.split()[1]) for l in open('/proc/self/status') if l.startswith('VmHWM'))\n"
        "print(json.dumps([used.ru_utime + used.ru_stime, peak, sorted(sys.modules)]), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(PACKAGE / "worker" / "__main__.py")],
        input=json.dumps({"target": str(file)}).encode(), capture_output=True, check=True,
    )  # fmt: skip
    answer, (seconds, kilobytes, modules) = json.loads(done.stdout), json.loads(done.stderr.splitlines()[-1])
    assert answer["complete"] and answer["spec"]["layers"][1]["weights"][0]["shape"] == [11_800, 11_800]
    assert seconds < 2 * slowness() and kilobytes < 100_000
    assert not {"keras", "tensorflow", "jax", "torch"} & set(modules)
    for path in tmp_path.iterdir():
        path.unlink()


def test_the_inspector_starts_no_keras_for_it(tmp_path: Path) -> None:
    file = zeros(tmp_path / "a.keras", 3)
    with Inspector(timeout=60) as inspector:
        found = inspector.describe(Request(str(file)))
        assert not inspector.started
    assert found.spec.provenance.tier == "static"
    assert list(found.inputs["files"]) == [str(file)]


@pytest.mark.parametrize(
    ("name", "config", "given", "made"),
    [
        ("Conv2D", {"kernel_size": [3, 3], "strides": [2, 2], "filters": 5}, (None, 11, None, 3), (None, 5, None, 5)),
        (
            "Conv1D",
            {"kernel_size": [3], "strides": [1], "filters": 5, "padding": "causal"},
            (None, 11, 3),
            (None, 11, 5),
        ),
        (
            "Conv2D",
            {"kernel_size": [3, 3], "strides": [1, 1], "filters": 5, "data_format": "channels_first"},
            (None, 3, 8, 8),
            (None, 5, 6, 6),
        ),
        ("Flatten", {}, (None, 3, None, 4), (None, None)),
        ("Reshape", {"target_shape": [-1, 6]}, (None, 3, 4), (None, 2, 6)),
        ("Concatenate", {"axis": 1}, (None, 3, 4), (None, 3, 4)),
        (
            "Bidirectional",
            {"layer": {"class_name": "LSTM", "config": {"units": 5}}, "merge_mode": "concat"},
            (None, 3, 4),
            (None, 10),
        ),
        ("TimeDistributed", {"layer": {"class_name": "Dense", "config": {"units": 5}}}, (None, 3, 4), (None, 3, 5)),
    ],
)  # fmt: skip
def test_shapes(name: str, config: dict[str, Any], given: Any, made: Any) -> None:
    assert shapes.shapes_of(name, config, [given]) == [made]


def test_shapes_are_not_guessed() -> None:
    assert shapes.shapes_of("Lambda", {}, [(None, 3)]) is None
    assert shapes.shapes_of("Dense", {}, [(None, 3)]) is None
    assert shapes.shapes_of("Add", {}, [(None, 3), (None, 4)]) is None


# ---- against live models --------------------------------------------------------------------------------------------

LIVE = ["mlp", "cnn", "lenet", "autoencoder", "siamese", "two_io", "lstm_seq2seq", "mobilenetv2"]
WRAPPED = ["frames", "frames_of_two", "steps_of_dense"]


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", [*LIVE, *WRAPPED])
def test_the_same_digest_as_the_live_model(keras: Any, name: str, suffix: str, tmp_path: Path) -> None:
    import models
    import opened

    from sphinx_kerasarch.worker import compat
    from sphinx_kerasarch.worker.describe import describe as describe_live

    keras.utils.clear_session()
    compat.GENERATED.clear()
    model = getattr(opened, name)() if name in WRAPPED else models.MODELS[name]()
    live = describe_live(model)
    model.save(tmp_path / f"model{suffix}")
    spec, complete = describe(str(tmp_path / f"model{suffix}"))
    assert complete
    assert digest(spec) == digest(live)


@pytest.mark.keras
def test_the_table_of_classes_is_that_of_keras(keras: Any) -> None:
    """Modules and parameters of the layers that this Keras and the table both know."""
    from make_classes import table

    from sphinx_kerasarch.worker.static.stand_in import classes

    if keras.__version__ < "3.15":
        pytest.skip("the table is that of a newer Keras")
    assert table() == classes()


@pytest.mark.keras
@pytest.mark.filterwarnings("ignore")
def test_shapes_agree_with_keras(keras: Any) -> None:
    layers = keras.layers
    made = [
        (layers.Conv2DTranspose(4, 3, strides=2, padding="same"), (None, 7, 9, 3)),
        (layers.Conv2DTranspose(4, 5, strides=2), (None, 7, None, 3)),
        (layers.Conv2DTranspose(4, 1, strides=3), (None, 7, 9, 3)),
        (layers.Conv3D(4, (3, 2, 1), dilation_rate=(2, 1, 1)), (None, 9, 9, 9, 3)),
        (layers.SeparableConv2D(4, 3, strides=2, padding="same"), (None, 9, 8, 3)),
        (layers.DepthwiseConv2D(3, depth_multiplier=2), (None, 9, 8, 3)),
        (layers.MaxPooling2D(3, strides=2, padding="same"), (None, 9, 8, 3)),
        (layers.AveragePooling1D(2), (None, 9, 3)),
        (layers.GlobalMaxPooling3D(keepdims=True), (None, 9, 8, 7, 3)),
        (layers.ZeroPadding2D(((1, 2), (3, 4))), (None, 9, 8, 3)),
        (layers.ZeroPadding1D((1, 2)), (None, 9, 3)),
        (layers.Cropping2D((1, 2)), (None, 9, 8, 3)),
        (layers.UpSampling2D((2, 3)), (None, 9, 8, 3)),
        (layers.Permute((2, 1)), (None, 9, 8)),
        (layers.RepeatVector(4), (None, 9)),
        (layers.Reshape((-1, 3)), (None, 9, None)),
        (layers.LSTM(5, return_sequences=True), (None, 9, 8)),
        (layers.GRU(5), (None, 9, 8)),
        (layers.Bidirectional(layers.GRU(5, return_sequences=True), merge_mode="sum"), (None, 9, 8)),
        (layers.TimeDistributed(layers.Conv2D(4, 3)), (None, 5, 9, 8, 3)),
        (layers.Embedding(10, 4), (None, 9)),
        (layers.Resizing(5, 6), (None, 9, 8, 3)),
    ]
    for layer_, shape in made:
        want = tuple(layer_(keras.KerasTensor(shape)).shape)
        config = layer_.get_config()
        assert shapes.shapes_of(type(layer_).__name__, config, [shape]) == [want], layer_

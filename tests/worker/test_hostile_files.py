"""Saved models that a stranger has made: archives that unfold, nesting without end, code in a configuration."""

from __future__ import annotations

import io
import json
import sys
import time
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hostile_files_cases import FILES, NAMES, Case

from sphinx_kerasarch.errors import BuildError, TimeoutExceededError
from sphinx_kerasarch.inspector import Inspector, Request, saved
from sphinx_kerasarch.worker import restore
from sphinx_kerasarch.worker.static import files
from sphinx_kerasarch.worker.static.answer import answer
from sphinx_kerasarch.worker.static.named import named


def archive(path: Path, **texts: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in texts.items():
            made.writestr(name.replace("_", "."), text)
    return path


def hdf5(path: Path, config: object) -> Path:
    import h5py

    with h5py.File(path, "w") as made:
        made.attrs["model_config"] = json.dumps(config)
        made.create_group("model_weights")
    return path


def test_an_archive_that_unfolds_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LONGEST", 10_000)
    path = archive(tmp_path / "bomb.keras", config_json=" " * 50_000_000 + "{}")
    assert path.stat().st_size < 100_000
    with pytest.raises(BuildError, match="longer than"):
        files.read(path)


@pytest.mark.parametrize("text", ["[" * 100_000, "{", "9" * 5000, ""])
def test_a_configuration_that_exhausts_a_reader(tmp_path: Path, text: str) -> None:
    with pytest.raises(BuildError, match="is not a saved Keras model, or is damaged"):
        files.read(archive(tmp_path / "deep.keras", config_json=text))


def test_a_file_that_is_read_without_end_is_not_given_to_keras(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As h5py does with some attributes whose bytes have been changed."""
    reader = tmp_path / "python"
    reader.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(600)\n")
    reader.chmod(0o755)
    path = hdf5(tmp_path / "m.h5", {})
    monkeypatch.setattr(saved, "LIMIT", 0.5)
    told = pytest.raises(TimeoutExceededError, match=r"m\.h5 was not read within 0\.5 s")
    with told, Inspector(python=str(reader)) as one:
        one.describe(Request(str(path)))


def test_nothing_is_unpacked(tmp_path: Path) -> None:
    """An archive is read member by member, so that names in it lead nowhere."""
    path = tmp_path / "a" / "m.keras"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("config.json", "{}")
        made.writestr("../escaped.txt", "x")
        made.writestr("/tmp/escaped-by-name.txt", "x")
    files.read(path)
    assert [found.name for found in tmp_path.rglob("*") if found.is_file()] == ["m.keras"]


LAMBDA = {"name": "l", "function": ["4wEAAA==", None, None], "function_type": "lambda"}
CODE = {"class_name": "Lambda", "config": LAMBDA}
NAMED = {"class_name": "Lambda", "config": {"name": "l", "function": "softmax", "function_type": "function"}}


@pytest.mark.parametrize(("layer", "holds"), [(CODE, True), (NAMED, False)])
def test_byte_code_in_a_file_is_not_run(tmp_path: Path, layer: object, holds: bool) -> None:
    config = {"class_name": "Sequential", "config": {"layers": [{"config": {"layer": layer}}]}}
    path = hdf5(tmp_path / "code.h5", config)
    assert restore._holds_code(path) is holds


@pytest.mark.keras
def test_a_model_with_code_is_refused_before_keras_sees_it(tmp_path: Path) -> None:
    path = hdf5(tmp_path / "code.h5", {"class_name": "Sequential", "config": {"layers": [CODE]}})
    with pytest.raises(BuildError, match="byte code is not run"):
        restore.load(str(path), values=True)


# ---- the table

CONFIG: dict[str, Any] = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {
        "name": "net",
        "layers": [
            {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [None, 4], "name": "in"}},
            {"module": "keras.layers", "class_name": "Dense", "config": {"units": 3, "name": "d"}},
        ],
    },
}


def weights(fill: Callable[[Any], object]) -> bytes:
    import h5py

    held = io.BytesIO()
    with h5py.File(held, "w") as made:
        made["layers/d/vars/0"] = [[0.0] * 3] * 4
        fill(made)
    return held.getvalue()


def keras_file(path: Path, config: object = CONFIG, held: bytes = b"", packed: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", packed) as made:
        made.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        made.writestr("metadata.json", '{"keras_version": "3.15.0"}')
        if held:
            made.writestr("model.weights.h5", held)
    return path


def old_file(path: Path, fill: Callable[[Any], object]) -> Path:
    import h5py

    hdf5(path, CONFIG)
    with h5py.File(path, "a") as made:
        fill(made["model_weights"].create_group("d"))
    return path


def doubled(made: Any) -> None:
    for _ in range(60):
        inner = made.create_group("one")
        made["two"] = inner
        made = inner


def lent(folder: Path) -> Callable[[Any], object]:
    (folder / "secret.bin").write_bytes(b"\0" * 48)

    def fill(made: Any) -> None:
        external = [(str(folder / "secret.bin"), 0, 48)]
        made.create_dataset("lent", shape=(4, 3), dtype="<f4", external=external)
        made.attrs["weight_names"] = [b"lent"]
        layers = made.file.get("layers/d/vars")
        if layers is not None:
            del layers["0"]
            layers["0"] = made["lent"]

    return fill


def put_together(made: Any) -> None:
    import h5py

    layout = h5py.VirtualLayout(shape=(4, 3), dtype="<f4")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", shape=(4, 3))
    made.create_virtual_dataset("layers/e/vars/0", layout)


def put(name: str, thing: object) -> Callable[[Any], object]:
    return lambda made: made.__setitem__(name, thing)


def many_layers(path: Path) -> Path:
    config = json.loads(json.dumps(CONFIG))
    config["config"]["layers"] += [{"class_name": "Dense", "config": {"name": f"d{n}"}} for n in range(25_000)]
    return keras_file(path, config, packed=zipfile.ZIP_DEFLATED)


def pickled(path: Path) -> Path:
    path.write_bytes(b"cos\nsystem\n(S'touch hit'\ntR.")
    return path


def with_members(path: Path, names: Iterable[str]) -> Path:
    keras_file(path)
    with warnings.catch_warnings(), zipfile.ZipFile(path, "a") as made:
        warnings.simplefilter("ignore")  # of a name that is there twice
        for name in names:
            made.writestr(name, json.dumps(CONFIG))
    return path


def stranger(name: str, folder: Path) -> Path:
    from h5py import ExternalLink, SoftLink

    path, deflated = folder / ("m.h5" if name.endswith("h5") else "m.keras"), zipfile.ZIP_DEFLATED
    away, aside = ExternalLink("/dev/stdin", "/"), SoftLink("/layers")
    makers: dict[str, Callable[[], Path]] = {
        "unfolds": lambda: keras_file(path, '{"a": "' + "x" * (40 << 20) + '"}', packed=deflated),
        "unfolds_weights": lambda: keras_file(path, held=bytes(65 << 20), packed=deflated),
        "nested": lambda: keras_file(path, '{"a": ' * 100_000),
        "doubling": lambda: keras_file(path, held=weights(doubled)),
        "circle": lambda: keras_file(path, held=weights(lambda made: put("layers/again", made["layers"])(made))),
        "elsewhere": lambda: keras_file(path, held=weights(put("x", away))),
        "elsewhere_h5": lambda: old_file(path, lambda made: put("x", away)(made.parent)),
        "soft": lambda: keras_file(path, held=weights(put("x", aside))),
        "numbers": lambda: keras_file(path, held=weights(lent(folder))),
        "numbers_h5": lambda: old_file(path, lent(folder)),
        "virtual": lambda: keras_file(path, held=weights(put_together)),
        "pickled": lambda: pickled(path),
        "layers": lambda: many_layers(path),
        "two": lambda: with_members(path, ["config.json"]),
        "members": lambda: with_members(path, (f"x{number}" for number in range(20_000))),
    }
    return makers[name]()


@pytest.mark.parametrize("case", FILES, ids=lambda case: case.name)
def test_a_file_of_a_stranger(case: Case, tmp_path: Path) -> None:
    path = stranger(case.name, tmp_path)
    began = time.monotonic()
    found = answer({"target": str(path)})
    assert time.monotonic() - began < 60, "on a machine that does other things, too"
    if case.said:
        assert case.said in found["error"]["message"]
        assert found["complete"], "else Keras would be asked for it"
    else:
        assert [layer["name"] for layer in found["spec"]["layers"]] == ["in", "d"]


def with_name(name: str, folder: Path) -> Any:
    """A configuration that names what is to be run, opened or imported."""
    (folder / "trap.py").write_text("open('sprung', 'w').close()\n\nclass Layer: pass\n")
    function = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
    layer = {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "d", "function": function}}
    if name == "lambda":
        layer["config"]["function"] = {"class_name": "__lambda__", "config": {"code": "4wEAAA==", "closure": None}}
    elif name == "module":
        layer = {"module": "trap", "class_name": "Layer", "config": {"name": "d"}, "registered_name": "x>Layer"}
    elif name == "function":
        function |= {"module": "trap", "config": "run"}
    elif name == "unsafe":
        function |= {"module": "keras.config", "config": "enable_unsafe_deserialization"}
    elif name == "fetch":
        function |= {"module": "keras.utils", "config": "get_file"}
    elif name == "file":
        told = {"name": "d", "vocabulary": str(folder / "trap.py")}
        layer = {"module": "keras.layers", "class_name": "StringLookup", "config": told}
    config = json.loads(json.dumps(CONFIG))
    config["config"]["layers"][1] = layer
    return config


@pytest.mark.parametrize("case", NAMES, ids=lambda case: case.name)
def test_nothing_that_a_file_names_is_run(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = with_name(case.name, tmp_path)
    path = keras_file(tmp_path / "m.keras", config)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    found = answer({"target": str(path)})
    assert [layer["name"] for layer in found["spec"]["layers"]] == ["in", "d"]
    assert not (tmp_path / "sprung").exists()
    assert "trap" not in sys.modules
    if case.name == "lambda":
        return  # every Keras refuses it
    plain, said = named(config, {"Mine"})
    assert len(said) == 1, "what Keras would be told instead has nothing of that"
    assert not {"os", "trap", "keras.config", "keras.utils"} & {str(word) for word in modules(plain)}
    assert str(tmp_path) not in json.dumps(plain)
    with pytest.raises(BuildError, match="which is not looked at"):
        restore._check(path, {"Mine"})


def modules(part: Any) -> Iterator[Any]:
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from modules(inner)
    if isinstance(part, dict):
        yield part.get("module")


def test_what_keras_writes_names_nothing_else() -> None:
    """Modules as Keras writes them, and a class that the user has named."""
    for module, kind, name in (
        ("keras.layers", "Dense", None),
        ("keras.src.ops.numpy", "Mean", None),
        ("keras.src.models.functional", "Functional", None),
        ("builtins", "function", "abs"),
        ("keras.activations", "function", "gelu"),
        ("keras_hub.src.layers", "TokenAndPosition", None),
        ("mine.layers", "Mine", None),
    ):
        config = {"module": module, "class_name": kind, "config": name, "registered_name": None}
        assert named({"layers": [config]}, {"Mine"}) == ({"layers": [config]}, ())


@pytest.mark.parametrize(
    ("layer", "setting"),
    [
        ({"class_name": "Conv1D", "config": {"name": "c", "filters": 2, "kernel_size": [3], "strides": [0]}}, "zero"),
        ({"class_name": "Dense", "config": {"name": "c", "units": float("inf")}}, "endless"),
        ({"class_name": "Reshape", "config": {"name": "c", "target_shape": [0, -1]}}, "nothing"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_settings_that_calculate_to_nothing(layer: dict[str, Any], setting: str, tmp_path: Path) -> None:
    config = json.loads(json.dumps(CONFIG))
    config["config"]["layers"][0]["config"]["batch_shape"] = [None, 8, 4]
    config["config"]["layers"][1] = layer
    found = answer({"target": str(keras_file(tmp_path / f"{setting}.keras", config))})
    assert "spec" in found or "is not understood" in found["error"]["message"]


def test_a_weight_that_is_a_type(tmp_path: Path) -> None:
    import numpy

    held = weights(put("layers/d/vars/1", numpy.dtype("f4")))
    found = answer({"target": str(keras_file(tmp_path / "m.keras", held=held))})
    assert "is damaged" in found["error"]["message"]
    assert found["complete"], "else Keras would be asked for it"

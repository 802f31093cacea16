"""Saved models that a stranger has made: archives that unfold, nesting without end, code in a configuration."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from sphinx_kerasarch.errors import BuildError
from sphinx_kerasarch.worker import restore
from sphinx_kerasarch.worker.static import files


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

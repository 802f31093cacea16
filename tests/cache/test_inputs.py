"""What the worker records of real models, and which change makes which of them stale."""

from __future__ import annotations

import os
import py_compile
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.cache import Store
from sphinx_kerasarch.inspector import Inspector, Request

pytestmark = pytest.mark.keras

SOURCES = {
    "shop/__init__.py": "",
    "shop/blocks.py": "DEPTH = 2\n",
    "shop/models.py": """
import json, os
from pathlib import Path
import keras
from . import blocks

UNITS = 3

def plain():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(UNITS)])

def configured():
    units = json.loads((Path(__file__).parent / "sizes.json").read_text())["units"]
    try:
        units = int(open("absent.txt").read())
    except FileNotFoundError:
        pass
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])

def listed():
    count = len(os.listdir(Path(__file__).parent / "parts"))
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(count)])

def from_variable():
    units = int(os.environ.get("SHOP_UNITS", "2"))
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])

def makes_a_file():
    Path("made.txt").write_text("5")
    units = int(Path("made.txt").read_text())
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])

def reads_in_threads():
    from concurrent.futures import ThreadPoolExecutor
    parts = sorted((Path(__file__).parent / "many").glob("*.txt"))
    with ThreadPoolExecutor(16) as pool:
        sizes = list(pool.map(Path.read_text, parts))
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(len(sizes))])

def loads_weights():
    model = plain()
    import h5py, numpy
    with h5py.File(Path(__file__).parent / "data.h5", "r") as file:
        assert file["x"][0] == 1
    return model
""",
    "shop/optional.py": """
import keras
try:
    from .local_settings import UNITS
except ImportError:
    UNITS = 2
try:
    import made_up_accelerator
except ImportError:
    pass

def build():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(UNITS)])
""",
    "shop/alone.py": """
import keras

def build():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(7)])
""",
    "shop/sizes.json": '{"units": 3}',
    "shop/parts/one.txt": "",
}
TARGETS = (
    "shop.models:plain",
    "shop.models:configured",
    "shop.models:listed",
    "shop.models:from_variable",
    "shop.alone:build",
    "shop.optional:build",
)


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inspector]:
    """Works in a folder that each test fills anew."""
    place = tmp_path_factory.mktemp("inspector")
    project = place / "project"
    project.mkdir()
    before = Path.cwd()
    os.chdir(project)
    with Inspector(path=(str(project),), timeout=60.0) as found:
        try:
            yield found
        finally:
            os.chdir(before)


@pytest.fixture
def project(inspector: Inspector) -> Path:
    place = Path(inspector._path[0])
    for entry in place.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for name, text in SOURCES.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


def settings(project: Path) -> dict[str, Any]:
    return {"path": ["."], "roots": [str(project)]}


def fill(inspector: Inspector, project: Path, directory: Path) -> None:
    store = Store(directory)
    for request, found in inspector.describe_many(map(Request, TARGETS)):
        assert not isinstance(found, Exception), found
        store.keep(request, settings(project), found)


def stale(project: Path, directory: Path) -> set[str]:
    """The targets that would be described anew."""
    store = Store(directory)
    return {target for target in TARGETS if store.find(Request(target), settings(project)) is None}


def test_exactly_the_dependents_become_stale(inspector: Inspector, project: Path, tmp_path: Path) -> None:
    fill(inspector, project, tmp_path)
    assert stale(project, tmp_path) == set()
    models = {target for target in TARGETS if target.startswith("shop.models")}
    changes = {
        "shop/models.py": models,
        "shop/blocks.py": models,
        "shop/alone.py": {"shop.alone:build"},
        "shop/__init__.py": set(TARGETS),
        "shop/sizes.json": {"shop.models:configured"},
        "absent.txt": {"shop.models:configured"},
        "shop/parts/two.txt": {"shop.models:listed"},
        "shop/local_settings.py": {"shop.optional:build"},
        "made_up_accelerator.py": {"shop.optional:build"},
        "shop/unrelated.py": set(),
    }
    for name, expected in changes.items():
        file = project / name
        before = file.read_text() if file.exists() else None
        file.write_text((before or "") + "\n# changed\n")
        assert stale(project, tmp_path) == expected, name
        if before is None:
            file.unlink()
        else:
            file.write_text(before)
        assert stale(project, tmp_path) == set(), name


def test_touching_and_moving_change_nothing(
    inspector: Inspector, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(inspector, project, tmp_path / "cache")
    for file in project.rglob("*.*"):
        os.utime(file)
    assert stale(project, tmp_path / "cache") == set()
    other = tmp_path / "other" / "place"
    shutil.copytree(project, other)
    monkeypatch.chdir(other)
    assert stale(other, tmp_path / "cache") == set()
    (other / "shop" / "sizes.json").write_text('{"units": 9}')
    assert stale(other, tmp_path / "cache") == {"shop.models:configured"}


def test_the_folder_counts_where_a_path_is_relative_to_it(
    inspector: Inspector, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(inspector, project, tmp_path)
    assert inspector.describe(Request("shop.models:plain")).inputs["folder"] == {}
    monkeypatch.chdir(tmp_path)
    assert stale(project, tmp_path) == {"shop.models:configured"}
    monkeypatch.chdir(project)
    assert stale(project, tmp_path) == set()


def test_variables_that_the_code_reads(
    inspector: Inspector, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(inspector, project, tmp_path)
    monkeypatch.setenv("SHOP_UNITS", "8")
    assert stale(project, tmp_path) == {"shop.models:from_variable"}


def test_the_record(inspector: Inspector, project: Path) -> None:
    found = inspector.describe(Request("shop.models:configured")).inputs
    names = {Path(path).relative_to(project).as_posix() for path in found["files"]}
    assert names == {"absent.txt", "shop/__init__.py", "shop/blocks.py", "shop/models.py", "shop/sizes.json"}
    assert found["files"][str(project / "absent.txt")] == ""
    assert found["listings"] == {}
    assert {"keras", "numpy"} <= set(found["packages"])
    assert set(found["env"]) == {"KERAS_BACKEND", "TF_USE_LEGACY_KERAS", "KERASARCH_WEIGHT_BUDGET"}


def test_sources_count_also_when_they_come_compiled(inspector: Inspector, project: Path) -> None:
    for file in project.rglob("*.py"):
        py_compile.compile(str(file))
    found = inspector.describe(Request("shop.alone:build")).inputs
    assert {Path(path).name for path in found["files"]} == {"__init__.py", "alone.py"}


@pytest.mark.parametrize("told", [None, -1], ids=["its time", "no time"])
def test_bytecode_of_another_source_is_not_run(inspector: Inspector, project: Path, told: int | None) -> None:
    file = project / "shop" / "alone.py"
    compiled = Path(str(py_compile.compile(str(file))))
    if told is not None:
        data = compiled.read_bytes()
        compiled.write_bytes(data[:8] + (told & 0xFFFFFFFF).to_bytes(4, "little") + data[12:])
    stat = file.stat()
    file.write_text(file.read_text().replace("7", "8"))
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    (layer,) = [one for one in inspector.describe(Request("shop.alone:build")).spec.layers if one.class_name == "Dense"]
    assert layer.config["units"] == 8


def test_products_are_no_inputs(inspector: Inspector, project: Path) -> None:
    found = inspector.describe(Request("shop.models:makes_a_file")).inputs
    assert (project / "made.txt").exists()
    assert str(project / "made.txt") not in found["files"]


def test_files_that_threads_open_count_each(inspector: Inspector, project: Path) -> None:
    many = project / "shop" / "many"
    many.mkdir()
    for number in range(300):
        (many / f"{number}.txt").write_text(str(number))
    found = inspector.describe(Request("shop.models:reads_in_threads")).inputs
    assert {path for path in found["files"] if path.endswith(".txt")} == set(map(str, many.iterdir()))
    assert set(found["listings"]) == {str(many)}


def test_modules_and_packages_that_were_missed(inspector: Inspector, project: Path) -> None:
    found = inspector.describe(Request("shop.optional:build")).inputs
    assert found["modules"][str(project / "shop")] == {"optional": "optional.py"}
    assert found["shadows"][str(project / "shop")] == "local_settings/"
    assert "made_up_accelerator/" in found["shadows"][str(project)].split()
    assert found["missing"] == ["made_up_accelerator"]


def test_hdf5_files_count(inspector: Inspector, project: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(project / "shop" / "data.h5", "w") as file:
        file["x"] = [1]
    found = inspector.describe(Request("shop.models:loads_weights")).inputs
    assert str(project / "shop" / "data.h5") in found["files"]


def test_a_second_record_is_the_same(inspector: Inspector, project: Path) -> None:
    first, second = (inspector.describe(Request("shop.models:configured")) for _ in range(2))
    assert first == second

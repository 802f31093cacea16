"""Cases of the record that no change of a project shows."""

from __future__ import annotations

import importlib.util
import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.cache import verify
from sphinx_kerasarch.cache.verify import Verifier
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.wire import record

pytestmark = pytest.mark.keras

MODELS = '''
import os, shutil, sys, tempfile, threading, time
from pathlib import Path
import keras

HERE = Path(__file__).parent

def net(units=2):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(int(units))])

def pipe():
    handle = os.open(HERE / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    os.close(handle)
    return net()

def logs():
    with (HERE / "run.log").open("a") as file:
        file.write("began")
    return net()

def edited_meanwhile():
    text = (HERE / "units.txt").read_text()
    handle = os.open(HERE / "other.txt", os.O_RDONLY)
    os.close(handle)
    os.system(f"echo 8 > '{HERE / 'units.txt'}'")
    return net(text)

def temporary():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "units.txt").write_text("5")
        copied = shutil.copy(Path(folder, "units.txt"), Path(folder, "copy.txt"))
        assert os.listdir(folder) and os.path.exists(copied)
        return net(Path(copied).read_text())

def renamed():
    (HERE / "new.txt").write_text("6")
    (HERE / "new.txt").rename(HERE / "units-made.txt")
    return net((HERE / "units-made.txt").read_text())

def by_descriptor():
    handle = os.open(HERE, os.O_RDONLY)
    count = len(os.listdir(handle))
    os.close(handle)
    return net(count)

def as_bytes():
    return net(os.environb.get(b"SHOP_UNITS", b"2"))

def own_variable():
    os.environ["SHOP_OWN"] = "3"
    os.environ.pop("SHOP_TAKEN", None)
    return net(os.environ["SHOP_OWN"] + os.environ.get("SHOP_TAKEN", ""))

def lists_packages():
    import importlib.util
    os.listdir(Path(keras.__file__).parent.parent)
    os.listdir(Path(os.__file__).parent)
    assert importlib.util.find_spec("sqlite3")
    return net()

def no_variable():
    shutil.get_terminal_size()
    Path("~").expanduser()
    tempfile.gettempdir()
    return net()

def as_before():
    assert os.stat in os.supports_follow_symlinks and os.stat in os.supports_dir_fd
    assert os.stat.__name__ == "stat" and os.getcwd() == str(Path.cwd())
    handle = os.open(HERE, os.O_RDONLY)
    assert os.stat("units.txt", dir_fd=handle).st_size == os.stat(HERE / "units.txt").st_size
    shutil.rmtree(tempfile.mkdtemp())
    return net()

def uses_a_library():
    import library
    return net()

def from_safetensors():
    from safetensors import safe_open
    with safe_open(HERE / "w.safetensors", framework="numpy") as file:
        return net(len(list(file.keys())))
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("records")
    for name, text in {"units.txt": "3", "other.txt": "", "models.py": MODELS, "__init__.py": ""}.items():
        (place / "shop").mkdir(exist_ok=True)
        (place / "shop" / name).write_text(text)
    if hasattr(os, "mkfifo"):
        os.mkfifo(place / "shop" / "pipe")
    # A library that reads a hidden file of the home when it is imported.
    site = place / "site-packages"
    site.mkdir()
    (site / "library.py").write_text("from pathlib import Path\nPath('~/.library').expanduser().read_text()\n")
    (place / ".library").write_text("")
    return place


@pytest.fixture(scope="module")
def inspector(project: Path) -> Iterator[Inspector]:
    env = {"SHOP_TAKEN": "1", "SHOP_UNITS": "2", "HOME": str(project), "PYTHONPATH": str(project / "site-packages")}
    with Inspector(path=(str(project),), env=env, timeout=60.0) as found:
        yield found


def recorded(inspector: Inspector, name: str) -> dict[str, Any]:
    return inspector.describe(Request(f"shop.models:{name}")).inputs


def data_files(inspector: Inspector, name: str) -> dict[str, str]:
    files = recorded(inspector, name)["files"]
    return {Path(path).name: digest for path, digest in files.items() if not path.endswith(".py")}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with a name")
def test_nobody_waits_for_a_pipe(inspector: Inspector) -> None:
    assert data_files(inspector, "pipe") == {"pipe": ""}


def test_what_is_only_written_to_is_no_input(inspector: Inspector) -> None:
    assert data_files(inspector, "logs") == {}


def test_a_file_that_is_edited_while_it_is_read_is_not_believed(inspector: Inspector) -> None:
    told = recorded(inspector, "edited_meanwhile")
    (digest,) = (digest for path, digest in told["files"].items() if path.endswith("units.txt"))
    assert digest == "changed while it was read"
    assert Verifier().differs(told, {}, "") == "units.txt"


@pytest.mark.parametrize("name", ["temporary", "renamed"])
def test_products_leave_no_trace(inspector: Inspector, name: str) -> None:
    told = recorded(inspector, name)
    assert {Path(path).suffix for path in told["files"]} == {".py"}
    assert told["listings"] == {} and told["kinds"] == {} and told["links"] == {}


@pytest.mark.skipif(os.name != "posix", reason="folders have no descriptors")
def test_folders_by_descriptor(inspector: Inspector, project: Path) -> None:
    assert list(recorded(inspector, "by_descriptor")["listings"]) == [str(project / "shop")]


@pytest.mark.skipif(not hasattr(os, "environb"), reason="variables are text")
def test_variables_as_bytes(inspector: Inspector) -> None:
    assert recorded(inspector, "as_bytes")["env"]["SHOP_UNITS"] == record.text_digest("2")


@pytest.mark.parametrize("name", ["own_variable", "no_variable"])
def test_variables_that_say_nothing(inspector: Inspector, name: str) -> None:
    seen = set(recorded(inspector, name)["env"])
    assert seen - {"SHOP_TAKEN"} == {"KERAS_BACKEND", "TF_USE_LEGACY_KERAS", "KERASARCH_WEIGHT_BUDGET"}


def test_folders_of_the_interpreter_are_none_of_the_project(inspector: Inspector) -> None:
    told = recorded(inspector, "lists_packages")
    assert told["listings"] == {}
    own = (sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"))
    assert not [path for part in ("modules", "shadows") for path in told[part] if path.startswith(own)]


def test_functions_are_as_before(inspector: Inspector) -> None:
    recorded(inspector, "as_before")


def test_settings_that_a_library_reads_for_itself(inspector: Inspector) -> None:
    assert data_files(inspector, "uses_a_library") == {}


@pytest.mark.skipif(importlib.util.find_spec("safetensors") is None, reason="safetensors is not installed")
def test_safetensors(inspector: Inspector, project: Path) -> None:
    import numpy
    from safetensors.numpy import save_file

    save_file({"x": numpy.zeros(3)}, project / "shop" / "w.safetensors")
    assert "w.safetensors" in data_files(inspector, "from_safetensors")


def test_a_file_is_believed_once_it_is_at_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, verifier = tmp_path / "a", Verifier()
    file.write_text("one")
    now = file.stat().st_mtime_ns
    monkeypatch.setattr(verify.time, "time_ns", lambda: now)
    first = verifier.file(str(file))
    stat = file.stat()
    file.write_text("two")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert verifier.file(str(file)) != first
    assert not verifier._digests, "a file of this moment is read each time"
    now += 60_000_000_000
    assert verifier.file(str(file)) == record.file_digest(str(file))
    assert verifier._digests


TENSORFLOW = '''
import tensorflow as tf
import keras
from pathlib import Path

HERE = Path(__file__).parent

def build():
    with tf.io.gfile.GFile(str(HERE / "by_gfile.txt")) as file:
        units = int(file.read())
    tf.io.read_file(str(HERE / "by_operation.txt"))
    count = len(tf.io.gfile.glob(str(HERE / "parts" / "*.txt"))) + len(tf.io.gfile.listdir(str(HERE / "more")))
    if tf.io.gfile.exists(str(HERE / "absent.txt")):
        count = 0
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units + count)])
'''


@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed")
def test_files_of_tensorflow(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    for name in ("by_gfile.txt", "by_operation.txt", "parts/one.txt", "more/one.txt"):
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_text("3")
    (shop / "models.py").write_text(TENSORFLOW)
    with Inspector(path=(str(tmp_path),), timeout=60.0, backend="tensorflow") as inspector:
        told = inspector.describe(Request("shop.models:build")).inputs
    assert {Path(path).name for path in told["files"]} == {"models.py", "by_gfile.txt", "by_operation.txt"}
    assert set(told["listings"]) == {str(shop / "parts"), str(shop / "more")}
    assert told["kinds"][str(shop / "absent.txt")] == ""

"""Damaged files of a cache, all of them in one, and damaged locks: the next build is right and mends the cache."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sphinx.cmd.build import main as sphinx_build
from store_faults_cases import ENTRIES, LOCKS, Damage, LockDamage

from sphinx_kerasarch.cache.entries import entries, fault

pytestmark = [pytest.mark.keras, pytest.mark.skipif(sys.platform != "linux", reason="links, pipes and rights of Linux")]

CONF = """extensions = ["sphinx_kerasarch"]
html_theme = "basic"
kerasarch_path = ["."]
kerasarch_cache_dir = "../cache"
kerasarch_backend = "symbolic"
"""
SHOP = """import keras

def build(number):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3 + number)], name="good")
"""


def site(folder: Path, models: int) -> Path:
    src = folder / "src"
    src.mkdir(parents=True)
    (src / "conf.py").write_text(CONF)
    (src / "shop.py").write_text(SHOP)
    figures = "".join(f"\n.. keras-graph:: shop:build\n   :args: {number}\n" for number in range(models))
    (src / "index.rst").write_text(f"Shop\n====\n{figures}")
    return src


@dataclass(frozen=True)
class Run:
    code: int
    said: str
    pictures: list[tuple[str, bytes]]
    """In the order of the page."""


def build(src: Path, *, powerless: bool = False, fresh: bool = True) -> Run:
    """``powerless``: as somebody who may not read all. ``fresh``: Sphinx knows nothing, so that the cache is asked."""
    out = src.parent / "out"
    if fresh:
        shutil.rmtree(out, ignore_errors=True)
    done = subprocess.run(
        [*(["unshare", "--user"] if powerless else []), sys.executable, "-m", "sphinx", str(src), str(out)],
        env={**os.environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=200,
    )
    names = re.findall(r'src="_images/(kerasarch-[^"]+)"', (out / "index.html").read_text())
    return Run(
        done.returncode, done.stdout, [(name, (out / "_images" / name).read_bytes()) for name in names]
    )


def drops_rights() -> bool:
    """Whether there is a way to be somebody who may not read all."""
    return os.geteuid() != 0 or subprocess.run(["unshare", "--user", "true"], check=False).returncode == 0


# ---- entries of the cache


def flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def rewritten(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """A whole entry with other content. A picture has no parts: other bytes under its name."""
    if path.suffix != ".json":
        path.write_bytes(b"<svg/>")
        return
    entry = json.loads(path.read_bytes().partition(b"\n")[2])
    change(entry)
    body = json.dumps(entry).encode()
    path.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def in_place(path: Path, make: Callable[[Path], object]) -> None:
    path.unlink()
    make(path)


def in_place_of_folder(path: Path, make: Callable[[Path], object]) -> None:
    """Pictures share folders: theirs are left to the neighbour that has one of its own."""
    if path.parent.parent.name == "descriptions":
        shutil.rmtree(path.parent)
        make(path.parent)
    else:
        path.unlink()


def folder_with_something(path: Path) -> None:
    (path / "deeper").mkdir(parents=True)
    (path / "deeper" / "file").touch()


def swap(path: Path, other: Path) -> None:
    path.write_bytes(other.read_bytes())


def swap_folder(path: Path, other: Path) -> None:
    if path.suffix == ".json":
        shutil.rmtree(path.parent)
        shutil.copytree(other.parent, path.parent)
    else:
        path.write_bytes(other.read_bytes())


def huge(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(3 << 30)


DAMAGES: dict[str, Callable[[Path, Path], object]] = {
    "truncated": lambda path, _: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "head": lambda path, _: path.write_bytes(path.read_bytes()[:20]),
    "empty": lambda path, _: path.write_bytes(b""),
    "flipped": lambda path, _: path.write_bytes(flip(path.read_bytes(), path.stat().st_size // 2)),
    "flipped_sum": lambda path, _: path.write_bytes(flip(path.read_bytes(), 3)),
    "swapped": swap,
    "swapped_folder": swap_folder,
    "foreign": lambda path, _: path.write_bytes(b"\x89PNG\r\n\x1a\n"),
    "other_version": lambda path, _: rewritten(path, lambda entry: entry.update(layout=99)),
    "newer": lambda path, _: rewritten(path, lambda entry: entry["spec"].update(odd=1)),
    "odd": lambda path, _: rewritten(path, lambda entry: entry.update(inputs=["files"], spec=3)),
    "directory": lambda path, _: in_place(path, folder_with_something),
    "file": lambda path, _: in_place_of_folder(path, lambda place: place.write_text("a file")),
    "loop": lambda path, _: in_place(path, lambda place: place.symlink_to(place)),
    "loop_folder": lambda path, _: in_place_of_folder(path, lambda place: place.symlink_to(place)),
    "pipe": lambda path, _: in_place(path, os.mkfifo),
    "endless": lambda path, _: in_place(path, lambda place: place.symlink_to("/dev/zero")),
    "huge": lambda path, _: huge(path),
    "denied": lambda path, _: path.chmod(0),
    "gone": lambda path, _: path.unlink(),
    "unfinished": lambda path, _: path.with_name(".new-abcdefgh").write_bytes(path.read_bytes()[:100]),
}


def of_models(src: Path, run: Run) -> list[tuple[Path, Path]]:
    """Both entries of each model, in the order of the page."""
    cache = src.parent / "cache"
    digests = {hashlib.sha256(data).hexdigest() for _, data in run.pictures}
    assert len(digests) == len(run.pictures)
    drawn = {path.stem.partition("-")[2]: path for path in (cache / "artifacts").rglob("*.svg")}
    asked = {}
    for path in (cache / "descriptions").rglob("*.json"):
        calls = json.loads(path.read_bytes().partition(b"\n")[2])["spec"]["calls"]
        asked[calls[-1]["outputs"][0]["shape"][-1] - 3] = path
    return [
        (asked[number], drawn[hashlib.sha256(data).hexdigest()]) for number, (_, data) in enumerate(run.pictures)
    ]


@dataclass(frozen=True)
class Mended:
    src: Path
    models: list[tuple[Path, Path]]
    first: Run
    second: Run
    third: Run
    faults: dict[Path, str]
    """Entry → what is wrong with it, empty if nothing is."""


@pytest.fixture(scope="module")
def mended(tmp_path_factory: pytest.TempPathFactory) -> Mended:
    """A model for each damage and one more, whose entries stay as they are."""
    src = site(tmp_path_factory.mktemp("entries"), len(ENTRIES) + 1)
    first = build(src)
    assert first.code == 0, first.said
    models = of_models(src, first)
    for damage, paths in zip(ENTRIES, models, strict=False):
        for path, other in zip(paths, models[-1], strict=True):
            DAMAGES[damage.name](path, other)
    second = build(src, powerless=os.geteuid() == 0 and drops_rights())
    third = build(src)
    found = {entry.path: fault(entry) for entry in entries(src.parent / "cache") if not entry.unfinished}
    return Mended(src, models, first, second, third, found)


@pytest.mark.parametrize("damage", ENTRIES, ids=lambda damage: damage.name)
def test_entry(mended: Mended, damage: Damage) -> None:
    number = ENTRIES.index(damage)
    assert mended.second.pictures[number] == mended.first.pictures[number]
    assert [mended.faults.get(path) for path in mended.models[number]] == ["", ""]


def test_the_build_is_right_at_once_and_the_cache_after_it(mended: Mended) -> None:
    total = len(ENTRIES) + 1
    for run in (mended.second, mended.third):
        assert run.code == 0 and "WARNING" not in run.said, run.said
        assert run.pictures == mended.first.pictures
    whole = 2 + (not drops_rights())  # the last, and the one with something beside it
    assert f"kerasarch: {whole} models from the cache, {total - whole} described" in mended.second.said
    assert f"kerasarch: {total} models from the cache, nothing was imported" in mended.third.said
    assert list(mended.faults.values()) == [""] * 2 * total


def test_pictures_that_sphinx_keeps_are_looked_at_too(mended: Mended) -> None:
    """Beside its doctrees; a page that is written again shows none that is not whole."""
    place = mended.src.parent / "out" / ".doctrees" / "kerasarch-images"
    files = sorted(place.iterdir())
    files[0].write_bytes(flip(files[0].read_bytes(), 300))
    files[1].write_bytes(b"")
    files[2].unlink()
    with (mended.src / "index.rst").open("a") as file:
        file.write("\nMore.\n")
    again = build(mended.src, fresh=False)
    assert again.code == 0 and "WARNING" not in again.said
    assert again.pictures == mended.first.pictures


# ---- locks


def spoil_lock(path: Path, name: str) -> None:
    text = path.read_text("utf-8")
    if name == "flipped":
        at = text.rindex('"Dense"') + 3
        path.write_bytes(flip(path.read_bytes(), at))
    elif name == "swapped":
        data = json.loads(text)
        one, other = data["models"]
        one["spec"], other["spec"] = other["spec"], one["spec"]
        path.write_text(json.dumps(data))
    elif name == "directory":
        in_place(path, folder_with_something)
    elif name == "loop":
        in_place(path, lambda place: place.symlink_to(place))
    elif name == "denied":
        path.chmod(0)
    else:
        given = {
            "truncated": text[: len(text) // 2],
            "empty": "",
            "foreign": '{"lockfileVersion": 3}',
            "version": text.replace('"kerasarch_lock": 1', '"kerasarch_lock": 7'),
            "binary": "\udc89PNG",
        }
        path.write_bytes(given[name].encode("utf-8", "surrogateescape"))


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    src = site(tmp_path_factory.mktemp("locks"), 2)
    subprocess.run([sys.executable, "-m", "sphinx_kerasarch", "freeze", "-q", str(src)], check=True, timeout=200)
    shutil.copy(src / "kerasarch.lock", src.parent / "whole.lock")
    return src


def frozen(src: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """One build without Keras: status, what was said, the page."""
    out = src.parent / "out"
    code = sphinx_build(["-q", "-N", "-D", "kerasarch_mode=frozen", str(src), str(out)])
    return code, capsys.readouterr().err, (out / "index.html").read_text()


@pytest.mark.parametrize("damage", LOCKS, ids=lambda damage: damage.name)
def test_lock(locked: Path, damage: LockDamage, capsys: pytest.CaptureFixture[str]) -> None:
    lock = locked / "kerasarch.lock"
    if damage.name == "denied" and os.geteuid() == 0:
        pytest.skip("root may read everything")
    spoil_lock(lock, damage.name)
    try:
        code, said, html = frozen(locked, capsys)
    finally:
        shutil.rmtree(lock) if lock.is_dir() else lock.unlink()
        shutil.copy(locked.parent / "whole.lock", lock)
    assert code == 0
    assert damage.said in said
    assert len(re.findall(r"index\.rst:\d+: WARNING: keras-graph", said)) == damage.models, said
    assert "freeze" in said
    assert html.count("kerasarch-failure") == damage.models and html.count("<img") == 2 - damage.models
    code, said, html = frozen(locked, capsys)
    assert (code, said) == (0, "") and html.count("<img") == 2

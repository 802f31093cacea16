"""Caches of several machines become one by copying; what is broken is named; what is too much goes, oldest first."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch import errors
from sphinx_kerasarch.cache import Store
from sphinx_kerasarch.cache.entries import entries, fault
from sphinx_kerasarch.cache.sizes import parse_size, size_text
from sphinx_kerasarch.cache.trim import trim
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.wire import record
from sphinx_kerasarch.wire.question import Description, Request

SPECS = Path(__file__).parents[1] / "specs"
NAMES = ("mlp", "lenet", "vgg16")


def checkout(place: Path) -> Path:
    """The same project in another folder."""
    (place / "src" / "mypkg").mkdir(parents=True)
    for name in NAMES:
        (place / "src" / "mypkg" / f"{name}.py").write_text(f"NAME = {name!r}\n")
    return place


def settings(project: Path) -> dict[str, Any]:
    return {"path": ["../src"], "roots": [str(project / "docs"), str(project / "src")]}


def described(project: Path, name: str) -> Description:
    file = project / "src" / "mypkg" / f"{name}.py"
    spec = loads((SPECS / f"{name}.json").read_text("utf-8"))
    return Description(spec, {"files": {str(file): record.file_digest(file)}, "code": record.code_digest()})


def asked(name: str) -> Request:
    return Request(f"mypkg.{name}:build")


def fill(cache: Path, project: Path, *names: str) -> Store:
    store = Store(cache)
    for name in names:
        store.keep(asked(name), settings(project), described(project, name))
        store.keep_artifact(f"{NAMES.index(name):x}" * 64, ".svg", f"<svg>{name}</svg>".encode())
    return store


def test_two_caches_made_under_different_paths_are_merged_by_copying(tmp_path: Path) -> None:
    one, two = checkout(tmp_path / "home" / "ann" / "project"), checkout(tmp_path / "builds" / "7")
    fill(tmp_path / "cache-one", one, "mlp", "lenet")
    fill(tmp_path / "cache-two", two, "lenet", "vgg16")
    before = {
        path.relative_to(cache): path.read_bytes()
        for cache in (tmp_path / "cache-one", tmp_path / "cache-two")
        for path in cache.rglob("*")
        if path.is_file()
    }
    three, merged = checkout(tmp_path / "mnt" / "a" / "third"), tmp_path / "merged"
    shutil.copytree(tmp_path / "cache-one", merged)
    shutil.copytree(tmp_path / "cache-two", merged, dirs_exist_ok=True)
    shutil.rmtree(one)
    shutil.rmtree(two)
    assert {
        path.relative_to(merged): path.read_bytes() for path in merged.rglob("*") if path.is_file()
    } == before
    assert not [said for entry in entries(merged) if (said := fault(entry))]
    store = Store(merged)
    for number, name in enumerate(NAMES):
        assert store.find(asked(name), settings(three)) == described(three, name)
        assert store.artifact(f"{number:x}" * 64, ".svg")


def test_both_answers_to_one_question_are_kept(tmp_path: Path) -> None:
    """Two machines with two versions of a module: each entry answers where its version is."""
    one, two = checkout(tmp_path / "one"), checkout(tmp_path / "two")
    (two / "src" / "mypkg" / "mlp.py").write_text("NAME = 'other'\n")
    fill(tmp_path / "cache", one, "mlp")
    Store(tmp_path / "cache-two").keep(asked("mlp"), settings(two), described(two, "mlp"))
    shutil.copytree(tmp_path / "cache-two", tmp_path / "cache", dirs_exist_ok=True)
    for project in (one, two):
        assert Store(tmp_path / "cache").find(asked("mlp"), settings(project)) == described(project, "mlp")


# ---- what is broken


def test_every_broken_entry_is_told_with_what_is_wrong(tmp_path: Path) -> None:
    project, cache = checkout(tmp_path / "project"), tmp_path / "cache"
    fill(cache, project, *NAMES)
    whole = {entry.path for entry in entries(cache)}
    assert len(whole) == 6
    lenet, mlp, vgg16 = sorted(
        (cache / "descriptions").rglob("*.json"), key=lambda path: len(path.read_bytes())
    )
    images = sorted((cache / "artifacts").rglob("*.svg"))
    lenet.write_bytes(lenet.read_bytes()[:-1])
    mlp.write_bytes(b"")
    stray = cache / "descriptions" / ("0" * 64) / vgg16.name
    stray.parent.mkdir()
    shutil.copy(vgg16, stray)
    images[0].write_bytes(b"<svg>0</svg>")
    (cache / "artifacts" / "zz").mkdir()
    images[1].rename(cache / "artifacts" / "zz" / images[1].name)
    (cache / "artifacts" / "00" / "notes.txt").write_text("mine")
    (cache / "artifacts" / "00" / ".new-abc").write_text("half")
    said = {entry.path: told for entry in entries(cache) if not entry.unfinished and (told := fault(entry))}
    assert said == {
        lenet: "its content is not what its first line says",
        mlp: "is empty",
        stray: "answers another question than its folder's",
        images[0]: "its content is not what its name says",
        cache / "artifacts" / "zz" / images[1].name: "stands in the wrong folder",
        cache / "artifacts" / "00" / "notes.txt": "has no name of an artifact",
    }


# ---- what is too much


def aged(cache: Path, days: dict[str, float]) -> None:
    now = time.time()
    for entry in entries(cache):
        text = entry.path.read_text("utf-8")
        name = next(name for name in NAMES if f"mypkg.{name}:" in text or f">{name}<" in text)
        os.utime(entry.path, (now - 86_400 * days[name],) * 2)


def names_left(cache: Path) -> set[str]:
    texts = [entry.path.read_text("utf-8") for entry in entries(cache) if entry.part == "artifacts"]
    return {text.removeprefix("<svg>").removesuffix("</svg>") for text in texts}


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    project, cache = checkout(tmp_path / "project"), tmp_path / "cache"
    fill(cache, project, *NAMES)
    aged(cache, {"mlp": 3, "lenet": 2, "vgg16": 1})
    assert Store(cache).find(asked("mlp"), settings(project))
    assert Store(cache).artifact("0" * 64, ".svg")  # used again: now lenet is the oldest
    total = sum(entry.size for entry in entries(cache))
    done = trim(cache, size=total - 1)
    assert [entry.used for entry in done.removed] == sorted(entry.used for entry in done.removed)
    assert names_left(cache) == {"mlp", "vgg16"} or len(done.removed) == 1
    assert done.left == sum(entry.size for entry in entries(cache)) <= total - 1
    assert Store(cache).find(asked("mlp"), settings(project))


def test_age_is_that_of_the_last_use(tmp_path: Path) -> None:
    project, cache = checkout(tmp_path / "project"), tmp_path / "cache"
    fill(cache, project, *NAMES)
    aged(cache, {"mlp": 40, "lenet": 20, "vgg16": 1})
    done = trim(cache, before=time.time() - 30 * 86_400)
    assert len(done.removed) == 2 and names_left(cache) == {"lenet", "vgg16"}


def test_what_this_build_uses_stays_whatever_the_limit(tmp_path: Path) -> None:
    project, cache = checkout(tmp_path / "project"), tmp_path / "cache"
    fill(cache, project, *NAMES)
    aged(cache, {"mlp": 3, "lenet": 2, "vgg16": 1})
    store = Store(cache)
    assert not store.grown
    assert store.find(asked("mlp"), settings(project)) and store.artifact("0" * 64, ".svg")
    store.mark(asked("vgg16"), settings(project))
    store.mark_artifact(next(entry.path.name for entry in entries(cache) if entry.path.name.startswith("2")))
    store.keep_artifact("f" * 64, ".svg", b"<svg>new</svg>")
    assert store.grown
    store.trim(1)
    assert not store.grown
    assert names_left(cache) == {"mlp", "vgg16", "new"}
    assert store.find(asked("vgg16"), settings(project)) and not store.find(asked("lenet"), settings(project))


def test_files_of_killed_writers_and_empty_folders_go(tmp_path: Path) -> None:
    project, cache = checkout(tmp_path / "project"), tmp_path / "cache"
    fill(cache, project, *NAMES)
    (folder,) = {
        path.parent for path in (cache / "descriptions").rglob("*.json") if b"mypkg.mlp:" in path.read_bytes()
    }
    for name, age in (("now", 0.0), ("then", 7200.0)):
        (folder / f".new-{name}").write_text("half")
        os.utime(folder / f".new-{name}", (time.time() - age,) * 2)
    for name in ("old", "new"):
        (cache / "descriptions" / name).mkdir()
    os.utime(cache / "descriptions" / "old", (0, 0))
    done = trim(cache)
    assert [entry.path.name for entry in done.removed] == [".new-then"]
    assert (cache / "descriptions" / "new").is_dir() and not (cache / "descriptions" / "old").exists()
    assert (folder / ".new-now").exists() and len(entries(cache)) == 7


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [
        ("0", 0),
        ("12", 12),
        ("500 MB", 500_000_000),
        ("1.5GiB", 1_610_612_736),
        (" 2 kb ", 2000),
        ("3KiB", 3072),
    ],
)
def test_sizes_as_people_write_them(text: str, bytes_: int) -> None:
    assert parse_size(text) == bytes_


@pytest.mark.parametrize("text", ["", "much", "-1", "1 PB", "1,5 GB", "MB", "1 ib", "nan"])
def test_other_sizes_are_refused_with_advice(text: str) -> None:
    with pytest.raises(errors.OptionError) as caught:
        parse_size(text)
    assert "500 MB" in caught.value.advice


def test_sizes_are_told_in_few_digits() -> None:
    assert [size_text(count) for count in (0, 3004, 20 << 20, 12 << 30)] == [
        "0 KiB",
        "3 KiB",
        "20 MiB",
        "12 GiB",
    ]

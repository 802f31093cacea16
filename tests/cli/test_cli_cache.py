"""``kerasarch cache verify`` and ``prune --max-size``; the other subcommands are in ``test_cli.py``."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.cache import Store
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.wire.question import Description, Request

SPECS = Path(__file__).parents[1] / "specs"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A description and three artifacts, the last one new."""
    directory = tmp_path / "docs" / "_build" / ".kerasarch"
    store = Store(directory)
    store.keep(Request("a:b"), {}, Description(loads((SPECS / "mlp.json").read_text("utf-8"))))
    for number in range(3):
        path = store.keep_artifact(f"{number}" * 64, ".svg", bytes([65 + number]) * 4096)
        if number < 2:
            os.utime(path, (number, number))
    return directory


def test_a_whole_cache_is_told_to_be_whole(run: Any, cache: Path) -> None:
    result = run("cache", "verify")
    assert result.exit_code == 0
    assert result.stdout.endswith("KiB, none broken\n") and ": 4 files, " in result.stdout


def test_broken_entries_are_named_and_removed_on_request(run: Any, cache: Path) -> None:
    (description,) = (cache / "descriptions").rglob("*.json")
    description.write_bytes(description.read_bytes()[:100])
    (image,) = (cache / "artifacts" / "11").iterdir()
    image.write_bytes(b"something else")
    result = run("cache", "verify")
    assert result.exit_code == 1 and result.stderr == ""
    lines = result.stdout.splitlines()
    assert len(lines) == 3 and lines[-1].endswith(", 2 broken")
    assert lines[0].endswith(f"{image.name}: its content is not what its name says")
    assert lines[1].endswith(f"{description.name}: its content is not what its first line says")
    fixed = run("cache", "verify", "--fix")
    assert fixed.exit_code == 0
    assert [line.endswith(", removed") for line in fixed.stdout.splitlines()] == [True, True, False]
    assert not image.exists() and not description.exists()
    assert run("cache", "verify").exit_code == 0


def test_a_cache_is_pruned_to_a_size(run: Any, cache: Path) -> None:
    description = sum(path.stat().st_size for path in (cache / "descriptions").rglob("*.json"))
    assert "removed 1 file, 4 KiB" in run("cache", "prune", "--max-size", str(description + 9000)).stdout
    assert not list((cache / "artifacts" / "00").iterdir()) and list((cache / "artifacts" / "11").iterdir())
    assert (
        "removed 0 files" in run("cache", "prune", "--max-size", "1GB").stdout
    )  # its age does not count here
    assert "removed 1 file" in run("cache", "prune").stdout
    assert list((cache / "artifacts" / "22").iterdir())
    result = run("cache", "prune", "--max-size", "lots")
    assert result.exit_code == 1 and "500 MB or 2 GiB" in result.stderr


def test_info_tells_when_entries_were_used(run: Any, cache: Path) -> None:
    (cache / "artifacts" / "00" / ".new-x").touch()
    lines = run("cache", "info").stdout.splitlines()
    assert lines[2].startswith("  unfinished") or lines[1].startswith("  unfinished")
    assert any(
        line.startswith("  descriptions  1 file, ") and line.endswith("last used today")
        for line in lines
    )
    assert any(line.startswith("  artifacts     3 files, 12 KiB, last used 0 to ") for line in lines)


def test_a_merged_cache_is_one_whatever_its_name(run: Any, cache: Path, tmp_path: Path) -> None:
    shutil.copytree(cache, tmp_path / "merged")
    assert run("cache", "verify", "merged").exit_code == 0


def test_a_cache_in_the_folder_of_the_pages_is_found(run: Any, cache: Path, tmp_path: Path) -> None:
    """Where ``sphinx-build docs docs/_build/html`` keeps it, which is told no place for the doctrees."""
    place = tmp_path / "docs" / "_build" / "html" / ".doctrees" / "kerasarch"
    place.parent.mkdir(parents=True)
    cache.rename(place)
    told = str(place.relative_to(tmp_path))
    for folder in ((), ("docs/_build",), ("docs/_build/html/.doctrees",), (told,)):
        result = run("cache", "info", *folder)
        assert result.exit_code == 0 and result.stdout.splitlines()[0] == told
    (place / "mine.txt").touch()  # nothing that has more in it than a cache would be cleared
    assert run("cache", "info").exit_code == 1


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_a_cache_behind_a_link_is_cleared_and_the_link_stays(run: Any, cache: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere"
    cache.rename(real)
    (tmp_path / "linked").symlink_to(real, target_is_directory=True)
    result = run("cache", "clear", "linked")
    assert result.exit_code == 0 and result.stdout.startswith("linked: removed ")
    assert list((tmp_path / "linked").iterdir()) == []

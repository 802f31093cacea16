"""A shared cache in a build: asked for what this machine does not know, told what it described."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytest.importorskip("fsspec", reason="the extra remote is not installed")

PAGE = "Shop\n====\n\n.. keras-layered:: shop.models:lenet\n\n.. keras-layered:: shop.models:mlp\n"


def test_another_machine_describes_nothing(site, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    shared = {"kerasarch_cache_remote": f"memory://{tmp_path.name}"}
    site.write(index=PAGE)
    first = site.build(**shared)
    assert sorted(site.recorded.asked) == ["shop.models:lenet", "shop.models:mlp"]
    shutil.rmtree(site.src.parent / "out")
    site.recorded.asked.clear()
    second = site.build(**shared)
    assert site.recorded.asked == [] and first.warnings == second.warnings == ""
    assert "kerasarch: 2 models from the cache, nothing was imported" in second.status
    assert second.read("index.html") == first.read("index.html")


def test_a_remote_that_is_not_there_is_one_warning(site, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    place = (tmp_path / "not" / "mounted").as_uri()
    built = site.write(index=PAGE).build(kerasarch_cache_remote=place)
    (warning,) = built.warnings.strip().splitlines()
    assert "cannot be used: " in warning and warning.endswith(
        "The build goes on without it. [kerasarch.remote]"
    )
    assert built.read("index.html").count("<img") == 2
    again = site.build(fresh=True, kerasarch_cache_remote=place)
    assert (
        again.warnings == "" and "nothing was imported" in again.status
    )  # nothing was missing: nobody was asked

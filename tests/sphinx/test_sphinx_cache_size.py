"""The cache of a build is kept below ``kerasarch_cache_size``, but never loses what the build uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from sphinx.errors import ConfigError

from sphinx_kerasarch.cache.entries import entries

PAGE = "Shop\n====\n\n.. keras-layered:: shop.models:{name}\n"


def cache_of(site) -> Path:  # type: ignore[no-untyped-def]
    return Path(site.src.parent / "out" / ".kerasarch")


def age(cache: Path) -> None:
    for entry in entries(cache):
        os.utime(entry.path, (1000, 1000))


def test_old_entries_go_when_the_cache_grows_beyond_its_size(site) -> None:  # type: ignore[no-untyped-def]
    site.write(index=PAGE.format(name="lenet"), other=":orphan:\n\n" + PAGE.format(name="mlp")).build()
    cache = cache_of(site)
    first = {entry.path for entry in entries(cache)}
    assert len(first) == 4  # two descriptions, two figures
    age(cache)
    site.write(index=PAGE.format(name="vgg16")).build(kerasarch_cache_size="1 kB")
    left = {entry.path for entry in entries(cache)}
    new = left - first
    assert len(new) == 2
    # The page that was not read again still uses its two; those of the first are used by nobody.
    assert len(left & first) == 2
    site.recorded.asked.clear()
    site.build(fresh=True, kerasarch_cache_size="1 kB")
    assert site.recorded.asked == []
    assert {entry.path for entry in entries(cache)} == left


def test_a_build_that_adds_nothing_removes_nothing(site) -> None:  # type: ignore[no-untyped-def]
    site.write(index=PAGE.format(name="lenet")).build()
    before = entries(cache_of(site))
    age(cache_of(site))
    site.build(kerasarch_cache_size="1 B")
    assert [entry.path for entry in entries(cache_of(site))] == [entry.path for entry in before]


def test_no_limit(site) -> None:  # type: ignore[no-untyped-def]
    site.write(index=PAGE.format(name="lenet")).build()
    age(cache_of(site))
    site.write(index=PAGE.format(name="mlp")).build(kerasarch_cache_size="0")
    assert len(entries(cache_of(site))) == 4


def test_a_size_that_is_none_is_refused(site) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigError, match="500 MB"):
        site.write(index="x\n=\n").build(kerasarch_cache_size="plenty")

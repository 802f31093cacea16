"""Where descriptions come from, for all hosts of pages."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from sphinx_kerasarch.cache import Store
from sphinx_kerasarch.hosts.page.failures import failure_of
from sphinx_kerasarch.hosts.page.locked import Locked, project_of
from sphinx_kerasarch.hosts.page.origin import Origin
from sphinx_kerasarch.hosts.page.project import DEFAULTS
from sphinx_kerasarch.hosts.page.request import Source, by_interpreter
from sphinx_kerasarch.inspector import Inspector

LENET: Source = ("shop:lenet", "", "", "", "", "", "")
MLP: Source = ("shop:mlp", "", "", "", "", "", "")


class Origins:
    """Origins of a site in a folder; ``said``: their warnings."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.said: list[tuple[str, str]] = []

    def __call__(self, cache: str = "cache", **given: Any) -> Origin:
        values = {**DEFAULTS, **given}
        lock = Locked(self.base / "kerasarch.lock", project_of(values, self.base), "site")
        path = (str(self.base / "src"),)
        said = self.said.append
        return Origin(values, self.base, lambda _: path, self.base / cache, lambda: lock, lambda *told: said(told))


@pytest.fixture
def origins(tmp_path: Path) -> Origins:
    return Origins(tmp_path)


def asked(origin: Origin, worker: Any, *sources: Source) -> dict[Source, Any]:
    return dict(origin.ask(worker, sources, lambda error: failure_of(error, "A defect.")))


def read_only(*_: object) -> None:
    raise OSError(errno.EROFS, "Read-only file system")


@pytest.mark.parametrize("first", ["description", "picture", "fetched"])
def test_a_cache_that_cannot_be_written_is_still_read(
    origins: Origins, recorded: Any, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    pytest.importorskip("fsspec")
    remote = (origins.base / "shared").as_uri()
    asked(origins("other", cache_remote=remote), recorded, MLP)
    asked(origins(), recorded, LENET)
    origin = origins(cache_remote=remote)
    monkeypatch.setattr(Store, "_write_once", read_only)
    if first == "description":
        assert set(asked(origin, recorded, MLP)) == {MLP}
    elif first == "picture":
        assert origin.kept.keep_artifact("ab", ".svg", b"<svg/>") == ""
    else:
        assert dict(origin.from_cache([MLP])) == {}
    assert set(asked(origin, recorded, MLP)) == {MLP}
    assert origin.kept.keep_artifact("cd", ".svg", b"<svg/>") == ""
    assert set(dict(origin.from_cache([LENET, MLP]))) == {LENET}
    (told,) = origins.said
    assert told[0].endswith("Nothing more is kept.") and "'cache' cannot be used: Read-only" in told[0], told
    assert told[1] == "cache"


def test_what_others_have_kept_is_found(origins: Origins, recorded: Any) -> None:
    pytest.importorskip("fsspec")
    remote = (origins.base / "shared").as_uri()
    found = asked(origins("other", cache_remote=remote), recorded, MLP)
    assert dict(origins(cache_remote=remote).from_cache([LENET, MLP])) == found
    assert dict(origins(cache_remote=remote, mode="live").from_cache([MLP])) == {}
    assert origins.said == []


def test_a_defect_stops_no_page(origins: Origins, recorded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not answered fails, whatever the defect is; what is answered stands."""
    origin, keep = origins(), Store.keep

    def kept(store: Store, request: Any, *rest: Any) -> None:
        if request.target == MLP[0]:
            raise TypeError("not this one")
        keep(store, request, *rest)

    monkeypatch.setattr(Store, "keep", kept)
    other = ("shop:cnn", *MLP[1:])
    found = asked(origin, recorded, LENET, MLP, other)
    assert found.pop(LENET).spec.name == "lenet"
    assert {failure.message for failure in found.values()} == {"Unexpected TypeError: not this one."}
    assert set(found) == {MLP, other}


def test_settings_hold_on_another_drive(origins: Origins, monkeypatch: pytest.MonkeyPatch) -> None:
    assert origins().settings["path"] == ["src"]
    monkeypatch.setattr(os.path, "relpath", lambda *_: (_ for _ in ()).throw(ValueError("another drive")))
    assert origins().settings["path"] == [(origins.base / "src").as_posix()]


def test_an_interpreter_of_its_own(origins: Origins) -> None:
    own: Source = ("shop:mlp", "", "", "venv/bin/python", "", "", "")
    assert by_interpreter([LENET, own, MLP]) == {"": [LENET, MLP], "venv/bin/python": [own]}
    origin = origins(python="python3.12")
    assert [origin.settings_of(source)["python"] for source in (LENET, own)] == ["python3.12", "venv/bin/python"]
    found = asked(origin, Inspector(python="nowhere/python"), own)
    assert found[own].slug == "missing-package" and isinstance(found[own].sentence, str)

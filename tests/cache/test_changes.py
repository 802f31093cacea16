"""The table of changes: each is done to a described project, and the cache is asked."""

from __future__ import annotations

import io
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import changes_cases
import changes_project
import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from sphinx_kerasarch.cache import Store
from sphinx_kerasarch.inspector import Inspector, Request
from sphinx_kerasarch.wire import record

pytestmark = pytest.mark.keras

IMPORT_PATH = ("shop_first", ".", "lib.zip", "later")
KEPT_AS_MADE = ("project", "home", "outside", "src", "docs", "trees")
OF_ENVIRONMENT = list(changes_cases.INSTALLED)
OF_PROJECT = [change for change in changes_cases.CHANGES if change not in OF_ENVIRONMENT and change.target != "page"]


def target_of(change: changes_cases.Change) -> str:
    return change.target if ":" in change.target else f"shop.models:{change.target}"


def request_of(change: changes_cases.Change, spelled: bool = False) -> Request:
    arguments = change.ask.get("spelled" if spelled else "arguments", change.ask.get("arguments", ""))
    return Request(target_of(change), arguments=arguments)


@dataclass
class Ground:
    """Where a change is done. What is not a file is undone by ``monkeypatch``."""

    place: Path
    python: Path
    monkeypatch: pytest.MonkeyPatch | None = None
    project: Path = field(default_factory=Path)
    folder: str = "."
    """Of the project, in which the build runs."""
    env: dict[str, str] = field(default_factory=dict)

    @property
    def shop(self) -> Path:
        return self.project / "shop"

    @property
    def src(self) -> Path:
        return self.place / "src"

    @property
    def site(self) -> Path:
        (found,) = [*self.place.glob("venv/lib/python*/site-packages"), *self.place.glob("venv/Lib/site-packages")]
        return found

    @property
    def sites(self) -> list[str]:
        return [entry for entry in sys.path if Path(entry).name == "site-packages"]

    def move_site(self, path: str) -> None:
        assert self.monkeypatch is not None
        others = [entry for entry in sys.path if entry not in self.sites]
        self.monkeypatch.setattr(sys, "path", [*others, path])

    def another_python(self) -> None:
        assert self.monkeypatch is not None
        self.monkeypatch.setattr(platform, "python_version", lambda: "3.99.0")

    def another_version(self) -> None:
        assert self.monkeypatch is not None
        self.monkeypatch.setattr(record, "code_digest", lambda: "0" * 64)

    def settings(self, environment: bool) -> dict[str, Any]:
        if environment:
            return {"path": ["installed"], "python": str(self.python), "roots": [str(self.place)]}
        return {"path": list(IMPORT_PATH), "roots": [str(self.project)]}

    def cached(self, request: Request, environment: bool) -> bool:
        directory = self.place / ("cache of environment" if environment else "cache")
        return Store(directory).find(request, self.settings(environment)) is not None

    def describe(self) -> None:
        store = Store(self.place / "cache")
        path = tuple(str(self.project / entry) for entry in IMPORT_PATH)
        requests = dict.fromkeys(request_of(change) for change in OF_PROJECT if change.name != "arguments")
        self._keep(Inspector(path=path, timeout=60.0), list(requests), store, environment=False)
        store = Store(self.place / "cache of environment")
        inspector = Inspector(path=(str(self.place / "installed"),), python=str(self.python), timeout=60.0, fork=False)
        self._keep(inspector, [*dict.fromkeys(map(request_of, OF_ENVIRONMENT))], store, environment=True)

    def _keep(self, inspector: Inspector, requests: list[Request], store: Store, *, environment: bool) -> None:
        with inspector:
            for request, found in inspector.describe_many(requests):
                assert not isinstance(found, Exception), (found, found.data)
                store.keep(request, self.settings(environment), found)

    def remember(self) -> None:
        for name, path in self._parts():
            shutil.copytree(path, self.place / "as made" / name, symlinks=True)

    def restore(self) -> None:
        for name, path in self._parts():
            shutil.rmtree(path, ignore_errors=True)
            shutil.copytree(self.place / "as made" / name, path, symlinks=True)

    def _parts(self) -> list[tuple[str, Path]]:
        return [*((name, self.place / name) for name in KEPT_AS_MADE), ("site", self.site)]

    def build(self) -> str:
        """What a build of the pages tells about models."""
        status, warnings = io.StringIO(), io.StringIO()
        docs = str(self.place / "docs")
        with docutils_namespace():
            out, trees = str(self.place / "out"), str(self.place / "trees")
            app = Sphinx(docs, docs, out, trees, "html", status=status, warning=warnings)
            app.build()
        assert not warnings.getvalue()
        (line,) = [line for line in status.getvalue().splitlines() if line.startswith("kerasarch:")]
        return line


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    place = tmp_path_factory.mktemp("changes")
    changes_project.make(place)
    before = Path.cwd()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USERPROFILE"):
            patch.setenv(name, str(place / "home"))
        os.chdir(place / "project")
        ground = Ground(place, changes_project.make_environment(place), project=place / "project")
        try:
            ground.describe()
            assert "described by Keras" in ground.build()
            ground.remember()
            yield ground
        finally:
            os.chdir(before)


@pytest.fixture
def ground(described: Ground, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    described.restore()
    described.monkeypatch, described.project = monkeypatch, described.place / "project"
    described.env, described.folder = {}, "."
    os.chdir(described.project)
    yield described
    os.chdir(described.place)


@pytest.mark.parametrize("change", [*OF_PROJECT, *OF_ENVIRONMENT], ids=lambda change: change.name)
def test_change(change: changes_cases.Change, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = change in OF_ENVIRONMENT
    change.do(ground)
    for name, value in ground.env.items():
        monkeypatch.setenv(name, value)
    os.chdir(ground.project / ground.folder)
    assert ground.cached(request_of(change, spelled=True), environment) == (change.anew != changes_cases.ANEW)


def test_without_a_change_all_are_known_but_one(ground: Ground) -> None:
    """So that a change is what makes the difference."""
    changes = (*OF_PROJECT, *OF_ENVIRONMENT)
    known = {change.name: ground.cached(request_of(change), change in OF_ENVIRONMENT) for change in changes}
    assert [name for name, found in known.items() if not found] == ["own-input", "arguments"]


@pytest.mark.parametrize("change", changes_cases.PAGES, ids=lambda change: change.name)
def test_change_of_pages(change: changes_cases.Change, ground: Ground) -> None:
    change.do(ground)
    assert ground.build().endswith("nothing was imported")


def test_the_table_is_complete() -> None:
    names = [change.name for change in changes_cases.CHANGES]
    assert len(set(names)) == len(names) == len(changes_cases.rows()) >= 40
    assert {change.anew for change in changes_cases.CHANGES} == {"yes", "no", "no: not seen"}

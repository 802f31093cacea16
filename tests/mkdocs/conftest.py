"""A site in a temporary folder, built by MkDocs in this process from recorded specs."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mkdocs_programs import ROOT, TOOLS, Tool

GROUPS = ("markdown.extensions", "mkdocs.plugins")


def write_entry_points(folder: Path) -> Path:
    """The entry points of ``pyproject.toml`` where an interpreter finds them, whatever is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    place = folder / "kerasarch_of_this_checkout-0.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text("Metadata-Version: 2.1\nName: kerasarch-of-this-checkout\nVersion: 0\n")
    lines = []
    for group in GROUPS:
        lines += [f"[{group}]", *(f"{name} = {where}" for name, where in project["entry-points"][group].items())]
    (place / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return folder


class MkSite:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.docs = folder / "docs"
        self.out = folder / "site"
        self.docs.mkdir()

    def write(self, **pages: str) -> MkSite:
        for name, text in pages.items():
            path = self.docs / f"{name.replace('__', '/')}.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
        return self

    def config(self, *, strict: bool = False, more: dict[str, Any] | None = None, **plugin: Any) -> Any:
        from mkdocs.config import load_config

        (self.folder / "mkdocs.yml").touch()
        return load_config(
            str(self.folder / "mkdocs.yml"),
            site_name="Shop",
            docs_dir=str(self.docs),
            site_dir=str(self.out),
            strict=strict,
            plugins=["search", {"kerasarch": plugin}],
            **(more or {}),
        )

    def build(self, *, dirty: bool = False, **values: Any) -> Any:
        """Raises what ends a build."""
        from mkdocs.commands.build import build

        config = self.config(**values)
        config.plugins.on_startup(command="build", dirty=dirty)
        build(config, dirty=dirty)
        return config

    def read(self, name: str) -> str:
        return (self.out / name).read_text("utf-8")


@pytest.fixture
def entry_points_folder(tmp_path: Path) -> Path:
    return write_entry_points(tmp_path / "entry_points")


@pytest.fixture
def mksite(
    tmp_path: Path, entry_points_folder: Path, recorded: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MkSite]:
    monkeypatch.syspath_prepend(str(entry_points_folder))
    yield MkSite(tmp_path)


@pytest.fixture(params=TOOLS)
def tool(request: pytest.FixtureRequest, entry_points_folder: Path) -> Tool:
    """MkDocs, ProperDocs, Zensical, one after the other."""
    return Tool(request.param, [entry_points_folder, ROOT])

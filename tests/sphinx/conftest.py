"""A small site in a temporary folder, built from recorded specs."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sphinx
from docutils import nodes
from recorded import Recorded
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

CONF = (
    'project = "Shop"\ncopyright = "us"\nextensions = ["sphinx_kerasarch"]\n'
    "show_warning_types = True\nlinkcheck_report_timeouts_as_broken = False\n"  # as from Sphinx 8 on
)


@dataclass
class Built:
    app: Sphinx
    status: str
    warnings: str
    out: Path

    def read(self, name: str) -> str:
        return (self.out / name).read_text("utf-8")

    def resolved(self, docname: str = "index") -> nodes.document:
        """The document as the writer gets it."""
        more: dict[str, Any] = {"tags": self.app.tags} if sphinx.version_info >= (9,) else {}
        return self.app.env.get_and_resolve_doctree(docname, self.app.builder, **more)

    @property
    def code(self) -> int:
        return self.app.statuscode


@dataclass
class Site:
    src: Path
    recorded: Recorded
    pages: dict[str, str] = field(default_factory=dict)

    def write(self, **pages: str) -> Site:
        for name, text in pages.items():
            (self.src / f"{name}.rst").write_text(text, "utf-8")
        return self

    def build(
        self,
        builder: str = "html",
        *,
        fresh: bool = False,
        out: Path | None = None,
        trees: Path | None = None,
        **settings: Any,
    ) -> Built:
        confdir = self.src
        if not (confdir / "conf.py").exists():
            (confdir / "conf.py").write_text(CONF, "utf-8")
        status, warnings = io.StringIO(), io.StringIO()
        out = out or self.src.parent / "out" / builder
        # gettext cannot share an environment, because it gives unique ids to all paragraphs.
        trees = trees or self.src.parent / "out" / ("doctrees-gettext" if builder == "gettext" else "doctrees")
        with patch_docutils(confdir), docutils_namespace():
            app = Sphinx(
                self.src,
                confdir,
                out,
                trees,
                builder,
                confoverrides=settings,
                status=status,
                warning=warnings,
                freshenv=fresh,
            )
            app.build()
        strip = re.compile(r"\x1b\[[0-9;]*m")
        return Built(app, strip.sub("", status.getvalue()), strip.sub("", warnings.getvalue()), out)


@pytest.fixture
def site(tmp_path: Path, recorded: Recorded) -> Site:
    src = tmp_path / "src"
    src.mkdir()
    return Site(src, recorded)


@pytest.fixture
def page(site: Site) -> Iterator[Callable[..., Built]]:
    """Build one page called index."""

    def build(text: str, builder: str = "html", **settings: Any) -> Built:
        return site.write(index=f"Shop\n====\n\n{text}\n").build(builder, **settings)

    yield build

"""A small site in a temporary folder, and an inspector that answers from recorded specs instead of Keras."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sphinx
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from sphinx_kerasarch import errors, inspector
from sphinx_kerasarch.spec import codec

SPECS = Path(__file__).parents[1] / "specs"
CONF = (
    'project = "Shop"\ncopyright = "us"\nextensions = ["sphinx_kerasarch"]\n'
    "show_warning_types = True\nlinkcheck_report_timeouts_as_broken = False\n"  # as from Sphinx 8 on
)


class Recorded:
    """Stands for :class:`sphinx_kerasarch.inspector.Inspector`; the class attributes tell what happened."""

    started: list[dict[str, Any]]
    asked: list[str]
    files: dict[str, Path]
    failing: dict[str, errors.KerasarchError]

    def __init__(self, **settings: Any) -> None:
        type(self).started.append(settings)

    def __enter__(self) -> Recorded:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def start(self) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        """Nothing to end."""

    def describe_many(
        self, requests: Iterable[inspector.Request]
    ) -> Iterator[tuple[inspector.Request, inspector.Description | errors.KerasarchError]]:
        for request in requests:
            try:
                yield request, self.describe(request)
            except errors.KerasarchError as error:
                yield request, error

    def describe(self, request: inspector.Request) -> inspector.Description:
        type(self).asked.append(request.target)
        name = request.target.partition("(")[0].rpartition(":")[2]
        if name in self.failing:
            raise self.failing[name]
        path = SPECS / f"{name}.json"
        if not path.is_file():
            raise errors.ImportTargetError(
                f"Module 'shop.models' has no attribute {name!r}.", advice="Did you mean 'lenet'?"
            )
        spec = codec.loads(path.read_text("utf-8"))
        files = [self.files[name]] if name in self.files else []
        return inspector.Description(
            spec, {"files": {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}}
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
    recorded: type[Recorded]
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
def recorded(monkeypatch: pytest.MonkeyPatch) -> type[Recorded]:
    class Fresh(Recorded):
        started: list[dict[str, Any]] = []  # noqa: RUF012
        asked: list[str] = []  # noqa: RUF012
        files: dict[str, Path] = {}  # noqa: RUF012
        failing: dict[str, errors.KerasarchError] = {}  # noqa: RUF012

    monkeypatch.setattr(inspector, "Inspector", Fresh)
    return Fresh


@pytest.fixture
def site(tmp_path: Path, recorded: type[Recorded]) -> Site:
    src = tmp_path / "src"
    src.mkdir()
    return Site(src, recorded)


@pytest.fixture
def page(site: Site) -> Iterator[Callable[..., Built]]:
    """Build one page called index."""

    def build(text: str, builder: str = "html", **settings: Any) -> Built:
        return site.write(index=f"Shop\n====\n\n{text}\n").build(builder, **settings)

    yield build

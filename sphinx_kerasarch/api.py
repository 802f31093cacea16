"""The program on one screen: describe → draw → write."""

from __future__ import annotations

import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import registry
from .errors import OptionError
from .figure import Cell, Figure, Graph, Row, Scene, Table
from .options import resolve, suggest
from .spec import ArchSpec
from .spec.assign import with_labels, with_roles
from .theme import Colors, Theme, palette, restyled


def describe(  # noqa: PLR0913 - one for each thing that tells one description from another
    target: str,
    *,
    arguments: str = "",
    input_shape: str = "",
    open: str = "",
    custom_objects: str = "",
    weights: bool = False,
    path: Sequence[str] | None = None,
    python: str = "",
    backend: str = "",
    env: Mapping[str, str] | None = None,
    timeout: float = 300.0,
    memory: int = 0,
) -> ArchSpec:
    """Build the model that ``target`` names in a worker process and read its architecture.

    ``open``: layers of Keras whose inside is described, as ``LSTM, attention*``. ``custom_objects``: what a saved
    model needs, as ``mypkg.layers:MyLayer``. ``path``: directories put on the import path, by default those that
    this process has besides its installation: a script's folder, a notebook's. ``python``: interpreter of the worker,
    by default this one. ``weights``: whether numbers of the dense layers are read, which the neurons view
    shows. ``timeout``: seconds. ``memory``: megabytes that the process which builds the model may take; 0 for no
    limit. Raises :class:`.KerasarchError` of the class that names the cause.
    """
    from .inspector import Inspector, Request

    request = Request(target, arguments, input_shape, backend, open, custom_objects, weights)
    places = _own_path() if path is None else tuple(path)
    with Inspector(path=places, python=python, env=dict(env or {}), timeout=timeout, memory=memory) as inspector:
        return inspector.describe(request).spec


def _own_path() -> tuple[str, ...]:
    """Folders of the import path that Python has not been installed with."""
    installed = [Path(place) for place in {*sysconfig.get_paths().values(), site.getusersitepackages()}]
    entries = [Path(entry or ".").resolve() for entry in sys.path]
    own = (one for one in entries if one.is_dir() and not any(one.is_relative_to(place) for place in installed))
    return tuple(dict.fromkeys(map(str, own)))


def from_model(
    model: Any,
    *,
    input_shape: Any = None,
    inputs: Any = None,
    open: str | Sequence[str] = "",
    weights: bool = False,
) -> ArchSpec:
    """The architecture of a live Keras model, read in this process; the model and Keras stay as they are.

    ``input_shape``: for a model that has no shapes yet, without the batch axis: ``(28, 28, 1)``, or a list or dict of
    shapes; it has none afterwards either. ``inputs``: what a subclassed model is called with, where more than
    shapes is needed: an array, or a list or dict of them, of which shapes and dtypes count. ``open``: layers of Keras
    whose inside is described, as ``"LSTM, attention*"``. ``weights``: whether numbers of the dense layers are read.
    Raises :class:`.UnbuiltModelError`, :class:`.NotAModelError`, and :class:`.DescribeError` for code of a model that
    raises while it is read.
    """
    from .worker.live import describe_live  # the one door to Keras in this process

    return describe_live(model, input_shape=input_shape, inputs=inputs, open=open, weights=weights)


def draw(
    spec: Any,
    view: str = "layered",
    *,
    roles: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    colors: Colors | None = None,
    theme: str = "auto",
    **options: Any,
) -> Drawing:
    """The figure of a view.

    ``spec``: an :class:`.ArchSpec`; a live Keras model is read by :func:`from_model`, a text is a target of
    :func:`describe`.
    ``roles``: category of layer classes, ``{"mypkg.layers:MyBlock": "attn"}``, see :func:`.with_roles`.
    ``labels``: what layers are called, ``{"conv2d_1": "stem"}``, see :func:`.with_labels`.
    ``colors``: own colours, ``{"conv": "#0072b2", "layer:stem*": "#d55e00"}``, for all that the drawing writes.
    ``theme``: how a notebook shows it, see :attr:`Drawing.theme`.
    Raises :class:`.OptionError` for an unknown view, option, role, category or theme.
    """
    record = registry.view(view)
    if not isinstance(spec, ArchSpec):
        spec = describe(spec) if isinstance(spec, str) else from_model(spec)
    told = with_labels(with_roles(spec, roles or {}), labels or {})
    figure = record.draw(told, **resolve(record.options, options, f"view {view!r}"))
    palette("light" if theme == "auto" else theme, colors)  # what is wrong is said here, before a file is opened
    return Drawing(figure, view, tuple((colors or {}).items()), theme)


FORMS: Mapping[type, tuple[str, str]] = {
    Table: ("a table", "the view 'summary'"),
    Graph: ("a graph", "the view 'graph'"),
    Scene: ("a drawing", "a view that draws, such as 'layered'"),
}
"""Kind of figure → what it is called, and which view gives it."""


def _refused(figure: Figure, record: registry.Format) -> OptionError:
    kinds = {type(figure)}
    if isinstance(figure, Graph):
        kinds.add(Scene)
    if isinstance(figure, Scene) and figure.graph:
        kinds.add(Graph)
    fitting = [name for name in registry.format_names() if kinds & set(registry.format(name).accepts)]
    views = [FORMS[kind][1] for kind in record.accepts if kind in FORMS]
    return OptionError(
        f"Format {record.name!r} does not write {FORMS[Scene if Scene in kinds else type(figure)][0]}.",
        advice=f"Take {', '.join(fitting)}; or for {record.name} {views[0]}." if views else "",
        data={"format": record.name},
    )


def write(
    figure: Figure, format: str, *, theme: Theme = "light", colors: Colors | None = None, **options: Any
) -> bytes:
    """The bytes of a figure in a format; a Graph is given its places when the format needs a Scene.

    ``colors``: own colours of categories and layers over those of the theme. The theme ``grey`` has patterns.
    """
    record = registry.format(format)
    given = figure
    if isinstance(figure, Graph) and Graph not in record.accepts:
        from .layout import arrange

        figure = arrange(figure)
    if isinstance(figure, Scene) and figure.graph and Scene not in record.accepts:
        figure = figure.graph
    if not isinstance(figure, record.accepts):
        raise _refused(given, record)
    chosen = palette(theme, colors)
    if isinstance(figure, Scene):
        if chosen.theme == "grey":
            from .layout.hatch import hatched

            figure = hatched(figure)
        figure = restyled(figure, chosen)
    told = chosen if chosen.categories or chosen.layers else chosen.theme
    return record.write(figure, theme=told, **resolve(record.options, options, f"format {format!r}"))


def format_of(path: Path, kind: type = Scene) -> str:
    """Name of the format with the suffix of ``path``; of several, the one that writes figures of ``kind``."""
    found: dict[str, list[str]] = {}
    for name in registry.format_names():
        record = registry.format(name)
        for suffix in record.suffixes:
            found.setdefault(suffix, []).append(name)
    if path.suffix.lower() not in found:
        raise OptionError(
            f"No format writes files that end in {path.suffix!r}."
            if path.suffix
            else f"The name {path.name!r} has no suffix that tells the format.",
            advice=suggest(path.suffix, found),
            data={"path": path.name},
        )
    fitting = found[path.suffix.lower()]
    kinds = {kind, Scene} if kind is Graph else {kind}
    return next((name for name in fitting if kinds & set(registry.format(name).accepts)), fitting[0])


FILES = {"application/pdf": "pdf", "image/png": "png"}
"""What notebooks may be asked to keep besides SVG: for LaTeX, and for readers of mail."""


@dataclass(frozen=True, slots=True, repr=False)
class Drawing:
    """A figure with the ways to look at it. A notebook shows it by itself."""

    figure: Figure
    view: str = ""
    colors: tuple[tuple[str, str | Sequence[str]], ...] = ()
    """Own colours, by category or layer."""
    theme: str = "auto"
    """In a notebook: ``auto`` follows its light and dark, any other is shown on light and dark alike."""

    def svg(self, theme: str = "light") -> str:
        """The bytes of ``save("x.svg")`` as text. Raises :class:`.OptionError` for a table."""
        return write(self.figure, "svg", theme=theme, colors=dict(self.colors)).decode()

    def html(self) -> str:
        """A part of a page with its own style sheet, which leaves all else on the page alone."""
        return self._write("html", part=True, follow=self.theme == "auto").decode()

    def text(self) -> str:
        return write(self.figure, "text").decode()

    def save(self, path: str | Path, *, theme: str = "light", **options: Any) -> Path:
        """Write to ``path`` in the format of its suffix."""
        path = Path(path)
        colors = options.pop("colors", dict(self.colors))
        format = format_of(path, type(self.figure))
        path.write_bytes(write(self.figure, format, theme=theme, colors=colors, **options))
        return path

    def _write(self, format: str, **options: Any) -> bytes:
        theme = "light" if self.theme == "auto" else self.theme
        return write(self.figure, format, theme=theme, colors=dict(self.colors), **options)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """What Jupyter, Visual Studio Code and their like choose from, as IPython asks for it.

        PDF and PNG cost time and space: they are there when ``include`` names them
        (``display(drawing, include=["application/pdf"])``), or when ``InlineBackend.figure_formats`` has ``pdf`` or
        ``png``, as notebooks that become LaTeX are set up. So is the LaTeX of a table, which MyST takes for a formula.
        """
        asked = frozenset(include or ()) | _figure_formats()
        bundle: dict[str, Any] = {"text/plain": self.text(), "text/html": self.html()}
        if isinstance(self.figure, Graph | Scene):
            bundle["image/svg+xml"] = self._write("svg").decode()
            bundle |= {media: self._write(name) for media, name in FILES.items() if media in asked}
            if self.theme != "auto":  # one picture for all; pages that hold SVG but no styles can show it
                del bundle["text/html"]
        else:
            worded = replace(self, figure=_worded(self.figure))
            bundle["text/markdown"] = worded._write("markdown").decode()  # becomes a table of LaTeX as well
            if "text/latex" in asked:
                bundle["text/latex"] = self._write("latex").decode()
        wanted = set(include or bundle) - set(exclude or ())
        return {media: data for media, data in bundle.items() if media in wanted}

    def _repr_html_(self) -> str | None:
        """For what shows objects and does not ask as IPython does: galleries of Sphinx, Streamlit, marimo.

        None where the bundle has no markup either, or IPython would add it there.
        """
        return self.html() if self.theme == "auto" or isinstance(self.figure, Table) else None

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        """One line: that of a figure's data would fill a terminal."""
        return f"<Drawing of {self.figure.title!r}: {self.view or type(self.figure).__name__.lower()}>"


def _worded(table: Table) -> Table:
    """``table`` with words in place of signs, which the fonts of LaTeX lack."""

    def of_cell(cell: Cell) -> Cell:
        sign = bool(cell.title) and len(cell.text) == 1
        return replace(cell, text=cell.value, title="") if sign and isinstance(cell.value, str) else cell

    def of_row(row: Row) -> Row:
        return replace(row, cells=tuple(map(of_cell, row.cells)))

    return replace(table, rows=tuple(map(of_row, table.rows)), totals=tuple(map(of_row, table.totals)))


def _figure_formats() -> frozenset[str]:
    """Media types of the formats that the running notebook is set up to keep of figures."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    told = getattr(shell, "config", {}).get("InlineBackend", {}).get("figure_formats", ())
    names = set(re.findall(r"\w+", told)) if isinstance(told, str) else set(told)
    return frozenset(media for media, name in FILES.items() if name in names)

"""The program on one screen: describe → draw → write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import registry
from .errors import OptionError
from .figure import Figure, Graph, Scene
from .options import resolve, suggest
from .spec import ArchSpec


def describe(
    target: str,
    *,
    arguments: str = "",
    input_shape: str = "",
    path: Sequence[str] = (),
    python: str = "",
    backend: str = "",
    env: Mapping[str, str] | None = None,
    timeout: float = 300.0,
) -> ArchSpec:
    """Build the model that ``target`` names in a worker process and read its architecture.

    ``path``: directories put on the import path. ``python``: interpreter of the worker, by default this one.
    ``timeout``: seconds. Raises :class:`.KerasarchError` of the class that names the cause.
    """
    from .inspector import Inspector, Request

    request = Request(target=target, arguments=arguments, input_shape=input_shape, backend=backend)
    with Inspector(path=tuple(path), python=python, env=dict(env or {}), timeout=timeout) as inspector:
        return inspector.describe(request).spec


def draw(spec: ArchSpec, view: str, **options: Any) -> Drawing:
    """The figure of a view. Raises :class:`.OptionError` for an unknown view or option."""
    record = registry.view(view)
    return Drawing(record.draw(spec, **resolve(record.options, options, f"view {view!r}")), view)


def write(figure: Figure, format: str, *, theme: str = "light", **options: Any) -> bytes:
    """The bytes of a figure in a format; a Graph is given its places when the format needs a Scene."""
    record = registry.format(format)
    if isinstance(figure, Graph) and Graph not in record.accepts:
        from .layout import arrange

        figure = arrange(figure)
    if not isinstance(figure, record.accepts):
        kind = type(figure)
        fitting = [name for name in registry.format_names() if kind in registry.format(name).accepts]
        raise OptionError(
            f"Format {format!r} does not write a {kind.__name__.lower()}.",
            advice=f"Take one of {', '.join(fitting)}.",
            data={"format": format},
        )
    return record.write(figure, theme=theme, **resolve(record.options, options, f"format {format!r}"))


def format_of(path: Path) -> str:
    """Name of the format with the suffix of ``path``."""
    suffixes = {
        suffix: name
        for name in registry.format_names()
        for suffix in (registry.format(name).suffix, *registry.format(name).aliases)
    }
    if path.suffix.lower() not in suffixes:
        raise OptionError(
            f"No format writes files that end in {path.suffix or 'nothing'!r}.",
            advice=suggest(path.suffix, suffixes),
            data={"path": path.name},
        )
    return suffixes[path.suffix.lower()]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure with the ways to look at it."""

    figure: Figure
    view: str = ""

    def svg(self, theme: str = "light") -> str:
        return write(self.figure, "svg", theme=theme).decode()

    def text(self) -> str:
        return write(self.figure, "text").decode()

    def save(self, path: str | Path, *, theme: str = "light", **options: Any) -> Path:
        """Write to ``path`` in the format of its suffix."""
        path = Path(path)
        path.write_bytes(write(self.figure, format_of(path), theme=theme, **options))
        return path

    def _repr_svg_(self) -> str | None:
        return self.svg() if isinstance(self.figure, Graph | Scene) else None

    def __str__(self) -> str:
        return self.text()

"""What a page asks for, and what came of it where nothing can be shown.

Named tuples: they pickle small and cost a tenth of a dataclass when a host is loaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ...wire.question import Request

Source = tuple[str, str, str, str, str, str, str]
"""Target, arguments, input shape, interpreter, layers to open, custom objects, whether weights are read: what tells
one description from another within a build."""


class Failure(NamedTuple):
    """A :class:`.KerasarchError` at rest: picklable, comparable."""

    slug: str
    message: str
    advice: str = ""
    traceback: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.message} {self.advice}".strip()


class ModelRequest(NamedTuple):
    """One directive."""

    docname: str
    location: str
    """``file:line``, as a warning prints it; in a docstring ``file.py:docstring of module.name:line``."""
    directive: str
    """Name as written, ``keras-graph``."""
    target: str
    """As written."""
    file: str = ""
    """Absolute path, when the target is a saved model."""
    arguments: str = ""
    input_shape: str = ""
    python: str = ""
    """Interpreter of this model's worker; empty for the configured one."""
    open: str = ""
    custom_objects: str = ""
    weights: str = ""
    """``yes`` where numbers of the weights are asked for."""
    views: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    """Options for the views, as written: checked when the figures are drawn."""
    theme: str = ""
    """Empty for the configured one."""
    alt: str = ""
    width: str = ""
    """Displayed width in per cent, empty for the natural size."""
    align: str = ""
    classes: tuple[str, ...] = ()
    """For the image."""
    problems: tuple[Failure, ...] = ()
    """What was wrong with the directive itself."""

    @property
    def source(self) -> Source:
        return (
            self.file or self.target,
            self.arguments,
            self.input_shape,
            self.python,
            self.open,
            self.custom_objects,
            self.weights,
        )


def worker_request(source: Source, backend: str, custom_objects: Iterable[str]) -> Request:
    """What the worker is asked. ``custom_objects``: those that every saved model of the site may need."""
    from ...wire.question import Request

    target, arguments, input_shape, _, opened, own_objects, weights = source
    objects = ", ".join(filter(None, (*custom_objects, own_objects)))
    return Request(target, arguments, input_shape, backend, opened, objects, bool(weights))


def by_interpreter(sources: Iterable[Source]) -> dict[str, list[Source]]:
    """Those for each worker that is needed; under ``""`` those for that of the site."""
    groups: dict[str, list[Source]] = {}
    for source in sources:
        groups.setdefault(source[3], []).append(source)
    return groups

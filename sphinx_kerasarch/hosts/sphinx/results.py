"""What a build shows for each view of each directive; drawn on first demand, remembered where it can be."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ..page.failures import located
from ..page.request import Failure, ModelRequest, Source
from . import failures, memory
from .collect import Data
from .memory import Picture, Settled

if TYPE_CHECKING:
    from ...figure import Table
    from .describing import Describing


class Order(NamedTuple):
    """How a builder wants its pictures."""

    format: str
    theme: str
    inline: bool = False
    colors: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Own colours, see :func:`.config.colors`."""
    roles: tuple[tuple[str, str], ...] = ()
    """Categories of layer classes."""
    labels: tuple[tuple[str, str], ...] = ()
    """What layers are called, the last that fits wins."""
    fonts: tuple[tuple[str, str], ...] = ()
    """Files of further fonts, each with a digest of its content."""


class Inline(NamedTuple):
    markup: str
    """An ``svg`` element."""


@dataclass(slots=True)
class Results:
    order: Order
    kind: str
    """Format of the builder: ``html``, ``latex``, ``text``, …"""
    folder: Path
    """Of the pictures."""
    data: Data
    describing: Describing
    stamp: str
    """Of the code that draws, see :func:`.memory.drawing_stamp`."""
    known: dict[Source, Settled | Failure] = field(default_factory=dict)
    drawn: dict[tuple[ModelRequest, int, str], Picture | Inline | Table | Failure] = field(
        default_factory=dict
    )

    def failures(self, request: ModelRequest) -> tuple[Failure, ...]:
        """What keeps the whole directive from being shown."""
        if request.problems:
            return request.problems
        found = self.known.get(request.source)
        return (located(request, found, "the source directory"),) if isinstance(found, Failure) else ()

    def spoiled(self, request: ModelRequest) -> bool:
        """Whether a figure of the directive is known to fail. Draws nothing."""
        drawn = (self.drawn.get((request, index, self.order.format)) for index in range(len(request.views)))
        return bool(self.failures(request)) or any(isinstance(item, Failure) for item in drawn)

    def state(self, request: ModelRequest) -> str:
        """Changes when the directive is to show something else."""
        found = self.known.get(request.source)
        if isinstance(found, Settled):
            return f"{found.digest} {self.stamp} {' '.join(found.files)}"
        return f"failure {found}"

    def content(
        self, request: ModelRequest, index: int, format: str = ""
    ) -> Picture | Inline | Table | Failure:
        """What to show for a described model; ``format``: of a picture, by default the one the builder prefers."""
        place = (request, index, format or self.order.format)
        if place not in self.drawn:
            try:
                self.drawn[place] = self._content(*place)
            except Exception as error:  # a view may come from a third party; no figure may stop a build
                self.drawn[place] = failures.failure_of(error)
        return self.drawn[place]

    def remembered(self, requests: Iterable[ModelRequest]) -> Iterator[Picture]:
        """Pictures of earlier builds that the pages show."""
        for request in requests:
            if isinstance(settled := self.known.get(request.source), Settled):
                for index in range(len(request.views)):
                    _, key = self._asked(settled, request, index, self.order.format)
                    if (found := self.data["pictures"].get(key)) is not None:
                        yield found

    def _asked(self, settled: Settled, request: ModelRequest, index: int, format: str) -> tuple[Order, str]:
        """How a picture is wanted, and the key under which it is remembered."""
        theme = request.theme or self.order.theme
        plain = "light" if theme == "auto" else theme
        order = self.order._replace(format=format, theme=plain, inline=theme == "auto" and self.order.inline)
        asked = (settled.digest, request.directive, request.views, index, request.options, order, self.stamp)
        return order, hashlib.sha256(f"{request.target} {asked}".encode()).hexdigest()

    def _content(self, request: ModelRequest, index: int, format: str) -> Picture | Inline | Table:
        settled = self.known[request.source]
        assert isinstance(settled, Settled)
        order, key = self._asked(settled, request, index, format)
        found = self.data["pictures"].get(key)
        if found is not None and not order.inline and memory.is_whole(Path(found.path)):
            return found
        from .draw import draw


        content = draw(
            self.describing.spec(request.source),
            settled.digest,
            request,
            index,
            order,
            self.folder,
            self.describing,
        )
        if isinstance(content, Picture):
            self.data["pictures"][key] = content
        return content

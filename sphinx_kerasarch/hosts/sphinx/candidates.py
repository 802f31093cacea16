"""A picture in every format that builders take, each drawn when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .memory import Picture

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment

    from ..page.request import ModelRequest
    from .results import Results

MEDIA: Mapping[str, str] = {"image/svg+xml": "svg", "application/pdf": "pdf", "image/png": "png"}
"""Media type, as builders name what they take, → format."""


class Candidates(dict[str, str]):
    """Media type → path, as Sphinx's builders look for them in an image.

    All formats are told, but a builder takes one: drawing three would treble the work of a build. Whoever looks at a
    path gets a file that is there; a format in which the figure cannot be drawn disappears on that occasion.
    """

    def __init__(self, env: BuildEnvironment, results: Results, request: ModelRequest, index: int) -> None:
        super().__init__(dict.fromkeys(MEDIA, ""))
        self._place = (env, results, request, index)

    def get(self, media: str, default: Any = None) -> Any:
        path = super().get(media, default)
        if path == "" and media in MEDIA:
            env, results, request, index = self._place
            content = results.content(request, index, MEDIA[media])
            if not isinstance(content, Picture):
                del self[media]
                return default
            path = self[media] = content.path
            env.images.add_file(request.docname, path)
        return path

    def __getitem__(self, media: str) -> str:
        if (path := self.get(media)) is None:
            raise KeyError(media)
        return str(path)

    def items(self) -> Any:
        return self._drawn().items()

    def values(self) -> Any:
        return self._drawn().values()

    def __iter__(self) -> Iterator[str]:
        # Its presence makes dict() and | ask for each item instead of copying the empty paths.
        return iter(list(super().keys()))

    def copy(self) -> Candidates:
        return self

    def __deepcopy__(self, memo: object) -> Candidates:
        return self

    def __reduce__(self) -> Any:
        return (dict, (self._drawn(),))

    def __repr__(self) -> str:
        return repr({media: path or "…" for media, path in super().items()})

    def _drawn(self) -> dict[str, str]:
        found = ((media, self.get(media)) for media in self)
        return {media: path for media, path in found if path is not None}

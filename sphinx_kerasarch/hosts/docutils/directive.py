"""The directives for plain docutils: the same skeleton as in Sphinx, and a transform that fills it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import Directive

from ..page.directive import Written, read
from ..page.request import Failure, ModelRequest
from .fill import Fill
from .site import Site
from .skeleton import AnyOption, content, skeleton


def directive_of(site: Site) -> type[Directive]:
    """The directive class of a site; the name as written says which view."""

    class KerasModel(Directive):
        required_arguments = 0  # its absence is our error, with advice
        optional_arguments = 1
        final_argument_whitespace = True
        has_content = True
        option_spec: ClassVar[Any] = AnyOption()

        def run(self) -> list[nodes.Node]:
            return _run(self, site)

    return KerasModel


def _run(directive: Directive, site: Site) -> list[nodes.Node]:
    problems: list[Failure] = []
    caption, legend = content(directive, problems)
    source, line = directive.state_machine.get_source_and_line(directive.lineno)
    docs = Path(site.session.values["docs"])
    page = Path(source or "").resolve() if source and Path(source).suffix else docs / "page"

    def find(text: str) -> str:
        """As in Sphinx: from the document's folder, with a leading slash from that of all pages."""
        base = docs if text.startswith("/") else page.parent
        return str((base / text.lstrip("/")).resolve())

    written = Written(
        directive.name,
        directive.arguments[0] if directive.arguments else "",
        {name: text or "" for name, text in directive.options.items()},
        f"{source}:{line}",
        page.relative_to(docs).as_posix() if page.is_relative_to(docs) else page.name,
    )
    values = site.session.values
    request, told, _ = read(written, find, values["views"], values["options"], site.limits)
    request = request._replace(problems=(*request.problems, *problems))

    def place(kind: str) -> Any:
        def made(request: ModelRequest, index: int) -> nodes.Element:
            details = {"site": site, "request": request, "view": index, "kind": kind}
            pending = nodes.pending(Fill, details)
            directive.state.document.note_pending(pending)
            return pending

        return made

    return skeleton(directive, request, told, caption, legend, place("content"), place("note"))

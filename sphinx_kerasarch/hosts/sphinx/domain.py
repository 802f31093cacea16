"""The domain ``keras``: models that can be referred to, and the store of what the directives ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from typing import TYPE_CHECKING, Any, cast

from docutils.nodes import Element
from sphinx.domains import Domain, ObjType
from sphinx.locale import _
from sphinx.roles import XRefRole
from sphinx.util import logging
from sphinx.util.nodes import make_refnode

from ..page.request import ModelRequest
from . import collect
from .collect import Data, ObjectEntry

if TYPE_CHECKING:
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.builders import Builder
    from sphinx.environment import BuildEnvironment

    from ..page.trust import Limits
    from .early import EarlyWorker
    from .results import Results

logger = logging.getLogger(__name__)


class KerasDomain(Domain):
    """``:keras:model:`pkg.module:factory```, or only the factory's name where that is unique."""

    name = "keras"
    label = "Keras"
    object_types = {"model": ObjType(_("Keras model"), "model")}  # noqa: RUF012
    roles = {"model": XRefRole(warn_dangling=True)}  # noqa: RUF012
    dangling_warnings = {"model": "there is no Keras model %(target)r in this documentation"}  # noqa: RUF012
    initial_data = collect.initial_data()
    data_version = 3

    early: EarlyWorker | None = None
    """Of the running build; never pickled."""
    results: Results | None = None
    """Of the running build; never pickled."""
    limits: Limits | None = None
    """What pages may name in the running build; never pickled."""

    @property
    def collected(self) -> Data:
        return cast(Data, self.data)

    def note_request(self, request: ModelRequest) -> None:
        self.collected["requests"].setdefault(request.docname, []).append(request)

    def note_object(self, entry: ObjectEntry) -> None:
        self.collected["objects"].setdefault(entry.docname, []).append(entry)

    def clear_doc(self, docname: str) -> None:
        collect.purge(self.collected, docname)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        collect.merge(self.collected, docnames, cast(Data, otherdata))

    def entries(self) -> Iterator[ObjectEntry]:
        """Every model by its ``keras-model``; for want of one that is shown by its first shorthand, or as it is."""
        objects = self.collected["objects"]
        named: dict[str, list[ObjectEntry]] = {}
        for docname in sorted(objects):
            for entry in objects[docname]:
                named.setdefault(entry.name, []).append(entry)
        spoiled = self._spoiled() if any(len(entries) > 1 for entries in named.values()) else set()
        for entries in named.values():
            shown = [entry for entry in entries if entry.location not in spoiled]
            whole = [entry for entry in shown if entry.whole]
            yield from whole or shown[:1] or entries[:1]

    def _spoiled(self) -> set[str]:
        """Locations of the directives that are known to fail."""
        return {
            request.location
            for request in collect.requests(self.collected)
            if request.problems or (self.results is not None and self.results.spoiled(request))
        }

    def check_consistency(self) -> None:
        """Warn of models described twice; here, because parallel readers see only their own documents."""
        seen: dict[str, ObjectEntry] = {}
        for entry in self.entries():
            first = seen.setdefault(entry.name, entry)
            if first is not entry:
                logger.warning(
                    "Keras model %r is described twice, first at %s. Put :no-index: into one of them.",
                    entry.name,
                    first.location,
                    location=entry.location,
                    type="kerasarch",
                    subtype="duplicate",
                )

    def find(self, target: str) -> ObjectEntry | None:
        """The model called ``target``: its full name, or an unambiguous end of it."""
        found = self.matches(target)
        return found[0] if len(found) == 1 else None

    def matches(self, target: str) -> list[ObjectEntry]:
        """The models that ``target`` may mean, each once."""
        entries = {entry.name: entry for entry in reversed(list(self.entries()))}
        if target in entries:
            return [entries[target]]
        return [
            entries[name]
            for name in sorted(entries)
            if name.partition("(")[0].endswith((f":{target}", f".{target}"))
            or name.partition("(")[0] == target
        ]

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: Element,
    ) -> Any:
        entry = self.find(target)
        if entry is None:
            return None
        return make_refnode(builder, fromdocname, entry.docname, entry.anchor, contnode, entry.name)

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: pending_xref,
        contnode: Element,
    ) -> list[tuple[str, Any]]:
        found = self.resolve_xref(env, fromdocname, builder, "model", target, node, contnode)
        return [] if found is None else [("keras:model", found)]

    def get_objects(self) -> Iterable[tuple[str, str, str, str, str, int]]:
        for entry in self.entries():
            yield entry.name, entry.name, "model", entry.docname, entry.anchor, 1


def say_ambiguous(app: Sphinx, domain: Domain | None, node: pending_xref) -> bool | None:
    """Handler of ``warn-missing-reference``: a name that fits several models is not one that is missing."""
    if not isinstance(domain, KerasDomain):
        return None
    target = node["reftarget"]
    names = [entry.name for entry in domain.matches(target)]
    if len(names) < 2:
        return None
    logger.warning(
        "The Keras model %r is ambiguous: write %s or %s.",
        target,
        ", ".join(map(repr, names[:-1])),
        repr(names[-1]),
        location=node,
        type="ref",
        subtype="model",
    )
    return True

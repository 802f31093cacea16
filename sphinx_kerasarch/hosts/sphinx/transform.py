"""The post-transform: apart from what it does, so that a build without figures never loads that."""

from __future__ import annotations

from typing import Any, cast

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from .domain import KerasDomain
from .nodes import kerasarch_note, kerasarch_placeholder


class FillPlaceholders(SphinxPostTransform):
    """Runs before references are resolved and images gathered; may run several times on a document."""

    default_priority = 8

    def run(self, **kwargs: Any) -> None:
        notes = list(self.document.findall(kerasarch_note))
        places = list(self.document.findall(kerasarch_placeholder))
        if not notes and not places:
            return
        from .fill import Filler

        filler = Filler(self.env, cast(KerasDomain, self.env.get_domain("keras")).results)
        for note in notes:
            filler.note(note)
        for place in places:
            filler.place(place)


class NameOnce(SphinxPostTransform):
    """Furo wraps tables after us and gives the wrapper all attributes of the table, also its anchors."""

    default_priority = 510
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        for table in self.document.findall(nodes.table):
            wrapper = table.parent
            if "kerasarch" in table["classes"] and isinstance(wrapper, nodes.container):
                wrapper["ids"] = [name for name in wrapper["ids"] if name not in table["ids"]]

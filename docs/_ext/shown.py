"""``.. shown::``: what is written in it, first as source and then as what it makes."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class Shown(SphinxDirective):
    has_content = True

    def run(self) -> list[nodes.Node]:
        text = "\n".join(self.content)
        source = nodes.literal_block(text, text, language="rst")
        self.set_source_info(source)
        made = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, made)
        return [source, *made.children]


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_directive("shown", Shown)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Names in LaTeX as docutils nodes: places to break them, signs that no font has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from docutils import nodes

from ... import escape

SAFE = frozenset("–—‘’“”…×−└\u00a0") | escape.LATIN
"""Beyond ASCII, what the preambles of docutils and Sphinx and the standard fonts know in every engine."""


def words(text: str) -> list[nodes.Node]:
    """``text`` with places to break after ``_``, ``/`` and ``.``, and with its rare signs made safe."""
    result: list[nodes.Node] = []
    for part in re.findall(r"[^_/.]+[_/.]*|[_/.]+", escape.line(text)):
        if result:
            result.append(nodes.raw("", r"\allowbreak{}", format="latex"))
        result.extend(_signs(part))
    return result


def _unsafe(text: str) -> bool:
    return any(ord(char) > 0x7F and char not in SAFE for char in text)


def _signs(text: str) -> Iterator[nodes.Node]:
    for number, run in enumerate(re.findall(r"[\x00-\x7f]+|[^\x00-\x7f]", text)):
        if _unsafe(run):
            # TeX reads no line of more than 200 000 bytes.
            end = "{}%\n{}" if number % 40 == 39 else ""
            yield nodes.raw("", escape.latex_sign(run) + end, format="latex")
        else:
            yield nodes.Text(run)


def plain(text: str) -> str:
    """For text blocks that hold no markup: what LaTeX may not know becomes its escape, ``\\u5c42``."""
    return "".join(
        char.encode("ascii", "backslashreplace").decode() if _unsafe(char) else char for char in escape.lines(text)
    )

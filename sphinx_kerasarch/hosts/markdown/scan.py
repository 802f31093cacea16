"""Blocks and fences found in the lines of a page, before any other extension can take them apart.

::

    /// keras-model | mypkg.models:build_lenet        ```keras-model mypkg.models:build_lenet
        views: layered, graph                         views: layered, graph
        name: lenet
                                                      The caption.
    The caption.                                      ```
    ///

Both become one line with a mark, indented as they were, for which Python-Markdown's own parser then finds the place:
in a list, in a quotation, in a tab. Other fences are passed over, so that a page can show how a block is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MARK = "\x02kerasarch:{}\x03"
"""Holds characters that Python-Markdown has taken out of every page, so that no author can write it."""
MARKED = re.compile(r"\x02kerasarch:(\d+)\x03")

_PREFIX = r"(?P<prefix>(?:[ \t]*>)*[ \t]*)"
_NAME = r"(?P<name>keras-[a-z][a-z-]*)"
BLOCK = re.compile(rf"{_PREFIX}(?P<sign>/{{3,}})[ \t]*{_NAME}[ \t]*(?:\|(?P<target>.*))?")
FENCE = re.compile(rf"{_PREFIX}(?P<sign>`{{3,}}|~{{3,}})[ \t]*{_NAME}(?P<target>[ \t][^`]*)?")
HOLDING = re.compile(r"\s*(?:[-+*]\s|\d+[.)]\s|!!!|\?\?\?|===|/{3,}|:|\[\^[^\]]+\]:)")
"""Beginning of what has indented lines inside: lists, admonitions, tabs, blocks, definitions, footnotes."""
ANY_FENCE = re.compile(rf"{_PREFIX}(?P<sign>`{{3,}}|~{{3,}})[^`]*")


@dataclass(frozen=True, slots=True)
class Found:
    """A block or a fence as written."""

    name: str
    """``keras-graph``"""
    target: str
    lines: tuple[str, ...]
    """What is inside, without the indentation of the block itself."""
    line: int
    """Of its first line, from 1."""
    source: str
    """All of it, without that indentation."""
    fence: bool
    closed: bool
    code: bool = False
    """Whether its indentation makes it code, as far as the lines tell: only Python-Markdown knows for sure."""


def scan(lines: Sequence[str]) -> tuple[list[str], list[Found]]:
    """The page with a mark for each block, and the blocks."""
    result: list[str] = []
    found: list[Found] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        opening = BLOCK.fullmatch(line) or FENCE.fullmatch(line)
        other = None if opening else ANY_FENCE.fullmatch(line)
        if opening is None and other is None:
            result.append(line)
            index += 1
            continue
        head = opening or other
        assert head is not None
        prefix = head["prefix"]
        end = _end(lines, index + 1, head["sign"])
        inside = lines[index + 1 : end]
        if opening is None:
            result += lines[index : end + 1]
        else:
            held = tuple(_without(line, prefix) for line in inside)
            source = "\n".join(_without(line, prefix) for line in lines[index : end + 1])
            target = (opening["target"] or "").strip()
            blank = prefix.rstrip()
            result += [blank, prefix + MARK.format(len(found)), blank]
            is_fence = opening["sign"][0] != "/"
            closed = end < len(lines)
            code = _is_code(lines, index)
            found.append(Found(opening["name"], target, held, index + 1, source, is_fence, closed, code))
        index = end + 1
    return result, found


def _end(lines: Sequence[str], start: int, sign: str) -> int:
    """Number of the closing line; the end of the page when there is none, as in CommonMark."""
    more = re.escape(sign) if sign[0] == "/" else f"{re.escape(sign)}{re.escape(sign[0])}*"
    closing = re.compile(rf"[ \t>]*{more}[ \t]*")
    return next((index for index in range(start, len(lines)) if closing.fullmatch(lines[index])), len(lines))


def _indent(line: str) -> int:
    line = line.expandtabs(4)
    return len(line) - len(line.lstrip(" "))


def _is_code(lines: Sequence[str], index: int) -> bool:
    """Whether a line is deeper by four than anything that could hold it."""
    depth = _indent(lines[index])
    for line in reversed(lines[:index]):
        if depth < 4:
            return False
        if not line.strip() or _indent(line) >= depth:
            continue
        if HOLDING.match(line):
            return False
        if depth - _indent(line) >= 4:
            return True
        depth = _indent(line)
    return depth >= 4


def _without(line: str, prefix: str) -> str:
    if line.startswith(prefix):
        return line[len(prefix) :]
    return line.lstrip(" \t>") if not line.strip(" \t>") else line.lstrip()


def split(found: Found) -> tuple[str, str, str]:
    """Target, YAML of the options, caption and legend.

    Options of a block are indented lines directly below its head, as in pymdownx.blocks. In a fence they are the
    first lines up to an empty one, with the target before them unless it stands behind the name.
    """
    lines = list(found.lines)
    target = found.target
    if found.fence:
        if not target and lines:
            target = lines.pop(0).strip()
        end = next((index for index, line in enumerate(lines) if not line.strip()), len(lines))
    else:
        # An indented line further below, after an empty one, would be code of the caption.
        end = next((i for i, line in enumerate(lines) if not re.match(r"[ ]{4}|\t", line)), len(lines))
    return target, "\n".join(line.expandtabs(4) for line in lines[:end]), "\n".join(lines[end:]).strip("\n")

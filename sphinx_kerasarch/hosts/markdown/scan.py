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
from dataclasses import dataclass, replace
from typing import NamedTuple

MARK = "\x02kerasarch:{}\x03"
"""Holds characters that Python-Markdown has taken out of every page, so that no author can write it."""
MARKED = re.compile(r"\x02kerasarch:(\d+)\x03")

_PREFIX = r"(?P<prefix>(?:[ \t]*>)*[ \t]*)"
_NAME = r"(?P<name>(?i:keras-[a-z][a-z0-9-]*)(?![\w-]))"
BLOCK = re.compile(rf"{_PREFIX}(?P<sign>/{{3,}})[ \t]*{_NAME}[ \t]*(?:(?P<bar>\|)?(?P<target>.*))")
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
    bare: bool = False
    """Whether the bar before the model was forgotten."""
    code: bool = False
    """Whether its indentation makes it code, as far as the lines tell: only Python-Markdown knows for sure."""


class Parts(NamedTuple):
    """What is inside of a block."""

    target: str
    options: str
    """YAML."""
    line: int
    """Of the first option, on the page."""
    caption: str
    """With the legend, as Markdown."""


def lines_of(text: str) -> list[str]:
    """As Python-Markdown takes a page apart: at no other sign than the ends of lines of all systems."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def may_hold(text: str) -> bool:
    """Whether a look is worth while; most pages of a site have no block."""
    return "keras-" in text.lower()


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
        end, after = _end(lines, index + 1, head["sign"])
        if opening is None:
            after = after if end < len(lines) else index + 1  # without an end it is no fence but text
            result += lines[index:after]
        else:
            held = tuple(_without(line, prefix) for line in lines[index + 1 : end])
            source = "\n".join(_without(line, prefix) for line in lines[index:after])
            blank = prefix.rstrip()
            # A paragraph of its own; two empty lines would end a footnote.
            result += [blank] if result and result[-1].strip(" \t>") else []
            result.append(prefix + MARK.format(len(found)))
            result += [blank] if after < len(lines) and lines[after].strip(" \t>") else []
            is_fence = opening["sign"][0] != "/"
            target = (opening["target"] or "").strip()
            found.append(
                Found(
                    name=opening["name"].lower(),
                    target=target,
                    lines=held,
                    line=index + 1,
                    source=source,
                    fence=is_fence,
                    closed=after > end,
                    bare=not is_fence and bool(target) and not opening["bar"],
                    code=_is_code(lines, index),
                )
            )
        index = after
    return result, found


def placed(found: Sequence[Found], lines: Sequence[str], written: Sequence[str], offset: int) -> list[Found]:
    """``found`` in ``lines``, with the numbers that their first lines have in the file as it was ``written``.

    Front matter is taken off before and snippets are put in, so that the two are not the same. A block that a snippet
    brought keeps its number. ``offset`` is added to all numbers later.
    """
    result = []
    for one in found:
        head = lines[one.line - 1].strip()
        here = [number for number, line in enumerate(lines, 1) if line.strip() == head]
        there = [number for number, line in enumerate(written, 1) if line.strip() == head]
        same = len(here) == len(there)
        result.append(replace(one, line=there[here.index(one.line)] - offset) if same else one)
    return result


def _end(lines: Sequence[str], start: int, sign: str) -> tuple[int, int]:
    """Number of the closing line and of the one after it.

    Twice the same where there is none: the end of the page, as in CommonMark, or another block of ours, which is not to
    be lost with the first. Fences inside of a block are passed over.
    """
    more = re.escape(sign) if sign[0] == "/" else f"{re.escape(sign)}{re.escape(sign[0])}*"
    closing = re.compile(rf"[ \t>]*{more}[ \t]*")
    index = start
    while index < len(lines):
        line = lines[index]
        if closing.fullmatch(line):
            return index, index + 1
        another = BLOCK.fullmatch(line) or FENCE.fullmatch(line)
        if another and another["sign"] == sign:
            return index, index
        inner = ANY_FENCE.fullmatch(line) if sign[0] == "/" else None
        end, after = _end(lines, index + 1, inner["sign"]) if inner else (index, index + 1)
        index = after if after > end else index + 1
    return index, index


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
    """``line`` inside of what ``prefix`` stands for: an indentation, marks of quotations."""
    if line.startswith(prefix):
        return line[len(prefix) :]
    if not line.strip(" \t>"):
        return line.lstrip(" \t>")
    wide, width = line.expandtabs(4), len(prefix.expandtabs(4))
    return wide[width:] if not wide[:width].strip() else line.lstrip()


def split(found: Found) -> Parts:
    """Target, options, caption.

    Options of a block are indented lines directly below its head, as in pymdownx.blocks. In a fence they are the
    first lines up to an empty one, with the target before them unless it stands behind the name.
    """
    lines = list(found.lines)
    target, line = found.target, found.line + 1
    if found.fence:
        if not target and lines:
            target, line = lines.pop(0).strip(), line + 1
        end = next((index for index, text in enumerate(lines) if not text.strip()), len(lines))
    else:
        # An indented line further below, after an empty one, would be code of the caption.
        end = next((i for i, text in enumerate(lines) if not re.match(r"[ ]{4}|\t", text)), len(lines))
    options = "\n".join(text.expandtabs(4) for text in lines[:end])
    return Parts(target, options, line, "\n".join(lines[end:]).strip("\n"))

"""HTML that stands alone: a page, or a part of one, as notebooks show it.

A part brings its style sheet. All rules of it begin with a class made from its content, so that several on one page,
also beside figures of a site with a style sheet of its own, leave each other alone. Light colours become dark ones
where the page is dark; the picture has a ground of its own and can be read on any page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from xml.etree.ElementTree import Element, SubElement, tostring

from .. import escape
from ..figure import Cell, Column, Row, Scene, Table
from ..options import Option, flag
from ..registry import Format
from ..theme import DARK_BY_SYSTEM, DARK_PAGES, Palette, Theme, color, palette, tokens
from . import svg

NOTEBOOKS = (
    'body[data-jp-theme-light="false"]',
    "body.vscode-dark",
    "body.vscode-high-contrast:not(.vscode-high-contrast-light)",
    "html[theme=dark]",
    "body.quarto-dark",
)
"""JupyterLab and Notebook 7; Visual Studio Code, twice; Colab; Quarto."""

SCOPE = "\ue000"
"""Stands for the class of a part until its content is known."""

LONG_WORD = 16
"""Characters beyond which a browser may break a name anywhere; shorter ones stay whole."""

PICTURE = "&{margin:.5em 0}& svg{display:block;max-width:100%;height:auto}"
TABLE = """&{overflow-x:auto;margin:.5em 0}
& table{border-collapse:collapse;border:0;margin:0;font-size:13px;line-height:1.4;font-variant-numeric:tabular-nums}
& caption{caption-side:top;text-align:left;font-weight:600;padding:.3em .6em;color:inherit}
& th,& td{padding:.3em .6em;vertical-align:top;text-align:left;font-weight:400;background:none;border:0;\
border-bottom:1px solid var(--ka-clline);max-width:40em}
& tr{background:none;border:0}
& p{margin:0;font-size:inherit;line-height:inherit}
& thead th,& .kerasarch-layer,& .kerasarch-row-total>*{font-weight:600}
& .kerasarch-right{text-align:right;white-space:nowrap}
& .kerasarch-center{text-align:center}
& .kerasarch-long{overflow-wrap:anywhere;min-width:10em}
& .kerasarch-row-block .kerasarch-layer{font-style:italic}
& .kerasarch-row-total>*{border-top:2px solid var(--ka-clline)}
& abbr{text-decoration:none;border:0}
& tbody .kerasarch-layer>p{position:relative;padding-left:1.2em}
& tbody .kerasarch-layer>p::before{content:"";position:absolute;left:0;top:.4em;width:.65em;height:.65em;\
border-radius:2px}
& .kerasarch-row-block .kerasarch-layer>p::before{box-shadow:inset 0 0 0 1.5px var(--ka-clline)}
& .kerasarch-row-total .kerasarch-layer>p{padding-left:0}
& .kerasarch-note{font-size:12px;opacity:.85;padding:.4em .6em}"""
PAGE = """<!DOCTYPE html>
<html lang="en" style="color-scheme: {}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{}</title>
<style>body{{margin:2em auto;padding:0 1em;max-width:60em;font-family:{}}}</style>
</head>
<body{}>
{}</body>
</html>
"""


def write(figure: Scene | Table, *, theme: Theme = "light", part: bool = False, follow: bool = True) -> bytes:
    """``part``: what stands in a page, without the page. ``follow``: be dark where the page is."""
    chosen = palette(theme)
    follows = follow and chosen.theme == "light"
    markup = _table(figure, chosen, follows) if isinstance(figure, Table) else _picture(figure, chosen, follows)
    scope = f"ka{hashlib.sha256(markup.encode()).hexdigest()[:8]}"
    markup = markup.replace(SCOPE, scope)
    if not part:
        scheme = "light dark" if follows else "dark" if chosen.theme == "dark" else "light"
        by_system = ' data-theme="auto"' if follows else ""
        markup = PAGE.format(scheme, escape.xml(figure.title), svg.FONT, by_system, markup)
    return markup.encode("utf-8")


def _picture(scene: Scene, chosen: Palette, follows: bool) -> str:
    flavour = "themed" if follows else "static"
    drawn = svg.write(scene, theme=chosen, flavour=flavour, prefix=SCOPE).decode()
    rules = [PICTURE.replace("&", f".{SCOPE}")]
    if follows:
        used = frozenset(re.findall(r"[ \"]([fs]-[\w-]+)(?=[ \"])", " ".join(re.findall(r'class="[^"]*"', drawn))))
        names = {svg.class_of(token): token for token in tokens(chosen)}
        shown = [token for name, token in names.items() if {f"f-{name}", f"s-{name}"} & used]
        rules += _variables(f".{SCOPE} svg", shown, chosen, follows)
        rules += [
            f".{SCOPE} .{letter}-{svg.class_of(token)}{{{what}:var(--ka-{svg.class_of(token)})}}"
            for token in shown
            for letter, what in (("f", "fill"), ("s", "stroke"))
            if f"{letter}-{svg.class_of(token)}" in used
        ]
    return _part("".join(rules), drawn)


def _table(table: Table, chosen: Palette, follows: bool) -> str:
    place = Element("table")
    if table.title:
        SubElement(place, "caption").text = escape.line(table.title)
    fill(place, table)
    styles = sorted({row.style for row in table.rows if row.style})
    known = set(tokens(chosen))
    solid = [f"{style}.solid" for style in styles if f"{style}.solid" in known]
    rules = [TABLE.replace("&", f".{SCOPE}").replace("\n", "")]
    rules += [
        f".{SCOPE} .kerasarch-depth-{depth} .kerasarch-layer{{padding-left:{0.7 + 1.2 * depth:.1f}em}}"
        for depth in sorted({min(row.depth, 6) for row in table.rows} - {0})
    ]
    rules += _variables(f".{SCOPE}", ["clline", *solid], chosen, follows)
    rules += [
        f".{SCOPE} .kerasarch-is-{token.removesuffix('.solid')} .kerasarch-layer>p::before"
        f"{{background:var(--ka-{svg.class_of(token)})}}"
        for token in solid
    ]
    markup = tostring(place, encoding="unicode", method="html")
    if table.note:
        note = Element("p", {"class": f"kerasarch-note {escape.IGNORED}"})
        note.text = escape.line(table.note)
        markup += tostring(note, encoding="unicode", method="html")
    return _part("".join(rules), markup + "\n")


def _part(rules: str, content: str) -> str:
    return f'<div class="kerasarch-part {SCOPE} {escape.IGNORED}">\n<style>{rules}</style>\n{content}</div>\n'


def _variables(scope: str, shown: Iterable[str], chosen: Palette, follows: bool) -> list[str]:
    """Colours for light pages and for dark ones; on paper all are light."""
    dark = replace(chosen, theme="dark")

    def rule(selectors: Iterable[str], of: Palette) -> str:
        colours = ";".join(f"--ka-{svg.class_of(token)}:{color(token, of)}" for token in shown)
        return f"{','.join(selectors)}{{{colours}}}"

    shown = list(shown)
    if not follows:
        return [rule([scope], chosen)]
    on_dark = rule([f"{selector} {scope}" for selector in (*DARK_PAGES, *NOTEBOOKS)], dark)
    by_system = rule([f"{DARK_BY_SYSTEM} {scope}"], dark)
    return [
        rule([scope], chosen),
        f"@media screen{{{on_dark}}}",
        f"@media screen and (prefers-color-scheme:dark){{{by_system}}}",
    ]


# ---- the elements of a table, also for pages with a style sheet of their own ----------------------------------------


def row_classes(row: Row) -> list[str]:
    classes = [f"kerasarch-row-{row.kind}"]
    if row.style:
        classes.append(f"kerasarch-is-{row.style}")
    if row.depth:
        classes.append(f"kerasarch-depth-{min(row.depth, 6)}")
    return classes


def column_classes(column: Column) -> list[str]:
    return [f"kerasarch-{column.align}", f"kerasarch-{column.key}"]


def cell_classes(column: Column, cell: Cell) -> list[str]:
    long = any(len(word) > LONG_WORD for word in cell.text.split())
    return [*column_classes(column), *(["kerasarch-long"] if long else [])]


def fill(element: Element, table: Table) -> None:
    """Put head and rows into a ``table`` element."""
    head = SubElement(SubElement(element, "thead"), "tr")
    for column in table.columns:
        cell = SubElement(head, "th", {"class": " ".join(column_classes(column)), "scope": "col"})
        SubElement(cell, "p").text = escape.line(column.title)
    body = SubElement(element, "tbody", {"class": escape.IGNORED})
    for row in (*table.rows, *table.totals):
        line = SubElement(body, "tr", {"class": " ".join(row_classes(row))})
        for index, (entry, column) in enumerate(zip(row.cells, table.columns, strict=True)):
            attributes = {"class": " ".join(cell_classes(column, entry))}
            told = {"scope": "row", **attributes} if index == 0 else attributes
            cell = SubElement(line, "td" if index else "th", told)
            _words(SubElement(cell, "p"), entry)


def _words(place: Element, cell: Cell) -> None:
    if cell.title and len(cell.text) == 1:  # a sign
        place = SubElement(place, "abbr", {"title": escape.line(cell.title)})
    place.text = escape.line(cell.text)


FORMAT = Format(
    name="html",
    accepts=(Scene, Table),
    write=write,
    media_type="text/html",
    suffix=".html",
    options=(
        Option("part", flag, False, "Only what stands in a page, without the page around it."),
        Option("follow", flag, True, "Light colours become dark where the page or the reader's system is dark."),
    ),
    aliases=(".htm",),
)

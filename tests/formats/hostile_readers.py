"""A reader for each format, with a real parser: which texts are in a figure that was written, and nothing else."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import struct
import subprocess
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import markdown
import pypdf
from hostile_names import seen, words
from lxml import etree
from markdown_it import MarkdownIt
from PIL import Image

from sphinx_kerasarch.escape import LATEX_SIGN
from sphinx_kerasarch.figure import (
    Card,
    Cell,
    Cluster,
    Column,
    Figure,
    Graph,
    Group,
    Link,
    Path,
    Row,
    Scene,
    Table,
    Text,
)
from sphinx_kerasarch.formats.bidi import visual
from sphinx_kerasarch.formats.tikz import CLOSING, FIT, NEEDS, NEEDS_T1, OPENING, TIMES, WHOLE
from sphinx_kerasarch.layout.text import measure

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = frozenset({"svg", "title", "desc", "rect", "circle", "path", "text", "g", "image"})
ATTRIBUTES = frozenset(
    [
        "id",
        "width",
        "height",
        "viewBox",
        "role",
        "aria-labelledby",
        "aria-hidden",
        "font-family",
        "font-size",
        "font-weight",
        "stroke-linejoin",
        "stroke-linecap",
        "class",
        "d",
        "x",
        "y",
        "cx",
        "cy",
        "r",
        "rx",
        "fill",
        "stroke",
        "stroke-width",
        "stroke-dasharray",
        "opacity",
        "text-anchor",
        "textLength",
        "lengthAdjust",
        "transform",
        "preserveAspectRatio",
        "href",
        "data-ref",
    ]
)


# ---- figures that hold nothing but names


def table(names: Sequence[str]) -> Table:
    rows = [Row((Cell(name), Cell(name, name), Cell("1", 1))) for name in names]
    columns = (
        Column("layer", "Layer"),
        Column("connected", "Connected to"),
        Column("params", "Params", "right"),
    )
    return Table(
        names[0], columns, tuple(rows), (Row((Cell("Total"), Cell(""), Cell("1", 1)), 0, "total"),), names[-1]
    )


def graph(names: Sequence[str]) -> Graph:
    cards = [
        Card(f"{number} {name}", title=name, subtitle=name, detail=name, short=name, label=name, parent="c")
        for number, name in enumerate(names)
    ]
    links = tuple(Link(one.id, two.id, names[0]) for one, two in pairwise(cards))
    return Graph(
        names[0],
        tuple(cards),
        links,
        (Cluster("c", names[0], names[-1], label=names[0]),),
        description=names[0],
    )


def scene(names: Sequence[str], *, shown: int = 80) -> Scene:
    """``shown``: characters of a name that are drawn; its group tells all of it."""
    items = []
    for number, name in enumerate(names):
        drawn = name[:shown]
        text = Text(10, 14 + 16 * (number % 500), drawn, 12, 600, length=measure(drawn, 12, 600), ref=name)
        line = Path((("M", 0, 0), ("L", 9, 9)), None, "edge", ref=f"{name}->{name}")
        items.append(Group((text, line), name, "call", name))
    return Scene(
        600, 16 * min(len(names), 500) + 20, tuple(items), names[0], names[-1], notes=tuple(names[:2])
    )


# ---- what was written


def safe_svg(root: Any, namespace: str = SVG) -> None:
    """No script, no foreign object, no event, no address outside of the file."""
    for element in root.iter():
        assert isinstance(element.tag, str), "a comment or an instruction"
        assert element.tag.startswith(namespace) and element.tag.removeprefix(namespace) in ELEMENTS, (
            element.tag
        )
        for name, value in element.attrib.items():
            if name == "{http://www.w3.org/2000/xmlns/}xmlns":
                continue
            assert name in ATTRIBUTES, name
            if name == "href":
                assert value.startswith("data:image/png;base64,")
            elif name not in {"id", "aria-labelledby", "data-ref"}:
                assert "url(" not in value and "javascript" not in value.lower()


def svg(data: bytes) -> Any:
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    safe_svg(root)
    return root


def in_html(markup: str) -> Element:
    """The page with ``markup`` in it, as a browser reads it (HTML Living Standard, 13.2), twice."""
    first = html5lib.parse(
        f"<!doctype html><title>t</title><div>{markup}</div><p id=after></p>", namespaceHTMLElements=False
    )
    again = html5lib.serialize(
        first, quote_attr_values="always", omit_optional_tags=False, alphabetical_attributes=True
    )
    second = html5lib.parse(again, namespaceHTMLElements=False)
    assert (
        html5lib.serialize(
            second, quote_attr_values="always", omit_optional_tags=False, alphabetical_attributes=True
        )
        == again
    )
    assert first.find("body/p[@id='after']") is not None, "what follows is where it was"
    return first


HTML = frozenset(
    ["body", "div", "style", "figure", "figcaption", "table", "caption", "thead", "tbody", "tr", "th", "td", "p"]
)
INLINE = frozenset(["abbr", "span", "code", "pre", "em", "strong", "a", "img"])


def safe_html(markup: str) -> Element:
    """What we write in a page: elements that we know, no event, no address but our own."""
    page = in_html(markup)
    body = page.find("body")
    assert body is not None
    for element in body.iter():
        assert isinstance(element.tag, str)
        if element.tag.startswith("{"):
            continue
        assert element.tag in HTML | INLINE, element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on") and name != "srcdoc", name
            if name in {"href", "src"}:
                assert value.startswith(("#", "data:image/png;base64,", "_images/", "assets/")), value
    for drawing in body.iter(f"{SVG}svg"):
        safe_svg(drawing)
    return page


def read_svg(figure: Figure, names: Sequence[str], data: bytes) -> None:
    root = svg(data)
    expected = list(map(seen, names))
    if isinstance(figure, Scene):
        groups = root.findall(f"{SVG}g")
        assert [group.findtext(f"{SVG}title") or "" for group in groups] == expected
        assert [group.get("data-ref", "") for group in groups] == expected
        assert [group.findtext(f"{SVG}text") for group in groups] == [seen(name[:80]) for name in names]
    assert root.findtext(f"{SVG}title") == seen(names[0])
    inline = in_html(data.decode()).find(f"body/div/{SVG}svg")
    assert inline is not None
    safe_svg(inline)
    assert [e.text or "" for e in inline.iter(f"{SVG}text")] == [
        e.text or "" for e in root.iter(f"{SVG}text")
    ]


def read_pdf(figure: Figure, names: Sequence[str], data: bytes) -> None:
    assert isinstance(figure, Scene | Graph)
    reader = pypdf.PdfReader(io.BytesIO(data))
    (page,) = reader.pages
    assert reader.metadata is not None
    assert (reader.metadata.title or "") == seen(figure.title)
    for container in (reader.trailer["/Root"], page):
        assert not {"/OpenAction", "/AA", "/Names", "/Annots", "/AcroForm"} & set(container)
    content = page.get_contents()
    assert content is not None
    operators = {operator for _, operator in content.operations}
    assert b"INLINE IMAGE" not in operators
    if isinstance(figure, Scene):
        assert sum(operator == b"BT" for _, operator in content.operations) == len(
            [n for n in names if measure(n[:80], 12, 600) > 0]
        )


def read_png(figure: Figure, names: Sequence[str], data: bytes) -> None:
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
    at, kinds = 8, set()
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        kinds.add(kind)
        at += 12 + length
    assert kinds == {b"IHDR", b"pHYs", b"IDAT", b"IEND"}, "no texts in it"


PRESENTATION = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "p": "http://schemas.openxmlformats.org/presentationml/2006/main",
}


def short(name: str) -> str:
    """As the selection pane of PowerPoint has it."""
    return seen(name if len(name) <= 120 else f"{name[:119]}…")


def read_pptx(figure: Figure, names: Sequence[str], data: bytes) -> None:
    """Opened as a program does, and by the letter: no address, no action, each shape with an id of its own."""
    from pptx import Presentation  # which the oldest environments do not have

    assert isinstance(figure, Scene | Graph)
    opened = Presentation(io.BytesIO(data))
    (slide,) = opened.slides
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        roots = {name: etree.fromstring(parts.read(name)) for name in parts.namelist()}
    assert {name.rpartition(".")[2] for name in roots} == {"xml", "rels"}
    for name, root in roots.items():
        for element in root.iter():
            assert isinstance(element.tag, str), "a comment or an instruction"
            assert element.get("TargetMode", "Internal") == "Internal", name
    root = roots["ppt/slides/slide1.xml"]
    for element in root.iter():
        decorative = element.tag == "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
        assert decorative or etree.QName(element).namespace in PRESENTATION.values(), element.tag
        assert not [key for key in element.attrib if key.startswith("{")], "an address"
    ids = [one.get("id") for one in root.iterfind(".//p:cNvPr", PRESENTATION)]
    assert len(ids) == len(set(ids))
    assert opened.core_properties.title == seen(figure.title[:255])
    if isinstance(figure, Scene):
        groups = root.findall("p:cSld/p:spTree/p:grpSp", PRESENTATION)
        heads = [group.find("p:nvGrpSpPr/p:cNvPr", PRESENTATION) for group in groups]
        assert [head.get("name") for head in heads] == [short(name) if name else "call" for name in names]
        assert [head.get("descr", "") for head in heads] == list(map(seen, names))
        drawn = [group.findtext(".//a:t", "", PRESENTATION) for group in groups]
        shown = [seen(name[:80]) for name in names]
        assert drawn == [name if name.strip() else "" for name in shown]
        notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        told = [seen(name) for name in (figure.description, *figure.notes) if name]
        assert (notes.text if notes is not None else "") == "\n".join(told)


OPEN_DOCUMENT = {
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
}


def read_by_libreoffice(names: Sequence[str], data: bytes) -> None:
    """A slide of :func:`scene` as LibreOffice read it, in its own format (OpenDocument 1.3).

    Of 20 000 names it reads all but 30: where a mark of a Hebrew, Arabic or Indic script follows a sign beyond the
    first 65 536, version 7.4 loses that sign. None of the first 1 000 has that.
    """
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    (page,) = root.iterfind(".//draw:page", OPEN_DOCUMENT)
    assert not [one for one in root.iter() if "event-listener" in str(one.tag)]
    assert not list(page.iterfind(".//draw:a", OPEN_DOCUMENT)) + list(page.iterfind(".//text:a", OPEN_DOCUMENT))
    groups = page.findall("draw:g", OPEN_DOCUMENT)
    told = [group.get(f"{{{OPEN_DOCUMENT['draw']}}}name", "") for group in groups]
    assert [words(name) for name in told] == [words(short(name)) if name else "call" for name in names]
    shown = [" ".join(map(_paragraph, group.iterfind(".//text:p", OPEN_DOCUMENT))) for group in groups]
    assert list(map(words, shown)) == [words(seen(name[:80])) for name in names]


def _paragraph(element: Any) -> str:
    """Text in which runs of spaces are elements."""
    text = element.text or ""
    for child in element:
        text += " " if child.tag == f"{{{OPEN_DOCUMENT['text']}}}s" else _paragraph(child)
        text += child.tail or ""
    return text


def read_dot(figure: Figure, names: Sequence[str], data: bytes) -> None:
    """By Graphviz, which says what it drew; by pydot where there is none."""
    assert isinstance(figure, Graph)
    wanted = [seen(card.title)[:499] for card in figure.cards]
    if not shutil.which("dot"):
        import pydot

        (read,) = pydot.graph_from_dot_data(data.decode())
        (cluster,) = read.get_subgraphs()
        assert len([node for node in cluster.get_nodes() if node.get_name().startswith("n")]) == len(wanted)
        return
    done = subprocess.run(["dot", "-Tdot_json"], input=data, capture_output=True, check=True)
    assert not done.stderr, done.stderr[:500]
    read = json.loads(done.stdout)
    objects = read["objects"]
    nodes = [item for item in objects if item["name"].startswith("n")]
    assert {item["name"][0] for item in objects} == {"n", "c"}
    assert [
        node["label"].replace("&amp;", "&").replace("\\\\", "\\").split("\\n")[0][: len(title)]
        for node, title in zip(nodes, wanted, strict=True)
        if title and "\\n" not in title
    ] == [title for title in wanted if title and "\\n" not in title]
    assert all(
        set(node)
        <= {
            "_gvid",
            "name",
            "label",
            "shape",
            "fillcolor",
            "color",
            "fontcolor",
            "style",
            "fontname",
            "fontsize",
            "margin",
        }
        for node in nodes
    )


def plain(text: str) -> None:
    """Nothing that a terminal or an editor acts on."""
    for char in set(text) - {"\n"}:
        assert (
            unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp"} and char not in "\u202e\u2066\ufeff"
        ), repr(char)


def read_text(figure: Figure, names: Sequence[str], data: bytes) -> None:
    text = data.decode("utf-8")
    plain(text)
    lines = text.split("\n")
    if isinstance(figure, Table):
        body = lines[4 : 4 + len(names)]
        assert [line.startswith(seen(name).rstrip()) for line, name in zip(body, names, strict=True)] == [
            True
        ] * len(names)


def read_json(figure: Figure, names: Sequence[str], data: bytes) -> None:
    text = data.decode("ascii")
    assert not set("<>&\x7f") & set(text)
    read = json.loads(text)
    assert read["kind"] == type(figure).__name__.lower()
    found = {
        "table": lambda: [row["cells"][0]["text"] for row in read["rows"]],
        "graph": lambda: [card["title"] for card in read["cards"]],
        "scene": lambda: [item["label"] for item in read["items"]],
    }[read["kind"]]()
    assert found == [json.loads(json.dumps(name)) for name in names], "nothing is lost"


TAGS = frozenset(
    {"html", "head", "body", "div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "title"}
)


def read_markdown(figure: Figure, names: Sequence[str], data: bytes) -> None:
    """In two dialects, each with what makes most of a text."""
    text = data.decode("utf-8")
    plain(text)
    wanted = [words(seen(name)) for name in names]
    extensions = [
        "extra",
        "sane_lists",
        "smarty",
        "admonition",
        "toc",
        "pymdownx.tilde",
        "pymdownx.caret",
        "pymdownx.mark",
        "pymdownx.emoji",
        "pymdownx.magiclink",
        "pymdownx.arithmatex",
        "pymdownx.betterem",
    ]
    # Quotes and dashes are for the page's typographer.
    plainly = [name for name in extensions if name != "smarty"]
    other = MarkdownIt("gfm-like", {"html": True}).disable("linkify")
    for made in (markdown.markdown(text, extensions=plainly), other.render(text)):
        page = in_html(made)
        assert {element.tag for element in page.iter()} <= TAGS, {
            element.tag for element in page.iter()
        } - TAGS
        for element in page.iter():
            assert set(element.attrib) <= {"style", "id"} and element.get("style", "text-align").startswith(
                "text-align"
            )
        rows = page.findall(".//tbody/tr")
        assert [[words("".join(cell.itertext())) for cell in row][:2] for row in rows[: len(names)]] == [
            [name, name] for name in wanted
        ]
        assert len(rows) == len(names) + 1
    markdown.markdown(text, extensions=extensions)


def read_latex(figure: Figure, names: Sequence[str], data: bytes) -> None:
    """By a reader of the few commands that may be there; TeX itself reads in ``test_tex_sets_hostile_names``."""
    text = data.decode("utf-8")
    plain(text)
    body = text[text.index("\\midrule\n") + 9 : text.index("\n\\midrule", text.index("\\midrule\n") + 9)]
    rows = body.replace("%\n", "").split("\n")
    assert len(rows) == len(names)
    for row, name in zip(rows, names, strict=True):
        cells = re.split(r"(?<!\\) & ", row.removesuffix(r" \\"))
        assert len(cells) == 3, row[:200]
        shown = untex(cells[0])
        assert words(shown) == words(_as_tex_shows(seen(name))), (shown[:200], name[:200])
        assert cells[1].removeprefix("{}") == cells[0].removeprefix("{}")


COMMANDS = {
    "textbackslash": "\\",
    "textasciicircum": "^",
    "textasciitilde": "~",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textquotedbl": '"',
    "textquotesingle": "'",
    "textasciigrave": "`",
    "dots": "…",
    "kax": "×",
}
MATHS = {"$\\times$": "×", "$\\rightarrow$": "→", "$-$": "−"}
TOKEN = re.compile(
    r"\\kerasarchsign\{(?P<sign>.)\}\{(?P<code>[0-9A-F]+)\}\{FEFF[0-9A-F]+\}|\\(?P<name>[a-z]+)\{\}|\\(?P<char>[{}$&#%_])"
    r"|(?P<maths>\$(?:\\times|\\rightarrow|-)\$)|(?P<empty>\{\})|(?P<dash>--)|(?P<plain>[^\\{}$&#%^~_])|(?P<tie>~)",
    re.DOTALL,
)


def untex(text: str) -> str:
    found, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        assert match is not None, text[at : at + 40]
        kind, value = match.lastgroup, match[match.lastgroup or 0]
        if kind == "code":
            assert ord(match["sign"]) == int(value, 16)
            found.append(match["sign"])
        else:
            found.append(
                {
                    "name": lambda v: COMMANDS[v],
                    "maths": lambda v: MATHS[v],
                    "empty": lambda v: "",
                    "dash": lambda v: "–",
                    "tie": lambda v: "\u00a0",
                }.get(kind or "", str)(value)
            )
        at = match.end()
    return "".join(found)


def _as_tex_shows(text: str) -> str:
    for char, shown in {"\ufffd": "?", "●": "yes", "○": "no", "◐": "part", "└": "|–"}.items():
        text = text.replace(char, shown)
    return text


NUMBER = r"-?\d+(?:\.\d\d?)?"
POINT = rf"\({NUMBER},{NUMBER}\)"
STEP = rf"{POINT}|-- {POINT}|-- cycle|\.\. controls {POINT} and {POINT} \.\. {POINT}|rectangle {POINT}"
STEPS = rf"(?: (?:{STEP}|circle\[radius={NUMBER}bp\]|\[rounded corners={NUMBER}bp\]|\[sharp corners\]))+;?"
CHOICE = rf"ka\w+|(?:fill|draw)=ka\w+|(?:line width|rounded corners)={NUMBER}bp|opacity={NUMBER}"
DASH = rf"dash pattern=(?:on|off) {NUMBER}bp(?: (?:on|off) {NUMBER}bp)*"
FONT = r"\\normalfont(?:\\sffamily)?(?:\\bfseries)?\\fontsize\{[\d.]+\}\{[\d.]+\}\\selectfont"
TIKZ = re.compile(
    "|".join(
        [
            r"% [\w.,()/+ -]*",
            r"\\(?:begin|end)\{scope\}",
            rf"  ka[\d.]+b?/\.style=\{{font={FONT}\}},",
            r"\\providecolor\{ka\w+\}\{HTML\}\{[0-9A-F]{6}\}",
            rf"\\(?:fill|draw|filldraw)\[(?:(?:{CHOICE}|{DASH}),?)+\]{STEPS}",
            rf" {STEPS}",
        ]
    ),
    re.ASCII,
)
"""Lines of a drawing with nothing in them that came from outside, but the words of a comment."""
NODE = re.compile(
    rf"\\node\[ka\w+,ka[\d.]+b?(?:,anchor=base(?: east)?)?\] at {POINT} \{{\\kafit\{{{NUMBER}\}}\{{(.*)\}}\}};",
    re.DOTALL,
)


def tikz_texts(data: bytes) -> list[str]:
    """What the nodes say. Every other line is one that we know, or has numbers in it and nothing else."""
    text = data.decode("utf-8")
    plain(text)
    start, end = text.index("\\useasboundingbox"), text.index("\\end{tikzpicture}")
    # All that is there once, but the title and the colours, is the same in every drawing.
    once = text[:start].replace(f"{LATEX_SIGN}\n", "").replace(f"{FIT}\n", "").replace(f"{TIMES}\n", "") + text[end:]
    for fixed in (NEEDS_T1, NEEDS, *WHOLE, OPENING, CLOSING, "\\end{tikzpicture}%", "\\end{document}"):
        once = once.replace(fixed + "\n", "\n", 1)
    body = re.sub(r"(?<!\\)%\n", "", text[start:end])
    frame = re.compile(rf"\\useasboundingbox \(0,0\) rectangle {POINT};")
    found = []
    for number, line in enumerate(filter(None, [*once.split("\n"), *body.split("\n")])):
        if node := NODE.fullmatch(line):
            found.append(untex(node[1]))
        else:
            # Comments may have letters of any language.
            known = (
                TIKZ.fullmatch(line) or frame.fullmatch(line) or re.fullmatch(r"%(?: [\w.,()/+ -]*)?", line)
            )
            assert known, (number, line[:300])
    return found


def read_tikz(figure: Figure, names: Sequence[str], data: bytes) -> None:
    """By a reader of the few commands that may be there; TeX itself reads in ``test_tex_sets_hostile_names``."""
    texts = tikz_texts(data)
    if isinstance(figure, Scene):
        wanted = [name[:80] for name in names if measure(name[:80], 12, 600) > 0]
        assert list(map(words, texts)) == [words(_as_tex_shows(seen(visual(name)))) for name in wanted]


def read_csv(figure: Figure, names: Sequence[str], data: bytes) -> None:
    text = data.decode("utf-8")
    plain(text)
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == len(names) + 2
    for row, name in zip(rows[1:-1], names, strict=True):
        assert len(row) == 5
        for field in row[2:4]:
            shown = "" if name in ("–", "?") else seen(name)
            assert field.replace("'", "") == shown.replace("'", "")
            if not re.search("[=+@\uff1d\uff0b\uff0d\uff20-]", shown):
                assert field == shown
            assert not field.lstrip().startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
    for delimiter in ";|\t":  # as a spreadsheet of another country reads it
        for row in csv.reader(io.StringIO(text), delimiter=delimiter):
            assert not any(field.lstrip().startswith(("=", "+", "-", "@")) for field in row)


def read_html(figure: Figure, names: Sequence[str], data: bytes) -> None:
    page = html5lib.parse(data.decode("utf-8"), namespaceHTMLElements=False)
    part = page.find("body/div")
    assert part is not None and [child.tag for child in page.find("body") or ()] == ["div"]
    (style,) = part.findall("style")
    assert not set(style.text or "") - set(map(chr, range(32, 127))) and "url(" not in (style.text or "")
    if isinstance(figure, Scene | Graph):
        (drawn,) = part.findall(f"{SVG}svg")
        safe_svg(drawn)
        return
    kinds = {"div", "style", "table", "caption", "thead", "tbody", "tr", "th", "td", "p", "abbr"}
    assert {element.tag for element in part.iter()} <= kinds
    assert {name for element in part.iter() for name in element.attrib} <= {"class", "scope", "title"}
    shown = ["".join(row[0].itertext()) for row in part.findall("table/tbody/tr")]
    assert shown[: len(names)] == list(map(seen, names))


Reader = Callable[[Figure, Sequence[str], bytes], None]
READERS: Mapping[str, Reader] = {
    "svg": read_svg,
    "pdf": read_pdf,
    "png": read_png,
    "tikz": read_tikz,
    "pptx": read_pptx,
    "dot": read_dot,
    "text": read_text,
    "json": read_json,
    "markdown": read_markdown,
    "latex": read_latex,
    "csv": read_csv,
    "html": read_html,
}
"""Format → what must hold of its bytes. A new format needs a reader."""

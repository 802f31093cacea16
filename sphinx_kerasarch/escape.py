"""One function for each language in which names are written. Nothing else in this package escapes.

Names of layers, models and classes, captions, values of configurations and dtypes are untrusted: they come from models
and files that a stranger may have written. They are kept as they are in specs and figures, and pass through here when
they are written. ``tests/formats/test_hostile_names.py`` reads what was written with a parser of each language.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"
"""Controls that could turn the reading order of what follows them (Unicode Standard Annex 9), as in a class of
characters."""

NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane + code) for plane in range(0, 0x110000, 0x10000) for code in (0xFFFE, 0xFFFF)
)

HIDDEN = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufff9-\ufffb\ud800-\udfff{BIDI}{NONCHARACTERS}]")
"""Controls of terminals and of reading order, ends of lines, and what cannot be encoded or has no meaning. Joiners and
spaces without width stay: emoji and Indic and Persian words need them."""

LINE_ENDS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029")


def line(text: str) -> str:
    """``text`` on one line, with nothing in it that a terminal, a log or an encoder would act on. Also what all others
    begin with, and what a text node of docutils or of an XML library needs."""
    return HIDDEN.sub(_replaced, text)


def _replaced(match: re.Match[str]) -> str:
    return " " if match[0] in LINE_ENDS else REPLACEMENT


def lines(text: str) -> str:
    """Several lines, of a message or a stack, each as :func:`line`; a tab becomes four spaces."""
    return "\n".join(map(line, text.expandtabs(4).replace("\r\n", "\n").split("\n")))


# ---- XML and HTML

_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_NEEDS_MARKUP = re.compile('[&<>"]')


def xml(text: str) -> str:
    """For content and attributes in double quotes. Not for ``script`` and ``style``, which hold no names."""
    text = line(text)
    return text.translate(_MARKUP) if _NEEDS_MARKUP.search(text) else text


IGNORED = "mathjax_ignore tex2jax_ignore"
"""Classes of elements that hold names: what looks like a formula there is none, and MathJax knows links."""


# ---- LaTeX

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "×": r"$\times$",
    "→": r"$\rightarrow$",
    "−": "$-$",
    "–": "--",
    "…": r"\dots{}",
    REPLACEMENT: "?",
    "●": "yes",
    "○": "no",
    "◐": "part",
    "└": r"\textbar{}--",
    "\N{NO-BREAK SPACE}": "~",
}
"""Character → what prints it with any engine, with the packages ``fontenc`` (T1) and ``textcomp``."""
_LIGATURES = re.compile(r"([-,])(?=\1)")

LATIN = frozenset(map(chr, range(0xA1, 0x100)))
"""Beyond ASCII, what the standard fonts know in every engine."""


def latex(text: str) -> str:
    """``text`` on one line with nothing in it that TeX would act on. Where it has :func:`latex_sign` in it, its
    definition is needed before (:data:`LATEX_SIGN`)."""
    parts = _LIGATURES.split(line(text))  # -- would be one dash
    return "".join(part + "{}" if number % 2 else "".join(map(_latex_of, part)) for number, part in enumerate(parts))


def _latex_of(char: str) -> str:
    if char in _LATEX:
        return _LATEX[char]
    return char if char.isascii() or char in LATIN else latex_sign(char)


_NO_WORDS = re.compile(r"[^\w.,()/+-]+")


def latex_comment(text: str) -> str:
    """Words of ``text`` for a comment. TeX reads none, but editors and build tools take orders from comments
    (``% arara: …``, ``% !TeX …``, ``vim: …``), each of which needs a sign that is not kept here."""
    return _NO_WORDS.sub(" ", line(text[:COMMENT]).replace(REPLACEMENT, " ")).strip()


COMMENT = 200
"""Characters of a comment."""

LATEX_SIGN = r"""\providecommand\kerasarchsign[3]{\begingroup
\ifdefined\Umathchardef\edef\kerasarchhas{\iffontchar\font"#2 1\fi}%
\else\edef\kerasarchhas{\ifcsname u8:\detokenize{#1}\endcsname1\fi}\fi
\def\kerasarchpdf##1{\ifdefined\XeTeXrevision\special{pdf:literal direct ##1}%
\else\ifdefined\pdfextension\pdfextension literal{##1}\else\pdfliteral{##1}\fi\fi}%
\ifx\kerasarchhas\empty\kerasarchpdf{/Span<</ActualText<#3>>>BDC}%
{\fboxsep=1pt\fbox{\tiny\ttfamily #2}}\kerasarchpdf{EMC}%
\else#1\fi\endgroup}"""
"""``\\kerasarchsign{char}{code}{UTF-16}``: the character where the engine and its font have it. Elsewhere a box with
its code point, as browsers draw, which is still found and copied as the character; without it LaTeX would stop."""


def latex_sign(char: str) -> str:
    """A character beyond Latin-1 that TeX may not know."""
    utf16 = "FEFF" + char.encode("utf-16-be", "replace").hex().upper()
    return rf"\kerasarchsign{{{char}}}{{{ord(char):04X}}}{{{utf16}}}"


_SIGNS = re.compile(r"(?:\\kerasarchsign\{.\}\{\w+\}\{\w+\}[^\\\s]{0,200}){20}(?=[^\s%])", re.DOTALL)


def latex_lines(text: str) -> str:
    """LaTeX with signs, on several lines that are one to TeX, which reads none of more than 200 000 bytes."""
    return _SIGNS.sub(lambda match: f"{match[0]}%\n", text)


# ---- DOT

_DOT = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;"})


DOT_LONGEST = 500
"""Characters of a text. Graphviz reads no string of more than 16 384 bytes, and a label may have several texts."""


def dot(text: str) -> str:
    """A quoted DOT string, in which a backslash begins an escape sequence and an ampersand a character reference
    (Graphviz: *escString*)."""
    text = line(text if len(text) <= DOT_LONGEST else f"{text[: DOT_LONGEST - 1]}…")
    return f'"{text.translate(_DOT)}"'


# ---- Markdown

_MARKDOWN = str.maketrans(
    # References are known to all dialects; a backslash before these is not.
    {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    | {char: f"&#{ord(char)};" for char in "$~:@=^"}
    | {char: f"\\{char}" for char in "\\`*_{}[]#|!"}
)
_ADDRESS = re.compile(r"(?<=www)\.", re.IGNORECASE)
_MARKDOWN_START = re.compile(r"(\s*)([-+]|\d+(?=[.)](?:\s|$)))")


def markdown(text: str) -> str:
    """``text`` as it stands, on one line, with nothing in it that Markdown, its usual extensions or HTML would act on:
    no address becomes a link, no name calls a person."""
    return _MARKDOWN_START.sub(_reference, _ADDRESS.sub("&#46;", line(text).translate(_MARKDOWN)), count=1)


def _reference(match: re.Match[str]) -> str:
    """A list at the beginning of the text is none."""
    if match.start():
        return match[0]
    return f"{match[1]}&#{ord(match[2][0])};{match[2][1:]}"


# ---- CSV

_FORMULA = re.compile(r'(^|[;|])([\s"]*)(?=[=+\-@＝＋－＠])')
"""A text that a spreadsheet takes for a formula, and one where fields end with another sign than ours."""


def csv(text: str) -> str:
    """The value of a text field, which a spreadsheet takes for a text; quotes are the writer's concern."""
    return _FORMULA.sub(r"\1'\2", line(text))


# ---- JSON

_JSON = re.compile(f"[<>&\x7f-\x9f\u2028\u2029\ufeff\ufff9-\ufffb\ud800-\udfff{BIDI}{NONCHARACTERS}]")


def json(text: str) -> str:
    """JSON of the same value, as a whole document: nothing in it acts on a terminal or ends a ``script`` element, and
    all of it can be encoded."""
    return _JSON.sub(_json_of, text)


def _json_of(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


# ---- identifiers

LONGEST = 60
"""Characters of an identifier: names of files have a limit, of 255 bytes mostly."""


def identifier(text: str) -> str:
    """``text`` in small letters, digits and hyphens, beginning with a letter: what CSS, file systems, URLs and every
    host take. Empty when nothing of it is left; different texts may become the same."""
    plain = unicodedata.normalize("NFKD", text[: 4 * LONGEST]).encode("ascii", "ignore").decode().lower()
    return re.sub(r"^[-0-9]+|-+$", "", re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST])

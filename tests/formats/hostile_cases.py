"""Names as a stranger may give them, and what each would do to a program that writes them as they are."""

from __future__ import annotations

from typing import NamedTuple

HEAD = ("Name", "What it is after", "Test")
WIDTHS = (38, 47, 15)


class Case(NamedTuple):
    key: str
    name: str
    aim: str


CASES = (
    Case("script", "</script><script>alert(1)</script>", "runs a script in a page"),
    Case(
        "handler",
        '"><img src=x onerror=alert(1)>',
        "leaves an attribute; runs a script when an image is missing",
    ),
    Case("attribute", "' onmouseover='alert(1)", "adds an event to the element that it stands in"),
    Case("svg", "</text></svg><svg onload=alert(1)>", "ends the drawing and begins another"),
    Case(
        "title",
        "</title><style><img title='</style><img src=x onerror=alert(1)>'>",
        "is another tree when read again",
    ),
    Case("style", "</style><script>alert(1)</script>", "ends a style sheet"),
    Case("cdata", "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;", "ends a CDATA section; reads a file"),
    Case("comment", "--><script>alert(1)</script><!--", "ends a comment"),
    Case("reference", "&lt;b&gt;&#60;&amp;lt;", "is another name once references are read"),
    Case("address", "javascript:alert(1)", "is an address that runs a script"),
    Case("link", "[x](javascript:alert(1)) <https://x.test> www.x.test x@x.test", "is a link in Markdown"),
    Case("write18", "\\immediate\\write18{touch /tmp/x}", "runs a command in LaTeX"),
    Case("input", "\\input{/etc/passwd}\\openin5=/etc/passwd", "reads a file in LaTeX"),
    Case("end", "\\end{tabular}\\end{document}", "ends the document in LaTeX"),
    Case("lua", "\\directlua{os.execute('touch /tmp/x')}", "runs a program in LuaLaTeX"),
    Case("caret", "^^5cinput ^^M%", "is a backslash to TeX"),
    Case(
        "maths", "$$\\href{javascript:alert(1)}{x}$$ \\(x\\) \\[x\\]", "is a formula with a link to MathJax"
    ),
    Case("percent", "100 % of # & ~ _ ^ {", "has signs that TeX acts on"),
    Case("dot", '"]; system [label="\\N\\G', "ends a label and adds a node in DOT"),
    Case("dothtml", "<<b>x</b>>", "is a label of HTML in DOT"),
    Case("formula", "=cmd|' /C calc'!A0", "is a formula that runs a command in a spreadsheet"),
    Case("formulas", "+1+1", "is a formula in a spreadsheet"),
    Case("semicolon", "a;=1+1\t@SUM(A1)", "is a formula where fields end with a semicolon or a tab"),
    Case("pipe", "a|b||c\\|d", "has the sign that separates cells in Markdown"),
    Case("markdown", "**b** _i_ `c` # h ![i](x) ~~s~~ ==m== ^s^ :tada: @all #1", "is markup in Markdown"),
    Case("list", "- 1. + * x", "is a list in Markdown"),
    Case("attributes", "x\n{: onclick=alert(1) .evil }", "is a list of attributes to Python-Markdown"),
    Case("stash", "\x02wzxhzdk:0\x03 klzzwxh:0", "is a place that Python-Markdown fills"),
    Case("jinja", "{{ config.__class__ }}{% raw %}", "is an expression in a template"),
    Case("role", ":raw:`x` |x| `x`_ .. raw:: html", "is markup in reStructuredText"),
    Case("groff", ".so /etc/passwd\n'so x", "reads a file in a manual page"),
    Case("texinfo", "@include /etc/passwd @}", "reads a file in Texinfo"),
    Case("ansi", "\x1b[2J\x1b[31mred\x9b5n\x08\x07", "clears a terminal and makes it answer"),
    Case(
        "osc",
        "\x1b]52;c;cm0gLXJmIH4=\x07\x1b]8;;http://x.test\x1b\\x",
        "fills the clipboard of a terminal; is a link",
    ),
    Case("log", "x\nWARNING: all is well\r\n\x0b\x0c\x85\u2028\u2029y", "is more than one line of a log"),
    Case("nul", "a\x00b\x7f\x80", "ends a text of C; cannot be in XML"),
    Case("bidi", "\u202eevil\u202c \u2066x\u2069 \u200fy", "turns the reading order of what follows"),
    Case("surrogate", "a\ud800b\udfffc", "cannot be encoded"),
    Case("nonchar", "\ufffe\uffff\U0001ffff\ufdd0\ufeff\ufff9", "is no character"),
    Case("invisible", "con\u200bv\u200c2\u200dd\u00ad", "has characters without width"),
    Case("marks", "Z" + "\u0301\u0330\u20e3" * 40, "has a hundred marks on one letter"),
    Case("rtl", "שלום (مرحبا) 123", "reads from right to left"),
    Case("emoji", "卷积 😀👩\u200d👧🏽", "is beyond Latin"),
    Case("proto", "__proto__", "is a property of every object in JavaScript"),
    Case("path", "../../../etc/passwd\\..\\x:y?*<>|", "leaves a folder"),
    Case("device", "CON.svg", "is a device in Windows"),
    Case("ligatures", "--- ,, '' `` !` ?` << >>", "is other signs in TeX"),
    Case("spaces", "   ", "is nothing to see"),
    Case("empty", "", "is nothing"),
    Case("long", "x" * 10_000, "is longer than a page is wide"),
    Case("longrow", "层" * 3_000, "is longer than a line that TeX can read, once escaped"),
)


def rows() -> list[tuple[str, ...]]:
    """Cells as reStructuredText."""
    found = []
    for case in CASES:
        shown = ascii(case.name)[1:-1].replace("\\\\", "\\")
        short = shown if len(shown) <= 60 else f"{shown[:52]} …"
        name = _literal(short)
        found.append((name, case.aim, "``test_hostile_names``"))
    return found


def _literal(text: str) -> str:
    """Inline literals hold everything but what begins or ends with a space, and two backquotes."""
    if not text.strip() or text != text.strip():
        return "*nothing*" if not text else "*spaces*"
    return (
        f"``{text}``"
        if "``" not in text and "`" not in (text[0], text[-1])
        else f"``{text.replace('`', chr(39))}``"
    )

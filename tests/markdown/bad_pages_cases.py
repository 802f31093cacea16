"""What can be wrong with a page of Markdown, and what is said then; and what is right though it looks odd.

Every page begins with a heading and an empty line, so that the block is at line 3.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD = ("What is written", "What is said", "Test")
WIDTHS = (35, 50, 15)


@dataclass(frozen=True, slots=True)
class Bad:
    title: str
    text: str
    said: str
    """The beginning of the warning, behind page, line and the name of the block."""
    line: int = 3
    figures: int = 0
    """Pictures that the page shows all the same."""
    boxes: int = 1


GRAPH = "/// keras-graph | shop:lenet\n{}\n///"
BAD = (
    Bad(
        "a model that is not there",
        "/// keras-graph | shop:lenett\n///",
        "shop has no 'lenett'. Did you mean 'lenet'?",
    ),
    Bad(
        "no model",
        "/// keras-graph\n///",
        "No model is named. Write /// keras-graph | pkg.module:factory",
    ),
    Bad("a bar and no model", "/// keras-graph |\n///", "No model is named."),
    Bad(
        "a fence without a model",
        "```keras-graph\n```",
        "No model is named. Write /// keras-graph | pkg.module:factory",
    ),
    Bad(
        "no bar before the model",
        "/// keras-graph shop:lenet\n///",
        "There is no bar before the model. Write /// keras-graph | shop:lenet",
    ),
    Bad(
        "a view that is not there",
        "/// keras-grph | shop:lenet\n///",
        "There is no view 'grph'. Did you mean 'graph'?",
    ),
    Bad(
        "such a view among others",
        "/// keras-model | shop:lenet\n    views: layred\n///",
        "There is no view 'layred'. Did you mean 'layered'?",
    ),
    Bad(
        "an option that is not there",
        GRAPH.format("    directoin: lr"),
        "keras-graph has no option 'directoin'. Did you mean 'direction'?",
    ),
    Bad("a value that cannot be", GRAPH.format("    align: up"), "Option 'align': 'up' is not one of"),
    Bad(
        "``views`` where one view is meant",
        GRAPH.format("    views: graph"),
        "keras-graph has no option 'views'.",
    ),
    Bad(
        "options that are a list",
        GRAPH.format("    - direction\n    - lr"),
        "The options are no mapping of names to values. Write one option on each line",
    ),
    Bad(
        "options that are a word",
        GRAPH.format("    direction"),
        "The options are no mapping of names to values.",
    ),
    Bad(
        "options that are not YAML",
        GRAPH.format("    direction: [lr"),
        "The options are not YAML in line 4: expected ',' or ']', but got '<stream end>'.",
    ),
    Bad(
        "a value with a colon",
        GRAPH.format("    name: one\n    alt: LeNet: two convolutions"),
        "The options are not YAML in line 5: mapping values are not allowed here. Put a value with a colon into "
        "quotes: alt: ",
    ),
    Bad(
        "a fence without an empty line before the caption",
        "```keras-graph shop:lenet\nname: one\nThe caption.\n```",
        "The options are not YAML in line 5: could not find expected ':'. Write one option on each line: views: "
        "layered, summary, and an empty line before the caption.",
    ),
    Bad(
        "a value that is a mapping",
        GRAPH.format("    width: {a: b}"),
        "Option 'width': the value is neither a text nor",
    ),
    Bad(
        "an option twice",
        GRAPH.format("    fold: 1\n    fold: 2"),
        "Option 'fold' is given twice. Leave one of them.",
    ),
    Bad(
        "options that are not indented",
        GRAPH.format("direction: lr"),
        "Option 'direction' is part of the caption. Indent options by four spaces, directly below the first line.",
    ),
    Bad(
        "options that are indented by two",
        GRAPH.format("  direction: lr"),
        "Option 'direction' is part of the caption.",
    ),
    Bad(
        "an empty line before the options",
        GRAPH.format("\n    direction: lr"),
        "Option 'direction' is part of the caption.",
    ),
    Bad(
        "a block that is not closed",
        "/// keras-graph | shop:lenet\n\nForgotten.",
        "The block is not closed. End it with a line ///.",
    ),
    Bad(
        "another block before the end",
        "/// keras-graph | shop:lenet\n\nForgotten.\n\n/// keras-maps | shop:lenet\n///",
        "The block is not closed.",
        figures=1,
    ),
    Bad(
        "a fence that is not closed",
        "```keras-graph shop:lenet\n",
        "The block is not closed. End it with a line",
    ),
    Bad(
        "one name for two figures",
        GRAPH.format("    name: one") + "\n\n" + GRAPH.format("    name: one"),
        "Option 'name': 'one' is the name of another figure on this page. Links lead to that one; take another name.",
        line=7,
        figures=2,
        boxes=0,
    ),
    Bad(
        "a name without Latin letters",
        GRAPH.format("    name: 漢字"),
        "Option 'name': '漢字' has no letter of the Latin alphabet.",
        figures=1,
        boxes=0,
    ),
    Bad(
        "a table of 3 cm",
        "/// keras-summary | shop:lenet\n    width: 3cm\n///",
        "Option 'width': '3cm' is not a percentage.",
    ),
    Bad(
        "a picture that is not there",
        "/// keras-layered | shop:lenet\n    image: input=größe/nowhere.png\n///",
        "Option 'image': there is no file 'größe/nowhere.png'.",
    ),
    Bad(
        "a saved model that is not there",
        "/// keras-graph | modèles/lenet.keras\n///",
        "There is no file 'modèles/lenet.keras'. The path counts from the folder of this page",
    ),
)


@dataclass(frozen=True, slots=True)
class Good:
    title: str
    text: str
    figures: int = 1
    extensions: tuple[str, ...] = ()
    holds: str = ""
    """What the page has in it."""


BLOCK = "/// keras-graph | shop:lenet\n    name: one\n\nThe *caption*.\n///"


def inside(before: str, prefix: str, after: str = "") -> str:
    return before + "\n".join(prefix + line for line in BLOCK.splitlines()) + after


GOOD = (
    Good(
        "twice the same, without a name",
        "/// keras-graph | shop:lenet\n///\n\n" * 2,
        2,
        holds='id="keras-lenet-2"',
    ),
    Good("with Windows line ends", BLOCK.replace("\n", "\r\n")),
    Good("with tabs before its options", BLOCK.replace("    name", "\tname")),
    Good(
        "with tabs and spaces in a list",
        "- item\n\n\t" + BLOCK.replace("\n", "\n    ").replace("        name", "\t\tname"),
    ),
    Good("with capital letters", BLOCK.replace("keras-graph", "Keras-Graph")),
    Good("in a list", inside("- item\n\n", "    "), holds="<li>"),
    Good("in a list in a list", inside("- item\n\n    1. inner\n\n", "        "), holds="<ol>"),
    Good("in a quotation", inside("> said\n>\n", "> "), holds="<blockquote>"),
    Good(
        "in an admonition",
        inside("!!! note\n\n", "    "),
        extensions=("admonition",),
        holds="admonition note",
    ),
    Good("in a tab", inside('=== "One"\n\n', "    "), extensions=("pymdownx.tabbed",), holds="tabbed"),
    Good(
        "in a tab in an admonition",
        inside('!!! note\n\n    === "One"\n\n', "        "),
        extensions=("admonition", "pymdownx.tabbed"),
        holds="tabbed",
    ),
    Good(
        "in another block",
        inside("//// details | More\n\n", "", "\n////"),
        extensions=("pymdownx.blocks.details",),
        holds="<details>",
    ),
    Good(
        "in a footnote",
        inside("See[^1].\n\n[^1]: Here.\n\n", "    "),
        extensions=("footnotes",),
        holds='class="footnote"',
    ),
    Good(
        "in HTML with Markdown",
        inside('<div markdown="1">\n\n', "", "\n\n</div>"),
        extensions=("md_in_html",),
        holds="<div>",
    ),
    Good(
        "with a fence in its caption",
        BLOCK.replace("///", "///", 1).replace(".\n///", ".\n\n```text\n///\n```\n///"),
    ),
    Good(
        "in a sample of code",
        "```text\n" + BLOCK + "\n```",
        0,
        ("fenced_code",),
        "/// keras-graph | shop:lenet",
    ),
    Good(
        "in a sample in a sample",
        "````text\n```text\n" + BLOCK + "\n```\n````",
        0,
        ("pymdownx.superfences",),
        "/// keras-graph | shop:lenet",
    ),
    Good("indented as code", inside("Text.\n\n", "    "), 0, (), "<pre><code>/// keras-graph | shop:lenet"),
    Good("in a comment", "<!--\n" + BLOCK + "\n-->", 0, (), "/// keras-graph | shop:lenet"),
    Good("in HTML", "<pre>\n" + BLOCK + "\n</pre>", 0, (), "/// keras-graph | shop:lenet"),
    Good("below a fence without an end", "```\n\n" + BLOCK, 1, ("fenced_code",)),
    Good(
        "with letters of all alphabets",
        BLOCK.replace("*caption*", "Größe → 漢字 👍"),
        holds="Größe → 漢字 👍",
    ),
)


def rows() -> list[list[str]]:
    """Cells as reStructuredText."""
    wrong = [
        [case.title, f"``{case.said.strip()}`` …".replace(".`` …", ".``"), "``test_a_bad_page``"]
        for case in BAD
    ]
    odd = [
        [
            f"a block {case.title}",
            f"nothing: {case.figures or 'no'} figure{'s' * (case.figures > 1)}",
            "``test_an_odd_page``",
        ]
        for case in GOOD
    ]
    return wrong + odd

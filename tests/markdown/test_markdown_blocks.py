"""Where blocks and fences may stand, and what they become."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sphinx_kerasarch.hosts.markdown.scan import MARKED, scan, split

BLOCK = "/// keras-graph | shop:lenet\n    name: one\n\nThe *caption*.\n\nMore.\n///"
FENCES = [
    "```keras-graph shop:lenet\nname: one\n\nThe *caption*.\n\nMore.\n```",
    "```keras-graph\nshop:lenet\nname: one\n\nThe *caption*.\n\nMore.\n```",
    "~~~~ keras-graph\nshop:lenet\nname: one\n\nThe *caption*.\n\nMore.\n~~~~",
]


def test_a_block_is_a_figure_with_caption_and_legend(convert, bare):
    page = convert(f"See [](#one) and [here](#one).\n\n{BLOCK}", styles=False)
    assert re.sub(r">\s+<", "><", bare(page)) == (
        '<p>See <a href="#one">Figure 1</a> and <a href="#one">here</a>.</p>'
        '<figure class="kerasarch kerasarch-graph align-default" id="one">'
        '<div class="kerasarch-image mathjax_ignore tex2jax_ignore" data-search-exclude=""></div><figcaption>'
        '<p><span class="kerasarch-number">Figure 1.</span> The <em>caption</em>.</p>'
        '<div class="legend"><p>More.</p></div></figcaption></figure>'
    )
    assert page.count("<svg") == 1 and 'class="kerasarch-svg"' in page


@pytest.mark.parametrize("fence", FENCES)
def test_a_fence_is_the_same_as_a_block(convert, fence):
    assert convert(fence) == convert(BLOCK)


@pytest.mark.parametrize("more", [(), ("fenced_code",), ("pymdownx.superfences", "pymdownx.blocks.details")])
@pytest.mark.parametrize("text", [BLOCK, *FENCES])
def test_other_extensions_for_fences_and_blocks_do_not_matter(convert, text, more):
    assert convert(text, *more) == convert(BLOCK)


@pytest.mark.parametrize("text", [BLOCK, *FENCES])
@pytest.mark.parametrize(
    ("before", "prefix", "more", "parent"),
    [
        ("- item\n\n", "    ", (), "li"),
        ("1. item\n\n", "    ", (), "li"),
        ("> said\n>\n", "> ", (), "blockquote"),
        ('!!! note "Title"\n\n', "    ", ("admonition",), "div"),
        ('=== "Tab"\n\n', "    ", ("pymdownx.superfences", "pymdownx.tabbed"), "div"),
        ("/// details | Title\n\n", "", ("pymdownx.blocks.details",), "details"),
    ],
)
def test_blocks_stand_inside_of_other_things(convert, text, before, prefix, more, parent):
    inside = "\n".join(f"{prefix}{line}" for line in text.splitlines())
    after = "\n\n///" if before.startswith("///") else ""
    page = convert(before + inside + after + "\n\nEnd.", *more)
    assert page.count('<figure class="kerasarch') == 1 and "The <em>caption</em>" in page
    opening = page.index(f"<{parent}")
    assert opening < page.index("<figure") < page.index(f"</{parent}>", page.index("</figure>"))
    assert "<p>End.</p>" in page


@pytest.mark.parametrize("more", [(), ("fenced_code",), ("pymdownx.superfences",)])
def test_how_a_block_is_written_can_be_shown(convert, more, recorded):
    page = convert(f"    {BLOCK.splitlines()[0]}\n    ///\n", *more)
    assert "<code>/// keras-graph | shop:lenet\n///" in page
    fenced = convert(f"````text\n{FENCES[0]}\n\n{BLOCK}\n````", "pymdownx.superfences")
    assert "keras-graph shop:lenet" in fenced and "/// keras-graph" in fenced
    raw = convert(f"<div>\n{BLOCK}\n</div>", *more)
    assert "/// keras-graph" in raw and "\x02" not in page + fenced + raw
    assert recorded.batches == []


def test_words_in_a_table_are_no_markdown(convert):
    page = convert("/// keras-summary | shop:lenet\n///", labels={"conv2d": "*a*_b_<c>[x](y)"})
    assert "*a*_b_&lt;c&gt;[x](y)" in page


def test_windows_line_ends_and_unicode(convert, bare):
    text = BLOCK.replace("The *caption*", "Größe → 漢字")
    assert convert(text.replace("\n", "\r\n")) == convert(text)
    assert "Größe → 漢字" in bare(convert(text))


def test_names_are_stable_and_differ(convert):
    twice = "/// keras-model | shop:lenet\n    views: [graph, summary]\n///\n"
    page = convert(twice + "\n" + twice)
    found = re.findall(r'<(?:figure|table)[^>]* id="([^"]+)"', page)
    assert found == ["keras-lenet", "keras-lenet-summary", "keras-lenet-2", "keras-lenet-summary-2"]
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_figures_and_tables_are_counted_apart(convert, bare):
    both = "/// keras-model | shop:lenet\n    views: graph, summary\n    name: {}\n\nC.\n///\n\n"
    page = bare(convert(both.format("a") + both.format("b") + "[](#b) [](#b-summary)"))
    assert '<a href="#b">Figure 2</a> <a href="#b-summary">Table 2</a>' in page
    assert "Layers of <code>lenet</code>" in page
    assert "Figure 1" not in bare(convert(both.format("a"), numbers=False))


def test_a_style_sheet_comes_once(convert):
    page = convert(f"{BLOCK}\n\n{BLOCK}")
    assert page.count("<style>") == 1 and "data-md-color-scheme=slate" in page
    assert "<style>" not in convert("# Nothing") + convert(BLOCK, styles=False)


LINES = st.sampled_from(
    [
        *("", "text", "    code", "```", "````", "~~~", "///", "////", "/// note", "```python"),
        *("/// keras-graph | a:b", "    /// keras-model | a:b", "```keras-graph", "> ```keras-maps a:b"),
        "    views: graph",
    ]
)


@given(st.lists(LINES, max_size=14))
def test_a_scan_loses_nothing(lines):
    marked, found = scan(lines)
    numbers = [int(match[1]) for line in marked if (match := MARKED.search(line))]
    assert numbers == list(range(len(found)))
    held = sum(len(one.source.split("\n")) for one in found)
    rest = [line for line in marked if line.strip("> ") and not MARKED.search(line)]
    taken = {number for one in found for number in range(one.line - 1, one.line - 1 + len(one.source.split("\n")))}
    assert rest == [line for number, line in enumerate(lines) if line.strip("> ") and number not in taken]
    assert len(marked) <= len(lines) - held + 3 * len(found)
    for one in found:
        assert lines[one.line - 1].strip("> ").split(" |")[0].endswith(one.source.split("\n")[0].split(" |")[0])
        split(one)

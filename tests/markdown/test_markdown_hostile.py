"""Hostile names in pages of Python-Markdown, with the extensions that act on the tree or on the text after us."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import markdown
import pytest

FORMATS = Path(__file__).parents[1] / "formats"
sys.path.insert(0, str(FORMATS))

from hostile_cases import CASES  # noqa: E402
from hostile_names import names, seen, words  # noqa: E402
from hostile_readers import safe_html  # noqa: E402
from hostile_spec import hostile_spec  # noqa: E402

EXTENSIONS = ["extra", "sane_lists", "smarty", "admonition", "toc", "codehilite", "wikilinks", "meta", "pymdownx.tilde",
              "pymdownx.caret", "pymdownx.mark", "pymdownx.emoji", "pymdownx.magiclink", "pymdownx.arithmatex",
              "pymdownx.betterem", "pymdownx.superfences", "pymdownx.smartsymbols", "pymdownx.keys"]  # fmt: skip
PAGE = """*[Total]: of all

/// keras-model | shop.models:lenet
    views: graph, summary

Caption.
///

/// keras-summary | shop.models:gone
///
"""
NAMES = [case.name for case in CASES if case.name.strip() and len(case.name) < 300] + list(names(60, seed=5))


@pytest.fixture
def hostile(recorded: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The model has hostile names, and so has what is said of the one that is not there."""
    given = [json.loads(json.dumps(name)) for name in NAMES if name.strip()]  # halves of a pair become one
    old = recorded.describe_many

    def described(requests):
        for request, found in old(requests):
            if isinstance(found, Exception):
                found.message = "\n".join(given)
                found.advice, found.traceback = given[3], "\n".join(given)
                yield request, found
            else:
                yield request, dataclasses.replace(found, spec=hostile_spec(given))

    monkeypatch.setattr(recorded, "describe_many", described)
    return given


@pytest.mark.parametrize("extensions", [[], EXTENSIONS], ids=["alone", "with all"])
def test_names_in_a_page(hostile: list[str], extensions: list[str], caplog: pytest.LogCaptureFixture) -> None:
    md = markdown.Markdown(
        extensions=["kerasarch", *extensions], extension_configs={"kerasarch": {"cache_dir": "", "styles": False}}
    )
    page = safe_html(md.convert(PAGE))
    table = page.find(".//table")
    assert table is not None
    rows = words("".join(table.itertext()))
    assert [name for name in hostile if words(seen(name)) not in rows] == []
    box = page.find(".//div[@class='admonition error danger kerasarch-failure mathjax_ignore tex2jax_ignore']")
    assert box is not None
    said = words("".join(box.itertext()))
    for name in hostile:
        assert all(words(seen(part)) in said for part in name.replace("\r\n", "\n").split("\n"))
    assert not {"\x1b", "\u202e", "\x00", "\x07"} & set(caplog.text)


def test_names_of_models_are_ids_and_addresses_of_plain_letters(convert) -> None:  # type: ignore[no-untyped-def]
    """A target is the page's own text, and names the figure and its file."""
    for name in NAMES:
        page = safe_html(convert(f"/// keras-graph | {' '.join(seen(name).split())}\n///\n", mode="off"))
        for element in page.iter():
            assert element.get("id", "").isascii() and len(element.get("id", "")) < 100

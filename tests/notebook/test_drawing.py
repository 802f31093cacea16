"""What a notebook is given of a drawing, and that several on one page leave each other alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chromium
import html5lib
import pytest

from sphinx_kerasarch import draw
from sphinx_kerasarch.api import Drawing, write
from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.spec.codec import loads

SPECS = Path(__file__).parents[1] / "specs"
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")


def drawn(view: str = "graph", name: str = "mlp", **more: Any) -> Drawing:
    return draw(loads((SPECS / f"{name}.json").read_text("utf-8")), view, **more)


@pytest.mark.parametrize("view", ["layered", "graph", "maps", "neurons"])
def test_a_figure_is_markup_a_picture_and_words(view: str) -> None:
    drawing = drawn(view)
    bundle = drawing._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
    assert bundle["image/svg+xml"] == drawing.svg() == write(drawing.figure, "svg").decode()
    assert bundle["text/plain"] == drawing.text() and "parameters" in bundle["text/plain"]
    assert bundle["text/html"].count("<svg") == 1 and 'data-jp-theme-light="false"' in bundle["text/html"]
    assert drawn(view)._repr_mimebundle_() == bundle, "the same when it is run again"


def test_a_table_is_a_table() -> None:
    bundle = drawn("summary")._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/markdown", "text/plain"}
    assert "| all" in bundle["text/markdown"] and "●" not in bundle["text/markdown"]
    page = html5lib.parse(bundle["text/html"], namespaceHTMLElements=False)
    assert [len(part) for part in page.findall(".//table/*")][1:] == [1, 4]
    assert "Total" in bundle["text/plain"]


def test_a_theme_of_its_own_is_one_picture_everywhere() -> None:
    bundle = drawn(theme="dark")._repr_mimebundle_()
    assert set(bundle) == {"image/svg+xml", "text/plain"}
    assert bundle["image/svg+xml"] == drawn().svg("dark")
    table = drawn("summary", theme="dark")._repr_mimebundle_()["text/html"]
    assert "data-jp-theme-light" not in table and table != drawn("summary")._repr_mimebundle_()["text/html"]
    with pytest.raises(OptionError, match="Did you mean 'dark'"):
        drawn(theme="drak")


def test_more_is_there_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing = drawn()
    pdf = drawing._repr_mimebundle_(include=["application/pdf", "text/plain"])
    assert set(pdf) == {"application/pdf", "text/plain"} and pdf["application/pdf"][:5] == b"%PDF-"
    assert set(drawing._repr_mimebundle_(exclude=["text/html"])) == {"image/svg+xml", "text/plain"}
    assert set(drawn("summary")._repr_mimebundle_(include={"text/latex"})) == {"text/latex"}

    class Shell:
        config: dict[str, Any] = {}  # noqa: RUF012

    class IPython:
        get_ipython = Shell

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    for told in ({"svg", "pdf"}, ["pdf"], "{'svg', 'pdf'}", "pdf"):  # in a cell, and as an argument of the kernel
        Shell.config = {"InlineBackend": {"figure_formats": told}}
        found = set(drawing._repr_mimebundle_())
        assert found == {"text/html", "image/svg+xml", "text/plain", "application/pdf"}
    Shell.config = {}
    assert "application/pdf" not in drawing._repr_mimebundle_()


def test_other_programs_are_given_markup_and_terminals_one_line() -> None:
    for view in ("graph", "summary"):
        assert drawn(view)._repr_html_() == drawn(view)._repr_mimebundle_()["text/html"]
    assert drawn(theme="dark")._repr_html_() is None, "as the bundle"
    assert drawn("summary", theme="dark")._repr_html_() == drawn("summary", theme="dark").html()
    assert repr([drawn("layered")]) == "[<Drawing of 'mlp': layered>]"


def scopes(markup: str) -> set[str]:
    return set(re.findall(r"kerasarch-part (ka[0-9a-f]{8})", markup))


@pytest.mark.parametrize("view", ["layered", "graph", "summary"])
def test_every_rule_is_for_its_own_figure(view: str) -> None:
    first, second = drawn(view).html(), drawn(view, colors={"dense": "#d55e00"}).html()
    assert len(scopes(first + second)) == 2
    for markup in (first, second):
        (scope,) = scopes(markup)
        (style,) = re.findall("<style>(.*)</style>", markup)
        selectors = [one for head, _ in RULE.findall(re.sub("@[^{]*{", "", style)) for one in head.split(",")]
        assert selectors and all(re.match(rf"(\S+ )?\.{scope}\b", one) for one in selectors)
    ids = re.findall(r' id="([^"]+)"', first + second)
    assert len(ids) == len(set(ids)) == (0 if view == "summary" else 4)


def test_a_page_of_html(tmp_path: Path) -> None:
    path = drawn().save(tmp_path / "mlp.html")
    page = path.read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>") and '<body data-theme="auto">' in page
    assert drawn().html() in page
    dark = drawn().save(tmp_path / "dark.htm", theme="dark").read_text("utf-8")
    assert "color-scheme: dark" in dark and "var(--" not in dark


BODIES = {
    "JupyterLab": ('<body data-jp-theme-light="{}">', "true", "false"),
    "Visual Studio Code": ('<body class="{}">', "vscode-light", "vscode-dark"),
    "high contrast": ('<body class="vscode-high-contrast {}">', "vscode-high-contrast-light", ""),
    "furo": ('<body data-theme="{}">', "light", "dark"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    pytest.importorskip("playwright.sync_api")
    if not chromium.PROGRAM:
        pytest.skip("no Chromium")
    with chromium.launched() as started:
        yield started


@pytest.mark.browser
def test_figures_are_dark_in_dark_notebooks_and_keep_their_own_colours(browser: Any) -> None:
    """Three on one page, of which two differ in colours only, beside the style sheets of a site."""
    from sphinx_kerasarch.hosts.page.stylesheet import common, themed
    from sphinx_kerasarch.theme import palette

    own = {"dense": ["#d55e00", "#56b4e9"]}
    parts = drawn().html() + drawn(colors=own).html() + drawn("summary", colors=own).html()
    site = f"<style>{common(palette())}{themed(palette())}</style>"
    script = """() => [...document.querySelectorAll('svg')].map(one => [
        getComputedStyle(one.querySelector('rect')).fill,
        getComputedStyle(one.querySelector('.f-dense-tile')).fill]).concat([[
        getComputedStyle(document.querySelector('tr.kerasarch-is-dense .kerasarch-layer>p'), '::before')
        .backgroundColor]])"""
    found: dict[str, set[str]] = {"light": set(), "dark": set()}
    page = chromium.opened(browser)
    for body, light, dark in BODIES.values():
        for kind, value in (("light", light), ("dark", dark)):
            for sheet in ("", site):
                page.set_content(f"<!doctype html><html><head>{sheet}</head>{body.format(value)}{parts}</body></html>")
                found[kind].add(str(page.evaluate(script)))
    assert [len(kind) for kind in found.values()] == [1, 1], found
    light, dark = (next(iter(kind)) for kind in found.values())
    assert light.count("rgb(255, 255, 255)") == 2 and light.count("rgb(213, 94, 0)") == 2
    assert dark.count("rgb(18, 23, 29)") == 2 and dark.count("rgb(86, 180, 233)") == 2


def test_a_target_is_found_where_this_process_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sphinx_kerasarch import api, inspector

    asked: list[tuple[str, ...]] = []

    def refuse(**settings: Any) -> None:
        asked.append(settings["path"])
        raise LookupError

    monkeypatch.setattr(inspector, "Inspector", refuse)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path, str(tmp_path / "nowhere")])
    for told in (None, ["src"]):
        with pytest.raises(LookupError):
            api.describe("models:build", path=told)
    assert asked[0][0] == str(tmp_path.resolve()) and asked[1] == ("src",)
    assert not [entry for entry in asked[0] if "site-packages" in entry or entry.endswith(("nowhere", ".zip"))]
    assert str(Path(json.__file__).parents[1]) not in asked[0]


def test_the_package_needs_no_ipython() -> None:
    code = "import sys, sphinx_kerasarch.api; print('IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_reference_names_every_parameter() -> None:
    import inspect

    import sphinx_kerasarch
    from sphinx_kerasarch.hosts.docutils import register

    page = (SPECS.parents[1] / "docs" / "reference" / "python.rst").read_text("utf-8").replace(" \\\n   ", " ")
    public = [getattr(sphinx_kerasarch, name) for name in ("from_model", "describe", "draw", "write")]
    for function in (*public, register):
        documented = re.search(rf"function:: (?:[\w.]+\.)?{function.__name__}\((.*)\)", page)
        assert documented is not None, function
        parts = []
        for one in inspect.signature(function).parameters.values():
            if one.kind is one.KEYWORD_ONLY and "*" not in parts:
                parts.append("*")
            default = "" if one.default is one.empty else f"={json.dumps(one.default)}"
            words = {"=null": "=None", "=false": "=False", "=true": "=True"}
            parts.append("**" * (one.kind is one.VAR_KEYWORD) + one.name + words.get(default, default))
        assert documented[1] == ", ".join(parts)

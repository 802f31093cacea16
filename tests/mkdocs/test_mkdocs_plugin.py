"""What the plugin does besides the extension."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from mkdocs.structure.files import Files

from sphinx_kerasarch import api
from sphinx_kerasarch.spec import codec

GRAPH = "# Page\n\n/// keras-graph | shop:{}\n///\n"


def test_all_models_of_all_pages_are_one_batch(mksite, recorded):
    mksite.write(index=GRAPH.format("lenet"), sub__two=GRAPH.format("mlp") + "```keras-maps shop:lenet\n```\n")
    mksite.build(strict=True)
    assert [sorted(batch) for batch in recorded.batches] == [["shop:lenet", "shop:mlp"]]
    assert "<svg" in mksite.read("index.html") and mksite.read("sub/two/index.html").count("<svg") == 2


def test_the_cache_answers_the_next_build_and_stands_beside_the_configuration(mksite, recorded):
    from sphinx_kerasarch.hosts.page.session import session_of

    mksite.write(index=GRAPH.format("lenet")).build()
    before = mksite.read("index.html")
    session_of.cache_clear()
    mksite.build()
    assert len(recorded.batches) == 1 and mksite.read("index.html").split("Build Date")[0] in before
    assert (mksite.folder / ".kerasarch" / "CACHEDIR.TAG").is_file()


def test_nothing_is_written_into_the_folder_of_the_pages(mksite):
    mksite.write(index=GRAPH.format("lenet"))
    for pictures in ("inline", "files"):
        mksite.build(pictures=pictures)
        assert [path.name for path in mksite.docs.rglob("*")] == ["index.md"]


def test_the_style_sheet_is_a_file(mksite):
    mksite.write(index=GRAPH.format("lenet"), sub__two="# Two\n").build()
    assert "<style>" not in mksite.read("index.html")
    assert 'href="assets/kerasarch.css"' in mksite.read("index.html")
    assert 'href="../../assets/kerasarch.css"' in mksite.read("sub/two/index.html")
    assert "--ka-conv-front" in mksite.read("assets/kerasarch.css")


COPIED = """
from pathlib import PurePath
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files

@event_priority(-100)
def on_files(files, config):
    for file in files:
        PurePath(file.abs_src_path)
    return Files(list(files))
"""
"""What mkdocs-static-i18n does: all files lie in folders, and others take the place of those that were found."""


@pytest.mark.parametrize("pictures", ["inline", "files"])
def test_plugins_may_put_other_files_in_place_of_those_that_were_found(mksite, pictures):
    (mksite.folder / "hook.py").write_text(COPIED)
    mksite.write(index=GRAPH.format("lenet"))
    mksite.build(strict=True, pictures=pictures, more={"hooks": [str(mksite.folder / "hook.py")]})
    assert "--ka-conv-front" in mksite.read("assets/kerasarch.css")
    shown = re.findall(r'src="([^"]*[.]svg)"', mksite.read("index.html"))
    assert bool(shown) == (pictures == "files") and all((mksite.out / name).is_file() for name in shown)


@pytest.mark.parametrize("theme", ["mkdocs", "material"])
def test_letters_of_pictures_are_not_found_by_the_search(mksite, theme, monkeypatch):
    if theme == "material":
        pytest.importorskip(theme)
    monkeypatch.setenv("NO_MKDOCS_2_WARNING", "1")
    page = "# Page\n\nBefore.\n\n/// keras-graph | shop:lenet\n\nCaption here.\n///\n\nAfter.\n"
    mksite.write(index=page).build(more={"theme": theme})
    assert "Conv2D" in mksite.read("index.html")
    (whole, *_) = [entry["text"] for entry in json.loads(mksite.read("search/search_index.json"))["docs"]]
    assert "Conv2D" not in whole and re.search(r"Before\..*Caption here\..*After\.", whole)


def test_pictures_as_files_have_the_bytes_of_every_other_host(mksite, request):
    """Two for a page that may be dark, one where the theme is told."""
    specs = request.path.parents[1] / "specs"
    figure = api.draw(codec.loads((specs / "mlp.json").read_text("utf-8")), "graph").figure
    for theme, written in (("auto", ["light", "dark"]), ("grey", ["grey"])):
        mksite.write(sub__two=GRAPH.format("mlp")).build(pictures="files", theme=theme, strict=True)
        page = mksite.read("sub/two/index.html")
        sources = re.findall(r'<img [^>]*src="([^"]+)"', page)
        assert all(source.startswith("../../assets/kerasarch/kerasarch-mlp-graph-") for source in sources)
        files = [(mksite.out / "sub" / "two" / source).read_bytes() for source in sources]
        assert files == [api.write(figure, "svg", theme=name) for name in written]
        assert len(re.findall(r'alt="Graph view of [^"]+ parameters', page)) == len(written) and "<svg" not in page


def test_strict_fails_for_a_model_that_fails(mksite, caplog):
    from mkdocs.exceptions import Abort

    mksite.write(sub__two="---\ntitle: T\n---\n# Page\n\n/// keras-graph | shop:lenett\n///\n")
    mksite.build()
    assert "Did you mean 'lenet'?" in mksite.read("sub/two/index.html")
    assert "sub/two.md:6: keras-graph shop:lenett: shop has no 'lenett'." in caplog.text
    with pytest.raises(Abort):
        mksite.build(strict=True)


def test_every_bad_page_of_a_site_is_told_with_its_line(mksite, caplog, request, monkeypatch):
    from mkdocs.exceptions import Abort

    monkeypatch.syspath_prepend(str(request.path.parents[1] / "markdown"))
    from bad_pages_cases import BAD

    pages = {f"größe__bad{number}": f"---\ntitle: T\n---\n# Title\n\n{case.text}\n" for number, case in enumerate(BAD)}
    with pytest.raises(Abort, match=f"{len(BAD)} warnings"):
        mksite.write(**pages).build(strict=True)
    said = [record.getMessage() for record in caplog.records if "[kerasarch." in record.getMessage()]
    assert len(said) == len(BAD)
    for number, case in enumerate(BAD):
        (text,) = [text for text in said if text.startswith(f"größe/bad{number}.md:{case.line + 3}: ")]
        assert case.said.replace("in line 4", "in line 7").replace("in line 5", "in line 8") in text


def test_a_failed_model_is_tried_once_in_a_build(mksite, recorded):
    mksite.write(a=GRAPH.format("nope"), b=GRAPH.format("nope")).build()
    assert recorded.batches == [["shop:nope"]]
    mksite.build()
    assert len(recorded.batches) == 2


def test_settings_are_checked(mksite, caplog):
    from mkdocs.exceptions import Abort

    mksite.write(index="# Page\n")
    with pytest.raises(Abort):
        mksite.build(views="grph")
    assert "There is no view 'grph'. Did you mean 'graph'?" in caplog.text
    with pytest.raises(Abort):
        mksite.build(strict=True, veiws="graph")
    assert "Unrecognised configuration name: veiws" in caplog.text


def test_the_plugin_has_all_settings_of_the_extension():
    from sphinx_kerasarch.hosts.mkdocs.config import SET_BY_PLUGIN, PluginConfig
    from sphinx_kerasarch.hosts.page.project import DEFAULTS

    given = {name: option.default for name, option in PluginConfig._schema}
    assert set(given) == set(DEFAULTS) - SET_BY_PLUGIN | {"pictures"}
    differing = {name for name in set(given) & set(DEFAULTS) if given[name] != DEFAULTS[name]}
    assert differing == {"cache_dir"}


class Server:
    def __init__(self) -> None:
        self.watches: dict[str, bool] = {}

    def watch(self, path: str, *, recursive: bool = True) -> None:
        self.watches[path] = recursive


def test_the_models_folder_is_watched_without_what_is_not_of_the_models(mksite):
    folder = mksite.folder.resolve()
    for place in ("src/shop", "net/layers", "net/blocks", "env/lib", "old/site/a", ".kerasarch", ".git", "cache"):
        (folder / place).mkdir(parents=True)
    (folder / "env" / "pyvenv.cfg").touch()
    (folder / "old" / "site" / "sitemap.xml").touch()
    config = mksite.write(index="# Page\n").config(path=["."], cache_dir="cache")
    config.plugins.on_startup(command="serve", dirty=False)
    config = config.plugins.on_config(config)
    whole = {Path(name) for name in config.watch} - {folder / "entry_points"}
    assert whole == {folder / "src", folder / "net"}
    config.plugins.on_files(Files([]), config=config)
    server = Server()
    config.plugins.on_serve(server, config=config, builder=None)
    assert server.watches == {str(folder): False, str(folder / "old"): False}
    config.plugins.on_shutdown()


def test_a_rebuild_shows_a_changed_model(mksite, recorded):
    """As ``mkdocs serve`` does: another configuration, the same plugin object."""
    from mkdocs.commands.build import build

    source = recorded.files["lenet"] = mksite.folder / "models.py"
    source.write_text("one")
    mksite.write(index=GRAPH.format("lenet"))
    config = mksite.build()
    build(config)
    assert len(recorded.batches) == 1
    source.write_text("another")
    build(config)
    assert len(recorded.batches) == 2


def test_a_dirty_build_makes_the_pages_of_changed_models_only(mksite, recorded, caplog):
    source = recorded.files["lenet"] = mksite.folder / "models.py"
    source.write_text("one")
    mksite.write(index="# Page\n", a=GRAPH.format("lenet"), b=GRAPH.format("mlp"), c=GRAPH.format("nope"))
    pages = {name: mksite.out / name / "index.html" for name in ("a", "b", "c")}

    def made() -> set[str]:
        for path in pages.values():  # as if built a while ago, after the sources
            os.utime(path, (4_000_000_000, 4_000_000_000))
        caplog.clear()
        mksite.build(dirty=True)
        return {name for name, path in pages.items() if path.stat().st_mtime < 4_000_000_000}

    mksite.build()
    assert made() == {"c"} and "c.md:3: keras-graph shop:nope" in caplog.text  # a failure is told until it is mended
    source.write_text("another")
    os.utime(source, (4_000_000_001, 4_000_000_001))
    assert made() == {"a", "c"}
    assert "<svg" in mksite.read("a/index.html") and "kerasarch.css" in mksite.read("a/index.html")
    assert (mksite.out / "assets" / "kerasarch.css").is_file()


@pytest.mark.parametrize("listed", ["kerasarch", {"kerasarch": {"path": ["."], "theme": "dark"}}])
def test_the_extension_listed_as_well_is_no_second_one(mksite, listed):
    """So one file can serve MkDocs, which takes the plugin, and Zensical, which knows none."""
    mksite.write(index=GRAPH.format("lenet")).build(more={"markdown_extensions": [listed]})
    page = mksite.read("index.html")
    assert page.count("<svg") == 1 and "<style>" not in page


PUT_IN = """
def on_page_markdown(markdown, **_):
    return markdown.replace("{{ model }}", "/// keras-graph | shop:lenet\\n///")
"""
"""What macros and snippets do."""


def test_a_dirty_build_makes_pages_that_take_models_from_elsewhere(mksite, recorded):
    (mksite.folder / "hook.py").write_text(PUT_IN)
    more = {"hooks": [str(mksite.folder / "hook.py")]}
    mksite.write(a="# Page\n\n{{ model }}\n", b="# Page\n\n{{ nothing }}\n").build(more=more)
    for name in "ab":
        os.utime(mksite.out / name / "index.html", (4_000_000_000, 4_000_000_000))
    mksite.build(dirty=True, more=more)
    made = {name for name in "ab" if (mksite.out / name / "index.html").stat().st_mtime < 4_000_000_000}
    assert made == {"a"} and "<svg" in mksite.read("a/index.html")


def test_the_extension_alone_needs_no_plugin(mksite):
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    mksite.write(index="# Page\n\n[](#lenet)\n\n/// keras-graph | shop:lenet\n    name: lenet\n\nC.\n///\n")
    (mksite.folder / "mkdocs.yml").touch()
    build(
        load_config(
            str(mksite.folder / "mkdocs.yml"),
            site_name="Shop",
            docs_dir=str(mksite.docs),
            site_dir=str(mksite.out),
            strict=True,
            markdown_extensions=["kerasarch"],
            validation={"links": {"anchors": "warn"}},
        )
    )
    page = mksite.read("index.html")
    assert page.count("<svg") == 1 and page.count("<style>") == 1 and '<a href="#lenet">Figure 1</a>' in page


def test_links_to_figures_of_other_pages_have_their_numbers(mksite):
    """Also forwards, from folders, past samples and across a caption that is none."""
    sample = "    /// keras-graph | shop:lenet\n        name: one\n\n    Sample.\n    ///\n\n"
    sample += "````\n/// keras-graph | a:b\n///\n````\n"
    figures = (
        f"# Two\n\n{sample}\n- item\n\n    /// keras-graph | shop:lenet\n\n    First.\n    ///\n\n"
        "/// keras-graph | shop:lenet\n\n- no caption\n///\n\n"
        "/// keras-model | shop:mlp\n    views: graph, summary\n    name: one\n///\n"
    )
    links = "# Page\n\n[]({0}two.md#one) [ ]({0}two.md#one-summary) [so]({0}two.md#one) []({0}two.md#two)\n"
    places = {"sub__also": "", "sub__deep": "../sub/"}
    mksite.write(index=links.format("sub/"), sub__two=figures, **{at: links.format(to) for at, to in places.items()})
    mksite.build(strict=True, more={"validation": {"links": {"anchors": "warn"}}})
    assert mksite.read("sub/two/index.html").count('<span class="kerasarch-number">') == 3
    assert 'Figure 2.</span> Graph of <code>mlp' in mksite.read("sub/two/index.html")
    for page, way in (("", "sub/two/"), ("sub/also/", "../two/"), ("sub/deep/", "../two/")):
        html = mksite.read(f"{page}index.html")
        assert f'<a href="{way}#one">Figure 2</a> <a href="{way}#one-summary">Table 1</a>' in html
        assert f'<a href="{way}#one">so</a>' in html


def test_a_snippet_moves_numbers_and_not_lines(mksite, caplog):
    """What is put in has a figure; it comes before another one, and before a block with a mistake."""
    figure = "/// keras-graph | shop:lenet\n    name: {}\n\nC.\n///\n"
    page = f'---\ntitle: T\n---\n# Two\n\n--8<-- "part.txt"\n\n{figure.format("two")}\n'
    page += "/// keras-graph | shop:lenett\n///\n"
    mksite.write(index="[](two.md#two) [](two.md#one) [](two.md#two-the-heading)\n", two=page)
    (mksite.docs / "part.txt").write_text(figure.format("one"))

    def build(**values):
        more = {"markdown_extensions": [{"pymdownx.snippets": {"base_path": [str(mksite.docs)]}}]}
        mksite.build(more=more, **values)

    build()
    html = mksite.read("index.html")
    assert '<a href="two/#two">Figure 2</a> <a href="two/#one">Figure 1</a> <a href="two/#two-the-heading"></a>' in html
    assert "two.md:14: keras-graph shop:lenett" in caplog.text
    os.utime(mksite.docs / "index.md", (4_000_000_000, 4_000_000_000))
    build(dirty=True)
    assert '<a href="two/#two">Figure 2</a>' in mksite.read("index.html")  # page two fails and is made again
    os.utime(mksite.out / "two" / "index.html", (4_000_000_000, 4_000_000_000))
    mksite.write(two=page.replace("lenett", "lenet"))
    build(dirty=True)
    assert '<a href="two/#two">Figure 2</a>' in mksite.read("index.html")  # made again for what is put in


def test_a_link_to_a_figure_that_is_not_there_fails_a_strict_build(mksite, caplog):
    from mkdocs.exceptions import Abort

    mksite.write(index="[](two.md#gone)\n", two=GRAPH.format("lenet"))
    with pytest.raises(Abort):
        mksite.build(strict=True, more={"validation": {"links": {"anchors": "warn"}}})
    assert "'two.md#gone'" in caplog.text

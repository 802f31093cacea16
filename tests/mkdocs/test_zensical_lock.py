"""The lock of a site that has ``zensical.toml`` alone, with recorded models; Zensical itself is not needed here."""

from __future__ import annotations

import importlib.util
import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result
from zensical_pages import PAGES, make_pages

from sphinx_kerasarch.errors import MissingPackageError, OptionError
from sphinx_kerasarch.hosts.cli.main import main
from sphinx_kerasarch.hosts.zensical import reading
from sphinx_kerasarch.hosts.zensical.pages import front_matter, pages, url

TABLES = """
[project]
site_name = "Shop"
nav = [{ "Nets" = [{ "All of them" = "nets/all.md" }] }, "index.md"]
[project.markdown_extensions.kerasarch]
path = ["src"]
[project.markdown_extensions.pymdownx.snippets]
base_path = ["docs"]
[project.markdown_extensions.pymdownx.emoji]
emoji_index = "zensical.extensions.emoji.twemoji"
[project.markdown_extensions.pymdownx.blocks.details]
[project.markdown_extensions.zensical.extensions.preview]
[project.markdown_extensions.toc]
slugify = { object = "pymdownx.slugs.slugify", kwds = { case = "lower" } }
[project.plugins.search]
"""
LIST = """
[project]
site_name = "Shop"
docs_dir = "docs"
plugins = ["search"]
markdown_extensions = [
  "admonition",
  { "pymdownx.snippets" = { base_path = ["docs"] } },
  { kerasarch = { path = "src" } },
]
"""
TOP = """
site_name = "Shop"
[markdown_extensions]
kerasarch.path = ["src"]
"pymdownx.snippets".base_path = ["docs"]
"""
INDEX = """---
title: Shop
---
# Shop

/// keras-graph | shop.models:lenet
///

--8<-- "part.txt"

~~~text
/// keras-graph | shop.models:vit
///
~~~
"""
PART = "```keras-graph shop.models:mlp\n```\n"
NETS = "# All\n\n- In a list:\n\n    /// keras-graph | shop.models:lenet\n    ///\n"

Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site of two pages and a snippet; the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs" / "nets").mkdir(parents=True)
    (tmp_path / "src").mkdir()
    (tmp_path / "docs" / "index.md").write_text(INDEX)
    (tmp_path / "docs" / "part.txt").write_text(PART)
    (tmp_path / "docs" / "nets" / "all.md").write_text(NETS)
    (tmp_path / "zensical.toml").write_text(TABLES)
    return tmp_path


@pytest.fixture
def run(
    folder: Path, entry_points_folder: Path, recorded: Any, monkeypatch: pytest.MonkeyPatch
) -> Run:
    """``kerasarch`` there."""
    monkeypatch.syspath_prepend(str(entry_points_folder))
    for name in ("lenet", "mlp"):
        recorded.files[name] = folder / "src" / f"{name}.py"
        recorded.files[name].write_text(name)

    def call(*arguments: str, code: int = 0) -> Result:
        recorded.batches.clear()
        result = CliRunner().invoke(main, list(arguments))
        assert result.exit_code == code, result.output
        return result

    return call


@pytest.mark.parametrize("written", [TABLES, LIST, TOP], ids=["tables", "list", "top"])
def test_freeze_and_check_take_the_folder_and_the_file(
    run: Run, folder: Path, recorded: Any, written: str
) -> None:
    (folder / "zensical.toml").write_text(written)
    done = run("freeze", ".")
    assert (done.stdout, done.stderr) == ("kerasarch.lock: 2 models, 2 described\n", "")
    assert recorded.batches == [["shop.models:lenet", "shop.models:mlp"]]
    text = (folder / "kerasarch.lock").read_text("utf-8")
    assert str(folder) not in text
    assert list(json.loads(text)["inputs"]["files"]) == ["src/lenet.py", "src/mlp.py"]
    assert run("freeze", "zensical.toml").stdout == "kerasarch.lock: 2 models, 0 described, unchanged\n"
    assert run("check", "zensical.toml").stdout == "kerasarch.lock: 2 models, current\n"
    assert recorded.batches == []
    assert not (folder / "site").exists() and not (folder / ".cache").exists()


def test_check_tells_the_difference_in_words(
    run: Run, folder: Path, recorded: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("freeze", ".")
    (folder / "docs" / "nets" / "all.md").write_text(NETS.replace("lenet", "vit"))
    (folder / "docs" / "part.txt").write_text("")
    said = run("check", ".", code=1).stdout.splitlines()
    assert said == [
        "nets/all.md:5: shop.models:vit is not in kerasarch.lock",
        "shop.models:mlp is shown by no page any more",
        "kerasarch.lock: 1 missing, 1 unused, 1 model current: run kerasarch freeze .",
    ]
    (folder / "src" / "lenet.py").write_text("another")
    cnn = (Path(__file__).parents[1] / "specs" / "cnn.json").read_text("utf-8")
    monkeypatch.setattr("sphinx_kerasarch.spec.codec.loads", _instead(cnn))
    said = run("check", "zensical.toml", code=1).stdout.splitlines()
    assert "index.md:6: shop.models:lenet is another one now" in said
    assert any(line.startswith("  params 1,256,080 → ") for line in said), said
    assert said[-1].endswith(": run kerasarch freeze zensical.toml")


def _instead(text: str) -> Callable[[str], Any]:
    from sphinx_kerasarch.spec import codec

    loads = codec.loads
    return lambda _: loads(text)


def test_describe_takes_the_site_as_well(run: Run, folder: Path, recorded: Any) -> None:
    assert "0 from the cache, 2 described" in run("describe", "--docs", "zensical.toml").stdout
    assert (folder / ".kerasarch").is_dir()  # where builds look
    assert "2 from the cache, 0 described" in run("describe", "--docs", ".").stdout


def test_frozen_pages_tell_the_command_for_this_site(run: Run, folder: Path, recorded: Any) -> None:
    """The lock is where builds look for it; what it lacks is told with the file to freeze."""
    from sphinx_kerasarch.hosts.markdown.zensical import site_in
    from sphinx_kerasarch.hosts.page.project import settings_of
    from sphinx_kerasarch.hosts.page.session import session_of

    run("freeze", ".")
    site = site_in(reading.read(folder / "zensical.toml"), "index.md")
    session = session_of(settings_of({**site.defaults, "path": ["src"], "mode": "frozen"}), print)
    session.configuration = site.configuration
    assert session.locked_by == folder / "kerasarch.lock"
    lenet = ("shop.models:lenet", "", "", "", "", "", "")
    assert session.answer(lenet).spec.name and recorded.batches == [["shop.models:lenet", "shop.models:mlp"]]
    missing = session.answer(("shop.models:vit", "", "", "", "", "", ""))
    assert missing.advice == "Run kerasarch freeze zensical.toml where Keras is, and commit kerasarch.lock."


# ---- which site


def test_of_two_configurations_the_one_that_zensical_takes(run: Run, folder: Path) -> None:
    (folder / "mkdocs.yml").write_text("site_name: Shop\n")
    done = run("freeze", ".")
    assert done.stderr == "kerasarch: zensical.toml is read; name mkdocs.yml for that one\n"
    assert run("check", ".", "-q").stderr == ""
    assert "mkdocs.yml does not use kerasarch." in run("freeze", "mkdocs.yml", code=1).stderr
    (folder / "conf.py").write_text("")
    said = run("freeze", ".", code=1).stderr
    assert "is the folder of 3 sites. Name conf.py or zensical.toml or mkdocs.yml." in said


def test_a_file_of_another_name(run: Run, folder: Path) -> None:
    (folder / "zensical.toml").rename(folder / "zensical.ci.toml")
    assert run("freeze", "zensical.ci.toml").stdout == "kerasarch.lock: 2 models, 2 described\n"
    assert "Name the folder of conf.py, mkdocs.yml or zensical.toml." in run("freeze", ".", code=1).stderr
    (folder / "pyproject.toml").write_text("[project]\n")
    assert "pyproject.toml is no site." in run("freeze", "pyproject.toml", code=1).stderr


MORE = "[project.markdown_extensions."
USES = "[project.markdown_extensions.kerasarch]\n"
NAMED = '[project]\nsite_name = "S"\n'


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[project\n", "zensical.toml cannot be read: Expected ']' at the end of a table declaration (at line 1, "),
        ("project = 3\n", "In zensical.toml project is no table. Write [project] on a line of its own."),
        ("[project]\n", 'zensical.toml has no site_name. Zensical needs site_name = "…" below [project].'),
        (NAMED, "zensical.toml does not use kerasarch. Write [project.markdown_extensions.kerasarch]."),
        (NAMED + 'docs_dir = "pages"\n', "There is no folder pages beside zensical.toml, for the pages. Make it, or"),
        (NAMED + "docs_dir = 3\n", 'In zensical.toml docs_dir is no path. Write docs_dir = "docs".'),
        (NAMED + 'docs_dir = ".."\n', "docs_dir of zensical.toml, .., is outside of its folder."),
        (NAMED + "markdown_extensions = 3\n", "In zensical.toml markdown_extensions is no table of tables."),
        (NAMED + "[project.markdown_extensions]\nkerasarch = 3\n", "markdown_extensions is no table of tables."),
        (NAMED + 'markdown_extensions = [{a = {}, b = {}}]\n', "markdown_extensions is no table of tables."),
        (NAMED + USES + "view = 1\n", "Setting 'view' of kerasarch: is not a setting. Did you mean 'views'?"),
        (NAMED + USES + 'mode = "cold"\n', "Setting 'mode' of kerasarch: 'cold' is not a choice."),
        (NAMED + USES + f"{MORE}nowhere]\n", "nowhere is not installed here, which an extension of the site is of."),
        (NAMED + USES + f"{MORE}toc]\nx = 1\n", "index.md cannot be rendered: KeyError: 'x'. Mend it"),
        (NAMED + USES + "[project.plugins.macros]\n", "Zensical is not installed here, which the plugin macros takes."),
        (
            NAMED + USES + f"{MORE}zensical.extensions.include_markdown]\n",
            "which zensical.extensions.include_markdown takes. Run this where the documentation is built, or: pip",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line(run: Run, folder: Path, written: str, said: str) -> None:
    (folder / "zensical.toml").write_text(written)
    done = run("freeze", ".", code=1)
    assert said in done.stderr and len(done.stderr.splitlines()) == 1 and not done.stdout, done.stderr
    assert not (folder / "kerasarch.lock").exists()
    assert run("check", "zensical.toml", code=2).stderr == done.stderr  # 1 is an answer of it


def test_a_page_that_cannot_be_read_and_options_of_sphinx(run: Run, folder: Path) -> None:
    (folder / "docs" / "b.md").write_bytes(b"\xff")
    assert "b.md cannot be rendered: UnicodeDecodeError" in run("freeze", ".", code=1).stderr
    said = run("freeze", ".", "-t", "x", code=1).stderr
    assert said == "kerasarch: Zensical knows no --confdir, --define and --tag. They are for Sphinx projects.\n"


def test_a_lock_that_is_watched_need_not_be_there_yet(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser of Zensical 0.1 refuses that; what else it refuses is told."""
    program = ModuleType("zensical.config")

    def parse_config(path: str) -> dict[str, Any]:
        with Path(path).open("rb") as file:
            config = program.toml_load(file)
        config = config.get("project", config)
        missing = [name for name in config["watch"] if not (Path(path).parent / name).exists()]
        if missing or not isinstance(config["nav"], list):
            raise ValueError(f"Watch path does not exist: {missing}")
        return {**config, "root_dir": str(Path(path).parent), "markdown_extensions": ["kerasarch"]}

    program.toml_load, program.parse_config = tomllib.load, parse_config  # type: ignore[attr-defined]
    monkeypatch.setattr(reading, "zensical", lambda name: program)
    written = TABLES.replace("[project]", '[project]\nwatch = ["src", "kerasarch.lock"]', 1)
    (folder / "zensical.toml").write_text(written)
    assert reading.read(folder / "zensical.toml")["watch"] == ["src"]
    assert program.toml_load is tomllib.load
    (folder / "kerasarch.lock").touch()
    assert reading.read(folder / "zensical.toml")["watch"] == ["src", "kerasarch.lock"]
    (folder / "zensical.toml").write_text(written.replace("nav = [", "nav = 3 # ["))
    with pytest.raises(OptionError, match=r"Zensical cannot read zensical.toml: Watch path .*: \[\]. See zensical"):
        reading.read(folder / "zensical.toml")


# ---- its pages

@pytest.mark.parametrize(("more", "expected"), [case[1:] for case in PAGES], ids=[case[0] for case in PAGES])
def test_the_pages_are_those_that_zensical_makes(tmp_path: Path, more: str, expected: set[str]) -> None:
    """That these are the ones is told by Zensical, see ``test_zensical_programs``."""

    make_pages(tmp_path)
    (tmp_path / "zensical.toml").write_text(f"{NAMED}{more}{USES}")
    assert [name for name, _ in pages(reading.read(tmp_path / "zensical.toml"))] == sorted(expected)


def test_patterns_take_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pathspec" else find(name))
    with pytest.raises(MissingPackageError, match="pip install pathspec"):
        list(pages({"root_dir": str(tmp_path), "docs_dir": ".", "exclude_docs": "a.md"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\ntitle: A\n---\n# B", ({"title": "A"}, "# B")),
        ("---\r\na: 1\r\n...\r\nB", ({"a": 1}, "B")),
        ("---\n---\nB", ({}, "---\n---\nB")),
        ("---\n: [\n---\nB", ({}, "---\n: [\n---\nB")),
        ("# A\n\n---\na: 1\n---\n", ({}, "# A\n\n---\na: 1\n---\n")),
        ("---\na: 1\n---", ({"a": 1}, "")),
    ],
)
def test_front_matter(text: str, expected: object) -> None:
    assert front_matter(text) == expected


def test_addresses() -> None:
    names = ("index.md", "a.md", "a/index.md", "a/b.md", "a/README.md")
    assert [url(name) for name in names] == ["", "a/", "a/", "a/b/", "a/"]

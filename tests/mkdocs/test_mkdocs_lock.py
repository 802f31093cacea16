"""The lock of an MkDocs site, with recorded models."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sphinx_kerasarch.hosts.cli.main import main

CONFIG = """
site_name: Shop
docs_dir: docs
plugins:
  - kerasarch:
      path: [src]
markdown_extensions:
  - pymdownx.snippets:
      base_path: [docs]
"""
INDEX = "# Shop\n\n/// keras-graph | shop.models:lenet\n///\n\n--8<-- \"part.txt\"\n"
PART = "```keras-graph shop.models:mlp\n```\n"

Run = Callable[..., Result]


@pytest.fixture
def run(mksite: Any, recorded: Any, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``kerasarch`` in the folder of a site with two models, one of them in a snippet."""
    monkeypatch.chdir(mksite.folder)
    (mksite.folder / "mkdocs.yml").write_text(CONFIG)
    (mksite.docs / "part.txt").write_text(PART)
    mksite.write(index=INDEX)
    (mksite.folder / "src").mkdir()
    for name in ("lenet", "mlp"):
        recorded.files[name] = mksite.folder / "src" / f"{name}.py"
        recorded.files[name].write_text(name)

    def call(*arguments: str, code: int = 0) -> Result:
        recorded.batches.clear()
        result = CliRunner().invoke(main, list(arguments))
        assert result.exit_code == code, result.output
        return result

    return call


def build(mksite: Any, **values: Any) -> Any:
    more = {"markdown_extensions": [{"pymdownx.snippets": {"base_path": [str(mksite.docs)]}}]}
    return mksite.build(path=["src"], more=more, **values)


def test_freeze_check_and_a_frozen_build(run: Run, mksite: Any, recorded: Any) -> None:
    assert run("freeze", ".").stdout == "kerasarch.lock: 2 models, 2 described\n"
    assert recorded.batches == [["shop.models:lenet", "shop.models:mlp"]]
    text = (mksite.folder / "kerasarch.lock").read_text("utf-8")
    assert str(mksite.folder) not in text
    assert list(json.loads(text)["inputs"]["files"]) == ["src/lenet.py", "src/mlp.py"]
    assert run("freeze", "mkdocs.yml").stdout == "kerasarch.lock: 2 models, 0 described, unchanged\n"
    assert run("check", ".").stdout == "kerasarch.lock: 2 models, current\n"
    assert recorded.batches == []
    build(mksite, strict=True, mode="frozen")
    assert recorded.batches == [] and mksite.read("index.html").count("<svg") == 2
    (mksite.folder / "src" / "mlp.py").write_text("another")
    said = run("check", ".").stdout
    assert "2 models, current; the sources of 1 have changed" in said
    assert recorded.batches == [["shop.models:mlp"]]


def test_what_the_lock_lacks_is_a_box_and_a_warning(
    run: Run, mksite: Any, recorded: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run("freeze", ".")
    mksite.write(index=INDEX + "\n/// keras-graph | shop.models:vit\n///\n")
    assert run("check", ".", code=1).stdout.startswith("index.md:8: shop.models:vit is not in kerasarch.lock\n")
    recorded.batches.clear()
    with caplog.at_level(logging.WARNING):
        build(mksite, mode="frozen")
    advice = "Run kerasarch freeze mkdocs.yml where Keras is, and commit kerasarch.lock. [kerasarch.lock]"
    assert f"index.md:8: keras-graph: shop.models:vit is not in kerasarch.lock. {advice}" in caplog.text
    page = mksite.read("index.html")
    assert page.count("<svg") == 2 and page.count("kerasarch-failure") == 1 and recorded.batches == []


@pytest.mark.parametrize("mode", ["frozen", "auto"])
def test_a_spoiled_lock_is_told_with_its_line(
    run: Run, mksite: Any, recorded: Any, caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    run("freeze", ".")
    path: Path = mksite.folder / "kerasarch.lock"
    path.write_text("{\n<<<<<<< ours\n" + path.read_text("utf-8"), "utf-8")
    recorded.batches.clear()
    with caplog.at_level(logging.WARNING):
        build(mksite, mode=mode)
    assert caplog.text.count("kerasarch.lock:2: kerasarch.lock cannot be used: line 2: a merge conflict") == 1
    shown = mksite.read("index.html").count("<svg")
    assert (shown, len(recorded.batches) > 0) == ((2, True) if mode == "auto" else (0, False))


def test_auto_takes_what_is_current_and_says_what_is_not(
    run: Run, mksite: Any, recorded: Any, caplog: pytest.LogCaptureFixture
) -> None:
    pytest.importorskip("fsspec")
    run("freeze", ".")
    (mksite.folder / "src" / "mlp.py").write_text("another")
    recorded.batches.clear()
    with caplog.at_level(logging.INFO):
        build(mksite, strict=True, cache_remote=(mksite.folder / "shared").as_uri())
    assert recorded.batches == [["shop.models:mlp"]]
    said = "shop.models:mlp is not as kerasarch.lock says; kerasarch freeze mkdocs.yml writes it anew"
    assert caplog.text.count(said) == 1
    assert "shop.models:lenet is not as" not in caplog.text


def test_a_site_with_the_extension_alone(run: Run, mksite: Any, recorded: Any) -> None:
    """As for Zensical, which knows no plugins."""
    (mksite.folder / "mkdocs.yml").write_text(
        "site_name: Shop\nmarkdown_extensions:\n  - kerasarch:\n      path: src\n      lock: locks.json\n"
    )
    assert run("freeze", ".").stdout == "locks.json: 1 model, 1 described\n"
    run("check", ".")
    (mksite.folder / "mkdocs.yml").write_text("site_name: Shop\n")
    assert "mkdocs.yml does not use kerasarch. Name it among" in run("freeze", ".", code=1).stderr
    (mksite.folder / "mkdocs.yml").write_text("site_name: [\n")
    assert "MkDocs cannot read" in run("freeze", ".", code=1).stderr
    assert "They are for Sphinx projects." in run("freeze", ".", "-t", "x", code=1).stderr

"""Locks of Zensical and ProperDocs sites where these programs are: they read the sites, and build from the lock."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from mkdocs_programs import GOOD, PYTHONS, ROOT, Tool, site, without
from zensical_pages import PAGES, make_pages

pytestmark = without
SETTINGS = """
[project]
site_name = "S"
watch = ["kerasarch.lock"]
[project.plugins.macros]
[project.markdown_extensions.kerasarch]
path = ["src"]
mode = "frozen"
"""
MACROS = """---
net: shop:lenet
---
# Home

/// keras-layered | shop:lenet
///

{% for units in (5, 7) %}
/// keras-graph | {{ net }}
    args: units={{ units }}
///
{% endfor %}
"""
SOURCE = GOOD.replace("def lenet()", "def lenet(units=3)").replace("Dense(3)", "Dense(units, name='last')")


@pytest.fixture
def zensical(entry_points_folder: Path) -> Tool:
    return Tool("zensical", [entry_points_folder, ROOT])


def kerasarch(tool: Tool, folder: Path, *arguments: str, status: int = 0, without_modules: str = "") -> str:
    """Its output, in the environment of the other programs."""
    hidden = "".join(f"sys.modules[{name!r}] = None; " for name in without_modules.split())
    program = f"import sys; {hidden}from sphinx_kerasarch.hosts.cli.main import main; main()"
    done = subprocess.run(
        [PYTHONS["zensical"], "-c", program, *arguments],
        env=tool.env,
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize(("more", "expected"), [case[1:] for case in PAGES], ids=[case[0] for case in PAGES])
def test_zensical_makes_the_pages_that_are_read(
    zensical: Tool, tmp_path: Path, more: str, expected: set[str]
) -> None:
    make_pages(tmp_path)
    (tmp_path / "zensical.toml").write_text(f'[project]\nsite_name = "S"\n{more}')
    zensical.build(tmp_path)
    out = tmp_path / "site"
    made = {path.parent.relative_to(out).as_posix() for path in out.rglob("index.html")}
    folders = {name.removesuffix(".md").removesuffix("index").removesuffix("README").rstrip("/") for name in expected}
    assert made == {folder or "." for folder in folders}


@pytest.mark.keras
def test_blocks_that_zensical_writes_are_frozen_and_a_new_lock_is_seen(zensical: Tool, tmp_path: Path) -> None:
    folder = site(tmp_path / "site of nets", SOURCE, index=MACROS)
    (folder / "mkdocs.yml").unlink()
    (folder / "zensical.toml").write_text(SETTINGS)
    page, lock = folder / "site" / "index.html", folder / "kerasarch.lock"
    assert kerasarch(zensical, folder, "freeze", ".") == "kerasarch.lock: 3 models, 3 described\n"
    assert zensical.build(folder, "--strict").count("kerasarch") == 0
    before = _drawn(page)
    assert len(before) == 3 and before[1] != before[2]
    source = folder / "src" / "shop.py"
    source.write_text(SOURCE.replace("units=3", "units=9"))
    said = kerasarch(zensical, folder, "check", "zensical.toml", status=1).splitlines()
    assert said[0] == "index.md:6: shop:lenet is another one now"
    assert "  ~ last Dense: units 3 → 9" in "\n".join(said), said
    zensical.build(folder, "--strict")
    assert _drawn(page) == before  # the lock is what counts
    assert kerasarch(zensical, folder, "freeze", ".").startswith("kerasarch.lock: 3 models, 3 described")
    later = lock.stat().st_mtime + 2  # Zensical tells versions of a file apart by the second
    os.utime(lock, (later, later))
    zensical.build(folder, "--strict")
    after = _drawn(page)
    assert after[0] != before[0] and after[1:] == before[1:]


def _drawn(page: Path) -> list[str]:
    return re.findall(r"<svg\b[^>]*kerasarch-svg.*?</svg>", page.read_text("utf-8"), re.DOTALL)


@pytest.mark.keras
def test_a_lock_that_zensical_does_not_watch_is_told(zensical: Tool, tmp_path: Path) -> None:
    folder = site(tmp_path, SOURCE, index=MACROS)
    (folder / "zensical.toml").write_text(SETTINGS.replace("watch", "# "))
    said = zensical.build(folder, status=None)
    advice = "Run kerasarch freeze zensical.toml where Keras is, and commit kerasarch.lock."
    assert f"There is no lock kerasarch.lock. {advice}" in said and "write watch" not in said
    (folder / "kerasarch.lock").write_text("{}")
    said = zensical.build(folder, status=None)
    assert 'Zensical sees no change of the lock: write watch = ["kerasarch.lock"] below [project].' in said


def test_what_zensical_says_of_a_configuration_is_one_line(zensical: Tool, tmp_path: Path) -> None:
    folder = site(tmp_path, GOOD, index="# Home\n")
    (folder / "zensical.toml").write_text(SETTINGS + '[project.plugins.exclude]\nregex = "["\n')
    said = kerasarch(zensical, folder, "freeze", "zensical.toml", status=1)
    assert "Zensical cannot read zensical.toml: exclude invalid regular expression" in said and said.count("\n") == 1
    (folder / "zensical.toml").write_text(SETTINGS)
    (folder / "docs" / "index.md").write_text("{{ nothing.at.all }}\n")
    # No end of its builds, and so none of this; but told.
    said = kerasarch(zensical, folder, "freeze", "zensical.toml")
    assert "Macro rendering failed in index.md: 'nothing' is undefined" in said


@pytest.mark.keras
def test_mkdocs_yml_is_read_by_the_program_that_is_there(zensical: Tool, tmp_path: Path) -> None:
    """MkDocs, ProperDocs, Zensical: the same lock, to the byte."""
    folder = site(tmp_path, SOURCE, index="# Home\n\n/// keras-graph | shop:lenet\n///\n")
    (folder / "zensical.toml").unlink()
    config = folder / "mkdocs.yml"
    config.write_text("site_name: S\nmarkdown_extensions:\n  - kerasarch:\n      path: [src]\n")
    assert kerasarch(zensical, folder, "freeze", ".", "-o", "0") == "0: 1 model, 1 described\n"
    kerasarch(zensical, folder, "freeze", ".", "-o", "1", without_modules="mkdocs properdocs")
    # Where it is named by its file: ProperDocs would not look for this name without a word.
    config.write_text("site_name: S\nplugins:\n  - kerasarch:\n      path: [src]\n")
    config.rename(folder / "properdocs.yml")
    kerasarch(zensical, folder, "freeze", ".", "-o", "2")
    said = kerasarch(zensical, folder, "freeze", ".", status=1, without_modules="mkdocs properdocs zensical")
    assert said == (
        "kerasarch: mkdocs is not installed here, which properdocs.yml is for. Run this where the documentation is "
        "built, or: pip install sphinx-kerasarch[mkdocs]\n"
    )
    first, *others = ((folder / str(number)).read_bytes() for number in range(3))
    assert first and others == [first, first]

"""Build the documentation of the example: ``python3 example_project/build.py [BUILDER]``.

``BUILDER``: html and any other builder of Sphinx; mkdocs, properdocs or zensical for the same pages in Markdown. Needs
nothing but Python 3.11 or newer and pip; makes the environment ``.venv`` at the top of the checkout.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / ".ci"))

import environment  # noqa: E402 - found by the line above

OUT = HERE / "docs" / "_build"
MARKDOWN = {
    "mkdocs": ("mkdocs", [], "mkdocs.yml", "mkdocs"),
    "properdocs": ("markdown", ["properdocs>=1.6.7", "properdocs-theme-mkdocs>=1.6.7"], "mkdocs.yml", "mkdocs"),
    "zensical": ("markdown", ["zensical>=0.0.73"], "zensical.toml", "zensical"),
}
"""Program → our extra, what else it needs, its configuration, its output below ``docs/_build``."""


def plan(builder: str) -> tuple[list[str], list[str | Path], Path]:
    """What to install, what to run, and the first page or the folder that then is there."""
    if builder in MARKDOWN:
        extra, more, config, out = MARKDOWN[builder]
        command: list[str | Path] = ["-m", builder, "build", "--strict", "-f", HERE / config]
        return [*environment.extra(extra), *more], command, OUT / out
    trees = ["-d", OUT / "doctrees", HERE / "docs", OUT / builder]
    return environment.group("docs"), ["-m", "sphinx", "-nW", "--keep-going", "-b", builder, *trees], OUT / builder


def main(builder: str = "html") -> int:
    wanted, command, output = plan(builder)
    environment.prepare(wanted)
    environment.step("building the documentation from live models")
    status = environment.run(environment.PYTHON, *command)
    if status == 0:
        page = output / "index.html"
        environment.step(f"ready: {page if page.exists() else output}")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))

"""The example from its lock, without Keras, beside the same pages with static pictures.

All are built by the same interpreter, which has the installed packages but those that compute. The static sites have
the pictures that the frozen build drew, as ``figure``, and the same tables: as files for ``csv-table``, or as raw HTML,
which costs a build next to nothing. Measured are a first build with nothing remembered, which draws every figure; the
same with the pictures of an earlier build in ``kerasarch_cache_dir``, as a CI job that keeps this folder has it; and a
build after one page was touched.
"""

from __future__ import annotations

import argparse
import csv
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

from measure import alternate, run, table

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "shared"))
from barren import link_packages  # noqa: E402 - found by the line above

RST = re.compile(r"^\.\. keras-[\w-]+:: .*\n((?:[ ]{3}.*\n|\n(?=[ ]{3}|\n[ ]{3}))*)", re.MULTILINE)
MYST = re.compile(r"^```\{keras-[\w-]+\} .*\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r'<img [^>]*src="_images/(kerasarch-[^"]+)"|(<table class="kerasarch.*?</table>)', re.DOTALL)
PROGRAM = "import sys; sys.path += {path!r}; from sphinx.cmd.build import main; sys.exit(main(sys.argv[1:]))"


def static_site(docs: Path, built: Path, folder: Path, *, raw: bool = False) -> Path:
    """``docs`` with what ``built`` shows in place of its directives. ``raw``: tables are HTML."""
    shutil.copytree(docs, folder, ignore=shutil.ignore_patterns("_build", "*.lock"))
    (folder / "shown").mkdir()
    conf = folder / "conf.py"
    conf.write_text(
        re.sub(r"(?m)^kerasarch_.*\n", "", conf.read_text("utf-8")).replace('"sphinx_kerasarch", ', ""), "utf-8"
    )
    for page in sorted(folder.glob("*.*")):
        if page.suffix in {".rst", ".md"}:
            html = (built / f"{page.stem}.html").read_text("utf-8")
            page.write_text(_replaced(page, SHOWN.finditer(html), built, folder / "shown", raw), "utf-8")
    return folder


def cells(html: str) -> list[list[str]]:
    """Rows of a table as reStructuredText."""
    rows = []
    for row in re.findall(r"<tr.*?</tr>", html, re.DOTALL):
        texts = [re.sub(r"<[^>]*>", "", cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row, re.DOTALL)]
        rows.append([re.sub(r"([\\*`_|])", r"\\\1", unescape(text).strip()) for text in texts])
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _replaced(page: Path, shown: Iterator[re.Match[str]], built: Path, folder: Path, raw: bool) -> str:
    """The page with static figures, all at its end."""
    parts = []
    indent = 3 if page.suffix == ".rst" else 0
    for number, match in enumerate(shown):
        if match[1]:
            shutil.copy(built / "_images" / match[1], folder / match[1])
            parts.append((f"figure:: shown/{match[1]}", "A static picture."))
        elif raw:
            name = f"{page.stem}-{number}.html"
            (folder / name).write_text(match[2], "utf-8")
            parts.append(("raw:: html", f":file: shown/{name}"))
        else:
            name = f"{page.stem}-{number}.csv"
            with (folder / name).open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(cells(match[2]))
            parts.append(("csv-table:: Static", f":file: shown/{name}\n{' ' * indent}:header-rows: 1"))
    text = page.read_text("utf-8")
    if page.suffix == ".rst":
        blocks = [f".. {head}\n{chr(10) if 'figure' in head else ''}   {body}\n" for head, body in parts]
        text = RST.sub("\n", text) + "\n\n" + "\n".join(blocks)
    else:
        blocks = [f"```{{{head.split('::')[0]}}} {head.split('::')[1].strip()}\n{body}\n```\n" for head, body in parts]
        text = MYST.sub("\n", text) + "\n" + "\n".join(blocks)
    text = re.sub(r":(?:numref|keras:model):`([^`<]*?)(?: <[^`]*)?`", r"``\1``", text)
    return re.sub(r"\{(?:numref|keras:model)\}`([^`]*)`", r"`\1`", text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        example = root / "example"
        shutil.copytree(ROOT / "example_project", example, ignore=shutil.ignore_patterns("_build", "__pycache__"))
        run([sys.executable, "-m", "sphinx_kerasarch", "freeze", str(example / "docs")])
        shutil.rmtree(example / "src")  # nothing of it is needed
        link_packages(root / "packages")
        program = PROGRAM.format(path=[str(ROOT), str(root / "packages")])
        sphinx = [sys.executable, "-I", "-S", "-c", program, "-q", "-b", "html"]
        frozen = ["-D", "kerasarch_mode=frozen"]
        cached = [*frozen, "-D", f"kerasarch_cache_dir={root / 'cache'}"]

        def fresh(site: Path, *more: str) -> Callable[[], None]:
            def build() -> None:
                for name in ("out", "trees"):
                    shutil.rmtree(root / f"fresh-{name}", ignore_errors=True)
                run([*sphinx, *more, "-d", str(root / "fresh-trees"), str(site), str(root / "fresh-out")])

            return build

        def touched(site: Path, *more: str) -> Callable[[], None]:
            out = root / f"out-{site.parent.name}-{site.name}"
            command = [*sphinx, *more, "-d", f"{out}-trees", str(site), str(out)]
            run(command)

            def build() -> None:
                page = site / "tutorials.rst"
                page.write_text(page.read_text("utf-8") + "\n.. touched\n", "utf-8")
                run(command)

            return build

        docs = example / "docs"
        run([*sphinx, *frozen, "-W", str(docs), str(root / "built")])
        static = static_site(docs, root / "built", root / "static")
        bare = static_site(docs, root / "built", root / "bare", raw=True)
        run([*sphinx, "-W", str(static), str(root / "static-built")])
        counts = [len(list((root / name / "_images").glob("*.svg"))) for name in ("built", "static-built")]
        assert counts[0] == counts[1] > 10, counts
        print(f"{counts[0]} pictures, {given.runs} runs")
        fresh(docs, *cached)()
        for title, works in {
            "First build": {
                "static pictures": fresh(static),
                "static pictures, tables raw": fresh(bare),
                "frozen": fresh(docs, *frozen),
                "frozen, pictures kept": fresh(docs, *cached),
            },
            "One page touched": {
                "static pictures": touched(static),
                "static pictures, tables raw": touched(bare),
                "frozen": touched(docs, *frozen),
            },
        }.items():
            print(f"\n{title}")
            print(table(alternate(works, given.runs), "static pictures"))


if __name__ == "__main__":
    main()

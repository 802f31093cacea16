"""The example from its lock, without Keras, beside the same pages with static pictures.

Both are built by the same interpreter, which has the installed packages but those that compute. The static site has the
pictures that the frozen build drew, as ``figure``, and its tables as raw HTML, which costs a build next to nothing. It
measures a first build with nothing remembered, which draws every figure; the same with the pictures of an earlier
build in ``kerasarch_cache_dir``, as a CI job that keeps this folder has it; and a build after one page was touched.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from measure import alternate, run, table

ROOT = Path(__file__).parents[2]
COMPUTES = re.compile(r"(keras|tensorflow|tf_keras|jax|torch|numpy|h5py|ml_dtypes|scipy)([-_.].*)?", re.IGNORECASE)
RST = re.compile(r"^\.\. keras-[\w-]+:: .*\n((?:[ ]{3}.*\n|\n(?=[ ]{3}|\n[ ]{3}))*)", re.MULTILINE)
MYST = re.compile(r"^```\{keras-[\w-]+\} .*\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r'<img [^>]*src="_images/(kerasarch-[^"]+)"|(<table class="kerasarch.*?</table>)', re.DOTALL)
PROGRAM = "import sys; sys.path += {path!r}; from sphinx.cmd.build import main; sys.exit(main(sys.argv[1:]))"


def packages(folder: Path) -> Path:
    """Links to what is installed here, but for Keras and the like."""
    folder.mkdir()
    for site in dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))):
        for entry in Path(site).iterdir():
            own = entry.name.startswith("sphinx_kerasarch") or entry.suffix == ".pth"
            if not own and not COMPUTES.fullmatch(entry.name) and not (folder / entry.name).exists():
                (folder / entry.name).symlink_to(entry)
    return folder


def static_site(docs: Path, built: Path, folder: Path) -> Path:
    """``docs`` with what ``built`` shows in place of its directives."""
    shutil.copytree(docs, folder, ignore=shutil.ignore_patterns("_build", "*.lock"))
    (folder / "shown").mkdir()
    conf = folder / "conf.py"
    conf.write_text(
        re.sub(r"(?m)^kerasarch_.*\n", "", conf.read_text("utf-8")).replace('"sphinx_kerasarch", ', ""), "utf-8"
    )
    for page in sorted(folder.glob("*.*")):
        if page.suffix in {".rst", ".md"}:
            html = (built / f"{page.stem}.html").read_text("utf-8")
            page.write_text(_replaced(page, SHOWN.finditer(html), built, folder / "shown"), "utf-8")
    return folder


def _replaced(page: Path, shown: Iterator[re.Match[str]], built: Path, folder: Path) -> str:
    """The page with static figures; each takes its place where the first directive of its page was."""
    parts = []
    for number, match in enumerate(shown):
        if match[1]:
            shutil.copy(built / "_images" / match[1], folder / match[1])
            parts.append((f"figure:: shown/{match[1]}", "A static picture."))
        else:
            name = f"{page.stem}-{number}.html"
            (folder / name).write_text(match[2], "utf-8")
            parts.append(("raw:: html", f":file: shown/{name}"))
    text = page.read_text("utf-8")
    if page.suffix == ".rst":
        blocks = [f".. {head}\n{'' if 'raw' in head else chr(10)}   {body}\n" for head, body in parts]
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
        program = PROGRAM.format(path=[str(ROOT), str(packages(root / "packages"))])
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
        run([*sphinx, "-W", str(static), str(root / "static-built")])
        counts = [len(list((root / name / "_images").glob("*.svg"))) for name in ("built", "static-built")]
        assert counts[0] == counts[1] > 10, counts
        print(f"{counts[0]} pictures, {given.runs} runs")
        fresh(docs, *cached)()
        for title, works in {
            "First build": {
                "static pictures": fresh(static),
                "frozen": fresh(docs, *frozen),
                "frozen, pictures kept": fresh(docs, *cached),
            },
            "One page touched": {"static pictures": touched(static), "frozen": touched(docs, *frozen)},
        }.items():
            print(f"\n{title}")
            print(table(alternate(works, given.runs), "static pictures"))


if __name__ == "__main__":
    main()

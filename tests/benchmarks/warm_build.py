"""A second build with 100 directives beside the same site with static images.

One page is changed before each build. Each of ours must say that nothing was imported.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from measure import alternate, run, table

PAGES = 10
PER_PAGE = 10
MODELS = """
import keras


def build(units):
    inputs = keras.Input((28, 28, 1))
    x = keras.layers.Conv2D(units, 3, activation="relu")(inputs)
    x = keras.layers.MaxPooling2D()(x)
    x = keras.layers.Flatten()(x)
    return keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x), name=f"net{units}")
"""


def write_site(folder: Path, extensions: str, body: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "zoo.py").write_text(MODELS)
    (folder / "conf.py").write_text(
        f"project = 'bench'\nextensions = [{extensions}]\nnumfig = True\nkerasarch_path = ['.']\n"
        "kerasarch_views = 'layered'\nexclude_patterns = ['_build']\n"
    )
    pages = "\n   ".join(f"page{page}" for page in range(PAGES))
    (folder / "index.rst").write_text(f"Bench\n=====\n\n.. toctree::\n\n   {pages}\n")
    for page in range(PAGES):
        blocks = "\n".join(
            body.format(units=page * PER_PAGE + number + 1, title=f"Net {page}.{number}")
            for number in range(PER_PAGE)
        )
        (folder / f"page{page}.rst").write_text(f"Page {page}\n======\n\n{blocks}\n")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        ours = write_site(
            root / "ours", "'sphinx_kerasarch'", ".. keras-layered:: zoo:build({units})\n\n   {title}\n"
        )
        build = [sys.executable, "-m", "sphinx", "-b", "html"]
        run([*build, str(ours), str(ours / "_build")])
        images = sorted((ours / "_build" / "_images").glob("kerasarch-*.svg"))
        assert len(images) == PAGES * PER_PAGE, f"{len(images)} figures were drawn"
        static = write_site(root / "static", "", ".. figure:: images/{units}.svg\n\n   {title}\n")
        (static / "images").mkdir()
        for number, image in enumerate(images, 1):
            shutil.copy(image, static / "images" / f"{number}.svg")
        run([*build, str(static), str(static / "_build")])

        def warm(site: Path) -> None:
            page = site / "page3.rst"
            page.write_text(page.read_text("utf-8") + "\n.. touched\n")
            said = run([*build, str(site), str(site / "_build")])
            assert site == static or "nothing was imported" in said, said

        samples = alternate({"static images": lambda: warm(static), "ours": lambda: warm(ours)}, given.runs)
    print(f"Warm build, {PAGES * PER_PAGE} figures on {PAGES} pages, one page touched, {given.runs} runs")
    print(table(samples, "static images"))


if __name__ == "__main__":
    main()

"""A first build of 20 models beside a bare script that imports Keras once and builds the same models.

Also the peak memory of the worker that describes VGG16 beside the one that describes LeNet.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from measure import alternate, run, table

MODELS = 20
ZOO = """
import keras


def build(depth):
    inputs = keras.Input((32, 32, 3))
    x = inputs
    for level in range(depth % 5 + 2):
        x = keras.layers.Conv2D(16 * (level + 1), 3, padding="same", activation="relu")(x)
        x = keras.layers.BatchNormalization()(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(10 + depth)(x), name=f"net{depth}")


def vgg16():
    return keras.applications.VGG16(weights=None)
"""
PEAK = """
import resource, sys
from sphinx_kerasarch.inspector import Inspector, Request
with Inspector(path=(sys.argv[1],)) as inspector:
    inspector.describe(Request(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


def write_site(folder: Path) -> Path:
    folder.mkdir()
    (folder / "zoo.py").write_text(ZOO)
    (folder / "conf.py").write_text("extensions = ['sphinx_kerasarch']\nkerasarch_path = ['.']\n")
    body = "\n".join(f".. keras-model:: zoo:build({number})\n\n   Net {number}\n" for number in range(MODELS))
    (folder / "index.rst").write_text(f"Bench\n=====\n\n{body}\n")
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        site = write_site(Path(temporary) / "site")
        script = f"import zoo\nfor number in range({MODELS}):\n    zoo.build(number)\n"

        def bare() -> None:
            run([sys.executable, "-c", script], cwd=site)

        def ours() -> None:
            shutil.rmtree(site / "_build", ignore_errors=True)
            run([sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(site), str(site / "_build")])

        samples = alternate({"bare script": bare, "sphinx-build": ours}, given.runs)
        print(f"Cold build of {MODELS} models, all views, {given.runs} runs")
        print(table(samples, "bare script"))
        peaks = {
            target: float(run([sys.executable, "-c", PEAK, str(site), target]))
            for target in ("zoo:build(1)", "zoo:vgg16")
        }
        for target, megabytes in peaks.items():
            print(f"peak memory of the worker, {target:16}{megabytes:8.0f} MiB")


if __name__ == "__main__":
    main()

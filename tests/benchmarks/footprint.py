"""What the extension adds to Sphinx' own process: CPU seconds and megabytes."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from measure import run

BUILD = """
import resource, sys, time
from sphinx.cmd.build import main
start = time.process_time()
assert main(sys.argv[1:]) == 0
usage = resource.getrusage(resource.RUSAGE_SELF)
print("\\nfootprint", time.process_time() - start, usage.ru_maxrss / 1024)
"""
ZOO = """
import keras


def build():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
"""


def write_site(folder: Path, extensions: str, body: str) -> Path:
    folder.mkdir()
    (folder / "zoo.py").write_text(ZOO)
    (folder / "conf.py").write_text(f"extensions = [{extensions}]\nkerasarch_path = ['.']\n")
    (folder / "index.rst").write_text(f"Site\n====\n\n{body}\n")
    return folder


def build(site: Path) -> tuple[float, float]:
    (site / "index.rst").touch()
    output = run([sys.executable, "-c", BUILD, "-q", "-E", "-b", "html", str(site), str(site / "_build")])
    _, seconds, megabytes = next(line for line in output.splitlines() if line.startswith("footprint")).split()
    return float(seconds), float(megabytes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        sites = {
            "without": write_site(root / "without", "", "Text."),
            "loaded, no directive": write_site(root / "loaded", "'sphinx_kerasarch'", "Text."),
            "one model, warm": write_site(root / "warm", "'sphinx_kerasarch'", ".. keras-model:: zoo:build"),
        }
        for site in sites.values():
            build(site)
        samples: dict[str, list[tuple[float, float]]] = {name: [] for name in sites}
        for _ in range(given.runs):
            for name, site in sites.items():
                samples[name].append(build(site))
    base = [statistics.median(values) for values in zip(*samples["without"], strict=True)]
    for name, found in samples.items():
        seconds, megabytes = (statistics.median(values) for values in zip(*found, strict=True))
        print(
            f"{name:24}{seconds:8.3f} s CPU ({1000 * (seconds - base[0]):+6.0f} ms)"
            f"{megabytes:8.1f} MiB ({megabytes - base[1]:+5.1f})"
        )


if __name__ == "__main__":
    main()

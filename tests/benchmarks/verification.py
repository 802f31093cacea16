"""What it costs to find out, without a worker, that descriptions are still true.

A generated project of 1 000 models: each has a module and a settings file of its own and shares 18 modules with the
others. Records are made by the worker's own functions for such a project, then verified as a build does it: by one
verifier that has seen nothing. Beside it the floor: opening, reading and hashing the same files, and nothing else.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sphinx_kerasarch.cache.store import Store
from sphinx_kerasarch.cache.verify import Verifier
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.wire import packages as packages_
from sphinx_kerasarch.wire import record
from sphinx_kerasarch.wire.question import Description, Request

SPECS = Path(__file__).resolve().parents[1] / "specs"
SHARED = 18
SETTLED = 2.1
"""Seconds after which the verifier believes that a file is at rest."""


def project(root: Path, models: int, size: int) -> list[dict[str, Any]]:
    """Files of ``size`` bytes, and the record of each model."""
    package = root / "zoo"
    package.mkdir(parents=True)
    shared = [package / "__init__.py", *(package / f"block{number}.py" for number in range(SHARED - 1))]
    own = [(package / f"model{number}.py", package / f"model{number}.json") for number in range(models)]
    for file in [*shared, *(file for pair in own for file in pair)]:
        file.write_bytes((f"# {file.name}\n" * (size // 8 + 1)).encode()[:size])
    sites = [entry for entry in sys.path if Path(entry).name == "site-packages"]
    packages = dict(sorted(packages_.installed(sites).versions.items())[:24])
    names = {f"block{number}": f"block{number}.py" for number in range(SHARED - 1)}
    return [
        {
            "files": {str(file): record.file_digest(file) for file in (*shared, *pair)},
            "listings": {},
            "kinds": {str(package / "local.json"): ""},
            "links": {},
            "modules": {str(root): {"zoo": "zoo/"}, str(package): {**names, pair[0].stem: pair[0].name}},
            "shadows": {str(root): "absl h5py keras ml_dtypes namex numpy optree packaging rich typing_extensions"},
            "missing": [],
            "lent": {},
            "folder": {},
            "packages": packages,
            "sites": sites,
            "env": {"KERAS_BACKEND": record.text_digest(os.environ.get("KERAS_BACKEND", "")), "ZOO": ""}
            if "KERAS_BACKEND" in os.environ
            else {"KERAS_BACKEND": "", "ZOO": ""},
            "keras_config": record.keras_config(os.environ),
            "backend": "",
            "code": record.code_digest(),
        }
        for pair in own
    ]


def seconds(work: Callable[[], object], runs: int, before: Callable[[], object] = lambda: None) -> float:
    """CPU seconds, the median of ``runs``: other programs on the machine do not count, and the files are in memory."""
    taken = []
    for _ in range(runs):
        before()
        gc.collect()
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return statistics.median(taken)


def floor(paths: list[str]) -> None:
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        hashlib.sha256(os.read(handle, os.fstat(handle).st_size)).hexdigest()
        os.close(handle)


def verify(records: list[dict[str, Any]], verifier: Verifier | None = None) -> None:
    verifier = verifier or Verifier()
    for told in records:
        assert not (found := verifier.differs(told, {}, "")), found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--models", type=int, default=1_000)
    given = parser.parse_args()
    print(f"{given.models} models of {SHARED + 2} files, {SHARED} of them shared; CPU, median of {given.runs} runs\n")
    print("bytes per file  µs per file  floor  ratio  ms per model  together")
    for size in (500, 2_000, 8_000, 32_000):
        with tempfile.TemporaryDirectory() as temporary:
            print(one_size(Path(temporary).resolve(), size, given.models, given.runs))
    print("\nms per model: one that shares no file; together: in a build of all, where what is shared is read once")
    whole(given.runs)


def one_size(root: Path, size: int, models: int, runs: int) -> str:
    """A line of the table, for files of ``size`` bytes."""
    records = project(root / "all", models, size)
    (single,) = project(root / "single", 1, size)
    paths = sorted({path for told in records for path in told["files"]})
    warm = Verifier()
    verify([single], warm)
    time.sleep(SETTLED)
    per_file = seconds(lambda: [Verifier.file(warm, path) for path in paths], runs, before=warm._digests.clear)
    least = seconds(lambda: floor(paths), runs)
    alone = seconds(lambda: look_alone(single, warm), runs)
    together = seconds(lambda: verify(records), runs)
    return (
        f"{size:14,}{per_file / len(paths) * 1e6:13.1f}{least / len(paths) * 1e6:7.1f}{per_file / least:7.2f}"
        f"{alone * 1e3:14.3f}{together / models * 1e3:10.3f}"
    )


def look_alone(told: dict[str, Any], warm: Verifier) -> None:
    """A model that shares no file; what a build does once (packages, our own code) is done."""
    warm.__dict__.update({name: {} for name in ("_digests", "_listings", "_names")})
    assert not (found := warm.differs(told, {}, "")), found


def whole(runs: int) -> None:
    """Also reading the entry of the cache and its spec; and what is done once."""
    print(f"\n{'entry of the cache, read and verified':40}{'KiB':>7}{'ms':>8}")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary).resolve()
        (told,) = project(root, 1, 2_000)
        for name in ("lenet", "resnet50"):
            spec = loads((SPECS / f"{name}.json").read_text("utf-8"))
            settings = {"roots": [str(root)]}
            request = Request(f"zoo:{name}")
            store = Store(root / "cache")
            store.keep(request, settings, Description(spec, told))
            time.sleep(SETTLED)
            store.find(request, settings)
            taken = seconds(lambda asked=request, where=settings, s=store: s.find(asked, where), runs)  # type: ignore[misc]
            (entry,) = (path for path in (root / "cache").rglob("*.json") if f'"zoo:{name}"' in path.read_text("utf-8"))
            print(f"{name:40}{entry.stat().st_size / 1024:7.0f}{taken * 1e3:8.2f}")
        sites = [entry for entry in sys.path if Path(entry).name == "site-packages"]
        print(f"\n{'once in a build':40}{'ms':>15}")
        print(f"{'our own code':40}{seconds(record.code_digest, runs) * 1e3:15.2f}")
        print(f"{'installed packages':40}{seconds(lambda: packages_.installed(sites), runs) * 1e3:15.2f}")


if __name__ == "__main__":
    main()

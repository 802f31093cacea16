"""LibreOffice as a reader of slides: one run for any number of files, with a profile of its own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

NEEDS_OFFICE = [
    pytest.mark.office,
    pytest.mark.skipif(
        shutil.which("soffice") is None or shutil.which("pdftoppm") is None, reason="needs LibreOffice"
    ),
]


def converted(files: Sequence[Path], suffix: str, folder: Path) -> list[Path]:
    """``files`` in another format, below ``folder``."""
    out = folder / suffix
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--norestore",
         "--convert-to", suffix, "--outdir", str(out), *map(str, files)],
        check=True,
        capture_output=True,
        timeout=240,
    )  # fmt: skip
    made = [out / file.with_suffix(f".{suffix}").name for file in files]
    # It ends well whatever it could not read.
    assert all(path.is_file() for path in made), [path.name for path in made if not path.is_file()]
    return made


def pictured(pdf: Path, dpi: int) -> Path:
    """The only page of ``pdf`` as PNG."""
    run = ["pdftoppm", "-r", str(dpi), "-png", "-singlefile", str(pdf), str(pdf.with_suffix(""))]
    subprocess.run(run, check=True, capture_output=True, timeout=120)
    return pdf.with_suffix(".png")

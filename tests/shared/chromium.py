"""Chromium, as all tests start it: on a busy machine, and where ``/dev/shm`` is as small as in containers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
"""Empty where there is none."""
SWITCHES = ("--no-sandbox", "--disable-dev-shm-usage")
QUIET = (
    *("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
LIMIT = 300.0
"""Seconds for the browser to start, to load a page, or to do all that it is asked for."""


def run(profile: Path, *arguments: str) -> str:
    """What the program writes to its output: of ``--dump-dom`` a page, when its scripts have run."""
    command = [PROGRAM, *SWITCHES, *QUIET, f"--user-data-dir={profile}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=LIMIT).stdout


@contextmanager
def launched() -> Iterator[Any]:
    """A browser of Playwright's."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(SWITCHES), timeout=LIMIT * 1000)
        yield browser
        browser.close()


def opened(browser: Any, **settings: Any) -> Any:
    """A page of it, which may take its time."""
    page = browser.new_page(**settings)
    page.set_default_timeout(LIMIT * 1000)
    return page

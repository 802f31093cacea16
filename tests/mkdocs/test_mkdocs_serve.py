"""A site that is served follows its models and its pages."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from mkdocs_programs import Tool, site, tree

pytestmark = pytest.mark.keras
LIMIT = 180.0
"""Seconds for a page to come. On a quiet machine it takes 0.1 to 0.7 after its model has been described; a busy one
says nothing about more than that it comes at all."""
PORTS = range(20_000, 30_000)
"""Below those that systems hand out: nobody else gets one between the look and its use by chance."""

SOURCE = """import time

def lenet():
    import keras
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense({units})])
    with open({stamp!r}, "w") as file:
        file.write(str(time.time()))
    return model
"""
PAGE = "# Page\n\n/// keras-model | shop:lenet\n    views: graph, summary\n///\n"


def free_port() -> int:
    for number in range(len(PORTS)):
        port = PORTS[(os.getpid() + number) % len(PORTS)]
        with contextlib.suppress(OSError), socket.socket() as free:
            free.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


class Served:
    def __init__(self, tool: Tool, folder: Path) -> None:
        self.port = free_port()
        self.log = folder / "log"
        command = [*tool.command("serve", folder), "-a", f"127.0.0.1:{self.port}"]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, env=tool.env, cwd=folder, stdout=log, stderr=log)

    def get(self, path: str = "/") -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""  # not yet, or in the middle of a build

    def shows(self, text: str) -> str:
        """The first page, as soon as it holds ``text``."""
        end = time.monotonic() + LIMIT
        while time.monotonic() < end and self.process.poll() is None:
            page = self.get()
            if text in page:
                return page
            # The request that a browser holds open until there is something new.
            told = re.search(r"livereload\((\d+), (\d+)\)", page)
            if told is None or not self.get(f"/livereload/{told[1]}/{told[2]}"):
                time.sleep(0.02)
        raise AssertionError(self.log.read_text("utf-8"))


@pytest.fixture
def served(tool: Tool, tmp_path: Path) -> Iterator[Served]:
    if tool.name == "properdocs":
        pytest.skip("serves as MkDocs does")
    site(tmp_path, SOURCE.format(units=11, stamp=str(tmp_path / "stamp")), index=PAGE)
    running = Served(tool, tmp_path)
    yield running
    running.process.terminate()
    running.process.wait(timeout=LIMIT)


def test_a_served_page_follows_its_model_and_its_text(served: Served, tmp_path: Path) -> None:
    source, stamp = tmp_path / "src" / "shop.py", tmp_path / "stamp"
    assert ">11<" in served.shows('class="kerasarch-svg"')
    before = tree(tmp_path / "docs")
    time.sleep(1.1)  # Zensical takes a file for unchanged that is written twice within a second

    source.write_text(SOURCE.format(units=77, stamp=str(stamp)))
    assert ">11<" not in served.shows(">77<")
    assert tree(tmp_path / "docs") == before
    described = stamp.read_text()

    (tmp_path / "docs" / "index.md").write_text(PAGE.replace("# Page", "# Changed"))
    assert ">77<" in served.shows('<h1 id="changed">')
    assert stamp.read_text() == described  # the model was not built again for that

    time.sleep(1.1)
    source.write_text("def lenet(:\n")
    assert 'class="kerasarch-svg"' not in served.shows("danger kerasarch-failure")
    time.sleep(1.1)
    source.write_text(SOURCE.format(units=99, stamp=str(stamp)))
    assert "danger kerasarch-failure" not in served.shows(">99<")
    assert "index.md:3: keras-model shop:lenet" in served.log.read_text("utf-8")

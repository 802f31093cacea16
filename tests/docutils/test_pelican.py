"""A site that Pelican builds, by its own program.

``KERASARCH_TEST_PYTHONS`` names an interpreter with it as ``pelican``; else that of the tests is taken where it has it.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from environments import GIVEN

from sphinx_kerasarch import api
from sphinx_kerasarch.spec import codec

HERE = Path(__file__).parent
PYTHON = GIVEN.get("pelican") or (sys.executable if importlib.util.find_spec("pelican") else "")

pytestmark = pytest.mark.skipif(not PYTHON, reason="needs Pelican")

CONF = """\
import sys

sys.path.insert(0, {shared!r})
import recorded

recorded.install()

from sphinx_kerasarch.hosts.docutils import register

register(base={base!r}, theme="light")
SITENAME, PATH, TIMEZONE = "Nets", "content", "UTC"
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = None
"""
ARTICLE = """\
{title}
{line}

:date: 2024-01-0{day}

See lenet_.

.. keras-model:: shop:{model}
   :views: graph, summary
   :name: lenet

   The *caption*.

.. keras-graph:: shop:mlp
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("pelican")
    (folder / "content").mkdir()
    (folder / "pelicanconf.py").write_text(CONF.format(shared=str(HERE.parent / "shared"), base=str(folder)), "utf-8")
    for day, (title, model) in enumerate((("First", "lenet"), ("Second", "nope")), 1):
        text = ARTICLE.format(title=title, line="#" * len(title), day=day, model=model)
        (folder / "content" / f"{title.lower()}.rst").write_text(text, "utf-8")
    env = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "COLUMNS": "400"}
    command = [PYTHON, "-m", "pelican", "content", "-o", "out", "-s", "pelicanconf.py"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout + done.stderr


def test_an_article_has_figure_and_table(site: tuple[Path, str]) -> None:
    page = (site[0] / "out" / "first.html").read_text("utf-8")
    assert page.count("<svg") == 2 and page.count("<tr") > 12 and "The <em>caption</em>" in page
    assert 'href="#lenet"' in page and 'id="lenet"' in page and "kerasarch-failure\"" not in page
    specs = HERE.parent / "specs"
    figure = api.draw(codec.loads((specs / "lenet.json").read_text("utf-8")), "graph").figure
    first = re.findall("<svg.*?</svg>", page, re.DOTALL)[0]
    assert re.sub("ka[0-9a-f]{6}-", "ka-", first) + "\n" == api.write(figure, "svg").decode()


def test_a_failure_costs_one_figure_and_no_article(site: tuple[Path, str]) -> None:
    folder, said = site
    page = (folder / "out" / "second.html").read_text("utf-8")
    assert page.count("<svg") == 1 and "shop has no" in page
    wanted = r"second\.rst:\d+: keras-model shop:nope: shop has no .nope.\. Did you mean .lenet.\? \[kerasarch\.imp"
    assert re.search(wanted, re.sub(r"\s+", " ", said))

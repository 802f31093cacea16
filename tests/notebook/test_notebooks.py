"""The notebook of the docs runs, and pages made from it by MyST-NB and nbsphinx show its figures."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
NOTEBOOK = HERE.parents[1] / "docs" / "notebook.ipynb"

nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

pytestmark = [pytest.mark.keras, pytest.mark.filterwarnings("ignore")]


def run(*command: str, folder: Path) -> str:
    settings = {"TF_CPP_MIN_LOG_LEVEL": "3", "IPYTHONDIR": str(folder / "ipython"), "JUPYTER_RUNTIME_DIR": str(folder)}
    env = {**os.environ, **settings, "PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=env, capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    return done.stderr


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The notebook with its outputs; the kernel is told to keep PDF as well."""
    folder = tmp_path_factory.mktemp("executed")
    formats = "--InlineBackend.figure_formats={'svg', 'pdf'}"
    run(str(HERE / "run_notebook.py"), str(NOTEBOOK), "executed.ipynb", formats, folder=folder)
    return nbformat.read(folder / "executed.ipynb", as_version=4)


def test_no_outputs_are_kept_in_the_repository() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in notebook.cells] == [f"cell-{number}" for number, _ in enumerate(notebook.cells, 1)]
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


def test_every_drawing_is_shown(executed: Any) -> None:
    outputs = [output for cell in executed.cells for output in cell.get("outputs", ()) if "data" in output]
    kinds = [frozenset(output.data) for output in outputs]
    figure = frozenset({"text/html", "image/svg+xml", "text/plain", "application/pdf"})
    table = frozenset({"text/html", "text/markdown", "text/plain"})
    assert kinds == [figure, figure, table, figure, figure]
    assert "34,826" in outputs[2].data["text/plain"] and "<svg" in outputs[0].data["text/html"]
    scopes = re.findall(r"kerasarch-part (ka\w+)", "".join(output.data["text/html"] for output in outputs))
    assert len(set(scopes)) == 5
    printed = [output.text for cell in executed.cells for output in cell.get("outputs", ()) if output.get("text")]
    assert any("convnet: Keras model with 2 convolutions" in text for text in printed)


CONF = {
    "myst_nb": 'extensions = ["myst_nb"]\nnb_execution_mode = "off"\nnb_render_markdown_format = "myst"\n',
    "nbsphinx": 'extensions = ["nbsphinx"]\nnbsphinx_execute = "never"\n',
}

EXCLUDED = 'exclude_patterns = ["html", "latex", "jupyter_execute"]\n'
"""MyST-NB writes a notebook beside the output, where the next build would find it."""


@pytest.fixture(scope="module", params=CONF)
def site(request: pytest.FixtureRequest, executed: Any, tmp_path_factory: Any) -> Callable[[str], tuple[Path, str]]:
    name = str(request.param)
    pytest.importorskip(name)
    folder: Path = tmp_path_factory.mktemp(name)
    notebook = executed.copy()
    heading = nbformat.v4.new_raw_cell("Nets\n====", metadata={"raw_mimetype": "text/restructuredtext"})
    if name == "nbsphinx" and not shutil.which("pandoc"):  # which it needs for Markdown
        code = [cell for cell in executed.cells if cell.cell_type == "code" and '"summary"' not in cell.source]
        notebook.cells = [heading, *code]
    (folder / "conf.py").write_text(f'project = "nets"\nhtml_theme = "basic"\n{EXCLUDED}{CONF[name]}', "utf-8")
    nbformat.write(notebook, folder / "index.ipynb")

    def build(builder: str) -> tuple[Path, str]:
        return folder / builder, run("-m", "sphinx", "-q", "-b", builder, ".", builder, folder=folder)

    return build


def test_html_pages_show_figures(site: Callable[[str], tuple[Path, str]]) -> None:
    out, said = site("html")
    page = (out / "index.html").read_text("utf-8")
    assert page.count("kerasarch-part ka") >= 4 and page.count('class="kerasarch-svg"') == 4
    assert "WARNING" not in said, said


def test_latex_includes_figures(site: Callable[[str], tuple[Path, str]]) -> None:
    out, _ = site("latex")
    page = (out / "nets.tex").read_text("utf-8")
    names = re.findall(r"\\sphinxincludegraphics(?:\[[^]]*\])?\{\{([^}]+)\}(\.\w+)\}", page)
    assert [suffix for _, suffix in names] == [".pdf"] * 4
    assert all((out / "".join(name)).read_bytes()[:5] == b"%PDF-" for name in names)
    assert "●" not in page and ("max_pooling2d" not in page.replace("\\_", "_") or "&" in page)


def test_the_tutorial_has_the_code_of_the_notebook() -> None:
    tutorial = (NOTEBOOK.parent / "tutorial-notebook.rst").read_text("utf-8")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    blocks = re.findall(r"code-block:: python\n\n((?:   .*\n|\n)+)", tutorial)
    lines = [line[3:].rstrip() for block in blocks for line in block.splitlines() if line.strip()]
    assert len(lines) > 25
    assert [line for line in lines if line not in code.splitlines() and ".save(" not in line] == []

"""The same model with the same options has the same figure in every host, byte for byte."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import markdown
import pytest
from click.testing import CliRunner
from docutils import core, writers
from docutils.parsers.rst import directives

from sphinx_kerasarch import draw
from sphinx_kerasarch.hosts.cli.main import main
from sphinx_kerasarch.hosts.docutils import register
from sphinx_kerasarch.hosts.markdown import KerasarchExtension
from sphinx_kerasarch.spec import codec

SPECS = Path(__file__).parents[1] / "specs"
VIEWS = {
    "graph": {"direction": "lr"},
    "layered": {"width": "narrow"},
    "maps": {},
    "neurons": {"width": "narrow"},
}


def digest(text: str) -> str:
    """Of a figure, with the start of ids that a file has."""
    return hashlib.sha256(re.sub(r"\bka[0-9a-f]{6}-", "ka-", text).strip().encode()).hexdigest()


def figures(page: str) -> list[str]:
    return [digest(found) for found in re.findall("<svg.*?</svg>", page, re.DOTALL)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_same_figures_everywhere(
    page: Callable[..., Any],
    recorded: Any,
    theme: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = codec.loads((SPECS / "lenet.json").read_text("utf-8"))
    drawings = [draw(spec, view, theme=theme, **told) for view, told in VIEWS.items()]
    python = [digest(drawing.svg(theme)) for drawing in drawings]
    assert [digest(one._repr_mimebundle_()["image/svg+xml"]) for one in drawings] == python
    assert len(set(python)) == len(VIEWS)

    rst = "\n".join(
        f".. keras-{view}:: shop:lenet\n" + "".join(f"   :{name}: {text}\n" for name, text in told.items())
        for view, told in VIEWS.items()
    )
    built = page(rst, kerasarch_theme=theme)
    names = re.findall(r'src="_images/(kerasarch-[^"]+\.svg)"', built.read("index.html"))
    assert [digest((built.out / "_images" / name).read_text("utf-8")) for name in names] == python

    monkeypatch.setattr(directives, "_directives", dict(directives._directives))
    register(theme=theme)
    told = {"_disable_config": True, "output_encoding": "unicode"}
    html = core.publish_string(rst, writer=writers.get_writer_class("html5")(), settings_overrides=told)
    assert figures(html) == python

    blocks = "\n\n".join(
        f"/// keras-{view} | shop:lenet\n" + "".join(f"    {name}: '{text}'\n" for name, text in told.items()) + "///"
        for view, told in VIEWS.items()
    )
    assert figures(markdown.markdown(blocks, extensions=[KerasarchExtension(theme=theme)])) == python

    for (view, told), expected in zip(VIEWS.items(), python, strict=True):
        file = tmp_path / f"{view}.svg"
        flags = [part for name, text in told.items() for part in (f"--{name}", text)]
        command = ["render", str(SPECS / "lenet.json"), "--view", view, "--theme", theme, "-o", str(file), *flags]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
        assert digest(file.read_text("utf-8")) == expected

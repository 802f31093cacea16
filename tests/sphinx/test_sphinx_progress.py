"""What a build says of the models that it describes: progress, a line in the end, the slowest with ``-v``."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from sphinx.cmd.build import main as sphinx_build

NAMES = ("lenet", "mlp", "vgg16", "unet", "vit", "cnn")
PAGE = "Shop\n====\n\n" + "".join(f".. keras-graph:: shop.models:{name}\n\n" for name in NAMES)


@pytest.fixture
def timed(site: Any) -> Any:
    """A site whose models take a second each more than the one before."""
    site.recorded.seconds.update({name: 1.0 + number for number, name in enumerate(NAMES)})
    return site.write(index=PAGE)


def said(site: Any, *flags: str, capsys: pytest.CaptureFixture[str]) -> str:
    (site.src / "conf.py").write_text("extensions = ['sphinx_kerasarch']\n")
    assert (
        sphinx_build([*flags, "-N", "-E", "-b", "html", str(site.src), str(site.src.parent / "built")]) == 0
    )
    logging.getLogger("sphinx").handlers.clear()
    return re.sub(r"\r|\x1b\[[0-9;]*[mK]", "\n", capsys.readouterr().out)


def test_the_slowest_are_named_with_v(timed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(timed, "-v", capsys=capsys)
    assert (
        "kerasarch: the slowest models: shop.models:cnn 6.0 s, shop.models:vit 5.0 s, shop.models:unet 4.0 s, "
        "shop.models:vgg16 3.0 s, shop.models:mlp 2.0 s\n"
    ) in text
    # In a second build nothing was described, and nobody was slow.
    assert "slowest models" not in said(timed, "-v", capsys=capsys)


def test_progress_is_that_of_sphinx(timed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(timed, capsys=capsys)
    assert re.search(r"describing Keras models\.\.\. \[ 17%\] shop\.models:\w+", text)
    assert re.search(r"describing Keras models\.\.\. \[100%\] shop\.models:\w+", text)
    assert "slowest models" not in text


def test_quiet_is_quiet(timed: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(timed, "-q", capsys=capsys).strip() == ""
    assert len(timed.recorded.asked) == len(NAMES)

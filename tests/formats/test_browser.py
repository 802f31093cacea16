"""What Chromium paints of an SVG against what resvg paints."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path as File

import chromium
import pytest
from PIL import Image as Picture
from PIL import ImageChops

from sphinx_kerasarch.figure import Rect, Scene
from sphinx_kerasarch.formats import png, svg

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not chromium.PROGRAM, reason="needs Chromium")]


def painted(data: bytes, scene: Scene, folder: File) -> Picture.Image:
    (folder / "figure.svg").write_bytes(data)
    chromium.run(
        folder / "profile", "--hide-scrollbars", "--force-device-scale-factor=2", "--window-size=1000,800",
        f"--screenshot={folder / 'figure.png'}", f"file://{folder / 'figure.svg'}",
    )  # fmt: skip
    size = (0, 0, round(scene.width * 2), round(scene.height * 2))
    return Picture.open(folder / "figure.png").convert("RGB").crop(size)


@pytest.mark.parametrize("flavour", ["static", "themed"])
def test_browser_and_converter_agree(sample: Scene, tmp_path: File, flavour: str) -> None:
    """Averaged over 4 × 4 px: letters of another typeface differ, places and colours do not.

    The themed flavour has no style sheet here and must be the same light figure.
    """
    scene = replace(sample, items=(Rect(0, 0, sample.width, sample.height, fill="bg"), *sample.items))
    browser = painted(svg.write(scene, flavour=flavour), scene, tmp_path).reduce(8)
    converter = Picture.open(io.BytesIO(png.write(scene))).convert("RGB").reduce(8)
    assert browser.size == converter.size
    extremes = ImageChops.difference(browser, converter).getextrema()
    assert max(high for _, high in extremes) < 70, extremes

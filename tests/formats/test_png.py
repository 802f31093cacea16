"""PNG: size, resolution, the bundled fonts alone, a limit with advice."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image as Picture
from reportlab.pdfbase.ttfonts import TTFont

from sphinx_kerasarch.api import write
from sphinx_kerasarch.errors import DrawError, OptionError
from sphinx_kerasarch.figure import Rect, Scene, Text
from sphinx_kerasarch.formats import png, svg
from sphinx_kerasarch.formats.fonts import covered
from sphinx_kerasarch.layout.text import measure


def opened(data: bytes) -> Picture.Image:
    image = Picture.open(io.BytesIO(data))
    image.load()  # checks every chunk
    return image


def test_default_is_two_dots_per_pixel(sample: Scene) -> None:
    assert opened(write(sample, "png")).size == (640, 260)


def ink(scene: Scene) -> int:
    return sum(opened(png.write(scene)).convert("L").point(lambda value: 255 - value).tobytes())


def text(words: str, weight: int = 400) -> Scene:
    return Scene(
        120,
        40,
        (Rect(0, 0, 120, 40, fill="bg"), Text(10, 28, words, 20, weight, length=measure(words, 20, weight))),
    )


def test_weights_are_drawn() -> None:
    assert 0 < ink(text("Dense", 400)) < ink(text("Dense", 500)) < ink(text("Dense", 600))


def test_characters_that_inter_lacks_are_not_dropped() -> None:
    assert ink(text("卷")) == pytest.approx(ink(text("積")), rel=0.01)
    assert ink(text("卷")) > 1000


DEJAVU = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


@pytest.mark.skipif(not DEJAVU.exists(), reason="needs DejaVu Sans")
def test_characters_that_no_given_font_has_are_not_dropped_either() -> None:
    fonts = (str(DEJAVU),)
    assert png.write(text("卷"), fonts=fonts) == png.write(text("卷"))
    assert png.write(text("ש"), fonts=fonts) != png.write(text("ש"))


@pytest.mark.skipif(not DEJAVU.exists(), reason="needs DejaVu Sans")
def test_letters_of_a_font_are_those_of_its_tables() -> None:
    face = TTFont("cmap-probe", str(DEJAVU)).face
    assert covered(str(DEJAVU)) == {code for code, glyph in face.charToGlyph.items() if glyph} - {0xFFFF}
    assert covered("nowhere.ttf") == frozenset()


def test_bold_is_drawn_by_the_heaviest_bundled_font() -> None:
    assert png.write(text("Dense", 700)) == png.write(text("Dense", 600))


@pytest.mark.parametrize("size", [(6000.0, 6000.0), (642.0, 30_000.0)])
def test_too_many_pixels_are_refused_with_a_size_that_fits(size: tuple[float, float]) -> None:
    scene = Scene(*size)
    with pytest.raises(DrawError, match="25 megapixels") as caught:
        png.write(scene)
    match = re.search(r"dpi (\d+) \((\d+) px wide\)", caught.value.advice)
    assert match
    image = opened(png.write(scene, dpi=float(match[1])))
    assert abs(image.width - int(match[2])) <= 1


def test_advice_is_followable_for_the_longest_figures() -> None:
    """Where even the lowest resolution is too much, no resolution is advised."""
    with pytest.raises(DrawError) as caught:
        png.write(Scene(6000.0, 1_000_000.0))
    match = re.search(r"dpi (\d+)", caught.value.advice)
    if match:
        write(Scene(1, 1), "png", dpi=match[1])


@pytest.mark.parametrize("dpi", ["0", "-96", "nan", "inf", "1e9", "much"])
def test_bad_resolutions_are_refused(sample: Scene, dpi: str) -> None:
    with pytest.raises(OptionError, match="dpi"):
        write(sample, "png", dpi=dpi)


def test_resolution_chunk_stands_before_the_data(sample: Scene) -> None:
    data = png.write(sample)
    assert data.startswith(png.SIGNATURE)
    assert 0 < data.index(b"IHDR") < data.index(b"pHYs") < data.index(b"IDAT")
    assert data.count(b"pHYs") == 1


def test_fonts_of_the_system_are_not_used(sample: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    before = png.write(sample)
    monkeypatch.setattr(svg, "FONT", "'DejaVu Sans', 'Liberation Sans', Inter")
    assert png.write(sample) == before

"""PDF: one page as large as the figure, real text, its own fonts, nothing that changes from run to run."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as File

import pypdf
import pytest
from PIL import Image as Picture
from PIL import ImageChops
from reportlab import rl_config

from sphinx_kerasarch.errors import DrawError, OptionError
from sphinx_kerasarch.figure import Path, Rect, Scene, Text
from sphinx_kerasarch.formats import pdf, png
from sphinx_kerasarch.formats.bidi import visual
from sphinx_kerasarch.formats.fonts import FILES, MISSING
from sphinx_kerasarch.layout.text import measure

LEAF = (("M", 10.0, 10.0), ("L", 90.0, 10.0), ("L", 90.0, 60.0), ("Z",))


def page(data: bytes) -> pypdf.PageObject:
    reader = pypdf.PdfReader(io.BytesIO(data), strict=True)
    assert len(reader.pages) == 1
    return reader.pages[0]


def fonts(data: bytes) -> Iterator[pypdf.generic.DictionaryObject]:
    for font in page(data)["/Resources"].get("/Font", {}).values():
        yield font.get_object()


def test_fonts_are_embedded_subsets_of_inter(sample: Scene) -> None:
    data = pdf.write(sample)
    names = []
    for font in fonts(data):
        names.append(str(font["/BaseFont"]))
        assert len(font["/FontDescriptor"]["/FontFile2"].get_data()) > 1000
        assert "/ToUnicode" in font
    stems = {File(name).stem for name in FILES.values()}
    assert {re.sub(r"/[A-Z]{6}\+", "", name) for name in names} == stems
    assert len(names) == len(stems)
    assert b"Helvetica" not in data


def test_title_but_no_date(sample: Scene) -> None:
    data = pdf.write(sample)
    facts = pypdf.PdfReader(io.BytesIO(data)).metadata
    assert facts is not None
    assert (facts.title, facts.subject) == (sample.title, sample.description)
    assert facts.creation_date is None or facts.creation_date.year == 2000
    assert pdf.write(sample) == data


def test_a_failed_setting_of_others_does_not_matter(sample: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    before = pdf.write(sample)
    monkeypatch.setattr(rl_config, "invariant", 0)
    monkeypatch.setattr(rl_config, "canvas_basefontname", "Courier")
    assert pdf.write(sample) == before


@pytest.mark.parametrize("weight", [400, 500, 600, 700])
def test_a_font_only_when_used(weight: int) -> None:
    scene = Scene(90, 30, (Text(5, 20, "x", 12, weight),))
    assert len(list(fonts(pdf.write(scene)))) == 1


def test_characters_that_inter_lacks_become_boxes() -> None:
    scene = Scene(90, 30, (Text(5, 20, "卷积 ok", 12, length=measure("卷积 ok", 12)),))
    assert page(pdf.write(scene)).extract_text().strip() == f"{MISSING * 2} ok"


DEJAVU = File("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


@pytest.mark.skipif(not DEJAVU.exists(), reason="needs DejaVu Sans")
def test_other_fonts_are_tried_in_order() -> None:
    scene = Scene(90, 30, (Text(5, 20, "ﷺ ☂ ok", 12),))
    data = pdf.write(scene, fonts=(str(DEJAVU),))
    assert "☂ ok" in page(data).extract_text()
    assert any("DejaVu" in str(font["/BaseFont"]) for font in fonts(data))
    assert pdf.write(scene, fonts=(str(DEJAVU),)) == data


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("conv 3×3", "conv 3×3"),
        ("אבג", "גבא"),
        ("conv אבג dense", "conv גבא dense"),
        ("אב גד", "דג בא"),
        ("אב 12×12 גד", "דג 12×12 בא"),
        ("אב (גד)", "(דג) בא"),
        ("אב (גד) ה", "ה (דג) בא"),
        ("שָׁ", "שָׁ"),
        ("5 מודל", "5 לדומ"),
        ("אב 3×5", "5×3 בא"),  # as browsers show it
        ("אב x גד", "בא x דג"),
        ("מודל 5", "5 לדומ"),
    ],
)
def test_letters_from_right_to_left_are_placed_as_they_are_read(text: str, seen: str) -> None:
    assert visual(text) == seen


@pytest.mark.parametrize("content", [None, b"", b"not a font"])
def test_bad_font_files_are_named(tmp_path: File, content: bytes | None) -> None:
    path = tmp_path / "mine.ttf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OptionError, match="mine") as caught:
        pdf.write(Scene(9, 9), fonts=(str(path),))
    assert "TrueType" in caught.value.advice


@pytest.mark.parametrize("size", [(19_300.0, 10.0), (10.0, 19_300.0)])
def test_pages_that_no_viewer_shows_are_refused(size: tuple[float, float]) -> None:
    with pytest.raises(DrawError, match="14,400") as caught:
        pdf.write(Scene(*size))
    assert caught.value.advice
    assert pdf.write(Scene(19_200, 10)).startswith(b"%PDF")


def test_text_of_zero_width_leaves_the_page_readable() -> None:
    """A text of combining marks alone has no width; a matrix of determinant 0 would be an error to viewers."""
    data = pdf.write(Scene(90, 30, (Text(5, 20, "\u0301", 12), Text(5, 20, "", 12))))
    content = page(data).get_contents()
    assert content is not None
    for match in re.finditer(rb"(\S+) (\S+) (\S+) (\S+) \S+ \S+ cm", content.get_data()):
        a, b, c, d = map(float, match.groups())
        assert a * d - b * c != 0


def shown(data: bytes, folder: File, dpi: int = 96) -> Picture.Image:
    """The page as poppler paints it."""
    (folder / "page.pdf").write_bytes(data)
    command = ["pdftoppm", "-r", str(dpi), "-png", "-singlefile", "page.pdf", "page"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return Picture.open(folder / "page.png").convert("RGB")


needs_poppler = pytest.mark.skipif(not shutil.which("pdftoppm"), reason="needs pdftoppm")


@needs_poppler
def test_a_veil_veils_itself_alone(tmp_path: File) -> None:
    """What is painted after a translucent shape is opaque."""
    veil = Path(LEAF, "ink", opacity=0.1)
    alone = shown(pdf.write(Scene(200, 80, (Text(120, 50, "M", 60),))), tmp_path)
    after = shown(pdf.write(Scene(200, 80, (veil, Text(120, 50, "M", 60)))), tmp_path)
    right = (110, 0, 200, 80)
    assert after.crop(right).tobytes() == alone.crop(right).tobytes()


@needs_poppler
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_paper_and_screen_agree(sample: Scene, tmp_path: File, theme: str) -> None:
    """The PDF painted by poppler and the PNG painted by resvg, averaged over 4 × 4 dots, differ by a trace."""
    steady = replace(
        sample, items=(Rect(0, 0, 320, 130, fill="bg"), *sample.items)
    )  # poppler has no round corners
    paper = shown(pdf.write(steady, theme=theme), tmp_path, 192).reduce(8)
    screen = Picture.open(io.BytesIO(png.write(steady, theme=theme))).convert("RGB").reduce(8)
    assert paper.size == screen.size
    extremes = ImageChops.difference(paper, screen).getextrema()
    assert max(high for _, high in extremes) < 60, extremes

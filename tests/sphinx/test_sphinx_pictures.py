"""Pictures on inputs, named by a directive."""

from __future__ import annotations

import pytest
from PIL import Image

TEXT = """
.. keras-layered:: shop.models:lenet
   :image: {path}
"""


def colour(path, tone):
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", (28, 28), tone).save(path)


@pytest.mark.parametrize("written", ["img/digit.png", "/img/digit.png"])
def test_the_path_counts_from_the_document_or_the_source_directory(page, site, written):
    colour(site.src / "img" / "digit.png", "red")
    built = page(TEXT.format(path=written))
    assert built.warnings == ""
    assert "data:image/png" in built.read(
        next(p.name for p in built.out.glob("_images/*.svg")).join(["_images/", ""])
    )


def test_a_changed_picture_is_drawn_again(page, site):
    colour(site.src / "img" / "digit.png", "red")
    first = {p.name for p in page(TEXT.format(path="img/digit.png")).out.glob("_images/*.svg")}
    again = page(TEXT.format(path="img/digit.png"))
    assert {p.name for p in again.out.glob("_images/*.svg")} == first
    colour(site.src / "img" / "digit.png", "blue")
    built = site.build()
    assert "updating environment: 0 added, 1 changed" in built.status
    assert {p.name for p in built.out.glob("_images/*.svg")} > first


def test_a_missing_picture_is_a_located_warning(page, site):
    built = page(TEXT.format(path="img/digit.png"))
    assert "index.rst:5: WARNING: keras-layered shop.models:lenet: Option 'image'" in built.warnings
    assert "there is no file 'img/digit.png'. The path counts from the document's folder" in built.warnings
    assert "[kerasarch.option]" in built.warnings
    colour(site.src / "img" / "digit.png", "red")
    assert site.build().warnings == ""


def test_a_file_that_is_no_picture_is_told_without_its_folder(page, site):
    (site.src / "digit.png").write_text("nothing")
    built = page(TEXT.format(path="digit.png"))
    assert "'digit.png' is no picture that can be read" in built.warnings
    message = next(line for line in built.warnings.splitlines() if "is no picture" in line)
    assert str(site.src) not in message.partition("WARNING")[2]

"""Pictures on inputs."""

from __future__ import annotations

import io
from base64 import b64decode
from pathlib import Path

import pytest
from PIL import Image as Picture

from sphinx_kerasarch.api import draw
from sphinx_kerasarch.errors import OptionError
from sphinx_kerasarch.figure import Image, Scene
from sphinx_kerasarch.formats import pdf, png, svg
from sphinx_kerasarch.lint import lint
from sphinx_kerasarch.views.layered.pictures import SIDE, pictures

from .helpers import flat, recorded


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    picture = Picture.radial_gradient("L").resize((640, 480)).convert("RGB")
    picture.save(path, comment=b"made by nobody", dpi=(300, 300))
    return path


def images(scene: Scene) -> list[Image]:
    return [item for item in flat(scene.items) if isinstance(item, Image)]


def opened(data: bytes) -> Picture.Image:
    return Picture.open(io.BytesIO(data))


def layered(name: str, image: str) -> Scene:
    scene = draw(recorded(name), "layered", image=image).figure
    assert isinstance(scene, Scene)
    return scene


def test_a_picture_lies_on_the_face_of_the_input(photo: Path) -> None:
    scene = layered("vgg16", str(photo))
    (image,) = images(scene)
    a, b, c, d, _, _ = image.matrix
    assert a > 0 > b and c == 0 and d > 0
    assert image.ref == "input_layer"
    assert lint(scene) == ()


def test_it_is_small_and_has_the_proportions_of_the_input(photo: Path) -> None:
    (image,) = images(layered("vgg16", str(photo)))
    assert opened(image.data).size == (SIDE * 3 // 4, SIDE * 3 // 4)


def test_nothing_of_its_origin_is_kept(photo: Path) -> None:
    (image,) = images(layered("lenet", str(photo)))
    chunks = [image.data[k : k + 4] for k in range(len(image.data) - 4)]
    assert not {b"tEXt", b"tIME", b"iCCP", b"eXIf", b"pHYs"} & set(chunks)
    copy = photo.with_name("other.jpg")
    copy.write_bytes(photo.read_bytes())
    assert layered("lenet", str(copy)) == layered("lenet", str(photo))


def test_each_input_has_its_own(photo: Path, tmp_path: Path) -> None:
    grey = tmp_path / "grey.png"
    Picture.new("L", (10, 10), 99).save(grey)
    scene = layered("siamese", f"left={photo}, right={grey}")
    first, second = images(scene)
    assert opened(first.data).size != opened(second.data).size
    assert len(images(layered("siamese", f"right={photo}"))) == 1


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_picture_is_read(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("x.tif" if mode == "CMYK" else "x.png")
    Picture.new(mode, (40, 30), 1).save(path)
    (image,) = images(layered("lenet", str(path)))
    assert opened(image.data).mode == ("RGBA" if mode in {"LA", "RGBA"} else "RGB")


def test_all_formats_write_it(photo: Path) -> None:
    scene = layered("lenet", str(photo))
    assert b"data:image/png;base64," in svg.write(scene)
    assert b"/Image" in pdf.write(scene)
    plain = draw(recorded("lenet"), "layered").figure
    assert isinstance(plain, Scene)
    assert png.write(scene) != png.write(plain)
    assert pdf.write(scene) == pdf.write(scene)


def test_a_digest_behind_the_path_is_not_part_of_it(photo: Path) -> None:
    assert pictures(f"{photo}|{'0a' * 8}") == pictures(str(photo))
    assert b64decode(pictures(str(photo))[0][1]).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("lenet", "nowhere.png", "there is no file 'nowhere.png'"),
        ("lenet", "{folder}", "cannot be read"),
        ("lenet", "{text}", "no picture that can be read. Take PNG or JPEG"),
        ("lenet", "{cut}", "damaged"),
        ("lenet", "image=", "names no file"),
        ("lenet", "{photo}, {photo}", "two pictures"),
        ("mlp", "{photo}", "No input of the model is an image"),
        ("two_io", "imag={photo}", "Did you mean 'image'?"),
        ("two_io", "table={photo}", "is not an image"),
    ],
)
def test_what_is_wrong_is_said(photo: Path, tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "cut.jpg").write_bytes(photo.read_bytes()[:2000])
    places = {"folder": tmp_path, "text": tmp_path / "text.png", "cut": tmp_path / "cut.jpg", "photo": photo}
    with pytest.raises(OptionError) as caught:
        layered(name, text.format(**places))
    assert words in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_a_picture_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    Picture.new("1", (20_000, 6_000)).save(path)
    with pytest.raises(OptionError, match="20000×6000"):
        layered("lenet", str(path))

"""PPTX: a slide of native shapes and texts, named as the layers are, that PowerPoint need not repair."""

from __future__ import annotations

import io
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path as File
from typing import Any

import pypdf
import pytest
from lxml import etree
from office import NEEDS_OFFICE, converted, pictured
from openxml_audit import OpenXmlValidator
from PIL import Image as Picture
from PIL import ImageChops, ImageStat
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from scenes import placed

from sphinx_kerasarch.api import write
from sphinx_kerasarch.errors import DrawError, MissingPackageError
from sphinx_kerasarch.figure import Group, Image, Item, Path, Rect, Scene, Text, flat
from sphinx_kerasarch.formats import png, pptx
from sphinx_kerasarch.formats.drawingml import EMU
from sphinx_kerasarch.hosts.cli.output import Output, check
from sphinx_kerasarch.layout.text import measure
from sphinx_kerasarch.theme import color

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"


def slide(data: bytes) -> Any:
    (only,) = Presentation(io.BytesIO(data)).slides
    return only


def every(items: Any) -> Iterator[Any]:
    for item in items:
        yield item
        if item.shape_type == MSO_SHAPE_TYPE.GROUP:
            yield from every(item.shapes)


def one(item: Item, **options: Any) -> Any:
    """The element of an item alone on a slide."""
    (shape,) = slide(write(Scene(200, 200, (item,)), "pptx", **options)).shapes
    return shape._element


def text(words: str, size: float = 12, weight: int = 400, **more: Any) -> Text:
    return Text(100, 100, words, size, weight, length=measure(words, size, weight), **more)


# ---- what is in a slide


def test_everything_is_a_native_shape(sample: Scene) -> None:
    found = Counter(shape.shape_type for shape in every(slide(pptx.write(sample)).shapes))
    assert found == {
        MSO_SHAPE_TYPE.GROUP: 2,
        MSO_SHAPE_TYPE.TEXT_BOX: 5,
        MSO_SHAPE_TYPE.AUTO_SHAPE: 4,  # a panel, a card, a circle, a rectangle with two round corners
        MSO_SHAPE_TYPE.FREEFORM: 4,  # a tile, a bent line, its head, a veil
        MSO_SHAPE_TYPE.PICTURE: 1,
    }


@pytest.mark.parametrize(("name", "view"), [("lenet", "layered"), ("resnet50", "graph"), ("unet", "layered")])
def test_texts_are_texts_and_layers_are_groups(name: str, view: str) -> None:
    scene = placed(name, view)
    made = Presentation(io.BytesIO(pptx.write(scene)))
    assert (made.slide_width, made.slide_height) == (round(scene.width * EMU), round(scene.height * EMU))
    (only,) = made.slides
    texts = [shape for shape in every(only.shapes) if shape.shape_type == MSO_SHAPE_TYPE.TEXT_BOX]
    assert [shape.text_frame.text for shape in texts] == [
        i.text for i in flat(scene.items) if isinstance(i, Text)
    ]
    for shape in every(only.shapes):
        assert 0 <= shape.left <= shape.left + shape.width <= made.slide_width, shape.name
        assert 0 <= shape.top <= shape.top + shape.height <= made.slide_height, shape.name
    groups = [shape for shape in only.shapes if shape.shape_type == MSO_SHAPE_TYPE.GROUP]
    wanted = [item for item in scene.items if isinstance(item, Group)]
    assert [shape.name for shape in groups] == [item.ref or item.role for item in wanted]
    assert [shape._element.nvGrpSpPr.cNvPr.get("descr", "") for shape in groups] == [
        item.label for item in wanted
    ]


def test_panels_are_named_by_their_headings_and_lines_are_passed_by() -> None:
    groups = [
        one for one in slide(pptx.write(placed("resnet50", "layered"))).shapes if hasattr(one, "shapes")
    ]
    heads = {group.name: group._element.nvGrpSpPr.cNvPr for group in groups}
    assert len(heads) == len(groups), "each name once"
    assert heads["conv2_block ×3"].get("descr") == "Repeated 3 times."
    silent = {name for name, head in heads.items() if next(head.iter("{*}decorative"), None) is not None}
    assert silent == {name for name, head in heads.items() if not head.get("descr")}
    assert "input_layer->conv1_conv" in silent


def test_title_and_description_are_told(sample: Scene) -> None:
    made = Presentation(io.BytesIO(pptx.write(replace(sample, notes=("And a note.",)))))
    (only,) = made.slides
    assert (made.core_properties.title, only._element.cSld.get("name")) == (sample.title, sample.title)
    assert only.notes_slide.notes_text_frame.text == f"{sample.description}\nAnd a note."
    assert not slide(pptx.write(replace(sample, description=""))).has_notes_slide


@pytest.mark.parametrize(
    ("corners", "shape"),
    [("all", "roundRect"), ("top", "round2SameRect"), ("topleft", "round1Rect"), ("left", None)],
)
def test_round_corners(corners: str, shape: str | None) -> None:
    properties = one(Rect(10, 10, 40, 20, 5, "conv.tint", corners=corners)).spPr
    preset = properties.find(f"{A}prstGeom")
    assert (preset.get("prst") if preset is not None else None) == shape
    if preset is None:
        assert len(properties.findall(f"{A}custGeom/{A}pathLst/{A}path/{A}quadBezTo")) == 4
    else:
        assert preset.find(f"{A}avLst/{A}gd").get("fmla") == "val 25000", "of the shorter side"
        assert properties.find(f"{A}xfrm").get("flipH") == ("1" if corners == "topleft" else None)


def test_curves_and_lines_have_their_points() -> None:
    commands = (("M", 10.0, 20.0), ("C", 20.0, 0.0, 40.0, 40.0, 50.0, 20.0), ("L", 50.0, 60.0), ("Z",))
    (path,) = one(Path(commands, "conv.tint")).spPr.iter(f"{A}path")
    assert [child.tag.removeprefix(A) for child in path] == ["moveTo", "cubicBezTo", "lnTo", "close"]
    assert [(int(pt.get("x")), int(pt.get("y"))) for pt in path.iter(f"{A}pt")] == [
        (x * EMU, y * EMU) for x, y in ((0, 20), (10, 0), (30, 40), (40, 20), (40, 60))
    ]
    straight = one(Path((("M", 50.0, 10.0), ("L", 20.0, 40.0)), None, "edge", 2.0))
    assert straight.tag == f"{P}cxnSp"
    place = straight.spPr.find(f"{A}xfrm")
    assert dict(place.attrib) == {"flipH": "1"}
    assert (straight.spPr.find(f"{A}ln").get("w"), place.find(f"{A}ext").get("cx")) == (
        str(2 * EMU),
        str(30 * EMU),
    )


def test_paint_is_of_the_theme() -> None:
    leaf = (("M", 10.0, 10.0), ("L", 90.0, 10.0), ("L", 90.0, 60.0), ("Z",))
    item = Path(leaf, "conv.front", "conv.outline", 2.0, (6.0, 4.0), 0.5)
    for theme in ("light", "dark", "grey"):
        properties = one(item, theme=theme).spPr
        painted, drawn = properties.find(f"{A}solidFill"), properties.find(f"{A}ln")
        for token, fill in (("conv.front", painted), ("conv.outline", drawn.find(f"{A}solidFill"))):
            assert f"#{fill[0].get('val')}".lower() == color(token, theme).lower()
            assert fill[0][0].get("val") == "50000"
        stop = drawn.find(f"{A}custDash/{A}ds")
        # Round ends add the width of the line to a dash, and take it from the gap.
        assert (stop.get("d"), stop.get("sp")) == ("400000", "100000")
        assert (drawn.get("cap"), drawn[-1].tag) == ("flat", f"{A}round")


@pytest.mark.parametrize(("anchor", "left"), [("start", 100.0), ("middle", 70.0), ("end", 40.0)])
def test_a_text_stands_where_the_scene_says(anchor: str, left: float) -> None:
    made = one(Text(100, 100, "conv", 20, 600, anchor=anchor, length=60))
    place = made.spPr.find(f"{A}xfrm")
    assert int(place.find(f"{A}off").get("x")) == round(left * EMU)
    assert int(place.find(f"{A}ext").get("cx")) == 60 * EMU
    bottom = int(place.find(f"{A}off").get("y")) + int(place.find(f"{A}ext").get("cy"))
    assert bottom == pytest.approx((100 + 0.212 * 20) * EMU, abs=2)
    run = made.find(f".//{A}rPr")
    assert (run.get("sz"), run.get("b"), run.get("noProof")) == ("1500", "1", "1")


def test_only_what_is_wider_than_its_place_is_tightened() -> None:
    spacings = {
        words: one(text(words)).find(f".//{A}rPr").get("spc") for words in ("111×111", "softmax", "→")
    }
    assert int(spacings["111×111"]) < 0
    assert [spacings["softmax"], spacings["→"]] == [None, None]
    assert one(text("111×111"), typeface="Inter").find(f".//{A}rPr").get("spc") is None


def test_the_typeface_is_a_name() -> None:
    faces = one(text("conv"), typeface='A"><b>').findall(f".//{A}rPr/*[@typeface]")
    assert [face.get("typeface") for face in faces] == ['A"><b>'] * 3


def picture(matrix: tuple[float, float, float, float, float, float]) -> Image:
    stream = io.BytesIO()
    flag = Picture.new("RGB", (2, 1))
    flag.putdata([(255, 0, 0), (0, 0, 255)])
    flag.save(stream, "PNG")
    return Image(matrix, stream.getvalue())


def test_a_picture_keeps_its_bytes_and_a_slanted_one_its_place() -> None:
    upright = picture((40.0, 0.0, 0.0, 20.0, 10.0, 10.0))
    (shape,) = slide(write(Scene(100, 100, (upright,)), "pptx")).shapes
    assert shape.image.blob == upright.data
    (shape,) = slide(write(Scene(100, 100, (picture((40.0, -20.0, 0.0, 30.0, 10.0, 50.0)),)), "pptx")).shapes
    assert (shape.left, shape.top, shape.width, shape.height) == (10 * EMU, 30 * EMU, 40 * EMU, 50 * EMU)
    with Picture.open(io.BytesIO(shape.image.blob)) as seen:
        wide, high = seen.size

        def at(x: float, y: float) -> tuple[int, ...]:
            return tuple(seen.getpixel((round(x / 40 * wide), round(y / 50 * high))))  # type: ignore[arg-type]

        assert [at(1, 15)[3], at(39, 35)[3]] == [0, 0], "clear above and below"
        assert [at(2, 22), at(18, 38)] == [(255, 0, 0, 255)] * 2
        assert [at(22, 12), at(38, 28)] == [(0, 0, 255, 255)] * 2


# ---- the file


@pytest.fixture(scope="module")
def scenes(sample: Scene) -> Mapping[str, Scene]:
    return {
        "sample": sample,
        "lenet": placed("lenet", "layered"),
        "transformer": placed("transformer_encoder"),
        "resnet": placed("resnet50"),
        "unet": placed("unet", "layered"),
    }


def test_powerpoint_has_nothing_to_repair(scenes: Mapping[str, Scene], tmp_path: File) -> None:
    """By the schemas and rules of the Open XML SDK."""
    for name, scene in scenes.items():
        path = tmp_path / f"{name}.pptx"
        path.write_bytes(pptx.write(scene))
        result = OpenXmlValidator().validate(str(path))
        assert not result.errors, [error.description for error in result.errors]


def test_nothing_but_a_slide_is_in_the_file(sample: Scene) -> None:
    data = pptx.write(sample)
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert {entry.date_time for entry in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        names = [name for name in parts.namelist() if name.startswith(("ppt/slide", "ppt/media", "docProps"))]
        roots = {
            name: etree.fromstring(parts.read(name))
            for name in parts.namelist()
            if name.endswith(("rels", "xml"))
        }
    assert sorted(name for name in names if "_rels" not in name) == [
        "docProps/core.xml",
        "ppt/media/image1.png",
        "ppt/slideLayouts/slideLayout7.xml",
        "ppt/slideMasters/slideMaster1.xml",
        "ppt/slides/slide1.xml",
    ]
    assert not [one for root in roots.values() for one in root.iter() if one.get("TargetMode")]
    assert [child.tag.rpartition("}")[2] for child in roots["docProps/core.xml"]] == ["title", "creator"]
    for name in ("ppt/slideLayouts/slideLayout7.xml", "ppt/slideMasters/slideMaster1.xml"):
        assert not list(roots[name].iter(f"{P}sp"))
    ids = [one.get("id") for one in roots["ppt/slides/slide1.xml"].iter(f"{P}cNvPr")]
    assert ids == [str(number) for number in range(1, len(ids) + 1)]


def test_a_small_figure_is_in_the_middle_of_the_smallest_slide() -> None:
    made = Presentation(io.BytesIO(write(Scene(40, 200, (Rect(0, 0, 40, 200, fill="ink"),)), "pptx")))
    assert (made.slide_width, made.slide_height) == (914_400, 200 * EMU)
    assert made.slides[0].shapes[0].left == 28 * EMU


def test_a_long_figure_is_scaled_while_it_can_be_read() -> None:
    long = Scene(400, 5600, (replace(text("conv", 10), y=5590.0),))
    made = Presentation(io.BytesIO(write(long, "pptx")))
    assert made.slide_height == 56 * 914_400
    (shape,) = made.slides[0].shapes
    assert shape.top + shape.height <= made.slide_height
    assert shape._element.find(f".//{A}rPr").get("sz") == str(round(750 * 5376 / 5600))
    with pytest.raises(DrawError, match="fold the figure"):
        write(replace(long, height=6400), "pptx")


@pytest.mark.parametrize(("slide", "width"), [("16:9", 12_192_000), ("4:3", 9_144_000)])
def test_a_slide_of_a_screen_is_filled(scenes: Mapping[str, Scene], slide: str, width: int) -> None:
    scene = scenes["lenet"]
    made = Presentation(io.BytesIO(write(scene, "pptx", slide=slide)))
    assert (made.slide_width, made.slide_height) == (width, 6_858_000)
    zoom = min((width / EMU - 80) / scene.width, 640 / scene.height)
    sizes = {int(run.get("sz")) for run in made.slides[0].shapes._spTree.iter(f"{A}rPr")}
    assert sizes == {round(item.size * 75 * zoom) for item in flat(scene.items) if isinstance(item, Text)}
    for shape in every(made.slides[0].shapes):
        assert 39 * EMU <= shape.left <= shape.left + shape.width <= made.slide_width - 39 * EMU
        assert 39 * EMU <= shape.top <= shape.top + shape.height <= made.slide_height - 39 * EMU
    with pytest.raises(DrawError, match="slide: figure"):
        write(scenes["resnet"], "pptx", slide=slide)


def test_without_python_pptx_it_says_what_to_install(sample: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pptx", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'sphinx-kerasarch\[pptx\]'"):
        pptx.write(sample)
    # And before a model is built, which may take long.
    with pytest.raises(MissingPackageError):
        check(Output("lenet.pptx", "pptx"))


# ---- as LibreOffice shows it


def without_texts(items: Sequence[Item]) -> tuple[Item, ...]:
    return tuple(
        replace(item, items=without_texts(item.items)) if isinstance(item, Group) else item
        for item in items
        if not isinstance(item, Text)
    )


DPI = 192
"""Of what is compared, four dots by four at once: programs round lines to dots in their own ways."""


def differences(one: Picture.Image, two: Picture.Image) -> float:
    """Mean absolute difference of a channel, 0 … 255."""
    ground = Picture.new("RGBA", two.size, "white")
    ground.alpha_composite(two.convert("RGBA"))
    apart = ImageChops.difference(
        one.convert("RGB").resize(two.size).reduce(4), ground.convert("RGB").reduce(4)
    )
    return sum(ImageStat.Stat(apart).mean) / 3


@pytest.fixture(scope="module")
def office(
    scenes: Mapping[str, Scene], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, tuple[Scene, File]]:
    """Scene and PDF, of each scene and of its shapes alone."""
    folder = tmp_path_factory.mktemp("office")
    slanted = picture((40.0, -20.0, 0.0, 60.0, 30.0, 60.0))
    drawn = {**scenes, "slanted": Scene(130, 140, (slanted,))}
    drawn |= {f"{name} shapes": replace(one, items=without_texts(one.items)) for name, one in scenes.items()}
    files = [folder / f"{name}.pptx" for name in drawn]
    for file, scene in zip(files, drawn.values(), strict=True):
        file.write_bytes(pptx.write(scene))
    return dict(zip(drawn, zip(drawn.values(), converted(files, "pdf", folder), strict=True), strict=True))


class TestOffice:
    pytestmark = NEEDS_OFFICE

    def test_a_slide_looks_as_the_picture_does(self, office: Mapping[str, tuple[Scene, File]]) -> None:
        for name, (scene, made) in office.items():
            with (
                Picture.open(pictured(made, DPI)) as shown,
                Picture.open(io.BytesIO(png.write(scene, dpi=DPI))) as own,
            ):
                apart, moved = differences(shown, own), differences(ImageChops.offset(shown, 6, 6), own)
            assert apart < (2.5 if "shapes" in name else 4), name
            assert moved > 2.5 * apart, "the bound tells a figure from one that is moved by 3 px"

    def test_texts_stand_on_their_baselines(self, office: Mapping[str, tuple[Scene, File]]) -> None:
        scene, made = office["resnet"]
        (page,) = pypdf.PdfReader(made).pages
        found: dict[str, list[tuple[float, float]]] = {}

        def visit(words: str, outer: Any, inner: Any, *_: Any) -> None:
            x = inner[4] * outer[0] + outer[4]
            y = inner[5] * outer[3] + outer[5]
            found.setdefault(words.strip(), []).append((x / 0.75, scene.height - y / 0.75))

        page.extract_text(visitor_text=visit)
        checked = 0
        for item in flat(scene.items):
            if isinstance(item, Text) and item.anchor == "start" and item.text in found:
                apart = min(max(abs(x - item.x), abs(y - item.y)) for x, y in found[item.text])
                assert apart < 1, item
                checked += 1
        assert checked > 40

"""PPTX: one slide as large as the figure, of shapes and texts that PowerPoint, Keynote and LibreOffice edit.

Each layer is a group with its name, so that the selection pane reads as the model does and a layer can be moved,
coloured or animated. The package is python-pptx's, without what its template carries beside a slide.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from .. import escape
from ..errors import DrawError, MissingPackageError
from ..figure import Group, Item, Scene, Text
from ..options import Option
from ..registry import Format
from ..theme import Theme
from .drawingml import EMU, NAMESPACES, Sheet, fill, shapes, sheet_ids

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import Slide

SHORTEST, LONGEST = 96, 5376
"""px of a side of a slide: 1 and 56 inches, beyond which PowerPoint opens none (ISO/IEC 29500-1, 19.7.14)."""

SMALLEST_TEXT = 8.7
"""px that a figure may be scaled down to."""

LONGEST_TITLE = 255
"""Characters that a property of a file may have."""

BLANK = 6
"""Index of the empty layout of the template."""

UNNEEDED = ("thumbnail", "extended-properties", "printerSettings")
"""Ends of the types of relationships to what belongs to the template's author and screen."""


def write(scene: Scene, *, theme: Theme = "light", typeface: str = "Arial") -> bytes:
    """``typeface``: of all texts; Arial, since it is wherever PowerPoint is. Texts stay where their anchors are in any.

    Raises :class:`.MissingPackageError` without python-pptx, :class:`.DrawError` for a figure larger than slides.
    """
    try:
        from pptx import Presentation
        from pptx.oxml import parse_xml
        from pptx.util import Emu
    except ModuleNotFoundError:
        raise MissingPackageError(
            "PPTX is written by python-pptx, which is not installed.",
            advice="pip install 'sphinx-kerasarch[pptx]'",
            data={"package": "python-pptx"},
        ) from None
    zoom = _zoom(scene)
    width, height = (max(SHORTEST, side * zoom) for side in (scene.width, scene.height))
    made = Presentation()
    made.slide_width, made.slide_height = Emu(round(width * EMU)), Emu(round(height * EMU))
    slide = _slide(made)
    sheet = Sheet(
        theme,
        lambda png: slide.part.get_or_add_image_part(io.BytesIO(png))[1],
        sheet_ids(),
        zoom,
        (width / zoom - scene.width) / 2,
        (height / zoom - scene.height) / 2,
        typeface,
    )
    content = parse_xml(_content(scene, sheet).encode())
    slide.element.replace(slide.element.cSld, content)
    _tell(made, slide, scene)
    return _packed(made)


def _zoom(scene: Scene) -> float:
    """Down to the largest slide, as long as every text stays legible."""
    longest = max(scene.width, scene.height)
    if longest <= LONGEST:
        return 1.0
    zoom = LONGEST / longest
    smallest = min(_sizes(scene.items), default=SMALLEST_TEXT / zoom)
    if smallest * zoom < SMALLEST_TEXT:
        raise DrawError(
            f"A slide of {scene.width / 96:.0f} × {scene.height / 96:.0f} inches is too large (56 at most).",
            advice="Fold the figure (fold: auto), show a nested model alone, or take SVG or PDF.",
            data={"width": scene.width, "height": scene.height},
        )
    return zoom


def _sizes(items: Sequence[Item]) -> Iterator[float]:
    for item in items:
        if isinstance(item, Group):
            yield from _sizes(item.items)
        elif isinstance(item, Text):
            yield item.size


def _slide(made: Presentation) -> Slide:
    """A slide on the only layout that stays, which is empty as its master is."""
    kept = made.slide_layouts[BLANK]
    for layout in list(made.slide_layouts):
        if layout is not kept:
            made.slide_layouts.remove(layout)
    for owner in (made.slide_master, kept):
        for shape in list(owner.placeholders):
            shape.element.getparent().remove(shape.element)
    package = made.part.package
    for relations in (package._rels, made.part._rels):
        for key, relation in list(relations.items()):
            if relation.reltype.endswith(UNNEEDED):
                relations.pop(key)
    made.element.sldSz.attrib.pop("type", None)  # that it is a screen of 4 to 3
    slide: Slide = made.slides.add_slide(kept)
    return slide


def _content(scene: Scene, sheet: Sheet) -> str:
    """``cSld``. The title is its name: as a text it would be seen, since not every program hides what is hidden."""
    title = escape.xml(scene.title[:LONGEST_TITLE])
    return (
        f'<p:cSld {NAMESPACES} name="{title}"><p:bg><p:bgPr>{fill(scene.background, sheet.theme)}<a:effectLst/>'
        '</p:bgPr></p:bg><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>'
        '<p:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/>'
        '<a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
        f"{''.join(shapes(scene.items, sheet))}</p:spTree></p:cSld>"
    )


def _tell(made: Presentation, slide: Slide, scene: Scene) -> None:
    """Title and description in the properties of the file and in the notes of the slide; no date, no name."""
    about = made.core_properties
    for child in list(about._element):
        about._element.remove(child)
    about.title = escape.line(scene.title[:LONGEST_TITLE])
    about.author = "sphinx_kerasarch"
    notes = [escape.line(text) for text in (scene.description, *scene.notes) if text]
    if notes:
        frame = slide.notes_slide.notes_text_frame
        if frame is not None:
            frame.text = "\n".join(notes)


def _packed(made: Presentation) -> bytes:
    """The file with the same times on every machine."""
    written, packed = io.BytesIO(), io.BytesIO()
    made.save(written)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as result:
        for name in parts.namelist():
            entry = zipfile.ZipInfo(name)  # of 1980
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            result.writestr(entry, parts.read(name))
    return packed.getvalue()


FORMAT = Format(
    name="pptx",
    accepts=(Scene,),
    write=write,
    media_type="application/vnd.openxmlformats-officedocument.presentationml.presentation",
    suffix=".pptx",
    options=(Option("typeface", str, "Arial", "Of all texts of a slide."),),
    extra="pptx",
)

"""PPTX: one slide as large as the figure, of shapes and texts that PowerPoint, Keynote and LibreOffice edit.

Each layer is a group with its name, so that the selection pane reads as the model does and a layer can be moved,
coloured or animated. The package is python-pptx's, without what its template carries beside a slide.
"""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from .. import escape
from ..errors import DrawError
from ..figure import Scene, Text, flat
from ..options import Option, choice
from ..registry import Format, require
from ..theme import Theme
from .drawingml import EMU, NAMESPACES, Sheet, fill, shapes, sheet_ids

if TYPE_CHECKING:
    from pptx.presentation import Presentation
    from pptx.slide import Slide

SHORTEST, LONGEST = 96, 5376
"""px of a side of a slide: 1 and 56 inches, beyond which PowerPoint opens none (ISO/IEC 29500-1,
ST_SlideSizeCoordinate)."""

SLIDES = {"16:9": (1280.0, 720.0), "4:3": (960.0, 720.0)}
"""px of the slides that PowerPoint offers: 13.33 × 7.5 and 10 × 7.5 inches."""

MARGIN = 40.0
"""px around a figure on one of them."""

LARGEST_ZOOM = 4.0

SMALLEST_TEXT = 8.7
"""px that a figure may be scaled down to."""

LONGEST_TITLE = 255
"""Characters that a property of a file may have."""

BLANK = 6
"""Index of the empty layout of the template."""

UNNEEDED = ("thumbnail", "extended-properties", "printerSettings")
"""Ends of the types of relationships to what belongs to the template's author and screen."""


def write(scene: Scene, *, theme: Theme = "light", slide: str = "figure", typeface: str = "Arial") -> bytes:
    """``slide``: as large as the figure, or of the proportions of a screen, ``16:9`` or ``4:3``, which the
    figure fills, its letters with it. ``typeface``: of all texts; Arial, since it is wherever PowerPoint is. Texts stay
    where their anchors are in any.

    Raises :class:`.MissingPackageError` without python-pptx, :class:`.DrawError` for a figure too large for the slide.
    """
    require(FORMAT)
    from pptx import Presentation
    from pptx.oxml import parse_xml
    from pptx.util import Emu

    zoom = _zoom(scene, slide)
    width, height = SLIDES.get(slide) or (max(SHORTEST, side * zoom) for side in (scene.width, scene.height))
    made = Presentation()
    made.slide_width, made.slide_height = Emu(round(width * EMU)), Emu(round(height * EMU))
    only = _slide(made)
    sheet = Sheet(
        theme,
        lambda png: only.part.get_or_add_image_part(io.BytesIO(png))[1],
        sheet_ids(),
        zoom,
        (width / zoom - scene.width) / 2,
        (height / zoom - scene.height) / 2,
        typeface,
    )
    only.element.replace(only.element.cSld, parse_xml(_content(scene, sheet).encode()))
    _tell(made, only, scene)
    return _packed(made)


def _zoom(scene: Scene, slide: str) -> float:
    """Up or down to fill a slide, or down to the largest that there is, as long as every text stays legible."""
    if slide in SLIDES:
        width, height = (side - 2 * MARGIN for side in SLIDES[slide])
        zoom = min(LARGEST_ZOOM, width / scene.width, height / scene.height)
        advice = "Take a slide as large as the figure (slide: figure)"
    else:
        zoom = min(1.0, LONGEST / max(scene.width, scene.height))
        advice = "Take SVG or PDF"
    smallest = min((item.size for item in flat(scene.items) if isinstance(item, Text)), default=SMALLEST_TEXT)
    if zoom < 1 and smallest * zoom < SMALLEST_TEXT:
        raise DrawError(
            f"A figure of {scene.width:.0f} × {scene.height:.0f} px cannot be read when it is made fit for a slide.",
            advice=f"{advice}, the view 'layered', fold the figure (fold: auto) or show a nested model alone.",
            data={"width": scene.width, "height": scene.height, "zoom": round(zoom, 3)},
        )
    return zoom


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
    options=(
        Option(
            "slide", choice("figure", *SLIDES), "figure", "As large as the figure, or a screen that it fills."
        ),
        Option("typeface", str, "Arial", "Of all texts of a slide."),
    ),
    extra="pptx",
    package="pptx",
)

"""Figures of recorded models as Chromium lays them out: real boxes of texts and shapes, with Inter and without.

Nothing here is shared with :mod:`sphinx_kerasarch.lint`, which this checks too: what it calls clean is clean.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import chromium
import pytest

from sphinx_kerasarch.api import draw, write
from sphinx_kerasarch.errors import DrawError
from sphinx_kerasarch.figure import Graph, Rect, Scene, Text, flat
from sphinx_kerasarch.figure import Path as Line
from sphinx_kerasarch.formats.fonts import FILES, font_file
from sphinx_kerasarch.layout import arrange
from sphinx_kerasarch.layout.text import known, measure
from sphinx_kerasarch.spec.codec import loads

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not chromium.PROGRAM, reason="needs Chromium")]

SPECS = Path(__file__).parents[1] / "specs"
MODELS = (
    *("lenet", "vgg16", "resnet50", "inceptionv3", "mobilenetv2", "densenet121", "unet", "siamese"),
    *("two_io", "lstm_seq2seq", "transformer_encoder", "vit"),
)
FORMS = ((642.0, "light"), (321.0, "dark"))
FOREIGN = {
    "conv2d": "卷积层一 🙂",
    "dense": "שכבה צפופה",
    "conv2d_1": "слой αβγ × 畳み込み",
    "dense_1": "طبقة كثيفة",
}
"""Labels in letters that Inter lacks: the browser takes other fonts for them, and fits them."""
FALLBACK = "DejaVu Sans"
"""The widest of the fonts that a reader without Inter may see."""


def scenes() -> Iterator[tuple[str, str, Scene]]:
    """(name, theme, scene) of each figure that can be drawn; a narrow page is too narrow for some."""
    for model in MODELS:
        spec = loads((SPECS / f"{model}.json").read_text("utf-8"))
        for view in ("layered", "graph", "maps", "neurons"):
            for width, theme in FORMS:
                try:
                    figure = draw(spec, view, width=width).figure
                except DrawError:
                    continue
                scene = arrange(figure) if isinstance(figure, Graph) else figure
                assert isinstance(scene, Scene)
                yield f"{model} {view} {width:.0f} {theme}", theme, scene
    spec = loads((SPECS / "lenet.json").read_text("utf-8"))
    for view in ("layered", "graph"):
        figure = draw(spec, view, labels=FOREIGN).figure
        yield f"foreign {view}", "light", arrange(figure) if isinstance(figure, Graph) else figure  # type: ignore


def page(figures: list[tuple[str, str, Scene]]) -> str:
    faces = "".join(
        f"@font-face {{ font-family: Inter; font-weight: {weight};"
        f" src: url(data:font/ttf;base64,{base64.b64encode(font_file(weight).read_bytes()).decode()}); }}\n"
        for weight in FILES
    )
    svgs, kinds = [], []
    for number, (name, theme, scene) in enumerate(figures):
        svg = write(scene, "svg", theme=theme, prefix=f"f{number}").decode()
        svgs.append(svg.replace("<svg ", f'<svg data-name="{name}" ', 1))
        kinds.append([[item.role, item.ref] for item in flat(scene.items)])
    script = Path(__file__).with_name("boxes.js").read_text("utf-8")
    return (
        f'<!DOCTYPE html><meta charset="utf-8"><style>{faces} svg {{ display: block; font-family: var(--family) }}'
        f"</style>{''.join(svgs)}<pre id=found></pre>"
        f"<script>const FALLBACK = {json.dumps(FALLBACK)}, KINDS = {json.dumps(kinds)};\n{script}</script>"
    )


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    figures = list(scenes())
    assert len(figures) >= 40
    return looked_at(figures, tmp_path_factory.mktemp("boxes"))


def looked_at(figures: list[tuple[str, str, Scene]], folder: Path) -> dict[str, Any]:
    (folder / "page.html").write_text(page(figures), "utf-8")
    shown = chromium.run(folder / "profile", "--virtual-time-budget=60000", "--dump-dom", str(folder / "page.html"))
    text = re.search('<pre id="found">(.*?)</pre>', shown, re.DOTALL)
    assert text and text[1], shown[-2000:]
    found: dict[str, Any] = json.loads(html.unescape(text[1]))
    assert "error" not in found, found
    return found


@pytest.mark.parametrize("family", ["Inter", FALLBACK])
def test_nothing_overlaps_in_the_browser(measured: dict[str, Any], family: str) -> None:
    assert measured[family]["loaded"]
    assert measured[family]["found"] == []
    assert len(measured[family]["widths"]) > 1500  # texts were there to be measured


def test_texts_are_as_wide_as_measured(measured: dict[str, Any]) -> None:
    """Kerning, which our advances leave out, is all that may be between them."""
    for text in measured["Inter"]["widths"]:
        if not all(map(known, text["words"])):
            continue
        assert text["measured"] == pytest.approx(text["natural"], rel=0.02), text
        assert text["drawn"] == pytest.approx(text["measured"], abs=1), (
            text
        )  # letters may lean over their advance


def test_a_wider_font_is_drawn_into_the_measured_width(measured: dict[str, Any]) -> None:
    wider = 0
    for text in measured[FALLBACK]["widths"]:
        assert text["drawn"] == pytest.approx(text["measured"], abs=2), text
        wider += text["natural"] > 1.05 * text["measured"]
    assert wider > 1000  # or the fallback was no other font


# ---- does the check find what is wrong?


def test_faults_are_found(tmp_path: Path) -> None:
    long, low = text("much too long a word", 20), text("low", 22, fill="panel")
    card = Rect(10, 10, 60, 30, fill="cl", role="card", ref="a")
    line = Line((("M", 200.0, 5.0), ("L", 200.0, 90.0)), stroke="edge", role="edge", ref="a->b")
    crossed = text("crossed", 185, y=70, ref="")
    face = Line(
        (("M", 300.0, 10.0), ("L", 360.0, 20.0), ("L", 360.0, 80.0), ("Z",)), fill="conv.front", role="face"
    )
    above = text("on a face", 320, y=40, ref="")
    scene = Scene(400, 100, (card, long, low, line, crossed, face, above), title="faults")
    found = looked_at([("faults", "light", scene)], tmp_path)["Inter"]["found"]
    slugs = {slug for slug, *_ in found}
    assert {"outside-card", "text-overlap", "contrast", "text-on-line", "text-on-face"} <= slugs


def text(words: str, x: float, y: float = 28.0, fill: str = "ink", ref: str = "a") -> Text:
    return Text(x, y, words, 12, fill=fill, length=measure(words, 12), ref=ref)

"""A drawing with every kind of item in it, and the bytes of a small picture."""

from __future__ import annotations

import io

import pytest
from PIL import Image as Picture

from sphinx_kerasarch.figure import Circle, Group, Image, Item, Path, Rect, Scene, Text
from sphinx_kerasarch.layout.text import measure


def words(x: float, y: float, text: str, size: float = 12, weight: int = 400, **more: str) -> Text:
    return Text(x, y, text, size, weight, length=measure(text, size, weight), **more)  # type: ignore[arg-type]


def picture() -> bytes:
    """Four squares: red, green over blue, white; large enough that smoothing does not matter."""
    image = Picture.new("RGB", (2, 2))
    image.putdata([(255, 0, 0), (0, 160, 0), (0, 0, 255), (255, 255, 255)])
    stream = io.BytesIO()
    image.resize((60, 60), Picture.Resampling.NEAREST).save(stream, "PNG")
    return stream.getvalue()


def everything() -> tuple[Item, ...]:
    card = Group(
        (
            Rect(20, 20, 150, 40, 6, "conv.tint", "conv.line", role="card", ref="conv"),
            Rect(20, 20, 24, 40, 6, "conv.solid", corners="left"),
            words(52, 36.5, "stem", 12, 600, ref="conv"),
            words(52, 52, "3×3, 64, stride 2", 11, fill="ink2", ref="conv"),
            words(160, 36.5, "1,728", 10, fill="muted", anchor="end", ref="conv"),
        ),
        "conv",
        "call",
        "stem: a convolution & its <weights>",
    )
    line = Path(
        (("M", 95.0, 60.0), ("L", 95.0, 82.0), ("Q", 95.0, 90.0, 103.0, 90.0), ("L", 150.0, 90.0)),
        None,
        "edge",
        1.3,
        role="edge",
        ref="conv->add",
    )
    head = Path((("M", 158.0, 90.0), ("L", 150.0, 86.0), ("L", 150.0, 94.0), ("Z",)), "edge", role="head")
    veil = Path(
        (
            ("M", 200.0, 20.0),
            ("C", 230.0, 0.0, 260.0, 40.0, 290.0, 20.0),
            ("L", 290.0, 60.0),
            ("L", 200.0, 60.0),
            ("Z",),
        ),
        "dense.front",
        opacity=0.3,
    )
    return (
        Rect(10, 10, 300, 110, 8, "panel", "panelline", 0.8, (4.0, 3.0), role="panel"),
        card,
        Group((line, head), "conv->add", "edge"),
        Circle(170, 90, 11, "surface", "merge.solid", 1.6, ref="add"),
        words(170, 94, "+", 12, 600, anchor="middle"),
        veil,
        words(245, 45, "after a veil", 12, 500, anchor="middle"),
        Image((30.0, 0.0, 0.0, 30.0, 220.0, 75.0), picture()),
        Rect(270, 80, 30, 20, 4, "norm.base", "norm.outline", corners="top"),
    )


@pytest.fixture(scope="session")
def sample() -> Scene:
    return Scene(320, 130, everything(), "A sample", "Every kind of item, once.")

"""The last look at a figure of many lanes: one that cannot be read is not shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...figure import Item, Scene, Text, flat
from ...layout.clash import (
    WORTH,
    coinciding,
    crossed_texts,
    is_airy,
    text_box,
    texts_on_faces,
    through_boxes,
)
from .labels import hit
from .rows import Page


def airy(scene: Scene) -> bool:
    """Whether one empty rectangle takes more than a quarter of a figure."""
    return scene.width >= WORTH and is_airy(list(flat(scene.items)), scene.width, scene.height)


def sound(page: Page, items: Sequence[Item]) -> bool:
    """Whether no box stands on a box of another lane, no line runs through a box, a label or along another line."""
    if len(page.structure.chains) < 2:
        return True
    if any(_overlaps(page)) or through_boxes(items):
        return False
    opened = list(flat(items))
    texts = [item for item in opened if isinstance(item, Text)]
    if coinciding(opened) or any(crossed_texts(opened, texts)) or any(texts_on_faces(opened, texts)):
        return False
    boxes = sorted((text_box(text) for text in texts), key=lambda box: box.left)
    for k, first in enumerate(boxes):
        for second in boxes[k + 1 :]:
            if second.left > first.right:
                break
            if first.meets(second):
                return False
    return True


def _overlaps(page: Page) -> Iterator[bool]:
    chain_of = page.structure.chain_of
    boxes = sorted(
        ((s.left, page.axis[i] + s.top, s.right, page.axis[i] + s.bottom), chain_of[i])
        for i, s in page.solids.items()
    )
    for k, (first, chain) in enumerate(boxes):
        for second, other in boxes[k + 1 :]:
            if second[0] > first[2]:
                break
            yield chain != other and hit(first, second, -2.0)

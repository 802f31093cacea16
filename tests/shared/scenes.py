"""What is in a drawing of a recorded spec."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sphinx_kerasarch.figure import Group, Item, Scene, Text
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.model import ArchSpec

SPECS = Path(__file__).parents[1] / "specs"


def recorded(name: str) -> ArchSpec:
    return loads((SPECS / f"{name}.json").read_text("utf-8"))


def flat(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Group):
            yield from flat(item.items)
        else:
            yield item


def said(scene: Scene) -> list[str]:
    return [item.text for item in flat(scene.items) if isinstance(item, Text)]

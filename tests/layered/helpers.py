"""Hand-made specs, and questions about a drawn scene."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from sphinx_kerasarch.figure import Circle, Group, Path, Rect, Scene, Text, flat
from sphinx_kerasarch.spec.codec import loads
from sphinx_kerasarch.spec.model import ArchSpec, Call, Edge, Layer, Port, Slot, Tensor, Weight

SPECS = File(__file__).parents[1] / "specs"
RECORDED = sorted(path.stem for path in SPECS.glob("*.json"))


def recorded(name: str) -> ArchSpec:
    return loads((SPECS / f"{name}.json").read_text("utf-8"))


@dataclass
class Model:
    """Builds a spec call by call; each method returns the id of the call."""

    name: str = "model"
    layers: list[Layer] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    inputs: list[Slot] = field(default_factory=list)

    def add(
        self,
        class_name: str,
        role: str,
        shape: Sequence[int | None],
        *sources: str,
        weights: bool = False,
        name: str = "",
        block: str | None = None,
        **config: Any,
    ) -> str:
        call = name or f"{class_name.lower()}_{len(self.calls)}"
        shapes = {c.id: c.outputs[0] for c in self.calls}
        variables = (Weight(f"{call}/kernel", "kernel", (1,), "float32", True),) if weights else ()
        activation = config.get("activation")
        self.layers.append(
            Layer(
                call,
                call,
                class_name,
                f"keras.src.layers.{class_name}",
                role,
                variables,
                True,
                config,
                activation,
            )
        )
        ins = tuple(shapes[s] for s in sources)
        self.calls.append(Call(call, call, block, ins, (Tensor((None, *shape), "float32"),)))
        self.edges += [Edge(Port(s), Port(call, k)) for k, s in enumerate(sources)]
        return call

    def input(self, *shape: int | None, name: str = "") -> str:
        call = self.add("InputLayer", "data", shape, name=name)
        self.inputs.append(Slot(call, Port(call)))
        return call

    def conv(self, source: str, *shape: int | None, **config: Any) -> str:
        return self.add("Conv2D", "conv", shape, source, weights=True, **config)

    def dense(self, source: str, *shape: int | None, **config: Any) -> str:
        return self.add("Dense", "dense", shape, source, weights=True, **config)

    def pool(self, source: str, *shape: int | None, **config: Any) -> str:
        return self.add("MaxPooling2D", "pool", shape, source, **config)

    def norm(self, source: str, *shape: int | None) -> str:
        return self.add("BatchNormalization", "norm", shape, source, weights=True)

    def act(self, source: str, *shape: int | None, activation: str = "relu") -> str:
        return self.add("Activation", "act", shape, source, activation=activation)

    def merge(self, class_name: str, shape: Sequence[int | None], *sources: str) -> str:
        return self.add(class_name, "merge", shape, *sources)

    def spec(self, *outputs: str) -> ArchSpec:
        chosen = outputs or (self.calls[-1].id,)
        return ArchSpec(
            name=self.name,
            layers=tuple(self.layers),
            calls=tuple(self.calls),
            edges=tuple(self.edges),
            inputs=tuple(self.inputs),
            outputs=tuple(Slot(o, Port(o)) for o in chosen),
        )


def texts(scene: Scene, *roles: str) -> list[Text]:
    return [i for i in flat(scene.items) if isinstance(i, Text) and (not roles or i.role in roles)]


Box = tuple[float, float, float, float]


def text_box(text: Text) -> Box:
    x0 = {"start": text.x, "middle": text.x - text.length / 2, "end": text.x - text.length}[text.anchor]
    return (x0, text.y - 0.74 * text.size, x0 + text.length, text.y + 0.22 * text.size)


def points(path: Path) -> list[tuple[float, float]]:
    return [(float(c[-2]), float(c[-1])) for c in path.commands if len(c) > 1]


def overlap(a: Box, b: Box, slack: float = 0.0) -> bool:
    return a[0] < b[2] - slack and b[0] < a[2] - slack and a[1] < b[3] - slack and b[1] < a[3] - slack


def meets(polygon: list[tuple[float, float]], box: Box, slack: float = 0.3) -> bool:
    """Whether a convex polygon and a rectangle share more than a sliver (separating axes)."""
    corners = [(box[0], box[1]), (box[2], box[1]), (box[2], box[3]), (box[0], box[3])]
    axes = [(1.0, 0.0), (0.0, 1.0)]
    for (ax, ay), (bx, by) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        if length > 0.05:
            axes.append(((by - ay) / length, (ax - bx) / length))
    for ux, uy in axes:
        a = [x * ux + y * uy for x, y in polygon]
        b = [x * ux + y * uy for x, y in corners]
        if max(a) <= min(b) + slack or max(b) <= min(a) + slack:
            return False
    return True


def faces(scene: Scene) -> list[Path]:
    return [
        i
        for g in scene.items
        if isinstance(g, Group) and g.role == "call"
        for i in g.items
        if isinstance(i, Path) and i.role in {"face", "band"}
    ]


def bounds(scene: Scene) -> Box:
    xs: list[float] = []
    ys: list[float] = []
    for item in flat(scene.items):
        if isinstance(item, Path):
            xs += [x for x, _ in points(item)]
            ys += [y for _, y in points(item)]
        elif isinstance(item, Text):
            x0, y0, x1, y1 = text_box(item)
            xs += [x0, x1]
            ys += [y0, y1]
        elif isinstance(item, Rect):
            xs += [item.x, item.x + item.w]
            ys += [item.y, item.y + item.h]
        elif isinstance(item, Circle):
            xs += [item.x - item.r, item.x + item.r]
            ys += [item.y - item.r, item.y + item.r]
    return (min(xs), min(ys), max(xs), max(ys))

"""Boxes and frustums in an oblique projection.

World axes: x along the data flow, y down, z into the page; a solid is centred on y = z = 0 of its axis.
One px of depth moves a point by (``KX``, −``KY``) px: angle 39°, factor 0.41, so that a square face stays readable
as a square and a run of thin slabs takes little width.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..figure import Path

KX = 0.32
KY = 0.26

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Solid:
    """A box, or a frustum when the left end differs from the right end. All lengths in px."""

    x: float
    """Left end on the flow axis."""
    w: float
    h: float
    """Height and depth of the right end."""
    d: float
    h1: float = 0.0
    """Height and depth of the left end; 0 = as the right end."""
    d1: float = 0.0

    @property
    def x1(self) -> float:
        return self.x + self.w

    @property
    def start(self) -> tuple[float, float]:
        """(height, depth) of the left end."""
        return (self.h1 or self.h, self.d1 or self.d)

    @property
    def left(self) -> float:
        """Silhouette."""
        return min(self.x - KX * self.start[1] / 2, self.x1 - KX * self.d / 2)

    @property
    def right(self) -> float:
        return max(self.x1 + KX * self.d / 2, self.x + KX * self.start[1] / 2)

    @property
    def top(self) -> float:
        """Highest painted point, relative to the axis (negative)."""
        h1, d1 = self.start
        return -max(self.h / 2 + KY * self.d / 2, h1 / 2 + KY * d1 / 2)

    @property
    def bottom(self) -> float:
        return -self.top

    @property
    def axis_left(self) -> float:
        """Where the silhouette is met at the height of the axis from the left."""
        h, d = self.start
        return self.x + KX * max(-d / 2, -h / (2 * KY))

    @property
    def front(self) -> tuple[float, float]:
        """x range of the front face."""
        return self.x - KX * self.start[1] / 2, self.x1 - KX * self.d / 2

    def floor(self, x0: float, x1: float) -> float | None:
        """Lowest painted point between ``x0`` and ``x1`` relative to the axis, None when nothing is there."""
        h1, d1 = self.start
        ends = (
            ((self.x, self.x1, h1, d1), (self.x1, self.x1, self.h, self.d))
            if self.h1
            else ((self.x, self.x1, self.h, self.d),)
        )
        lowest: float | None = None
        for a, b, h, d in ends:
            west, east, far = a - KX * d / 2, b - KX * d / 2, b + KX * d / 2
            if x1 < west or x0 > far:
                continue
            y = h / 2 + KY * d / 2
            if x0 > east:
                y -= KY * d * (x0 - east) / max(1e-6, far - east)
            lowest = y if lowest is None else max(lowest, y)
        slope = self._slope(x0, x1) if self.h1 else None
        return slope if lowest is None or (slope is not None and slope > lowest) else lowest

    def _slope(self, x0: float, x1: float) -> float | None:
        """The same for the lower edge that leads from the left end of a flare down to its right end."""
        h1, d1 = self.start
        (ax, ay), (bx, by) = (
            (x - KX * d / 2, h / 2 + KY * d / 2) for x, h, d in ((self.x, h1, d1), (self.x1, self.h, self.d))
        )
        if by <= ay or x1 < ax or x0 > bx:
            return None
        return ay + (by - ay) * min(1.0, (x1 - ax) / max(1e-6, bx - ax))

    def moved(self, dx: float) -> Solid:
        return Solid(self.x + dx, self.w, self.h, self.d, self.h1, self.d1)


def project(x: float, y: float, z: float, axis: float) -> Point:
    """World → figure; ``axis`` is the height of the flow axis in the figure."""
    return (x + KX * z, axis + y - KY * z)


def shape(
    points: Iterable[Point],
    *,
    fill: str | None = None,
    stroke: str | None = None,
    width: float = 0.7,
    role: str = "face",
    ref: str = "",
) -> Path:
    """A closed polygon."""
    first, *rest = ((round(x, 1), round(y, 1)) for x, y in points)
    commands = (("M", *first), *(("L", *point) for point in rest), ("Z",))
    return Path(commands, fill=fill, stroke=stroke, width=width, role=role, ref=ref)


def line(
    points: Iterable[Point],
    *,
    stroke: str,
    width: float = 0.7,
    dash: tuple[float, ...] = (),
    opacity: float = 1.0,
    role: str = "decoration",
    ref: str = "",
) -> Path:
    """An open polyline."""
    first, *rest = ((round(x, 1), round(y, 1)) for x, y in points)
    commands = (("M", *first), *(("L", *point) for point in rest))
    return Path(commands, stroke=stroke, width=width, dash=dash, opacity=opacity, role=role, ref=ref)


def _area(points: list[Point]) -> float:
    """Signed area on the page (y downwards): positive when listed clockwise."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(points, [*points[1:], points[0]], strict=True))


def box(solid: Solid, axis: float, style: str, *, band: float = 0.0, ref: str = "") -> tuple[Path, ...]:
    """Front, top and right face, an activation band of width ``band`` px at the right end, then the outlines."""
    x0, x1, h, d = solid.x, solid.x1, solid.h / 2, solid.d / 2

    def at(x: float, y: float, z: float) -> Point:
        return project(x, y, z, axis)

    a, b, c, e = at(x0, -h, -d), at(x1, -h, -d), at(x1, h, -d), at(x0, h, -d)
    back_left, back, back_low = at(x0, -h, d), at(x1, -h, d), at(x1, h, d)
    items = [
        shape((a, b, c, e), fill=f"{style}.front", ref=ref),
        shape((a, b, back, back_left), fill=f"{style}.top", ref=ref),
        shape((b, back, back_low, c), fill=f"{style}.side", ref=ref),
    ]
    if band:
        xb = x1 - band
        f, g = at(xb, -h, -d), at(xb, h, -d)
        items += [
            shape((f, b, c, g), fill=f"{style}.band", role="band", ref=ref),
            shape((f, b, back, at(xb, -h, d)), fill=f"{style}.bandtop", role="band", ref=ref),
        ]
    outline = f"{style}.outline"
    items += [
        shape((a, back_left, back, back_low, c, e), stroke=outline, role="outline", ref=ref),
        line((a, b, back), stroke=outline, role="outline", ref=ref),
        line((b, c), stroke=outline, role="outline", ref=ref),
    ]
    return tuple(items)


def frustum(solid: Solid, axis: float, style: str, *, ref: str = "") -> tuple[Path, ...]:
    """The faces that the reader sees, and the right face in the pale tint."""
    (h1, d1), h, d = solid.start, solid.h / 2, solid.d / 2
    h1, d1 = h1 / 2, d1 / 2
    x0, x1 = solid.x, solid.x1

    def at(x: float, y: float, z: float) -> Point:
        return project(x, y, z, axis)

    faces = (
        ("flank", [at(x0, h1, -d1), at(x1, h, -d), at(x1, h, d), at(x0, h1, d1)]),
        ("side", [at(x0, -h1, d1), at(x0, h1, d1), at(x1, h, d), at(x1, -h, d)]),
        ("front", [at(x0, -h1, -d1), at(x1, -h, -d), at(x1, h, -d), at(x0, h1, -d1)]),
        ("top", [at(x0, -h1, -d1), at(x0, -h1, d1), at(x1, -h, d), at(x1, -h, -d)]),
    )
    # Each face is listed clockwise as seen from outside, so a face turned away has a negative area on the page.
    items = [
        shape(points, fill=f"{style}.{name}", stroke=f"{style}.outline", ref=ref)
        for name, points in faces
        if _area(points) > 0.05
    ]
    right = [at(x1, -h, -d), at(x1, -h, d), at(x1, h, d), at(x1, h, -d)]
    items.append(shape(right, fill=f"{style}.face", stroke=f"{style}.outline", ref=ref))
    return tuple(items)

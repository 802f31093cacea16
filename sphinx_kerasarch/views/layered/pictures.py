"""Pictures of the user's for the front of inputs: read, checked, made small."""

from __future__ import annotations

import io
import re
import warnings
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import OptionError
from ...options import suggest
from ...spec.model import ArchSpec

SIDE = 320
"""px of the longer side that is kept: two dots per px of the largest box, and a little more."""
LARGEST_FILE = 32 * 1024 * 1024
"""Bytes."""
LARGEST_PICTURE = 100_000_000
"""Pixels."""
FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")

DIGITS = 16
"""Hexadecimal digits of a digest behind a path."""

Pictures = tuple[tuple[str, str], ...]
"""(name of an input, or empty for the first volume; base64 of a PNG)."""


_DIGEST = re.compile(rf"\|[0-9a-f]{{{DIGITS}}}$")


def parse(text: str) -> tuple[tuple[str, str], ...]:
    """``photo.png`` or ``left=a.png, right=b.png`` → (input, path). Raises ``ValueError``."""
    found = []
    for part in text.split(","):
        name, sign, path = part.strip().partition("=")
        name, path = (name.strip(), path.strip()) if sign else ("", name)
        if not path:
            raise ValueError(
                f"{part.strip()!r} names no file. Write photo.png, or INPUT=photo.png for each input"
            )
        found.append((name, path))
    if len({name for name, _ in found}) < len(found):
        raise ValueError("an input has two pictures. Write INPUT=photo.png for each input")
    return tuple(found)


def pictures(text: str) -> Pictures:
    """The pictures that the option's text names, with nothing in them that differs from machine to machine.

    A path may end in ``|`` and a digest, which hosts add so that a changed picture is a changed option. Raises
    ``ValueError`` for what cannot be read.
    """
    return tuple((name, _read(Path(_DIGEST.sub("", path)))) for name, path in parse(text)) if text else ()


def _read(path: Path) -> str:
    from PIL import Image, UnidentifiedImageError

    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise ValueError(
                f"{path.name!r} has {size / 2**20:.0f} MiB, {LARGEST_FILE // 2**20} at most. Scale it down"
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise ValueError(f"there is no file {path.name!r}") from None
    except OSError as error:
        raise ValueError(f"{path.name!r} cannot be read ({error.strerror})") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
                if picture.width * picture.height > LARGEST_PICTURE:
                    raise ValueError(f"{path.name!r} has {picture.width}×{picture.height} px. Scale it down")
                return _png(_plain(picture))
    except UnidentifiedImageError:
        raise ValueError(f"{path.name!r} is no picture that can be read. Take PNG or JPEG") from None
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path.name!r} is damaged ({error})") from None


def _plain(picture: Any) -> Any:
    """Upright, in RGB or RGBA, no larger than needed."""
    from PIL import ImageOps

    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I;16") or picture.mode == "I":
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    clear = "A" in picture.getbands() or "transparency" in picture.info
    picture = picture.convert("RGBA" if clear else "RGB")
    picture.thumbnail((SIDE, SIDE))
    return picture


def _png(picture: Any) -> str:
    """Without profile, time or comment."""
    from PIL import Image

    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    bare.save(out, "PNG")
    return b64encode(out.getvalue()).decode("ascii")


def with_pictures(spec: ArchSpec, given: Pictures) -> ArchSpec:
    """``spec`` with pictures on its inputs, their middle cut to the proportions of the input.

    Raises :class:`.OptionError` for an input that does not exist or is not a volume.
    """
    if not given:
        return spec
    calls = {call.id: call for call in spec.calls}
    shapes = {slot.name: calls[slot.port.call].outputs[slot.port.index].shape for slot in spec.inputs}
    volumes = [name for name, shape in shapes.items() if len(shape) >= 4]
    ports = {slot.name: slot.port.call for slot in spec.inputs}
    images = dict(spec.images)
    channels_first = any(layer.config.get("data_format") == "channels_first" for layer in spec.layers)
    for name, data in given:
        if not volumes:
            raise OptionError(
                "No input of the model is an image, so none can carry a picture.",
                advice="Leave out image.",
            )
        if name and name not in volumes:
            what = "is not an image" if name in shapes else "does not exist"
            raise OptionError(
                f"The input {name!r} {what}.", advice=suggest(name, volumes), data={"input": name}
            )
        place = name or volumes[0]
        shape = shapes[place]
        sides = shape[-2:] if channels_first else shape[-3:-1]
        images[ports[place]] = _cut(data, sides)
    return replace(spec, images=images)


def _cut(data: str, sides: Sequence[int | None]) -> str:
    from PIL import Image, ImageOps

    height, width = sides
    with Image.open(io.BytesIO(b64decode(data))) as picture:
        if not height or not width:
            return data
        wanted, there = width / height, picture.width / picture.height
        if abs(wanted / there - 1) < 0.02:
            return data
        if wanted < there:
            size = (max(1, round(picture.height * wanted)), picture.height)
        else:
            size = (picture.width, max(1, round(picture.width / wanted)))
        return _png(ImageOps.fit(picture, size))

"""What a saved file holds: the configuration, and shapes of weights without their values."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import BuildError
from ...spec import shallow
from .stored import check, entries, reached


@dataclass(slots=True)
class Group:
    """Weights of one layer as stored: numbered in ``.keras``, named by path in ``.h5``."""

    name: str = ""
    """Name of the layer; empty where the file does not say."""
    variables: list[tuple[str, tuple[int, ...], str]] = field(default_factory=list)
    """(stored name, shape, dtype)."""
    groups: dict[str, Group] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    config: Mapping[str, Any]
    """``class_name``, ``config`` …"""
    weights: Group
    named: bool
    """Whether variables carry names (``.h5``) or numbers (``.keras``)."""
    version: str = ""
    """Of the Keras that wrote it."""


class _Part(io.RawIOBase):
    """A stretch of a file that reads like a file of its own, without a copy of it."""

    def __init__(self, file: BinaryIO, start: int, length: int) -> None:
        self._file, self._start, self._length, self._at = file, start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (0, self._at, self._length)[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        count = max(0, min(len(buffer), self._length - self._at))
        self._file.seek(self._start + self._at)
        data = self._file.read(count)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def read(path: Path) -> Saved:
    """The contents of a ``.keras`` or ``.h5`` file.

    Raises :class:`.BuildError` for a file that is damaged or is no saved model.
    """
    try:
        if zipfile.is_zipfile(path):
            return _read_archive(path)
        return _read_hdf5(path)
    except ImportError:  # h5py: Keras has to be asked
        raise
    except Exception as error:  # whatever zipfile, json and h5py come to when bytes in a file are others
        raise BuildError(
            f"{path.name} is not a saved Keras model, or is damaged: {type(error).__name__}: {error}.",
            advice="Save it again with model.save('model.keras').",
        ) from error


def _read_archive(path: Path) -> Saved:
    import h5py

    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        config = shallow.loads(text_in(archive, "config.json"))
        names = archive.namelist()
        told = shallow.loads(text_in(archive, "metadata.json")) if "metadata.json" in names else {}
        weights = Group()
        if "model.weights.h5" in names:
            member = archive.getinfo("model.weights.h5")
            if member.file_size > max(UNFOLDED, RATIO * member.compress_size):
                raise ValueError(f"its model.weights.h5 unfolds to {member.file_size:,} bytes")
            if member.compress_type == zipfile.ZIP_STORED:
                source: Any = _Part(file, _data_start(file, member), member.file_size)
            else:
                source = archive.open(member)
            with source, h5py.File(source, "r") as stored:
                weights = _group(stored, set())
    return Saved(config, weights, named=False, version=str(told.get("keras_version", "")))


LONGEST = 32 * 2**20
"""Bytes of a configuration. That of the largest models is a tenth of it; as Python has it, it can be thirty times as
large."""

UNFOLDED, RATIO = 64 * 2**20, 50
"""Bytes of weights, and times that they are longer than what is stored of them. Keras stores them as they are."""


def text_in(archive: zipfile.ZipFile, name: str) -> bytes:
    """A text in an archive. Raises ``KeyError`` where it is not there, ``ValueError`` where it is too long."""
    with archive.open(name) as member:
        data = member.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise ValueError(f"its {name} is longer than {LONGEST // 2**20} MB")
    return data


def check_weights(path: Path) -> None:
    """Raises ``ValueError`` where the weights of a ``.keras`` or ``.h5`` file lead out of it."""
    import h5py

    if not zipfile.is_zipfile(path):
        with h5py.File(path, "r") as stored:
            check(stored)
        return
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.endswith(".h5"):
                with archive.open(name) as source, h5py.File(source, "r") as stored:
                    check(stored)


def _data_start(file: BinaryIO, member: zipfile.ZipInfo) -> int:
    """Offset of a member's bytes: after the local header and its two fields of variable length (APPNOTE 4.3.7)."""
    file.seek(member.header_offset)
    name, extra = struct.unpack("<26xHH", file.read(30))
    return int(member.header_offset + 30 + name + extra)


def _group(stored: Any, seen: set[int]) -> Group:
    found = Group()
    for key, item in entries(stored, seen):
        if hasattr(item, "dtype"):
            continue
        if key == "vars":
            found.name = str(item.attrs.get("name", ""))
            numbers = sorted((name for name in item if name.isdigit()), key=int)
            found.variables = [(name, *_header(reached(item, name))) for name in numbers]
        else:
            found.groups[key] = _group(item, seen)
    return found


def _header(data: Any) -> tuple[tuple[int, ...], str]:
    """Shape and dtype; types that HDF5 does not know are stored as others and named beside."""
    return tuple(int(axis) for axis in data.shape), str(data.attrs.get("dtype", data.dtype))


def _read_hdf5(path: Path) -> Saved:
    import h5py

    with h5py.File(path, "r") as stored:
        told = stored.attrs.get("model_config")
        if told is None:
            raise ValueError("it holds weights but no architecture" if len(stored) else "it is empty")
        text = _text(told)
        if len(text) > LONGEST:
            raise ValueError(f"its configuration is longer than {LONGEST // 2**20} MB")
        config = shallow.loads(text)
        weights = Group()
        for key, item in entries(reached(stored, "model_weights"), set()):
            group = Group(key)
            for name in _names(item):
                group.variables.append((re.sub(r":\d+$", "", name), *_header(reached(item, name))))
            weights.groups[key] = group
        return Saved(config, weights, named=True, version=_text(stored.attrs.get("keras_version", "")))


def _names(item: Any) -> list[str]:
    """``weight_names``, which long lists keep in pieces ``weight_names0``, ``weight_names1`` …"""
    if "weight_names" in item.attrs:
        return [_text(name) for name in item.attrs["weight_names"]]
    names: list[str] = []
    number = 0
    while f"weight_names{number}" in item.attrs:
        names += [_text(name) for name in item.attrs[f"weight_names{number}"]]
        number += 1
    return names


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)

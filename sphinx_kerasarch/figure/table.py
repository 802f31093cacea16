"""A table: typed cells, still numbers, no layout."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    """``layer``, ``class``, ``shape``, ``params``, ``share``, ``trainable``, ``connected``, …"""
    title: str
    align: str = "left"
    """``left``, ``right`` or ``center``."""


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    """As printed."""
    value: int | float | str | None = None
    """The value behind the text, for JSON and CSV."""
    title: str = ""
    """The words behind a sign, for assistive technology."""


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    depth: int = 0
    """Nesting level: 0 for the model's own layers."""
    kind: str = "layer"
    """``layer``, ``block`` (a nested model's head row) or ``total``."""
    style: str = ""
    """Category token."""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...] = ()
    note: str = ""
    """Paragraph below: trainable and non-trainable, weight bytes, dtype."""

"""``pkg.mod:factory(units=64)`` → module, attribute and literal arguments, and back."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import TargetError
from . import misspelt

FORMS = "Write package.module:factory, package.module:Class.method or package.module:factory(classes=10)."
FILE_SUFFIXES = (".keras", ".h5", ".hdf5", ".json")


@dataclass(frozen=True, slots=True)
class Target:
    module: str
    """Dotted name, empty for a file."""
    attribute: str
    """Dotted name inside the module, empty for a file."""
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    """Path of a saved model, empty for an import target."""
    called: bool = False
    """Whether the text had parentheses or arguments."""

    def __str__(self) -> str:
        if self.file:
            return self.file
        if not self.called:
            return f"{self.module}:{self.attribute}"
        parts = [
            *(repr(value) for value in self.args),
            *(f"{key}={value!r}" for key, value in self.kwargs.items()),
        ]
        return f"{self.module}:{self.attribute}({', '.join(parts)})"


NAME = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


def parse(text: str, arguments: str = "") -> Target:
    """The parts of a target.

    ``arguments``: more arguments as Python literals (``classes=10, size=(28, 28)``), after those in the text.
    Raises :class:`.TargetError`.
    """
    text = text.strip()
    if not text:
        raise TargetError("The target is empty.", advice=FORMS)
    if _is_file(text):
        if text.lower().endswith(misspelt.SUFFIX):
            raise TargetError(
                f"{text!r} is the path of a Python file.", advice=misspelt.advice(text) or FORMS, data={"target": text}
            )
        if not is_path(text):
            raise TargetError(f"{text!r} cannot be the path of a file.", advice=FORMS)
        if arguments.strip():
            raise TargetError(f"A file takes no arguments: {text!r}.", advice="Leave the arguments out.")
        return Target("", "", file=text)
    module, colon, rest = text.partition(":")
    module = module.strip()
    if not colon:
        raise TargetError(f"The target {text!r} has no colon.", advice=_with_colon(text))
    if not NAME.fullmatch(module):
        advice = misspelt.advice(text) or FORMS
        raise TargetError(f"{module!r} is not the name of a module.", advice=advice, data={"target": text})
    attribute, bracket, inner = rest.strip().partition("(")
    attribute = attribute.strip()
    if not NAME.fullmatch(attribute):
        advice = misspelt.advice(text) or FORMS
        raise TargetError(f"{attribute!r} is not a name in a module.", advice=advice, data={"target": text})
    if bracket and not inner.rstrip().endswith(")"):
        raise TargetError(f"The bracket of {text!r} is not closed.", advice=FORMS, data={"target": text})
    args, kwargs = literals(inner.rstrip()[:-1] if bracket else "")
    more_args, more_kwargs = literals(arguments)
    if more_args and kwargs:
        raise TargetError(
            "Arguments without a name cannot follow those with a name.",
            advice="Name them all.",
            data={"target": text},
        )
    return Target(
        module,
        attribute,
        (*args, *more_args),
        {**kwargs, **more_kwargs},
        called=bool(bracket or arguments.strip()),
    )


def _is_file(text: str) -> bool:
    path = text.lower()
    if path.startswith("/") and path.endswith(FILE_SUFFIXES):
        return True  # folders may have a colon in their names
    return ":" not in re.sub(r"^[a-z]:[\\/]", "", path) and (
        path.endswith(FILE_SUFFIXES) or "/" in path or "\\" in path
    )


def _with_colon(text: str) -> str:
    if meant := misspelt.advice(text):
        return meant
    name, bracket, rest = text.partition("(")
    module, dot, attribute = name.strip().rpartition(".")
    if dot and NAME.fullmatch(name.strip()):
        return f"Did you mean {f'{module}:{attribute}{bracket}{rest}'!r}?"
    folder = "" if bracket else f" The folder of a SavedModel ends in a slash: {text.strip()}/"
    return f"{FORMS}{folder}"


def literals(text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Python literals as in a call, ``10, size=(28, 28)``. Raises :class:`.TargetError`."""
    if not text.strip():
        return (), {}
    try:
        call = ast.parse(f"f({text}\n)", mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise TargetError(
            f"The arguments {text!r} are not Python.", advice="Write them as in a call: classes=10."
        ) from None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        raise TargetError(
            f"The arguments {text!r} are not Python.", advice="Write them as in a call: classes=10."
        )
    args = tuple(_literal(node, text) for node in call.args)
    kwargs: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg is None or keyword.arg in kwargs:
            raise TargetError(
                f"The arguments {text!r} are not plain.", advice="Name each argument once, without **."
            )
        kwargs[keyword.arg] = _literal(keyword.value, text)
    return args, kwargs


def _literal(node: ast.expr, text: str) -> Any:
    try:
        value = ast.literal_eval(node)
        if _is_writable(value):
            return value
        raise ValueError("a number of thousands of digits")
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        source = ast.get_source_segment(f"f({text}\n)", node) or text
        raise TargetError(
            f"The argument {source!r} is not a literal.",
            advice="Give numbers, texts in quotes, True, False, None, tuples, lists and dicts; "
            "for more write a factory without arguments.",
            data={"argument": source},
        ) from None


LONGEST = 4096
"""Bits of a whole number. What is longer can be read, as ``0xfff…``, but Python refuses to write it in decimals."""


def _is_writable(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_writable(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple | set):
        return all(map(_is_writable, value))
    return not isinstance(value, int) or value.bit_length() <= LONGEST


def is_path(text: str) -> bool:
    """Whether a file can have this name at all: what is not so raises in every function that opens files."""
    try:
        return "\0" not in text and bool(os.fsencode(text))
    except UnicodeError:
        return False


def shapes(text: str) -> Any:
    """``28,28,1`` or ``(28, 28, 1)``: one shape; ``[(28, 28, 1), (12,)]`` or ``{"image": (28, 28, 1)}``: several.

    Without the batch axis; ``None`` or ``?`` for an unknown axis. Raises :class:`.TargetError`.
    """
    plain = re.sub(r"\?", "None", text.strip())
    if re.fullmatch(r"(\d+|None)(\s*[x×]\s*(\d+|None))+", plain):
        plain = re.sub(r"\s*[x×]\s*", ",", plain)
    try:
        value = ast.literal_eval(plain)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        value = None
    if isinstance(value, int) and not isinstance(value, bool):
        value = (value,)
    if not _are_shapes(value):
        raise TargetError(
            f"{text!r} is not an input shape.",
            advice="Write the axes without the batch: 28, 28, 1; several inputs as a list or dict of them.",
            data={"input_shape": text},
        )
    return value


def _are_shapes(value: Any) -> bool:
    if _is_shape(value):
        return True
    if isinstance(value, dict):
        return bool(value) and all(_are_shapes(part) for part in value.values())
    return isinstance(value, list | tuple) and bool(value) and all(_are_shapes(part) for part in value)


def _is_shape(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(
        axis is None or (isinstance(axis, int) and not isinstance(axis, bool) and 0 <= axis < 2**63) for axis in value
    )

"""An option is declared once: directive, command-line flag, YAML key and reference table follow from it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import OptionError
from .spec.folding import folded

PX_PER_UNIT: Mapping[str, float] = {
    "px": 1.0,
    "": 1.0,
    "pt": 96 / 72,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "in": 96.0,
}
"""CSS reference pixels per unit (CSS Values and Units 4, §6.2)."""

NAMED_WIDTHS: Mapping[str, float] = {"wide": 642.0, "narrow": 321.0}
"""170 mm and 85 mm: two columns and one column of a journal page."""


class BadValueError(ValueError):
    """What a converter raises: the reason as message, and what to write instead."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Option:
    name: str
    """As in the directive: lower case with hyphens."""
    convert: Callable[[str], Any]
    """Text → value; raises ``ValueError`` with a reason, a :class:`BadValueError` where there is advice."""
    default: Any
    help: str
    choices: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """As keyword argument in Python."""
        return self.name.replace("-", "_")


def suggest(word: str, known: Iterable[str]) -> str:
    """``Did you mean …?``, or the list of what there is."""
    known = sorted(known)
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."


def choice(*values: str) -> Callable[[str], str]:
    """Converter that takes one of ``values``."""

    def convert(text: str) -> str:
        if text not in values:
            near = difflib.get_close_matches(text, values, n=1, cutoff=0.5)
            said = f"{text!r} is not one of {', '.join(values)}."
            raise BadValueError(said, f"Did you mean {near[0]!r}?" if near else "Take one of them.")
        return text

    return convert


def flag(text: str) -> bool:
    """``yes``/``no`` and friends; the empty text of a bare directive option is yes."""
    lowered = text.strip().lower()
    if lowered in {"", "yes", "true", "on", "1"}:
        return True
    if lowered in {"no", "false", "off", "0"}:
        return False
    raise BadValueError(f"{text!r} is neither yes nor no.", "Write yes or no; the bare option means yes.")


def length(text: str) -> float:
    """``85mm``, ``321px``, ``12cm``, ``narrow``, ``wide`` → CSS px."""
    text = text.strip().lower()
    if text in NAMED_WIDTHS:
        return NAMED_WIDTHS[text]
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", text)
    if not match or match[2] not in PX_PER_UNIT:
        raise BadValueError(f"{text!r} is not a length.", "Write 85mm, 321px, 12cm, 4in, 240pt, narrow or wide.")
    value = float(match[1]) * PX_PER_UNIT[match[2]]
    if not 60 <= value <= 10_000:
        raise BadValueError(f"{text!r} is not between 60 px and 10 000 px.", "A column is 85mm wide, a page 170mm.")
    return value


def words(text: str) -> tuple[str, ...]:
    """Comma-separated words."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def resolve(options: Iterable[Option], given: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Defaults overlaid by ``given`` (texts are converted, other values taken as they are), by Python keyword.

    Raises :class:`.OptionError` for an unknown name or a bad value.
    """
    by_key = {option.key: option for option in options}
    result = {key: option.default for key, option in by_key.items()}
    for name, value in given.items():
        key = name.replace("-", "_")
        if key not in by_key:
            raise OptionError(
                f"{owner} has no option {name!r}.",
                advice=suggest(name.replace("_", "-"), (option.name for option in by_key.values())),
                data={"option": name, "owner": owner},
            )
        result[key] = _converted(by_key[key], value, owner) if isinstance(value, str) else value
    return result


def refused(option: Option, error: ValueError) -> tuple[str, str]:
    """What a converter said and what to write instead: its own advice, else what the option is for."""
    reason = str(error).strip() or "the value is not understood"
    said = reason if reason.endswith((".", "?", "!")) else f"{reason}."
    return said, error.advice if isinstance(error, BadValueError) else f"It means: {option.help}"


def _converted(option: Option, text: str, owner: str) -> Any:
    try:
        return option.convert(text)
    except ValueError as error:
        said, advice = refused(option, error)
        raise OptionError(
            f"Option {option.name!r} of {owner}: {said}",
            advice=advice,
            data={"option": option.name, "value": text, "owner": owner},
        ) from None


def folding(text: str) -> str:
    """``auto``, ``none``, a number of levels or patterns of names; the text without spaces around it."""
    found = folded(text)
    if found.how == "names" and not found.patterns:
        raise BadValueError(f"{text!r} names nothing.", "Write auto, none, a number of levels, or names: block_*.")
    wrong = next((p for p in found.patterns if not re.fullmatch(r"[\w.*/:@ -]+", p) or not p.strip("*")), "")
    if wrong:
        raise BadValueError(
            f"{wrong!r} is neither a number of levels nor the beginning of a name.",
            "Write auto, none, a number of levels, or names in which a star stands for letters and digits: block_*.",
        )
    return text.strip()


FOLD = Option(
    "fold",
    folding,
    "auto",
    "Repeated blocks: auto draws them once where space is short, none draws every copy, a number leaves as many levels "
    "open, names with stars (block_*, conv*_block*) close what they match.",
)

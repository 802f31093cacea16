"""The lock: descriptions of all models of a site as a text for the repository, reviewed like a source.

One JSON object. What changes together stands together: each file that models were made from has one line, each layer,
call and edge of a model another one. Models refer to files, packages and variables by their names; one that saw
another value than the common one says so itself, as ``[name, value]``. No path is absolute, no key is unsorted, and
nothing in it tells the time or the machine. The digest of a model covers all that is said of it, also the values that
stand elsewhere: what a hand or a merge has put together is noticed.

History of ``FORMAT``: 1 = first.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ..errors import LockError
from ..spec import shallow

FORMAT = 1

MARK = "kerasarch_lock"
"""Key by which a file is known as a lock; its value is the format."""

PARTS = ("env", "files", "folder", "keras_config", "kinds", "listings", "missing", "modules", "packages")
"""Parts of a record that are kept. The others tell of the machine: its Python, its site directories, its links."""

CONFLICT = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")
"""How lines begin that version control leaves for people to mend."""

Inputs = Mapping[str, Mapping[str, Any]]
"""Part → name → value, paths as :mod:`.lockpaths` writes them."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an entry is the answer to."""

    target: str
    """With its arguments; a file relative to the base of the lock."""
    input_shape: str = ""
    open: str = ""
    custom_objects: str = ""
    python: str = ""
    weights: bool = False

    def __str__(self) -> str:
        """``pkg.mod:build (open: LSTM)``"""
        more = [
            f"{field.name.replace('_', '-')}: {getattr(self, field.name)}" if field.type == "str" else field.name
            for field in fields(self)[1:]
            if getattr(self, field.name)
        ]
        return f"{self.target} ({', '.join(more)})" if more else self.target


@dataclass(frozen=True, slots=True)
class Entry:
    """A described model."""

    question: Question
    inputs: Inputs
    spec: Mapping[str, Any]
    """As :func:`.codec.to_json` has it."""

    @property
    def digest(self) -> str:
        """sha256 of all that is said of the model."""
        said = {"question": asdict(self.question), "inputs": self.inputs, "spec": self.spec}
        # Plain ASCII is what Python writes fastest, and every build from a lock computes this for each of its models.
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Damage:
    """An entry that is not as it was written."""

    line: int
    """Where it stands in the file, from 1."""
    target: str
    """As far as it can be read."""
    problem: str


@dataclass(frozen=True, slots=True)
class Lock:
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the site: what all its models depend on."""
    made_by: Mapping[str, str] = field(default_factory=dict)
    """Version of this package, digest of its describing code."""
    entries: Mapping[Question, Entry] = field(default_factory=dict)
    damaged: tuple[Damage, ...] = ()


# ---- writing


def dumps(lock: Lock) -> str:
    """The text of a lock: the same for the same content."""
    common = _common(lock.entries.values())
    entries = sorted(lock.entries.values(), key=lambda entry: tuple(asdict(entry.question).values()))
    head = [
        f'"{MARK}": {FORMAT}',
        f'"made_by": {_mapping(lock.made_by, 1)}',
        f'"settings": {_mapping(lock.settings, 1)}',
        f'"inputs": {_mapping({part: common[part] for part in PARTS if common[part]}, 1)}',
    ]
    models = ",\n  ".join(_entry(entry, common) for entry in entries)
    head.append(f'"models": [\n  {models}\n ]' if entries else '"models": []')
    return "{\n " + ",\n ".join(head) + "\n}\n"


def _entry(entry: Entry, common: Inputs) -> str:
    question = {key: value for key, value in asdict(entry.question).items() if value}
    lines = [f"{_line(key)}: {_line(value)}" for key, value in question.items()]
    lines.append(f'"digest": "{entry.digest}"')
    told = {part: _references(entry.inputs[part], common[part]) for part in PARTS if entry.inputs.get(part)}
    lines.append(f'"inputs": {_mapping(told, 3)}')
    lines.append(f'"spec": {_spec(entry.spec)}')
    return "{\n   " + ",\n   ".join(lines) + "\n  }"


def _spec(spec: Mapping[str, Any]) -> str:
    """One layer, call, edge … on a line."""
    lines = []
    for key, value in sorted(spec.items()):
        body = ",\n     ".join(map(_line, value)) if isinstance(value, list) else ""
        lines.append(f"{_line(key)}: [\n     {body}\n    ]" if body else f"{_line(key)}: {_line(value)}")
    return "{\n    " + ",\n    ".join(lines) + "\n   }"


def _references(values: Mapping[str, Any], common: Mapping[str, Any]) -> list[Any]:
    return [
        name if name in common and common[name] == value else [name, value]
        for name, value in sorted(values.items())
    ]


def _common(entries: Iterable[Entry]) -> dict[str, dict[str, Any]]:
    """Part → name → the value that most models saw."""
    seen: dict[str, dict[str, Counter[str]]] = {part: {} for part in PARTS}
    for entry in entries:
        for part in PARTS:
            for name, value in entry.inputs.get(part, {}).items():
                seen[part].setdefault(name, Counter())[_line(value)] += 1
    # Of values that are as frequent the first in order of its text: nothing depends on the order of the models.
    return {
        part: {name: json.loads(min(found, key=lambda text: (-found[text], text))) for name, found in names.items()}
        for part, names in seen.items()
    }


def _mapping(values: Mapping[str, Any], depth: int) -> str:
    """An object with a key on each line; inner objects likewise."""
    if not values:
        return "{}"
    inner = " " * (depth + 1)
    lines = [
        f"{_line(key)}: {_mapping(value, depth + 1) if isinstance(value, Mapping) else _line(value)}"
        for key, value in sorted(values.items())
    ]
    return "{\n" + ",\n".join(inner + line for line in lines) + "\n" + " " * depth + "}"


HIDDEN = re.compile(r"[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\ufffb]")
"""Signs that make a reviewer see something else than stands there, and those that UTF-8 cannot say."""


def _line(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(", ", ": "), allow_nan=False)
    return HIDDEN.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


# ---- reading


def read(path: Path) -> Lock:
    """The lock in a file. Raises :class:`.LockError`, whose ``data`` tell the ``line``; a damaged entry raises none."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise LockError(f"There is no lock {path.name}.", data={"line": 0}) from None
    except OSError as error:
        raise LockError(f"{path.name} cannot be read: {error.strerror or error}.", data={"line": 0}) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise _broken(path.name, line, "it is not UTF-8") from None
    return loads(text, path.name)


def loads(text: str, name: str = "kerasarch.lock") -> Lock:
    """The lock in a text, see :func:`read`."""
    data = _parsed(text, name)
    common = data.get("inputs")
    models = data.get("models")
    if not isinstance(common, dict) or not isinstance(models, list):
        raise _broken(name, 1, "it has no inputs or no models")
    entries: dict[Question, Entry] = {}
    damaged: list[Damage] = []
    for index, model in enumerate(models):
        entry = _read_entry(model, common)
        if isinstance(entry, str):
            target = model.get("target") if isinstance(model, dict) else None
            damaged.append(Damage(_line_of(index, text), target if isinstance(target, str) else "", entry))
        elif entry.question in entries and entries[entry.question] != entry:
            said = "it stands there twice, each time otherwise"
            damaged.append(Damage(_line_of(index, text), entry.question.target, said))
        else:
            entries[entry.question] = entry
    for damage in damaged:  # of two that contradict each other, neither can be relied on
        for question in [q for q in entries if q.target == damage.target and "twice" in damage.problem]:
            del entries[question]
    return Lock(_mapped(data, "settings"), _mapped(data, "made_by"), entries, tuple(damaged))


def _parsed(text: str, name: str) -> dict[str, Any]:
    if not text.strip():
        raise _broken(name, 1, "it is empty")
    for number, line in enumerate(text.split("\n") if any(sign in text for sign in CONFLICT) else (), 1):
        if line.startswith(CONFLICT):
            raise _broken(name, number, "a merge conflict is not resolved")
    try:
        data = shallow.loads(text)
    except json.JSONDecodeError as error:
        raise _broken(name, error.lineno, f"it is no JSON: {error.msg[:1].lower()}{error.msg[1:]}") from None
    except (ValueError, RecursionError):
        raise _broken(name, 1, "it is no JSON") from None
    if not isinstance(data, dict) or MARK not in data:
        raise _broken(name, 1, "it is no lock of kerasarch")
    if data[MARK] != FORMAT:
        raise LockError(
            f"{name} has format {str(data[MARK])[:20]}, this version of sphinx-kerasarch reads {FORMAT}.",
            advice="Install the version that wrote it, or freeze again.",
            data={"line": 1},
        )
    return data


def _broken(name: str, line: int, problem: str) -> LockError:
    return LockError(
        f"{name} cannot be used: line {line}: {problem}.",
        advice="Take the committed one back, or freeze again.",
        data={"line": line},
    )


def _mapped(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _line_of(index: int, text: str) -> int:
    """The line at which a model begins, as we write it; the first where somebody else did."""
    starts = [number for number, line in enumerate(text.split("\n"), 1) if line == "  {"]
    return starts[index] if index < len(starts) else 1


def _read_entry(model: Any, common: Mapping[str, Any]) -> Entry | str:
    """An entry, or what is wrong with it."""
    if not isinstance(model, dict):
        return "it is no object"
    kinds = {field.name: bool if field.name == "weights" else str for field in fields(Question)}
    told = {key: value for key, value in model.items() if key in kinds}
    if "target" not in told or not all(isinstance(value, kinds[key]) for key, value in told.items()):
        return "it does not say for which model it is"
    spec = model.get("spec")
    inputs = _resolved(model.get("inputs"), common)
    if not isinstance(spec, dict) or inputs is None:
        return "it is incomplete"
    entry = Entry(Question(**told), inputs, spec)
    try:
        fits = entry.digest == model.get("digest")
    except (ValueError, RecursionError):
        fits = False
    return entry if fits else "its digest does not fit: it was edited, or merged from two"


def _resolved(told: Any, common: Mapping[str, Any]) -> Inputs | None:
    """Names with their values; None when they make no sense."""
    if not isinstance(told, dict):
        return None
    result: dict[str, dict[str, Any]] = {}
    for part, names in told.items():
        shared = common.get(part)
        if not isinstance(names, list):
            return None
        result[part] = {}
        for item in names:
            if isinstance(item, str) and isinstance(shared, dict) and item in shared:
                result[part][item] = shared[item]
            elif isinstance(item, list) and len(item) == 2 and isinstance(item[0], str):
                result[part][item[0]] = item[1]
            else:
                return None
    return result

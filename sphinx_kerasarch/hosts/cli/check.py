"""``kerasarch check``: whether the lock of a site is what its models are now."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ... import escape
from .flags import FlaggedCommand
from .freeze import seen
from .progress import is_quiet
from .say import echo
from .site import asked, counted, described, takes_site

if TYPE_CHECKING:
    from ...cache.lock import Entry, Question
    from ..page.asked import Asked

FAULTS = ("broken", "damaged", "missing", "changed", "failed", "unused")
"""States that make a check fail, in the order in which they are told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said of a model."""

    state: str
    """``current``, ``moved`` (the sources have changed, the architecture has not), ``unverified``, or a fault."""
    model: str = ""
    location: str = ""
    """Where a page asks for it, or the line of the lock."""
    lines: tuple[str, ...] = field(default=())
    """What is different, in words."""

    @property
    def is_fault(self) -> bool:
        return self.state in FAULTS


EXAMPLES = """
kerasarch check docs
kerasarch check mkdocs.yml --json
"""


@click.command("check", cls=FlaggedCommand, examples=EXAMPLES)
@click.option("--lock", "place", default="", metavar="FILE", help="The lock; default: kerasarch_lock.")
@click.option("--all", "everything", is_flag=True, help="Describe all models, also those that have not changed.")
@click.option("--json", "as_json", is_flag=True, help="Write what was found as JSON.")
@takes_site
@click.pass_context
def command(
    context: click.Context,
    docs: str,
    place: str,
    everything: bool,
    as_json: bool,
    confdir: str,
    define: tuple[str, ...],
    tag: tuple[str, ...],
) -> None:
    """Tell what is different between the lock of DOCS and its models as they are now.

    Models whose sources are as recorded are not described again. Ends with status 1 when a model has changed, is
    missing or cannot be described, or when no page shows it any more; with 0 when only the sources have changed.
    """
    site = asked(docs, confdir, define, tag)
    path = Path(place) if place else site.locked.path
    found = list(findings(site, path, everything=everything))
    fault = any(finding.is_fault for finding in found)
    if as_json:
        data = {"lock": seen(path), "current": not fault, "models": [asdict(finding) for finding in found]}
        echo(escape.json(json.dumps(data, indent=1, ensure_ascii=False)))
    elif fault or not is_quiet():
        for line in told(found, seen(path), docs):
            echo(escape.line(line))
    context.exit(1 if fault else 0)


def findings(site: Asked, path: Path, *, everything: bool = False) -> Iterator[Finding]:
    """One finding for each model that a page or the lock names. ``everything``: describe also what has not moved."""
    from ...cache.current import moved
    from ...cache.lock import read
    from ...cache.verify import Verifier
    from ...errors import LockError
    from ..page.asked import located

    try:
        lock = read(path)
    except LockError as error:
        line = error.data["line"]
        yield Finding("broken", location=f"{seen(path)}:{line}" if line else seen(path), lines=(error.message,))
        return
    for damage in lock.damaged:
        yield Finding("damaged", damage.target, f"{seen(path)}:{damage.line}", (damage.problem,))
    verifier = Verifier()
    other = everything or lock.made_by.get("code") != verifier.code()
    questions = site.questions()
    where = {question: located([request], Path.cwd()) for question, request in questions.items()}
    damaged = {damage.target for damage in lock.damaged}
    reasons: dict[Question, str] = {}
    for question in questions:
        if question in lock.entries:
            reasons[question] = moved(lock, lock.entries[question], site.locked.project, verifier)
        elif question.target not in damaged:
            yield Finding("missing", str(question), where[question])
    asked = {question: questions[question] for question, reason in reasons.items() if reason or other}
    entries, failed = described(site, asked)
    for question, reason in reasons.items():
        if question in failed:
            # Without Keras the recorded sources are all that can be compared.
            state = "unverified" if failed[question].slug == "missing-package" and not reason else "failed"
            yield Finding(state, str(question), where[question], (str(failed[question]),))
        elif question in entries:
            lines = changes(lock.entries[question], entries[question])
            state = "changed" if lines else "moved" if reason else "current"
            yield Finding(state, str(question), where[question], lines or (reason,) * bool(reason))
        else:
            yield Finding("current", str(question), where[question])
    yield from (Finding("unused", str(question)) for question in lock.entries if question not in questions)


def changes(old: Entry, new: Entry) -> tuple[str, ...]:
    """The architecture difference in words; empty when pages show the same."""
    from ...errors import SpecError
    from ...spec.codec import digest, from_json
    from ...spec.difference import difference

    now = from_json(dict(new.spec))
    try:
        before = from_json(dict(old.spec))
    except SpecError as error:
        return (str(error),)
    if digest(before) == digest(now):
        return ()
    found = difference(before, now)
    return (*found.lines, *found.names) or ("notes or settings that only figures show",)


def told(found: list[Finding], lock: str, docs: str) -> Iterator[str]:
    """What a person reads."""
    words: Mapping[str, str] = {
        "changed": "is another one now",
        "missing": f"is not in {lock}",
        "unused": "is shown by no page any more",
        "failed": "cannot be described",
        "damaged": "cannot be used",
    }
    faults = sorted((f for f in found if f.is_fault), key=lambda finding: FAULTS.index(finding.state))
    for finding in faults:
        head = f"{finding.location}: " if finding.location else ""
        if finding.state == "broken":
            yield head + finding.lines[0]
            continue
        yield f"{head}{finding.model} {words[finding.state]}"
        yield from (f"  {line}" for line in finding.lines)
    count = Counter(finding.state for finding in found)
    good = counted(len(found) - len(faults))
    if faults:
        parts = [f"{count[state]} {state}" for state in FAULTS if count[state] and state != "broken"]
        said = ", ".join([*parts, f"{good} current"] if parts else [])
        yield f"{lock}: {said}{': ' * bool(said)}run kerasarch freeze {docs}"
        return
    line = f"{lock}: {good}, current"
    if count["moved"]:
        line += f"; the sources of {count['moved']} have changed, not what they build"
    if count["unverified"]:
        line += f"; {count['unverified']} by their sources alone, as Keras is not here"
    yield line

"""``kerasarch freeze``: the lock of a site."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .flags import FlaggedCommand
from .progress import is_quiet
from .say import echo
from .site import asked, counted, described, takes_site

if TYPE_CHECKING:
    from ...cache.lock import Entry, Lock, Question
    from ..page.asked import Asked


EXAMPLES = """
kerasarch freeze docs
kerasarch freeze docs -D kerasarch_python=.venv/bin/python
"""


@click.command("freeze", cls=FlaggedCommand, examples=EXAMPLES)
@click.option("-o", "--output", default="", metavar="FILE", help="Where to write; default: kerasarch_lock.")
@click.option("--all", "everything", is_flag=True, help="Describe all models, also those that have not changed.")
@click.option("--keep-going", is_flag=True, help="Leave out models that cannot be described.")
@takes_site
@click.pass_context
def command(
    context: click.Context,
    docs: str,
    output: str,
    everything: bool,
    keep_going: bool,
    confdir: str,
    define: tuple[str, ...],
    tag: tuple[str, ...],
) -> None:
    """Write the lock of DOCS: what all its models are, for builds without Keras.

    DOCS is the folder of conf.py, mkdocs.yml or zensical.toml, or the file. Its pages are read as for a build. Models
    that the lock holds as they are now are not described again; those that no page shows any more leave it.
    """
    from ...cache import lock as locks
    from ...cache.current import moved
    from ...cache.verify import Verifier
    from ...cache.whole import write_whole
    from ...errors import LockError
    from ..page.asked import located

    site = asked(docs, confdir, define, tag)
    path = Path(output) if output else site.locked.path
    verifier = Verifier()
    try:
        old = locks.read(path)
    except LockError:
        old = locks.Lock()
    questions = site.questions()
    known = old.made_by.get("code") == verifier.code() and not everything
    kept = {q: old.entries[q] for q in questions if known and q in old.entries}
    kept = {q: entry for q, entry in kept.items() if not moved(old, entry, site.locked.project, verifier)}
    entries, failed = described(site, {q: request for q, request in questions.items() if q not in kept})
    for question, error in failed.items():
        where = located([questions[question]], Path.cwd())
        echo(f"{where}: {question}: {error}", err=True)
    if failed and not keep_going:
        echo(f"kerasarch: {counted(len(failed))} failed, nothing was written. See --keep-going.", err=True)
        context.exit(1)
    new = frozen(site, old, {**kept, **entries}, verifier.code())
    text = locks.dumps(new).encode()
    before = path.read_bytes() if path.is_file() else b""
    if text != before:
        write_whole(path, text, path.stat().st_mode & 0o777 if path.exists() else 0o644)
    if names := lost(new.entries.values()):
        said = f"{', '.join(names)} cannot be found by a lock: put the folder into kerasarch_path."
        echo(f"kerasarch: {said}", err=True)
    gone = len(set(old.entries) - set(new.entries))
    parts = [counted(len(new.entries)), f"{len(entries)} described"]
    parts += [f"{gone} removed"] * bool(gone) + [f"{len(failed)} left out"] * bool(failed)
    parts += ["unchanged"] * (text == before)
    if not is_quiet():
        echo(f"{seen(path)}: {', '.join(parts)}")
    context.exit(1 if failed and not keep_going else 0)


def frozen(site: Asked, old: Lock, entries: dict[Question, Entry], code: str) -> Lock:
    """The lock of a site. ``code``: digest of what described its models."""
    from ... import __version__
    from ...cache.lock import Lock

    made_by = {"code": code, "sphinx-kerasarch": __version__}
    new = {question: unprovoked(old.entries.get(question), entry) for question, entry in entries.items()}
    return Lock(site.locked.project.settings(), made_by, new)


def unprovoked(old: Entry | None, new: Entry) -> Entry:
    """``new``; told as before where nothing but the machine is another one, so that no one has to review that."""
    if old is None or old.inputs.get("packages") != new.inputs.get("packages"):
        return new
    same = {**new.spec, "provenance": old.spec.get("provenance")}
    return replace(new, spec=same) if same == old.spec else new


def lost(entries: Iterable[Entry]) -> list[str]:
    """Files that no lock can name: they lie neither near the site nor on its import path."""
    from ...cache.lockpaths import LOST

    parts = [entry.inputs.get(part, {}) for entry in entries for part in ("files", "kinds", "listings")]
    names = {name for part in parts for name in part}
    return sorted(name.removeprefix(LOST) for name in names if name.startswith(LOST))


def seen(path: Path) -> str:
    """A path as the user would write it here."""
    return path.relative_to(Path.cwd()).as_posix() if path.is_relative_to(Path.cwd()) else str(path)

"""Many models at once: where their targets come from, which of them are this machine's, and the report."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...errors import OptionError
from .progress import say
from .say import echo
from .site import asked, counted
from .target import Source

if TYPE_CHECKING:
    from ...cache import Store
    from ...inspector import Inspector
    from ...many import Outcome
    from ...wire.question import Request

FOLDER = ".kerasarch"
"""Cache of this folder, where nothing else is said."""

SLOWEST = 3
"""Models that the report names."""


@dataclass(frozen=True, slots=True)
class Zoo:
    """What the user wrote."""

    targets: tuple[str, ...]
    listed: str
    docs: str
    shard: str
    cache: str
    remote: str
    jobs: int
    report: str


class Group(NamedTuple):
    """Requests that one worker can answer."""

    requests: tuple[Request, ...]
    start: Callable[[], Inspector]
    settings: Mapping[str, Any]


def describe(source: Source, zoo: Zoo) -> int:
    """The exit status. Raises :class:`.KerasarchError` for what keeps all models from being described."""
    from ...many import opened, parse_shard, shard

    part = parse_shard(zoo.shard) if zoo.shard else None
    groups, cache, remote = _of_site(zoo) if zoo.docs else _of_targets(source, zoo)
    every = [(request, number) for number, group in enumerate(groups) for request in group.requests]
    mine = set(shard(every, *part)) if part else set(every)
    groups = [
        group._replace(requests=tuple(request for request in group.requests if (request, number) in mine))
        for number, group in enumerate(groups)
    ]
    begin = time.monotonic()
    store = opened(cache, remote, lambda said: echo(f"kerasarch: {said}", err=True))
    done = list(_told(_outcomes(groups, store), len(mine)))
    if zoo.report:
        Path(zoo.report).write_text(report(done), encoding="utf-8")
    of = f"shard {zoo.shard}, {len(mine)} of {counted(len(set(every)))}" if part else counted(len(mine))
    echo(f"{cache}: {of}: {summary(done, time.monotonic() - begin)}")
    return int(any(item.error for item in done))


def _outcomes(groups: list[Group], store: Store) -> Iterator[Outcome]:
    from ...many import by_worker, outcomes

    for requests, start, settings in groups:
        yield from outcomes(requests, partial(by_worker, start), store, settings)


def _told(found: Iterator[Outcome], total: int) -> Iterator[Outcome]:
    for number, item in enumerate(found, 1):
        if item.error is not None:
            echo(f"{named(item.request)}: {item.error}", err=True)
        elif not item.cached:
            say(f"described {named(item.request)} ({number} of {total})")
        yield item


# ---- where targets come from


def _of_targets(source: Source, zoo: Zoo) -> tuple[list[Group], Path, str]:
    from ...many import Means
    from ...wire.question import Request

    targets = [*zoo.targets, *(_lines(zoo.listed) if zoo.listed else ())]
    if not targets:
        raise OptionError("There is no TARGET.", advice="Name some, or use --from FILE or --docs DOCS.")
    requests = tuple(
        Request(
            target,
            source.args,
            source.input_shape,
            source.backend,
            source.open,
            source.custom_objects,
            source.weights,
        )
        for target in dict.fromkeys(targets)
    )
    replace(source, target=targets[0]).inspector().close()  # refuses what no worker could be started with
    path = (*source.path, ".")
    env = dict(source.env)
    means = Means(path, source.python, source.backend, env, source.timeout, zoo.jobs, source.memory)
    return [Group(requests, means.inspector, means.settings())], Path(zoo.cache or FOLDER), zoo.remote


def _lines(name: str) -> list[str]:
    """Targets in a file; empty lines and those that begin with ``#`` are none."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(
            f"{name} cannot be read: {error}.", advice="Write one TARGET on each line."
        ) from None
    return [line for raw in text.splitlines() if (line := raw.strip()) and not line.startswith("#")]


def _of_site(zoo: Zoo) -> tuple[list[Group], Path, str]:
    if zoo.targets or zoo.listed:
        raise OptionError(
            "--docs takes no further TARGETs.", advice="Describe those with a command of their own."
        )
    if zoo.jobs:
        raise OptionError("--jobs is a setting of the site.", advice="Set kerasarch_jobs there.")
    found = asked(zoo.docs, "", (), ())
    cache = Path(zoo.cache) if zoo.cache else found.cache
    if cache is None:
        raise OptionError(
            f"{zoo.docs} has its cache in the output of a build.",
            advice="Set kerasarch_cache_dir in conf.py, or name a folder with --cache.",
        )
    from ..page.request import by_interpreter

    groups, origin = [], found.origin
    for python, sources in by_interpreter(request.source for request in found.requests).items():
        requests = tuple(dict.fromkeys(map(origin.request, sources)))
        groups.append(Group(requests, partial(origin.inspector, python), origin.settings_of(sources[0])))
    return groups, cache, zoo.remote or origin.kept.remote


# ---- the report


def named(request: Request) -> str:
    """``pkg.mod:factory(units=3)``"""
    return f"{request.target}({request.arguments})" if request.arguments else request.target


def summary(done: list[Outcome], seconds: float) -> str:
    """``12 from the cache, 236 described in 41 s, 2 failed``; the slowest, where they are worth a word."""
    cached = sum(item.cached for item in done)
    failed = sum(item.error is not None for item in done)
    parts = [f"{cached} from the cache", f"{len(done) - cached - failed} described in {seconds:.0f} s"]
    slow = sorted((item for item in done if item.seconds >= 1), key=lambda item: -item.seconds)[:SLOWEST]
    told = ", ".join(f"{named(item.request)} {item.seconds:.1f} s" for item in slow)
    return ", ".join(parts + [f"{failed} failed"] * bool(failed)) + (f"; slowest: {told}" if told else "")


def report(done: list[Outcome]) -> str:
    """JSON: a list, by target."""
    entries = [
        {
            "target": named(item.request),
            "state": "failed" if item.error else "cached" if item.cached else "described",
            "seconds": round(item.seconds, 3),
            "error": item.error.to_json() if item.error else None,
        }
        for item in done
    ]
    entries.sort(key=lambda entry: str(entry["target"]))
    return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"

"""What a shell completes as the value of an argument or option."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Complete = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]


def values(known: Callable[[], Iterable[str]]) -> Complete:
    """One of the names that ``known`` gives when it is asked."""

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in known() if name.startswith(incomplete)]

    return complete


def views() -> Iterable[str]:
    from ... import registry

    return registry.view_names()


def formats() -> Iterable[str]:
    from ... import registry

    return registry.format_names()


def themes() -> Iterable[str]:
    from ...theme import THEMES

    return THEMES


def backends() -> Iterable[str]:
    from ...wire.record import CHOICES

    return CHOICES


def paths(kind: str) -> Complete:
    """A path, which the shell completes by itself. ``kind``: ``file`` or ``dir``."""

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type=kind)]

    return complete

"""The nesting of a model as a tree: nested models, repeated parts once, calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from .folding import Folding
from .groups import Group, Home, beside, groups, levels
from .model import ArchSpec, Block, Call
from .patterns import name_groups

LEAST = 3
"""Equal single layers in a row that have one row."""


@dataclass(slots=True)
class Branch:
    """A nested model, a repeated part, or the whole model, with its calls and inner branches in the order of calls."""

    block: Block | None = None
    group: Group | None = None
    items: list[Call | Branch] = field(default_factory=list)
    hidden: list[Call] = field(default_factory=list)
    """Calls of the further copies of a repeated part."""
    closed: bool = False

    def calls(self) -> Iterator[Call]:
        """All calls, those of further copies too."""
        for item in self.items:
            if isinstance(item, Call):
                yield item
            else:
                yield from item.calls()
        yield from self.hidden


def parts(spec: ArchSpec, fold: Folding) -> tuple[tuple[Group, ...], frozenset[str]]:
    """What an outline folds: groups, and the blocks and groups that are closed."""
    if fold.how == "none":
        return (), frozenset()
    if fold.how == "names":
        return name_groups(spec, fold.patterns), frozenset()
    found = tuple(group for group in groups(spec) if _worth(group))
    single = {group.id for group in found if len(group.copies[0]) == 1}
    if fold.how == "auto":
        return found, frozenset(single)
    level = levels(spec, found)
    deep = [group for group in beside(groups(spec, "alike"), found) if _worth(group)]
    closed = {name for name, number in level.items() if number >= fold.depth} | single
    closed |= {group.id for group in deep if len(Home(spec).around(group.block)) >= fold.depth}
    return (*found, *(group for group in deep if group.id in closed)), frozenset(closed)


def _worth(group: Group) -> bool:
    """Whether a head row saves rows."""
    return len(group.copies[0]) > 1 or len(group.copies) >= LEAST or group.same


def outline(spec: ArchSpec, found: Sequence[Group] = (), closed: frozenset[str] = frozenset()) -> Branch:
    """The tree of a model in which each of the groups ``found`` has one copy."""
    root = Branch()
    home = Home(spec)
    at: dict[str, list[tuple[Group, int]]] = {}
    for group in found:
        for number, copy in enumerate(group.copies):
            for member in copy:
                at.setdefault(member, []).append((group, number))
    known: dict[str, Branch] = {}
    for call in spec.calls:
        branch, hidden = root, False
        for name, block, part, number in _path(call, home, at.get(call.id, [])):
            if name not in known:
                known[name] = Branch(block, part, closed=name in closed)
                branch.items.append(known[name])
            branch = known[name]
            if number:
                branch.hidden.append(call)
                hidden = True
                break
        if not hidden:
            branch.items.append(call)
    return root


def _path(
    call: Call, home: Home, inside: Sequence[tuple[Group, int]]
) -> Iterator[tuple[str, Block | None, Group | None, int]]:
    """Branches around a call, outermost first: name, block, group, and which copy of the group it is in."""
    whole = {
        name: (group, k) for group, number in inside for k, name in enumerate(group.blocks) if k == number
    }
    for step in (None, *home.path[call.id]):
        if step is not None and step in whole:
            group, number = whole[step]
            yield group.id, home.blocks[group.blocks[0]], group, number
        elif step is not None:
            yield step, home.blocks[step], None, 0
        for group, number in inside:
            if group.block == step and not group.blocks:
                yield group.id, None, group, number

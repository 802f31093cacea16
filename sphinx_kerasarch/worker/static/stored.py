"""What stands in an HDF5 file of a stranger. Nothing that it names elsewhere is opened, and nothing is met twice.

HDF5 has groups that are parts of others by any number of links, links to other files, and data that lie in other
files; Keras writes none of them. h5py would follow each, without end or out of the project.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def entries(group: Any, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Names in a group and what they hold. ``seen``: addresses of all that was met in this file. Raises ``ValueError``
    for what Keras does not write."""
    import h5py

    for name in group:
        item = reached(group, name)
        address = int(h5py.h5o.get_info(item.id).addr)
        if address in seen:
            raise ValueError(f"what {str(name)[:60]!r} names stands in it twice")
        seen.add(address)
        yield name, item


def reached(group: Any, path: str) -> Any:
    """What a path leads to. Raises ``KeyError`` where that is nothing, ``ValueError`` as :func:`entries`."""
    import h5py

    item = group
    for name in filter(None, path.split("/")):
        key = name.encode("utf-8", "surrogateescape")
        if not isinstance(item, h5py.Group) or not item.id.links.exists(key):
            raise KeyError(path)
        if item.id.links.get_info(key).type != h5py.h5l.TYPE_HARD:
            raise ValueError(f"{name[:60]!r} is a link to another place")
        item = item[name]
    if isinstance(item, h5py.Dataset) and (item.external or item.is_virtual):
        raise ValueError(f"the numbers of {path[-60:]!r} lie in another file")
    return item


def check(stored: Any) -> None:
    """Raises ``ValueError`` where something in an open file is not as Keras writes it: what loads it follows links."""
    import h5py

    seen: set[int] = set()
    left = [stored]
    while left:
        left += [item for _, item in entries(left.pop(), seen) if isinstance(item, h5py.Group)]

"""Files that libraries open in C or Rust, where Python does not see it."""

from __future__ import annotations

import functools
import glob
import inspect
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..readers import name_of
from . import ACTIVE, BUSY, quiet

READS: tuple[tuple[str, str, str], ...] = (
    ("h5py", "File", "__init__"),
    ("tensorflow.python.lib.io.file_io", "FileIO", "__init__"),
    ("safetensors", "safe_open", ""),
)
"""Module, class and method whose first argument is a path and whose second, if there is one, the mode.

Without a method, for classes that cannot be changed, the name in the module is given a function in place of the class.
"""

GIVEN: tuple[tuple[str, str, int], ...] = (
    ("lxml.etree", "parse", 0),
    ("sentencepiece", "SentencePieceProcessor.LoadFromFile", 1),
    ("tokenizers", "Tokenizer.from_file", 0),
    ("tokenizers", "models.BPE.from_file", 0),
    ("tokenizers", "models.WordLevel.from_file", 0),
    ("tokenizers", "models.WordPiece.from_file", 0),
    ("tensorflow.python.data.ops.readers", "_create_or_validate_filenames_dataset", 0),
    ("tensorflow.python.ops.lookup_ops", "TextFileInitializer.__init__", 1),
    ("tensorflow.python.training.py_checkpoint_reader", "NewCheckpointReader", 0),
)
"""Module, function in it, and the place from which on its arguments are paths, or begin those of several files."""

MOST = 10_000
"""Paths taken of one argument."""

MARK = "kerasarch"

FIXED = re.compile(r"([^*?\[]*/)?")
"""Folders of a pattern before the first wildcard."""

SYSTEM = ("/usr/", "/lib", "/bin/", "/opt/", os.path.join(sys.base_prefix, ""), os.path.join(sys.prefix, ""))  # noqa: PTH118

FILE_IO = "tensorflow.python.lib.io.file_io"

ASKS: tuple[tuple[str, str, str], ...] = (
    (f"{FILE_IO}._pywrap_file_io", "FileExists", "status"),
    (f"{FILE_IO}._pywrap_file_io", "IsDirectory", "status"),
    (f"{FILE_IO}._pywrap_file_io", "Stat", "status"),
    (f"{FILE_IO}._pywrap_file_io", "GetChildren", "listing"),
    (f"{FILE_IO}._pywrap_file_io", "GetMatchingFiles", "listing"),
    ("tensorflow.python.ops.gen_io_ops", "read_file", "open"),
    ("tensorflow.python.ops.gen_io_ops", "matching_files", "listing"),
)
"""Module, function whose first argument is a path or a pattern, and what it asks: behind ``tf.io``."""

MODULES = frozenset(module for module, _, _ in (*READS, *GIVEN))


def install() -> None:
    for name, thing, method in READS:
        module = sys.modules.get(name)
        found = getattr(module, thing, None)
        if found is None or hasattr(getattr(found, method, found), MARK):
            continue
        if method:
            setattr(found, method, _telling(getattr(found, method), 1))
        else:
            setattr(module, thing, _telling(found, 0))
    for name, function, what in ASKS:
        module = _loaded(name)
        found = getattr(module, function, None)
        if found is not None and not hasattr(found, MARK):
            setattr(module, function, _asking(found, what))
    for name, function, place in GIVEN:
        *above, last = function.split(".")
        owner = functools.reduce(lambda thing, part: getattr(thing, part, None), above, sys.modules.get(name))
        found = getattr(owner, last, None) if owner is not None else None
        if found is not None and not hasattr(found, MARK):
            told = _given(found, place)
            static = isinstance(inspect.getattr_static(owner, last), staticmethod)
            setattr(owner, last, staticmethod(told) if static else told)


def _loaded(name: str) -> Any:
    """A loaded module, or what stands under a name in one."""
    owner, _, last = name.rpartition(".")
    return sys.modules.get(name) or getattr(sys.modules.get(owner), last, None)


def _asking(original: Callable[..., Any], what: str) -> Callable[..., Any]:
    @functools.wraps(original)
    def watched(path: Any, *args: Any, **kwargs: Any) -> Any:
        for name in () if quiet() else paths_of(path):
            recorder, frame = ACTIVE[-1], _asker(sys._getframe(1))
            if what == "status":
                recorder.saw_status(name, frame, existence=original.__name__ != "Stat")
            elif what == "listing":
                recorder.saw_listing(FIXED.match(name)[0] if set(name) & set("*?[") else name, frame)  # type: ignore[index]
            else:
                recorder.saw_open(name, frame)
        return original(path, *args, **kwargs)

    setattr(watched, MARK, True)
    return watched


def _given(original: Callable[..., Any], place: int) -> Callable[..., Any]:
    @functools.wraps(original)
    def watched(*args: Any, **kwargs: Any) -> Any:
        if not quiet():
            BUSY.on = True
            try:
                # A setting that is a text, as the name of an operation, names no file.
                for name in paths_of([*args[place:], *kwargs.values()]):
                    for path in [name] if os.path.isfile(name) else sorted(glob.glob(f"{glob.escape(name)}.*")):  # noqa: PTH113, PTH207
                        ACTIVE[-1].saw_open(path, _asker(sys._getframe(1)))
            finally:
                BUSY.on = False
        return original(*args, **kwargs)

    setattr(watched, MARK, True)
    return watched


def _asker(frame: Any) -> Any:
    """Who asked TensorFlow."""
    while frame.f_back is not None and name_of(frame).startswith("tensorflow."):
        frame = frame.f_back
    return frame


def paths_of(value: Any) -> Iterator[str]:
    """The paths in an argument: a text, several, an eager tensor of some, a data set of TensorFlow."""
    if isinstance(value, str | bytes | os.PathLike):
        name = os.fsdecode(value)
        if "://" not in name and "\0" not in name:
            yield name
    elif isinstance(value, list | tuple):
        for each in value[:MOST]:
            yield from paths_of(each)
    elif hasattr(value, "as_numpy_iterator"):
        for each in itertools.islice(value.as_numpy_iterator(), MOST):
            yield from paths_of(each)
    elif hasattr(value, "numpy"):
        try:
            told = value.numpy()
        except (AttributeError, NotImplementedError, TypeError):
            return  # within a graph: what will be in it, nobody knows
        yield from paths_of(told.tolist() if hasattr(told, "tolist") else told)


def _telling(original: Callable[..., Any], place: int) -> Callable[..., Any]:
    """``original``, telling of the path that is its argument at ``place``."""

    @functools.wraps(original)
    def watched(*args: Any, **kwargs: Any) -> Any:
        name = args[place] if len(args) > place else kwargs.get("name", kwargs.get("filename"))
        mode = kwargs.get("mode", args[place + 1] if len(args) > place + 1 else "r")
        mode = mode if isinstance(mode, str) else "r"
        if not quiet() and isinstance(name, str | bytes | os.PathLike):
            fresh = mode[:1] in {"w", "x"}
            writes = fresh or mode[:2] in {"r+", "a"}
            ACTIVE[-1].saw_open(os.fsdecode(name), sys._getframe(1), reads=not fresh, fresh=fresh, writes=writes)
        return original(*args, **kwargs)

    setattr(watched, MARK, True)
    return watched


def mapped() -> set[str]:
    """Files in this process' memory: libraries that extension modules brought along, and mapped data. Linux.

    Those of the system and of the interpreter are left out.
    """
    try:
        lines = Path("/proc/self/maps").read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return set()
    found = {line[line.index("/") :] for line in lines if "/" in line and not line.endswith(" (deleted)")}
    return {path for path in found if not path.startswith(SYSTEM)}
